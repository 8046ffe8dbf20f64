//! A log on its way to somebody: the past, and with `follow` what comes until the container ends.

use std::cmp::Ordering;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::{self, Stream};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use tokio::sync::Notify;

use super::clock::Stamp;
use super::container::Key;
use super::http::{Answer, Query, streamed};
use super::logs::Wanted;
use super::refusal::Refusal;
use super::world::Shared;

/// About the size of one piece, in bytes.
const PIECE: usize = 16 * 1024;

/// How far a follower goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Goal {
    /// To what is there now.
    Now,
    /// To the end of this run, if there is one.
    Run,
    /// To the end of this run, or of the next one when there is none yet.
    NextRun,
}

/// Reads one container's log. While it exists, a flood waits for it.
#[derive(Debug)]
pub(super) struct Follower {
    shared: Arc<Shared>,
    key: Key,
    reader: u64,
    next: u64,
    /// Where to end; `None`: with the container's run.
    end: Option<u64>,
    run: u64,
    wanted: Wanted,
    stamp: Stamp,
    changed: Arc<Notify>,
}

impl Follower {
    /// Begins at the last `tail` entries (`None`: at all of them).
    pub(super) fn enter(
        shared: &Arc<Shared>,
        key: Key,
        wanted: Wanted,
        tail: Option<u64>,
        goal: Goal,
    ) -> Result<Self, Refusal> {
        shared.change(|world| {
            let (reader, now) = (world.fresh(), world.now().elapsed);
            let container = world.get_mut(key)?;
            let next = container.log.tail(tail.unwrap_or(u64::MAX));
            container.log.enter(reader, next, now);
            let alive = container.state.status.alive();
            let bounded = goal == Goal::Now || (goal == Goal::Run && !alive);
            let end = bounded.then(|| container.log.end());
            let run = container.run + u64::from(goal == Goal::NextRun && !alive);
            let changed = container.changed.clone();
            Ok(Self {
                shared: shared.clone(),
                key,
                reader,
                next,
                end,
                run,
                wanted,
                stamp: Stamp::default(),
                changed,
            })
        })
    }

    /// What is there now, and whether more may come. `None`: that was all.
    fn read(&mut self) -> Option<Vec<u8>> {
        let mut world = self.shared.lock();
        let now = world.now().elapsed;
        let container = world.containers.get_mut(&self.key)?;
        let over = match container.run.cmp(&self.run) {
            Ordering::Less => false,
            Ordering::Equal => !container.state.status.alive(),
            Ordering::Greater => true,
        };
        let end = match self.end {
            Some(end) => end,
            None if container.run > self.run => container.run_from,
            None => container.log.end(),
        };
        let mut out = Vec::new();
        container.log.read(&mut self.next, end, PIECE, &self.wanted, &mut self.stamp, &mut out);
        container.log.moved(self.reader, self.next, now);
        let done = self.next >= end && (over || self.end.is_some());
        (!out.is_empty() || !done).then_some(out)
    }

    /// The next piece; `None` at the end.
    pub(super) async fn piece(&mut self) -> Option<Bytes> {
        let changed = self.changed.clone();
        loop {
            let mut waiting = std::pin::pin!(changed.notified());
            waiting.as_mut().enable();
            self.shared.faults.flow().await;
            let before = self.next;
            let piece = self.read()?;
            if !piece.is_empty() {
                return Some(piece.into());
            }
            // Entries that did not fit the query were passed over: there may be more.
            if self.next == before {
                waiting.await;
            }
        }
    }

    /// The pieces as a stream.
    pub(super) fn pieces(self) -> impl Stream<Item = std::io::Result<Bytes>> + Send {
        stream::unfold(self, |mut follower| async move {
            let piece = follower.piece().await?;
            Some((Ok(piece), follower))
        })
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        if let Some(container) = self.shared.lock().containers.get_mut(&self.key) {
            container.log.leave(self.reader);
        }
    }
}

/// The type of a stream of output: engines from API 1.42 on tell the two forms apart.
pub(super) fn output_type(shared: &Shared, tty: bool) -> HeaderValue {
    if shared.faults.api_at_least(42) && !tty {
        HeaderValue::from_static("application/vnd.docker.multiplexed-stream")
    } else {
        HeaderValue::from_static("application/vnd.docker.raw-stream")
    }
}

/// `GET /containers/{id}/logs`
pub(super) fn logs(shared: &Arc<Shared>, key: Key, query: &Query) -> Answer {
    let tty = shared.lock().get(key)?.plan.tty;
    let wanted = Wanted {
        stdout: query.flag("stdout"),
        stderr: query.flag("stderr"),
        since: query.nanos("since")?,
        until: query.nanos("until")?,
        timestamps: query.flag("timestamps"),
        raw: tty,
    };
    if !wanted.stdout && !wanted.stderr {
        return Err(Refusal::bad("Bad parameters: you must choose at least one stream"));
    }
    // Docker takes a number that makes no sense for all lines.
    let tail = query.text("tail").parse::<u64>().ok();
    let follower =
        Follower::enter(shared, key, wanted, tail, if query.flag("follow") { Goal::Run } else { Goal::Now })?;
    let mut response = streamed(follower.pieces());
    if shared.faults.api_at_least(42) {
        response.headers_mut().insert(CONTENT_TYPE, output_type(shared, tty));
    }
    Ok(response)
}
