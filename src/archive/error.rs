//! What can be wrong with an archive, with what is put into one, and with the disk it lies on.

use std::{
    error::Error as StdError,
    io,
    path::{Path, PathBuf},
};

/// Why an archive could not be made or read. Nothing that is listed as a backup was changed by it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The disk of the backup folder is full, or would have less free than is to be left.
    #[error("there is no space left for {}", path.display())]
    NoSpace {
        /// What was being written.
        path: PathBuf,
        /// The system's word; `None` where the space that is to be left would have been used.
        source: Option<io::Error>,
    },
    /// The disk gave another error.
    #[error("reading or writing {} failed", path.display())]
    Disk {
        /// The file or folder.
        path: PathBuf,
        /// The system's word.
        source: io::Error,
    },
    /// An archive of that name is there.
    #[error("{} is there already", path.display())]
    Exists {
        /// The archive.
        path: PathBuf,
    },
    /// The stream that was handed in gave an error.
    #[error("reading the server's files broke off")]
    Source {
        /// Its word.
        source: Box<dyn StdError + Send + Sync>,
    },
    /// The tar stream that was handed in ended before it was whole: Docker ends it so when a file shrinks or vanishes
    /// while it is read. What came before is kept; the stream can be given once more.
    #[error("the server's files ended too early{}", at(path.as_deref()))]
    Cut {
        /// The file that was being read.
        path: Option<String>,
    },
    /// What was handed in is no tar stream.
    #[error("the server's files came in an unknown form: {detail}")]
    NotTar {
        /// What is wrong.
        detail: String,
    },
    /// There are more files and folders than an archive may hold.
    #[error("there are more than {most} files")]
    TooMany {
        /// The most.
        most: usize,
    },
    /// A pattern that says what is left out is not one.
    #[error("`{pattern}` is not a pattern")]
    Pattern {
        /// As it was given.
        pattern: String,
        /// What is wrong with it.
        source: globset::Error,
    },
    /// The archive is not what was written.
    #[error("{} is damaged: {damage}", path.display())]
    Damaged {
        /// The archive.
        path: PathBuf,
        /// How it shows.
        damage: Damage,
    },
    /// Something in the archive must not be unpacked, so nothing of it is.
    #[error("{} is refused: {member}: {why}", path.display())]
    Refused {
        /// The archive.
        path: PathBuf,
        /// Which file, folder or link in it; escaped.
        member: String,
        /// Why.
        why: Refusal,
    },
    /// A newer mineclifford made the archive.
    #[error("{} has format version {found}; this mineclifford knows {known} and older", path.display())]
    Newer {
        /// The archive.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// The newest that this program knows.
        known: u32,
    },
    /// The backup has no such file, world or player.
    #[error("the backup holds no {what}")]
    NothingThere {
        /// What was looked for.
        what: String,
    },
    /// The work was given up because nobody waits for it any more.
    #[error("it was cancelled")]
    Cancelled,
    /// The thread that did the work is gone.
    #[error("the thread that packs archives ended by itself")]
    Gone,
}

fn at(path: Option<&str>) -> String {
    path.map(|path| format!(", at {path}")).unwrap_or_default()
}

/// How it shows that an archive is not what was written.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Damage {
    /// Its manifest is gone or is none.
    #[error("its manifest cannot be read ({0})")]
    Manifest(String),
    /// The file is shorter or longer than it was.
    #[error("it has {found} bytes instead of {told}")]
    Length {
        /// As the manifest tells.
        told: u64,
        /// As it is.
        found: u64,
    },
    /// A piece cannot be unpacked.
    #[error("its piece {number} cannot be unpacked ({detail})")]
    Piece {
        /// Which, from 0 on; each holds 1 MiB.
        number: usize,
        /// The decoder's word.
        detail: String,
    },
    /// The whole has another checksum.
    #[error("its checksum is not the one that was noted")]
    Checksum,
    /// What is unpacked is no tar.
    #[error("what it holds is no tar archive ({0})")]
    Tar(String),
    /// The tar ends before it is whole.
    #[error("what it holds ends too early")]
    Cut,
    /// A file's content has another checksum.
    #[error("{0} has another content than was noted")]
    Content(String),
    /// A file, folder or link that the manifest lists is not there.
    #[error("{0} is missing")]
    Missing(String),
}

/// Why something in an archive must not be unpacked.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refusal {
    /// It has no name.
    #[error("it has no name")]
    NoName,
    /// Its path begins with a slash.
    #[error("its path is absolute")]
    Absolute,
    /// Its path holds `..`.
    #[error("its path leaves the folder")]
    Leaves,
    /// Its path holds `.`, two slashes in a row or a NUL.
    #[error("its path is not in its plain form")]
    NotPlain,
    /// Its name is not UTF-8.
    #[error("its name is not UTF-8")]
    NotText,
    /// Its path is too long or too deep.
    #[error("its path is too long")]
    TooLong,
    /// A link to somewhere outside.
    #[error("it is a link that leads out of the folder")]
    LinkLeaves,
    /// Its path goes through a link.
    #[error("its path goes through a link")]
    ThroughLink,
    /// Its path goes through a file.
    #[error("its path goes through a file")]
    ThroughFile,
    /// A second name of a file.
    #[error("it is a hard link")]
    HardLink,
    /// A block or character device.
    #[error("it is a device")]
    Device,
    /// A named pipe.
    #[error("it is a named pipe")]
    Pipe,
    /// It would run with its owner's rights, or is sticky.
    #[error("it has setuid, setgid or sticky bits")]
    SetId,
    /// A sort of member that is not known here.
    #[error("it is of an unknown sort ({0:?})")]
    Sort(char),
    /// A PAX record (POSIX.1-2001) that says something else than the header.
    #[error("a PAX record overrides its {0}")]
    Override(String),
    /// A record of names or sizes that is too long or malformed.
    #[error("its extended header is malformed")]
    Record,
    /// It is there more often than the manifest tells.
    #[error("it is there twice")]
    Twice,
    /// The manifest does not know it.
    #[error("the manifest does not list it")]
    NotListed,
    /// It has another size, place, time or mode than the manifest tells.
    #[error("it is not as the manifest tells")]
    NotAsListed,
    /// It unpacks to far more than an archive of this length can hold.
    #[error("it claims to unpack to {bytes} bytes")]
    Bomb {
        /// What is claimed.
        bytes: u64,
    },
    /// More files than an archive may hold.
    #[error("it holds more than {0} files")]
    TooMany(usize),
}

impl Error {
    /// For what the system said about a file of the backup folder.
    pub(super) fn disk(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                Self::NoSpace { path, source: Some(source) }
            }
            io::ErrorKind::AlreadyExists => Self::Exists { path },
            _ => Self::Disk { path, source },
        }
    }

    /// Whether the stream may be given once more, because only it was at fault.
    pub fn can_go_on(&self) -> bool {
        matches!(self, Self::Cut { .. } | Self::Source { .. })
    }
}

/// A member's name for people: without anything that a terminal would act on, and bounded.
pub(super) fn shown(name: &[u8]) -> String {
    let mut text: String =
        String::from_utf8_lossy(name).chars().take(200).flat_map(char::escape_debug).collect();
    if text.is_empty() {
        text.push_str("(no name)");
    }
    text
}
