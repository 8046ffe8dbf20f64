//! What every handler stands on.

use std::{
    net::IpAddr,
    ops::Deref,
    sync::{Arc, atomic::AtomicUsize},
    time::Instant,
};

use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    door::{Names, Rates},
    metrics::{Board, Requests},
    replay::Replays,
};
use crate::{
    engine::Handle,
    model::{Secret, Spec},
    tasks::Tasks,
};

/// What can be set while the API runs.
#[derive(Clone, Debug, Default)]
pub struct Live {
    /// By which names it may be called, and from which sites' pages.
    pub names: Names,
    /// What a scraper must show; `None` lets everybody on this machine read the metrics.
    pub metrics_token: Option<Secret>,
}

/// What every handler stands on.
pub struct Inner {
    /// The engine, for the API itself.
    pub engine: Handle,
    /// What a new server is where nothing else is said.
    pub base: Spec,
    /// This run of the engine: numbers of console lines are of one run.
    pub run: Uuid,
    /// What can be set while it runs.
    pub live: watch::Sender<Arc<Live>>,
    /// How often somebody may ask.
    pub rates: Rates,
    /// Answers that are given again to a request that is sent again.
    pub replays: Replays,
    /// What was asked, for the metrics.
    pub requests: Requests,
    /// The metrics as last collected.
    pub board: watch::Receiver<Arc<Board>>,
    /// Consoles that are open now.
    pub viewers: AtomicUsize,
    /// Streams (consoles and events) that may be open at once.
    pub streams: Arc<Semaphore>,
    /// When the API began.
    pub began: Instant,
    /// Called when the API ends.
    pub stop: CancellationToken,
    /// Streams are counted here, so that they can say goodbye.
    pub tasks: Tasks,
    /// Whether connections are encrypted.
    pub tls: bool,
}

/// What every handler stands on. Cheap to clone.
#[derive(Clone)]
pub struct Api(pub Arc<Inner>);

impl Deref for Api {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

/// Who is at the other end of a connection.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);
