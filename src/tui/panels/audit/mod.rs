//! Who did what, and what came of it.

mod view;

pub use view::describe;

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};

use super::{Context, Filter, Pane, Step, Within};
use crate::{
    model::{AuditEntry, Fault},
    tui::widgets::log_view::Needle,
};

/// Lines that are asked for; `mineclifford audit` shows older ones.
pub const LINES: usize = 500;

/// The last lines of the audit trail.
#[derive(Clone, Debug, Default)]
pub struct Audit {
    /// Newest first; `None` until they came.
    lines: Option<Result<Vec<AuditEntry>, Fault>>,
    /// Whether they are to be asked for.
    wanted: bool,
    /// Whether they were asked for and did not come yet.
    asked: bool,
    /// The chosen row among those that show.
    cursor: usize,
    offset: usize,
    filter: Filter,
}

impl Audit {
    /// Something may have been written down.
    pub fn want(&mut self) {
        self.wanted = true;
    }

    /// Whether to ask for the lines now, where they can be seen.
    pub fn ask(&mut self) -> bool {
        let ask = !self.asked && (self.wanted || self.lines.is_none());
        if ask {
            (self.wanted, self.asked) = (false, true);
        }
        ask
    }

    /// They came, oldest first, or why not.
    pub fn fill(&mut self, lines: Result<Vec<AuditEntry>, Fault>) {
        self.asked = false;
        let before = self.rows().count();
        self.lines = Some(lines.map(|mut lines| {
            lines.reverse();
            lines
        }));
        // Whoever reads older ones stays with the line that was chosen; at the top the newest is chosen.
        if self.cursor > 0 {
            self.cursor += self.rows().count().saturating_sub(before);
        }
    }

    fn rows(&self) -> impl Iterator<Item = &AuditEntry> {
        let needle = self.filter.needle();
        let fits = move |entry: &&AuditEntry| needle.as_ref().is_none_or(|needle| has(entry, needle));
        self.lines.iter().flatten().flatten().filter(fits)
    }

    /// The chosen line.
    pub fn current(&self) -> Option<&AuditEntry> {
        self.rows().nth(self.cursor)
    }
}

fn has(entry: &AuditEntry, needle: &Needle) -> bool {
    let line = &entry.line;
    needle.is_in(&line.action)
        || needle.is_in(&line.server_name)
        || needle.is_in(&line.outcome)
        || needle.is_in(&line.origin.words())
}

impl Pane for Audit {
    fn view(&self, area: Rect, buf: &mut Buffer, context: &Context<'_>) -> Option<Position> {
        view::view(self, area, buf, context)
    }

    fn go(&mut self, step: Step, within: Within<'_>) {
        self.cursor = step.from(self.cursor, within.page());
    }

    fn click(&mut self, at: Position, within: Within<'_>) {
        self.cursor = self.offset + usize::from(at.y - within.inner.y);
    }

    fn settle(&mut self, within: Within<'_>) {
        self.cursor = self.cursor.min(self.rows().count().saturating_sub(1));
        let height = usize::from(within.inner.height.saturating_sub(self.filter.height())).max(1);
        self.offset = self.offset.min(self.cursor).max((self.cursor + 1).saturating_sub(height));
    }

    fn filter(&self) -> Option<&Filter> {
        Some(&self.filter)
    }

    fn filter_mut(&mut self) -> Option<&mut Filter> {
        Some(&mut self.filter)
    }
}

#[cfg(test)]
mod tests;
