//! What happened.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{JobId, JobState, ServerId};

/// How much a notice matters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Severity {
    Info,
    Success,
    Warning,
    Error,
}

/// What a notice is about, for those who choose what they are told.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// None of the others.
    #[default]
    Other,
    /// A server ended by itself.
    ServerCrashed,
    /// It did so again and again, and was stopped for good.
    ServerLooping,
    /// A backup could not be made.
    BackupFailed,
    /// A backup is not what was written, or a server could not be started from it.
    ProofFailed,
    /// The disk of the backups fills up.
    DiskLow,
    /// A Docker engine does not answer.
    HostUnreachable,
    /// A player came.
    PlayerJoined,
}

impl Topic {
    /// Those that somebody can choose.
    pub const CHOICES: &'static [Self] = &[
        Self::ServerCrashed,
        Self::ServerLooping,
        Self::BackupFailed,
        Self::ProofFailed,
        Self::DiskLow,
        Self::HostUnreachable,
        Self::PlayerJoined,
    ];

    /// As settings and messages write it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Other => "other",
            Self::ServerCrashed => "server-crashed",
            Self::ServerLooping => "server-looping",
            Self::BackupFailed => "backup-failed",
            Self::ProofFailed => "proof-failed",
            Self::DiskLow => "disk-low",
            Self::HostUnreachable => "host-unreachable",
            Self::PlayerJoined => "player-joined",
        }
    }

    /// The one that is written so.
    pub fn of(word: &str) -> Option<Self> {
        Self::CHOICES.iter().copied().find(|topic| topic.word() == word)
    }
}

/// Something that a person should be told.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Notice {
    /// When.
    pub at: Timestamp,
    /// How much it matters.
    pub severity: Severity,
    /// What it is about.
    pub topic: Topic,
    /// About which server.
    pub server: Option<ServerId>,
    /// One sentence.
    pub text: String,
    /// What it means and what to do next; may be empty.
    pub details: String,
}

/// What happened.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A person should be told.
    Notice(Notice),
    /// A job ended.
    JobEnded {
        /// Which.
        job: JobId,
        /// How.
        state: JobState,
    },
    /// A player came.
    Joined {
        /// When.
        at: Timestamp,
        /// On which server.
        server: ServerId,
        /// Their name.
        player: String,
    },
}
