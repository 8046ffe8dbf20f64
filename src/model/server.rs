//! A server as last seen.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Explanation, HostId, JobId, Patterns, Sample, ServerId, Spec, State, Ticks, Via};

/// Whose a server's container is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ownership {
    /// Made by this program: it may recreate it.
    Created,
    /// Made by somebody else and handed over: it may start, stop and command it, and never recreates it.
    Adopted,
    /// Made by somebody else and only seen.
    Found,
}

impl Ownership {
    /// Whether this program may change it.
    pub fn is_managed(self) -> bool {
        self != Self::Found
    }
}

/// The part of a server that changes seldom.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct About {
    /// Never changes.
    pub id: ServerId,
    /// What people call it.
    pub name: String,
    /// Where it runs.
    pub host: HostId,
    /// Whose its container is.
    pub ownership: Ownership,
    /// What it should be. For a container made by somebody else, as far as its variables tell.
    pub spec: Spec,
    /// The container's id, while there is one.
    pub container_id: Option<String>,
    /// The container's name, without the slash.
    pub container_name: String,
    /// The image that its container was made from.
    pub image: String,
    /// The Minecraft version that the log or the ping told; `None` until they did.
    pub version: Option<String>,
    /// The host's port that leads to the game; `None` while there is none.
    pub port: Option<u16>,
    /// The volume or folder with its data.
    pub data: Option<String>,
    /// What of its data goes into its backups.
    pub patterns: Patterns,
    /// When this program first knew it.
    pub created_at: Timestamp,
}

/// Who is on it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Players {
    /// How many.
    pub online: u32,
    /// At most.
    pub max: u32,
    /// Those whose names are known, sorted; may be fewer than `online`.
    pub names: Vec<String>,
}

/// A server as last seen. Cheap to clone.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Server {
    /// What changes seldom.
    pub about: Arc<About>,
    /// What it is doing.
    pub state: State,
    /// Why, where that is worth saying: after a crash, while looping, unhealthy or missing.
    pub explanation: Option<Arc<Explanation>>,
    /// When its container last started, while it runs.
    pub started_at: Option<Timestamp>,
    /// Who is on it, where that is known.
    pub players: Option<Arc<Players>>,
    /// The latest measurement, while it runs.
    pub sample: Option<Sample>,
    /// How fast the game ticks, where it tells.
    pub ticks: Option<Ticks>,
    /// How often it ended by itself since it was last started by a person.
    pub restarts: u32,
    /// How commands reach it now; `None` when nothing does.
    pub via: Option<Via>,
    /// The job that works on it.
    pub job: Option<JobId>,
}

impl Server {
    /// Never changes.
    pub fn id(&self) -> ServerId {
        self.about.id
    }

    /// What people call it.
    pub fn name(&self) -> &str {
        &self.about.name
    }

    /// For how long its container has been running, in whole seconds.
    pub fn uptime_seconds(&self, now: Timestamp) -> Option<u64> {
        let started = self.started_at?;
        u64::try_from(now.as_second() - started.as_second()).ok()
    }
}
