//! Copies of worlds that can be trusted: what is known of each, and what can be asked of them.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{BackupId, Fault, Origin, ServerId};

/// How much of the server a backup holds by itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BackupKind {
    /// Everything: it stands alone.
    #[default]
    Full,
}

/// Where a backup lies.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// In the backup folder of the machine that the engine runs on.
    #[default]
    Folder,
}

/// Why a backup was made. Retention treats them differently.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// A person or a script asked for it.
    Asked,
    /// A schedule did.
    Scheduled,
    /// The engine made it before it changed the world: a restore, a change of version.
    Safety,
}

/// How the archive is packed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Packing {
    /// `tar.gz`, gzip in several members (RFC 1952): every `tar` opens it.
    #[default]
    Gzip,
    /// `tar.zst` (RFC 8878): faster and a little smaller; needs `zstd` to be opened by hand.
    Zstd,
}

impl Packing {
    /// As the command line and the settings write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }

    /// The end of the archive's file name.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Gzip => "tar.gz",
            Self::Zstd => "tar.zst",
        }
    }
}

impl std::str::FromStr for Packing {
    type Err = String;

    /// Any case. The error lists what may be written.
    fn from_str(text: &str) -> Result<Self, String> {
        [Self::Gzip, Self::Zstd]
            .into_iter()
            .find(|packing| packing.as_str().eq_ignore_ascii_case(text.trim()))
            .ok_or_else(|| "must be one of \"gzip\", \"zstd\"".to_owned())
    }
}

/// Whether a backup can be used.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BackupState {
    /// It was read back as a whole when it was made.
    Good,
    /// It was read again later, and is not what was written. Never restored, never counted by retention.
    Damaged(Box<Fault>),
    /// Its file is gone.
    Missing,
}

impl BackupState {
    /// As lists write it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Damaged(_) => "damaged",
            Self::Missing => "missing",
        }
    }
}

/// How still the server was while it was copied.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stillness {
    /// It did not run, or was frozen.
    AtRest,
    /// It ran; saving was off and everything was flushed to the disk.
    Quiesced,
    /// It ran and could not be asked to hold still: files may be from different moments.
    NotQuiesced,
}

/// The outcome of booting a backup in a container that is thrown away.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Proof {
    /// When it ended.
    pub at: Timestamp,
    /// Why it did not reach the point where it can be joined; `None` when it did.
    pub fault: Option<Box<Fault>>,
}

/// A backup as last seen.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Backup {
    /// Never changes.
    pub id: BackupId,
    /// The server that it was made of; that one may be gone.
    pub server: ServerId,
    /// That server's name when it was made.
    pub server_name: String,
    /// How much it holds.
    pub kind: BackupKind,
    /// Where it lies.
    pub place: Place,
    /// Whether it can be used.
    pub state: BackupState,
    /// Why it was made.
    pub reason: Reason,
    /// Through which face it was asked for.
    pub origin: Origin,
    /// What a person wrote to it.
    pub label: Option<String>,
    /// Never removed by retention, and only after being unlocked by a person.
    pub locked: bool,
    /// How it is packed.
    pub packing: Packing,
    /// The archive's path.
    pub path: String,
    /// When copying began.
    pub created_at: Timestamp,
    /// How long making it took, reading it back included, in milliseconds.
    pub duration_ms: u64,
    /// For how long saving was off, in milliseconds; 0 where it was not switched off.
    pub saving_off_ms: u64,
    /// How still the server was.
    pub stillness: Stillness,
    /// Bytes of the archive.
    pub size_bytes: u64,
    /// Bytes of its files, unpacked.
    pub content_bytes: u64,
    /// Files in it.
    pub file_count: u64,
    /// Files that changed each time they were read.
    pub torn_files: u64,
    /// The Minecraft version of the world, where it was known.
    pub version: Option<String>,
    /// When it was last read back as a whole and found to be what was written.
    pub verified_at: Option<Timestamp>,
    /// The last time that it was booted.
    pub proof: Option<Proof>,
}

impl Backup {
    /// Whether it can be restored.
    pub fn is_good(&self) -> bool {
        self.state == BackupState::Good
    }

    /// One of a server, whole and small, for tests.
    #[cfg(test)]
    pub fn example(server: ServerId, created_at: Timestamp) -> Self {
        Self {
            id: BackupId::new(),
            server,
            server_name: "survival".into(),
            kind: BackupKind::Full,
            place: Place::Folder,
            state: BackupState::Good,
            reason: Reason::Asked,
            origin: Origin::CommandLine,
            label: None,
            locked: false,
            packing: Packing::Gzip,
            path: format!("/backups/backup_survival_{}.tar.gz", created_at.as_second()),
            created_at,
            duration_ms: 1,
            saving_off_ms: 0,
            stillness: Stillness::AtRest,
            size_bytes: 1,
            content_bytes: 1,
            file_count: 1,
            torn_files: 0,
            version: None,
            verified_at: None,
            proof: None,
        }
    }

    /// When it was last booted until it could be joined.
    pub fn proven_at(&self) -> Option<Timestamp> {
        self.proof.as_ref().filter(|proof| proof.fault.is_none()).map(|proof| proof.at)
    }
}

/// What a new backup is to be.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct BackupWish {
    /// What a person writes to it.
    pub label: Option<String>,
    /// Never removed by retention.
    pub locked: bool,
    /// How it is packed; `None` is as the settings say.
    pub packing: Option<Packing>,
}

/// What of a server's data goes into its backups, beside what is left out of every backup. A pattern without a slash is a
/// name at any depth, one with a slash a path from the data folder on; `*` and `?` stop at a slash, `**` does not.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Patterns {
    /// What is left out, too.
    pub exclude: Vec<String>,
    /// What is taken although another pattern leaves it out.
    pub include: Vec<String>,
}

impl Patterns {
    /// Most patterns of each sort.
    pub const MOST: usize = 100;
    /// Longest pattern, in bytes.
    pub const LONGEST: usize = 500;

    /// Whether there are not too many, none is empty or too long, and none would act on a terminal.
    ///
    /// # Errors
    /// The rule that is broken.
    pub fn check(&self) -> Result<(), &'static str> {
        if self.exclude.len() > Self::MOST || self.include.len() > Self::MOST {
            return Err("must be at most 100 of each sort");
        }
        let mut all = self.exclude.iter().chain(&self.include);
        let bad = |pattern: &String| {
            pattern.trim_matches('/').is_empty()
                || pattern.len() > Self::LONGEST
                || pattern.chars().any(char::is_control)
        };
        if all.any(bad) { Err("must each have 1 to 500 bytes, and no control characters") } else { Ok(()) }
    }
}

/// What is taken out of a backup.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// All that is in it.
    #[default]
    Everything,
    /// One world, with all its dimensions: its folder's name, such as `world`.
    World(String),
    /// One dimension of a world.
    Dimension {
        /// The world's folder.
        world: String,
        /// `overworld`, `the_nether`, `the_end`, or a custom one as `namespace:name`.
        dimension: String,
    },
    /// What the game keeps of one player: by name (as the backup's own lists know it) or by UUID.
    Player(String),
    /// Files and folders by their paths in the backup.
    Paths(Vec<String>),
}

/// Where a backup is restored to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// A server that is there. Its world is swapped, and kept until the restored one was seen to work.
    Server(ServerId),
    /// A server that is made for it, with the settings of the one that the backup was made of.
    New {
        /// Its name.
        name: String,
        /// Its port on the host; 0 takes a free one.
        port: u16,
    },
}

/// What a restore would do, told before anything is done.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct RestorePlan {
    /// Steps in the order in which they are taken, one sentence each.
    pub steps: Vec<String>,
    /// Folders and files at the top of the data that are replaced, or made.
    pub replaced: Vec<String>,
    /// Files that are unpacked.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// What a person should know first: another Minecraft version, players online, torn files, a failed proof.
    pub warnings: Vec<String>,
}

/// A file or folder in a backup.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BackupFile {
    /// Its path in the backup, without a leading slash; made harmless for a terminal.
    pub path: Arc<str>,
    /// Whether it is a folder.
    pub folder: bool,
    /// Bytes; of a folder, of all that is in it.
    pub size: u64,
    /// When it was last written.
    pub modified: Option<Timestamp>,
    /// Whether it changed each time that it was read.
    pub torn: bool,
}

/// A question for what a folder of a backup holds.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct FileQuery {
    /// The folder; empty is all of it.
    pub folder: String,
    /// What names must contain, in any case; all below the folder is looked through then. Empty asks for what lies in the
    /// folder itself.
    pub name: String,
    /// From this place in the list on.
    pub from: usize,
    /// At most so many.
    pub most: usize,
}

/// A part of what a folder of a backup holds.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct FilePage {
    /// Folders first, each sorted by name.
    pub files: Vec<BackupFile>,
    /// How many there are in all.
    pub total: usize,
}

/// Files of a backup that are being read: a tar stream that comes in pieces, with each of them under its own name.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Opened {
    /// What the next piece is asked for by.
    pub stream: u64,
    /// How many files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// What is in a backup, and what is not.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Contents {
    /// Its worlds.
    pub worlds: Vec<WorldInside>,
    /// The players of whom the game has kept something: by name where the backup's own lists know it, else by UUID.
    pub players: Vec<String>,
    /// The first things that were in the data and could not be taken: devices, links that lead out of it.
    pub left_out: Vec<LeftOut>,
    /// How many there were in all.
    pub left_out_count: u64,
}

/// Something that a backup could not take.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LeftOut {
    /// Its path.
    pub path: String,
    /// Why, in words.
    pub why: String,
}

/// A world in a backup.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct WorldInside {
    /// Its folder's name.
    pub folder: String,
    /// Its dimensions, as [`Scope::Dimension`] names them.
    pub dimensions: Vec<String>,
}

/// Whether a backup is kept, and why.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Kept {
    /// Which.
    pub backup: BackupId,
    /// Whether it stays.
    pub kept: bool,
    /// In words.
    pub why: String,
}

/// Which backups of a server are kept. Each rule keeps some; what no rule keeps is removed. Locked ones, the newest good
/// one, and those that are just being used are always kept; what is not good counts for no rule.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Retention {
    /// The last so many.
    pub last: u32,
    /// Those that are younger than so many days; 0 is no such rule.
    pub days: u32,
    /// The newest of each of the last so many days that have one.
    pub daily: u32,
    /// The newest of each of the last so many ISO weeks that have one.
    pub weekly: u32,
    /// The newest of each of the last so many months that have one.
    pub monthly: u32,
    /// The last so many safety backups, counted by themselves.
    pub safety: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self { last: 7, days: 0, daily: 0, weekly: 0, monthly: 0, safety: 3 }
    }
}
