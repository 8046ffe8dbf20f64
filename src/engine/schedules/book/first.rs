//! The schedule that every engine begins with: nobody should have to think of backups before the first one is needed.

use jiff::Timestamp;

use super::Book;
use crate::{
    model::schedule::{Condition, Missed, Plan, Targets, Task, When},
    store::ScheduleRecord,
};

/// What it is called.
const NAME: &str = "daily backup";
const DAY: u64 = 24 * 60 * 60;
/// Many servers do not begin in the same second.
const JITTER: u32 = 300;

impl Book {
    /// The first schedule; `None` where somebody has one that backs up already.
    pub fn first(&self, now: Timestamp) -> Option<ScheduleRecord> {
        if self.list().iter().any(|one| one.plan.task == Task::Backup) {
            return None;
        }
        let plan = Plan {
            name: NAME.to_owned(),
            targets: Targets::Created,
            when: When::Every(DAY),
            task: Task::Backup,
            condition: Condition::Running,
            jitter_seconds: JITTER,
            at_once: 1,
            missed: Missed::RunOnce,
            paused: false,
        };
        // Another one may have its name: then that one is what they wanted.
        self.add(plan, now).ok()
    }
}
