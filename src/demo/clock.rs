//! The engine's clocks: one that never goes back, and the wall's to the nanosecond.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use jiff::Timestamp;

/// How old the monotonic clock is when the engine starts, so that servers can have been started before it.
pub(super) const AGE: Duration = Duration::from_secs(400 * 24 * 3600);

/// One moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment {
    /// On the monotonic clock.
    pub(super) elapsed: Duration,
    /// Nanoseconds since 1970.
    pub(super) nanos: i64,
}

/// Both clocks, bound together so that they cannot drift apart.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    zero: Instant,
    wall_zero: i64,
}

impl Clock {
    pub(super) fn start() -> Self {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { zero: Instant::now(), wall_zero: i64::try_from(wall.as_nanos()).unwrap_or(0) }
    }

    pub(super) fn now(&self) -> Moment {
        self.at(AGE + self.zero.elapsed())
    }

    /// The moment at which the monotonic clock shows `elapsed`.
    pub(super) fn at(&self, elapsed: Duration) -> Moment {
        let signed = |time: Duration| i64::try_from(time.as_nanos()).unwrap_or(i64::MAX);
        Moment { elapsed, nanos: self.wall_zero.saturating_add(signed(elapsed) - signed(AGE)) }
    }
}

impl Moment {
    /// As the practice server wants it.
    pub(super) fn practice(self) -> practice::clock::Now {
        practice::clock::Now {
            elapsed: self.elapsed,
            unix_ms: u64::try_from(self.nanos / 1_000_000).unwrap_or(0),
        }
    }
}

/// A time as Docker writes it; 0 is Go's zero time, which means never.
pub(super) fn text(nanos: i64) -> String {
    if nanos == 0 {
        return "0001-01-01T00:00:00Z".to_owned();
    }
    Timestamp::from_nanosecond(i128::from(nanos)).unwrap_or(Timestamp::UNIX_EPOCH).to_string()
}

/// Writes times with always nine digits, as a log has them. Remembers the last second, because most lines share it.
#[derive(Debug, Default)]
pub(super) struct Stamp {
    second: i64,
    text: String,
}

impl Stamp {
    pub(super) fn write(&mut self, nanos: i64, out: &mut Vec<u8>) {
        let (second, rest) = (nanos.div_euclid(1_000_000_000), nanos.rem_euclid(1_000_000_000));
        if self.text.is_empty() || second != self.second {
            let whole = Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH);
            self.text = whole.to_string().trim_end_matches('Z').to_owned();
            self.second = second;
        }
        out.extend_from_slice(self.text.as_bytes());
        out.push(b'.');
        let mut digits = [b'0'; 9];
        let mut rest = rest;
        for digit in digits.iter_mut().rev() {
            *digit += u8::try_from(rest % 10).unwrap_or(0);
            rest /= 10;
        }
        out.extend_from_slice(&digits);
        out.extend_from_slice(b"Z ");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_docker_does() {
        assert_eq!(text(0), "0001-01-01T00:00:00Z");
        assert_eq!(text(1_767_323_045_678_901_234), "2026-01-02T03:04:05.678901234Z");
        let mut out = Vec::new();
        let mut stamp = Stamp::default();
        stamp.write(1_767_323_045_000_000_009, &mut out);
        stamp.write(1_767_323_046_120_000_000, &mut out);
        assert_eq!(out, b"2026-01-02T03:04:05.000000009Z 2026-01-02T03:04:06.120000000Z ");
    }

    #[test]
    fn both_clocks_move_together() {
        let clock = Clock::start();
        let now = clock.now();
        let earlier = clock.at(now.elapsed - Duration::from_secs(60));
        assert_eq!(now.nanos - earlier.nanos, 60_000_000_000);
    }
}
