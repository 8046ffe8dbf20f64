//! Who may speak with whom: the greeting, the limits, and what can be wrong with a link.

use std::{io, time::Duration};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::model::{Fault, FaultKind, Origin};

/// How frames are put together. Grows with each change of this room that the other side must know of.
pub const PROTOCOL: u32 = 1;

/// What the values that travel look like: a hash of their source. Frames do not say what is in them, so both sides must
/// have been built from the same.
pub const SHAPE: u64 = shape();

/// Largest frame, in bytes.
pub const FRAME_MAX: usize = 1024 * 1024;
/// What a frame is filled up to, in bytes, where what it carries can be split: so much can be in the way of something
/// more urgent.
pub const FRAME_AIM: usize = 16 * 1024;
/// Largest answer, in bytes, which travels in several frames.
pub const ANSWER_MAX: usize = 32 * 1024 * 1024;
/// Frames of one console that may be on their way.
pub const WINDOW: usize = 8;
/// Worlds that may be on their way.
pub const WORLDS: usize = 8;
/// Consoles that one face may watch at once.
pub const STREAMS_MAX: usize = 1_024;
/// Requests of one face that may be under way at once.
pub const ASKS_MAX: usize = 256;
/// How long a greeting may take.
pub const GREETING: Duration = Duration::from_secs(10);
/// After so long without a frame of its own, each side sends a sign of life.
pub const BEAT: Duration = Duration::from_secs(10);
/// After so long without a sign of life, the other side is gone.
pub const SILENCE: Duration = Duration::from_secs(35);

const fn shape() -> u64 {
    const SOURCES: &[&str] = &[
        include_str!("../model/access.rs"),
        include_str!("../model/audit.rs"),
        include_str!("../model/backup.rs"),
        include_str!("../model/command.rs"),
        include_str!("../model/console.rs"),
        include_str!("../model/disk.rs"),
        include_str!("../model/event.rs"),
        include_str!("../model/face.rs"),
        include_str!("../model/fault.rs"),
        include_str!("../model/history.rs"),
        include_str!("../model/host.rs"),
        include_str!("../model/id.rs"),
        include_str!("../model/job.rs"),
        include_str!("../model/kind.rs"),
        include_str!("../model/quantity.rs"),
        include_str!("../model/schedule.rs"),
        include_str!("../model/server.rs"),
        include_str!("../model/snapshot.rs"),
        include_str!("../model/spec.rs"),
        include_str!("../model/state.rs"),
        include_str!("../model/stats.rs"),
        include_str!("asks.rs"),
        include_str!("frame.rs"),
        include_str!("lines.rs"),
        include_str!("world/mod.rs"),
        include_str!("world/list.rs"),
        include_str!("world/server.rs"),
    ];
    // FNV-1a, 64 bits.
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let mut file = 0;
    while file < SOURCES.len() {
        let bytes = SOURCES[file].as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            hash = (hash ^ bytes[at] as u64).wrapping_mul(0x100_0000_01b3);
            at += 1;
        }
        file += 1;
    }
    hash
}

/// What a face says first. JSON, so that versions that do not fit can still tell each other so.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Hello {
    /// Tells this protocol from others.
    pub mineclifford: String,
    /// Its [`PROTOCOL`].
    pub protocol: u32,
    /// Its [`SHAPE`].
    pub shape: u64,
    /// Its program's version.
    pub program: String,
    /// Which face it is, of a face that says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub face: Option<Origin>,
}

/// What the engine's side says first.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Welcome {
    /// As [`Hello`].
    #[serde(flatten)]
    pub hello: Hello,
    /// Its process.
    pub pid: u32,
    /// This run of the engine: lines of consoles are numbered anew in another.
    pub run: Uuid,
    /// Why nothing more follows, where that is so.
    #[serde(default)]
    pub refused: Option<Fault>,
}

impl Hello {
    const NAME: &str = "link";

    /// This program's.
    pub fn ours() -> Self {
        Self {
            mineclifford: Self::NAME.into(),
            protocol: PROTOCOL,
            shape: SHAPE,
            program: env!("CARGO_PKG_VERSION").into(),
            face: None,
        }
    }

    /// This program's, as this face.
    pub fn of(face: Origin) -> Self {
        Self { face: Some(face), ..Self::ours() }
    }

    /// Whether the other side speaks as we do.
    ///
    /// # Errors
    /// [`Error::Version`].
    pub fn fits(&self) -> Result<(), Error> {
        if self.mineclifford != Self::NAME {
            return Err(Error::Nonsense("it greets as another program".into()));
        }
        let ours = Self::ours();
        if (self.protocol, self.shape) == (ours.protocol, ours.shape) {
            return Ok(());
        }
        // The other side may say anything here; it is shown to a person.
        let theirs = self.program.chars().filter(|c| c.is_ascii_graphic()).take(40).collect();
        Err(Error::Version { theirs, ours: ours.program })
    }
}

/// What can be wrong with a link.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nobody listens there.
    #[error("no engine listens there")]
    Nobody(#[source] io::Error),
    /// It cannot be reached, or broke.
    #[error("the connection failed: {0}")]
    Broken(#[from] io::Error),
    /// The other side ended the connection.
    #[error("the other side closed the connection")]
    Closed,
    /// The other side said nothing for too long.
    #[error("the other side did not answer in time")]
    Silent,
    /// The other side's program does not fit to ours.
    #[error("the engine there is of mineclifford {theirs}, and this is {ours}")]
    Version {
        /// Its version.
        theirs: String,
        /// Ours.
        ours: String,
    },
    /// What came is not what may come.
    #[error("what came is not what an engine says: {0}")]
    Nonsense(String),
    /// The engine's side refused.
    #[error("{0}")]
    Refused(Fault),
}

impl Error {
    /// Whether trying again later may help.
    pub fn passes(&self) -> bool {
        matches!(self, Self::Nobody(_) | Self::Broken(_) | Self::Closed | Self::Silent)
    }

    /// What a person is told of a link to `place`.
    pub fn fault(&self, place: &str) -> Fault {
        const UNTOUCHED: &str = "Nothing was changed; servers go on running in Docker.";
        let fault = |what: String, next: &str| Fault::new(FaultKind::Failed, what, UNTOUCHED, next);
        match self {
            Self::Refused(fault) => fault.clone(),
            Self::Nobody(_) => fault(
                format!("No engine runs at {place}."),
                "Start one there with `mineclifford serve`, or open the dashboard there.",
            ),
            Self::Version { theirs, ours } if theirs == ours => fault(
                format!("The engine at {place} is another build of mineclifford {ours} than this one."),
                "Start that engine again with the same program as this one, then try again.",
            ),
            Self::Version { theirs, ours } => fault(
                format!("The engine at {place} is mineclifford {theirs}, and this is {ours}: they do not fit."),
                "Install the same version on both sides and start that engine again.",
            ),
            Self::Nonsense(_) => fault(
                format!("What answers at {place} does not speak as an engine does."),
                "See what listens there; over ssh, a shell's start-up file that prints something is a common cause.",
            )
            .because(self),
            Self::Broken(error) => {
                let next = "Check the way there, then try again.";
                fault(format!("The engine at {place} cannot be reached: {error}."), next).because(self)
            }
            Self::Closed | Self::Silent => fault(
                format!("The engine at {place} does not answer: {self}."),
                "See whether it still runs, then try again.",
            ),
        }
    }
}
