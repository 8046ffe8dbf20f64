//! Conditions of a key: a place, and what must be so there.

use std::{fmt, str::FromStr};

use super::Place;

macro_rules! facts {
    ($($(#[doc = $doc:literal])+ $variant:ident $word:literal $about:literal),+ $(,)?) => {
        /// Something that is so or not, on which a key's meaning may depend.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Fact { $($(#[doc = $doc])+ $variant),+ }

        impl Fact {
            /// Every fact.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// As `when` in a keymap names it.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// What it says, for the docs.
            pub fn about(self) -> &'static str {
                match self { $(Self::$variant => $about),+ }
            }
        }
    };
}

facts! {
    /// What has the focus shows only what contains a text.
    Filtered "filtered" "what has the focus shows only what contains a text",
    /// Messages lie over the panels.
    Messages "messages" "messages lie over the panels",
    /// The focused panel has the whole screen.
    Zoomed "zoomed" "a panel has the whole screen",
    /// The log was scrolled up, so that it does not follow.
    Scrolled "scrolled" "the log was scrolled up and does not follow",
    /// Something is looked for in the log.
    Searched "searched" "something is looked for in the log",
    /// A line of the log has the cursor.
    Selected "selected" "a line of the log has the cursor, or lines are selected",
    /// Nothing may be changed.
    ReadOnly "read-only" "nothing may be changed",
}

/// A set of facts.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Facts(u32);

impl Facts {
    /// None.
    pub const NONE: Self = Self(0);

    /// With this one, where it is so.
    #[must_use]
    pub fn with(self, fact: Fact, is_so: bool) -> Self {
        if is_so { Self(self.0 | 1 << fact as u32) } else { self }
    }

    /// Whether it has this one.
    pub fn has(self, fact: Fact) -> bool {
        self.0 & 1 << fact as u32 != 0
    }

    /// Whether it has all of these.
    pub fn has_all(self, others: Self) -> bool {
        self.0 & others.0 == others.0
    }

    /// Whether it has any of these.
    pub fn has_any(self, others: Self) -> bool {
        self.0 & others.0 != 0
    }

    fn count(self) -> u32 {
        self.0.count_ones()
    }
}

impl fmt::Debug for Facts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(Fact::ALL.iter().filter(|fact| self.has(**fact))).finish()
    }
}

/// Where a person is, and what is so there. What a key means is a function of this.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Scene {
    /// Where.
    pub place: Place,
    /// What is so.
    pub facts: Facts,
}

impl Scene {
    /// A place in which nothing in particular is so.
    pub fn plain(place: Place) -> Self {
        Self { place, facts: Facts::NONE }
    }
}

/// When a key holds: `servers`, `servers & filtered`, `log & !scrolled`, `messages`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct When {
    /// Where.
    pub place: Place,
    /// What must be so.
    pub needs: Facts,
    /// What must not be so.
    pub lacks: Facts,
}

impl When {
    /// Always, in a place.
    pub fn at(place: Place) -> Self {
        Self { place, needs: Facts::NONE, lacks: Facts::NONE }
    }

    /// Whether it holds.
    pub fn holds(self, scene: Scene) -> bool {
        (self.place == Place::Everywhere || self.place == scene.place)
            && scene.facts.has_all(self.needs)
            && !scene.facts.has_any(self.lacks)
    }

    /// Whether it names no fact.
    pub fn is_plain(self) -> bool {
        self.weight_of_facts() == 0
    }

    /// The more it says, the more it counts: a place before everywhere, then the number of facts.
    pub fn weight(self) -> u32 {
        u32::from(self.place != Place::Everywhere) * 1_000 + self.weight_of_facts()
    }

    fn weight_of_facts(self) -> u32 {
        self.needs.count() + self.lacks.count()
    }

    /// The barest scene in which it holds in a place.
    pub fn scene(self, place: Place) -> Scene {
        Scene { place, facts: self.needs }
    }
}

impl FromStr for When {
    type Err = String;

    /// A place, facts, or both, with `&` between them and `!` before what must not be so. The error says what is not
    /// understood.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut when = Self::at(Place::Everywhere);
        let mut placed = false;
        for part in text.split('&').map(str::trim) {
            let (word, negated) = part.strip_prefix('!').map_or((part, false), |word| (word.trim(), true));
            if let Some(fact) = Fact::ALL.iter().find(|fact| fact.word() == word) {
                let facts = if negated { &mut when.lacks } else { &mut when.needs };
                *facts = facts.with(*fact, true);
                continue;
            }
            match Place::named(word) {
                Some(_) if negated => return Err(format!("{part:?}: only a fact can be negated")),
                Some(place) if placed => {
                    return Err(format!("nobody is in {} and in {place} at once", when.place));
                }
                Some(place) => (when.place, placed) = (place, true),
                None => {
                    return Err(format!(
                        "no place and no fact is called {word:?}; the places are {}, the facts {}",
                        list(Place::ALL.iter().map(|place| place.word())),
                        list(Fact::ALL.iter().map(|fact| fact.word()))
                    ));
                }
            }
        }
        if when.needs.has_any(when.lacks) {
            return Err(format!("{text:?} is never so"));
        }
        Ok(when)
    }
}

fn list(words: impl Iterator<Item = &'static str>) -> String {
    words.collect::<Vec<_>>().join(", ")
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.place.word())?;
        for fact in Fact::ALL {
            if self.needs.has(*fact) {
                write!(f, " & {}", fact.word())?;
            }
            if self.lacks.has(*fact) {
                write!(f, " & !{}", fact.word())?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_is_read_written_and_held_against_a_scene() {
        let when: When = "log & !scrolled & messages".parse().unwrap();
        assert_eq!(when.to_string(), "log & messages & !scrolled");
        assert_eq!("messages".parse::<When>().unwrap().to_string(), "everywhere & messages");
        let facts = Facts::NONE.with(Fact::Messages, true);
        assert!(when.holds(Scene { place: Place::Log, facts }));
        assert!(!when.holds(Scene { place: Place::Jobs, facts }));
        assert!(!when.holds(Scene::plain(Place::Log)));
        assert!(!when.holds(Scene { place: Place::Log, facts: facts.with(Fact::Scrolled, true) }));
        assert!(when.weight() > When::at(Place::Log).weight());
        assert!(When::at(Place::Log).weight() > "messages & zoomed".parse::<When>().unwrap().weight());
    }

    #[test]
    fn what_cannot_be_is_told() {
        let error = |text: &str| text.parse::<When>().unwrap_err();
        assert_eq!(error("log & servers"), "nobody is in log and in servers at once");
        assert_eq!(error("!log"), "\"!log\": only a fact can be negated");
        assert_eq!(error("zoomed & !zoomed"), "\"zoomed & !zoomed\" is never so");
        assert!(
            error("kitchen")
                .starts_with("no place and no fact is called \"kitchen\"; the places are everywhere,")
        );
        assert!(error("").contains("\"\""));
    }
}
