//! Copies of worlds: where they lie, what is known of each, how one is made, looked after and put back, and which are kept.

pub mod book;
pub mod keep;
pub mod library;
pub mod make;
pub mod prove;
pub mod ready;
pub mod restore;
pub mod retention;
mod settings;
pub mod shelf;

pub use settings::{Settings, Tuning};

/// The fault of a job that was cancelled.
fn cancelled() -> crate::model::Fault {
    super::jobs::cancelled()
}
