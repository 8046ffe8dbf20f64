//! How long to wait before the next attempt.

use std::time::Duration;

use rand::RngExt;

/// Doubles from a quarter of a second to fifteen seconds, each a little different, so that many do not come at once.
#[derive(Debug)]
pub struct BackOff {
    next: Duration,
}

const FIRST: Duration = Duration::from_millis(250);
const LAST: Duration = Duration::from_secs(15);

impl Default for BackOff {
    fn default() -> Self {
        Self { next: FIRST }
    }
}

impl BackOff {
    /// It worked: the next loss begins with a short wait again.
    pub fn reset(&mut self) {
        self.next = FIRST;
    }

    /// How long to wait now.
    pub fn wait(&mut self) -> Duration {
        let wait = self.next.mul_f64(rand::rng().random_range(0.8..1.2));
        self.next = (self.next * 2).min(LAST);
        wait
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grows_to_a_limit_and_begins_anew() {
        let mut back_off = BackOff::default();
        let waits: Vec<_> = (0..20).map(|_| back_off.wait()).collect();
        assert!(waits[0] < Duration::from_millis(301));
        assert!(waits.iter().all(|wait| *wait <= LAST.mul_f64(1.2)));
        assert!(waits[19] >= LAST.mul_f64(0.8));
        back_off.reset();
        assert!(back_off.wait() < Duration::from_millis(301));
    }
}
