//! When a disk will be full: a straight line through what was free over the last day.

use std::{collections::VecDeque, time::Duration};

use jiff::Timestamp;

/// Between two measurements that are kept.
const STEP: i64 = 5 * 60;
/// So many are kept: a day of them, so that a backup each night and the removal of an old one weigh as they should.
const KEPT: usize = 288;
/// Less than this tells no trend: a single backup looks like a flood for a while.
const LEAST: i64 = 2 * 3_600;
/// A disk that takes longer than this does not fill, in any sense that helps a person.
const NEVER: f64 = 10.0 * 365.0 * 86_400.0;

/// What was free, and when.
#[derive(Default)]
pub struct Trend {
    points: VecDeque<(i64, u64)>,
    /// The last measurement, where it came too soon to be kept.
    last: Option<(i64, u64)>,
}

impl Trend {
    /// Takes a measurement. A clock that was set back makes it begin anew.
    pub fn note(&mut self, now: Timestamp, free: u64) {
        let now = now.as_second();
        match self.points.back() {
            Some((before, _)) if now < *before => self.points.clear(),
            Some((before, _)) if now - before < STEP => {
                self.last = Some((now, free));
                return;
            }
            _ => {}
        }
        if self.points.len() == KEPT {
            self.points.pop_front();
        }
        self.points.push_back((now, free));
        self.last = None;
    }

    /// In what time nothing will be free. `None` where the disk does not fill, or too little is known.
    pub fn full_in(&self) -> Option<Duration> {
        let all = || self.points.iter().chain(&self.last).copied();
        let (first, _) = all().next()?;
        let (last, free) = all().last()?;
        if last - first < LEAST {
            return None;
        }
        // Least squares, around the means so that large numbers do not drown small ones.
        let count = all().count() as f64;
        let time = |at: i64| (at - first) as f64;
        let mean = |sum: f64| sum / count;
        let (mid_time, mid_free) =
            (mean(all().map(|(at, _)| time(at)).sum()), mean(all().map(|(_, free)| free as f64).sum()));
        let (mut both, mut square) = (0.0, 0.0);
        for (at, free) in all() {
            let away = time(at) - mid_time;
            both += away * (free as f64 - mid_free);
            square += away * away;
        }
        let slope = both / square;
        let seconds = free as f64 / -slope;
        (slope < 0.0 && seconds < NEVER).then(|| Duration::from_secs_f64(seconds.max(0.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    /// Measured each minute for `hours`, as `free` says for each minute.
    fn after(hours: u64, free: impl Fn(u64) -> u64) -> Option<f64> {
        let mut trend = Trend::default();
        for minute in 0..=hours * 60 {
            trend.note(Timestamp::from_second(1_000_000 + minute as i64 * 60).unwrap(), free(minute));
        }
        assert!(trend.points.len() <= KEPT);
        trend.full_in().map(|time| time.as_secs_f64() / 3_600.0)
    }

    fn near(found: Option<f64>, wanted: f64) {
        let found = found.unwrap();
        assert!((found / wanted - 1.0).abs() < 0.05, "{found} hours instead of {wanted}");
    }

    #[test]
    fn a_steady_loss_ends_when_it_ends() {
        near(after(3, |minute| (10_000 - minute) * MIB), (10_000.0 - 180.0) / 60.0);
        // Only the last day counts.
        near(after(72, |minute| (100_000 - minute.max(2_000)) * MIB), (100_000.0 - 4_320.0) / 60.0);
    }

    #[test]
    fn too_little_is_no_trend() {
        assert_eq!(after(1, |minute| (10_000 - minute) * MIB), None);
        assert_eq!(Trend::default().full_in(), None);
    }

    #[test]
    fn what_does_not_fill_is_not_full() {
        assert_eq!(after(5, |_| 10_000 * MIB), None);
        assert_eq!(after(5, |minute| (10_000 + minute) * MIB), None);
        assert_eq!(after(5, |minute| 1_000_000_000 * MIB - minute), None, "in three thousand years");
    }

    #[test]
    fn a_backup_each_hour_that_retention_takes_away_again_is_no_flood() {
        // Half of each hour 100 MiB more are used; what stays is 1 MiB an hour.
        let free = |minute: u64| (50_000 - minute / 60 - if minute % 60 < 30 { 100 } else { 0 }) * MIB;
        let hours = after(24, free).unwrap();
        assert!(hours > 15_000.0, "{hours}");
    }

    #[test]
    fn a_full_disk_that_still_fills_is_full_now() {
        let hours = after(3, |minute| 150u64.saturating_sub(minute) * MIB).unwrap();
        assert!(hours < 0.01, "{hours}");
    }

    #[test]
    fn a_clock_that_is_set_back_begins_anew() {
        let mut trend = Trend::default();
        for second in [1_000_000, 1_010_000, 500_000] {
            trend.note(Timestamp::from_second(second).unwrap(), 10);
        }
        assert_eq!((trend.points.len(), trend.full_in()), (1, None));
    }
}
