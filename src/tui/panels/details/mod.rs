//! Everything that is known of the chosen server.

mod lines;
mod view;

use jiff::Timestamp;
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};

use super::{Context, Pane, Step, Within, servers};

/// How far the details are scrolled.
#[derive(Clone, Copy, Debug, Default)]
pub struct Details {
    /// The first line that shows.
    pub offset: usize,
}

impl Pane for Details {
    fn view(&self, area: Rect, buf: &mut Buffer, context: &Context<'_>) -> Option<Position> {
        view::view(*self, area, buf, context);
        None
    }

    fn go(&mut self, step: Step, within: Within<'_>) {
        self.offset = step.from(self.offset, within.page());
    }

    fn settle(&mut self, within: Within<'_>) {
        if self.offset > 0 {
            let lines =
                within.server.map_or(0, |server| view::height(server, within.now, within.inner.width));
            self.offset = self.offset.min(lines.saturating_sub(usize::from(within.inner.height)));
        }
    }

    fn next_change(&self, within: Within<'_>) -> Option<Timestamp> {
        within.server.and_then(|server| servers::next_uptime(server, within.now))
    }
}
