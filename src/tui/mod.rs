//! The dashboard.

pub mod forms;
pub mod widgets;
