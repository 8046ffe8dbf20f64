//! Pieces of the screen that know nothing of the rest of the dashboard.

pub mod sgr;
