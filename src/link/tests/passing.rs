//! What a face asks and sees through a link is what the engine hears and says.

use super::fake::*;
use crate::{
    engine::From,
    link::join,
    model::{Answer, Event, FaultKind, JobId, JobState, Order},
};

#[tokio::test]
async fn orders_answers_events_and_the_world_pass() {
    let engine = Fake::new();
    let _server = engine.listen().await;
    let face = engine.face().await;
    assert_eq!(face.run, engine.run);
    assert_eq!(face.pid, std::process::id());
    let handle = &face.handle;
    assert!(handle.now().settled);
    assert_eq!(within(handle.run(Order::Start(id()))).await, Ok(Answer::Done));
    assert_eq!(*engine.orders.lock().unwrap(), [Order::Start(id())]);
    assert_eq!(within(handle.typed(id())).await.unwrap(), ["list", "say hi"]);
    assert_eq!(within(handle.history(id())).await.unwrap(), history());
    let mut events = handle.events();
    let event = Event::JobEnded { job: JobId::new(), state: JobState::Done };
    engine.events.send(event.clone()).unwrap();
    assert_eq!(within(events.recv()).await.unwrap(), event);
    for _ in 0..100 {
        engine.change(|_| {});
    }
    within(handle.wait(|world| (world.sequence == 100).then_some(()))).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_piece_of_the_world_is_lost_to_answers_that_come_at_the_same_moment() {
    let engine = Fake::new();
    let _server = engine.listen().await;
    let handle = engine.face().await.handle;
    let asking = async {
        loop {
            let asks = futures_util::future::join_all((0..8).map(|_| handle.typed(id())));
            assert!(within(asks).await.iter().all(Result::is_ok));
        }
    };
    let changing = async {
        for round in 1..=500 {
            engine.change(|_| {});
            within(handle.wait(|world| (world.sequence == round).then_some(()))).await.unwrap();
        }
    };
    tokio::select! {
        () = asking => {}
        () = changing => {}
    }
}

#[tokio::test]
async fn a_read_only_face_changes_nothing() {
    let engine = Fake::new();
    let _server = engine.listen().await;
    let joining = crate::link::Joining { read_only: true, ..joining() };
    let face = join(engine.target().dial().await.unwrap(), &joining).await.unwrap();
    assert!(face.handle.now().read_only);
    let fault = within(face.handle.run(Order::Stop(id()))).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Denied);
    assert!(engine.orders.lock().unwrap().is_empty());
    assert_eq!(within(face.handle.typed(id())).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_slow_console_holds_back_neither_the_world_nor_a_fast_one() {
    let engine = Fake::new();
    let _server = engine.listen().await;
    let face = engine.face().await;
    let mut slow = face.handle.watch(id(), From::Seq(1)).await.unwrap();
    let mut fast = face.handle.watch(id(), From::Seq(1)).await.unwrap();
    // More than every window and buffer on the way holds: 20 MB.
    for n in 1..=40_000 {
        engine.line(n, &format!("{n} {}", "x".repeat(500)));
    }
    engine.line(40_001, "end");
    let seen = read(&mut fast, "end").await;
    assert!(seen.iter().map(|(seq, _)| *seq).eq(1..=40_001), "every line once, in order");
    // The slow one has taken nothing yet, and yet all the rest goes on.
    for _ in 0..50 {
        engine.change(|_| {});
    }
    within(face.handle.wait(|world| (world.sequence == 50).then_some(()))).await.unwrap();
    assert_eq!(within(face.handle.run(Order::Start(id()))).await, Ok(Answer::Done));
    let seen = read(&mut slow, "end").await;
    assert!(seen.iter().map(|(seq, _)| *seq).eq(1..=40_001), "and it gets them all when it takes them");
}

#[tokio::test]
async fn a_watcher_that_goes_is_let_go() {
    let engine = Fake::new();
    let _server = engine.listen().await;
    let face = engine.face().await;
    // More than may be watched at once, one after the other.
    for n in 0..1_500 {
        engine.line(n, &n.to_string());
        let mut lines = face.handle.watch(id(), From::Tail(1)).await.unwrap();
        assert!(within(lines.recv()).await.is_some());
    }
    assert_eq!(within(face.handle.run(Order::Start(id()))).await, Ok(Answer::Done));
}

#[tokio::test]
async fn an_end_is_told_and_nothing_waits_for_ever() {
    let engine = Fake::new();
    let server = engine.listen().await;
    let face = engine.face().await;
    let mut lines = face.handle.watch(id(), From::Seq(1)).await.unwrap();
    let mut snapshots = face.handle.snapshots();
    engine.line(1, "last");
    read(&mut lines, "last").await;
    server.close().await;
    assert!(!engine.socket().exists());
    within(async { while snapshots.changed().await.is_ok() {} }).await;
    assert!(within(lines.recv()).await.is_none());
    assert!(within(face.handle.run(Order::Start(id()))).await.is_err());
    assert!(face.why().is_some());
}
