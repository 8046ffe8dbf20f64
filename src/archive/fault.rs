//! What a person is told when a backup cannot be made or read.

use super::error::Error;
use crate::model::{Fault, FaultKind};

impl Error {
    /// The fault that is shown and that scripts act on, with the causes in its details.
    pub fn fault(&self) -> Fault {
        let (kind, means, next) = self.advice();
        let mut what = self.to_string();
        if let Some(first) = what.get(..1) {
            what = first.to_uppercase() + what.get(1..).unwrap_or_default();
        }
        Fault::new(kind, what + ".", means, next).because(self)
    }

    fn advice(&self) -> (FaultKind, &'static str, &'static str) {
        match self {
            Self::NoSpace { .. } => (
                FaultKind::Failed,
                "No backup was made; what was begun is removed, and the backups that are there are as they were.",
                "Free some space, remove old backups with `mineclifford backup prune`, or choose another folder.",
            ),
            Self::Disk { .. } => (
                FaultKind::Failed,
                "No backup was made or read; nothing was changed on the server.",
                "Look at the folder's rights and at the disk (`dmesg`), then try again.",
            ),
            Self::Exists { .. } => {
                (FaultKind::Conflict, "It was not overwritten.", "Try again: the next one gets another name.")
            }
            Self::Source { .. } | Self::Cut { .. } | Self::NotTar { .. } => (
                FaultKind::Failed,
                "No backup was made; the server's files are as they were.",
                "Try again; where files change all the time, leave them out by a pattern or stop the server first.",
            ),
            Self::TooMany { .. } => (
                FaultKind::Failed,
                "No backup was made.",
                "Leave out folders that hold caches or pictures of maps by a pattern.",
            ),
            Self::Pattern { .. } => (
                FaultKind::Invalid,
                "Nothing was changed.",
                "Correct the pattern, such as `plugins/dynmap/web`.",
            ),
            Self::Damaged { .. } | Self::Refused { .. } => (
                FaultKind::Failed,
                "It is not used: no world was touched.",
                "Use another backup (`mineclifford backup list`), and look at the disk that this one lies on.",
            ),
            Self::Newer { .. } => {
                (FaultKind::Failed, "It was not touched.", "Update mineclifford, or use another backup.")
            }
            Self::NothingThere { .. } => (
                FaultKind::NotFound,
                "Nothing was changed.",
                "See what the backup holds with `mineclifford backup files`.",
            ),
            Self::Cancelled => (
                FaultKind::Cancelled,
                "What was begun is removed; the backups that are there are as they were.",
                "",
            ),
            Self::Gone => (
                FaultKind::Failed,
                "What was begun is removed at the next start; the backups that are there are as they were.",
                "Try again, and report it: this should not happen.",
            ),
        }
    }
}
