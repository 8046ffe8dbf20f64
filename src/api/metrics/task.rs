//! Collects the metrics: now and again, and soon after something happened.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{broadcast::error::RecvError, watch},
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;

use super::{Board, collect::collect};
use crate::engine::Handle;

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
    let mut cost = Duration::ZERO;
    loop {
        let began = Instant::now();
        let Ok(tally) = engine.tally().await else { return };
        let before = std::time::Instant::now();
        let families = collect(&engine.now(), &tally, cost);
        board.send_replace(Arc::new(Board::new(families)));
        cost = before.elapsed();
        let next = began + *every.borrow();
        let soonest = began + LEAST;
        tokio::select! {
            () = stop.cancelled() => return,
            () = sleep_until(next) => {}
            changed = every.changed() => if changed.is_err() { return },
            happened = events.recv() => {
                if matches!(happened, Err(RecvError::Closed)) {
                    return;
                }
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = sleep_until(soonest) => {}
                }
                // What happened meanwhile is in this collection, too.
                while events.try_recv().is_ok() {}
            }
        }
    }
}
