//! The dashboard in a terminal: a server's life through the form and the console, on the real Docker and in the demo,
//! and a terminal that is always given back.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

#[path = "../support/program.rs"]
mod program;
#[path = "../support/screen.rs"]
mod screen;
#[path = "../support/mod.rs"]
mod support;

mod backups;
mod leaving;
mod life;
mod looks;
mod typing;
