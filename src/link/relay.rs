//! One handle before one engine after the other: a face keeps its place when a daemon comes or goes, or a connection
//! breaks.

use std::{future::Future, sync::Arc, time::Duration};

use tokio::{
    sync::{broadcast, mpsc, watch},
    task::JoinHandle,
    time::{Instant, sleep, sleep_until},
};
use tokio_util::sync::CancellationToken;

use super::{
    face::{Backend, drop_request},
    place::Place,
};
use crate::{
    engine::{From, Handle, Request, WATCH_DEPTH},
    model::{Event, Fault, FaultKind, Origin, ServerId, Snapshot, Standing, console::Batch},
};

/// Requests that may wait.
const REQUESTS: usize = 256;
/// Events that a face may be behind before it loses the oldest.
const EVENTS: usize = 256;
/// For so long requests wait for the next engine; after that they are refused until there is one.
const HOLD: Duration = Duration::from_secs(5);
/// For so long the world of the last engine is shown while the next one has not looked at everything once.
const SETTLE: Duration = Duration::from_secs(10);
/// When a console that ended is asked for again, while its server is there.
const AGAIN: Duration = Duration::from_millis(500);

/// Where engines come from.
pub trait Source: Send + 'static {
    /// The next engine, after the last one ended or was given up. Tries until there is one; tells in `standing` how it
    /// stands.
    fn next(&mut self, standing: &watch::Sender<Standing>) -> impl Future<Output = Backend> + Send;

    /// Returns when the engine that it gave is to be given up. Dropped and called again at any time.
    fn recall(&mut self) -> impl Future<Output = ()> + Send {
        std::future::pending()
    }
}

/// A face's way to one engine after the other.
pub struct Relayed<S> {
    /// The way in.
    pub handle: Handle,
    stop: CancellationToken,
    task: JoinHandle<S>,
}

impl<S: Source> Relayed<S> {
    /// Ends it, and gives the source back; `None` where that broke.
    pub async fn end(self) -> Option<S> {
        self.stop.cancel();
        self.task.await.ok()
    }
}

/// Stands before the engines that `source` gives, the first of which is `first`.
pub fn relay<S: Source>(
    source: S,
    first: Backend,
    standing: watch::Sender<Standing>,
    origin: Origin,
) -> Relayed<S> {
    let (requests, asked) = mpsc::channel(REQUESTS);
    let (snapshot, snapshots) = watch::channel(first.handle.now());
    let (events, _) = broadcast::channel(EVENTS);
    let handle = Handle::new(requests, snapshots, events.clone(), origin).with_standing(standing.subscribe());
    let (backends, _) = watch::channel(Some(first));
    let stop = CancellationToken::new();
    let relay = Relay { asked, snapshot, events, backends, standing, stop: stop.clone() };
    Relayed { handle, stop, task: tokio::spawn(relay.run(source)) }
}

struct Relay {
    asked: mpsc::Receiver<Request>,
    snapshot: watch::Sender<Arc<Snapshot>>,
    events: broadcast::Sender<Event>,
    /// The engine of now; `None` between two.
    backends: watch::Sender<Option<Backend>>,
    standing: watch::Sender<Standing>,
    stop: CancellationToken,
}

impl Relay {
    async fn run<S: Source>(mut self, mut source: S) -> S {
        let stop = self.stop.clone();
        let work = async {
            loop {
                let current = self.backends.borrow().clone();
                if let Some(current) = current {
                    self.pass(&current, &mut source).await;
                }
                self.backends.send_replace(None);
                let next = self.bridge(&mut source).await;
                self.backends.send_replace(Some(next));
            }
        };
        stop.run_until_cancelled(work).await;
        source
    }

    /// Passes everything on until the engine ends or is to be given up.
    async fn pass<S: Source>(&mut self, backend: &Backend, source: &mut S) {
        let engine = &backend.handle;
        let mut snapshots = engine.snapshots();
        let mut events = engine.events();
        snapshots.mark_changed();
        let mut held: Option<Request> = None;
        let mut happening = true;
        // An engine that has only begun to look would make servers disappear that are there.
        let mut settle_by = self.snapshot.borrow().settled.then(|| Instant::now() + SETTLE);
        loop {
            tokio::select! {
                () = source.recall() => break,
                changed = snapshots.changed() => match changed {
                    Ok(()) => {
                        let world = snapshots.borrow_and_update().clone();
                        if world.settled || settle_by.is_none() {
                            settle_by = None;
                            self.snapshot.send_replace(world);
                        }
                    }
                    Err(_) => break,
                },
                () = sleep_until(settle_by.unwrap_or_else(Instant::now)), if settle_by.is_some() => {
                    settle_by = None;
                    snapshots.mark_changed();
                }
                event = events.recv(), if happening => match event {
                    Ok(event) => _ = self.events.send(event),
                    Err(broadcast::error::RecvError::Lagged(_)) => {}
                    Err(broadcast::error::RecvError::Closed) => happening = false,
                },
                // One that has not looked yet would refuse what it can do in a moment.
                request = self.asked.recv(), if held.is_none() && settle_by.is_none() => match request {
                    Some(request) => held = Some(request),
                    None => self.stop.cancel(),
                },
                room = engine.room(), if held.is_some() => {
                    let (Ok(room), Some(request)) = (room, held.take()) else { break };
                    room.send(self.through(request, backend));
                }
            }
        }
        if let Some(request) = held {
            drop_request(request, &away());
        }
    }

    /// A console is watched through a task that goes on when this engine does not.
    fn through(&self, request: Request, backend: &Backend) -> Request {
        let Request::Watch { server, from, lines } = request else { return request };
        let mut place = Place::new(from);
        let from = place.ask(backend.run);
        let (here, batches) = mpsc::channel(WATCH_DEPTH);
        let watcher = Watcher { server, place, lines, backends: self.backends.subscribe() };
        tokio::spawn(watcher.run(Some((backend.clone(), batches))));
        Request::Watch { server, from, lines: here }
    }

    /// Waits for the next engine. What is asked meanwhile waits a little, then is refused.
    async fn bridge<S: Source>(&mut self, source: &mut S) -> Backend {
        let Self { asked, standing, stop, backends, .. } = self;
        let begun = Instant::now();
        let mut next = std::pin::pin!(source.next(standing));
        loop {
            let patience = Instant::now() < begun + HOLD;
            tokio::select! {
                backend = &mut next => return backend,
                () = sleep(HOLD), if patience => {}
                request = asked.recv(), if !patience => match request {
                    Some(Request::Watch { server, from, lines }) => {
                        let watcher = Watcher { server, place: Place::new(from), lines, backends: backends.subscribe() };
                        tokio::spawn(watcher.run(None));
                    }
                    Some(request) => drop_request(request, &away()),
                    None => stop.cancel(),
                },
            }
        }
    }
}

fn away() -> Fault {
    Fault::new(
        FaultKind::Failed,
        "The engine cannot be reached now.",
        "Nothing was sent; servers go on running in Docker.",
        "Try again when it is back.",
    )
}

/// Somebody who watches a console, whichever engine follows it.
struct Watcher {
    server: ServerId,
    place: Place,
    lines: mpsc::Sender<Batch>,
    backends: watch::Receiver<Option<Backend>>,
}

impl Watcher {
    async fn run(mut self, mut now: Option<(Backend, mpsc::Receiver<Batch>)>) {
        let lines = self.lines.clone();
        let work = async {
            loop {
                let (backend, mut batches) = match now.take() {
                    Some(now) => now,
                    None => {
                        let Ok(backend) =
                            self.backends.wait_for(Option::is_some).await.map(|now| now.clone())
                        else {
                            return;
                        };
                        let Some(backend) = backend else { continue };
                        let from: From = self.place.ask(backend.run);
                        let Ok(batches) = backend.handle.watch(self.server, from).await else {
                            // It ended just now; the next one is waited for.
                            sleep(AGAIN).await;
                            continue;
                        };
                        (backend, batches)
                    }
                };
                while let Some(batch) = batches.recv().await {
                    if let Some(batch) = self.place.take(backend.run, batch)
                        && self.lines.send(batch).await.is_err()
                    {
                        return;
                    }
                }
                // An engine that is there and does not know the server has nothing more to say of it.
                let world = backend.handle.now();
                let ended = backend.handle.snapshots().has_changed().is_err();
                if !ended && world.settled && world.server(self.server).is_none() {
                    return;
                }
                sleep(AGAIN).await;
            }
        };
        tokio::select! {
            () = lines.closed() => {}
            () = work => {}
        }
    }
}
