//! A machine with a Docker engine.

use serde::{Deserialize, Serialize};

use super::{Fault, HostId};

/// Whether a host answers.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HostState {
    /// The first attempt is under way.
    Connecting,
    /// It answers.
    Up,
    /// It does not answer, or not to us. Tried again with back-off.
    Down(Box<Fault>),
}

/// A host as last seen.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Host {
    /// Its name.
    pub id: HostId,
    /// Where its engine is, as a person may see it (no secret): `unix:///var/run/docker.sock`.
    pub endpoint: String,
    /// Whether it answers.
    pub state: HostState,
    /// The engine's name and version, such as `Docker 28.2.2`; empty until it answered once.
    pub engine: String,
    /// Bytes of memory in all; 0 until it answered once.
    pub memory_bytes: u64,
    /// Cores; 0 until it answered once.
    pub cpus: u32,
    /// Whether it is the embedded engine of practice servers.
    pub demo: bool,
}
