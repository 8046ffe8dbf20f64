//! When a frame may be drawn: at once after a quiet moment, then only so often.

use std::time::Duration;

use tokio::time::Instant;

use super::app::Urgency;

/// Frames that may follow each other at once after a quiet moment: a key, what it does, and what comes back.
const BURST: u32 = 4;
/// How long figures that change all the time may wait, so that many of them are drawn together.
const SOON: Duration = Duration::from_secs(1);
/// How long a frame waits for what comes back at once. Drawn without it, that would have to wait for the frame.
const ECHO: Duration = Duration::from_millis(2);

/// When a frame may be drawn.
#[derive(Debug)]
pub struct Pace {
    interval: Duration,
    /// When the credit of all frames drawn so far is used up.
    spent_until: Option<Instant>,
    /// Since when something less urgent waits.
    waiting_since: Option<Instant>,
    /// Until when something is expected that belongs into the next frame.
    expected_until: Option<Instant>,
}

impl Pace {
    /// At most so many frames a second (1 to 240) while there is something to draw all the time.
    pub fn new(frame_rate: u32) -> Self {
        let interval = Duration::from_secs(1) / frame_rate.clamp(1, 240);
        Self { interval, spent_until: None, waiting_since: None, expected_until: None }
    }

    /// When what waits may be drawn; `None` when nothing waits.
    pub fn due(&mut self, urgency: Urgency, now: Instant) -> Option<Instant> {
        let free = match self.spent_until {
            Some(spent) => spent.checked_sub(self.interval * (BURST - 1)).unwrap_or(now).max(now),
            None => now,
        };
        let free = self.expected_until.map_or(free, |until| until.max(free));
        match urgency {
            Urgency::None => {
                self.waiting_since = None;
                None
            }
            Urgency::Now => Some(free),
            Urgency::Soon => Some((*self.waiting_since.get_or_insert(now) + SOON).max(free)),
        }
    }

    /// Something was typed whose echo is expected at once: the next frame waits for it, but not long, and no longer where
    /// more is typed meanwhile.
    pub fn expect_echo(&mut self, now: Instant) {
        self.expected_until.get_or_insert(now + ECHO);
    }

    /// It came.
    pub fn echoed(&mut self) {
        self.expected_until = None;
    }

    /// A frame was drawn.
    pub fn drawn(&mut self, now: Instant) {
        let spent = self.spent_until.unwrap_or(now).max(now);
        self.spent_until = Some(spent + self.interval);
        self.waiting_since = None;
        self.expected_until = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_frames_are_drawn_at_once_and_then_only_so_many_a_second() {
        let start = Instant::now();
        let mut pace = Pace::new(30);
        let mut now = start;
        let mut drawn = Vec::new();
        while now < start + Duration::from_secs(2) {
            now = pace.due(Urgency::Now, now).unwrap();
            pace.drawn(now);
            drawn.push(now);
        }
        assert!(drawn[..4].iter().all(|at| *at == start));
        assert!(drawn[4] >= start + Duration::from_millis(33));
        assert!((60..=65).contains(&drawn.len()), "{}", drawn.len());
        let quiet = now + Duration::from_secs(5);
        assert_eq!(pace.due(Urgency::Now, quiet), Some(quiet));
    }

    #[test]
    fn figures_wait_for_each_other() {
        let start = Instant::now();
        let mut pace = Pace::new(30);
        assert_eq!(pace.due(Urgency::None, start), None);
        assert_eq!(pace.due(Urgency::Soon, start), Some(start + SOON));
        let later = start + Duration::from_millis(300);
        assert_eq!(pace.due(Urgency::Soon, later), Some(start + SOON));
        assert_eq!(pace.due(Urgency::Now, later), Some(later));
        pace.drawn(later);
        assert_eq!(pace.due(Urgency::Soon, later), Some(later + SOON));
    }

    #[test]
    fn a_frame_waits_a_little_for_an_echo() {
        let start = Instant::now();
        let mut pace = Pace::new(30);
        pace.expect_echo(start);
        assert_eq!(pace.due(Urgency::Now, start), Some(start + ECHO));
        pace.echoed();
        assert_eq!(pace.due(Urgency::Now, start), Some(start));
        // It never comes, however much is typed.
        pace.expect_echo(start);
        pace.expect_echo(start + ECHO / 2);
        let late = start + ECHO;
        assert_eq!(pace.due(Urgency::Now, late), Some(late));
        pace.drawn(late);
        assert_eq!(pace.due(Urgency::Now, late), Some(late));
    }
}
