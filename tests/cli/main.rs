//! The command line on the real Docker: each verb by the program itself, what it refuses, and what a kill leaves.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

#[path = "../support/program.rs"]
mod program;
#[path = "../support/proxy.rs"]
mod proxy;
#[path = "../support/mod.rs"]
mod support;

mod adopt;
mod change;
mod console;
mod killed;
mod lifecycle;
mod listing;
mod pages;
mod refused;
