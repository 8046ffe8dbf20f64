//! One task that wakes every server when it asked for it: nothing ticks, whatever the number of servers.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::container::{Key, Status};
use super::world::{Shared, World};

/// How long the state may be held at a stretch, so that answers do not wait for a flood.
const TURN: Duration = Duration::from_millis(2);
/// How long a flooding server waits for a slow reader before it looks again.
const HELD_BACK: Duration = Duration::from_millis(1);

impl World {
    /// Does what is due for one container.
    pub(super) fn wake(&mut self, key: Key) {
        let now = self.now().elapsed;
        let Some(container) = self.containers.get_mut(&key) else { return };
        match container.state.status {
            Status::Running if container.log.presses(now) => self.postpone(key, now + HELD_BACK),
            Status::Running => {
                self.probe(key);
                self.drive(key, |sim, cx| sim.wake(cx));
            }
            Status::Restarting => self.restart_now(key),
            Status::Exited if container.plan.host_config.auto_remove => self.destroy(key, true),
            Status::Created | Status::Paused | Status::Exited => self.reschedule(key),
        }
        // Whoever asks for a time that is past gets its turn after the others, never at once again.
        if self.containers.get(&key).is_some_and(|container| container.wake.is_some_and(|wake| wake <= now)) {
            self.postpone(key, now + Duration::from_micros(1));
        }
    }

    /// Does what is due, for one turn at most; how long to sleep, `None` until somebody acts.
    fn advance(&mut self) -> Option<Duration> {
        let began = Instant::now();
        let now = self.now().elapsed;
        while let Some(key) = self.first_due(now) {
            self.wake(key);
            if began.elapsed() > TURN {
                return Some(Duration::ZERO);
            }
        }
        self.next_due().map(|due| due.saturating_sub(self.now().elapsed))
    }
}

/// Starts the clockwork, unless it runs. It ends with the last handle to the engine.
pub(super) fn ensure(shared: &Arc<Shared>) {
    if shared.clockwork.swap(true, Ordering::AcqRel) {
        return;
    }
    let weak = Arc::downgrade(shared);
    let earlier = shared.earlier.clone();
    tokio::spawn(async move {
        while let Some(shared) = weak.upgrade() {
            let sleep = shared.lock().advance();
            drop(shared);
            match sleep {
                Some(Duration::ZERO) => tokio::task::yield_now().await,
                Some(sleep) => {
                    let _ = tokio::time::timeout(sleep, earlier.notified()).await;
                }
                None => earlier.notified().await,
            }
        }
    });
}
