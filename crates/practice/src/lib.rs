//! A miniature Minecraft server that keeps the container image's contract: console, log, RCON, list ping, world files,
//! players that come and go, and every way to fail. For tests and for the demo; there is no game in it.
//!
//! The library does no I/O and has no clock. A driver gives it time, a [`disk::Disk`] and an [`output::Output`], and does
//! what the events say. An idle server asks to be woken every few seconds and does next to nothing then, so that one
//! thread can drive a thousand.
//!
//! ```
//! use std::sync::Arc;
//! use std::time::Duration;
//!
//! use practice::clock::Now;
//! use practice::disk::MemDisk;
//! use practice::init;
//! use practice::output::{Event, Output};
//! use practice::settings::Settings;
//! use practice::sim::{Context, Phase, Server};
//!
//! let settings = Arc::new(Settings::from_env([("EULA", "true"), ("TYPE", "PAPER"), ("VERSION", "1.21.4")]));
//! let mut disk = MemDisk::new();
//! let mut out = Output::new();
//! let mut now = Now { elapsed: Duration::ZERO, unix_ms: 1_700_000_000_000 };
//!
//! // What the image's start script does; an error is the container's exit code.
//! let mut cx = Context { now, disk: &mut disk, out: &mut out };
//! init::run(&settings, &mut cx, 7).expect("the EULA is accepted");
//!
//! let mut server = Server::new(settings, 7);
//! server.start(&mut cx);
//! let mut log = Vec::new();
//! // A real driver sleeps until `next_wake`; this one moves its clock there.
//! while server.phase() == Phase::Loading {
//!     let wake = server.next_wake().expect("a loading server has something to do");
//!     now = Now { elapsed: wake, unix_ms: 1_700_000_000_000 + wake.as_millis() as u64 };
//!     server.wake(&mut Context { now, disk: &mut disk, out: &mut out });
//!     for event in out.drain() {
//!         match event {
//!             Event::Stdout(text) | Event::Stderr(text) => log.extend(text),
//!             Event::Listen(_) => {}             // open the socket
//!             Event::RconReply { .. } => {}      // write the packets of `rcon::reply`
//!             Event::ExecDone { .. } => {}       // only from a `Container`
//!             Event::Exit(exit) => panic!("{exit:?}"),
//!         }
//!     }
//! }
//! assert!(String::from_utf8(log)?.contains("For help, type \"help\""));
//!
//! server.console(&mut Context { now, disk: &mut disk, out: &mut out }, "save-off");
//! assert!(matches!(out.drain().next(), Some(Event::Stdout(text)) if text.ends_with(b"saving is now disabled\n")));
//! # Ok::<(), std::string::FromUtf8Error>(())
//! ```

pub mod clock;
pub mod container;
pub mod disk;
pub mod faults;
pub mod flavour;
pub mod init;
pub mod layout;
pub mod log;
pub mod nbt;
pub mod output;
pub mod ping;
pub mod properties;
pub mod rcon;
pub mod region;
pub mod rng;
pub mod runner;
pub mod settings;
pub mod sim;
pub mod tools;
pub mod world;
