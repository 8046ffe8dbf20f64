//! Who is on a server, and whether it can be joined.

mod probe;
mod roster;

pub use probe::{Target, follow, health};
pub use roster::Roster;
