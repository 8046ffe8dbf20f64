//! The commands that were typed before, found by a part of them.

use crossterm::event::KeyEvent;
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};

use super::Outcome;
use crate::tui::{
    action::Action,
    app::inside,
    paint, safe,
    theme::{Role, Theme},
    widgets::{
        log_view::Needle,
        text_input::{Edited, TextInput},
    },
};

/// Its size, in cells, with its border.
const WIDE: u16 = 76;
const HIGH: u16 = 20;

fn body(inner: Rect) -> Rect {
    Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner }
}

/// Where the commands are, below what is typed.
fn rows(body: Rect) -> Rect {
    Rect { y: body.y + 1, height: body.height.saturating_sub(1), ..body }
}

/// The commands that were typed before.
#[derive(Debug)]
pub struct Recall {
    search: TextInput,
    /// Newest first, each once.
    commands: Vec<String>,
    /// Those that contain what is searched, as indices.
    found: Vec<usize>,
    chosen: usize,
}

impl Recall {
    /// These, oldest first.
    pub fn new(typed: &[String]) -> Self {
        let mut commands: Vec<String> = Vec::new();
        for command in typed.iter().rev() {
            if !commands.contains(command) {
                commands.push(command.clone());
            }
        }
        let mut recall = Self { search: TextInput::new(256), commands, found: Vec::new(), chosen: 0 };
        recall.find();
        recall
    }

    fn find(&mut self) {
        let needle = Needle::new(self.search.text());
        let fits = |command: &str| needle.as_ref().is_none_or(|needle| needle.is_in(command));
        self.found = (0..self.commands.len()).filter(|at| fits(&self.commands[*at])).collect();
        self.chosen = 0;
    }

    /// An action of the keymap.
    pub fn act(&mut self, action: Action) -> Outcome {
        let last = self.found.len().saturating_sub(1);
        self.chosen = match action {
            Action::Dismiss => return Outcome::Close,
            Action::Accept => {
                let command = self.found.get(self.chosen).and_then(|at| self.commands.get(*at));
                return command.map_or(Outcome::Stay, |command| Outcome::Type(command.clone()));
            }
            Action::Up | Action::PreviousField => self.chosen.saturating_sub(1),
            Action::Down | Action::NextField => (self.chosen + 1).min(last),
            Action::PageUp => self.chosen.saturating_sub(10),
            Action::PageDown => (self.chosen + 10).min(last),
            _ => self.chosen,
        };
        Outcome::Stay
    }

    /// A key that is typed.
    pub fn key(&mut self, key: KeyEvent) -> Outcome {
        if self.search.key(key) == Edited::Changed {
            self.find();
        }
        Outcome::Stay
    }

    /// Pasted text.
    pub fn paste(&mut self, text: &str) {
        self.search.paste(text, " ");
        self.find();
    }

    /// The first command that shows, in a list of so many rows.
    fn offset(&self, rows: u16) -> usize {
        (self.chosen + 1).saturating_sub(usize::from(rows.max(1)))
    }

    /// A click, where it was drawn into `area`: it takes a command, and beside it, it closes.
    pub fn click(&mut self, area: Rect, place: Position) -> Outcome {
        let dialog = paint::dialog_area(area, WIDE, HIGH);
        let list = rows(body(inside(dialog)));
        if !dialog.contains(place) {
            return Outcome::Close;
        }
        let at = usize::from(place.y.saturating_sub(list.y)) + self.offset(list.height);
        if !list.contains(place) || at >= self.found.len() {
            return Outcome::Stay;
        }
        self.chosen = at;
        self.act(Action::Accept)
    }

    /// Draws it; gives the cursor's place.
    pub fn view(&self, area: Rect, buf: &mut Buffer, theme: &Theme) -> Option<Position> {
        let body = body(paint::dialog(buf, area, WIDE, HIGH, "Typed before", theme));
        let x = paint::text(buf, body, 0, 0, "Find: ", theme.style(Role::Key));
        let field =
            Rect { x: body.x + x, width: body.width.saturating_sub(x), height: body.height.min(1), ..body };
        let cursor = self.search.view(field, buf, &theme.input(), "type a part of a command", true);
        let list = rows(body);
        let offset = self.offset(list.height);
        for (y, (index, at)) in (0..list.height).zip(self.found.iter().enumerate().skip(offset)) {
            let row = Rect { y: list.y + y, height: 1, ..list };
            let mut style = theme.style(Role::Text);
            if index == self.chosen {
                style = theme.style(Role::Selection);
                buf.set_style(row.intersection(buf.area), style);
                paint::text(buf, row, 0, 0, theme.symbols.pointer, style);
            }
            let command = safe::line(&self.commands[*at]);
            paint::column(buf, row, 2, row.width.saturating_sub(2), &command, style, theme);
        }
        if self.found.is_empty() {
            let text =
                if self.commands.is_empty() { "Nothing was typed yet." } else { "Nothing contains this." };
            paint::text(buf, list, 0, 0, text, theme.style(Role::Muted));
        }
        cursor
    }
}
