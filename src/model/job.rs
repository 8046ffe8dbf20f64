//! Long work that can be watched and cancelled.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Fault, JobId, Origin, ServerId};

/// What a job does.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum JobKind {
    Create,
    Start,
    Stop,
    Restart,
    Kill,
    Edit,
    Rename,
    Delete,
    Clone,
    Adopt,
    Backup,
    Restore,
    Verify,
    TestRestore,
    Prune,
}

impl JobKind {
    /// The verb, as lists and the audit trail write it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Start => "start",
            Self::Stop => "stop",
            Self::Restart => "restart",
            Self::Kill => "kill",
            Self::Edit => "edit",
            Self::Rename => "rename",
            Self::Delete => "delete",
            Self::Clone => "clone",
            Self::Adopt => "adopt",
            Self::Backup => "backup",
            Self::Restore => "restore",
            Self::Verify => "verify",
            Self::TestRestore => "test-restore",
            Self::Prune => "prune",
        }
    }
}

/// How far a job is.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Progress {
    /// What it is doing, in words: "pulling itzg/minecraft-server:java21".
    pub step: String,
    /// Done so far, in `unit`.
    pub done: u64,
    /// In all, in `unit`; `None` where that cannot be known.
    pub total: Option<u64>,
    /// What is counted.
    pub unit: Unit,
    /// How many of `unit` a second just now. The engine finds it out by itself: a job need not say it.
    pub rate: Option<u64>,
}

/// What a job's progress counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Steps of the job.
    #[default]
    Steps,
    /// Bytes moved.
    Bytes,
    /// Hundredths.
    Percent,
}

impl Progress {
    /// A step without a count.
    pub fn step(step: impl Into<String>) -> Self {
        Self { step: step.into(), ..Self::default() }
    }

    /// Bytes moved, in a step.
    pub fn bytes(step: impl Into<String>, done: u64, total: Option<u64>) -> Self {
        Self { step: step.into(), done, total, unit: Unit::Bytes, rate: None }
    }

    /// The share that is done, 0 to 1, where that can be known.
    pub fn fraction(&self) -> Option<f64> {
        let total = self.total.filter(|total| *total > 0)?;
        Some((self.done as f64 / total as f64).clamp(0.0, 1.0))
    }

    /// How long the rest will take at this rate, where both are known.
    pub fn left(&self) -> Option<Duration> {
        let left = self.total?.checked_sub(self.done)?;
        let rate = self.rate.filter(|rate| *rate > 0)?;
        Some(Duration::from_secs(left.div_ceil(rate)))
    }
}

/// How a job stands.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// Waiting or working.
    Running,
    /// Finished as wanted.
    Done,
    /// Went wrong; what it had made was undone.
    Failed(Box<Fault>),
    /// Somebody cancelled it; what it had made was undone.
    Cancelled,
}

/// A job as last seen.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Job {
    /// Never changes.
    pub id: JobId,
    /// What it does.
    pub kind: JobKind,
    /// The server that it works on.
    pub server: Option<ServerId>,
    /// That server's name when the job began.
    pub server_name: String,
    /// Who asked for it.
    pub origin: Origin,
    /// How it stands.
    pub state: JobState,
    /// How far it is.
    pub progress: Progress,
    /// Whether it can be cancelled now.
    pub can_cancel: bool,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

impl Job {
    /// Whether it has not ended.
    pub fn is_running(&self) -> bool {
        self.state == JobState::Running
    }
}
