//! One live stream a server, shared by everybody who watches it.
//!
//! For each server one task owns the ring of lines. It follows the container's log over restarts of the container,
//! of Docker and of the connection, and hands lines to each watcher as fast as that one takes them.

mod actor;
mod follow;
mod tell;
mod ticks;
mod typist;
mod viewers;

use std::net::SocketAddr;

use tokio::sync::{mpsc, oneshot};

pub use actor::spawn;
pub use typist::{Sent, dial, rcon_port};

use super::handle::From;
use crate::{
    docker::{Detail, Docker, Phase},
    model::{Fault, console::Batch},
};

/// How much a ring holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Lines.
    pub lines: usize,
    /// Bytes, of memory.
    pub bytes: usize,
}

/// What the core asks of a console.
pub enum Wish {
    /// This is the container now; follow its log.
    Follow(Box<Source>),
    /// The container is gone, or its host.
    Pause,
    /// Somebody watches.
    Watch(From, mpsc::Sender<Batch>),
    /// Somebody types.
    Type {
        /// The line; the actor checks it.
        line: String,
        /// Whether a reply is wanted.
        reply: bool,
        /// Told what came of it.
        answer: oneshot::Sender<Result<Sent, Fault>>,
    },
    /// Something is going on with the container: read at once what it writes.
    Hurry,
    /// The container has ended: tell when its log is read to the end, or does not end soon.
    HearOut,
    /// Tell how many lines of each level were read, from trace to error.
    Count(oneshot::Sender<[u64; 5]>),
    /// The program remarks something.
    Remark(String),
}

/// Where a console's lines come from and where its commands go.
#[derive(Clone)]
pub struct Source {
    /// The container's host.
    pub docker: Docker,
    /// Its id.
    pub container: String,
    /// Whether it has a terminal.
    pub tty: bool,
    /// Whether it runs, so that there is more to come.
    pub running: bool,
    /// Whether its standard input can be typed into.
    pub open_stdin: bool,
    /// Where its RCON is, when it can be reached from here.
    pub rcon: Option<SocketAddr>,
    /// The password, where it is known.
    pub password: Option<secrecy::SecretString>,
    /// The command that makes the game tell how long its ticks take, where it is asked that.
    pub ticks: Option<&'static str>,
}

impl Source {
    /// Of a container. `here` is whether addresses of its host's containers lead somewhere from here.
    pub fn of(docker: Docker, detail: &Detail, here: bool) -> Self {
        let rcon = detail.addresses.first().filter(|_| here && detail.phase == Phase::Running);
        let port = rcon_port(&detail.env);
        Self {
            docker,
            container: detail.id.clone(),
            tty: detail.tty,
            running: detail.phase.is_alive(),
            open_stdin: detail.open_stdin,
            rcon: rcon.zip(port).map(|(address, port)| SocketAddr::new(*address, port)),
            password: None,
            ticks: None,
        }
    }
}

/// The way to a console's task. The task ends when this is dropped.
pub struct Console {
    wishes: mpsc::Sender<Wish>,
}

/// Wishes that may wait for one console.
const DEPTH: usize = 64;

impl Console {
    /// Passes a wish on; gives it back when the console has too many already, or has ended.
    pub fn wish(&self, wish: Wish) -> Result<(), Wish> {
        self.wishes.try_send(wish).map_err(|error| match error {
            mpsc::error::TrySendError::Full(wish) | mpsc::error::TrySendError::Closed(wish) => wish,
        })
    }
}
