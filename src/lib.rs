//! Mineclifford: Minecraft servers in Docker, from the terminal.
//!
//! One engine, many faces. See ARCHITECTURE.md for the map.

pub mod cli;
pub mod engine;
pub mod model;
