//! Log lines: their shapes ([`parse`]) and what they tell ([`event()`]).
//!
//! Both work on a line that [`text`](super::text) has cleaned and stripped of colours. Chat is text that players
//! choose: everything is anchored at the start of what the server itself wrote, and only lines with a server's
//! prefix can tell of joins, saves and the like.

mod death;
mod event;
mod figures;
mod line;
mod problem;
mod server;

pub use death::{Death, death};
pub use event::{Event, event};
pub use figures::{TickQuery, TickTimes, Tps};
pub use line::{Level, Line, Source, parse};
pub use problem::{DownloadCode, Problem};
