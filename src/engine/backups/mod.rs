//! Copies of worlds: which are kept.

pub mod retention;
