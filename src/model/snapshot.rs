//! The whole world as last seen.

use std::sync::Arc;

use super::{
    Backup, BackupId, Disk, Face, Fault, FaultKind, Host, Job, JobId, Schedule, Server, ServerId, Token, Way,
};

/// The whole world as last seen. The latest wins; an older one is never needed.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Grows with each change.
    pub sequence: u64,
    /// Whether hosts were asked once, their servers looked at and interrupted jobs looked after, so that an empty list
    /// means that there is nothing, and a server can be told what to do.
    pub settled: bool,
    /// Whether the engine refuses every change.
    pub read_only: bool,
    /// By name.
    pub hosts: Vec<Arc<Host>>,
    /// That of the backups first, then those of hosts.
    pub disks: Vec<Arc<Disk>>,
    /// By name, then id.
    pub servers: Vec<Arc<Server>>,
    /// Oldest first: those that run, and the last hundred that ended.
    pub jobs: Vec<Arc<Job>>,
    /// Newest first.
    pub backups: Vec<Arc<Backup>>,
    /// By name.
    pub schedules: Vec<Arc<Schedule>>,
    /// Whether every schedule rests.
    pub schedules_paused: bool,
    /// Oldest first. Only for those who may see them.
    pub tokens: Vec<Arc<Token>>,
    /// Who is attached, in the order in which they came. Only for those who may see tokens.
    pub faces: Vec<Arc<Face>>,
    /// By which ways one can come. Only for those as well.
    pub ways: Vec<Arc<Way>>,
}

impl Snapshot {
    /// The server with this id.
    pub fn server(&self, id: ServerId) -> Option<&Arc<Server>> {
        self.servers.iter().find(|server| server.id() == id)
    }

    /// The job with this id.
    pub fn job(&self, id: JobId) -> Option<&Arc<Job>> {
        self.jobs.iter().find(|job| job.id == id)
    }

    /// The backup with this id.
    pub fn backup(&self, id: BackupId) -> Option<&Arc<Backup>> {
        self.backups.iter().find(|backup| backup.id == id)
    }

    /// The server that a person means: by name, by id, by container's name, or by the beginning (six digits or
    /// more) of the server's or the container's id.
    ///
    /// # Errors
    /// [`FaultKind::NotFound`], or [`FaultKind::Conflict`] when several fit.
    pub fn find(&self, text: &str) -> Result<&Arc<Server>, Fault> {
        let exact = |server: &&Arc<Server>| {
            server.name() == text || server.about.container_name == text || server.id().to_string() == text
        };
        let prefix = |server: &&Arc<Server>| {
            text.len() >= 6
                && (server.id().to_string().starts_with(text)
                    || server.id().short().starts_with(text)
                    || server.about.container_id.as_ref().is_some_and(|id| id.starts_with(text)))
        };
        let mut found: Vec<_> = self.servers.iter().filter(exact).collect();
        if found.is_empty() {
            found = self.servers.iter().filter(prefix).collect();
        }
        match found.as_slice() {
            [one] => Ok(one),
            [] => Err(Fault::new(
                FaultKind::NotFound,
                format!("There is no server called {:?}.", text.escape_default().to_string()),
                "",
                "`mineclifford server list` shows those that there are.",
            )),
            _ => Err(Fault::new(
                FaultKind::Conflict,
                format!("{} servers are called {:?}.", found.len(), text.escape_default().to_string()),
                "",
                "Name the one you mean by its id; `mineclifford server list --json` shows it.",
            )),
        }
    }
}
