//! Everything that is known of the chosen server.

mod lines;
mod view;

pub use view::{height, view};

/// How far the details are scrolled.
#[derive(Clone, Copy, Debug, Default)]
pub struct Details {
    /// The first line that shows.
    pub offset: usize,
}
