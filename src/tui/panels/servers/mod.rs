//! The server list.

mod columns;
mod state;
mod view;

pub use columns::{Column, state_text};
pub use state::Servers;
pub use state::next_uptime;

use jiff::Timestamp;
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};

use super::{Context, Filter, Find, Pane, Step, Within};

impl Pane for Servers {
    fn view(&self, area: Rect, buf: &mut Buffer, context: &Context<'_>) -> Option<Position> {
        view::view(self, area, buf, context)
    }

    fn go(&mut self, step: Step, within: Within<'_>) {
        self.select_row(step.from(self.cursor(), within.page()), within.snapshot);
    }

    fn click(&mut self, at: Position, within: Within<'_>) {
        let Some(row) = at.y.checked_sub(within.inner.y + 1) else { return };
        let row = self.offset() + usize::from(row);
        if row < self.rows().len() {
            self.select_row(row, within.snapshot);
        }
    }

    fn settle(&mut self, within: Within<'_>) {
        self.scroll(usize::from(within.inner.height.saturating_sub(1 + self.filter.height())));
    }

    fn filter(&self) -> Option<&Filter> {
        Some(&self.filter)
    }

    fn find(&mut self, find: Find<'_>, within: Within<'_>) {
        match find {
            Find::Begin => self.type_filter(true),
            Find::Key(key) => _ = self.filter.key(key),
            Find::Paste(text) => self.filter.paste(text),
            Find::Accept => self.type_filter(false),
            Find::Dismiss => self.dismiss_filter(within.snapshot),
            Find::Clear => self.clear_filter(within.snapshot),
        }
        self.refresh(within.snapshot);
    }

    fn leave(&mut self) {
        self.type_filter(false);
    }

    fn next_change(&self, within: Within<'_>) -> Option<Timestamp> {
        self.uptime_change(within.snapshot, within.inner, within.now)
    }
}
