//! How results are written: for people, and as JSON for scripts.

pub mod clean;
pub mod human;
pub mod json;
pub mod progress;
pub mod table;
