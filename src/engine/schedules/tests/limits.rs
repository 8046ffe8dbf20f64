//! Which servers are worked on, how many at once, and what is told of those that are not.

use std::sync::{Arc, atomic::Ordering};

use crate::{
    engine::schedules::testkit::{Stage, at, saying, server},
    model::{
        Fault, FaultKind, JobState, Order, Ownership, Severity, Snapshot, State,
        schedule::{Condition, Outcome, Plan, Targets, Task, When},
    },
};

fn hourly(task: Task) -> Plan {
    Plan { task, ..saying("hourly", When::Every(3_600)) }
}

#[tokio::test]
async fn so_many_at_once_and_no_more() {
    let stage = Stage::new("2025-06-01T00:00:00Z").await;
    stage.change(|world| {
        world.servers = (1..=7).map(|n| Arc::new(server(n, State::Ready, 0))).collect();
    });
    stage.hold.store(true, Ordering::Relaxed);
    let id = stage.add(Plan { at_once: 3, ..hourly(Task::Backup) }).await;
    stage.set(at("2025-06-01T01:00:00Z")).await;
    let busy = |world: &Snapshot| world.servers.iter().filter(|one| one.job.is_some()).count();
    for left in (1..=7).rev() {
        // As one ends it is pruned, and the next one begins while there are any.
        stage.world_has(|world| busy(world) == left.min(3)).await;
        stage.quiet().await;
        assert_eq!(busy(&stage.world.borrow()), left.min(3));
        let first = stage.world.borrow().servers.iter().find(|one| one.job.is_some()).unwrap().id();
        stage.finish(first, JobState::Done);
    }
    stage.idle().await;
    let orders = stage.orders();
    assert_eq!(orders.iter().filter(|(_, order)| matches!(order, Order::Backup(..))).count(), 7);
    assert_eq!(orders.iter().filter(|(_, order)| matches!(order, Order::Prune(_))).count(), 7);
    assert_eq!(stage.outcome(id), Outcome::Done);
}

#[tokio::test]
async fn conditions_leave_servers_out_and_say_why() {
    let stage = Stage::new("2025-06-01T00:00:00Z").await;
    let mut unknown = server(4, State::Loading(None), 0);
    unknown.players = None;
    let mut found = server(5, State::Ready, 0);
    Arc::make_mut(&mut found.about).ownership = Ownership::Found;
    stage.change(|world| {
        world.servers = [
            server(1, State::Ready, 0),
            server(2, State::Ready, 3),
            server(3, State::Stopped, 0),
            unknown,
            found,
        ]
        .map(Arc::new)
        .into();
    });
    let ids: Vec<_> = (1..=4).map(|n| server(n, State::Ready, 0).id()).collect();
    let cases = [
        (Condition::Always, Task::Backup, vec![1, 2, 3, 4]),
        (Condition::Running, Task::Backup, vec![1, 2, 4]),
        (Condition::WithPlayers, Task::Backup, vec![2]),
        (Condition::WithoutPlayers, Task::Backup, vec![1, 3]),
        (Condition::Always, Task::Start, vec![3]),
        (Condition::Always, Task::Commands(vec!["list".into()]), vec![1, 2, 4]),
    ];
    for (condition, task, wanted) in cases {
        let before = stage.orders().len();
        let plan = Plan { condition, targets: Targets::Servers(ids.clone()), ..hourly(task.clone()) };
        let id = stage.add(plan).await;
        stage.give(Order::RunSchedule(id)).await.unwrap();
        // A start waits until it can be joined.
        if task == Task::Start {
            stage.given(before + 1).await;
            stage.change(|world| Arc::make_mut(&mut world.servers[2]).state = State::Ready);
        }
        stage.idle().await;
        let mut worked: Vec<_> = stage.orders()[before..]
            .iter()
            .filter_map(|(_, order)| match order {
                Order::Backup(id, _) | Order::Start(id) | Order::Console { server: id, .. } => Some(*id),
                _ => None,
            })
            .collect();
        worked.sort();
        let wanted: Vec<_> = wanted.into_iter().map(|n: usize| ids[n - 1]).collect();
        assert_eq!(worked, wanted, "{condition:?} {task:?}");
        stage.give(Order::DeleteSchedule(id)).await.unwrap();
        stage.change(|world| world.servers[2] = Arc::new(server(3, State::Stopped, 0)));
    }
    stage.change(|world| world.servers.retain(|one| one.id() == ids[0]));
    let all = Plan { condition: Condition::WithPlayers, ..hourly(Task::Restart) };
    let id = stage.add(all).await;
    stage.give(Order::RunSchedule(id)).await.unwrap();
    stage.idle().await;
    assert_eq!(stage.outcome(id), Outcome::Skipped("server-1: nobody is on it.".into()));
    assert_eq!(stage.one(id).skips, 1);
    stage.change(|world| world.servers.clear());
    stage.give(Order::RunSchedule(id)).await.unwrap();
    stage.until(|shown| shown.schedules[0].skips == 2).await;
    assert_eq!(stage.outcome(id), Outcome::Skipped("There are no servers that it is meant for.".into()));
}

#[tokio::test]
async fn what_goes_wrong_is_told_by_name_and_the_others_are_done() {
    let stage = Stage::new("2025-06-01T00:00:00Z").await;
    stage.change(|world| {
        let mut lost = server(3, State::Unknown, 0);
        lost.players = None;
        world.servers = [server(1, State::Ready, 0), server(2, State::Ready, 0), lost].map(Arc::new).into();
    });
    stage.hold.store(true, Ordering::Relaxed);
    let id = stage.add(Plan { at_once: 2, ..hourly(Task::Backup) }).await;
    stage.set(at("2025-06-01T01:00:00Z")).await;
    stage.given(2).await;
    let (one, two) = (server(1, State::Ready, 0).id(), server(2, State::Ready, 0).id());
    let fault = Fault::new(FaultKind::Failed, "The disk is full.", "", "");
    stage.finish(two, JobState::Failed(Box::new(fault)));
    stage.finish(one, JobState::Done);
    stage.idle().await;
    let why = "2 of 3 servers: server-2: The disk is full; server-3: its host does not answer.";
    assert_eq!(stage.outcome(id), Outcome::Failed(why.into()));
    let heard = stage.heard.lock().unwrap();
    assert_eq!((heard.notices[0].severity, heard.notices[0].details.as_str()), (Severity::Error, why));
}

#[tokio::test]
async fn a_busy_server_is_waited_for() {
    let stage = Stage::new("2025-06-01T00:00:00Z").await;
    let id = server(1, State::Ready, 0).id();
    stage.change(|world| {
        Arc::make_mut(&mut world.servers[0]).job = Some(crate::model::JobId::new());
    });
    stage.add(hourly(Task::Stop)).await;
    stage.set(at("2025-06-01T01:00:00Z")).await;
    // The save is typed; the stop waits.
    let given = stage.given(1).await;
    assert!(given.iter().all(|(_, order)| matches!(order, Order::Console { .. })), "{given:?}");
    stage.change(|world| Arc::make_mut(&mut world.servers[0]).job = None);
    stage.idle().await;
    assert_eq!(stage.orders().last().unwrap().1, Order::Stop(id));
}

#[tokio::test]
async fn orders_are_checked_and_a_run_is_not_begun_twice() {
    let stage = Stage::new("2025-06-01T00:00:00Z").await;
    let nobody = Targets::Servers(vec![crate::model::ServerId::new()]);
    let refused =
        stage.give(Order::AddSchedule(Box::new(Plan { targets: nobody, ..hourly(Task::Backup) }))).await;
    assert_eq!(refused.unwrap_err().field.as_deref(), Some("servers"));
    stage.hold.store(true, Ordering::Relaxed);
    let id = stage.add(hourly(Task::Backup)).await;
    stage.give(Order::RunSchedule(id)).await.unwrap();
    stage.given(1).await;
    assert_eq!(stage.give(Order::RunSchedule(id)).await.unwrap_err().kind, FaultKind::Conflict);
    stage.set(at("2025-06-01T01:00:00Z")).await;
    assert_eq!(stage.outcome(id), Outcome::Skipped("The run before had not ended.".into()));
    stage.finish(server(1, State::Ready, 0).id(), JobState::Done);
    stage.idle().await;
    assert_eq!(stage.outcome(id), Outcome::Done);
    stage.give(Order::DeleteSchedule(id)).await.unwrap();
    assert_eq!(stage.give(Order::RunSchedule(id)).await.unwrap_err().kind, FaultKind::NotFound);
    assert!(stage.store.load().await.unwrap().schedules.is_empty());
}

#[tokio::test]
async fn a_read_only_engine_does_nothing_by_itself() {
    let stage = Stage::new("2025-06-01T00:00:00Z").await;
    let id = stage.add(hourly(Task::Commands(vec!["list".into()]))).await;
    stage.change(|world| world.read_only = true);
    stage.set(at("2025-06-01T01:00:00Z")).await;
    stage.set(at("2025-06-01T03:30:00Z")).await;
    assert_eq!(stage.orders(), []);
    stage.change(|world| world.read_only = false);
    stage.set(at("2025-06-01T03:31:00Z")).await;
    stage.idle().await;
    assert_eq!((stage.orders().len(), stage.last(id).due), (1, at("2025-06-01T03:00:00Z")));
}
