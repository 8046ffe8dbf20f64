//! The console of the chosen server: its log and its command line.

mod history;
mod state;
mod view;

pub use history::History;
pub use state::{Console, TAIL};
pub use view::{Context, log_area, view};
