//! A face keeps its place over broken connections and from one engine to the next.

use std::sync::{Arc, Mutex};

use proptest::prelude::*;
use tokio::{
    net::{UnixListener, UnixStream},
    sync::watch,
};
use uuid::Uuid;

use super::fake::*;
use crate::{
    engine::{From, Handle},
    link::{Backend, Source, Target, join, place::Place, relay},
    model::{
        Order, Origin, Standing,
        console::{Batch, LineKind, Ring},
    },
};

/// Connects again and again, by way of a wire that can be cut.
struct Again(Target);

impl Source for Again {
    async fn next(&mut self, standing: &watch::Sender<Standing>) -> Backend {
        standing.send_replace(Standing::Reconnecting { place: "there".into(), why: "cut".into() });
        loop {
            if let Ok(stream) = self.0.dial().await
                && let Ok(backend) = join(stream, &joining()).await
            {
                standing.send_replace(Standing::Attached { place: "there".into() });
                return backend;
            }
            tokio::task::yield_now().await;
        }
    }
}

/// A wire to an engine's socket that can be cut.
struct Wire {
    cut: watch::Sender<u32>,
    target: Target,
    _folder: tempfile::TempDir,
}

impl Wire {
    fn to(engine: &Fake) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wire");
        let listener = UnixListener::bind(&path).unwrap();
        let (cut, cuts) = watch::channel(0);
        let socket = engine.socket();
        tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                let (mut cuts, socket) = (cuts.clone(), socket.clone());
                cuts.mark_unchanged();
                tokio::spawn(async move {
                    let Ok(mut far) = UnixStream::connect(socket).await else { return };
                    tokio::select! {
                        _ = tokio::io::copy_bidirectional(&mut near, &mut far) => {}
                        _ = cuts.changed() => {}
                    }
                });
            }
        });
        Self { cut, target: Target::Socket(path), _folder: folder }
    }
}

async fn relayed(target: Target) -> (Handle, crate::link::Relayed<Again>) {
    let first = join(target.dial().await.unwrap(), &joining()).await.unwrap();
    let (standing, _) = watch::channel(Standing::Attached { place: "there".into() });
    let relayed = relay(Again(target), first, standing, Origin::Dashboard);
    (relayed.handle.clone(), relayed)
}

#[tokio::test]
async fn a_console_goes_on_without_a_gap_over_a_wire_that_is_cut() {
    let engine = Fake::new();
    let _server = engine.listen().await;
    let wire = Wire::to(&engine);
    let (handle, relayed) = relayed(wire.target.clone()).await;
    let mut lines = handle.watch(id(), From::Tail(1_000)).await.unwrap();
    let mut standings = handle.standings().unwrap();
    let mut seen = Vec::new();
    for round in 0..12u64 {
        for n in 1..=800 {
            engine.line((round * 800 + n) as i64, &format!("{}", round * 800 + n));
        }
        // In the middle of what is on its way.
        wire.cut.send_modify(|cut| *cut += 1);
        seen.extend(read(&mut lines, &((round + 1) * 800).to_string()).await);
    }
    assert!(seen.iter().map(|(seq, _)| *seq).eq(1..=9_600), "numbers are contiguous");
    assert!(seen.iter().all(|(seq, text)| *text == seq.to_string()));
    within(standings.wait_for(|standing| matches!(standing, Standing::Attached { .. }))).await.unwrap();
    engine.change(|_| {});
    within(handle.wait(|world| (world.sequence == 1).then_some(()))).await.unwrap();
    assert!(within(handle.run(Order::Start(id()))).await.is_ok());
    within(relayed.end()).await.unwrap();
}

/// One engine after the other, as a test has them.
struct Next(Arc<Mutex<Vec<Backend>>>);

impl Source for Next {
    async fn next(&mut self, standing: &watch::Sender<Standing>) -> Backend {
        loop {
            if let Some(backend) = self.0.lock().unwrap().pop() {
                standing.send_replace(Standing::Inside);
                return backend;
            }
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn another_engine_takes_over_and_no_line_comes_twice_or_not_at_all() {
    let first = Fake::new();
    let server = first.listen().await;
    let waiting = Arc::new(Mutex::new(Vec::new()));
    let (standing, _) = watch::channel(Standing::Attached { place: "process 1".into() });
    let relayed = relay(Next(waiting.clone()), first.face().await, standing, Origin::Dashboard);
    let handle = relayed.handle.clone();
    let mut lines = handle.watch(id(), From::Tail(100)).await.unwrap();
    // Two lines of one moment, and what the engine itself wrote.
    for (at, text) in [(10, "a"), (20, "b"), (20, "c")] {
        first.line(at, text);
    }
    first.write(25, LineKind::Command, "say hi");
    let mut seen = read(&mut lines, "say hi").await;
    server.close().await;
    // The next one reads the same log, numbers anew, and reads it only bit by bit.
    let second = Fake::new();
    waiting.lock().unwrap().push(Backend::here(second.handle.clone(), second.run));
    for (at, text) in [(10, "a"), (20, "b"), (20, "c"), (20, "d"), (30, "e")] {
        second.line(at, text);
        tokio::task::yield_now().await;
    }
    seen.extend(read(&mut lines, "e").await);
    let texts: Vec<_> = seen.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(texts, ["a", "b", "c", "say hi", "d", "e"]);
    assert!(seen.iter().map(|(seq, _)| *seq).eq(1..=6), "{seen:?}");
    assert_eq!(handle.standing(), Standing::Inside);
}

fn batch(ring: &Ring, from: u64, most: usize) -> Batch {
    ring.batch(from, most)
}

proptest! {
    /// Whatever a log is and wherever engines end: a watcher's numbers are contiguous, and each line comes once, as long
    /// as the next engine reads back far enough.
    #[test]
    fn each_line_once(steps in prop::collection::vec(0i64..2, 1..80), cuts in prop::collection::vec((0usize..80, 1usize..20), 0..5)) {
        let mut now = 0;
        let log: Vec<i64> = steps.iter().map(|step| { now += step; now }).collect();
        let mut place = Place::new(From::Tail(1_000));
        let mut seen: Vec<(u64, String)> = Vec::new();
        let mut written = 0;
        for (end, piece) in cuts.into_iter().chain([(log.len(), 7)]) {
            let run = Uuid::now_v7();
            let end = end.min(log.len()).max(written);
            written = end;
            // Each engine reads the log from its beginning, in pieces.
            let mut ring = Ring::new(10_000, 1 << 20);
            for (n, at) in log[..end].iter().enumerate() {
                let at = jiff::Timestamp::from_second(*at).unwrap();
                ring.push(at, crate::model::console::Level::Info, LineKind::Output, &n.to_string());
            }
            let mut next = match place.ask(run) {
                From::Seq(seq) => seq,
                From::Tail(_) => 1,
            };
            while next < ring.next() {
                let batch = batch(&ring, next, piece);
                next = batch.lines.end();
                if let Some(batch) = place.take(run, batch) {
                    prop_assert_eq!(batch.skipped, 0);
                    seen.extend(batch.lines.lines().map(|line| (line.seq, line.text.to_owned())));
                }
            }
        }
        prop_assert!(seen.iter().map(|(seq, _)| *seq).eq(1..=log.len() as u64), "{:?}", seen);
        prop_assert!(seen.iter().enumerate().all(|(n, (_, text))| *text == n.to_string()), "{:?}", seen);
    }
}

#[test]
fn where_lines_may_be_missing_it_says_so() {
    let ring = |from: i64, to: i64| {
        let mut ring = Ring::new(1_000, 1 << 20);
        for n in from..to {
            let at = jiff::Timestamp::from_second(n).unwrap();
            ring.push(at, crate::model::console::Level::Info, LineKind::Output, &n.to_string());
        }
        ring
    };
    let mut place = Place::new(From::Tail(10));
    let (first, second) = (Uuid::now_v7(), Uuid::now_v7());
    assert_eq!(place.ask(first), From::Tail(10));
    place.take(first, ring(0, 5).batch(1, 100)).unwrap();
    assert_eq!(place.ask(first), From::Seq(6));
    // The next engine's log begins later than the last one's ended.
    assert_eq!(place.ask(second), From::Seq(1));
    let batch = place.take(second, ring(50, 52).batch(1, 100)).unwrap();
    let lines: Vec<_> = batch.lines.lines().map(|line| (line.seq, line.kind)).collect();
    assert_eq!(lines, [(6, LineKind::Remark), (7, LineKind::Output), (8, LineKind::Output)]);
}
