//! What is known of each schedule, what is due, and what was missed. Pure: it is told the time, and gives back the records
//! that are to be written down before anything is done.

mod change;
mod first;
mod times;

#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, sync::Arc};

use jiff::{SignedDuration, Timestamp};

pub use self::change::no_schedule;
use self::times::{passed, target};
use super::plan::Due;
use crate::{
    model::{
        Schedule, ScheduleId,
        schedule::{Missed, Outcome, Plan, Run, Task},
    },
    store::{BegunRecord, ScheduleRecord},
};

/// How long before a restart or stop players are first warned, and so how long before its time such a run begins.
pub const LEAD: SignedDuration = SignedDuration::from_mins(10);
/// What begins so much after its time is late no more: it was missed.
const LATE: SignedDuration = SignedDuration::from_secs(90);
/// A clock that was set back by more than this was wrong before; by less, what was done is not done again.
const WRONG: SignedDuration = SignedDuration::from_hours(24);
/// Most schedules of one engine.
pub const MOST: usize = 500;

/// All schedules.
#[derive(Debug, Default)]
pub struct Book {
    entries: BTreeMap<ScheduleId, Entry>,
    paused: bool,
}

#[derive(Debug)]
struct Entry {
    record: ScheduleRecord,
    /// `None` where its times cannot be read any more: a time zone that this machine no longer knows.
    due: Option<Due>,
}

/// A record that is to be written, and what is done when it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Call {
    /// What is to be written first.
    pub record: ScheduleRecord,
    /// The run that begins then; `None` where only something is noted.
    pub run: Option<Begin>,
}

/// A run that begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Begin {
    /// When it was due.
    pub due: Timestamp,
    /// When servers are to be touched: the due time, and what chance added to it.
    pub at: Timestamp,
}

/// How long before its time a run of this plan begins.
fn lead(plan: &Plan) -> SignedDuration {
    if warns(plan) { LEAD } else { SignedDuration::ZERO }
}

/// Whether players are warned before it is done.
pub fn warns(plan: &Plan) -> bool {
    matches!(plan.task, Task::Restart | Task::Stop)
}

fn seconds(count: u32) -> SignedDuration {
    SignedDuration::from_secs(i64::from(count))
}

impl Entry {
    fn new(record: ScheduleRecord) -> Self {
        let due = Due::new(&record.plan.when, record.anchor).ok();
        Self { record, due }
    }

    /// When something is to be done about it.
    fn wakes(&self) -> Option<Timestamp> {
        let next = self.record.next?;
        let at = target(&self.record, next);
        // A run that is still going on is only told when the next one's own time has come.
        Some(if self.record.begun.is_some() { at } else { at - lead(&self.record.plan) })
    }

    fn after(&self, at: Timestamp) -> Option<Timestamp> {
        self.due.as_ref()?.after(at)
    }

    fn call(&self, now: Timestamp) -> Option<Call> {
        let record = &self.record;
        if record.plan.paused {
            return None;
        }
        if record.reckoned.duration_since(now) > WRONG {
            let next = self.after(now);
            return Some(Call {
                record: ScheduleRecord { next, reckoned: now, ..record.clone() },
                run: None,
            });
        }
        if self.wakes()? > now {
            return None;
        }
        let next = record.next?;
        let passed = passed(self.due.as_ref()?, next, now - seconds(record.plan.jitter_seconds));
        let at = target(record, passed.last);
        let advanced = ScheduleRecord { next: self.after(passed.last), reckoned: now, ..record.clone() };
        let skipped = |count: u64, why: String| {
            let outcome = Outcome::Skipped(why);
            let run = Run { due: passed.last, began: now, ended: now, outcome };
            let skips = record.skips.saturating_add(count);
            Some(Call { record: ScheduleRecord { last: Some(run), skips, ..advanced.clone() }, run: None })
        };
        if record.begun.is_some() {
            return skipped(passed.count, "The run before had not ended.".into());
        }
        let late = now.duration_since(at) > LATE;
        let skips = record.plan.missed == Missed::Skip;
        if late && skips {
            return skipped(passed.count, missed(passed.count));
        }
        let earlier = if skips { passed.count - 1 } else { 0 };
        let warned_first = warns(&record.plan);
        let begun = BegunRecord { due: passed.last, began: now, asked: false, acted: !warned_first };
        Some(Call {
            record: ScheduleRecord {
                begun: Some(begun),
                skips: record.skips.saturating_add(earlier),
                ..advanced
            },
            run: Some(Begin { due: passed.last, at }),
        })
    }

    fn view(&self, all_paused: bool) -> Arc<Schedule> {
        let record = &self.record;
        // What players are being warned of is still to come.
        let coming =
            record.begun.as_ref().filter(|begun| !begun.acted && !begun.asked).map(|begun| begun.due);
        let rests = all_paused || record.plan.paused;
        Arc::new(Schedule {
            id: record.id,
            plan: record.plan.clone(),
            next: coming.or(record.next.filter(|_| !rests)),
            running: record.begun.is_some(),
            last: record.last.clone(),
            skips: record.skips,
        })
    }
}

fn missed(count: u64) -> String {
    match count {
        1 => "Its time passed while this program was off.".into(),
        times::MOST_COUNTED.. => {
            format!("{} of its times or more passed while this program was off.", times::MOST_COUNTED)
        }
        count => format!("{count} of its times passed while this program was off."),
    }
}

impl Book {
    /// From what the database remembers, and the records that differ from it: a run that an earlier program was killed in
    /// is told as such, or was only announced and is still to be done.
    pub fn load(records: Vec<ScheduleRecord>, paused: bool, now: Timestamp) -> (Self, Vec<ScheduleRecord>) {
        let mut book = Self { entries: BTreeMap::new(), paused };
        let mut mended = Vec::new();
        for mut record in records {
            if let Some(begun) = record.begun.take() {
                if begun.acted || begun.asked {
                    record.last = Some(interrupted(&begun, now));
                } else {
                    record.next = Some(begun.due);
                }
                mended.push(record.clone());
            }
            book.accept(record);
        }
        (book, mended)
    }

    /// Whether all rest.
    pub fn is_paused(&self) -> bool {
        self.paused
    }

    /// A schedule's record.
    pub fn record(&self, id: ScheduleId) -> Option<&ScheduleRecord> {
        self.entries.get(&id).map(|entry| &entry.record)
    }

    /// When [`Self::call`] is to be asked again; `None` while nothing is ever due.
    pub fn wakes(&self) -> Option<Timestamp> {
        if self.paused {
            return None;
        }
        self.entries.values().filter(|entry| !entry.record.plan.paused).filter_map(Entry::wakes).min()
    }

    /// What is to be done now: the most overdue first. To be asked again after it was done.
    pub fn call(&self, now: Timestamp) -> Option<Call> {
        if self.paused {
            return None;
        }
        let calls = self.entries.values().filter_map(|entry| Some((entry.wakes(), entry.call(now)?)));
        calls.min_by_key(|(wakes, _)| *wakes).map(|(_, call)| call)
    }

    /// A record was written: from now on it holds.
    pub fn accept(&mut self, record: ScheduleRecord) {
        match self.entries.get_mut(&record.id) {
            // Its times were read before; to read them again with each of its runs would be for nothing.
            Some(entry)
                if entry.record.plan.when == record.plan.when && entry.record.anchor == record.anchor =>
            {
                entry.record = record;
            }
            _ => {
                self.entries.insert(record.id, Entry::new(record));
            }
        }
    }

    /// A schedule is gone.
    pub fn forget(&mut self, id: ScheduleId) {
        self.entries.remove(&id);
    }

    /// All rest, or none does by that.
    pub fn rest(&mut self, paused: bool) {
        self.paused = paused;
    }

    /// They as the snapshot shows them: by name.
    pub fn list(&self) -> Vec<Arc<Schedule>> {
        let mut list: Vec<_> = self.entries.values().map(|entry| entry.view(self.paused)).collect();
        list.sort_by(|a, b| (&a.plan.name, a.id).cmp(&(&b.plan.name, b.id)));
        list
    }
}

/// How a run ended that the program did not live to see the end of.
pub fn interrupted(begun: &BegunRecord, now: Timestamp) -> Run {
    let outcome = Outcome::Failed("The program ended in the middle of it.".into());
    Run { due: begun.due, began: begun.began, ended: now.max(begun.began), outcome }
}
