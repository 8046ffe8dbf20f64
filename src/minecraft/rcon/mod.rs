//! The remote console: Source RCON as Minecraft speaks it.
//!
//! Minecraft's server is strict in its own ways (its `RemoteControlSession`): it reads at most 1460 bytes, which must
//! hold exactly one packet, and splits replies every 4096 UTF-16 units without marking the last piece.

mod client;
mod codec;

pub use client::{Client, Error, Limits, connect};
pub use codec::{CodecError, MAX_REQUEST_BODY, MAX_RESPONSE_BODY, Packet, decode, encode, kind};
