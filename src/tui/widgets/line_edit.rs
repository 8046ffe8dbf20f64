//! One line of text that can be changed.

use crossterm::event::KeyCode;
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::Style,
};
use unicode_segmentation::UnicodeSegmentation;

use crate::tui::{input::Key, paint, safe};

/// Longest text, in bytes.
pub const MAX_BYTES: usize = 4096;

/// One line of text with a cursor. Holds no control characters.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LineEdit {
    text: String,
    /// In bytes, at the edge of a grapheme.
    cursor: usize,
}

impl LineEdit {
    /// With this text, the cursor at its end.
    pub fn with(text: &str) -> Self {
        let mut edit = Self::default();
        edit.insert(text);
        edit
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Takes the text out.
    pub fn take(&mut self) -> String {
        self.cursor = 0;
        std::mem::take(&mut self.text)
    }

    /// Puts in text at the cursor, made harmless; what is too long is left out.
    pub fn insert(&mut self, text: &str) {
        let clean = safe::line(text);
        let mut end = clean.len().min(MAX_BYTES - self.text.len());
        while !clean.is_char_boundary(end) {
            end -= 1;
        }
        self.text.insert_str(self.cursor, &clean[..end]);
        self.cursor += end;
    }

    /// Whether a key means something here; then it was done.
    pub fn key(&mut self, key: Key) -> bool {
        if let Some(c) = key.text() {
            self.insert(c.encode_utf8(&mut [0; 4]));
            return true;
        }
        let word = key.ctrl() || key.alt();
        match key.code() {
            KeyCode::Left if word => self.cursor = self.word_before(),
            KeyCode::Right if word => self.cursor = self.word_after(),
            KeyCode::Left => self.cursor = self.before(),
            KeyCode::Right => self.cursor = self.after(),
            KeyCode::Home => self.cursor = 0,
            KeyCode::End => self.cursor = self.text.len(),
            KeyCode::Char('e') if key.ctrl() => self.cursor = self.text.len(),
            KeyCode::Backspace if word => self.remove(self.word_before(), self.cursor),
            KeyCode::Char('w') if key.ctrl() => self.remove(self.word_before(), self.cursor),
            KeyCode::Char('u') if key.ctrl() => self.remove(0, self.cursor),
            KeyCode::Backspace => self.remove(self.before(), self.cursor),
            KeyCode::Delete => self.remove(self.cursor, self.after()),
            _ => return false,
        }
        true
    }

    fn remove(&mut self, from: usize, to: usize) {
        self.text.replace_range(from..to, "");
        self.cursor = from;
    }

    fn before(&self) -> usize {
        self.text[..self.cursor].grapheme_indices(true).next_back().map_or(0, |(at, _)| at)
    }

    fn after(&self) -> usize {
        self.cursor + self.text[self.cursor..].graphemes(true).next().map_or(0, str::len)
    }

    fn word_before(&self) -> usize {
        self.text[..self.cursor].unicode_word_indices().next_back().map_or(0, |(at, _)| at)
    }

    fn word_after(&self) -> usize {
        let rest = &self.text[self.cursor..];
        rest.unicode_word_indices().next().map_or(self.text.len(), |(at, word)| self.cursor + at + word.len())
    }

    /// Draws the text in the first row of an area, so that the cursor shows; gives the cursor's place.
    pub fn view(&self, area: Rect, buf: &mut Buffer, style: Style) -> Position {
        let before = paint::width(&self.text[..self.cursor]);
        let room = area.width.saturating_sub(1);
        let mut start = 0;
        let mut shown = before;
        for (at, grapheme) in self.text.grapheme_indices(true) {
            if shown <= room {
                break;
            }
            shown = shown.saturating_sub(paint::width(grapheme));
            start = at + grapheme.len();
        }
        paint::text(buf, area, 0, 0, &self.text[start..], style);
        Position { x: area.x.saturating_add(shown.min(room)), y: area.y }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(keys: &[&str]) -> LineEdit {
        let mut edit = LineEdit::default();
        for key in keys {
            edit.key(key.parse().unwrap());
        }
        edit
    }

    #[test]
    fn text_is_typed_and_changed_by_graphemes_and_words() {
        assert_eq!(typed(&["h", "i", "left", "e", "end", "!"]).text(), "hei!");
        assert_eq!(typed(&["h", "i", "space", "y", "o", "ctrl-w", "x"]).text(), "hi x");
        let mut edit = LineEdit::with("say ex\u{301}y");
        edit.key("left".parse().unwrap());
        edit.key("backspace".parse().unwrap());
        assert_eq!(edit.text(), "say ey");
        edit.key("ctrl-u".parse().unwrap());
        assert_eq!((edit.text(), edit.take().as_str()), ("y", "y"));
    }

    #[test]
    fn it_stays_one_harmless_line_of_bounded_length() {
        let mut edit = LineEdit::with("a\nb\u{1b}[31mc\u{202e}");
        assert_eq!(edit.text(), "a bc");
        edit.insert(&"é".repeat(5_000));
        edit.insert("x");
        assert!(edit.text().len() <= MAX_BYTES);
    }

    #[test]
    fn the_cursor_always_shows() {
        let mut buf = Buffer::empty(Rect::new(0, 0, 5, 1));
        let edit = LineEdit::with("0123456789");
        assert_eq!(edit.view(buf.area, &mut buf, Style::new()), Position { x: 4, y: 0 });
        assert_eq!(buf, Buffer::with_lines(["6789 "]));
        for width in 0..12 {
            let mut buf = Buffer::empty(Rect::new(0, 0, width, 1));
            LineEdit::with("a世界b").view(buf.area, &mut buf, Style::new());
        }
    }
}
