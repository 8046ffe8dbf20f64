//! One line of text that a person edits.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::{Modifier, Style},
};
use unicode_segmentation::UnicodeSegmentation;

use super::sgr::{ColourDepth, Glyphs, draw, is_hostile, width};

/// What a key did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Edited {
    /// Nothing: the key is somebody else's.
    Ignored,
    /// It was taken, and the text is as it was.
    Moved,
    /// It changed the text.
    Changed,
}

/// How a line of text looks.
#[derive(Clone, Copy, Debug, Default)]
pub struct InputStyles {
    /// The text, and the rest of the area.
    pub text: Style,
    /// What is shown while it is empty.
    pub placeholder: Style,
}

/// One line of text. Holds no control character and none that reorders text, whatever is typed or pasted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TextInput {
    text: String,
    /// In bytes, always between two graphemes.
    cursor: usize,
    max_bytes: usize,
    /// All of it is picked: what is typed next takes its place.
    picked: bool,
}

impl TextInput {
    /// An empty one that takes at most so many bytes.
    pub fn new(max_bytes: usize) -> Self {
        Self { text: String::new(), cursor: 0, max_bytes, picked: false }
    }

    /// One with this text, without what must not be in it, and the cursor at its end.
    pub fn with(text: &str, max_bytes: usize) -> Self {
        let mut input = Self::new(max_bytes);
        input.paste(text, " ");
        input
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Replaces the text, and puts the cursor at its end.
    pub fn set(&mut self, text: &str) {
        self.text.clear();
        self.cursor = 0;
        self.paste(text, " ");
    }

    /// Picks all of it: what is typed or pasted next takes its place; a key that only moves lets it be.
    pub fn pick(&mut self) {
        self.cursor = self.text.len();
        self.picked = !self.text.is_empty();
    }

    fn replace_picked(&mut self) {
        if std::mem::take(&mut self.picked) {
            self.text.clear();
            self.cursor = 0;
        }
    }

    /// Where the cursor is, in bytes.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// Puts a character in at the cursor.
    pub fn insert(&mut self, c: char) -> Edited {
        if is_hostile(c) {
            return Edited::Moved;
        }
        self.replace_picked();
        if self.text.len() + c.len_utf8() > self.max_bytes {
            return Edited::Moved;
        }
        self.text.insert(self.cursor, c);
        self.cursor += c.len_utf8();
        self.snap();
        Edited::Changed
    }

    /// Puts text in at the cursor. Line breaks at its ends are dropped, those within become `separator`; control
    /// characters are dropped; what is too long is cut off.
    pub fn paste(&mut self, text: &str, separator: &str) -> Edited {
        if !text.is_empty() {
            self.replace_picked();
        }
        let room = self.max_bytes.saturating_sub(self.text.len());
        let mut added = String::new();
        let lines = text.trim_matches(['\r', '\n']).split(['\r', '\n']).filter(|line| !line.is_empty());
        for (index, line) in lines.enumerate() {
            let between = if index == 0 { "" } else { separator };
            for c in between.chars().chain(line.chars()).map(|c| if c == '\t' { ' ' } else { c }) {
                if !is_hostile(c) && added.len() + c.len_utf8() <= room {
                    added.push(c);
                }
            }
            if added.len() >= room {
                break;
            }
        }
        if added.is_empty() {
            return Edited::Moved;
        }
        self.text.insert_str(self.cursor, &added);
        self.cursor += added.len();
        self.snap();
        Edited::Changed
    }

    /// The cursor may have come to lie within a grapheme, when a mark was put after a letter that follows it.
    fn snap(&mut self) {
        let ends = self.text.grapheme_indices(true).map(|(at, grapheme)| at + grapheme.len());
        if self.cursor > 0 {
            self.cursor = ends.into_iter().find(|&end| end >= self.cursor).unwrap_or(self.text.len());
        }
    }

    fn before(&self, word: bool) -> usize {
        let text = &self.text[..self.cursor];
        if word {
            let trimmed = text.trim_end_matches(|c: char| !c.is_alphanumeric());
            return trimmed.trim_end_matches(char::is_alphanumeric).len();
        }
        text.grapheme_indices(true).next_back().map_or(0, |(at, _)| at)
    }

    fn after(&self, word: bool) -> usize {
        let text = &self.text[self.cursor..];
        if word {
            let rest = text.trim_start_matches(|c: char| !c.is_alphanumeric());
            return self.text.len() - rest.trim_start_matches(char::is_alphanumeric).len();
        }
        text.graphemes(true).next().map_or(self.cursor, |grapheme| self.cursor + grapheme.len())
    }

    fn go(&mut self, to: usize) -> Edited {
        self.cursor = to;
        self.snap();
        Edited::Moved
    }

    fn remove(&mut self, from: usize, to: usize) -> Edited {
        if from >= to {
            return Edited::Moved;
        }
        self.text.replace_range(from..to, "");
        self.cursor = from;
        self.snap();
        Edited::Changed
    }

    /// What a key does to the text. Enter, Tab, Esc, Up and Down are never taken.
    pub fn key(&mut self, key: KeyEvent) -> Edited {
        if key.kind == KeyEventKind::Release {
            return Edited::Ignored;
        }
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        let word = control || alt;
        if self.picked && !matches!(key.code, KeyCode::Char(_) if !word) {
            if matches!(key.code, KeyCode::Backspace | KeyCode::Delete) {
                self.replace_picked();
                return Edited::Changed;
            }
            self.picked = false;
        }
        let (cursor, end) = (self.cursor, self.text.len());
        match key.code {
            KeyCode::Char(c) if !control && !alt => self.insert(c),
            KeyCode::Left => self.go(self.before(word)),
            KeyCode::Right => self.go(self.after(word)),
            KeyCode::Home => self.go(0),
            KeyCode::End => self.go(end),
            KeyCode::Backspace => self.remove(self.before(word), cursor),
            KeyCode::Delete => self.remove(cursor, self.after(word)),
            KeyCode::Char('a') if control => self.go(0),
            KeyCode::Char('e') if control => self.go(end),
            KeyCode::Char('b') if alt => self.go(self.before(true)),
            KeyCode::Char('f') if alt => self.go(self.after(true)),
            KeyCode::Char('h') if control => self.remove(self.before(false), cursor),
            KeyCode::Char('w') if control => self.remove(self.before(true), cursor),
            KeyCode::Char('u') if control => self.remove(0, cursor),
            KeyCode::Char('k') if control => self.remove(cursor, end),
            _ => Edited::Ignored,
        }
    }

    /// The first column that shows in an area of this width: so that the cursor is in it.
    fn first_column(&self, columns: u16) -> usize {
        (width(&self.text[..self.cursor]) + 1).saturating_sub(usize::from(columns.max(1)))
    }

    /// Puts the cursor where somebody clicked: so many columns from the left of an area of this width, as it was
    /// last drawn with focus (`focused`) or without.
    pub fn click(&mut self, column: u16, columns: u16, focused: bool) {
        self.picked = false;
        let first = if focused { self.first_column(columns) } else { 0 };
        let wanted = first + usize::from(column);
        let (mut at, mut to) = (0, self.text.len());
        for glyph in Glyphs::new(&self.text, Style::new(), ColourDepth::Mono) {
            at += usize::from(glyph.width);
            if at > wanted {
                to = glyph.at;
                break;
            }
        }
        self.go(to);
    }

    /// Draws it into the first row of `area`; where it has the focus, so that the cursor shows, whose place is
    /// returned. `placeholder` is shown while it is empty.
    pub fn view(
        &self,
        area: Rect,
        buf: &mut Buffer,
        styles: &InputStyles,
        placeholder: &str,
        focused: bool,
    ) -> Option<Position> {
        let area = Rect { height: area.height.min(1), ..area }.intersection(buf.area);
        if area.is_empty() {
            return None;
        }
        buf.set_style(area, styles.text);
        let first = if focused { self.first_column(area.width) } else { 0 };
        if self.text.is_empty() {
            draw(buf, area, placeholder, styles.placeholder, ColourDepth::TrueColour, 0);
        } else {
            let style = if self.picked && focused {
                styles.text.add_modifier(Modifier::REVERSED)
            } else {
                styles.text
            };
            draw(buf, area, &self.text, style, ColourDepth::TrueColour, first);
        }
        let column = width(&self.text[..self.cursor]) - first.min(width(&self.text[..self.cursor]));
        focused.then(|| Position::new(area.x + (column as u16).min(area.width - 1), area.y))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::testing::{blank, screen};
    use super::*;

    fn press(input: &mut TextInput, code: KeyCode, modifiers: KeyModifiers) -> Edited {
        input.key(KeyEvent::new(code, modifiers))
    }

    #[test]
    fn edits_by_graphemes_and_words() {
        let mut input = TextInput::with("hello wörld", 100);
        press(&mut input, KeyCode::Left, KeyModifiers::CONTROL);
        press(&mut input, KeyCode::Char('X'), KeyModifiers::SHIFT);
        assert_eq!(input.text(), "hello Xwörld");
        press(&mut input, KeyCode::Char('w'), KeyModifiers::CONTROL);
        assert_eq!(input.text(), "hello wörld");
        press(&mut input, KeyCode::End, KeyModifiers::NONE);
        press(&mut input, KeyCode::Backspace, KeyModifiers::ALT);
        assert_eq!(input.text(), "hello ");
        input.set("👨‍👩‍👧‍👦e\u{301}");
        press(&mut input, KeyCode::Backspace, KeyModifiers::NONE);
        assert_eq!(input.text(), "👨‍👩‍👧‍👦");
        press(&mut input, KeyCode::Backspace, KeyModifiers::NONE);
        assert_eq!(input.text(), "");
        assert_eq!(press(&mut input, KeyCode::Enter, KeyModifiers::NONE), Edited::Ignored);
        assert_eq!(press(&mut input, KeyCode::Char('s'), KeyModifiers::CONTROL), Edited::Ignored);
    }

    #[test]
    fn what_is_picked_is_replaced_by_what_is_typed() {
        let mut input = TextInput::with("LATEST", 100);
        input.pick();
        press(&mut input, KeyCode::Char('1'), KeyModifiers::NONE);
        press(&mut input, KeyCode::Char('2'), KeyModifiers::NONE);
        assert_eq!(input.text(), "12");
        input.pick();
        press(&mut input, KeyCode::Left, KeyModifiers::NONE);
        press(&mut input, KeyCode::Char('x'), KeyModifiers::NONE);
        assert_eq!(input.text(), "1x2", "a key that only moves lets it be");
        input.pick();
        press(&mut input, KeyCode::Backspace, KeyModifiers::NONE);
        assert_eq!(input.text(), "");
        input.set("old");
        input.pick();
        input.paste("new", " ");
        assert_eq!(input.text(), "new");
    }

    #[test]
    fn what_is_pasted_becomes_one_harmless_line_within_the_limit() {
        let mut input = TextInput::new(20);
        input.paste("\r\none\r\ntwo\u{1b}[31m\u{0}\u{202e}\tx\n", ", ");
        assert_eq!(input.text(), "one, two[31m x");
        input.paste("0123456789", " ");
        assert_eq!(input.text(), "one, two[31m x012345");
        input.set("世".repeat(9).as_str());
        assert_eq!(input.text().chars().count(), 6);
    }

    #[test]
    fn the_cursor_shows_in_any_width() {
        let input = TextInput::with("0123456789", 100);
        let (mut buf, area) = blank(5, 1);
        let cursor = input.view(area, &mut buf, &InputStyles::default(), "", true);
        assert_eq!((screen(&buf).as_str(), cursor), ("6789", Some(Position::new(4, 0))));
        let (mut buf, area) = blank(5, 1);
        assert_eq!(input.view(area, &mut buf, &InputStyles::default(), "", false), None);
        assert_eq!(screen(&buf), "01234");
        let (mut buf, area) = blank(8, 1);
        TextInput::new(9).view(area, &mut buf, &InputStyles::default(), "a name", true);
        assert_eq!(screen(&buf), "a name");
    }

    #[test]
    fn a_click_puts_the_cursor_there() {
        let mut input = TextInput::with("a世bc", 100);
        for (column, cursor) in [(0, 0), (1, 1), (2, 1), (3, 4), (4, 5), (30, 6)] {
            input.click(column, 20, true);
            assert_eq!(input.cursor(), cursor, "{column}");
        }
    }

    proptest! {
        #[test]
        fn any_keys_leave_a_harmless_line_and_a_cursor_in_it(
            keys in proptest::collection::vec((0..11usize, any::<char>(), 0..4u8, any::<String>()), 0..40),
            columns in 0u16..12,
        ) {
            let mut input = TextInput::new(64);
            for (kind, c, modifiers, text) in keys {
                use KeyCode::*;
                let codes = [Char(c), Left, Right, Home, End, Backspace, Delete, Char('w'), Char('\u{301}'), Char('世')];
                match codes.get(kind) {
                    Some(code) => {
                        let modifiers = [KeyModifiers::NONE, KeyModifiers::NONE, KeyModifiers::CONTROL, KeyModifiers::ALT];
                        press(&mut input, *code, modifiers[usize::from(modifiers_index(kind, &text))]);
                    }
                    None => { input.paste(&text, " "); }
                }
                input.click(u16::from(modifiers), columns, modifiers > 1);
                prop_assert!(input.text().len() <= 64 && !input.text().contains(is_hostile));
                prop_assert!(input.text().is_char_boundary(input.cursor()));
                let (mut buf, _) = blank(12, 1);
                let area = Rect::new(0, 0, columns, 1);
                let cursor = input.view(area, &mut buf, &InputStyles::default(), "", true);
                prop_assert_eq!(cursor.is_some(), columns > 0);
                prop_assert!(cursor.is_none_or(|place| area.contains(place)));
            }
        }
    }

    fn modifiers_index(kind: usize, text: &str) -> u8 {
        ((kind + text.len()) % 4) as u8
    }
}
