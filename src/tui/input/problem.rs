//! What is wrong with a line of a keymap or theme.

use std::fmt;

/// Something wrong in a file; the rest of the file holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// The file, as the person may know it.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong and what holds instead, one or two sentences.
    pub what: String,
}

impl Problem {
    /// At a byte of a text.
    pub fn at(file: &str, text: &str, byte: usize, what: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line: line_of(text, byte), what: what.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.what)
    }
}

/// The line, from 1, that a byte of a text is in.
pub fn line_of(text: &str, byte: usize) -> usize {
    text.bytes().take(byte).filter(|b| *b == b'\n').count() + 1
}
