//! Listens beside an engine, and gives each face that attaches a seat.

use std::{path::PathBuf, sync::Arc, time::Duration};

use tokio::{
    net::UnixStream,
    sync::{Semaphore, mpsc},
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    codec::split,
    protocol::GREETING,
    seat::{self, Ground, HandOver, Peer},
    socket::{self, Bound},
};
use crate::{
    engine::Handle,
    model::{Fault, FaultKind},
    tasks::Tasks,
};

/// Faces that may be attached at once.
const SEATS: usize = 128;
/// How long faces have to leave when the engine ends.
const FAREWELL: Duration = Duration::from_millis(500);

/// What is listened with.
pub struct Listen {
    /// The socket.
    pub path: PathBuf,
    /// The group that may attach, beside this user and root.
    pub group: Option<u32>,
    /// The engine.
    pub engine: Handle,
    /// This run of it.
    pub run: Uuid,
    /// Where another engine's wish to take over is told; `None` where this engine is not given away.
    pub hand_over: Option<mpsc::Sender<HandOver>>,
}

/// Listens until it is closed or dropped.
pub struct Server {
    stop: CancellationToken,
    tasks: Tasks,
}

impl Server {
    /// Begins to listen. The database must be held by this process: that decides whose engine it is.
    ///
    /// # Errors
    /// That the socket cannot be made, or that another engine listens there.
    pub async fn start(listen: Listen) -> Result<Self, Fault> {
        let Listen { path, group, engine, run, hand_over } = listen;
        let bound = socket::bind(&path, group).await?;
        let (stop, tasks) = (CancellationToken::new(), Tasks::new());
        let ground = Ground { engine, run, hand_over, stop: stop.clone() };
        tasks.spawn(accept(bound, group, ground, tasks.clone()));
        Ok(Self { stop, tasks })
    }

    /// Says goodbye to every face and takes the socket away.
    pub async fn close(self) {
        self.stop.cancel();
        self.tasks.close();
        let _ = timeout(FAREWELL, self.tasks.wait()).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

async fn accept(bound: Bound, group: Option<u32>, ground: Ground, tasks: Tasks) {
    let seats = Arc::new(Semaphore::new(SEATS));
    loop {
        let accepted = tokio::select! {
            () = ground.stop.cancelled() => return,
            accepted = bound.listener.accept() => accepted,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "a face could not attach");
                // No more files may be open: that passes, and asking at once would only burn time.
                sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let ground = ground.clone();
        let allowed = stream.peer_cred().ok().filter(|peer| socket::may_enter(peer, group));
        let allowed = allowed
            .map(|peer| Peer { uid: peer.uid(), pid: peer.pid().and_then(|pid| u32::try_from(pid).ok()) });
        match (allowed, seats.clone().try_acquire_owned()) {
            (Some(peer), Ok(seat)) => {
                tasks.spawn(async move {
                    if let Err(error) = seat::sit(Box::new(stream), peer, ground).await {
                        tracing::debug!(%error, "a face lost its seat");
                    }
                    drop(seat);
                });
            }
            (None, _) => _ = tasks.spawn(refuse(stream, ground.run, foreign())),
            (Some(_), Err(_)) => _ = tasks.spawn(refuse(stream, ground.run, full())),
        }
    }
}

async fn refuse(stream: UnixStream, run: Uuid, fault: Fault) {
    let (_reader, mut writer) = split(Box::new(stream));
    let _ = timeout(GREETING, writer.greet(&seat::welcome(run, Some(fault)))).await;
}

fn foreign() -> Fault {
    Fault::new(
        FaultKind::Denied,
        "This engine belongs to another user.",
        "Nothing was changed.",
        "Ask whoever runs it to allow a group of yours with `attach.group`.",
    )
}

fn full() -> Fault {
    Fault::new(
        FaultKind::Conflict,
        format!("{SEATS} dashboards and commands are attached to this engine already."),
        "Nothing was changed.",
        "Close one of them, then try again.",
    )
}
