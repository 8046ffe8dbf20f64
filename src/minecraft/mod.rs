//! What Minecraft and its container image speak: protocols, log lines, file formats, versions and their rules.
//!
//! Everything here is a pure function or a sans-I/O codec. The RCON and server list ping clients are thin wrappers
//! over any `AsyncRead + AsyncWrite`, with a limit on every wait and on every answer. Nothing in this room knows
//! Docker, the database or the screen.

pub mod command;
pub mod explain;
pub mod kind;
pub mod log;
pub mod names;
pub mod ping;
pub mod properties;
pub mod rcon;
pub mod text;
pub mod version;
