//! Backups as people and scripts read them.

use jiff::Timestamp;
use serde::Serialize;

use crate::model::{
    Backup, BackupId, BackupState, ServerId,
    backup::{BackupKind, Reason, Stillness},
};

/// A backup, as `backup list` gives it.
#[derive(Serialize, Debug)]
pub struct BackupView<'a> {
    id: BackupId,
    server: &'a str,
    server_id: ServerId,
    kind: BackupKind,
    state: &'static str,
    reason: Reason,
    label: Option<&'a str>,
    locked: bool,
    created_at: Timestamp,
    size_bytes: u64,
    content_bytes: u64,
    file_count: u64,
    torn_files: u64,
    stillness: Stillness,
    saving_off_ms: u64,
    duration_ms: u64,
    packing: &'static str,
    version: Option<&'a str>,
    verified_at: Option<Timestamp>,
    proven_at: Option<Timestamp>,
    path: &'a str,
}

impl<'a> From<&'a Backup> for BackupView<'a> {
    fn from(backup: &'a Backup) -> Self {
        Self {
            id: backup.id,
            server: &backup.server_name,
            server_id: backup.server,
            kind: backup.kind,
            state: backup.state.word(),
            reason: backup.reason,
            label: backup.label.as_deref(),
            locked: backup.locked,
            created_at: backup.created_at,
            size_bytes: backup.size_bytes,
            content_bytes: backup.content_bytes,
            file_count: backup.file_count,
            torn_files: backup.torn_files,
            stillness: backup.stillness,
            saving_off_ms: backup.saving_off_ms,
            duration_ms: backup.duration_ms,
            packing: backup.packing.as_str(),
            version: backup.version.as_deref(),
            verified_at: backup.verified_at,
            proven_at: backup.proven_at(),
            path: &backup.path,
        }
    }
}

/// How still the server was, in words.
pub fn stillness(stillness: Stillness) -> &'static str {
    match stillness {
        Stillness::AtRest => "at rest",
        Stillness::Quiesced => "held still",
        Stillness::NotQuiesced => "did not hold still",
    }
}

/// Why it was made, in a word.
pub fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::Asked => "asked",
        Reason::Scheduled => "scheduled",
        Reason::Safety => "safety",
    }
}

/// The last digits of an id, which differ most: ids of one moment begin alike.
pub fn short(id: BackupId) -> String {
    let text = id.to_string();
    text.get(text.len().saturating_sub(8)..).unwrap_or_default().to_owned()
}

/// The colour of a state.
pub fn colour(state: &BackupState) -> Option<&'static str> {
    match state {
        BackupState::Good => None,
        BackupState::Damaged(_) => Some("31"),
        BackupState::Missing => Some("33"),
    }
}

/// How long ago something was, in its two largest units.
pub fn ago(at: Option<Timestamp>, now: Timestamp) -> String {
    use crate::cli::output::human;
    match at {
        None => human::NOTHING.to_owned(),
        Some(at) => {
            let seconds = u64::try_from(now.as_second() - at.as_second()).unwrap_or(0);
            format!("{} ago", human::duration(seconds))
        }
    }
}
