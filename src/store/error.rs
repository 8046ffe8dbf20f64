//! What can stand between the program and its database.

use std::path::{Path, PathBuf};

use crate::model::{Fault, FaultKind};

/// Why the database could not be opened, read or changed. A change that gives one of these was not made,
/// [`Error::Slow`] alone excepted.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another mineclifford has it open.
    #[error("{} is in use by another mineclifford{}", path.display(), of_process(*pid))]
    Locked {
        /// The database.
        path: PathBuf,
        /// The other's process id, where it left one.
        pid: Option<u32>,
    },
    /// It is not a database, or not a whole one. Nothing was written to it.
    #[error("{} is damaged: {detail}", path.display())]
    Damaged {
        /// The database.
        path: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
    /// A newer mineclifford wrote it. Nothing was written to it.
    #[error("{} has schema version {found}; this mineclifford knows {known} and older", path.display())]
    Newer {
        /// The database.
        path: PathBuf,
        /// Its schema version.
        found: u64,
        /// The newest schema version that this program knows.
        known: u64,
    },
    /// The disk, or this user's share of it, is full.
    #[error("there is no space left for {}", path.display())]
    NoSpace {
        /// The database.
        path: PathBuf,
        /// The system's word.
        source: std::io::Error,
    },
    /// This user may not read or write it.
    #[error("{} cannot be read and written", path.display())]
    Permission {
        /// The file or folder.
        path: PathBuf,
        /// The system's word.
        source: std::io::Error,
    },
    /// Its folder cannot be made.
    #[error("the folder {} cannot be made", path.display())]
    NoFolder {
        /// The folder.
        path: PathBuf,
        /// The system's word.
        source: std::io::Error,
    },
    /// The disk gave an error that is none of the above.
    #[error("reading or writing {} failed", path.display())]
    Disk {
        /// The database.
        path: PathBuf,
        /// The system's word.
        source: std::io::Error,
    },
    /// The database refused for a reason of its own.
    #[error("the database {} refused", path.display())]
    Refused {
        /// The database.
        path: PathBuf,
        /// Its word.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Something is longer than it may be.
    #[error("{field} must have at most {max} bytes, and has {found}")]
    TooLong {
        /// What.
        field: &'static str,
        /// At most so many bytes.
        max: usize,
        /// It has so many.
        found: usize,
    },
    /// The disk did not answer in time. The change may still be made when it does.
    #[error("the disk did not answer for {seconds} seconds while {} was in use", path.display())]
    Slow {
        /// The database.
        path: PathBuf,
        /// For so long it was waited.
        seconds: u64,
    },
    /// The store was closed before.
    #[error("the database {} was closed", path.display())]
    Closed {
        /// The database.
        path: PathBuf,
    },
}

fn of_process(pid: Option<u32>) -> String {
    pid.map(|pid| format!(" (process {pid})")).unwrap_or_default()
}

const UNTOUCHED: &str = "Nothing was changed; servers that run go on running.";

impl Error {
    /// What a person is told: what happened, what it means for their servers, and what to do next.
    pub fn fault(&self) -> Fault {
        let kind = match self {
            Self::TooLong { field, max, .. } => {
                return Fault::invalid(*field, format!("must have at most {max} bytes"));
            }
            Self::Locked { .. } => FaultKind::Conflict,
            _ => FaultKind::Failed,
        };
        Fault::new(kind, self.what(), self.means(), self.next()).because(self)
    }

    fn what(&self) -> String {
        match self {
            Self::Locked { path, pid } => {
                format!("Another mineclifford{} is using {}.", of_process(*pid), path.display())
            }
            Self::Damaged { path, .. } => format!("The database {} is damaged.", path.display()),
            Self::Newer { path, found, known } => format!(
                "The database {} was written by a newer mineclifford (schema {found}; this one knows up to {known}).",
                path.display()
            ),
            Self::NoSpace { path, .. } => format!("The disk that holds {} is full.", path.display()),
            Self::Permission { path, .. } => format!("This user may not read and write {}.", path.display()),
            Self::NoFolder { path, .. } => format!("The folder {} cannot be made.", path.display()),
            Self::Disk { path, .. } => {
                format!("The disk gave an error while {} was read or written.", path.display())
            }
            Self::Refused { path, .. } => format!("The database {} refused the change.", path.display()),
            Self::TooLong { field, .. } => format!("{field} is too long."),
            Self::Slow { path, seconds } => {
                format!("The disk that holds {} did not answer for {seconds} seconds.", path.display())
            }
            Self::Closed { .. } => "The engine has put its database away already.".into(),
        }
    }

    fn means(&self) -> &'static str {
        match self {
            Self::Locked { .. } => "Nothing was changed; the other one goes on, and so do your servers.",
            Self::Damaged { .. } => {
                "It was left as it is; servers go on running in Docker, and their worlds are not in it."
            }
            Self::Newer { .. } => "It was left as it is; servers go on running in Docker.",
            Self::NoSpace { .. } | Self::Disk { .. } => {
                "The change was not written down; what was written before is safe, and servers go on running."
            }
            Self::Slow { .. } => {
                "Servers go on running; the change may still be written down when the disk answers again."
            }
            _ => UNTOUCHED,
        }
    }

    fn next(&self) -> &'static str {
        match self {
            Self::Locked { .. } => "Close the other one, or start this one with another --data-dir.",
            Self::Damaged { .. } => {
                "Move the file away and start again: the list of servers is rebuilt from the labels on their containers."
            }
            Self::Newer { .. } => {
                "Install the newer mineclifford again, or start this one with another --data-dir."
            }
            Self::NoSpace { .. } => "Free some space on that disk and try again.",
            Self::Permission { .. } => {
                "Give this user the right to it (it belongs to whoever ran mineclifford first), or use another --data-dir."
            }
            Self::NoFolder { .. } => "Make that folder yourself, or name another one with --data-dir.",
            Self::Disk { .. } => "Look at the system's log for errors of that disk, then try again.",
            Self::Refused { .. } => "Try again; if it stays so, the details help whoever looks into it.",
            Self::TooLong { .. } => "Correct the value and try again.",
            Self::Slow { .. } => {
                "Look whether that disk (a network folder, perhaps) is there, then look at the list again."
            }
            Self::Closed { .. } => "Start mineclifford again.",
        }
    }

    /// The error for what the system said about a path.
    pub(super) fn io(path: &Path, source: std::io::Error) -> Self {
        use std::io::ErrorKind as Kind;
        let path = path.to_owned();
        match source.kind() {
            Kind::StorageFull | Kind::QuotaExceeded | Kind::FileTooLarge => Self::NoSpace { path, source },
            Kind::PermissionDenied | Kind::ReadOnlyFilesystem => Self::Permission { path, source },
            Kind::InvalidData | Kind::UnexpectedEof => Self::Damaged { path, detail: source.to_string() },
            _ => Self::Disk { path, source },
        }
    }
}

/// Why a transaction was given up. [`Cause::at`] makes an [`Error`] of it.
#[derive(Debug)]
pub(super) enum Cause {
    Redb(redb::Error),
    Record { table: &'static str, source: serde_json::Error },
    TooLong { field: &'static str, max: usize, found: usize },
    Newer { found: u64, known: u64 },
    Foreign(&'static str),
}

impl Cause {
    /// Whether redb will refuse everything from now on, until the file is opened anew.
    pub(super) fn breaks_handle(&self) -> bool {
        use redb::Error as E;
        matches!(
            self,
            Self::Redb(
                E::Io(_)
                    | E::PreviousIo
                    | E::Corrupted(_)
                    | E::DatabaseClosed
                    | E::TransactionPoisoned
                    | E::LockPoisoned(_)
            )
        )
    }

    pub(super) fn at(self, path: &Path) -> Error {
        use redb::Error as E;
        let damaged = |detail: String| Error::Damaged { path: path.to_owned(), detail };
        match self {
            Self::Redb(E::Io(source)) => Error::io(path, source),
            Self::Redb(E::DatabaseAlreadyOpen | E::LockProtocolMismatch) => {
                Error::Locked { path: path.to_owned(), pid: None }
            }
            Self::Redb(E::Corrupted(detail)) => damaged(detail),
            Self::Redb(
                error @ (E::TableDoesNotExist(_)
                | E::TableTypeMismatch { .. }
                | E::TableIsMultimap(_)
                | E::TypeDefinitionChanged { .. }
                | E::UpgradeRequired(_)),
            ) => damaged(error.to_string()),
            Self::Redb(error) => Error::Refused { path: path.to_owned(), source: Box::new(error) },
            Self::Record { table, source } => damaged(format!("a record among the {table}: {source}")),
            Self::TooLong { field, max, found } => Error::TooLong { field, max, found },
            Self::Newer { found, known } => Error::Newer { path: path.to_owned(), found, known },
            Self::Foreign(detail) => damaged(detail.to_owned()),
        }
    }
}

macro_rules! from_redb {
    ($($error:ident),+) => { $(
        impl From<redb::$error> for Cause {
            fn from(error: redb::$error) -> Self {
                Self::Redb(error.into())
            }
        }
    )+ };
}

from_redb!(CommitError, DatabaseError, StorageError, TableError, TransactionError);

impl From<std::io::Error> for Cause {
    fn from(error: std::io::Error) -> Self {
        Self::Redb(redb::Error::Io(error))
    }
}
