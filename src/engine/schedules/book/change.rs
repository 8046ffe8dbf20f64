//! What people change about schedules, and what becomes of runs: the record that is to be written for each.

use jiff::Timestamp;

use super::{Begin, Book, Entry, MOST};
use crate::{
    engine::schedules::plan,
    model::{
        Fault, FaultKind, ScheduleId,
        schedule::{Outcome, Plan, Run},
    },
    store::{BegunRecord, ScheduleRecord},
};

impl Book {
    /// A new schedule.
    ///
    /// # Errors
    /// What its plan breaks; that its name is taken; that there are too many.
    pub fn add(&self, plan: Plan, now: Timestamp) -> Result<ScheduleRecord, Fault> {
        plan::check(&plan)?;
        self.free_name(&plan.name, None)?;
        if self.entries.len() >= MOST {
            return Err(Fault::new(
                FaultKind::Conflict,
                format!("There are {MOST} schedules; more there cannot be."),
                "Nothing was changed.",
                "Delete one that is not needed any more: one schedule can work on many servers.",
            ));
        }
        let record = ScheduleRecord {
            id: ScheduleId::new(),
            plan,
            anchor: now,
            next: None,
            reckoned: now,
            begun: None,
            last: None,
            skips: 0,
        };
        Ok(reckoned(record, now))
    }

    /// A schedule with another plan. Its times stay as they are unless they are what was changed.
    ///
    /// # Errors
    /// As [`Self::add`]; that there is no such schedule.
    pub fn edit(&self, id: ScheduleId, plan: Plan, now: Timestamp) -> Result<ScheduleRecord, Fault> {
        let old = self.record(id).ok_or_else(no_schedule)?;
        plan::check(&plan)?;
        self.free_name(&plan.name, Some(id))?;
        let other_times = plan.when != old.plan.when;
        let wakes = old.plan.paused && !plan.paused;
        let rests = plan.paused;
        let mut record = ScheduleRecord { plan, ..old.clone() };
        if other_times {
            record.anchor = now;
        }
        if other_times || wakes || rests {
            record = reckoned(record, now);
        }
        Ok(record)
    }

    /// A schedule that rests, or does no longer. What passed while it rested was not missed.
    ///
    /// # Errors
    /// That there is no such schedule.
    pub fn pause(
        &self,
        id: ScheduleId,
        paused: bool,
        now: Timestamp,
    ) -> Result<Option<ScheduleRecord>, Fault> {
        let old = self.record(id).ok_or_else(no_schedule)?;
        if old.plan.paused == paused {
            return Ok(None);
        }
        let plan = Plan { paused, ..old.plan.clone() };
        Ok(Some(reckoned(ScheduleRecord { plan, ..old.clone() }, now)))
    }

    /// Those whose times passed while all rested, with their next ones.
    pub fn wake_all(&self, now: Timestamp) -> Vec<ScheduleRecord> {
        let entries = self.entries.values().map(|entry| &entry.record);
        let passed = entries.filter(|record| record.next.is_some_and(|next| next <= now));
        passed.map(|record| reckoned(record.clone(), now)).collect()
    }

    /// A run that a person asked for.
    ///
    /// # Errors
    /// That there is no such schedule; that it is being done already.
    pub fn run_now(&self, id: ScheduleId, now: Timestamp) -> Result<(ScheduleRecord, Begin), Fault> {
        let old = self.record(id).ok_or_else(no_schedule)?;
        if old.begun.is_some() {
            return Err(Fault::new(
                FaultKind::Conflict,
                format!("{} is being done already.", old.plan.name),
                "Nothing was begun a second time.",
                "Wait until it has ended; the list of schedules shows when.",
            ));
        }
        let begun = BegunRecord { due: now, began: now, asked: true, acted: false };
        Ok((ScheduleRecord { begun: Some(begun), ..old.clone() }, Begin { due: now, at: now }))
    }

    /// A run is about to touch servers.
    pub fn act(&self, id: ScheduleId) -> Option<ScheduleRecord> {
        let mut record = self.record(id)?.clone();
        record.begun.as_mut()?.acted = true;
        Some(record)
    }

    /// A run has ended.
    pub fn end(&self, id: ScheduleId, outcome: Outcome, now: Timestamp) -> Option<ScheduleRecord> {
        let mut record = self.record(id)?.clone();
        let begun = record.begun.take()?;
        if matches!(outcome, Outcome::Skipped(_)) {
            record.skips = record.skips.saturating_add(1);
        }
        let ended = now.max(begun.began);
        record.last = Some(Run { due: begun.due, began: begun.began, ended, outcome });
        Some(record)
    }

    fn free_name(&self, name: &str, except: Option<ScheduleId>) -> Result<(), Fault> {
        let name = name.to_lowercase();
        let mut others = self.entries.values().filter(|other| Some(other.record.id) != except);
        match others.find(|other| other.record.plan.name.to_lowercase() == name) {
            None => Ok(()),
            Some(other) => Err(Fault {
                field: Some("name".into()),
                ..Fault::new(
                    FaultKind::Conflict,
                    format!("name: there is a schedule called {} already.", other.record.plan.name),
                    "Nothing was changed.",
                    "Choose another name, or change that one.",
                )
            }),
        }
    }
}

/// The record with its next time reckoned anew.
fn reckoned(record: ScheduleRecord, now: Timestamp) -> ScheduleRecord {
    let mut entry = Entry::new(record);
    let next = entry.after(now).filter(|_| !entry.record.plan.paused);
    (entry.record.next, entry.record.reckoned) = (next, now);
    entry.record
}

pub fn no_schedule() -> Fault {
    Fault::new(
        FaultKind::NotFound,
        "There is no such schedule.",
        "",
        "`mineclifford schedule list` shows those that there are.",
    )
}
