//! A longer text: a fault with its causes, a job's end, the messages of the session. `/` shows only what contains a text.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};

use super::Outcome;
use crate::{
    model::Fault,
    tui::{
        action::Action,
        app::inside,
        paint, safe,
        theme::{Role, Theme},
        widgets::{log_view::Needle, text_input::TextInput},
    },
};

/// Its width, in cells, with its border.
const WIDE: u16 = 84;

/// A longer text that can be scrolled and searched.
#[derive(Debug)]
pub struct Message {
    title: String,
    paragraphs: Vec<(Role, String)>,
    offset: usize,
    /// The text that shows must contain this.
    wanted: TextInput,
    /// Whether that is being typed.
    finding: bool,
}

impl Message {
    /// These paragraphs under a title.
    pub fn new(title: impl Into<String>, paragraphs: Vec<(Role, String)>) -> Self {
        Self { title: title.into(), paragraphs, offset: 0, wanted: TextInput::new(256), finding: false }
    }

    /// A fault in full.
    pub fn fault(title: impl Into<String>, fault: &Fault) -> Self {
        let parts = [(Role::Error, &fault.what), (Role::Text, &fault.means), (Role::Warning, &fault.next)];
        let parts = parts.into_iter().filter(|(_, text)| !text.is_empty());
        let causes = fault.chain.iter().map(|cause| (Role::Muted, cause));
        Self::new(title, parts.chain(causes).map(|(role, text)| (role, text.clone())).collect())
    }

    /// An action of the keymap.
    pub fn act(&mut self, action: Action) -> Outcome {
        match action {
            Action::Accept if self.finding => self.finding = false,
            Action::Dismiss if self.finding || !self.wanted.text().is_empty() => {
                (self.wanted, self.finding, self.offset) = (TextInput::new(256), false, 0);
            }
            Action::Accept | Action::Dismiss => return Outcome::Close,
            Action::Up => self.scroll(-1),
            Action::Down => self.scroll(1),
            Action::PageUp => self.scroll(-10),
            Action::PageDown => self.scroll(10),
            _ => {}
        }
        Outcome::Stay
    }

    fn scroll(&mut self, by: isize) {
        // The number of lines depends on the width; there are at most as many as characters.
        let most = self.paragraphs.iter().map(|(_, text)| text.len() + 1).sum();
        self.offset = self.offset.saturating_add_signed(by).min(most);
    }

    /// A key that means nothing in the keymap.
    pub fn key(&mut self, key: KeyEvent) -> Outcome {
        if self.finding {
            self.wanted.key(key);
            self.offset = 0;
            return Outcome::Stay;
        }
        match key.code {
            KeyCode::Char('q') => return Outcome::Close,
            KeyCode::Char('j') => return self.act(Action::Down),
            KeyCode::Char('k') => return self.act(Action::Up),
            KeyCode::Char('/') => self.finding = true,
            _ => {}
        }
        Outcome::Stay
    }

    /// Pasted text.
    pub fn paste(&mut self, text: &str) {
        if self.finding {
            self.wanted.paste(text, " ");
            self.offset = 0;
        }
    }

    /// A click, where it was drawn into `area`: beside it, or on the row that says how it is closed, it closes.
    pub fn click(&mut self, area: Rect, place: Position) -> Outcome {
        let dialog = paint::dialog_area(area, WIDE, self.height(area));
        let last = inside(dialog).bottom().saturating_sub(1);
        if !dialog.contains(place) || place.y == last { Outcome::Close } else { Outcome::Stay }
    }

    /// The paragraphs that show. What is muted belongs to what is above it.
    fn shown(&self) -> Vec<&(Role, String)> {
        let Some(needle) = Needle::new(self.wanted.text()) else { return self.paragraphs.iter().collect() };
        let parts = self.paragraphs.chunk_by(|_, (role, _)| *role == Role::Muted);
        parts.filter(|part| part.iter().any(|(_, text)| needle.is_in(text))).flatten().collect()
    }

    fn lines(&self, area: Rect) -> Vec<(Role, String)> {
        let wide = area.width.min(WIDE);
        let mut lines = Vec::new();
        for (role, text) in self.shown() {
            let wrapped = paint::wrap(&safe::clean(text), wide.saturating_sub(4));
            lines.extend(wrapped.into_iter().map(|line| (*role, line)));
        }
        if lines.is_empty() {
            lines.push((Role::Muted, "Nothing contains this.".to_owned()));
        }
        lines
    }

    fn has_field(&self) -> bool {
        self.finding || !self.wanted.text().is_empty()
    }

    fn height(&self, area: Rect) -> u16 {
        let rows = self.lines(area).len() as u16 + u16::from(self.has_field());
        rows.saturating_add(3).min(area.height)
    }

    /// Draws it; gives the cursor's place while a text is typed.
    pub fn view(&self, area: Rect, buf: &mut Buffer, theme: &Theme) -> Option<Position> {
        let lines = self.lines(area);
        let inner = paint::dialog(buf, area, WIDE, self.height(area), &safe::line(&self.title), theme);
        let body = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
        let field = u16::from(self.has_field()).min(body.height);
        let mut cursor = None;
        if field > 0 {
            let x = paint::text(buf, body, 0, 0, "/ ", theme.style(Role::Key));
            let place = Rect { x: body.x + x, width: body.width.saturating_sub(x), height: 1, ..body };
            cursor = self.wanted.view(place, buf, &theme.input(), "a part of it", self.finding);
        }
        let list = Rect { y: body.y + field, height: body.height - field, ..body };
        let room = usize::from(list.height.saturating_sub(1));
        let offset = self.offset.min(lines.len().saturating_sub(room));
        for (y, (role, line)) in (0..).zip(lines.iter().skip(offset).take(room)) {
            paint::text(buf, list, 0, y, line, theme.style(*role));
        }
        let more = match (self.finding, lines.len() > room) {
            (true, _) => "Enter keeps it, Esc shows all",
            (_, true) => "Esc closes, arrows scroll, / filters",
            _ => "Esc closes, / filters",
        };
        paint::text_right(buf, list, list.height.saturating_sub(1), more, theme.style(Role::Muted));
        cursor.filter(|_| self.finding)
    }
}
