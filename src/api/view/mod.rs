//! What travels: the shapes of answers and bodies. Their field names are a promise: they are added to, never renamed.

mod backup;
mod console;
mod contents;
mod disk;
mod job;
mod schedule;
mod server;
mod spec;
mod token;

pub use backup::{BackupView, FromBackup, NewBackup, RestoreWish, is_file};
pub use console::LineView;
pub use contents::{ContentsView, FilesView, KeptView, PatternsView, Question, RestorePlanView};
pub use disk::DiskView;
pub use job::{Accepted, FaultView, JobView};
pub use schedule::{PlanView, ScheduleView};
pub use server::{Details, HostView, PlayersView, SampleView, ServerView, StepView};
pub use spec::{CloneWish, NewServer, ServerChanges};
pub use token::{AuditView, MadeToken, NewTicket, NewToken, OriginView, TicketView, TokenView};

/// A value of the model, as JSON says it: a word where it is one.
pub fn word(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(serde_json::Value::Object(map)) => map.keys().next().cloned().unwrap_or_default(),
        _ => String::new(),
    }
}
