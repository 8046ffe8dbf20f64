//! What somebody who was let in may see.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::model::{
    Caller, Event, Fault, Role, Schedule, ServerId, Snapshot, TokenId, access::TokenPlan, schedule::Targets,
};

/// A wait for a far moment is begun anew so often: the clock may be set meanwhile.
const LOOK: Duration = Duration::from_secs(30);

/// What somebody who was let in may do, until the token is revoked or expires.
#[derive(Debug)]
pub struct Grant {
    /// What they may do.
    pub role: Role,
    /// The only servers that they know of; `None` is all.
    pub servers: Option<BTreeSet<ServerId>>,
    /// Who they are, for the audit trail.
    pub caller: Caller,
    expires_at: Option<Timestamp>,
    revoked: CancellationToken,
}

impl Grant {
    /// For the holder of a token.
    pub fn of_token(plan: &TokenPlan, caller: Caller, revoked: CancellationToken) -> Self {
        let servers = plan.servers.as_ref().map(|servers| servers.iter().copied().collect());
        Self { role: plan.role, servers, caller, expires_at: plan.expires_at, revoked }
    }

    /// For somebody who may write to the engine's data folder.
    pub fn of_pass(caller: Caller) -> Self {
        Self { role: Role::Admin, servers: None, caller, expires_at: None, revoked: CancellationToken::new() }
    }

    /// The same for one server only, and no more than an operator's: what a console's ticket is good for.
    pub fn only(mut self, server: ServerId) -> Self {
        self.role = self.role.min(Role::Operator);
        self.servers = Some(BTreeSet::from([server]));
        self
    }

    /// The token that it came from.
    pub fn token(&self) -> Option<TokenId> {
        self.caller.token
    }

    /// Whether they know of this server.
    pub fn sees(&self, server: ServerId) -> bool {
        self.servers.as_ref().is_none_or(|servers| servers.contains(&server))
    }

    /// Whether they know of all servers.
    pub fn sees_all(&self) -> bool {
        self.servers.is_none()
    }

    /// Whether it holds now.
    ///
    /// # Errors
    /// That it was revoked or has expired.
    pub fn check(&self) -> Result<(), Fault> {
        let expired = self.expires_at.is_some_and(|at| at <= Timestamp::now());
        if expired || self.revoked.is_cancelled() { Err(super::stranger()) } else { Ok(()) }
    }

    /// Waits until it no longer holds. Cancel-safe.
    pub async fn ended(&self) {
        loop {
            let wait = match self.expires_at {
                None => LOOK,
                Some(at) => {
                    Duration::try_from(at.duration_since(Timestamp::now())).unwrap_or_default().min(LOOK)
                }
            };
            tokio::select! {
                () = self.revoked.cancelled() => return,
                () = tokio::time::sleep(wait) => {}
            }
            if self.check().is_err() {
                return;
            }
        }
    }

    /// The part of the world that they may see.
    pub fn view(&self, world: &Arc<Snapshot>) -> Arc<Snapshot> {
        if self.sees_all() {
            if self.role == Role::Admin {
                return world.clone();
            }
            let (tokens, faces, ways) = (Vec::new(), Vec::new(), Vec::new());
            return Arc::new(Snapshot { tokens, faces, ways, ..(**world).clone() });
        }
        let servers: Vec<_> = world.servers.iter().filter(|one| self.sees(one.id())).cloned().collect();
        let hosts = world.hosts.iter().filter(|host| servers.iter().any(|one| one.about.host == host.id));
        Arc::new(Snapshot {
            sequence: world.sequence,
            settled: world.settled,
            read_only: world.read_only,
            hosts: hosts.cloned().collect(),
            // They are for whoever looks after all of it.
            disks: Vec::new(),
            jobs: world
                .jobs
                .iter()
                .filter(|job| job.server.is_some_and(|id| self.sees(id)))
                .cloned()
                .collect(),
            backups: world.backups.iter().filter(|backup| self.sees(backup.server)).cloned().collect(),
            schedules: world.schedules.iter().filter(|one| self.sees_schedule(one)).cloned().collect(),
            schedules_paused: world.schedules_paused,
            tokens: Vec::new(),
            faces: Vec::new(),
            ways: Vec::new(),
            servers,
        })
    }

    /// Whether they know of a schedule: of one that works on other servers too, they do not.
    pub fn sees_schedule(&self, schedule: &Schedule) -> bool {
        self.sees_all()
            || match &schedule.plan.targets {
                Targets::Created => false,
                Targets::Servers(servers) => servers.iter().all(|id| self.sees(*id)),
            }
    }

    /// Whether they may hear of this, given the world as they see it.
    pub fn hears(&self, event: &Event, world: &Snapshot) -> bool {
        self.sees_all()
            || match event {
                Event::Notice(notice) => notice.server.is_some_and(|id| self.sees(id)),
                Event::JobEnded { job, .. } => world.job(*job).is_some(),
                Event::Joined { server, .. } => self.sees(*server),
            }
    }
}
