//! Plain text that is looked for, without regard to case unless it has a capital.

use std::ops::Range;

/// Longest text that is looked for, in characters.
pub const NEEDLE_MAX: usize = 256;

/// What is looked for. Never empty.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Needle {
    text: String,
    /// In lower case, unless case matters.
    folded: Vec<char>,
    exact: bool,
}

impl Needle {
    /// The first [`NEEDLE_MAX`] characters of `text`; `None` when there are none. Case matters when one of them is
    /// a capital.
    pub fn new(text: &str) -> Option<Self> {
        let text: String = text.chars().take(NEEDLE_MAX).collect();
        let exact = text.chars().any(char::is_uppercase);
        let folded = text.chars().flat_map(char::to_lowercase).collect();
        (!text.is_empty()).then_some(Self { text, folded, exact })
    }

    /// As it was typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether `hay` holds it.
    pub fn is_in(&self, hay: &str) -> bool {
        self.find(hay, 0).is_some()
    }

    /// Every place in `hay` where it is, in bytes, left to right, none over another.
    pub fn places<'a>(&'a self, hay: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
        let mut from = 0;
        std::iter::from_fn(move || {
            let place = self.find(hay, from)?;
            from = place.end;
            Some(place)
        })
    }

    fn find(&self, hay: &str, from: usize) -> Option<Range<usize>> {
        let rest = hay.get(from..)?;
        if self.exact {
            return rest.find(&self.text).map(|at| from + at..from + at + self.text.len());
        }
        if self.text.is_ascii() {
            let (needle, bytes) = (self.text.as_bytes(), rest.as_bytes());
            let at = bytes.windows(needle.len()).position(|window| window.eq_ignore_ascii_case(needle))?;
            return Some(from + at..from + at + needle.len());
        }
        rest.char_indices()
            .find_map(|(at, _)| self.length_at(&rest[at..]).map(|len| from + at..from + at + len))
    }

    /// How many bytes of `hay` it takes where it is at the very beginning.
    fn length_at(&self, hay: &str) -> Option<usize> {
        let mut wanted = self.folded.iter();
        for (at, c) in hay.char_indices() {
            if wanted.as_slice().is_empty() {
                return Some(at);
            }
            if !c.to_lowercase().all(|lower| wanted.next() == Some(&lower)) {
                return None;
            }
        }
        wanted.as_slice().is_empty().then_some(hay.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(needle: &str, hay: &str) -> Vec<Range<usize>> {
        Needle::new(needle).unwrap().places(hay).collect()
    }

    #[test]
    fn case_matters_only_when_a_capital_was_typed() {
        assert_eq!(places("steve", "Steve met STEVE"), [0..5, 10..15]);
        assert_eq!(places("Steve", "steve met Steve").first(), Some(&(10..15)));
        assert_eq!(places("größe", "GRÖSSE GRÖßE größe"), [8..15, 16..23]);
        assert_eq!(places("aa", "aaaaa"), [0..2, 2..4]);
        assert_eq!(Needle::new(""), None);
        assert!(!Needle::new("é").unwrap().is_in(""));
    }
}
