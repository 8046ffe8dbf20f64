//! Messages that show for a while, and can be read again.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    widgets::{Clear, Widget},
};

use crate::{
    model::{Fault, Notice, Severity},
    tui::{
        paint, safe,
        theme::{Role, Theme},
    },
};

/// Messages that show at once.
const SHOWN: usize = 3;
/// Messages that are kept.
const KEPT: usize = 200;

/// A message.
#[derive(Clone, Debug)]
pub struct Toast {
    /// When it came.
    pub at: Timestamp,
    /// How much it matters.
    pub severity: Severity,
    /// What happened.
    pub text: String,
    /// What it means and what to do next; may be empty.
    pub details: String,
    until: Timestamp,
}

/// A message with its lines, and where it is drawn.
type Placed<'a> = (&'a Toast, Vec<(Role, String)>, Rect);

/// The messages, oldest first.
#[derive(Debug, Default)]
pub struct Toasts {
    kept: VecDeque<Toast>,
}

impl Toasts {
    /// Shows a message.
    pub fn show(&mut self, now: Timestamp, severity: Severity, text: &str, details: &str) {
        let seconds = match severity {
            Severity::Info | Severity::Success => 5,
            Severity::Warning => 10,
            Severity::Error => 20,
        };
        let until = now.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(now);
        // The same again shows once, for longer.
        self.kept.retain(|toast| toast.until <= now || toast.text != text);
        if self.kept.len() >= KEPT {
            self.kept.pop_front();
        }
        let clean = |text: &str| safe::clean(text).into_owned();
        self.kept.push_back(Toast { at: now, severity, text: clean(text), details: clean(details), until });
    }

    /// Shows what the engine tells.
    pub fn notice(&mut self, now: Timestamp, notice: &Notice) {
        self.show(now, notice.severity, &notice.text, &notice.details);
    }

    /// Shows a fault.
    pub fn fault(&mut self, now: Timestamp, fault: &Fault) {
        let details = [&fault.means, &fault.next];
        let details: Vec<_> = details.into_iter().filter(|text| !text.is_empty()).cloned().collect();
        self.show(now, Severity::Error, &fault.what, &details.join(" "));
    }

    /// Those that show, oldest first.
    pub fn shown(&self, now: Timestamp) -> impl Iterator<Item = &Toast> {
        let current = self.kept.iter().filter(move |toast| toast.until > now);
        let extra = current.clone().count().saturating_sub(SHOWN);
        current.skip(extra)
    }

    /// When the next one vanishes.
    pub fn next_change(&self, now: Timestamp) -> Option<Timestamp> {
        self.shown(now).map(|toast| toast.until).min()
    }

    /// Takes away those that show; whether there were any.
    pub fn dismiss(&mut self, now: Timestamp) -> bool {
        let mut any = false;
        for toast in self.kept.iter_mut().filter(|toast| toast.until > now) {
            toast.until = now;
            any = true;
        }
        any
    }

    /// All that are kept, the newest first, as paragraphs.
    pub fn all(&self) -> Vec<(Role, String)> {
        let mut paragraphs = Vec::new();
        for toast in self.kept.iter().rev() {
            let time = toast.at.strftime("%H:%M:%S");
            paragraphs.push((role(toast.severity), format!("{time} {}", toast.text)));
            if !toast.details.is_empty() {
                paragraphs.push((Role::Muted, toast.details.clone()));
            }
        }
        if paragraphs.is_empty() {
            paragraphs.push((Role::Muted, "There was no message yet.".into()));
        }
        paragraphs
    }

    /// Those that show, with their lines, and where each is drawn: in the upper right corner of an area, for the command
    /// line is at the bottom.
    fn places(&self, now: Timestamp, area: Rect) -> Vec<Placed<'_>> {
        let wide = area.width.min(56);
        let most = if area.height < 20 { 4 } else { 6 };
        let mut top = area.y;
        let mut places = Vec::new();
        for toast in self.shown(now).collect::<Vec<_>>().into_iter().rev() {
            let wrap = |text: &str, role| {
                let lines = paint::wrap(text, wide.saturating_sub(6));
                lines.into_iter().map(move |line| (role, line))
            };
            let lines = wrap(&toast.text, role(toast.severity)).chain(wrap(&toast.details, Role::Text));
            let lines: Vec<_> = lines.take(most).collect();
            let high = lines.len() as u16 + 2;
            if top + high > area.bottom() {
                break;
            }
            places.push((toast, lines, Rect { x: area.right() - wide, y: top, width: wide, height: high }));
            top += high;
        }
        places
    }

    /// Takes away those that show, where one of them is drawn at this place; whether there was one.
    pub fn click(&mut self, now: Timestamp, area: Rect, place: Position) -> bool {
        self.places(now, area).iter().any(|(.., rect)| rect.contains(place)) && self.dismiss(now)
    }

    /// Draws those that show.
    pub fn view(&self, now: Timestamp, area: Rect, buf: &mut Buffer, theme: &Theme) {
        for (toast, lines, place) in self.places(now, area) {
            Clear.render(place.intersection(buf.area), buf);
            buf.set_style(place.intersection(buf.area), theme.style(Role::Overlay));
            let inner = paint::panel(buf, place, ratatui::text::Line::default(), false, theme);
            let glyph = match toast.severity {
                Severity::Info => theme.symbols.info,
                Severity::Success => theme.symbols.good,
                Severity::Warning => theme.symbols.warning,
                Severity::Error => theme.symbols.failed,
            };
            paint::text(buf, inner, 1, 0, glyph, theme.style(role(toast.severity)));
            for (y, (role, line)) in (0..).zip(&lines) {
                paint::text(buf, inner, 3, y, line, theme.style(*role));
            }
        }
    }
}

fn role(severity: Severity) -> Role {
    match severity {
        Severity::Info => Role::Info,
        Severity::Success => Role::Good,
        Severity::Warning => Role::Warning,
        Severity::Error => Role::Error,
    }
}
