//! Schedules.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::model::{
    Schedule, ServerId,
    schedule::{Condition, Missed, Outcome, Plan, Targets, Task, When},
};

/// When a schedule is due.
#[derive(Serialize, Deserialize, ToSchema, Clone, Debug)]
#[serde(rename_all = "snake_case")]
#[schema(as = When)]
pub enum WhenView {
    /// So many seconds after it was last due.
    Every(u64),
    /// A cron expression of five fields, or six with seconds first, read in a time zone.
    Cron {
        /// Such as `0 4 * * *`.
        expression: String,
        /// An IANA name such as `Europe/Berlin`.
        zone: String,
    },
}

/// What a schedule does.
#[derive(Serialize, Deserialize, ToSchema, Clone, Debug)]
#[serde(rename_all = "snake_case")]
#[schema(as = Task)]
pub enum TaskView {
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

/// Under which condition a server is worked on.
#[derive(Serialize, Deserialize, ToSchema, Clone, Copy, Debug, Default)]
#[serde(rename_all = "snake_case")]
#[schema(as = Condition)]
#[allow(missing_docs)]
pub enum ConditionView {
    #[default]
    Always,
    Running,
    WithPlayers,
    WithoutPlayers,
}

/// What becomes of a time that passed while no engine ran.
#[derive(Serialize, Deserialize, ToSchema, Clone, Copy, Debug, Default)]
#[serde(rename_all = "snake_case")]
#[schema(as = Missed)]
pub enum MissedView {
    /// It is done once, however many times were missed.
    #[default]
    RunOnce,
    /// It is noted as skipped.
    Skip,
}

/// What a person decides about a schedule.
#[derive(Serialize, Deserialize, ToSchema, Clone, Debug)]
#[serde(deny_unknown_fields)]
#[schema(as = Plan)]
pub struct PlanView {
    /// What people call it; unique.
    name: String,
    /// On which servers; left out or `null`, on all that were created here.
    #[serde(default)]
    servers: Option<Vec<Uuid>>,
    /// When.
    when: WhenView,
    /// What.
    task: TaskView,
    /// Only if.
    #[serde(default)]
    condition: ConditionView,
    /// Each run begins up to so many seconds late, by chance.
    #[serde(default)]
    #[schema(maximum = 3600)]
    jitter_seconds: u32,
    /// So many servers at once.
    #[serde(default = "one")]
    #[schema(minimum = 1, maximum = 64)]
    at_once: u32,
    /// What is done about missed times.
    #[serde(default)]
    missed: MissedView,
    /// Whether it rests.
    #[serde(default)]
    paused: bool,
}

fn one() -> u32 {
    1
}

macro_rules! same {
    ($view:ident = $model:ident { $($unit:ident),* $(,)? } $(+ $with:ident)*) => {
        impl From<$view> for $model {
            fn from(view: $view) -> Self {
                match view { $($view::$unit => Self::$unit,)* $($view::$with(inner) => Self::$with(inner),)* }
            }
        }

        impl From<&$model> for $view {
            fn from(model: &$model) -> Self {
                match model { $($model::$unit => Self::$unit,)* $($model::$with(inner) => Self::$with(inner.clone()),)* }
            }
        }
    };
}

same!(TaskView = Task { Backup, Restart, Start, Stop, Verify, TestRestore, Prune } + Commands);
same!(ConditionView = Condition { Always, Running, WithPlayers, WithoutPlayers });
same!(MissedView = Missed { RunOnce, Skip });

impl From<PlanView> for Plan {
    fn from(view: PlanView) -> Self {
        Self {
            name: view.name,
            targets: match view.servers {
                None => Targets::Created,
                Some(servers) => Targets::Servers(servers.into_iter().map(ServerId).collect()),
            },
            when: match view.when {
                WhenView::Every(seconds) => When::Every(seconds),
                WhenView::Cron { expression, zone } => When::Cron { expression, zone },
            },
            task: view.task.into(),
            condition: view.condition.into(),
            jitter_seconds: view.jitter_seconds,
            at_once: view.at_once,
            missed: view.missed.into(),
            paused: view.paused,
        }
    }
}

impl From<&Plan> for PlanView {
    fn from(plan: &Plan) -> Self {
        Self {
            name: plan.name.clone(),
            servers: match &plan.targets {
                Targets::Created => None,
                Targets::Servers(servers) => Some(servers.iter().map(|id| id.0).collect()),
            },
            when: match &plan.when {
                When::Every(seconds) => WhenView::Every(*seconds),
                When::Cron { expression, zone } => {
                    WhenView::Cron { expression: expression.clone(), zone: zone.clone() }
                }
            },
            task: (&plan.task).into(),
            condition: (&plan.condition).into(),
            jitter_seconds: plan.jitter_seconds,
            at_once: plan.at_once,
            missed: (&plan.missed).into(),
            paused: plan.paused,
        }
    }
}

/// How the last run of a schedule went.
#[derive(Serialize, ToSchema, Clone, Debug)]
#[schema(as = Run)]
pub struct RunView {
    /// When it was due.
    due: Timestamp,
    /// When it began.
    began: Timestamp,
    /// When it ended.
    ended: Timestamp,
    /// `done`, `skipped` or `failed`.
    outcome: &'static str,
    /// Why, in words.
    why: Option<String>,
}

/// A schedule.
#[derive(Serialize, ToSchema, Clone, Debug)]
#[schema(as = Schedule)]
pub struct ScheduleView {
    /// Never changes.
    id: Uuid,
    /// What a person decided.
    plan: PlanView,
    /// When it is due next.
    next: Option<Timestamp>,
    /// Whether it is being done now.
    running: bool,
    /// The last run.
    last: Option<RunView>,
    /// How many runs were skipped.
    skips: u64,
}

impl From<&Schedule> for ScheduleView {
    fn from(schedule: &Schedule) -> Self {
        let last = schedule.last.as_ref().map(|run| {
            let (outcome, why) = match &run.outcome {
                Outcome::Done => ("done", None),
                Outcome::Skipped(why) => ("skipped", Some(why.clone())),
                Outcome::Failed(why) => ("failed", Some(why.clone())),
            };
            RunView { due: run.due, began: run.began, ended: run.ended, outcome, why }
        });
        Self {
            id: schedule.id.0,
            plan: (&schedule.plan).into(),
            next: schedule.next,
            running: schedule.running,
            last,
            skips: schedule.skips,
        }
    }
}
