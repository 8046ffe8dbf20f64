//! What a server has planned.

use std::time::Duration;

use super::{Block, Context, Server};

/// Something that is due at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Timer {
    Boot(u8),
    World,
    FlushDone,
    StopDone,
    Crash,
    Watchdog,
    Oom,
    Hang,
    Lag,
    Empty,
    Activity,
    Flood,
}

impl Server {
    /// When to call [`Server::wake`] again, on the driver's monotonic clock; `None`: only after some input.
    #[must_use]
    pub fn next_wake(&self) -> Option<Duration> {
        let allowed = self.timers.iter().filter(|(_, timer)| self.may_fire(*timer));
        allowed.map(|(at, _)| *at).min()
    }

    pub(super) fn at(&mut self, when: Duration, timer: Timer) {
        self.timers.push((when, timer));
    }

    pub(super) fn cancel(&mut self, timer: Timer) {
        self.timers.retain(|(_, other)| *other != timer);
    }

    /// While the main thread is busy only what interrupts it may happen.
    fn may_fire(&self, timer: Timer) -> bool {
        match &self.block {
            None => true,
            Some(Block::Flush(..)) => {
                matches!(timer, Timer::FlushDone | Timer::Watchdog | Timer::Oom | Timer::Hang)
            }
            Some(Block::Hang) => false,
        }
    }

    pub(super) fn take_due(&mut self, now: Duration) -> Option<Timer> {
        let due =
            self.timers.iter().enumerate().filter(|(_, (at, timer))| *at <= now && self.may_fire(*timer));
        let (index, _) = due.min_by_key(|(_, (at, _))| *at)?;
        Some(self.timers.swap_remove(index).1)
    }

    pub(super) fn fire(&mut self, cx: &mut Context<'_>, timer: Timer) {
        match timer {
            Timer::Boot(step) => self.boot(cx, step),
            Timer::World => self.world_turn(cx),
            Timer::FlushDone => self.flush_done(cx),
            Timer::StopDone => self.stop_done(cx),
            Timer::Crash => self.crash(cx, "Practice makes perfect"),
            Timer::Watchdog => self.watchdog(cx),
            Timer::Oom => self.out_of_memory(cx),
            Timer::Hang => self.block = Some(Block::Hang),
            Timer::Lag => self.lag_turn(cx),
            Timer::Empty => self.pause_when_empty(cx),
            Timer::Activity => self.activity_turn(cx),
            Timer::Flood => self.flood_turn(cx),
        }
    }
}
