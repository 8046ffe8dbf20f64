//! A question that is answered by a short text.

use crossterm::event::KeyEvent;
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};

use super::Outcome;
use crate::{
    model::BackupId,
    tui::{
        action::Action,
        paint, safe,
        theme::{Role, Theme},
        widgets::text_input::TextInput,
    },
};

/// Longest answer, in bytes.
const MAX: usize = 4096;

/// Its width, in cells, with its border.
const WIDE: u16 = 68;

/// What the answer is for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum About {
    /// How many of the last lines are copied.
    CopyLast,
    /// Into which file the log is saved.
    Save,
    /// Into which folder a file of a backup is written.
    Extract {
        /// Of which backup.
        backup: BackupId,
        /// Which file.
        path: String,
    },
}

/// A question.
#[derive(Debug)]
pub struct Ask {
    about: About,
    title: &'static str,
    line: String,
    answer: TextInput,
}

impl Ask {
    /// Asks under a title, with a line that says what would happen and an answer that is picked, so that typing takes
    /// its place.
    pub fn new(about: About, title: &'static str, line: impl Into<String>, answer: &str) -> Self {
        let mut answer = TextInput::with(answer, MAX);
        answer.pick();
        Self { about, title, line: line.into(), answer }
    }

    /// Why the answer is none, where that is so.
    fn wrong(&self) -> Option<&'static str> {
        let text = self.answer.text().trim();
        match &self.about {
            About::CopyLast if !text.parse().is_ok_and(|lines: usize| lines > 0) => {
                Some("must be a number of lines")
            }
            About::Save if text.is_empty() => Some("must be the name of a file"),
            About::Extract { .. } if text.is_empty() => Some("must be the name of a folder"),
            _ => None,
        }
    }

    /// An action of the keymap.
    pub fn act(&mut self, action: Action) -> Outcome {
        match action {
            Action::Dismiss => Outcome::Close,
            Action::Accept if self.wrong().is_none() => {
                Outcome::Told(self.about.clone(), self.answer.text().trim().to_owned())
            }
            _ => Outcome::Stay,
        }
    }

    /// A key that is typed.
    pub fn key(&mut self, key: KeyEvent) -> Outcome {
        self.answer.key(key);
        Outcome::Stay
    }

    /// Pasted text.
    pub fn paste(&mut self, text: &str) {
        self.answer.paste(text, " ");
    }

    fn lines(&self, area: Rect) -> Vec<String> {
        paint::wrap(&safe::clean(&self.line), area.width.min(WIDE).saturating_sub(4))
    }

    /// A click, where it was drawn into `area`: beside it, it closes.
    pub fn click(&mut self, area: Rect, place: Position) -> Outcome {
        let dialog = paint::dialog_area(area, WIDE, self.lines(area).len() as u16 + 4);
        if dialog.contains(place) { Outcome::Stay } else { Outcome::Close }
    }

    /// Draws it; gives the cursor's place.
    pub fn view(&self, area: Rect, buf: &mut Buffer, theme: &Theme) -> Option<Position> {
        let lines = self.lines(area);
        let inner = paint::dialog(buf, area, WIDE, lines.len() as u16 + 4, self.title, theme);
        let body = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
        let mut y = 0;
        for line in lines.iter().take(usize::from(body.height.saturating_sub(2))) {
            paint::text(buf, body, 0, y, line, theme.style(Role::Text));
            y += 1;
        }
        if let Some(wrong) = self.wrong() {
            let last = Rect { y: body.y + y + 1, height: body.height.saturating_sub(y + 1).min(1), ..body };
            paint::text(buf, last, 0, 0, wrong, theme.style(Role::Invalid));
        }
        let field = Rect { y: body.y + y, height: body.height.saturating_sub(y).min(1), ..body };
        self.answer.view(field, buf, &theme.input(), "", true)
    }
}
