//! Every key that is bound, made from the keymap that holds; typing finds.

use crossterm::event::KeyEvent;
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};

use super::Outcome;
use crate::tui::{
    action::{ALL, Action, Place},
    app::inside,
    input::Keymap,
    paint,
    theme::{Role, Theme},
    widgets::{log_view::Needle, text_input::TextInput},
};

#[derive(Clone, Debug)]
enum Line {
    Head(&'static str),
    Entry { action: Action, keys: String, title: &'static str, about: &'static str },
}

/// Its width, in cells, with its border.
const WIDE: u16 = 84;

fn body(inner: Rect) -> Rect {
    Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner }
}

/// Where the keys are, below what is typed.
fn rows(body: Rect) -> Rect {
    Rect { y: body.y + 1, height: body.height.saturating_sub(1), ..body }
}

/// Every key that is bound.
#[derive(Debug)]
pub struct Help {
    search: TextInput,
    lines: Vec<Line>,
    offset: usize,
}

impl Help {
    /// The help for a keymap.
    pub fn new(keymap: &Keymap) -> Self {
        let mut help = Self { search: TextInput::new(128), lines: Vec::new(), offset: 0 };
        help.find(keymap);
        help
    }

    fn find(&mut self, keymap: &Keymap) {
        self.offset = 0;
        self.lines = lines(keymap, self.search.text());
    }

    /// An action of the keymap.
    pub fn act(&mut self, action: Action) -> Outcome {
        let last = self.lines.len().saturating_sub(1);
        self.offset = match action {
            Action::Accept | Action::Dismiss | Action::Help => return Outcome::Close,
            Action::Up => self.offset.saturating_sub(1),
            Action::Down => (self.offset + 1).min(last),
            Action::PageUp => self.offset.saturating_sub(10),
            Action::PageDown => (self.offset + 10).min(last),
            _ => self.offset,
        };
        Outcome::Stay
    }

    /// A key that is typed.
    pub fn key(&mut self, key: KeyEvent, keymap: &Keymap) -> Outcome {
        self.search.key(key);
        self.find(keymap);
        Outcome::Stay
    }

    /// Pasted text.
    pub fn paste(&mut self, text: &str, keymap: &Keymap) {
        self.search.paste(text, " ");
        self.find(keymap);
    }

    /// The first line that shows, in a list of so many rows.
    fn offset(&self, rows: u16) -> usize {
        self.offset.min(self.lines.len().saturating_sub(usize::from(rows)))
    }

    /// A click, where it was drawn into `area`: what a row tells of is done, and beside it, it closes.
    pub fn click(&mut self, area: Rect, place: Position) -> Outcome {
        let dialog = paint::dialog_area(area, WIDE, area.height);
        let list = rows(body(inside(dialog)));
        if !dialog.contains(place) {
            return Outcome::Close;
        }
        let at = usize::from(place.y.saturating_sub(list.y)) + self.offset(list.height);
        match self.lines.get(at).filter(|_| list.contains(place)) {
            Some(Line::Entry { action, .. }) if action.is_offered() => Outcome::Act(*action),
            _ => Outcome::Stay,
        }
    }

    /// Draws it; gives the cursor's place.
    pub fn view(&self, area: Rect, buf: &mut Buffer, theme: &Theme) -> Option<Position> {
        let body = body(paint::dialog(buf, area, WIDE, area.height, "Help", theme));
        let x = paint::text(buf, body, 0, 0, "Find: ", theme.style(Role::Key));
        let field =
            Rect { x: body.x + x, width: body.width.saturating_sub(x), height: body.height.min(1), ..body };
        let cursor = self.search.view(field, buf, &theme.input(), "type a key or a word", true);
        let list = rows(body);
        let offset = self.offset(list.height);
        for (y, line) in (0..list.height).zip(self.lines.iter().skip(offset)) {
            match line {
                Line::Head(text) => _ = paint::text(buf, list, 0, y, text, theme.style(Role::Header)),
                Line::Entry { keys, title, about, .. } => {
                    let row = Rect { y: list.y + y, height: 1, ..list };
                    paint::column(buf, row, 0, 17, keys, theme.style(Role::Key), theme);
                    paint::column(buf, row, 18, 16, title, theme.style(Role::Text), theme);
                    paint::column(
                        buf,
                        row,
                        35,
                        row.width.saturating_sub(35),
                        about,
                        theme.style(Role::Muted),
                        theme,
                    );
                }
            }
        }
        if self.lines.is_empty() {
            paint::text(buf, list, 0, 0, "No key and no action contains this.", theme.style(Role::Muted));
        }
        cursor
    }
}

fn lines(keymap: &Keymap, wanted: &str) -> Vec<Line> {
    let needle = Needle::new(wanted);
    let mut lines = Vec::new();
    for place in Place::ALL.iter().copied() {
        let head = lines.len();
        for info in ALL {
            let bound = keymap.bindings().iter().filter(|b| b.when.place == place && b.action == info.action);
            let keys = bound.map(|binding| binding.label()).collect::<Vec<_>>().join(", ");
            if keys.is_empty() {
                continue;
            }
            let fits = |text: &str| needle.as_ref().is_none_or(|needle| needle.is_in(text));
            if [keys.as_str(), info.title, info.about, info.id].into_iter().any(fits) {
                lines.push(Line::Entry { action: info.action, keys, title: info.title, about: info.about });
            }
        }
        if lines.len() > head {
            lines.insert(head, Line::Head(place.heading()));
        }
    }
    lines
}
