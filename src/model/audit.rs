//! The audit trail: who did what to which server, and what came of it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Origin, ServerId};

/// A line of the audit trail.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AuditLine {
    /// When.
    pub at: Timestamp,
    /// Through which face, and who.
    pub origin: Origin,
    /// What was asked for. The store cuts what is too long.
    pub action: String,
    /// Of which server.
    pub server: Option<ServerId>,
    /// That server's name at the time.
    pub server_name: String,
    /// What came of it.
    pub outcome: String,
}

/// A line with its number.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Grows by one with each line; `None` while the line waits for a disk that has no room.
    pub seq: Option<u64>,
    /// The line.
    pub line: AuditLine,
}
