//! The settings: found, laid over each other, checked, and explained where they are wrong.
//!
//! A flag wins over a variable, a variable over the file, the file over what holds by itself.

mod error;
mod explain;
mod file;
mod keys;
mod notices;
mod paths;
mod settings;
mod value;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

pub use error::{Error, Problem, Warning};
pub use explain::Place;
pub use notices::{Kept, NoticeKind, NoticeTarget, NoticesSettings};
pub use paths::Paths;
pub use settings::{
    ApiSettings, AttachSettings, BackupSettings, ColorChoice, ConsoleLimits, CreateDefaults, LogLevel,
    LogSettings, LoopRule, MetricsSettings, Settings,
};

/// What was said on the command line. Nothing of it, by default.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Overrides {
    /// `--config`: this settings file; it must exist.
    pub config: Option<PathBuf>,
    /// `--data-dir`.
    pub data_dir: Option<PathBuf>,
    /// `--docker`.
    pub docker: Option<String>,
    /// `--read-only`. Cannot be taken back by the file.
    pub read_only: bool,
    /// `--theme`.
    pub theme: Option<String>,
    /// `--keymap`.
    pub keymap: Option<String>,
    /// `--ascii`.
    pub ascii: bool,
    /// `--color`.
    pub color: Option<ColorChoice>,
    /// `--log-level`.
    pub log_level: Option<LogLevel>,
}

const CONFIG: &str = "MINECLIFFORD_CONFIG";
const DATA_DIR: &str = "MINECLIFFORD_DATA_DIR";

/// A variable of this process, for [`load`]; `HOME` falls back on what the system says of this user.
pub fn environment(name: &str) -> Option<String> {
    let value = std::env::var(name).ok().filter(|value| !value.is_empty());
    match value {
        None if name == "HOME" => etcetera::home_dir().ok()?.into_os_string().into_string().ok(),
        value => value,
    }
}

/// Loads the settings. `env` looks up a variable; one that is empty counts as unset. `DOCKER_HOST` is not read
/// here. `NO_COLOR` (<https://no-color.org>) turns colours off unless the file or a flag asks for some.
///
/// # Errors
/// Whatever keeps the settings from being what the person wrote. Keys that are not known are warnings.
pub fn load(
    args: &Overrides,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<(Settings, Vec<Warning>), Error> {
    let env = |name: &str| env(name).filter(|value| !value.is_empty());
    let data_dir = match (&args.data_dir, env(DATA_DIR)) {
        (Some(path), _) => Some(absolute("--data-dir", path)?),
        (None, Some(path)) => Some(absolute(DATA_DIR, Path::new(&path))?),
        (None, None) => None,
    };
    let paths = match (Paths::find(&env), &data_dir) {
        (Err(Error::NoHome), Some(folder)) => Paths::under(folder),
        (paths, _) => paths?,
    };
    let mut settings = Settings::defaults(paths);
    if env("NO_COLOR").is_some() {
        settings.color = ColorChoice::None;
    }

    let named = match (&args.config, env(CONFIG)) {
        (Some(path), _) => Some(absolute("--config", path)?),
        (None, Some(path)) => Some(absolute(CONFIG, Path::new(&path))?),
        (None, None) => None,
    };
    let path = named.clone().unwrap_or_else(|| settings.paths.config_file());
    let warnings = match file::read(&path)? {
        Some(text) => file::apply(&mut settings, &path, &text)?,
        None if named.is_some() => return Err(Error::Missing { path }),
        None => Vec::new(),
    };

    settings.data_dir = data_dir.unwrap_or(settings.data_dir);
    override_with(&mut settings, args)?;
    Ok((settings, warnings))
}

fn override_with(settings: &mut Settings, args: &Overrides) -> Result<(), Error> {
    let name = |name: &'static str, given: &Option<String>| match given {
        Some(given) => keys::file_name(given).map_err(|rule| Error::Argument { name, rule }),
        None => Ok(()),
    };
    name("--theme", &args.theme)?;
    name("--keymap", &args.keymap)?;
    let given = |flag: &Option<String>, there: &mut Option<String>| {
        if flag.is_some() {
            there.clone_from(flag);
        }
    };
    given(&args.theme, &mut settings.theme);
    given(&args.keymap, &mut settings.keymap);
    given(&args.docker, &mut settings.docker);
    settings.read_only |= args.read_only;
    settings.ascii |= args.ascii;
    settings.color = args.color.unwrap_or(settings.color);
    settings.log.level = args.log_level.unwrap_or(settings.log.level);
    Ok(())
}

/// Seen from the folder that the program was started in.
fn absolute(name: &'static str, path: &Path) -> Result<PathBuf, Error> {
    std::path::absolute(path).map_err(|_| Error::Argument { name, rule: "must be a path".into() })
}
