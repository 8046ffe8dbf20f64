//! A question before something that can lose something. The answer that does nothing is the one that is chosen.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};

use super::Outcome;
use crate::tui::{
    action::Action,
    app::{Effect, inside},
    paint, safe,
    theme::{Role, Theme},
    widgets::text_input::TextInput,
};

/// Widest question, in cells.
const WIDE: u16 = 64;
/// Widest plan, in cells.
const WIDE_PLAN: u16 = 90;

/// A question.
#[derive(Debug)]
pub struct Confirm {
    title: String,
    lines: Vec<(Role, String)>,
    /// The first line that shows, where there are more than fit.
    offset: usize,
    /// Cells that it may be wide.
    wide: u16,
    verb: &'static str,
    yes: bool,
    /// The name that must be typed, and what was typed of it.
    name: Option<(String, TextInput)>,
    effects: Vec<Effect>,
}

impl Confirm {
    /// Asks `title`, with `lines` to say what would happen; `verb` is on the button that does `effects`.
    pub fn new(
        title: impl Into<String>,
        lines: Vec<String>,
        verb: &'static str,
        effects: Vec<Effect>,
    ) -> Self {
        let lines = lines.into_iter().map(|line| (Role::Text, line)).collect();
        Self { title: title.into(), lines, offset: 0, wide: WIDE, verb, yes: false, name: None, effects }
    }

    /// The same after a longer text, which can be scrolled: a plan of what would happen.
    pub fn plan(
        title: impl Into<String>,
        lines: Vec<(Role, String)>,
        verb: &'static str,
        effects: Vec<Effect>,
    ) -> Self {
        Self { lines, wide: WIDE_PLAN, ..Self::new(title, Vec::new(), verb, effects) }
    }

    /// The same, where `name` must be typed first.
    #[must_use]
    pub fn with_name(mut self, name: &str) -> Self {
        self.name = Some((name.to_owned(), TextInput::new(256)));
        self
    }

    /// Whether what must be typed was typed.
    fn is_free(&self) -> bool {
        self.name.as_ref().is_none_or(|(name, typed)| *name == typed.text())
    }

    fn decide(&mut self, yes: bool) -> Outcome {
        match (yes, self.is_free()) {
            (true, true) => Outcome::Effects(std::mem::take(&mut self.effects)),
            (true, false) => Outcome::Stay,
            (false, _) => Outcome::Close,
        }
    }

    /// An action of the keymap.
    pub fn act(&mut self, action: Action) -> Outcome {
        match action {
            // Where the name was typed, that was the decision.
            Action::Accept => self.decide(self.yes || self.name.is_some()),
            Action::Dismiss => Outcome::Close,
            Action::NextField | Action::PreviousField => {
                self.yes = !self.yes;
                Outcome::Stay
            }
            Action::Up => self.scroll(-1),
            Action::Down => self.scroll(1),
            Action::PageUp => self.scroll(-8),
            Action::PageDown => self.scroll(8),
            _ => Outcome::Stay,
        }
    }

    fn scroll(&mut self, by: isize) -> Outcome {
        // How many lines there are depends on the width; there are at most as many as characters.
        let most = self.lines.iter().map(|(_, text)| text.len() + 1).sum();
        self.offset = self.offset.saturating_add_signed(by).min(most);
        Outcome::Stay
    }

    /// A key: y and n decide, arrows choose; where a name is wanted, all else is typed.
    pub fn key(&mut self, key: KeyEvent) -> Outcome {
        if let Some((_, typed)) = &mut self.name {
            typed.key(key);
            return Outcome::Stay;
        }
        match key.code {
            KeyCode::Left | KeyCode::Right => {
                self.yes = !self.yes;
                Outcome::Stay
            }
            KeyCode::Char('y' | 'Y') if !key.modifiers.contains(KeyModifiers::CONTROL) => self.decide(true),
            KeyCode::Char('n' | 'N' | 'q') => self.decide(false),
            _ => Outcome::Stay,
        }
    }

    /// Pasted text.
    pub fn paste(&mut self, text: &str) {
        if let Some((_, typed)) = &mut self.name {
            typed.paste(text, " ");
        }
    }

    /// Its lines, and its size in cells.
    fn layout(&self, area: Rect) -> (Vec<(Role, String)>, u16, u16) {
        let wide = area.width.min(self.wide);
        let mut lines = Vec::new();
        for (role, line) in &self.lines {
            let wrapped = paint::wrap(&safe::clean(line), wide.saturating_sub(4));
            // An empty line parts what is above it from what is below.
            let wrapped = if wrapped.is_empty() { vec![String::new()] } else { wrapped };
            lines.extend(wrapped.into_iter().map(|line| (*role, line)));
        }
        let high = lines.len() as u16 + 4 + if self.name.is_some() { 2 } else { 0 };
        (lines, wide, high)
    }

    /// A click, where it was drawn into `area`: on a button it decides.
    pub fn click(&mut self, area: Rect, place: Position) -> Outcome {
        let (_, wide, high) = self.layout(area);
        let inner = inside(paint::dialog_area(area, wide, high));
        // The buttons are in the last row but, where there is room, the one at the bottom that stays empty.
        let rows = inner.bottom().saturating_sub(2)..inner.bottom();
        let Some(x) = place.x.checked_sub(inner.x + 1).filter(|_| rows.contains(&place.y)) else {
            return Outcome::Stay;
        };
        let [no, yes] = self.labels().map(|label| paint::width(&label) + 3);
        match x {
            x if x < no => self.decide(false),
            x if (no + 2 - 2..no + yes + 2).contains(&x) => self.decide(true),
            _ => Outcome::Stay,
        }
    }

    fn labels(&self) -> [String; 2] {
        ["No".to_owned(), format!("Yes, {}", self.verb)]
    }

    /// Draws it; gives the cursor's place while a name is typed.
    pub fn view(&self, area: Rect, buf: &mut Buffer, theme: &Theme) -> Option<Position> {
        let (lines, wide, high) = self.layout(area);
        let named = if self.name.is_some() { 2 } else { 0 };
        let inner = paint::dialog(buf, area, wide, high, &safe::line(&self.title), theme);
        let body = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
        let room = body.height.saturating_sub(2 + named);
        let offset = self.offset.min(lines.len().saturating_sub(usize::from(room)));
        for (y, (role, line)) in (0..room).zip(lines.iter().skip(offset)) {
            paint::text(buf, body, 0, y, line, theme.style(*role));
        }
        if lines.len() > usize::from(room) {
            let edge = Rect { x: inner.right().saturating_sub(1), width: 1, ..inner };
            let muted = theme.style(Role::Muted);
            if offset > 0 {
                paint::text(buf, edge, 0, 0, theme.symbols.up, muted);
            }
            if offset + usize::from(room) < lines.len() {
                paint::text(buf, edge, 0, room.saturating_sub(1), theme.symbols.down, muted);
            }
        }
        let mut y = room.min(lines.len() as u16);
        let mut cursor = None;
        if let Some((name, typed)) = &self.name {
            let text = format!("Type {} to confirm: ", safe::line(name));
            let x = paint::text(buf, body, 0, y, &text, theme.style(Role::Warning));
            let (x, row) = if x + 12 > body.width { (0, y + 1) } else { (x, y) };
            let field = Rect {
                x: body.x + x,
                y: body.y + row.min(body.height.saturating_sub(1)),
                width: body.width.saturating_sub(x),
                height: body.height.min(1),
            };
            cursor = typed.view(field, buf, &theme.input(), "", true);
            y = row + 1;
        }
        let y = (y + 1).min(body.height.saturating_sub(1));
        buttons(self, Rect { y: body.y + y, height: body.height.min(1), ..body }, buf, theme);
        cursor
    }
}

fn buttons(confirm: &Confirm, area: Rect, buf: &mut Buffer, theme: &Theme) {
    let style = |chosen: bool, free: bool| match (free, chosen) {
        (false, _) => theme.style(Role::Disabled),
        (true, true) => theme.style(Role::Selection),
        (true, false) => theme.style(Role::Text),
    };
    let free = confirm.is_free();
    let yes = confirm.yes || confirm.name.is_some() && free;
    let mut x = 0;
    let [no_label, yes_label] = confirm.labels();
    for (chosen, label, free) in [(!yes, no_label, true), (yes, yes_label, free)] {
        let pointer = if chosen { theme.symbols.pointer } else { " " };
        x = paint::text(buf, area, x, 0, &format!("{pointer} {label} "), style(chosen, free)) + 2;
    }
    if confirm.name.is_none() {
        paint::text(buf, area, x, 0, "y/n", theme.style(Role::Muted));
    }
}
