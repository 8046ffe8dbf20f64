//! Who is on a server, from its log and its answers.

use std::{collections::BTreeSet, sync::Arc};

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
}

impl Roster {
    /// A line of the log told something. Returns whether anything changed.
    pub fn tell(&mut self, told: &Told) -> bool {
        match told {
            Told::Joined(name) if self.names.len() < NAMES_MAX => {
                let new = self.names.insert(text::plain(name, 64));
                if let Some((online, _)) = &mut self.counted {
                    *online += u32::from(new);
                }
                new
            }
            Told::Left(name) => {
                let gone = self.names.remove(&text::plain(name, 64));
                if let Some((online, _)) = &mut self.counted {
                    *online = online.saturating_sub(u32::from(gone));
                }
                gone
            }
            Told::Listed(online, max, names) => {
                let names: BTreeSet<_> =
                    names.iter().take(NAMES_MAX).map(|name| text::plain(name, 64)).collect();
                let changed = names != self.names || self.counted != Some((*online, *max));
                (self.names, self.counted) = (names, Some((*online, *max)));
                changed
            }
            _ => false,
        }
    }

    /// The game answered. Returns whether anything changed.
    pub fn answer(&mut self, probe: &Probe) -> bool {
        let (Some(online), Some(max)) = (probe.online, probe.max) else { return false };
        let changed = self.counted != Some((online, max));
        self.counted = Some((online, max));
        if online == 0 {
            self.names.clear();
        }
        changed
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

    fn answer(online: u32) -> Probe {
        Probe { online: Some(online), max: Some(20), version: None, suspended: false }
    }

    #[test]
    fn joins_and_leaves_move_the_count_between_answers() {
        let mut roster = Roster::default();
        assert!(roster.answer(&answer(0)));
        assert!(roster.tell(&Told::Joined("Alice".into())));
        assert!(!roster.tell(&Told::Joined("Alice".into())), "told twice, as the log does");
        assert_eq!(roster.players().unwrap().online, 1);
        assert!(roster.tell(&Told::Left("Alice".into())));
        assert!(!roster.tell(&Told::Left("Bob".into())));
        assert_eq!(*roster.players().unwrap(), Players { online: 0, max: 20, names: vec![] });
    }

    #[test]
    fn a_flood_of_joins_is_bounded() {
        let mut roster = Roster::default();
        (0..5_000).for_each(|n| {
            roster.tell(&Told::Joined(format!("p{n}")));
        });
        assert_eq!(roster.players().unwrap().names.len(), NAMES_MAX);
    }
}
