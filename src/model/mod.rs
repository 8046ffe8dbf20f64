//! Plain values and rules: what every room of the house talks about.
//!
//! Nothing here does I/O, knows a runtime, or has a lock. Rooms may depend on this one; it depends on none.

pub mod access;
pub mod audit;
pub mod backup;
pub mod command;
pub mod console;
pub mod disk;
pub mod event;
pub mod face;
pub mod fault;
pub mod field;
pub mod history;
pub mod host;
pub mod id;
pub mod job;
pub mod kind;
pub mod quantity;
pub mod resume;
pub mod schedule;
pub mod secrecy;
pub mod server;
pub mod snapshot;
pub mod spec;
pub mod standing;
pub mod state;
pub mod stats;
pub mod tally;

pub use access::{Caller, Credential, Purpose, Role, Secret, Token, TokenPlan};
pub use audit::{AuditEntry, AuditLine};
pub use backup::{Backup, BackupState, BackupWish, Patterns, Retention};
pub use command::{Answer, Command, Order, Origin, Via};
pub use disk::{Disk, DiskOf};
pub use event::{Event, Notice, Severity, Topic};
pub use face::{Face, Way};
pub use fault::{Fault, FaultKind};
pub use history::{Extent, Figure, History, Past, Point, Span};
pub use host::{Host, HostState};
pub use id::{BackupId, HostId, JobId, ScheduleId, ServerId, TokenId};
pub use job::{Job, JobKind, JobState, Progress};
pub use kind::ServerType;
pub use quantity::{Memory, Units};
pub use schedule::Schedule;
pub use server::{About, Ownership, Players, Server};
pub use snapshot::Snapshot;
pub use spec::{Changes, Spec};
pub use standing::Standing;
pub use state::{Explanation, State};
pub use stats::{Sample, Ticks};
pub use tally::Tally;
