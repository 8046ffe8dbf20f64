//! The dashboard.

pub mod action;
mod files;
pub mod input;
pub mod terminal;
pub mod theme;
pub mod widgets;
