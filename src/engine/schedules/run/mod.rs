//! One run of a schedule: players are warned where that is due, then each server is worked on, so many at once; and what
//! came of it is told in words.

mod choose;
mod tally;
mod warn;
mod work;

use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use self::tally::Did;
use super::{
    book::{LEAD, warns},
    clock::Clock,
};
use crate::{
    engine::handle::Handle,
    model::{
        Fault, ScheduleId,
        schedule::{Outcome, Plan},
    },
};

/// What a run tells the scheduler.
#[derive(Debug)]
pub enum Report {
    /// It is about to touch servers; it waits until that is written down.
    Acts(ScheduleId, oneshot::Sender<Result<(), Fault>>),
    /// It has ended.
    Ended(ScheduleId, Outcome),
}

/// One run.
pub struct Errand {
    /// Of which schedule.
    pub id: ScheduleId,
    /// What is to be done.
    pub plan: Plan,
    /// When servers are to be touched.
    pub at: Timestamp,
    /// The way by which it gives orders.
    pub handle: Handle,
    /// What it takes for the time.
    pub clock: Clock,
    /// Called when what it has not begun is to be left.
    pub halt: CancellationToken,
    /// To the scheduler.
    pub reports: mpsc::Sender<Report>,
}

impl Errand {
    /// Does it, and tells how it ended.
    pub async fn run(self) {
        let outcome = match self.prepare().await {
            Ok(()) => self.work().await,
            Err(outcome) => outcome,
        };
        // A scheduler that has gone has noted that it was interrupted.
        let _ = self.reports.send(Report::Ended(self.id, outcome)).await;
    }

    /// Warns players and waits for the time, where that is due, and has written down that servers are touched from now on.
    async fn prepare(&self) -> Result<(), Outcome> {
        if !warns(&self.plan) {
            return Ok(());
        }
        let now = self.clock.now();
        // Whoever is on has the whole time to come to an end, also where the run itself is late or was asked for.
        let at = if self.at > now {
            Some(self.at)
        } else {
            warn::anybody(&self.plan, &self.handle.now()).then(|| now + LEAD)
        };
        if let Some(at) = at {
            warn::countdown(self, at).await?;
        }
        let (go, written) = oneshot::channel();
        let told = self.reports.send(Report::Acts(self.id, go)).await;
        match (told, written.await) {
            (Ok(()), Ok(Ok(()))) => Ok(()),
            (_, Ok(Err(fault))) => Err(Outcome::Failed(format!(
                "Not begun, because that could not be written down: {}",
                fault.what
            ))),
            _ => Err(Outcome::Failed("The program ended before it began.".into())),
        }
    }

    async fn work(&self) -> Outcome {
        let (servers, mut tally) = choose::all(&self.plan, &self.handle.now());
        let at_once = usize::try_from(self.plan.at_once).unwrap_or(1).max(1);
        let mut work = stream::iter(servers.into_iter().map(|server| async move {
            let did = if self.halt.is_cancelled() {
                Did::Left("it was called off".into())
            } else {
                work::one(self, server.id()).await
            };
            (server.name().to_owned(), did)
        }))
        .buffer_unordered(at_once);
        while let Some((name, did)) = work.next().await {
            tally.add(name, did);
        }
        drop(work);
        tally.outcome()
    }
}
