//! The console of the chosen server: its log and its command line.

mod history;
mod look;
mod state;
mod status;
mod view;

pub use history::History;
pub use look::Prompt;
pub use state::{Console, TAIL};

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};

use super::{Context, Find, Pane, Step, Within};

/// Columns by which one key scrolls sideways.
const SIDEWAYS: i64 = 8;

impl Pane for Console {
    fn view(&self, area: Rect, buf: &mut Buffer, context: &Context<'_>) -> Option<Position> {
        view::view(self, area, buf, context)
    }

    fn go(&mut self, step: Step, within: Within<'_>) {
        let Self { log, ring, .. } = self;
        match step {
            // Where a line has the cursor, that one moves.
            Step::Up if log.cursor().is_some() => log.move_cursor(ring, -1),
            Step::Down if log.cursor().is_some() => log.move_cursor(ring, 1),
            Step::PageUp if log.cursor().is_some() => log.move_cursor(ring, -page(within)),
            Step::PageDown if log.cursor().is_some() => log.move_cursor(ring, page(within)),
            Step::First if log.cursor().is_some() => log.set_cursor(ring, 0),
            Step::Last if log.cursor().is_some() => log.set_cursor(ring, u64::MAX),
            Step::Up => log.scroll_lines(ring, -1),
            Step::Down => log.scroll_lines(ring, 1),
            Step::PageUp => log.scroll_pages(ring, -1),
            Step::PageDown => log.scroll_pages(ring, 1),
            Step::First => log.to_top(ring),
            Step::Last => log.to_bottom(),
            Step::Left => log.scroll_columns(ring, -SIDEWAYS),
            Step::Right => log.scroll_columns(ring, SIDEWAYS),
        }
    }

    fn wheel(&mut self, rows: i32, _within: Within<'_>) {
        self.log.scroll_lines(&self.ring, i64::from(rows));
    }

    fn is_finding(&self) -> bool {
        self.look.prompt.is_some()
    }

    fn is_filtered(&self) -> bool {
        !self.log.filter().is_off()
    }

    fn find(&mut self, find: Find<'_>, _within: Within<'_>) {
        match find {
            Find::Begin => self.begin(Prompt::Filter),
            Find::Key(key) => self.type_key(key),
            Find::Paste(text) => self.type_text(text),
            Find::Accept => self.accept_typed(),
            Find::Dismiss => self.dismiss_typed(),
            Find::Clear => self.reset(),
        }
    }

    fn leave(&mut self) {
        self.accept_typed();
    }

    fn click(&mut self, at: Position, within: Within<'_>) {
        self.type_command(at.y + 1 >= within.inner.bottom());
        self.log.drop_cursor();
        self.look.pressed = self.log.line_at(&self.ring, view::log_area(self, within.inner), at);
    }

    fn drag(&mut self, at: Position, within: Within<'_>) {
        let Some(from) = self.look.pressed else { return };
        let area = view::log_area(self, within.inner);
        if at.y <= area.y {
            self.log.scroll_lines(&self.ring, -1);
        } else if at.y + 1 >= area.bottom() {
            self.log.scroll_lines(&self.ring, 1);
        }
        let at = Position { y: at.y.clamp(area.y, area.bottom().saturating_sub(1).max(area.y)), ..at };
        if let Some(to) = self.log.line_at(&self.ring, area, at) {
            self.log.select(&self.ring, from, to);
        }
    }

    fn settle(&mut self, within: Within<'_>) {
        let log = view::log_area(self, within.inner);
        self.log.sync(&self.ring, log.width, log.height);
        self.settle_times(within.server.and_then(|server| server.about.spec.time_zone.as_deref()));
    }
}

fn page(within: Within<'_>) -> i64 {
    i64::try_from(within.page()).unwrap_or(1)
}
