//! Jobs, and what went wrong with them.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{OriginView, word};
use crate::model::{Fault, Job, JobState};

/// What went wrong.
#[derive(Serialize, ToSchema, Clone, Debug)]
#[schema(as = Fault)]
pub struct FaultView {
    /// The sort: `invalid`, `not_found`, `conflict`, `unreachable`, `denied`, `unauthenticated`, `cancelled`, `failed`.
    pub kind: String,
    /// What happened.
    pub what: String,
    /// What it means for the server.
    pub means: String,
    /// What to do next.
    pub next: String,
}

impl From<&Fault> for FaultView {
    fn from(fault: &Fault) -> Self {
        Self {
            kind: word(&fault.kind),
            what: fault.what.clone(),
            means: fault.means.clone(),
            next: fault.next.clone(),
        }
    }
}

/// Long work.
#[derive(Serialize, ToSchema, Clone, Debug)]
#[schema(as = Job)]
pub struct JobView {
    /// Never changes.
    pub id: Uuid,
    /// What it does: `create`, `start`, `backup`, …
    pub kind: &'static str,
    /// The server that it works on.
    pub server: Option<Uuid>,
    /// That server's name when the job began.
    pub server_name: String,
    /// Who asked for it.
    pub origin: OriginView,
    /// How it stands: `running`, `done`, `failed` or `cancelled`.
    pub state: &'static str,
    /// What went wrong.
    pub fault: Option<FaultView>,
    /// What it is doing, in words.
    pub step: String,
    /// The share that is done, 0 to 1, where that is known.
    pub fraction: Option<f64>,
    /// Done so far, in `unit`.
    pub done: u64,
    /// In all, in `unit`.
    pub total: Option<u64>,
    /// What is counted: `steps`, `bytes` or `percent`.
    pub unit: String,
    /// How many of `unit` a second just now, where that is known.
    pub rate: Option<u64>,
    /// How many seconds the rest will take at this rate, where that is known.
    pub seconds_left: Option<u64>,
    /// Whether it can be cancelled now.
    pub can_cancel: bool,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

impl From<&Job> for JobView {
    fn from(job: &Job) -> Self {
        let (state, fault) = match &job.state {
            JobState::Running => ("running", None),
            JobState::Done => ("done", None),
            JobState::Failed(fault) => ("failed", Some((&**fault).into())),
            JobState::Cancelled => ("cancelled", None),
        };
        Self {
            id: job.id.0,
            kind: job.kind.word(),
            server: job.server.map(|id| id.0),
            server_name: job.server_name.clone(),
            origin: (&job.origin).into(),
            state,
            fault,
            step: job.progress.step.clone(),
            fraction: job.progress.fraction(),
            done: job.progress.done,
            total: job.progress.total,
            unit: word(&job.progress.unit),
            rate: job.progress.rate,
            seconds_left: job.progress.left().map(|left| left.as_secs()),
            can_cancel: job.can_cancel,
            started_at: job.started_at,
            ended_at: job.ended_at,
        }
    }
}

/// A job was begun; its path is in `Location`.
#[derive(Serialize, ToSchema, Clone, Debug)]
pub struct Accepted {
    /// The job.
    pub job: Uuid,
    /// The server that it works on or makes.
    pub server: Uuid,
}
