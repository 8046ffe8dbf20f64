//! `server.properties`: Java's properties format, read and changed without touching what is not meant.

mod escape;
mod file;

pub use file::{Error, MAX_BYTES, MAX_LINES, Properties};
