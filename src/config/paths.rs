//! Where things are kept, by the XDG Base Directory Specification (version 0.8,
//! <https://specifications.freedesktop.org/basedir-spec/latest/>). Nothing here touches a disk.

use std::path::{Path, PathBuf};

use super::Error;

const OURS: &str = "mineclifford";

/// The folders and files of one user. None of them need exist.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Paths {
    /// What a person writes: settings, themes, keymaps.
    pub config: PathBuf,
    /// What must not be lost: the database. The default of [`super::Settings::data_dir`].
    pub data: PathBuf,
    /// What may be lost: logs, the remembered layout.
    pub state: PathBuf,
    /// What lives as long as the session: sockets. `None` where the system gives no such folder.
    pub runtime: Option<PathBuf>,
    home: Option<PathBuf>,
}

impl Paths {
    /// Finds them from the environment. Variables that are empty or not absolute count as unset, as the
    /// specification wants it.
    ///
    /// # Errors
    /// [`Error::NoHome`] when neither `HOME` nor all of the `XDG_…_HOME` say where.
    pub fn find(env: &dyn Fn(&str) -> Option<String>) -> Result<Self, Error> {
        let absolute = |name: &str| env(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let home = absolute("HOME");
        let folder = |name: &str, below_home: &str| {
            let base = absolute(name).or_else(|| home.as_ref().map(|home| home.join(below_home)));
            base.map(|base| base.join(OURS)).ok_or(Error::NoHome)
        };
        Ok(Self {
            config: folder("XDG_CONFIG_HOME", ".config")?,
            data: folder("XDG_DATA_HOME", ".local/share")?,
            state: folder("XDG_STATE_HOME", ".local/state")?,
            runtime: absolute("XDG_RUNTIME_DIR").map(|base| base.join(OURS)),
            home,
        })
    }

    /// Everything in one folder: for a user without a home, as services have it.
    pub fn under(folder: &Path) -> Self {
        Self {
            config: folder.join("config"),
            data: folder.to_owned(),
            state: folder.join("state"),
            runtime: None,
            home: None,
        }
    }

    /// The settings file that is read when none is named.
    pub fn config_file(&self) -> PathBuf {
        self.config.join("config.toml")
    }

    /// Themes of this user, one TOML file each.
    pub fn themes(&self) -> PathBuf {
        self.config.join("themes")
    }

    /// Keymaps of this user, one TOML file each.
    pub fn keymaps(&self) -> PathBuf {
        self.config.join("keymaps")
    }

    /// The log file, unless the settings name another.
    pub fn log_file(&self) -> PathBuf {
        self.state.join("mineclifford.log")
    }

    /// A path as a person writes it in a file: `~/` is their home, and what is not absolute is beside that file.
    pub(super) fn resolve(&self, written: &str, file: &Path) -> Result<PathBuf, String> {
        if written.is_empty() || written.len() > 4096 || written.chars().any(char::is_control) {
            return Err("must be a path without control characters, at most 4096 bytes long".into());
        }
        if let Some(rest) = written.strip_prefix("~/") {
            let home = self
                .home
                .as_ref()
                .ok_or("must not begin with ~/: there is no home folder (HOME is not set)")?;
            return Ok(home.join(rest));
        }
        if written.starts_with('~') {
            return Err("must not begin with ~ other than in ~/".into());
        }
        Ok(file.parent().unwrap_or(Path::new("")).join(written))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env<'a>(set: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
        |name| set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
    }

    #[test]
    fn the_specification_s_defaults_are_below_home() {
        let paths = Paths::find(&env(&[("HOME", "/home/ada")])).unwrap();
        assert_eq!(paths.config_file(), Path::new("/home/ada/.config/mineclifford/config.toml"));
        assert_eq!(paths.data, Path::new("/home/ada/.local/share/mineclifford"));
        assert_eq!(paths.log_file(), Path::new("/home/ada/.local/state/mineclifford/mineclifford.log"));
        assert_eq!(paths.themes(), Path::new("/home/ada/.config/mineclifford/themes"));
        assert_eq!(paths.keymaps(), Path::new("/home/ada/.config/mineclifford/keymaps"));
        assert_eq!(paths.runtime, None);
    }

    #[test]
    fn the_variables_win_unless_they_are_empty_or_relative() {
        let set = [
            ("HOME", "/home/ada"),
            ("XDG_CONFIG_HOME", "/etc/ada"),
            ("XDG_DATA_HOME", "relative/data"),
            ("XDG_STATE_HOME", ""),
            ("XDG_RUNTIME_DIR", "/run/user/1000"),
        ];
        let paths = Paths::find(&env(&set)).unwrap();
        assert_eq!(paths.config, Path::new("/etc/ada/mineclifford"));
        assert_eq!(paths.data, Path::new("/home/ada/.local/share/mineclifford"));
        assert_eq!(paths.state, Path::new("/home/ada/.local/state/mineclifford"));
        assert_eq!(paths.runtime.as_deref(), Some(Path::new("/run/user/1000/mineclifford")));
    }

    #[test]
    fn without_a_home_there_is_an_error_and_a_way_round() {
        assert!(matches!(Paths::find(&env(&[])), Err(Error::NoHome)));
        let paths = Paths::under(Path::new("/srv/mc"));
        assert_eq!(paths.data, Path::new("/srv/mc"));
        assert!(paths.resolve("~/x", Path::new("/srv/mc/config/config.toml")).is_err());
    }

    #[test]
    fn paths_in_a_file_are_seen_from_that_file() {
        let paths = Paths::find(&env(&[("HOME", "/home/ada")])).unwrap();
        let file = Path::new("/etc/mc/config.toml");
        let resolve = |written| paths.resolve(written, file);
        assert_eq!(resolve("~/mc"), Ok("/home/ada/mc".into()));
        assert_eq!(resolve("data"), Ok("/etc/mc/data".into()));
        assert_eq!(resolve("/abs"), Ok("/abs".into()));
        for bad in ["", "~bob/mc", "a\nb", "a\0b"] {
            assert!(resolve(bad).is_err(), "{bad:?}");
        }
    }
}
