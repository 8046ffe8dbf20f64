//! Listens to the engine and sees to it that each target gets what it chose.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio::{
    sync::{
        broadcast::{self, error::RecvError},
        mpsc, watch,
    },
    task::JoinHandle,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    message::Message,
    post::{Error, Poster},
    target::Target,
};
use crate::{
    engine::Handle,
    model::{Event, Severity, Topic},
    tasks::Tasks,
};

/// Messages that may wait for one target. Those beyond are let go.
const WAITING_MAX: usize = 64;
/// How long what waits has at the end of the program.
const FAREWELL: Duration = Duration::from_secs(3);

/// How patient a target is waited for.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// So often a message is tried in all.
    pub tries: u32,
    /// The pause after the first; each one is four times the one before.
    pub first: Duration,
    /// The longest.
    pub longest: Duration,
}

impl Default for Patience {
    /// About a quarter of an hour in all.
    fn default() -> Self {
        Self { tries: 7, first: Duration::from_secs(1), longest: Duration::from_secs(300) }
    }
}

impl Patience {
    /// The pause after a message failed for the `failed`th time.
    fn pause(&self, failed: u32) -> Duration {
        self.first.saturating_mul(4u32.saturating_pow(failed.saturating_sub(1))).min(self.longest)
    }
}

/// Notices on their way to others, until they are closed or dropped.
pub struct Notices {
    targets: watch::Sender<Vec<Target>>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Notices {
    /// Begins to tell these targets of these events.
    pub fn start(engine: Handle, events: broadcast::Receiver<Event>, targets: Vec<Target>) -> Self {
        Self::patiently(engine, events, targets, Patience::default())
    }

    pub(super) fn patiently(
        engine: Handle,
        events: broadcast::Receiver<Event>,
        targets: Vec<Target>,
        patience: Patience,
    ) -> Self {
        let (targets, wanted) = watch::channel(targets);
        let stop = CancellationToken::new();
        let desk = Desk {
            engine,
            slots: Vec::new(),
            poster: Poster::default(),
            patience,
            stop: stop.clone(),
            tasks: Tasks::new(),
        };
        let task = tokio::spawn(desk.run(events, wanted));
        Self { targets, stop, task }
    }

    /// Lets other targets hold. Those that stay as they were keep what waits for them.
    pub fn tune(&self, targets: Vec<Target>) {
        self.targets.send_if_modified(|now| std::mem::replace(now, targets.clone()) != targets);
    }

    /// Ends: what waits is tried once more, for a moment.
    pub async fn close(mut self) {
        self.stop.cancel();
        let _ = (&mut self.task).await;
    }
}

impl Drop for Notices {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

struct Slot {
    target: Target,
    queue: mpsc::Sender<Arc<Message>>,
    /// So many messages found no room.
    lost: u64,
}

struct Desk {
    engine: Handle,
    slots: Vec<Slot>,
    poster: Poster,
    patience: Patience,
    stop: CancellationToken,
    tasks: Tasks,
}

impl Desk {
    async fn run(mut self, mut events: broadcast::Receiver<Event>, mut wanted: watch::Receiver<Vec<Target>>) {
        let stop = self.stop.clone();
        let targets = wanted.borrow_and_update().clone();
        self.arrange(targets);
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                changed = wanted.changed() => {
                    if changed.is_err() {
                        break;
                    }
                    let targets = wanted.borrow_and_update().clone();
                    self.arrange(targets);
                }
                event = events.recv() => match event {
                    Ok(event) => self.heard(event),
                    Err(RecvError::Lagged(missed)) => {
                        tracing::warn!(missed, "too much happened at once; some of it was not told to others");
                    }
                    Err(RecvError::Closed) => break,
                },
            }
        }
        self.stop.cancel();
        self.slots.clear();
        self.tasks.close();
        let _ = timeout(FAREWELL, self.tasks.wait()).await;
    }

    fn arrange(&mut self, targets: Vec<Target>) {
        let mut before = std::mem::take(&mut self.slots);
        for target in targets {
            let slot = match before.iter().position(|slot| slot.target == target) {
                Some(at) => before.swap_remove(at),
                None => self.open(target),
            };
            self.slots.push(slot);
        }
    }

    fn open(&self, target: Target) -> Slot {
        let (queue, waiting) = mpsc::channel(WAITING_MAX);
        let worker = Worker {
            target: target.clone(),
            poster: self.poster.clone(),
            patience: self.patience,
            stop: self.stop.clone(),
        };
        self.tasks.spawn(worker.run(waiting));
        Slot { target, queue, lost: 0 }
    }

    fn heard(&mut self, event: Event) {
        if self.slots.is_empty() {
            return;
        }
        let Some(message) = self.message(event) else { return };
        let message = Arc::new(message);
        for slot in self.slots.iter_mut().filter(|slot| slot.target.topics.contains(&message.topic)) {
            if slot.queue.try_send(message.clone()).is_err() {
                slot.lost += 1;
                tracing::error!(
                    target_name = slot.target.name,
                    lost = slot.lost,
                    "a notice was let go: too many wait for a place that does not take them"
                );
            }
        }
    }

    fn message(&self, event: Event) -> Option<Message> {
        let named = |id| Some((id, self.engine.now().server(id)?.name().to_owned()));
        match event {
            Event::Notice(notice) if notice.topic != Topic::Other => Some(Message {
                id: Uuid::now_v7(),
                at: notice.at,
                topic: notice.topic,
                severity: notice.severity,
                server: notice.server.and_then(named),
                text: notice.text,
                details: notice.details,
            }),
            Event::Joined { at, server, player } => {
                let server = named(server)?;
                Some(Message {
                    id: Uuid::now_v7(),
                    at,
                    topic: Topic::PlayerJoined,
                    severity: Severity::Info,
                    text: format!("{player} joined {}", server.1),
                    server: Some(server),
                    details: String::new(),
                })
            }
            Event::Notice(_) | Event::JobEnded { .. } => None,
        }
    }
}

/// What looks after one target.
struct Worker {
    target: Target,
    poster: Poster,
    patience: Patience,
    stop: CancellationToken,
}

impl Worker {
    async fn run(self, mut waiting: mpsc::Receiver<Arc<Message>>) {
        while let Some(message) = waiting.recv().await {
            self.deliver(&message).await;
        }
    }

    async fn deliver(&self, message: &Message) {
        let name = self.target.name.as_str();
        let mut failed = 0;
        loop {
            let error = match self.poster.post(&self.target, message).await {
                Ok(status) => {
                    let waited = Timestamp::now().duration_since(message.at).as_secs();
                    tracing::debug!(target_name = name, status, waited, topic = message.topic.word(), "told");
                    return;
                }
                Err(error) => error,
            };
            failed += 1;
            if !error.passes() || failed >= self.patience.tries || self.stop.is_cancelled() {
                self.give_up(message, &error);
                return;
            }
            let pause = error.later().unwrap_or_else(|| self.patience.pause(failed));
            tracing::warn!(target_name = name, host = %self.target.address, %error, again_in = ?pause, "a notice did not arrive yet");
            let _ = self.stop.run_until_cancelled(sleep(pause)).await;
        }
    }

    fn give_up(&self, message: &Message, error: &Error) {
        tracing::error!(
            target_name = self.target.name,
            host = %self.target.address,
            topic = message.topic.word(),
            %error,
            "a notice could not be delivered"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_limit() {
        let patience = Patience::default();
        let pauses: Vec<_> = (1..8).map(|failed| patience.pause(failed).as_secs()).collect();
        assert_eq!(pauses, [1, 4, 16, 64, 256, 300, 300]);
        assert_eq!(patience.pause(u32::MAX).as_secs(), 300);
    }
}
