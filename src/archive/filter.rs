//! What of a server's data goes into a backup.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use super::{error::Error, path::parents};

/// What is left out where nothing else is said: what is written anew at each start or can be fetched again, what must not
/// be copied, and earlier backups. One pattern a line, as [`Filter`] reads them.
pub const STANDARD: &[&str] = &[
    // Written all the time, and of no use to a world.
    "logs",
    "crash-reports",
    "debug",
    "*.log",
    "*.log.gz",
    "*.tmp",
    // Held by the running game.
    "session.lock",
    // Caches, and what the image fetches again.
    "cache",
    ".cache",
    ".fabric",
    ".mixin.out",
    "libraries",
    "versions",
    "bundler",
    "/*.jar",
    "plugins/.paper-remapped",
    "plugins/dynmap/web/tiles",
    // Earlier backups, by the places that people and plugins use.
    "/backup",
    "/backups",
    "/simplebackups",
    "plugins/*/backups",
    // The image's own: written at each start, and the first holds a secret.
    ".rcon-cli.env",
    ".rcon-cli.yaml",
    ".paused",
    ".skip-pause",
];

/// Where this program stages what it restores; never part of a backup, whatever the patterns say.
pub const OWN: &str = ".mineclifford";

/// Decides by patterns. One without a slash matches a name at any depth (`session.lock`, `*.tmp`); one with a slash, also
/// in front, a path from the data folder on (`/*.jar`, `plugins/dynmap/web`). `*` and `?` stop at a slash, `**` does not.
/// What matches goes with all that is in it. An include beats every exclude.
#[derive(Clone, Debug)]
pub struct Filter {
    include: GlobSet,
    exclude: GlobSet,
}

impl Filter {
    /// From patterns.
    ///
    /// # Errors
    /// [`Error::Pattern`].
    pub fn new<S: AsRef<str>>(include: &[S], exclude: &[S]) -> Result<Self, Error> {
        Ok(Self { include: set(include)?, exclude: set(exclude)? })
    }

    /// With what is left out where nothing else is said.
    ///
    /// # Errors
    /// [`Error::Pattern`], for a pattern of this program's own that is none.
    pub fn standard() -> Result<Self, Error> {
        Self::new(&[], STANDARD)
    }

    /// Whether a path of the data folder goes into the backup.
    pub fn takes(&self, path: &str) -> bool {
        if path == OWN || parents(path).next() == Some(OWN) {
            return false;
        }
        let matches = |set: &GlobSet| {
            !set.is_empty() && (set.is_match(path) || parents(path).any(|folder| set.is_match(folder)))
        };
        !matches(&self.exclude) || matches(&self.include)
    }
}

fn set<S: AsRef<str>>(patterns: &[S]) -> Result<GlobSet, Error> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        let pattern = pattern.as_ref();
        let bad = |source| Error::Pattern { pattern: pattern.to_owned(), source };
        let trimmed = pattern.trim_end_matches('/');
        let glob = match trimmed.strip_prefix('/') {
            Some(rooted) => rooted.to_owned(),
            None if trimmed.contains('/') => trimmed.to_owned(),
            None => format!("**/{trimmed}"),
        };
        set.add(GlobBuilder::new(&glob).literal_separator(true).build().map_err(bad)?);
    }
    set.build().map_err(|source| Error::Pattern { pattern: String::from("(all)"), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worlds_and_settings_are_taken_and_what_can_be_fetched_is_not() {
        let filter = Filter::standard().unwrap();
        for path in [
            "world",
            "world/level.dat",
            "world/region/r.0.0.mca",
            "world_nether/DIM-1/region/r.0.0.mca",
            "world/dimensions/minecraft/overworld/region/r.0.-1.mca",
            "world/datapacks/mine.zip",
            "server.properties",
            "ops.json",
            "whitelist.json",
            "banned-ips.json",
            "usercache.json",
            "config/paper-global.yml",
            "plugins/Essentials.jar",
            "plugins/Essentials/userdata/1.yml",
            "mods/sodium.jar",
            "eula.txt",
        ] {
            assert!(filter.takes(path), "{path}");
        }
        for path in [
            "logs",
            "logs/latest.log",
            "world/session.lock",
            "world_nether/session.lock",
            "cache/mojang.jar",
            "paper-1.21.4.jar",
            "libraries/net/x.jar",
            "versions/1.21/server.jar",
            "backups/old.zip",
            "plugins/X/backups/1.zip",
            ".rcon-cli.env",
            ".mineclifford",
            ".mineclifford/1/new/world/level.dat",
            "world/level123.tmp",
        ] {
            assert!(!filter.takes(path), "{path}");
        }
    }

    #[test]
    fn an_include_beats_an_exclude_and_folders_go_with_what_is_in_them() {
        let filter = Filter::new(&["/logs/keep", "**/*.keep"], &["logs", "a/b", "*.dat"]).unwrap();
        assert!(filter.takes("logs/keep/me.txt"));
        assert!(!filter.takes("logs/other"));
        assert!(!filter.takes("a/b/c/d"));
        assert!(filter.takes("x/a/b"));
        assert!(!filter.takes("x/y.dat"));
        assert!(filter.takes("x/y.dat/z.keep"));
        // What is staged for a restore is never taken.
        assert!(!Filter::new(&["**"], &["x"]).unwrap().takes(".mineclifford/x"));
    }

    #[test]
    fn a_pattern_that_is_none_is_named() {
        let error = Filter::new(&[], &["[a"]).unwrap_err();
        assert!(matches!(error, Error::Pattern { ref pattern, .. } if pattern == "[a"), "{error}");
    }
}
