//! What a server is doing, as a person should see it.

use serde::{Deserialize, Serialize};

/// The state of a server, from Docker's word and the log's milestones together.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The image is on its way.
    Pulling,
    /// The container is being made.
    Creating,
    /// The container runs; the game has not begun to load its world.
    Starting,
    /// The world is being loaded or generated; percent where the log tells.
    Loading(Option<u8>),
    /// It can be joined.
    Ready,
    /// It was told to stop and has not ended yet.
    Stopping,
    /// It ended because somebody wanted it to.
    Stopped,
    /// It ended, and nobody wanted it to.
    Crashed,
    /// It ended again and again, so it was stopped for good.
    Looping,
    /// The container runs, but the game does not answer as it did.
    Unhealthy,
    /// Its processes are frozen: by `docker pause`, or by the image's autopause.
    Paused,
    /// Its container is gone. Its world may still be there.
    Missing,
    /// Its host cannot be reached, so nothing is known. Never to be read as "ended".
    Unknown,
}

impl State {
    /// The word for it, as lists, JSON and metrics say it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pulling => "pulling",
            Self::Creating => "creating",
            Self::Starting => "starting",
            Self::Loading(_) => "loading",
            Self::Ready => "ready",
            Self::Stopping => "stopping",
            Self::Stopped => "stopped",
            Self::Crashed => "crashed",
            Self::Looping => "looping",
            Self::Unhealthy => "unhealthy",
            Self::Paused => "paused",
            Self::Missing => "missing",
            Self::Unknown => "unknown",
        }
    }

    /// Whether its container has live processes.
    pub fn is_running(self) -> bool {
        matches!(
            self,
            Self::Starting | Self::Loading(_) | Self::Ready | Self::Stopping | Self::Unhealthy | Self::Paused
        )
    }
}

/// Why a server is as it is, in words.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Explanation {
    /// A short name for the cause, for scripts and metrics: `oom_container`, `port`, `eula`, …
    pub code: String,
    /// What happened.
    pub what: String,
    /// What it means for the server and its world.
    pub means: String,
    /// What to do next.
    pub next: String,
}
