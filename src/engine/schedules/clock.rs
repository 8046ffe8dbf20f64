//! What the scheduler takes for the time: the machine's clock, or one that a test sets.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

/// How often the machine's clock is looked at while a time is waited for: it can be set at any moment, and a machine that
/// slept goes on where it was.
const LOOK: Duration = Duration::from_secs(15);
/// So much a clock may be corrected without anybody speaking of it being set back.
const SLACK: SignedDuration = SignedDuration::from_secs(1);

/// A clock. Cheap to clone; clones show the same.
#[derive(Clone, Debug, Default)]
pub struct Clock(Option<watch::Receiver<Timestamp>>);

impl Clock {
    /// The machine's.
    pub fn system() -> Self {
        Self(None)
    }

    /// One that shows what is sent here. It stands still when the sender is gone.
    pub fn driven(shown: watch::Receiver<Timestamp>) -> Self {
        Self(Some(shown))
    }

    /// What it shows.
    pub fn now(&self) -> Timestamp {
        self.0.as_ref().map_or_else(Timestamp::now, |shown| *shown.borrow())
    }

    /// Waits until it shows this time or a later one, or was set back meanwhile: whoever asked looks at it again.
    /// Cancel-safe.
    pub async fn until(&self, at: Timestamp) {
        let begin = self.now();
        let over = |now: Timestamp| now >= at || begin.duration_since(now) > SLACK;
        match &self.0 {
            Some(shown) => {
                if shown.clone().wait_for(|now| over(*now)).await.is_err() {
                    std::future::pending().await
                }
            }
            None => loop {
                let now = Timestamp::now();
                if over(now) {
                    return;
                }
                let wait = Duration::try_from(at.duration_since(now)).unwrap_or_default();
                tokio::time::sleep(wait.min(LOOK)).await;
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[tokio::test]
    async fn a_wait_ends_at_its_time_and_when_the_clock_is_set_back() {
        let (hand, shown) = watch::channel(at(100));
        let clock = Clock::driven(shown);
        let waiting = |to: i64| {
            let clock = clock.clone();
            tokio::spawn(async move { clock.until(at(to)).await })
        };
        clock.until(at(100)).await;
        let wait = waiting(200);
        hand.send_replace(at(199));
        tokio::task::yield_now().await;
        assert!(!wait.is_finished());
        hand.send_replace(at(201));
        wait.await.unwrap();
        let wait = waiting(1_000);
        tokio::task::yield_now().await;
        hand.send_replace(at(50));
        wait.await.unwrap();
        assert_eq!(clock.now(), at(50));
    }

    #[tokio::test]
    async fn the_machines_own_clock_runs() {
        let clock = Clock::system();
        let soon = Timestamp::now() + SignedDuration::from_millis(20);
        clock.until(soon).await;
        assert!(clock.now() >= soon);
    }
}
