//! Demo: an embedded engine of practice servers that speaks Docker's own HTTP API
//! (<https://docs.docker.com/reference/api/engine/version/v1.41/>) in this process. No Docker, no download, no Java, and
//! nothing is left behind: its disks are in memory, its network is a pipe.
//!
//! It is reached like any engine, through `docker/`. Answers, status codes and sentences are those of Docker 20.10, with
//! which a test compares it. For people there is a believable cast; for tests a fleet of any size, and [`Faults`] that
//! stall, refuse or cut off whatever a test wants.
//!
//! One lock guards the whole state and is never held while waiting; one task wakes servers in the order in which they
//! asked for it, so that a thousand idle ones cost next to nothing.

mod archive;
mod attach;
mod cast;
mod clock;
mod clockwork;
mod container;
mod containers;
mod create;
mod events;
mod exec;
mod faults;
mod follow;
mod health;
mod http;
mod images;
mod inspect;
mod lifecycle;
mod list;
mod logs;
mod pull;
mod refusal;
mod restore;
mod routes;
mod server;
mod soon;
mod stats;
mod system;
mod unpack;
mod volumes;
mod world;

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

pub use faults::{Faults, Trouble};
pub use server::Listening;
pub use soon::Soon;

use crate::docker::{Connector, Duplex};
use world::{Shared, World};

/// The API version that the engine speaks.
const API_VERSION: &str = "1.41";
/// The version that the engine claims to be.
const VERSION: &str = "20.10.24";
/// The host that the engine claims to run on.
const CORES: u32 = 8;
const MEMORY_GIB: u32 = 32;

/// How a demo begins and behaves.
#[derive(Clone, Debug)]
pub struct Options {
    /// The engine's id that the servers' labels carry: the one with this id takes them for its own.
    pub engine: Uuid,
    /// Begin with the believable servers: six of one's own (four run, one is stopped, one crashed for want of memory), one
    /// made by `docker compose` and one by `docker run`.
    pub cast: bool,
    /// So many plain servers besides, `server-0001` and so on.
    pub servers: usize,
    /// So many of those run.
    pub running: usize,
    /// What happens on a running server (somebody joins, talks, dies, leaves), per second on average; 0 for nothing.
    pub lines_per_second: f64,
    /// Makes names, worlds and chatter repeatable.
    pub seed: u64,
    /// The switches for trouble.
    pub faults: Faults,
    /// How long a server takes to load.
    pub load: Duration,
    /// How often the world of a running server is written.
    pub world_every: Duration,
    /// The image's interval between health checks.
    pub health_interval: Duration,
    /// Most bytes of one container's log that are kept. A follower that reads gets every line all the same.
    pub log_bytes: usize,
}

impl Default for Options {
    /// The demo for people.
    fn default() -> Self {
        Self {
            engine: Uuid::nil(),
            cast: true,
            servers: 0,
            running: 0,
            lines_per_second: 0.06,
            seed: 20_090_517,
            faults: Faults::default(),
            load: Duration::from_millis(3500),
            world_every: Duration::from_secs(45),
            health_interval: Duration::from_secs(30),
            log_bytes: 512 * 1024,
        }
    }
}

impl Options {
    /// Nothing but plain servers, of which `running` run: quiet ones that load in a moment. For tests and benchmarks.
    pub fn fleet(servers: usize, running: usize) -> Self {
        Self {
            cast: false,
            servers,
            running,
            lines_per_second: 0.0,
            load: Duration::from_millis(300),
            ..Self::default()
        }
    }
}

/// A running engine. All clones are the same engine; it ends with the last of them and of its connections.
#[derive(Clone, Debug)]
pub struct Demo {
    shared: Arc<Shared>,
}

impl Demo {
    /// Starts an engine. It needs a Tokio runtime from its first connection on.
    pub fn start(options: Options) -> Self {
        let faults = options.faults.clone();
        let mut world = World::new(options);
        if let Err(refusal) = cast::enter(&mut world) {
            // A member that cannot enter (a port that two of them want) is left out with those behind it.
            tracing::warn!(%refusal, "the demo begins with fewer servers");
            world.pretended = None;
        }
        Self { shared: Arc::new(Shared::new(world, faults)) }
    }

    /// What `docker/` connects through: each connection is a pipe within this process.
    pub fn connector(&self) -> Connector {
        let demo = self.clone();
        Connector::new(move || {
            let stream = demo.stream();
            Box::pin(async move { Ok(stream) })
        })
    }

    fn stream(&self) -> Box<dyn Duplex> {
        Box::new(server::connect(&self.shared))
    }

    /// Answers at a Unix socket too, until the handle is dropped.
    ///
    /// # Errors
    /// The socket cannot be made: something is at the path already, or its folder cannot be written.
    pub fn listen(&self, path: &Path) -> io::Result<Listening> {
        server::listen(&self.shared, path)
    }

    /// The switches for trouble.
    pub fn faults(&self) -> Faults {
        self.shared.faults.clone()
    }
}

#[cfg(test)]
mod tests;
