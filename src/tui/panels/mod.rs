//! The parts of the screen, one folder each: what it remembers, and how it is drawn.

pub mod console;
pub mod details;
pub mod gauges;
pub mod jobs;
pub mod servers;
