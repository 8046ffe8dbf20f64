//! Keeps reading below a rate, so that a backup leaves the disk to the server.

use std::{
    thread,
    time::{Duration, Instant},
};

/// Longest sleep before it is looked whether anybody still waits.
const NAP: Duration = Duration::from_millis(50);
/// How much may be caught up after a pause of the source.
const BURST: Duration = Duration::from_millis(200);

/// A rate, in bytes a second.
pub struct Pace {
    rate: Option<u64>,
    /// When what was read so far may have been read.
    due: Instant,
}

impl Pace {
    /// No rate is no limit.
    pub fn new(rate: Option<u64>) -> Self {
        Self { rate: rate.filter(|rate| *rate > 0), due: Instant::now() }
    }

    /// Counts bytes that were read, and sleeps while they are ahead of the rate, and it is not over.
    pub fn spend(&mut self, bytes: u64, over: impl Fn() -> bool) {
        let Some(rate) = self.rate else { return };
        let now = Instant::now();
        let nanos = u128::from(bytes) * 1_000_000_000 / u128::from(rate);
        let earliest = now.checked_sub(BURST).unwrap_or(now);
        self.due = self.due.max(earliest) + Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX));
        while let Some(ahead) = self.due.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())
            && !over()
        {
            thread::sleep(ahead.min(NAP));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_takes_at_least_its_time() {
        let mut pace = Pace::new(Some(10 << 20));
        let began = Instant::now();
        for _ in 0..16 {
            pace.spend(128 << 10, || false);
        }
        // 2 MiB at 10 MiB/s.
        assert!(began.elapsed() >= Duration::from_millis(199), "{:?}", began.elapsed());
    }

    #[test]
    fn who_sleeps_can_be_stopped() {
        let began = Instant::now();
        Pace::new(Some(1)).spend(1 << 40, || began.elapsed() > 2 * NAP);
        assert!(began.elapsed() > 2 * NAP);
    }
}
