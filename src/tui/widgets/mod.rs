//! Pieces of the screen that know nothing of the rest of the dashboard.

pub mod log_view;
pub mod sgr;
#[cfg(test)]
pub(crate) mod testing;
