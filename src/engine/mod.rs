//! The engine: commands in, events and snapshots out.
//!
//! One task, the [`core`], owns everything that is known of hosts, servers and jobs. Around it there is a task for
//! each host, each console, each running server's measurements and each job; they tell the core facts, and it tells
//! nobody but through the snapshot, the events and the answers to requests.

mod access;
pub mod backups;
mod beat;
mod console;
mod core;
mod disks;
mod extract;
mod fact;
mod handle;
mod hosts;
mod identity;
mod jobs;
mod players;
pub mod schedules;
pub mod servers;
mod stats;
mod supervisor;

pub use access::lay as lay_pass;
pub use backups::{Settings as BackupSettings, Tuning as BackupTuning};
pub use console::Limits as ConsoleLimits;
pub use handle::{From, Handle, Request, WATCH_DEPTH};
pub use schedules::Clock;
pub use servers::lives::LoopRule;
pub use supervisor::{Engine, Keep, Setup, Tuning};
