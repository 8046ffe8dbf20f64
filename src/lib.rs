//! Mineclifford: Minecraft servers in Docker, from the terminal.
//!
//! One engine, many faces. See ARCHITECTURE.md for the map.

pub mod api;
pub mod archive;
pub mod cli;
pub mod config;
pub mod demo;
pub mod docker;
pub mod engine;
pub mod link;
pub mod minecraft;
pub mod model;
pub mod notify;
pub mod ssh;
pub mod store;
pub mod tasks;
pub mod tui;
