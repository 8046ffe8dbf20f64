//! How fast a job moves bytes, from how far it says that it is.

use std::time::{Duration, Instant};

/// Two looks that are nearer to each other tell more about the clock than about the job.
const LEAST: Duration = Duration::from_millis(200);
/// How long a look back the rate is of: long enough to be calm, short enough to follow a change.
const MEMORY: f64 = 5.0;

/// The rate of one job.
#[derive(Debug, Default)]
pub struct Speed {
    step: String,
    last: Option<(Instant, u64)>,
    /// Bytes a second.
    rate: Option<f64>,
}

impl Speed {
    /// Notes how many bytes a step has moved, and tells how many a second it moves now; `None` until that is known.
    pub fn note(&mut self, step: &str, done: u64, now: Instant) -> Option<u64> {
        let begins = self.step != step || self.last.is_some_and(|(_, before)| done < before);
        if begins {
            *self = Self { step: step.to_owned(), last: None, rate: None };
        }
        let Some((at, before)) = self.last else {
            self.last = Some((now, done));
            return None;
        };
        let passed = now.saturating_duration_since(at);
        if passed >= LEAST {
            let seconds = passed.as_secs_f64();
            let fresh = (done - before) as f64 / seconds;
            // As much of what was known before counts as is younger than the memory.
            let kept = (-seconds / MEMORY).exp();
            self.rate = Some(self.rate.map_or(fresh, |old| old * kept + fresh * (1.0 - kept)));
            self.last = Some((now, done));
        }
        self.rate.map(|rate| rate as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_that_of_the_last_seconds_and_of_this_step() {
        let (began, mut speed) = (Instant::now(), Speed::default());
        let at = |seconds: u64| began + Duration::from_secs(seconds);
        assert_eq!(speed.note("copying", 0, at(0)), None);
        assert_eq!(speed.note("copying", 1_000, at(1)), Some(1_000));
        assert_eq!(speed.note("copying", 1_001, at(1)), Some(1_000), "too soon to tell");
        for second in 2..=60 {
            speed.note("copying", 1_000 + (second - 1) * 500, at(second));
        }
        let rate = speed.note("copying", 31_000, at(61)).unwrap();
        assert!((500..=505).contains(&rate), "{rate}");
        assert_eq!(speed.note("reading it back", 40_000, at(62)), None);
        assert_eq!(speed.note("reading it back", 10, at(63)), None, "it began anew");
        assert_eq!(speed.note("reading it back", 30, at(64)), Some(20));
    }
}
