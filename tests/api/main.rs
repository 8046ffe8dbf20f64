//! The API by the program itself, from outside: curl, openssl, a WebSocket client, Prometheus, and hands that mean no
//! good. Docker is the demo's, in a process of its own, so that nothing here needs a real one.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

#[path = "../support/program.rs"]
mod program;
#[path = "../support/receiver.rs"]
mod receiver;
#[path = "../support/prometheus.rs"]
mod scraper;
#[allow(dead_code)]
#[path = "../link/stage.rs"]
mod stage;
#[path = "../support/mod.rs"]
mod support;

mod console;
mod described;
mod doors;
mod http;
mod metrics;
mod notices;
mod prometheus;
mod rest;
mod tls;
