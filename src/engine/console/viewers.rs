//! Those who watch a console: each takes lines at its own pace, and holds up nobody else.

use futures_util::{StreamExt, future::BoxFuture, stream::FuturesUnordered};
use tokio::sync::mpsc;

use crate::model::console::{Batch, Ring};

/// Most lines that travel at once.
const BATCH_LINES: usize = 512;

type Permit = Result<mpsc::OwnedPermit<Batch>, mpsc::error::SendError<()>>;

struct Viewer {
    id: u64,
    next: u64,
    lines: mpsc::Sender<Batch>,
    waiting: bool,
}

/// Everybody who watches one console.
#[derive(Default)]
pub struct Viewers {
    viewers: Vec<Viewer>,
    waiting: FuturesUnordered<BoxFuture<'static, (u64, Permit)>>,
    count: u64,
}

impl Viewers {
    /// Somebody new, who wants the lines from `next` on.
    pub fn add(&mut self, next: u64, lines: mpsc::Sender<Batch>) {
        self.viewers.retain(|viewer| !viewer.lines.is_closed());
        self.count += 1;
        self.viewers.push(Viewer { id: self.count, next, lines, waiting: false });
    }

    /// Whether nobody watches.
    pub fn is_empty(&self) -> bool {
        self.viewers.is_empty()
    }

    /// Sends to each what is new to it, as far as it takes it.
    pub fn pump(&mut self, ring: &Ring) {
        // Those who keep up are at the same line: what is made for one serves all.
        let mut made: Option<(u64, Batch)> = None;
        self.viewers.retain_mut(|viewer| {
            while !viewer.waiting && viewer.next < ring.next() {
                match viewer.lines.clone().try_reserve_owned() {
                    Ok(permit) => {
                        let batch = match &made {
                            Some((from, batch)) if *from == viewer.next => batch.clone(),
                            _ => ring.batch(viewer.next, BATCH_LINES),
                        };
                        made = Some((viewer.next, batch.clone()));
                        viewer.next = batch.lines.end();
                        permit.send(batch);
                    }
                    Err(mpsc::error::TrySendError::Closed(_)) => return false,
                    Err(mpsc::error::TrySendError::Full(lines)) => {
                        viewer.waiting = true;
                        let id = viewer.id;
                        self.waiting.push(Box::pin(async move { (id, lines.reserve_owned().await) }));
                    }
                }
            }
            true
        });
    }

    /// Waits until somebody who was slow takes lines again, and sends them. Cancel-safe; waits for ever when nobody
    /// is slow.
    pub async fn wake(&mut self) -> Option<Woken> {
        if self.waiting.is_empty() {
            return std::future::pending().await;
        }
        let (id, permit) = self.waiting.next().await?;
        Some(Woken { id, permit })
    }

    /// Sends to one that was slow what it can have now.
    pub fn serve(&mut self, woken: Woken, ring: &Ring) {
        let Some(index) = self.viewers.iter().position(|viewer| viewer.id == woken.id) else { return };
        match woken.permit {
            Ok(permit) => {
                let viewer = &mut self.viewers[index];
                viewer.waiting = false;
                let batch = ring.batch(viewer.next, BATCH_LINES);
                viewer.next = batch.lines.end();
                permit.send(batch);
            }
            Err(_) => {
                self.viewers.swap_remove(index);
            }
        }
        self.pump(ring);
    }
}

/// One that was slow and takes lines again, or has gone.
pub struct Woken {
    id: u64,
    permit: Permit,
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::model::console::{Level, LineKind};

    fn push(ring: &mut Ring, count: u64) {
        for _ in 0..count {
            let text = ring.next().to_string();
            ring.push(Timestamp::UNIX_EPOCH, Level::Info, LineKind::Output, &text);
        }
    }

    async fn read(lines: &mut mpsc::Receiver<Batch>, until: u64) -> (u64, Vec<u64>) {
        let (mut skipped, mut seen) = (0, Vec::new());
        while seen.last() != Some(&until) {
            let batch = lines.recv().await.unwrap();
            skipped += batch.skipped;
            seen.extend(batch.lines.lines().map(|line| line.seq));
        }
        (skipped, seen)
    }

    #[tokio::test]
    async fn a_slow_watcher_is_told_what_it_missed_and_holds_up_nobody() {
        let mut ring = Ring::new(2_000, 1 << 20);
        let mut viewers = Viewers::default();
        let (fast, mut fast_lines) = mpsc::channel(8);
        let (slow, mut slow_lines) = mpsc::channel(1);
        viewers.add(1, fast);
        viewers.add(1, slow);
        let reader = tokio::spawn(async move { read(&mut fast_lines, 20_000).await });
        for _ in 0..200 {
            push(&mut ring, 100);
            viewers.pump(&ring);
            tokio::task::yield_now().await;
        }
        let (skipped, seen) = reader.await.unwrap();
        assert_eq!((skipped, seen.len()), (0, 20_000));
        let slow = tokio::spawn(async move { read(&mut slow_lines, 20_000).await });
        while !slow.is_finished() {
            tokio::select! {
                Some(woken) = viewers.wake() => viewers.serve(woken, &ring),
                () = tokio::task::yield_now() => {}
            }
        }
        let (skipped, seen) = slow.await.unwrap();
        assert!(skipped > 0);
        assert_eq!(skipped + seen.len() as u64, 20_000, "every line was either seen or counted as missed");
    }

    #[tokio::test]
    async fn one_that_has_gone_is_forgotten() {
        let mut ring = Ring::new(100, 1 << 20);
        let mut viewers = Viewers::default();
        let (lines, receiver) = mpsc::channel(1);
        viewers.add(1, lines);
        drop(receiver);
        push(&mut ring, 1);
        viewers.pump(&ring);
        assert!(viewers.viewers.is_empty());
    }
}
