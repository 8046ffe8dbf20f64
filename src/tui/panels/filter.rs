//! The text that a list's rows must contain, and the line in which it is typed.

use crossterm::event::KeyEvent;
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};

use super::Find;
use crate::tui::{
    paint,
    theme::{Role, Theme},
    widgets::{
        log_view::Needle,
        text_input::{Edited, TextInput},
    },
};

/// Longest filter, in bytes.
const MAX: usize = 256;

/// The text that a list's rows must contain.
#[derive(Clone, Debug)]
pub struct Filter {
    input: TextInput,
    typing: bool,
}

impl Default for Filter {
    fn default() -> Self {
        Self { input: TextInput::new(MAX), typing: false }
    }
}

impl Filter {
    /// The text; empty shows every row.
    pub fn text(&self) -> &str {
        self.input.text()
    }

    /// What rows must contain, where that is anything.
    pub fn needle(&self) -> Option<Needle> {
        Needle::new(self.text())
    }

    /// Whether it hides anything.
    pub fn is_on(&self) -> bool {
        !self.text().is_empty()
    }

    /// Whether it is being typed.
    pub fn is_typing(&self) -> bool {
        self.typing
    }

    /// Begins or ends typing it.
    pub fn type_it(&mut self, typing: bool) {
        self.typing = typing;
    }

    /// A key; whether it changed the text.
    pub fn key(&mut self, key: KeyEvent) -> bool {
        self.input.key(key) == Edited::Changed
    }

    /// Pasted text.
    pub fn paste(&mut self, text: &str) {
        self.input.paste(text, " ");
    }

    /// Something is done with it.
    pub fn find(&mut self, find: Find<'_>) {
        match find {
            Find::Begin => self.type_it(true),
            Find::Key(key) => _ = self.key(key),
            Find::Paste(text) => self.paste(text),
            Find::Accept => self.type_it(false),
            Find::Dismiss | Find::Clear => {
                self.type_it(false);
                self.clear();
            }
        }
    }

    /// Shows every row again.
    pub fn clear(&mut self) {
        self.input.set("");
    }

    /// Rows that its line takes.
    pub fn height(&self) -> u16 {
        u16::from(self.typing || self.is_on())
    }

    /// Draws its line at the bottom of an area, where there is one; gives what is left of the area, and the cursor's
    /// place while it is typed.
    pub fn view(&self, area: Rect, buf: &mut Buffer, theme: &Theme) -> (Rect, Option<Position>) {
        let height = self.height().min(area.height);
        let body = Rect { height: area.height - height, ..area };
        if height == 0 {
            return (body, None);
        }
        let line = Rect { y: area.y + body.height, height, ..area };
        let x = paint::text(buf, line, 0, 0, "/", theme.style(Role::Key));
        let field = Rect { x: line.x + x, width: line.width.saturating_sub(x), ..line };
        (body, self.input.view(field, buf, &theme.input(), "", self.typing))
    }
}
