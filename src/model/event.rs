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

/// Something that a person should be told.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Notice {
    /// When.
    pub at: Timestamp,
    /// How much it matters.
    pub severity: Severity,
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
}
