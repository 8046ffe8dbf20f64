//! Schedules on the real Docker, with the practice server: what they type, what players are told, and what a kill leaves.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

#[path = "../support/program.rs"]
mod program;
#[path = "../support/mod.rs"]
mod support;

mod clocked;
mod killed;
