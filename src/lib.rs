//! Mineclifford: Minecraft servers in Docker, from the terminal.
//!
//! One engine, many faces. See ARCHITECTURE.md for the map.

pub mod engine;
pub mod model;
pub mod tui;
