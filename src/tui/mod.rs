//! The dashboard: a face that sees the engine's handle and nothing else of the world.

pub mod action;
pub mod app;
mod document;
mod files;
pub mod forms;
pub mod input;
mod options;
mod outside;
pub mod overlays;
mod pace;
mod paint;
pub mod panels;
mod run;
mod safe;
mod start;
pub mod terminal;
pub mod theme;
pub mod widgets;
mod workers;
mod zone;

pub use options::Options;
pub use start::{Error, run};
pub use theme::ColorDepth;
