//! What is done at set times.

pub mod plan;
