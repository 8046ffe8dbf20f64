//! When a game is asked how long its ticks take: now and then, and seldom where it does not say.

use std::time::Duration;

use tokio::time::Instant;

/// How often a game that answers is asked.
const CALM: Duration = Duration::from_secs(10);
/// The longest pause of one that does not; it doubles up to that.
const SLOWEST: Duration = Duration::from_secs(320);
/// How long an answer may take: commands of people wait behind it.
pub const PATIENCE: Duration = Duration::from_secs(1);

/// When the next time is.
pub struct Asking {
    pause: Duration,
    at: Instant,
}

impl Asking {
    /// From now on.
    pub fn new() -> Self {
        Self { pause: CALM, at: Instant::now() + step(CALM) }
    }

    /// Waits until the next time. Cancel-safe.
    pub async fn due(&self) {
        tokio::time::sleep_until(self.at).await;
    }

    /// It was asked, and said something or not.
    pub fn asked(&mut self, answered: bool) {
        self.pause = if answered { CALM } else { (self.pause * 2).min(SLOWEST) };
        self.at = Instant::now() + step(self.pause);
    }
}

/// A pause that ends with those of all others, so that dozens of servers do not wake the program one by one.
fn step(pause: Duration) -> Duration {
    let now = jiff::Timestamp::now().as_millisecond().unsigned_abs();
    let calm = CALM.as_millis() as u64;
    pause.saturating_sub(Duration::from_millis(now % calm)).max(Duration::from_secs(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn one_that_does_not_answer_is_asked_ever_more_seldom() {
        let mut asking = Asking::new();
        let mut pauses = Vec::new();
        for answered in [false, false, false, false, false, false, false, true, true] {
            let began = Instant::now();
            asking.due().await;
            pauses.push(began.elapsed().as_secs());
            asking.asked(answered);
        }
        // In step with the others, so at most ten seconds earlier.
        for (pause, wanted) in pauses.iter().zip([10, 20, 40, 80, 160, 320, 320, 320, 10]) {
            assert!((wanted.max(12) - 10..=wanted).contains(pause), "{pauses:?}");
        }
    }
}
