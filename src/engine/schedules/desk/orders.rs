//! What faces ask of schedules. An order is answered when what it changed is on the disk.

use super::{Ask, Desk, book};
use crate::{
    model::{
        Answer, Fault, FaultKind, Order, ScheduleId,
        schedule::{Plan, Targets},
    },
    store::Flag,
};

impl Desk {
    /// Does what is asked for, and has it answered.
    pub(super) async fn obey(&mut self, ask: Ask) {
        let answer = match ask.order.clone() {
            Order::AddSchedule(plan) => self.add(*plan).await,
            Order::EditSchedule(id, plan) => self.edit(id, *plan).await,
            Order::DeleteSchedule(id) => self.delete(id).await,
            Order::RunSchedule(id) => self.run_now(id).await,
            Order::PauseSchedule(id, paused) => self.pause(id, paused).await,
            Order::PauseSchedules(paused) => self.pause_all(paused).await,
            _ => Err(Fault::new(FaultKind::Invalid, "That is no order about schedules.", "", "")),
        };
        self.tell(Some((ask, answer)), Vec::new()).await;
    }

    /// Whether the servers of a plan are there and may be worked on.
    fn check_targets(&self, plan: &Plan) -> Result<(), Fault> {
        let Targets::Servers(servers) = &plan.targets else { return Ok(()) };
        let world = self.ground.handle.now();
        for id in servers {
            let Some(server) = world.server(*id) else {
                return Err(Fault::invalid("servers", format!("there is no server {id}")));
            };
            if !server.about.ownership.is_managed() {
                let rule = format!("{} was not made here; adopt it first", server.name());
                return Err(Fault::invalid("servers", rule));
            }
        }
        Ok(())
    }

    async fn add(&mut self, plan: Plan) -> Result<Answer, Fault> {
        let record = self.book.add(plan, self.ground.clock.now())?;
        self.check_targets(&record.plan)?;
        self.keep(vec![record.clone()], None).await?;
        let id = record.id;
        self.book.accept(record);
        Ok(Answer::Scheduled(id))
    }

    async fn edit(&mut self, id: ScheduleId, plan: Plan) -> Result<Answer, Fault> {
        let record = self.book.edit(id, plan, self.ground.clock.now())?;
        let old = self.book.record(id).map(|old| old.plan.clone());
        // A server that has gone since is no reason to refuse another name.
        if old.as_ref().is_none_or(|old| old.targets != record.plan.targets) {
            self.check_targets(&record.plan)?;
        }
        let plan = &record.plan;
        let other = old.is_some_and(|old| {
            old.task != plan.task
                || old.when != plan.when
                || old.targets != plan.targets
                || old.condition != plan.condition
        });
        let halts = other || plan.paused;
        self.keep(vec![record.clone()], None).await?;
        self.book.accept(record);
        if halts {
            self.halt(id);
        }
        Ok(Answer::Done)
    }

    async fn delete(&mut self, id: ScheduleId) -> Result<Answer, Fault> {
        if self.book.record(id).is_none() {
            return Err(book::no_schedule());
        }
        self.ground.store.remove_schedule(id).await.map_err(|error| error.fault())?;
        self.book.forget(id);
        self.halt(id);
        self.runs.remove(&id);
        Ok(Answer::Done)
    }

    async fn run_now(&mut self, id: ScheduleId) -> Result<Answer, Fault> {
        let (record, begin) = self.book.run_now(id, self.ground.clock.now())?;
        self.keep(vec![record.clone()], None).await?;
        self.book.accept(record.clone());
        self.send_off(&record, begin);
        Ok(Answer::Done)
    }

    async fn pause(&mut self, id: ScheduleId, paused: bool) -> Result<Answer, Fault> {
        if let Some(record) = self.book.pause(id, paused, self.ground.clock.now())? {
            self.keep(vec![record.clone()], None).await?;
            self.book.accept(record);
        }
        if paused {
            self.halt(id);
        }
        Ok(Answer::Done)
    }

    async fn pause_all(&mut self, paused: bool) -> Result<Answer, Fault> {
        if self.book.is_paused() == paused {
            return Ok(Answer::Done);
        }
        // What passed while all rested was not missed.
        let moved = if paused { Vec::new() } else { self.book.wake_all(self.ground.clock.now()) };
        self.keep(moved.clone(), Some((Flag::SchedulesPaused, paused))).await?;
        moved.into_iter().for_each(|record| self.book.accept(record));
        self.book.rest(paused);
        if paused {
            let runs: Vec<_> = self.runs.keys().copied().collect();
            runs.into_iter().for_each(|id| self.halt(id));
        }
        Ok(Answer::Done)
    }

    /// Calls off what a run has not begun yet.
    fn halt(&self, id: ScheduleId) {
        if let Some(halt) = self.runs.get(&id) {
            halt.cancel();
        }
    }
}
