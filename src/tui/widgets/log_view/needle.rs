//! What is looked for in text: plain text, without regard to case unless it has a capital, or a regular expression.

use std::ops::Range;

use regex::{Regex, RegexBuilder};

/// Longest text that is looked for, in characters.
pub const NEEDLE_MAX: usize = 256;
/// Most memory that a compiled expression and its automaton may take, in bytes each.
const EXPRESSION_MAX: usize = 1024 * 1024;

/// What is looked for. Never empty.
#[derive(Clone, Debug)]
pub struct Needle {
    text: String,
    how: How,
}

#[derive(Clone, Debug)]
enum How {
    Plain {
        /// In lower case, unless case matters.
        folded: Vec<char>,
        exact: bool,
    },
    Expression(Box<Regex>),
}

impl PartialEq for Needle {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text && self.is_expression() == other.is_expression()
    }
}

impl Eq for Needle {}

impl Needle {
    /// The first [`NEEDLE_MAX`] characters of `text`; `None` when there are none. Case matters when one of them is
    /// a capital.
    pub fn new(text: &str) -> Option<Self> {
        let text: String = text.chars().take(NEEDLE_MAX).collect();
        let exact = text.chars().any(char::is_uppercase);
        let folded = text.chars().flat_map(char::to_lowercase).collect();
        (!text.is_empty()).then_some(Self { text, how: How::Plain { folded, exact } })
    }

    /// A regular expression; `None` when there is none. Case matters when it has a capital. It is matched in time that
    /// grows with the line alone, whatever it says.
    ///
    /// # Errors
    /// What is wrong with it, in a few words.
    pub fn expression(text: &str) -> Result<Option<Self>, String> {
        if text.is_empty() {
            return Ok(None);
        }
        if text.chars().count() > NEEDLE_MAX {
            return Err(format!("longer than {NEEDLE_MAX} characters"));
        }
        let built = RegexBuilder::new(text)
            .case_insensitive(!text.chars().any(char::is_uppercase))
            .size_limit(EXPRESSION_MAX)
            .dfa_size_limit(EXPRESSION_MAX)
            .build();
        match built {
            Ok(regex) => Ok(Some(Self { text: text.to_owned(), how: How::Expression(Box::new(regex)) })),
            Err(regex::Error::CompiledTooBig(_)) => Err("too large".into()),
            Err(error) => {
                // The last line of the message says what, those before show where.
                let told = error.to_string();
                let what = told.lines().next_back().unwrap_or_default();
                Err(what.trim_start_matches("error: ").to_owned())
            }
        }
    }

    /// As it was typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it is a regular expression.
    pub fn is_expression(&self) -> bool {
        matches!(self.how, How::Expression(_))
    }

    /// Whether `hay` holds it.
    pub fn is_in(&self, hay: &str) -> bool {
        match &self.how {
            How::Plain { .. } => self.find(hay, 0).is_some(),
            How::Expression(regex) => regex.is_match(hay),
        }
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
        let (folded, exact) = match &self.how {
            How::Plain { folded, exact } => (folded, *exact),
            How::Expression(regex) => {
                let mut found = regex.find_iter(rest).filter(|found| !found.is_empty());
                return found.next().map(|found| from + found.start()..from + found.end());
            }
        };
        if exact {
            return rest.find(&self.text).map(|at| from + at..from + at + self.text.len());
        }
        if self.text.is_ascii() {
            let (needle, bytes) = (self.text.as_bytes(), rest.as_bytes());
            let at = bytes.windows(needle.len()).position(|window| window.eq_ignore_ascii_case(needle))?;
            return Some(from + at..from + at + needle.len());
        }
        rest.char_indices()
            .find_map(|(at, _)| length_at(folded, &rest[at..]).map(|len| from + at..from + at + len))
    }
}

/// How many bytes of `hay` the letters take where they are at the very beginning.
fn length_at(folded: &[char], hay: &str) -> Option<usize> {
    let mut wanted = folded.iter();
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

    #[test]
    fn an_expression_is_bounded_and_what_is_wrong_with_it_is_told() {
        let needle = |text: &str| Needle::expression(text).unwrap().unwrap();
        assert!(needle(r"^\[\d+:\d+").is_in("[12:00] x") && !needle("^x").is_in("ax"));
        assert!(needle("jo(in|lt)ed").is_in("Steve JOINED") && !needle("Joined").is_in("joined"));
        let found: Vec<_> = needle("[0-9]*").places("a12b3").collect();
        assert_eq!(found, [1..3, 4..5], "what is empty is nowhere");
        assert_eq!(Needle::expression("").unwrap(), None);
        assert_eq!(Needle::expression("a(b").unwrap_err(), "unclosed group");
        assert_eq!(Needle::expression("(a{1000}){1000}").unwrap_err(), "too large");
        assert!(Needle::expression(&"x".repeat(300)).is_err());
        assert_ne!(Needle::new("ab"), Needle::expression("ab").unwrap());
        let begun = std::time::Instant::now();
        assert!(!needle("(x+x+)+y").is_in(&"x".repeat(100_000)));
        assert!(begun.elapsed() < std::time::Duration::from_secs(10));
    }
}
