//! The console of the chosen server: its log and its command line.

mod history;
mod state;
mod view;

pub use history::History;
pub use state::{Console, TAIL};

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};

use super::{Context, Pane, Step, Within};

impl Pane for Console {
    fn view(&self, area: Rect, buf: &mut Buffer, context: &Context<'_>) -> Option<Position> {
        view::view(self, area, buf, context)
    }

    fn go(&mut self, step: Step, _within: Within<'_>) {
        let Self { log, ring, .. } = self;
        match step {
            Step::Up => log.scroll_lines(ring, -1),
            Step::Down => log.scroll_lines(ring, 1),
            Step::PageUp => log.scroll_pages(ring, -1),
            Step::PageDown => log.scroll_pages(ring, 1),
            Step::First => log.to_top(ring),
            Step::Last => log.to_bottom(),
            Step::Left | Step::Right => {}
        }
    }

    fn click(&mut self, at: Position, within: Within<'_>) {
        self.type_command(at.y + 1 >= within.inner.bottom());
    }

    fn settle(&mut self, within: Within<'_>) {
        let log = view::log_area(within.inner);
        self.log.sync(&self.ring, log.width, log.height);
    }
}
