//! A service on a real Docker as it is used: driven by a script over its API, watched by a dashboard, scraped by
//! Prometheus, kept by a supervisor that starts it again.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

#[allow(dead_code)]
#[path = "../api/http.rs"]
mod http;
#[path = "../support/program.rs"]
mod program;
#[path = "../support/prometheus.rs"]
mod prometheus;
#[path = "../support/receiver.rs"]
mod receiver;
#[path = "../support/screen.rs"]
mod screen;
mod stage;
#[path = "../support/mod.rs"]
mod support;

mod backups;
mod notices;
mod supervised;
mod twice;
mod verbs;
