//! What is done at set times, and what came of it.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{ScheduleId, ServerId};

/// When a schedule is due.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// So many seconds after it was last due, 60 to 31,536,000. Not moved by daylight saving.
    Every(u64),
    /// A cron expression of five fields, or six with seconds first, read in a time zone.
    Cron {
        /// Such as `0 4 * * *`.
        expression: String,
        /// An IANA name such as `Europe/Berlin`.
        zone: String,
    },
}

/// Which servers a schedule works on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Targets {
    /// All that were created here, those that come later included; adopted ones are not among them.
    Created,
    /// These.
    Servers(Vec<ServerId>),
}

/// What a schedule does.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Back it up, then apply its retention.
    Backup,
    /// Announce, save, stop, start.
    Restart,
    /// Start it.
    Start,
    /// Announce, save, stop.
    Stop,
    /// Type these lines into its console, one after the other.
    Commands(Vec<String>),
    /// Read its newest backup again.
    Verify,
    /// Boot its newest backup in a container that is thrown away.
    TestRestore,
    /// Apply its retention.
    Prune,
}

impl Task {
    /// The verb, as lists and the audit trail write it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Backup => "backup",
            Self::Restart => "restart",
            Self::Start => "start",
            Self::Stop => "stop",
            Self::Commands(_) => "commands",
            Self::Verify => "verify",
            Self::TestRestore => "test-restore",
            Self::Prune => "prune",
        }
    }
}

/// Under which condition a server is worked on when its time has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// Always.
    #[default]
    Always,
    /// Only while it runs.
    Running,
    /// Only while players are on it.
    WithPlayers,
    /// Only while nobody is on it.
    WithoutPlayers,
}

/// What becomes of a time that passed while no engine ran.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Missed {
    /// It is done once, however many times were missed.
    #[default]
    RunOnce,
    /// It is noted as skipped.
    Skip,
}

/// What a person decides about a schedule.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Plan {
    /// What people call it; unique.
    pub name: String,
    /// On which servers.
    pub targets: Targets,
    /// When.
    pub when: When,
    /// What.
    pub task: Task,
    /// Only if.
    pub condition: Condition,
    /// Each run begins up to so many seconds late, by chance: many servers do not begin at once. 0 to 3,600.
    pub jitter_seconds: u32,
    /// So many servers at once, 1 to 64.
    pub at_once: u32,
    /// What is done about missed times.
    pub missed: Missed,
    /// Whether it rests.
    pub paused: bool,
}

/// How the last run went.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// All servers were done.
    Done,
    /// None was: why, in words ("nobody was to be backed up", "missed while the program was off").
    Skipped(String),
    /// Some or all went wrong: what, in words.
    Failed(String),
}

/// One run.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Run {
    /// When it was due.
    pub due: Timestamp,
    /// When it began.
    pub began: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
    /// How.
    pub outcome: Outcome,
}

impl Run {
    /// How long after its time it began.
    pub fn lag(&self) -> Duration {
        Duration::try_from(self.began.duration_since(self.due)).unwrap_or_default()
    }
}

/// A schedule as last seen.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Schedule {
    /// Never changes.
    pub id: ScheduleId,
    /// What a person decided.
    pub plan: Plan,
    /// When it is due next; `None` while it or everything is paused, or when it never is.
    pub next: Option<Timestamp>,
    /// Whether it is being done now.
    pub running: bool,
    /// The last run.
    pub last: Option<Run>,
    /// How many runs were skipped since the engine first knew it.
    pub skips: u64,
}
