//! The parts of the screen, one folder each: what it remembers, how it is drawn, what moving in it does.

pub mod access;
pub mod audit;
pub mod backups;
mod choice;
pub mod console;
pub mod details;
mod filter;
pub mod gauges;
pub mod jobs;
mod pane;
pub mod schedules;
pub mod servers;

pub use choice::Choice;
pub use filter::Filter;
pub use pane::{Context, Find, Pane, Step, Within};
