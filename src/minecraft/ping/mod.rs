//! The server list ping: who is online, without logging in.
//!
//! The modern ping (since 1.7) is asked; the legacy ping's answer can be decoded too.

mod client;
mod codec;
mod status;

pub use client::{Error, ping, query};
pub use codec::{CodecError, Frame, MAX_FRAME, decode, echo, legacy, request};
pub use status::{MAX_MOTD, MAX_SAMPLE, SamplePlayer, Status, flatten, status};
