//! Players are warned before a restart or stop, and told when it is called off.

use std::sync::Arc;

use jiff::SignedDuration;

use crate::{
    engine::schedules::{
        book::LEAD,
        testkit::{Stage, at, cron, saying, server},
    },
    model::{
        Order, Players, ScheduleId, State,
        schedule::{Outcome, Plan, Task, When},
    },
};

const DUE: &str = "2025-06-01T04:00:00Z";

/// A server with players on it, and what is to be done to it each night.
async fn stage(task: Task) -> (Stage, ScheduleId) {
    let stage = Stage::new("2025-06-01T00:00:00Z").await;
    stage.change(|world| world.servers = vec![Arc::new(server(1, State::Ready, 2))]);
    let id = stage.add(Plan { task, ..saying("night", cron("0 4 * * *", "UTC")) }).await;
    (stage, id)
}

fn said(stage: &Stage) -> Vec<(i64, String)> {
    let before = |at_: &str| at(DUE).duration_since(at(at_)).as_secs();
    stage.typed().into_iter().map(|(at, line)| (before(&at), line)).collect()
}

#[tokio::test]
async fn at_ten_five_and_one_minutes_and_ten_seconds_then_it_is_saved_and_done() {
    let (stage, id) = stage(Task::Restart).await;
    for (count, before) in [(1, 600), (2, 300), (3, 60), (4, 10)] {
        stage.set(at(DUE) - SignedDuration::from_secs(before)).await;
        stage.given(count).await;
        assert!(stage.one(id).running);
        assert_eq!(stage.one(id).next, Some(at(DUE)), "it is still to come");
    }
    stage.set(at(DUE)).await;
    stage.idle().await;
    let told = |words: &str| format!("say The server restarts in {words}.");
    let wanted = [
        (600, told("10 minutes")),
        (300, told("5 minutes")),
        (60, told("1 minute")),
        (10, told("10 seconds")),
        (0, "save-all".to_owned()),
    ];
    assert_eq!(said(&stage), wanted);
    assert_eq!(stage.orders().last().unwrap(), &(at(DUE), Order::Restart(server(1, State::Ready, 0).id())));
    assert_eq!(stage.outcome(id), Outcome::Done);
    assert_eq!(stage.one(id).next, Some(at("2025-06-02T04:00:00Z")));
}

#[tokio::test]
async fn nobody_is_warned_where_nobody_is_on() {
    let (stage, id) = stage(Task::Stop).await;
    stage.change(|world| world.servers = vec![Arc::new(server(1, State::Ready, 0))]);
    for before in [600, 300, 60, 10, 0] {
        stage.set(at(DUE) - SignedDuration::from_secs(before)).await;
    }
    stage.idle().await;
    assert_eq!(said(&stage), [(0, "save-all".to_owned())]);
    assert_eq!(stage.outcome(id), Outcome::Done);
}

#[tokio::test]
async fn whoever_joins_meanwhile_is_warned_of_what_is_left() {
    let (stage, _) = stage(Task::Stop).await;
    let set = |online| {
        stage.change(|world| {
            let players = Players { online, max: 20, names: Vec::new() };
            Arc::make_mut(&mut world.servers[0]).players = Some(Arc::new(players));
        });
    };
    set(0);
    stage.set(at(DUE) - SignedDuration::from_secs(600)).await;
    set(1);
    stage.set(at(DUE) - SignedDuration::from_secs(300)).await;
    assert_eq!(stage.given(1).await.len(), 1);
    assert_eq!(said(&stage), [(300, "say The server stops in 5 minutes.".to_owned())]);
}

#[tokio::test]
async fn a_pause_calls_it_off_and_players_are_told() {
    let (stage, id) = stage(Task::Restart).await;
    stage.set(at(DUE) - LEAD).await;
    stage.given(1).await;
    stage.give(Order::PauseSchedule(id, true)).await.unwrap();
    stage.idle().await;
    assert_eq!(said(&stage).last().unwrap().1, "say The restart was called off.");
    assert!(matches!(stage.outcome(id), Outcome::Skipped(why) if why.contains("called off")));
    stage.set(at(DUE)).await;
    assert!(!stage.orders().iter().any(|(_, order)| matches!(order, Order::Restart(_))));
}

#[tokio::test]
async fn a_delete_calls_it_off_too() {
    let (stage, id) = stage(Task::Stop).await;
    stage.set(at(DUE) - LEAD).await;
    stage.given(1).await;
    stage.give(Order::DeleteSchedule(id)).await.unwrap();
    assert_eq!(stage.given(2).await.len(), 2);
    assert_eq!(said(&stage)[1].1, "say The stop was called off.");
    stage.set(at(DUE)).await;
    assert!(stage.shown().schedules.is_empty());
    assert_eq!(stage.orders().len(), 2);
}

#[tokio::test]
async fn a_run_that_is_asked_for_warns_for_its_whole_time() {
    let (stage, id) = stage(Task::Restart).await;
    let now = stage.now();
    stage.give(Order::RunSchedule(id)).await.unwrap();
    stage.given(1).await;
    for (count, after) in [(2, 300), (3, 540), (4, 590)] {
        stage.set(now + SignedDuration::from_secs(after)).await;
        stage.given(count).await;
    }
    stage.set(now + LEAD).await;
    stage.idle().await;
    assert_eq!(stage.orders().last().unwrap().0, now + LEAD);
    assert_eq!(stage.one(id).next, Some(at(DUE)), "its own time stays");
}

#[tokio::test]
async fn short_intervals_warn_of_what_is_left_of_them() {
    let stage = Stage::new("2025-06-01T00:00:00Z").await;
    stage.change(|world| world.servers = vec![Arc::new(server(1, State::Ready, 1))]);
    let id = stage.add(Plan { task: Task::Restart, ..saying("often", When::Every(60)) }).await;
    stage.quiet().await;
    assert!(stage.one(id).running, "its first time is a minute away, and is warned of now");
    stage.given(1).await;
    stage.set(at("2025-06-01T00:00:50Z")).await;
    stage.given(2).await;
    stage.set(at("2025-06-01T00:01:00Z")).await;
    let orders = stage.given(4).await;
    assert!(matches!(orders[3], (_, Order::Restart(_))), "{orders:?}");
}
