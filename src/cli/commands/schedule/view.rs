//! A schedule as scripts and people read it.

use jiff::{Timestamp, tz::TimeZone};
use serde::Serialize;

use crate::{
    cli::output::human,
    engine::schedules::plan,
    model::{
        Schedule, ScheduleId, Snapshot,
        schedule::{Condition, Missed, Outcome, Plan, Run, Targets, Task, When},
    },
};

/// A schedule, as `schedule list` gives it.
#[derive(Serialize, Debug)]
pub struct ScheduleView<'a> {
    id: ScheduleId,
    name: &'a str,
    task: &'static str,
    commands: Option<&'a [String]>,
    servers: Option<Vec<String>>,
    every_seconds: Option<u64>,
    cron: Option<&'a str>,
    zone: Option<&'a str>,
    when: String,
    condition: Condition,
    jitter_seconds: u32,
    at_once: u32,
    missed: Missed,
    paused: bool,
    all_paused: bool,
    running: bool,
    next: Option<Timestamp>,
    last: Option<RunView<'a>>,
    skips: u64,
}

#[derive(Serialize, Debug)]
struct RunView<'a> {
    due: Timestamp,
    began: Timestamp,
    ended: Timestamp,
    outcome: &'static str,
    why: Option<&'a str>,
}

impl<'a> From<&'a Run> for RunView<'a> {
    fn from(run: &'a Run) -> Self {
        let (outcome, why) = outcome(&run.outcome);
        Self { due: run.due, began: run.began, ended: run.ended, outcome, why }
    }
}

/// The word for an outcome, and why.
pub fn outcome(outcome: &Outcome) -> (&'static str, Option<&str>) {
    match outcome {
        Outcome::Done => ("done", None),
        Outcome::Skipped(why) => ("skipped", Some(why)),
        Outcome::Failed(why) => ("failed", Some(why)),
    }
}

impl<'a> ScheduleView<'a> {
    /// The schedule in this world.
    pub fn new(schedule: &'a Schedule, world: &Snapshot) -> Self {
        let plan = &schedule.plan;
        let (every_seconds, cron, zone) = match &plan.when {
            When::Every(seconds) => (Some(*seconds), None, None),
            When::Cron { expression, zone } => (None, Some(expression.as_str()), Some(zone.as_str())),
        };
        Self {
            id: schedule.id,
            name: &plan.name,
            task: plan.task.word(),
            commands: match &plan.task {
                Task::Commands(lines) => Some(lines),
                _ => None,
            },
            servers: names(plan, world),
            every_seconds,
            cron,
            zone,
            when: words(plan),
            condition: plan.condition,
            jitter_seconds: plan.jitter_seconds,
            at_once: plan.at_once,
            missed: plan.missed,
            paused: plan.paused,
            all_paused: world.schedules_paused,
            running: schedule.running,
            next: schedule.next,
            last: schedule.last.as_ref().map(RunView::from),
            skips: schedule.skips,
        }
    }
}

/// The names of its servers; an id where one is gone. `None` is all that were created here.
fn names(plan: &Plan, world: &Snapshot) -> Option<Vec<String>> {
    let Targets::Servers(servers) = &plan.targets else { return None };
    let name = |id: &crate::model::ServerId| {
        world.server(*id).map_or_else(|| id.to_string(), |server| server.name().to_owned())
    };
    Some(servers.iter().map(name).collect())
}

/// On which servers, in a few words.
pub fn servers(plan: &Plan, world: &Snapshot) -> String {
    names(plan, world).map_or_else(|| "all created".to_owned(), |names| names.join(", "))
}

/// When it is due, in words.
pub fn words(plan: &Plan) -> String {
    plan::explain(&plan.when).unwrap_or_else(|_| plan::when(&plan.when))
}

/// The zone in which its times are told.
pub fn zone(when: &When) -> String {
    match when {
        When::Cron { zone, .. } => zone.clone(),
        When::Every(_) => plan::here(),
    }
}

/// A time on the wall clocks of a zone: `Mon 2026-03-02 04:00 CET`, with seconds where there are any.
pub fn clock(at: Timestamp, zone: &str) -> String {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let format = if at.as_second() % 60 == 0 { "%a %Y-%m-%d %H:%M %Z" } else { "%a %Y-%m-%d %H:%M:%S %Z" };
    at.to_zoned(zone).strftime(format).to_string()
}

/// How far away a time is: `in 3h 10m`, `12m 5s ago`.
pub fn away(at: Timestamp, now: Timestamp) -> String {
    let seconds = at.as_second() - now.as_second();
    let span = human::duration(seconds.unsigned_abs());
    if seconds >= 0 { format!("in {span}") } else { format!("{span} ago") }
}
