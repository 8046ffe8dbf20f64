//! What is counted: each thing once, where it is first known.

use std::time::Duration;

use tokio::sync::oneshot;

use super::Core;
use crate::{
    engine::{console::Wish, fact::Told},
    model::{
        Fault, Job, JobKind, JobState, Tally,
        tally::{Counts, Histogram, JOB_SECONDS},
    },
};

/// How long a console that has much to do may take to tell its counts.
const PATIENCE: Duration = Duration::from_secs(1);

/// Counts what a line told; `changed` is whether it was news to the roster.
pub(super) fn count_told(counts: &mut Counts, told: &Told, changed: bool) {
    match told {
        Told::Joined(_) if changed => counts.joins += 1,
        Told::Left(_) if changed => counts.leaves += 1,
        Told::Ticks(rate, took) => {
            counts.ticks = rate.or(counts.ticks);
            counts.tick_ms = took.or(counts.tick_ms);
        }
        _ => {}
    }
}

impl Core {
    /// Counts a job that ended.
    pub(super) fn count_job(&mut self, job: &Job) {
        let ends = self.tally.jobs.entry(job.kind.word()).or_default();
        match job.state {
            JobState::Done => ends.done += 1,
            JobState::Failed(_) => ends.failed += 1,
            JobState::Cancelled => ends.cancelled += 1,
            JobState::Running => return,
        }
        let (JobState::Done, Some(ended)) = (&job.state, job.ended_at) else { return };
        let took = Duration::try_from(ended.duration_since(job.started_at)).unwrap_or_default().as_secs_f64();
        ends.seconds.observe(took);
        if job.kind == JobKind::Create {
            let provider = job.server.and_then(|id| self.entries.get(&id));
            let provider = provider.map_or("local", |entry| entry.record.spec.provider.as_str());
            let times = self.tally.deployments.entry(provider);
            times.or_insert_with(|| Histogram::new(JOB_SECONDS)).observe(took);
        }
    }

    /// Tells what was counted. Lines are counted by the consoles, which are asked.
    pub(super) fn tell_tally(&self, reply: oneshot::Sender<Result<Tally, Fault>>) {
        let mut tally = self.tally.clone();
        let mut asked = Vec::new();
        for entry in self.entries.values() {
            let (told, answer) = oneshot::channel();
            let busy = entry.console.as_ref().is_none_or(|console| console.wish(Wish::Count(told)).is_err());
            asked.push((!busy).then_some(answer));
            tally.servers.push((entry.id(), entry.counts.clone()));
        }
        self.ways.tasks.spawn(async move {
            let all = async {
                for ((_, counts), answer) in tally.servers.iter_mut().zip(asked) {
                    if let Some(answer) = answer
                        && let Ok(lines) = answer.await
                    {
                        counts.lines = lines;
                    }
                }
            };
            // Counts that come too late are in the next tally.
            let _ = tokio::time::timeout(PATIENCE, all).await;
            let _ = reply.send(Ok(tally));
        });
    }
}
