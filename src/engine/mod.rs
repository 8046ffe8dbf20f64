//! Commands in, events and snapshots out.

pub mod handle;

pub use handle::Handle;
