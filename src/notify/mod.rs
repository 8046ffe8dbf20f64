//! Notices that leave the house: a crash, a failed backup or a full disk is told to Discord, Slack, or any program that
//! takes JSON over HTTP.
//!
//! [`Notices`] listens to the engine like any face and puts what somebody has chosen to be told into the queue of each
//! [`Target`]. A target has a task, so a slow one holds up none of the others; its queue is bounded, what fails is tried
//! again with growing pauses, and what cannot be delivered is logged and let go. The engine never waits for any of it.
//!
//! Where a notice goes is checked when it is sent: the name is looked up, its addresses must not lead into this
//! machine or its own network unless that name was allowed, and it is one of those very addresses that is connected to.
//! Nobody is followed to another place.

mod desk;
mod guard;
mod message;
mod post;
mod target;

pub use desk::Notices;
pub use message::Message;
pub use post::{Error, Poster};
pub use target::{Address, Kind, Target};

#[cfg(test)]
mod tests;
