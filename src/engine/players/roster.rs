//! Who is on a server, from its log and its answers.

use std::{collections::BTreeSet, sync::Arc};

use jiff::Timestamp;

use crate::{
    engine::fact::{Probe, Told},
    minecraft::text,
    model::Players,
};

/// Most names that are kept of one server: a log full of made-up joins must not fill the memory.
const NAMES_MAX: usize = 1_000;

/// Who is on a server. The log gives names, the answers to probes give counts; where they differ, the counts win.
#[derive(Clone, Debug, Default)]
pub struct Roster {
    names: BTreeSet<String>,
    counted: Option<(u32, u32)>,
    /// When it was counted. Whoever had joined by then is in the count, though the line that says so may be read later.
    counted_at: Timestamp,
}

impl Roster {
    /// A line of the log, written at `at`, told something. Returns whether anything changed.
    pub fn tell(&mut self, at: Timestamp, told: &Told) -> bool {
        let counts = at > self.counted_at;
        match told {
            Told::Joined(name) if self.names.len() < NAMES_MAX => {
                let new = self.names.insert(text::plain(name, 64));
                if let Some((online, _)) = self.counted.as_mut().filter(|_| counts) {
                    *online += u32::from(new);
                }
                new
            }
            Told::Left(name) => {
                let gone = self.names.remove(&text::plain(name, 64));
                if let Some((online, _)) = self.counted.as_mut().filter(|_| counts) {
                    *online = online.saturating_sub(u32::from(gone));
                }
                gone
            }
            Told::Listed(online, max, names) => {
                if !counts {
                    return false;
                }
                self.counted_at = at;
                let names: BTreeSet<_> =
                    names.iter().take(NAMES_MAX).map(|name| text::plain(name, 64)).collect();
                let changed = names != self.names || self.counted != Some((*online, *max));
                (self.names, self.counted) = (names, Some((*online, *max)));
                changed
            }
            _ => false,
        }
    }

    /// The game answered at `at`. Returns whether anything changed.
    pub fn answer(&mut self, at: Timestamp, probe: &Probe) -> bool {
        let (Some(online), Some(max)) = (probe.online, probe.max) else { return false };
        let changed = self.counted != Some((online, max));
        (self.counted, self.counted_at) = (Some((online, max)), at);
        if online == 0 {
            self.names.clear();
        }
        changed
    }

    /// How many are on it; `None` while nothing is known.
    pub fn online(&self) -> Option<u32> {
        match self.counted {
            Some((online, _)) => Some(online),
            None => (!self.names.is_empty()).then_some(self.names.len() as u32),
        }
    }

    /// Who is on it; `None` while nothing is known.
    pub fn players(&self) -> Option<Arc<Players>> {
        let (online, max) = match self.counted {
            Some(counted) => counted,
            None if self.names.is_empty() => return None,
            None => (self.names.len() as u32, 0),
        };
        Some(Arc::new(Players { online, max, names: self.names.iter().cloned().collect() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::constant(second, 0)
    }

    fn answer(online: u32) -> Probe {
        Probe { online: Some(online), max: Some(20), version: None, suspended: false, latency: None }
    }

    #[test]
    fn joins_and_leaves_move_the_count_between_answers() {
        let mut roster = Roster::default();
        assert!(roster.answer(at(1), &answer(0)));
        assert!(roster.tell(at(2), &Told::Joined("Alice".into())));
        assert!(!roster.tell(at(2), &Told::Joined("Alice".into())), "told twice, as the log does");
        assert_eq!(roster.players().unwrap().online, 1);
        assert!(roster.tell(at(2), &Told::Left("Alice".into())));
        assert!(!roster.tell(at(2), &Told::Left("Bob".into())));
        assert_eq!(*roster.players().unwrap(), Players { online: 0, max: 20, names: vec![] });
    }

    #[test]
    fn a_join_that_is_read_after_it_was_counted_counts_once() {
        let mut roster = Roster::default();
        roster.answer(at(5), &answer(2));
        assert!(roster.tell(at(3), &Told::Joined("Alice".into())));
        assert!(roster.tell(at(4), &Told::Joined("Bob".into())));
        let players = roster.players().unwrap();
        assert_eq!((players.online, players.names.len()), (2, 2));
        assert!(roster.tell(at(6), &Told::Joined("Carol".into())));
        assert_eq!(roster.players().unwrap().online, 3);
    }

    #[test]
    fn a_flood_of_joins_is_bounded() {
        let mut roster = Roster::default();
        (0..5_000).for_each(|n| {
            roster.tell(at(2), &Told::Joined(format!("p{n}")));
        });
        assert_eq!(roster.players().unwrap().names.len(), NAMES_MAX);
    }
}
