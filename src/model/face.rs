//! Who looks at an engine, and by which ways they come.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Caller, Origin, ServerId};

/// Somebody who is attached.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Face {
    /// Its number, in the order in which they came.
    pub id: u64,
    /// How it looks.
    pub look: Look,
    /// Since when.
    pub since: Timestamp,
}

/// How somebody looks at an engine.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Look {
    /// By the engine's socket, where everything may be seen and done.
    Attached {
        /// Which face; `None` where it did not say.
        origin: Option<Origin>,
        /// The user's number on the engine's machine.
        uid: u32,
        /// Its process there; of somebody on another machine, that which ssh runs.
        pid: Option<u32>,
    },
    /// By a console through the API.
    Console {
        /// Who.
        caller: Box<Caller>,
        /// Of which server.
        server: ServerId,
    },
    /// By the stream of events.
    Events {
        /// Who.
        caller: Box<Caller>,
    },
}

/// What kind of way in it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WayKind {
    /// The API, with consoles and metrics.
    Api,
    /// The socket that dashboards and commands attach to.
    Socket,
}

/// A way in that is open.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Way {
    /// What kind it is; there is at most one of each.
    pub kind: WayKind,
    /// Where it is: a URL, or a path.
    pub address: String,
    /// Whether nobody can listen in: it is encrypted, or does not leave this machine.
    pub private: bool,
}
