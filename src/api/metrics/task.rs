//! Collects the metrics: now and again, and soon after something happened.

use std::{
    collections::hash_map::DefaultHasher,
    hash::{Hash, Hasher},
    sync::Arc,
    time::Duration,
};

use tokio::{
    sync::{broadcast, broadcast::error::RecvError, watch},
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;

use super::{Board, collect::collect};
use crate::{
    engine::Handle,
    model::{Event, Snapshot},
};

/// The least time between two collections: a thousand things that happen at once are one.
const LEAST: Duration = Duration::from_secs(1);

/// Collects until `stop` is called or the engine has ended.
pub async fn run(
    engine: Handle,
    mut every: watch::Receiver<Duration>,
    board: watch::Sender<Arc<Board>>,
    stop: CancellationToken,
) {
    let mut events = engine.events();
    let mut snapshots = engine.snapshots();
    let mut cost = Duration::ZERO;
    loop {
        let began = Instant::now();
        while events.try_recv().is_ok() {}
        let Ok(tally) = engine.tally().await else { return };
        let world = engine.now();
        let before = std::time::Instant::now();
        board.send_replace(Arc::new(Board::new(collect(&world, &tally, cost))));
        cost = before.elapsed();
        let seen = shape(&world);
        drop(world);
        let due = tokio::select! {
            () = stop.cancelled() => false,
            due = wait(began, seen, &mut every, &mut events, &mut snapshots) => due,
        };
        if !due {
            return;
        }
    }
}

/// Waits until a collection is due. `false` when there will be none any more.
async fn wait(
    began: Instant,
    seen: u64,
    every: &mut watch::Receiver<Duration>,
    events: &mut broadcast::Receiver<Event>,
    snapshots: &mut watch::Receiver<Arc<Snapshot>>,
) -> bool {
    let mut next = began + *every.borrow_and_update();
    loop {
        tokio::select! {
            () = sleep_until(next) => return true,
            changed = every.changed() => {
                if changed.is_err() {
                    return false;
                }
                next = began + *every.borrow_and_update();
            }
            happened = events.recv() => {
                if matches!(happened, Err(RecvError::Closed)) {
                    return false;
                }
                next = next.min(began + LEAST);
            }
            changed = snapshots.changed() => {
                if changed.is_err() {
                    return false;
                }
                if shape(&snapshots.borrow_and_update()) != seen {
                    next = next.min(began + LEAST);
                }
            }
        }
    }
}

/// Changes when something happened, and not when only figures moved.
fn shape(world: &Snapshot) -> u64 {
    let mut hasher = DefaultHasher::new();
    world.settled.hash(&mut hasher);
    (world.hosts.len(), world.disks.len(), world.faces.len(), world.backups.len(), world.schedules.len())
        .hash(&mut hasher);
    for server in &world.servers {
        server.id().hash(&mut hasher);
        server.state.word().hash(&mut hasher);
        server.restarts.hash(&mut hasher);
        (server.started_at, server.sample.is_some(), server.players.is_some()).hash(&mut hasher);
    }
    hasher.finish()
}
