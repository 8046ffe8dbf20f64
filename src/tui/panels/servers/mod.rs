//! The server list.

mod columns;
mod state;
mod view;

pub use columns::{Column, state_text};
pub use state::Servers;
pub use state::next_uptime;
pub use view::{Context, view};
