//! Points at a place in a file: file, line, column, the line itself, and a caret under what is meant.

use std::{
    fmt,
    ops::Range,
    path::{Path, PathBuf},
};

use unicode_width::UnicodeWidthChar;

/// So much of a line is shown, in terminal columns.
const SHOWN: usize = 120;

/// A place in a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// The file.
    pub file: PathBuf,
    /// Counted from 1.
    pub line: usize,
    /// Counted in characters, from 1.
    pub column: usize,
    /// The part of the line around it, harmless to print.
    excerpt: String,
    /// Where the carets begin under it, and how many there are, in terminal columns.
    caret: (usize, usize),
}

impl Place {
    /// The place of `span` (in bytes) in a file with this text.
    pub(super) fn of(file: &Path, text: &str, span: Range<usize>) -> Self {
        let start = boundary(text, span.start);
        let before = &text[..start];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = text[line_start..].split(['\n', '\r']).next().unwrap_or_default();
        let inside = (start - line_start).min(line.len());
        let end = boundary(line, span.end.saturating_sub(line_start)).max(inside);

        // A long line is shown from shortly before the place on.
        let mut first = inside;
        let mut lead = 0;
        for (at, c) in line[..inside].char_indices().rev() {
            lead += width(c);
            if lead > SHOWN / 2 {
                break;
            }
            first = at;
        }
        let caret = columns(&line[first..inside]);
        let mut excerpt = String::new();
        let mut used = 0;
        for c in line[first..].chars() {
            used += width(c);
            if used > SHOWN {
                break;
            }
            excerpt.push(harmless(c));
        }
        Self {
            file: file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            excerpt,
            caret: (caret, columns(&line[inside..end]).clamp(1, SHOWN.saturating_sub(caret).max(1))),
        }
    }

    /// The line with its number, and the carets under it. Three lines, without a line break at the end.
    pub fn picture(&self) -> String {
        let number = self.line.to_string();
        let margin = " ".repeat(number.len());
        let (start, length) = self.caret;
        format!(
            "{margin} |\n{number} | {}\n{margin} | {}{}",
            self.excerpt.trim_end(),
            " ".repeat(start),
            "^".repeat(length)
        )
    }
}

/// `file:line:column`, as editors and terminals take it.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file.display(), self.line, self.column)
    }
}

/// The last place at or before `at` where a character begins, or the text's end.
fn boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default()
}

/// Control characters would move the terminal's cursor, or worse.
fn harmless(c: char) -> char {
    let bidi = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    match c {
        '\t' => ' ',
        c if c.is_control() || bidi => '\u{fffd}',
        c => c,
    }
}

fn width(c: char) -> usize {
    harmless(c).width().unwrap_or(0)
}

fn columns(text: &str) -> usize {
    text.chars().map(width).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str, part: &str) -> Place {
        let start = text.find(part).unwrap();
        Place::of(Path::new("c.toml"), text, start..start + part.len())
    }

    #[test]
    fn points_under_what_is_meant() {
        let place = place("a = 1\r\n\tframe_rate = 900 # fast\r\n", "900");
        assert_eq!(place.to_string(), "c.toml:2:15");
        assert_eq!(place.picture(), "  |\n2 |  frame_rate = 900 # fast\n  |               ^^^");
    }

    #[test]
    fn wide_characters_are_as_wide_as_they_are_drawn() {
        let place = place("x = \"猫猫\" y", "y");
        assert_eq!(place.column, 10);
        let picture = place.picture();
        let caret = picture.lines().last().unwrap().find('^').unwrap();
        assert_eq!(caret, "1 | ".len() + "x = \"".len() + 4 + "\" ".len());
    }

    #[test]
    fn nothing_that_a_terminal_obeys_is_shown() {
        let picture = place("k = \"\u{1b}]52;c;eA==\u{7}\u{202e}\" bad", "bad").picture();
        assert!(!picture.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{picture:?}");
    }

    #[test]
    fn a_long_line_is_shown_around_the_place() {
        let text = format!("k = \"{}\" bad {}", "x".repeat(100_000), "y".repeat(100_000));
        let place = place(&text, "bad");
        let picture = place.picture();
        assert!(picture.lines().all(|line| line.chars().count() <= SHOWN + 4), "{picture}");
        let lines: Vec<&str> = picture.lines().collect();
        let at = lines[2].find('^').unwrap();
        assert_eq!(&lines[1][at..at + 3], "bad");
    }

    #[test]
    fn a_place_at_or_past_the_end_is_the_end() {
        for span in [5..5, 5..6, 90..100] {
            let place = Place::of(Path::new("c"), "a = [", span);
            assert_eq!((place.line, place.column), (1, 6));
            assert!(place.picture().ends_with("     ^"));
        }
        assert_eq!(Place::of(Path::new("c"), "a\n", 2..2).line, 2);
    }
}
