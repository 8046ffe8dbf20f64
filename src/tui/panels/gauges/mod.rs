//! What the chosen server costs its machine, now and in the last minutes.

mod state;
mod view;

pub use state::{Gauges, Rates};

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};

use super::{Context, Pane};

impl Pane for Gauges {
    fn view(&self, area: Rect, buf: &mut Buffer, context: &Context<'_>) -> Option<Position> {
        view::view(self, area, buf, context);
        None
    }
}
