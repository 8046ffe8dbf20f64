//! The engine on the real Docker, with the practice server: each verb, and what happens behind its back.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

#[path = "../support/mod.rs"]
mod support;

mod adopt;
mod broken;
mod console;
mod lifecycle;
mod rebuild;
