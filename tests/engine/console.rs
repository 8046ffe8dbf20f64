//! Consoles: complete, in order, harmless, without a gap.

use std::collections::HashSet;

use mineclifford::{
    engine::From,
    model::{Answer, FaultKind, Order, ServerId, State, Via, console::LineKind},
};

use crate::support::{Bed, within};

async fn type_line(bed: &Bed, server: ServerId, line: &str) {
    bed.handle.run(Order::Console { server, line: line.into(), reply: false }).await.expect("sent");
}

/// The numbers of the flood's lines up to its last one, in the order in which they came; and how many were skipped.
async fn flood(bed: &Bed, server: ServerId, count: usize) -> (Vec<usize>, u64) {
    let mut lines = bed.handle.watch(server, From::Tail(0)).await.expect("a console");
    type_line(bed, server, &format!("practice flood {count}")).await;
    let (mut seen, mut skipped) = (Vec::with_capacity(count), 0);
    let read = async {
        while seen.last() != Some(&count) {
            let batch = lines.recv().await.expect("more");
            skipped += batch.skipped;
            for line in batch.lines.lines().filter(|line| line.kind == LineKind::Output) {
                let number = line
                    .text
                    .rsplit("flood line ")
                    .next()
                    .and_then(|text| text.split(' ').next()?.parse::<usize>().ok());
                seen.extend(number.filter(|_| line.text.contains("flood line ")));
            }
        }
    };
    within("the flood", read).await;
    (seen, skipped)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_thousand_lines_are_complete_and_in_order() {
    let bed = Bed::new("flood").await;
    let id = bed.ready(bed.spec("a")).await;
    let (seen, skipped) = flood(&bed, id, 100_000).await;
    assert_eq!(skipped, 0);
    assert_eq!(seen, (1..=100_000).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_watchers_see_the_same_and_one_may_resume() {
    let bed = Bed::new("watch").await;
    let id = bed.ready(bed.spec("a")).await;
    type_line(&bed, id, "say one").await;
    bed.line(id, "[Server] one").await;
    let mut lines = bed.handle.watch(id, From::Tail(1)).await.expect("a console");
    let batch = within("a line", lines.recv()).await.expect("a line");
    let last = batch.lines.end() - 1;
    drop(lines);
    type_line(&bed, id, "say two").await;
    bed.line(id, "[Server] two").await;
    let mut lines = bed.handle.watch(id, From::Seq(last + 1)).await.expect("a console");
    let batch = within("the rest", lines.recv()).await.expect("the rest");
    assert_eq!((batch.skipped, batch.lines.first()), (0, last + 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_line_twice_and_none_lost_over_restarts() {
    let bed = Bed::new("restart").await;
    let id = bed.ready(bed.spec("a")).await;
    let mut said = HashSet::new();
    for round in 0..3 {
        let mark = format!("round-{round}");
        type_line(&bed, id, &format!("say {mark}")).await;
        bed.line(id, &format!("[Server] {mark}")).await;
        said.insert(mark);
        bed.run(Order::Restart(id)).await.expect("restarted");
        bed.reaches(id, State::Ready).await;
    }
    let mut lines = bed.handle.watch(id, From::Seq(0)).await.expect("a console");
    let (mut dones, mut seen) = (0, Vec::new());
    let read = async {
        while dones < 4 {
            let batch = lines.recv().await.expect("more");
            for line in batch.lines.lines().filter(|line| line.kind == LineKind::Output) {
                dones += usize::from(line.text.contains("For help, type"));
                seen.extend(
                    said.iter().find(|mark| line.text.ends_with(&format!("[Server] {mark}"))).cloned(),
                );
            }
        }
    };
    within("all of it", read).await;
    assert_eq!(seen, ["round-0", "round-1", "round-2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn replies_come_by_rcon_and_say_so() {
    let bed = Bed::new("reply").await;
    let id = bed.ready(bed.spec("a")).await;
    let answer =
        bed.run(Order::Console { server: id, line: "/list".into(), reply: true }).await.expect("sent");
    let Answer::Sent { via, reply } = answer else { panic!("{answer:?}") };
    assert_eq!(via, Via::Rcon);
    assert!(reply.as_deref().is_some_and(|reply| reply.contains("players online")), "{reply:?}");
    assert_eq!(bed.server(id).via, Some(Via::Stdin), "the usual way");
    assert_eq!(bed.handle.typed(id).await.expect("typed"), ["/list"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_line_is_one_command() {
    let bed = Bed::new("inject").await;
    let id = bed.ready(bed.spec("a")).await;
    for line in ["say a\nstop", "say a\rstop", "say \0", "", "/", "say \u{1b}[2J"] {
        let fault = bed.run(Order::Console { server: id, line: line.into(), reply: false }).await;
        assert_eq!(fault.expect_err("refused").kind, FaultKind::Invalid, "{line:?}");
    }
    assert_eq!(bed.server(id).state, State::Ready);
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_lines_reach_nobody() {
    let bed = Bed::new("hostile").await;
    let mut spec = bed.spec("a");
    spec.env.insert("PRACTICE_HOSTILE".into(), "true".into());
    spec.env.insert("PRACTICE_LONG_LINE_MB".into(), "20".into());
    let id = bed.ready(spec).await;
    type_line(&bed, id, "say the end").await;
    bed.line(id, "[Server] the end").await;
    let mut lines = bed.handle.watch(id, From::Seq(0)).await.expect("a console");
    let mut count = 0;
    loop {
        let batch = within("lines", lines.recv()).await.expect("more");
        for line in batch.lines.lines() {
            count += 1;
            assert!(line.text.len() < 10_000, "{} bytes", line.text.len());
            for (at, c) in line.text.char_indices() {
                let sgr = line.text[at..].starts_with("\u{1b}[");
                assert!(!c.is_control() || sgr, "{:?}", line.text);
                assert!(
                    !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}'..='\u{200f}')
                );
            }
        }
        if batch.lines.lines().any(|line| line.text.contains("[Server] the end")) {
            break;
        }
    }
    assert!(count > 20, "{count}");
}

#[tokio::test(flavor = "multi_thread")]
async fn players_come_and_go() {
    let bed = Bed::new("players").await;
    let id = bed.ready(bed.spec("a")).await;
    let names =
        |server: &mineclifford::model::Server| server.players.as_ref().map(|players| players.names.clone());
    type_line(&bed, id, "practice join Alice").await;
    let joined = bed.handle.wait(|snapshot| {
        snapshot.server(id).and_then(|server| names(server)).filter(|names| names == &["Alice"])
    });
    within("Alice", joined).await.expect("an engine");
    // What a player says can fake nothing.
    type_line(&bed, id, "practice chat Alice Bob joined the game").await;
    bed.line(id, "Bob joined the game").await;
    type_line(&bed, id, "practice leave Alice").await;
    let left = bed.handle.wait(|snapshot| {
        snapshot
            .server(id)
            .and_then(|server| server.players.clone())
            .filter(|players| players.names.is_empty())
    });
    assert_eq!(within("nobody", left).await.expect("an engine").online, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_server_is_measured_and_a_stopped_one_is_not() {
    let bed = Bed::new("stats").await;
    let id = bed.ready(bed.spec("a")).await;
    let sample = bed.handle.wait(|snapshot| snapshot.server(id).and_then(|server| server.sample));
    let sample = within("a sample", sample).await.expect("an engine");
    assert!(sample.memory_bytes > 0 && sample.memory_limit_bytes == (256 + 384) << 20, "{sample:?}");
    assert!(!bed.handle.history(id).await.expect("history").is_empty());
    bed.run(Order::Stop(id)).await.expect("stopped");
    assert_eq!(bed.server(id).sample, None);
}
