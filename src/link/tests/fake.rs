//! An engine made of channels: one console, a world that tests change, and orders that are written down.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use jiff::Timestamp;
use tokio::{
    sync::{broadcast, mpsc, watch},
    time::timeout,
};
use uuid::Uuid;

use crate::{
    engine::{From, Handle, Request},
    link::{Backend, Joining, Listen, Server, Target, default_path, join},
    model::{
        Answer, Event, History, Order, Origin, Sample, ServerId, Snapshot,
        console::{Batch, Level, LineKind, Ring},
    },
};

/// Nothing may take longer.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// The engine.
pub struct Fake {
    pub run: Uuid,
    pub world: watch::Sender<Arc<Snapshot>>,
    pub events: broadcast::Sender<Event>,
    pub orders: Arc<Mutex<Vec<Order>>>,
    pub ring: Arc<Mutex<Ring>>,
    grown: watch::Sender<u64>,
    pub handle: Handle,
    folder: tempfile::TempDir,
}

impl Fake {
    pub fn new() -> Self {
        let (requests, asked) = mpsc::channel(16);
        let (world, snapshots) = watch::channel(Arc::new(Snapshot { settled: true, ..Snapshot::default() }));
        let (events, _) = broadcast::channel(64);
        let handle = Handle::new(requests, snapshots, events.clone(), Origin::Engine);
        let ring = Arc::new(Mutex::new(Ring::new(100_000, 64 << 20)));
        let orders = Arc::new(Mutex::new(Vec::new()));
        let (grown, growing) = watch::channel(0);
        tokio::spawn(serve(asked, orders.clone(), ring.clone(), growing));
        let folder = tempfile::tempdir().unwrap();
        Self { run: Uuid::now_v7(), world, events, orders, ring, grown, handle, folder }
    }

    pub fn socket(&self) -> PathBuf {
        default_path(self.folder.path())
    }

    pub fn target(&self) -> Target {
        Target::Socket(self.socket())
    }

    pub async fn listen(&self) -> Server {
        let listen = Listen {
            path: self.socket(),
            group: None,
            engine: self.handle.clone(),
            run: self.run,
            hand_over: None,
        };
        Server::start(listen).await.unwrap()
    }

    pub async fn face(&self) -> Backend {
        join(self.target().dial().await.unwrap(), &joining()).await.unwrap()
    }

    pub fn change(&self, change: impl FnOnce(&mut Snapshot)) {
        self.world.send_modify(|world| {
            let world = Arc::make_mut(world);
            world.sequence += 1;
            change(world);
        });
    }

    /// Writes a line at this nanosecond.
    pub fn line(&self, at: i64, text: &str) {
        self.write(at, LineKind::Output, text);
    }

    pub fn write(&self, at: i64, kind: LineKind, text: &str) {
        let at = Timestamp::from_nanosecond(i128::from(at)).unwrap();
        self.ring.lock().unwrap().push(at, Level::Info, kind, text);
        self.grown.send_modify(|grown| *grown += 1);
    }
}

pub fn joining() -> Joining {
    Joining { origin: Origin::Dashboard, read_only: false }
}

async fn serve(
    mut asked: mpsc::Receiver<Request>,
    orders: Arc<Mutex<Vec<Order>>>,
    ring: Arc<Mutex<Ring>>,
    growing: watch::Receiver<u64>,
) {
    while let Some(request) = asked.recv().await {
        match request {
            Request::Run { command, reply } => {
                orders.lock().unwrap().push(command.order);
                let _ = reply.send(Ok(Answer::Done));
            }
            Request::Watch { from, lines, .. } => {
                tokio::spawn(watch_ring(from, lines, ring.clone(), growing.clone()));
            }
            Request::History { reply, .. } => {
                // More than one frame holds.
                let _ = reply.send(history());
            }
            Request::Typed { reply, .. } => _ = reply.send(vec!["list".into(), "say hi".into()]),
            Request::RestorePlan { reply, .. } => {
                _ = reply.send(Ok(crate::model::backup::RestorePlan::default()))
            }
            Request::RunFor { .. }
            | Request::Admit { .. }
            | Request::Ticket { .. }
            | Request::Tally { .. }
            | Request::Attend { .. }
            | Request::Verdicts { .. }
            | Request::Files { .. }
            | Request::OpenFiles { .. }
            | Request::NextPiece { .. }
            | Request::Contents { .. }
            | Request::Audit { .. } => {}
        }
    }
}

pub fn history() -> History {
    let mut history = History::default();
    (0..2_000).for_each(|n| history.push(&sample(n), None, None));
    history
}

pub fn sample(n: i64) -> Sample {
    Sample {
        at: Timestamp::from_second(n).unwrap(),
        cpu_percent: n as f32,
        memory_bytes: 1,
        memory_limit_bytes: 2,
        net_rx_bytes: 3,
        net_tx_bytes: 4,
        block_read_bytes: 5,
        block_write_bytes: 6,
        pids: 7,
    }
}

async fn watch_ring(
    from: From,
    lines: mpsc::Sender<Batch>,
    ring: Arc<Mutex<Ring>>,
    mut growing: watch::Receiver<u64>,
) {
    let mut next = match from {
        From::Seq(seq) => seq,
        From::Tail(lines) => {
            let ring = ring.lock().unwrap();
            ring.next().saturating_sub(lines as u64).max(ring.first())
        }
    };
    loop {
        let batch = {
            let ring = ring.lock().unwrap();
            (next < ring.next()).then(|| ring.batch(next, 512))
        };
        match batch {
            Some(batch) => {
                next = batch.lines.end();
                if lines.send(batch).await.is_err() {
                    return;
                }
            }
            None => {
                tokio::select! {
                    changed = growing.changed() => if changed.is_err() { return },
                    () = lines.closed() => return,
                }
            }
        }
    }
}

/// Lines as a watcher has them: number and text.
pub async fn read(lines: &mut mpsc::Receiver<Batch>, until: &str) -> Vec<(u64, String)> {
    let mut seen = Vec::new();
    let work = async {
        while !seen.iter().any(|(_, text): &(u64, String)| text == until) {
            let batch = lines.recv().await.expect("more lines");
            assert_eq!(batch.skipped, 0, "lines were missed");
            seen.extend(batch.lines.lines().map(|line| (line.seq, line.text.to_owned())));
        }
    };
    if timeout(PATIENCE, work).await.is_err() {
        panic!("never came to {until:?}; the last were {:?}", &seen[seen.len().saturating_sub(5)..]);
    }
    seen
}

pub fn id() -> ServerId {
    ServerId(Uuid::from_u128(9))
}

pub async fn within<T>(work: impl Future<Output = T>) -> T {
    timeout(PATIENCE, work).await.expect("in time")
}
