//! What the chosen server costs its machine, how full it is and how fast it ticks: now, and over the last day.

mod rows;
mod state;
mod view;

pub use state::Gauges;

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};

use super::{Context, Pane, Step, Within};
use rows::{ROWS, places};

impl Pane for Gauges {
    fn view(&self, area: Rect, buf: &mut Buffer, context: &Context<'_>) -> Option<Position> {
        view::view(self, area, buf, context);
        None
    }

    fn go(&mut self, step: Step, _within: Within<'_>) {
        self.choose(step.from(self.chosen, ROWS.len()));
    }

    /// Turning it looks further back, or at less.
    fn wheel(&mut self, rows: i32, _within: Within<'_>) {
        self.span = self.span.step(rows > 0);
    }

    /// A click chooses; a second one on the same shows it alone, or all again.
    fn click(&mut self, at: Position, within: Within<'_>) {
        let found = places(self, within.inner).into_iter().find(|(_, place)| place.contains(at));
        let Some((row, _)) = found else { return };
        if row == self.chosen {
            self.turn();
        }
        self.choose(row);
    }
}
