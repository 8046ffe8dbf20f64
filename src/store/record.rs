//! What is kept: the records, and how long their parts may be.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::error::Cause;
use crate::model::{
    AuditLine, Backup, Explanation, HostId, JobId, JobKind, Origin, Ownership, Patterns, ScheduleId,
    ServerId, Spec, Token,
    schedule::{Plan, Run},
};

/// Longest name (of a server, container, host, version, step), in bytes.
pub const NAME_MAX: usize = 256;
/// Longest other text (an image, a path, an endpoint), in bytes.
pub const TEXT_MAX: usize = 4 * 1024;
/// Longest line of the history and longest outcome in the audit trail, in bytes.
pub const LINE_MAX: usize = 8 * 1024;
/// Largest record as it is written, in bytes: a spec with every variable at its limit fits.
pub const RECORD_MAX: usize = 2 * 1024 * 1024;
/// Most notes of one job.
pub const NOTES_MAX: usize = 64;

/// What a person last asked of a server.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wanted {
    /// To run; Docker brings it back after a reboot.
    Running,
    /// To stay stopped.
    Stopped,
}

/// A server as it is remembered.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ServerRecord {
    /// Never changes.
    pub id: ServerId,
    /// Whose its container is.
    pub ownership: Ownership,
    /// What it should be.
    pub spec: Spec,
    /// The container's id, while there is one.
    pub container_id: Option<String>,
    /// The container's name, without the slash.
    pub container_name: String,
    /// The image that its container was made from.
    pub image: String,
    /// The volume or folder with its data.
    pub data: Option<String>,
    /// The Minecraft version that the log or the ping told.
    pub version: Option<String>,
    /// When this program first knew it.
    pub created_at: Timestamp,
    /// What a person last asked of it.
    pub wanted: Wanted,
    /// Why it was stopped for good, if it ended again and again.
    pub looping: Option<Explanation>,
    /// What of its data goes into its backups.
    #[serde(default)]
    pub patterns: Patterns,
    /// The password of its RCON. Kept in a table of its own, never in the record's text, never exported.
    #[serde(skip)]
    pub rcon_password: Option<SecretString>,
}

impl ServerRecord {
    pub(super) fn check(&self) -> Result<(), Cause> {
        within("name", &self.spec.name, NAME_MAX)?;
        within("container_name", &self.container_name, NAME_MAX)?;
        within("container_id", self.container_id.as_deref().unwrap_or_default(), NAME_MAX)?;
        within("version", self.version.as_deref().unwrap_or_default(), NAME_MAX)?;
        within("image", &self.image, TEXT_MAX)?;
        for pattern in self.patterns.exclude.iter().chain(&self.patterns.include) {
            within("a pattern", pattern, Patterns::LONGEST)?;
        }
        within("data", self.data.as_deref().unwrap_or_default(), TEXT_MAX)
    }
}

/// A job that was begun and has not ended: what a program that was killed in the middle of it needs to mend it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct JobRecord {
    /// Never changes.
    pub id: JobId,
    /// What it does.
    pub kind: JobKind,
    /// The server that it works on or makes.
    pub server: ServerId,
    /// That server's name when the job began.
    pub server_name: String,
    /// Through which face it was asked for.
    pub origin: Origin,
    /// When it began.
    pub started_at: Timestamp,
    /// How far it is, in the job's own words.
    pub stage: String,
    /// What a mender needs: ids of containers, names of volumes.
    pub notes: BTreeMap<String, String>,
}

impl JobRecord {
    pub(super) fn check(&self) -> Result<(), Cause> {
        within("server_name", &self.server_name, NAME_MAX)?;
        within("stage", &self.stage, NAME_MAX)?;
        if self.notes.len() > NOTES_MAX {
            return Err(Cause::TooLong { field: "notes", max: NOTES_MAX, found: self.notes.len() });
        }
        for (name, note) in &self.notes {
            within("the name of a note", name, NAME_MAX)?;
            within("a note", note, TEXT_MAX)?;
        }
        Ok(())
    }
}

/// That this program has switched a server's saving off, or is about to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SavingOff {
    /// Which server.
    pub server: ServerId,
    /// The job that did.
    pub job: JobId,
    /// The container that it was switched off in.
    pub container: String,
    /// When that container was last started, by its host's clock: in another run of it, saving is on again by itself.
    #[serde(default)]
    pub run: Option<Timestamp>,
    /// When it was switched off.
    pub since: Timestamp,
}

/// A host as it is remembered.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct HostRecord {
    /// Its name.
    pub id: HostId,
    /// Where its engine is; no secret in it.
    pub endpoint: String,
}

impl HostRecord {
    pub(super) fn check(&self) -> Result<(), Cause> {
        within("host", &self.id.0, NAME_MAX)?;
        within("endpoint", &self.endpoint, TEXT_MAX)
    }
}

/// A token as it is remembered: never its secret.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TokenRecord {
    /// What is known of it.
    pub token: Token,
    /// SHA-256 of its secret, as hexadecimal digits.
    pub hash: String,
}

impl TokenRecord {
    pub(super) fn check(&self) -> Result<(), Cause> {
        within("note", &self.token.plan.note, TEXT_MAX)?;
        within("hash", &self.hash, NAME_MAX)
    }
}

/// A run that was begun and has not ended.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BegunRecord {
    /// When it was due.
    pub due: Timestamp,
    /// When it began.
    pub began: Timestamp,
    /// Whether a person asked for it, whatever the time.
    pub asked: bool,
    /// Whether servers may have been touched already; until then it only warned players.
    pub acted: bool,
}

/// A schedule as it is remembered.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ScheduleRecord {
    /// Never changes.
    pub id: ScheduleId,
    /// What a person decided.
    pub plan: Plan,
    /// When it was made, or its times were last changed: intervals are counted from here.
    pub anchor: Timestamp,
    /// The next time that was not seen to yet; `None` while it rests, or when it never is due again.
    pub next: Option<Timestamp>,
    /// What the clock showed when `next` was reckoned.
    pub reckoned: Timestamp,
    /// The run that is under way.
    pub begun: Option<BegunRecord>,
    /// The last run that ended.
    pub last: Option<Run>,
    /// How many times were skipped.
    pub skips: u64,
}

impl ScheduleRecord {
    pub(super) fn check(&self) -> Result<(), Cause> {
        within("name", &self.plan.name, NAME_MAX)
    }
}

/// Something that holds for the whole engine.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Flag {
    /// Every schedule rests.
    SchedulesPaused,
    /// The schedule that every engine begins with was made once.
    FirstSchedule,
}

impl Flag {
    const ALL: [Self; 2] = [Self::SchedulesPaused, Self::FirstSchedule];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::SchedulesPaused => "schedules_paused",
            Self::FirstSchedule => "first_schedule",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|flag| flag.name() == name)
    }
}

/// An audit line is never refused for its length: what was done must be written down.
pub(super) fn cut_line(mut line: AuditLine) -> AuditLine {
    cut(&mut line.action, TEXT_MAX);
    cut(&mut line.server_name, NAME_MAX);
    cut(&mut line.outcome, LINE_MAX);
    line
}

/// Everything that the engine needs at its start.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// By id, so the oldest first.
    pub servers: Vec<ServerRecord>,
    /// Jobs that had not ended, oldest first.
    pub jobs: Vec<JobRecord>,
    /// By name.
    pub hosts: Vec<HostRecord>,
    /// Oldest first.
    pub tokens: Vec<TokenRecord>,
    /// Oldest first.
    pub schedules: Vec<ScheduleRecord>,
    /// Those that are set.
    pub flags: BTreeSet<Flag>,
    /// Oldest first.
    pub backups: Vec<Backup>,
    /// Servers whose saving an earlier run left switched off.
    pub saving_off: Vec<SavingOff>,
}

pub(super) fn within(field: &'static str, text: &str, max: usize) -> Result<(), Cause> {
    if text.len() > max {
        return Err(Cause::TooLong { field, max, found: text.len() });
    }
    Ok(())
}

fn cut(text: &mut String, max: usize) {
    if text.len() > max {
        let room = max - '…'.len_utf8();
        let end = (0..=room).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
        text.truncate(end);
        text.push('…');
    }
}

/// The JSON of a record, bounded.
pub(super) fn encode<T: Serialize>(table: &'static str, record: &T) -> Result<Vec<u8>, Cause> {
    let bytes = serde_json::to_vec(record).map_err(|source| Cause::Record { table, source })?;
    if bytes.len() > RECORD_MAX {
        return Err(Cause::TooLong { field: table, max: RECORD_MAX, found: bytes.len() });
    }
    Ok(bytes)
}

/// A record from its JSON.
pub(super) fn decode<T: serde::de::DeserializeOwned>(table: &'static str, bytes: &[u8]) -> Result<T, Cause> {
    serde_json::from_slice(bytes).map_err(|source| Cause::Record { table, source })
}
