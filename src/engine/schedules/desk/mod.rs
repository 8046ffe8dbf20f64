//! The scheduler's task: it owns the book and the one timer, writes down what is to be done before it is, and sends runs on
//! their way.

mod orders;

use std::{collections::HashMap, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::{
    book::{self, Begin, Book, Call},
    clock::Clock,
    run::{Errand, Report},
};
use crate::{
    engine::{fact::Fact, handle::Handle},
    model::{
        Answer, AuditLine, Fault, Notice, Order, Origin, Schedule, ScheduleId, Severity, Topic,
        schedule::Outcome,
    },
    store::{Flag, ScheduleRecord, Store},
    tasks::Tasks,
};

/// Orders that may wait for the scheduler.
pub const ASKS: usize = 64;
/// Reports of runs that may wait for it.
const REPORTS: usize = 64;
/// While it may do nothing by itself, it looks so often whether it may.
const LOOK: SignedDuration = SignedDuration::from_secs(10);

/// An order about schedules.
#[derive(Debug)]
pub struct Ask {
    /// Through which face.
    pub origin: Origin,
    /// What.
    pub order: Order,
    /// Told what came of it.
    pub reply: oneshot::Sender<Result<Answer, Fault>>,
}

/// What the scheduler tells the core: all schedules as they are now, and what comes with that.
#[derive(Debug, Default)]
pub struct Told {
    /// By name.
    pub schedules: Vec<Arc<Schedule>>,
    /// Whether all rest.
    pub paused: bool,
    /// An order that was answered, which is to be passed on when the schedules are known.
    pub answered: Option<(Ask, Result<Answer, Fault>)>,
    /// What people should be told.
    pub notices: Vec<Notice>,
}

/// What the scheduler stands on.
pub struct Ground {
    /// The way by which its runs give orders, as any face does.
    pub handle: Handle,
    /// Where everything is written down.
    pub store: Store,
    /// To the core.
    pub facts: mpsc::Sender<Fact>,
    /// Where its tasks are counted.
    pub tasks: Tasks,
    /// Called when the engine is to end.
    pub stop: CancellationToken,
    /// What it takes for the time.
    pub clock: Clock,
    /// Whether it does by itself what is due.
    pub live: bool,
}

/// The scheduler.
pub struct Desk {
    ground: Ground,
    book: Book,
    runs: HashMap<ScheduleId, CancellationToken>,
    reports: mpsc::Sender<Report>,
    /// Whether the engine knows its servers, so that it can be said which are concerned.
    settled: bool,
}

impl Desk {
    /// With what the database remembers. What an earlier program left half done is settled first.
    pub async fn open(
        ground: Ground,
        records: Vec<ScheduleRecord>,
        paused: bool,
    ) -> (Self, mpsc::Receiver<Report>) {
        let (book, mended) = Book::load(records, paused, ground.clock.now());
        let (reports, incoming) = mpsc::channel(REPORTS);
        let desk = Self { ground, book, runs: HashMap::new(), reports, settled: false };
        if !mended.is_empty()
            && let Err(error) = desk.ground.store.put_schedules(mended, None).await
        {
            // The next change of each writes it; and the next start would find the same.
            tracing::warn!(%error, "what became of interrupted schedules was not written down");
        }
        (desk, incoming)
    }

    /// Makes the schedule that every engine begins with, once: whoever deletes it does not find it again.
    pub async fn make_first(&mut self) {
        let record = self.book.first(self.ground.clock.now());
        let records = record.iter().cloned().collect();
        match self.ground.store.put_schedules(records, Some((Flag::FirstSchedule, true))).await {
            Ok(()) => record.into_iter().for_each(|record| self.book.accept(record)),
            Err(error) => tracing::warn!(%error, "the daily backup could not be scheduled"),
        }
    }

    /// All schedules, as the snapshot shows them.
    pub fn list(&self) -> Vec<Arc<Schedule>> {
        self.book.list()
    }

    /// Runs until the engine ends.
    pub async fn run(mut self, mut asks: mpsc::Receiver<Ask>, mut reports: mpsc::Receiver<Report>) {
        let stop = self.ground.stop.clone();
        let handle = self.ground.handle.clone();
        self.tell(None, Vec::new()).await;
        loop {
            let clock = self.ground.clock.clone();
            let wakes = self.wakes();
            tokio::select! {
                () = stop.cancelled() => break,
                ask = asks.recv() => match ask {
                    Some(ask) => self.obey(ask).await,
                    None => break,
                },
                Some(report) = reports.recv() => self.report(report).await,
                known = handle.wait(|world| world.settled.then_some(())), if !self.settled => {
                    if known.is_err() {
                        break;
                    }
                    self.settled = true;
                }
                () = async {
                    match wakes {
                        Some(at) => clock.until(at).await,
                        None => std::future::pending().await,
                    }
                } => {}
            }
            self.look().await;
        }
        self.leave().await;
    }

    fn may_act(&self) -> bool {
        self.ground.live && self.settled && !self.ground.handle.now().read_only
    }

    fn wakes(&self) -> Option<Timestamp> {
        if !self.ground.live || !self.settled {
            return None;
        }
        let wakes = self.book.wakes()?;
        // Whatever keeps it from acting now may end at any moment.
        Some(if self.may_act() { wakes } else { wakes.max(self.ground.clock.now() + LOOK) })
    }

    /// Does what is due.
    async fn look(&mut self) {
        // Each call moves one schedule on, so that this ends; a bound all the same, and then orders are heard again.
        for _ in 0..=book::MOST {
            if !self.may_act() {
                return;
            }
            let Some(call) = self.book.call(self.ground.clock.now()) else { return };
            self.take(call).await;
        }
    }

    async fn take(&mut self, Call { mut record, run }: Call) {
        let written = self.ground.store.put_schedules(vec![record.clone()], None).await;
        let now = self.ground.clock.now();
        let mut notices = Vec::new();
        match (run, written) {
            (Some(begin), Ok(())) => {
                self.book.accept(record.clone());
                self.send_off(&record, begin);
            }
            (Some(begin), Err(error)) => {
                // What is not on the disk could be done twice. There, its time has not been seen to: it counts as missed at
                // the next start.
                let fault = error.fault();
                let outcome = Outcome::Failed(format!(
                    "Not begun, because that could not be written down: {}",
                    fault.what
                ));
                record.begun = None;
                record.last =
                    Some(crate::model::schedule::Run { due: begin.due, began: now, ended: now, outcome });
                notices.extend(self.notice_of(&record));
                self.book.accept(record);
            }
            (None, written) => {
                if let Err(error) = written {
                    tracing::warn!(%error, "a skipped time was not written down");
                }
                let news = record.last != self.book.record(record.id).and_then(|old| old.last.clone());
                if news {
                    notices.extend(self.notice_of(&record));
                    self.write_down(&record).await;
                }
                self.book.accept(record);
            }
        }
        self.tell(None, notices).await;
    }

    /// Sends a run on its way.
    fn send_off(&mut self, record: &ScheduleRecord, begin: Begin) {
        let halt = CancellationToken::new();
        self.runs.insert(record.id, halt.clone());
        let errand = Errand {
            id: record.id,
            plan: record.plan.clone(),
            at: begin.at,
            handle: self.ground.handle.clone(),
            clock: self.ground.clock.clone(),
            halt,
            reports: self.reports.clone(),
        };
        let stop = self.ground.stop.clone();
        self.ground.tasks.spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = errand.run() => {}
            }
        });
    }

    /// A run has news.
    async fn report(&mut self, report: Report) {
        match report {
            Report::Acts(id, go) => {
                let written = match self.book.act(id) {
                    Some(record) => match self.ground.store.put_schedules(vec![record.clone()], None).await {
                        Ok(()) => {
                            self.book.accept(record);
                            Ok(())
                        }
                        Err(error) => Err(error.fault()),
                    },
                    // It was deleted meanwhile.
                    None => Err(book::no_schedule()),
                };
                let _ = go.send(written);
                self.tell(None, Vec::new()).await;
            }
            Report::Ended(id, outcome) => {
                self.runs.remove(&id);
                let Some(record) = self.book.end(id, outcome, self.ground.clock.now()) else { return };
                let written = self.ground.store.put_schedules(vec![record.clone()], None).await;
                if let Err(error) = written {
                    tracing::warn!(%error, "how a schedule's run ended was not written down");
                }
                let notices: Vec<_> = self.notice_of(&record).into_iter().collect();
                self.write_down(&record).await;
                self.book.accept(record);
                self.tell(None, notices).await;
            }
        }
    }

    /// What a person should be told of the last run: that it went wrong, or that its time was missed.
    fn notice_of(&self, record: &ScheduleRecord) -> Option<Notice> {
        let last = record.last.as_ref()?;
        let name = &record.plan.name;
        let (severity, text, details) = match &last.outcome {
            Outcome::Failed(why) => (Severity::Error, format!("schedule {name} failed"), why),
            Outcome::Skipped(why) if last.began.duration_since(last.due) > LOOK => {
                (Severity::Warning, format!("schedule {name} was skipped"), why)
            }
            _ => return None,
        };
        let (at, topic) = (self.ground.clock.now(), Topic::Other);
        Some(Notice { at, severity, topic, server: None, text, details: details.clone() })
    }

    /// Writes the last run down in the audit trail.
    async fn write_down(&self, record: &ScheduleRecord) {
        let Some(last) = &record.last else { return };
        let outcome = match &last.outcome {
            Outcome::Done => "done".to_owned(),
            Outcome::Skipped(why) => format!("skipped: {why}"),
            Outcome::Failed(why) => format!("failed: {why}"),
        };
        let line = AuditLine {
            at: self.ground.clock.now(),
            origin: Origin::Schedule,
            action: format!("schedule {}: {}", record.plan.name.escape_default(), record.plan.task.word()),
            server: None,
            server_name: String::new(),
            outcome,
        };
        let _ = self.ground.facts.send(Fact::WriteDown(Box::new(line))).await;
    }

    async fn tell(&self, answered: Option<(Ask, Result<Answer, Fault>)>, notices: Vec<Notice>) {
        let schedules = self.book.list();
        let told = Told { schedules, paused: self.book.is_paused(), answered, notices };
        // An engine that is ending needs no telling.
        let _ = self.ground.facts.send(Fact::Schedules(Box::new(told))).await;
    }

    /// The engine ends: what was begun is told as interrupted, so that nobody takes it for done. What players were only
    /// warned of stays as it is, and is looked after at the next start.
    async fn leave(self) {
        let now = self.ground.clock.now();
        let ended = self.runs.keys().filter_map(|id| {
            let mut record = self.book.record(*id)?.clone();
            let begun = record.begun.take().filter(|begun| begun.acted || begun.asked)?;
            record.last = Some(book::interrupted(&begun, now));
            Some(record)
        });
        let ended: Vec<_> = ended.collect();
        if !ended.is_empty() {
            // The next start would find the same.
            let _ = self.ground.store.put_schedules(ended, None).await;
        }
    }

    async fn keep(&self, records: Vec<ScheduleRecord>, flag: Option<(Flag, bool)>) -> Result<(), Fault> {
        self.ground.store.put_schedules(records, flag).await.map_err(|error| error.fault())
    }
}
