//! What the chosen server costs its machine, now and in the last minutes.

mod state;
mod view;

pub use state::{Gauges, Rates};
pub use view::view;
