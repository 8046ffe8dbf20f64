//! The engine's handle at the other end of a Unix socket or of ssh.
//!
//! [`Server`] listens beside an engine and gives each face that attaches a seat. [`join`] is a face's side: it makes a
//! [`Backend`], whose handle is the same type as that of an engine in this process. A [`relay`](relay()) stands before
//! one backend after the other, so that a face keeps its place when a daemon comes or goes or a connection breaks.
//!
//! What travels: requests as [`Ask`](asks::Ask)s, the world as differences ([`world`]), console lines with their
//! numbers ([`lines`]), each watcher with a window of its own, so that a slow console holds back nothing else.

mod asks;
mod codec;
mod dial;
mod face;
mod frame;
mod lines;
mod place;
mod protocol;
mod relay;
mod seat;
mod server;
mod socket;
mod stdio;
mod world;

#[cfg(test)]
mod tests;

pub use dial::Target;
pub use face::{Backend, Joining, join, take_over};
pub use protocol::Error;
pub use relay::{Relayed, Source, relay};
pub use seat::HandOver;
pub use server::{Listen, Server};
pub use socket::{default_path, group_id};
pub use stdio::copy as copy_stdio;
