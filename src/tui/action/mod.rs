//! The registry of everything that a person can do. Keys, mouse, footer, help, palette, manual page and docs are made
//! from it. An action is an entry in [`list`], and what it does in `app/perform/`.

mod list;
mod place;
mod when;

use std::fmt;

pub use list::{ALL, Action};
pub use place::Place;
pub use when::{Fact, Facts, Scene, When};

/// What an action does to the world.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Impact {
    /// Only what is on the screen.
    Looks,
    /// A server or job: not in read-only mode.
    Changes,
    /// It can lose something: asks first, and keys for it are held to stricter rules.
    Destroys,
}

/// An entry of the registry.
#[derive(Clone, Copy, Debug)]
pub struct Info {
    /// The action.
    pub action: Action,
    /// Its name in keymaps.
    pub id: &'static str,
    /// One or two words, for the footer.
    pub title: &'static str,
    /// A sentence, for help and palette.
    pub about: &'static str,
    /// Where it applies. The panels' shared movements apply in several places.
    pub places: &'static [Place],
    /// What it does to the world.
    pub impact: Impact,
    /// Its rank among the keys that the footer shows, 1 comes first; 0 is not shown.
    pub rank: u8,
    /// Where the footer shows it; all of its places where this is empty, and all panels where it applies everywhere.
    pub shown: &'static [Place],
}

impl Action {
    /// Its entry.
    pub fn info(self) -> &'static Info {
        &ALL[self as usize]
    }

    /// The action that a keymap names.
    pub fn named(id: &str) -> Option<Self> {
        ALL.iter().find(|info| info.id == id).map(|info| info.action)
    }

    /// Whether it applies in a place.
    pub fn applies_in(self, place: Place) -> bool {
        let places = self.info().places;
        places.contains(&place) || places.contains(&Place::Everywhere)
    }

    /// Whether it is offered where one cannot see under it: movements and what belongs to an open dialog are not.
    pub fn is_offered(self) -> bool {
        let places = self.info().places;
        self != Self::Palette
            && ![Place::Dialog, Place::Console, Place::Filter].iter().any(|place| places.contains(place))
    }
}

/// What the footer shows in a place, the most important first.
pub fn footer(place: Place) -> Vec<Action> {
    let shown = |info: &&Info| match info.shown {
        [] if info.places.contains(&Place::Everywhere) => ![Place::Filter, Place::Dialog].contains(&place),
        [] => info.places.contains(&place),
        shown => shown.contains(&place),
    };
    let mut infos: Vec<_> = ALL.iter().filter(|info| info.rank > 0).filter(shown).collect();
    infos.sort_by_key(|info| info.rank);
    infos.into_iter().map(|info| info.action).collect()
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.info().id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_stands_at_its_own_place_and_has_words() {
        for (index, info) in ALL.iter().enumerate() {
            assert_eq!(info.action as usize, index);
            assert_eq!(Action::named(info.id), Some(info.action), "{} is there twice", info.id);
            assert!(!info.title.is_empty() && info.about.len() > info.title.len(), "{}", info.id);
        }
    }

    #[test]
    fn the_footer_begins_with_help_and_shows_what_belongs_to_the_place() {
        for place in Place::ALL.iter().filter(|place| ![Place::Filter, Place::Dialog].contains(place)) {
            let shown = footer(*place);
            assert_eq!(shown[0], Action::Help, "{place}");
            assert!(shown.iter().all(|action| action.applies_in(*place)), "{place}");
        }
        assert!(footer(Place::Jobs).contains(&Action::CancelJob));
        assert!(!footer(Place::Console).contains(&Action::Create));
    }

    #[test]
    fn an_unknown_name_is_no_action() {
        assert_eq!(Action::named("server.explode"), None);
        assert_eq!(Place::named("nowhere"), None);
    }
}
