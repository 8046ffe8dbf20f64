//! A longer text: a fault with its causes, a job's end, the messages of the session.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::{buffer::Buffer, layout::Rect};

use super::Outcome;
use crate::{
    model::Fault,
    tui::{
        action::Action,
        paint, safe,
        theme::{Role, Theme},
    },
};

/// A longer text that can be scrolled.
#[derive(Debug)]
pub struct Message {
    title: String,
    paragraphs: Vec<(Role, String)>,
    offset: usize,
}

impl Message {
    /// These paragraphs under a title.
    pub fn new(title: impl Into<String>, paragraphs: Vec<(Role, String)>) -> Self {
        Self { title: title.into(), paragraphs, offset: 0 }
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
        match key.code {
            KeyCode::Char('q') => Outcome::Close,
            KeyCode::Char('j') => self.act(Action::Down),
            KeyCode::Char('k') => self.act(Action::Up),
            _ => Outcome::Stay,
        }
    }

    /// Draws it.
    pub fn view(&self, area: Rect, buf: &mut Buffer, theme: &Theme) {
        let wide = area.width.min(84);
        let mut lines = Vec::new();
        for (role, text) in &self.paragraphs {
            let wrapped = paint::wrap(&safe::clean(text), wide.saturating_sub(4));
            lines.extend(wrapped.into_iter().map(|line| (*role, line)));
        }
        let high = (lines.len() as u16).saturating_add(3).min(area.height);
        let inner = paint::dialog(buf, area, wide, high, &safe::line(&self.title), theme);
        let body = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
        let room = usize::from(body.height.saturating_sub(1));
        let offset = self.offset.min(lines.len().saturating_sub(room));
        for (y, (role, line)) in (0..).zip(lines.iter().skip(offset).take(room)) {
            paint::text(buf, body, 0, y, line, theme.style(*role));
        }
        let more = if lines.len() > room { "Esc closes, arrows scroll" } else { "Esc closes" };
        paint::text_right(buf, body, body.height.saturating_sub(1), more, theme.style(Role::Muted));
    }
}
