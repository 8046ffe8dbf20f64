//! The terminal: taken over, written to, watched, and always given back.

pub mod clipboard;
mod input;
mod job;
mod screen;
mod signals;
mod strokes;
mod takeover;
mod writer;

pub use input::watch as watch_input;
pub use screen::{Frame, Screen};
pub use signals::{Signal, watch as watch_signals};
pub use takeover::{Takeover, guarded};
pub use writer::{Output, writer};
