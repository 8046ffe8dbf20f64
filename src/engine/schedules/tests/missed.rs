//! What passed while no program ran, or while it was killed in the middle.

use jiff::SignedDuration;

use crate::{
    engine::schedules::testkit::{Stage, at, cron, saying, server},
    model::{
        Order, Origin, Severity, State,
        schedule::{Missed, Outcome, Plan, Task, When},
    },
};

fn nightly(name: &str) -> Plan {
    saying(name, cron("0 4 * * *", "Europe/Berlin"))
}

#[tokio::test]
async fn downtime_over_due_times_is_made_up_for_once_or_noted() {
    let stage = Stage::new("2025-06-01T12:00:00Z").await;
    let once = stage.add(nightly("once")).await;
    let skip = stage.add(Plan { missed: Missed::Skip, ..nightly("skip") }).await;
    let every = stage.add(saying("every", When::Every(3_600))).await;
    let stage = stage.again(at("2025-06-04T09:30:00Z")).await;
    stage.idle().await;
    let mut typed = stage.typed();
    typed.sort();
    let now = "2025-06-04T09:30:00Z".to_owned();
    assert_eq!(typed, [(now.clone(), "say every".to_owned()), (now, "say once".to_owned())]);
    assert_eq!(stage.last(once).due, at("2025-06-04T02:00:00Z"));
    assert_eq!(stage.last(every).due, at("2025-06-04T09:00:00Z"));
    assert_eq!(stage.one(every).next, Some(at("2025-06-04T10:00:00Z")), "still on its own grid");
    let why = "3 of its times passed while this program was off.";
    assert_eq!(stage.outcome(skip), Outcome::Skipped(why.into()));
    assert_eq!((stage.one(skip).skips, stage.one(once).skips), (3, 0));
    let heard = stage.heard.lock().unwrap();
    let told: Vec<_> = heard.notices.iter().map(|notice| (notice.severity, notice.text.as_str())).collect();
    assert_eq!(told, [(Severity::Warning, "schedule skip was skipped")]);
    assert!(heard.audit.iter().all(|line| line.origin == Origin::Schedule));
    let line = heard.audit.iter().find(|line| line.action.contains("skip")).unwrap();
    assert_eq!(
        (line.action.as_str(), line.outcome.as_str()),
        ("schedule skip: commands", &*format!("skipped: {why}"))
    );
}

#[tokio::test]
async fn a_short_stop_over_a_due_time_is_no_miss() {
    let stage = Stage::new("2025-06-01T12:00:00Z").await;
    stage.add(Plan { missed: Missed::Skip, ..nightly("skip") }).await;
    stage.set(at("2025-06-02T01:59:50Z")).await;
    let stage = stage.again(at("2025-06-02T02:00:40Z")).await;
    stage.idle().await;
    assert_eq!(stage.typed().len(), 1);
}

#[tokio::test]
async fn pauses_of_one_and_of_all_outlive_the_program_and_miss_nothing() {
    let stage = Stage::new("2025-06-01T12:00:00Z").await;
    let one = stage.add(nightly("one")).await;
    let two = stage.add(nightly("two")).await;
    stage.give(Order::PauseSchedule(one, true)).await.unwrap();
    let stage = stage.again(at("2025-06-03T12:00:00Z")).await;
    stage.idle().await;
    assert_eq!(stage.typed().len(), 1, "only the other one");
    assert_eq!(stage.one(one).next, None);

    stage.give(Order::PauseSchedules(true)).await.unwrap();
    let stage = stage.again(at("2025-06-05T12:00:00Z")).await;
    assert!(stage.shown().paused);
    assert!(stage.shown().schedules.iter().all(|schedule| schedule.next.is_none()));
    stage.set(at("2025-06-06T12:00:00Z")).await;
    stage.give(Order::PauseSchedules(false)).await.unwrap();
    stage.give(Order::PauseSchedule(one, false)).await.unwrap();
    stage.quiet().await;
    assert_eq!(stage.typed(), [], "what passed while all rested was not missed");
    let next = Some(at("2025-06-07T02:00:00Z"));
    assert_eq!((stage.one(one).next, stage.one(two).next), (next, next));
    stage.walk(at("2025-06-07T03:00:00Z")).await;
    assert_eq!(stage.typed().len(), 2);
}

#[tokio::test]
async fn one_that_is_killed_in_the_middle_neither_doubles_nor_forgets() {
    let stage = Stage::new("2025-06-01T12:00:00Z").await;
    let id = stage.add(Plan { task: Task::Backup, ..nightly("night") }).await;
    stage.hold.store(true, std::sync::atomic::Ordering::Relaxed);
    stage.set(at("2025-06-02T02:00:00Z")).await;
    assert_eq!(stage.given(1).await.len(), 1);
    let stage = stage.killed(at("2025-06-02T02:00:30Z")).await;
    stage.idle().await;
    assert_eq!(stage.orders(), [], "begun before, so not begun again");
    let why = "The program ended in the middle of it.";
    assert_eq!(stage.outcome(id), Outcome::Failed(why.into()));
    assert_eq!(stage.one(id).next, Some(at("2025-06-03T02:00:00Z")));
    // Killed before the time: it comes, once.
    let stage = stage.killed(at("2025-06-03T01:59:59Z")).await;
    stage.walk(at("2025-06-03T12:00:00Z")).await;
    let backups = stage.orders().into_iter().filter(|(_, order)| matches!(order, Order::Backup(..)));
    assert_eq!(backups.count(), 1);
}

#[tokio::test]
async fn an_end_in_order_in_the_middle_is_told_the_same_way() {
    let stage = Stage::new("2025-06-01T12:00:00Z").await;
    let id = stage.add(Plan { task: Task::Backup, ..nightly("night") }).await;
    stage.hold.store(true, std::sync::atomic::Ordering::Relaxed);
    stage.set(at("2025-06-02T02:00:00Z")).await;
    stage.given(1).await;
    let stage = stage.again(at("2025-06-02T02:00:30Z")).await;
    assert!(matches!(stage.outcome(id), Outcome::Failed(why) if why.contains("in the middle")));
    assert_eq!(stage.orders(), []);
}

#[tokio::test]
async fn what_players_were_only_warned_of_is_still_done_after_a_kill() {
    let stage = Stage::new("2025-06-01T12:00:00Z").await;
    stage.change(|world| world.servers = vec![std::sync::Arc::new(server(1, State::Ready, 2))]);
    let id = stage.add(Plan { task: Task::Restart, ..nightly("night") }).await;
    let due = at("2025-06-02T02:00:00Z");
    stage.set(due - SignedDuration::from_mins(10)).await;
    assert_eq!(stage.given(1).await.len(), 1);
    let stage = stage.killed(due - SignedDuration::from_mins(3)).await;
    assert_eq!(stage.one(id).next, Some(due));
    stage.set(due - SignedDuration::from_mins(1)).await;
    stage.given(1).await;
    stage.set(due - SignedDuration::from_secs(10)).await;
    stage.given(2).await;
    stage.set(due).await;
    stage.idle().await;
    let restarts: Vec<_> =
        stage.orders().into_iter().filter(|(_, order)| matches!(order, Order::Restart(_))).collect();
    assert_eq!(restarts.len(), 1);
    assert_eq!((restarts[0].0, stage.outcome(id)), (due, Outcome::Done));
}

#[tokio::test]
async fn a_command_that_runs_for_a_moment_leaves_what_is_due_to_those_that_stay() {
    let stage = Stage::new("2025-06-01T12:00:00Z").await;
    let id = stage.add(nightly("night")).await;
    let (store, world) = (stage.store.clone(), (**stage.world.borrow()).clone());
    let stage = Stage::on(store, at("2025-06-05T12:00:00Z"), world, false).await;
    stage.set(at("2025-06-08T12:00:00Z")).await;
    assert_eq!((stage.typed(), stage.one(id).last.clone()), (Vec::new(), None));
    // What a person asks for is done all the same.
    stage.give(Order::RunSchedule(id)).await.unwrap();
    stage.idle().await;
    assert_eq!(stage.typed().len(), 1);
}
