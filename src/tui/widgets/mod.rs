//! Pieces of the screen that know nothing of the rest of the dashboard.

pub mod chart;
pub mod gauge;
pub mod log_view;
pub mod sgr;
pub mod sparkline;
#[cfg(test)]
pub(crate) mod testing;
pub mod text_input;
