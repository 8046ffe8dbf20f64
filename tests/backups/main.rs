//! Backups on the real Docker, with the practice server: made whatever the server does, opened by other programs, and never
//! there by halves; put back, tried, and what a kill or a full disk leaves.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

#[path = "../support/program.rs"]
mod program;
#[path = "../support/proxy.rs"]
mod proxy;
#[path = "../support/mod.rs"]
mod support;

mod crossing;
mod full;
mod hostile;
mod killed;
mod kit;
mod making;
mod proving;
mod restoring;
mod shelf;
mod stillness;
mod tight;
mod words;
mod world;
