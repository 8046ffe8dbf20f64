//! Attaching to an engine by the program itself: services, dashboards and commands on one data folder, over a socket and
//! over a real ssh. Docker is the demo's, in a process of its own, so that nothing here needs a real one.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

#[path = "../support/program.rs"]
mod program;
#[path = "../support/screen.rs"]
mod screen;
#[path = "../support/mod.rs"]
mod support;

mod attach;
mod bytes;
mod dashboard;
mod service;
mod ssh;
#[allow(dead_code)]
mod stage;
