//! How often a server ended by itself: the rule that tells a crash from a crash loop.

use std::{collections::VecDeque, time::Duration};

use jiff::Timestamp;

/// When a server counts as looping.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LoopRule {
    /// So many ends in a row, at least 2.
    pub exits: u32,
    /// Each after a life shorter than this. A longer one begins the count anew.
    pub life: Duration,
}

impl Default for LoopRule {
    /// Five ends in a row, each within ten minutes of its start: a server that dies every 61 s is caught after five
    /// minutes, one that dies at once after a few seconds.
    fn default() -> Self {
        Self { exits: 5, life: Duration::from_secs(600) }
    }
}

/// The lives that ended by themselves, one after the other.
#[derive(Clone, Debug, Default)]
pub struct Lives {
    ended: VecDeque<Duration>,
}

impl Lives {
    /// Somebody started or stopped it on purpose: the count begins anew.
    pub fn forget(&mut self) {
        self.ended.clear();
    }

    /// How many in a row ended by themselves.
    pub fn ended(&self) -> u32 {
        self.ended.len() as u32
    }

    /// The server ended by itself after living from `started` to `ended`. Returns whether it is looping.
    pub fn end(&mut self, started: Option<Timestamp>, ended: Timestamp, rule: LoopRule) -> bool {
        let life = started
            .and_then(|started| Duration::try_from(ended.duration_since(started)).ok())
            .unwrap_or(Duration::ZERO);
        if life >= rule.life {
            self.ended.clear();
        }
        self.ended.push_back(life);
        while self.ended.len() > rule.exits.max(2) as usize {
            self.ended.pop_front();
        }
        // The first of them may have lived long: it is the restarts after it that loop.
        self.ended.len() >= rule.exits.max(2) as usize
    }

    /// Docker had restarted it `count` times when it was first seen, over a container's whole age. Counts them as
    /// one loop when on average they came faster than the rule allows.
    pub fn seen(&mut self, count: u32, age: Duration, rule: LoopRule) -> bool {
        let looping = count >= rule.exits.max(2) && age / count < rule.life;
        if looping {
            self.ended = std::iter::repeat_n(age / count, rule.exits.max(2) as usize).collect();
        }
        looping
    }

    /// The usual length of a life.
    pub fn typical(&self) -> Duration {
        let mut lives: Vec<_> = self.ended.iter().copied().collect();
        lives.sort();
        lives.get(lives.len() / 2).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    fn run(rule: LoopRule, lives: &[i64]) -> Option<usize> {
        let mut known = Lives::default();
        let mut now = Timestamp::UNIX_EPOCH;
        for (index, seconds) in lives.iter().enumerate() {
            let started = now;
            now += SignedDuration::from_secs(*seconds);
            if known.end(Some(started), now, rule) {
                return Some(index + 1);
            }
        }
        None
    }

    #[test]
    fn fast_and_slow_loops_are_caught() {
        assert_eq!(run(LoopRule::default(), &[0; 9]), Some(5));
        assert_eq!(run(LoopRule::default(), &[61; 9]), Some(5));
        assert_eq!(run(LoopRule::default(), &[599; 9]), Some(5));
    }

    #[test]
    fn a_server_that_now_and_then_crashes_is_not_looping() {
        assert_eq!(run(LoopRule::default(), &[600; 50]), None);
        assert_eq!(run(LoopRule::default(), &[5, 5, 5, 86_400, 5, 5, 5, 86_400]), None);
    }

    #[test]
    fn a_long_life_and_then_a_loop() {
        assert_eq!(run(LoopRule::default(), &[86_400, 5, 5, 5, 5]), Some(5));
    }

    #[test]
    fn restarts_from_before_this_program_ran() {
        let rule = LoopRule::default();
        let day = Duration::from_secs(86_400);
        assert!(!Lives::default().seen(6, 30 * day, rule), "six crashes in a month are none of a loop");
        assert!(Lives::default().seen(1_000, day, rule));
        assert!(!Lives::default().seen(0, day, rule));
    }
}
