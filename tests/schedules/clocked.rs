//! An engine whose clock is set by hand.

use jiff::{SignedDuration, Timestamp};
use mineclifford::{
    engine::Clock,
    model::{
        Answer, Order, Schedule, ScheduleId, ServerId, State,
        schedule::{Condition, Missed, Outcome, Plan, Targets, Task, When},
    },
};
use tokio::sync::watch;

use crate::support::{Bed, within};

/// An engine and its clock.
async fn bed(name: &str) -> (Bed, watch::Sender<Timestamp>) {
    let now: Timestamp = "2026-03-01T00:00:00Z".parse().unwrap();
    let (hand, clock) = watch::channel(now);
    (Bed::with(name, |setup| setup.clock = Clock::driven(clock)).await, hand)
}

fn plan(server: ServerId, task: Task, when: When) -> Plan {
    Plan {
        name: "test".into(),
        targets: Targets::Servers(vec![server]),
        when,
        task,
        condition: Condition::Always,
        jitter_seconds: 0,
        at_once: 1,
        missed: Missed::RunOnce,
        paused: false,
    }
}

async fn add(bed: &Bed, plan: Plan) -> ScheduleId {
    match bed.run(Order::AddSchedule(Box::new(plan))).await.expect("a schedule") {
        Answer::Scheduled(id) => id,
        other => panic!("{other:?}"),
    }
}

/// Waits until the schedule is so.
async fn so(bed: &Bed, id: ScheduleId, wanted: impl Fn(&Schedule) -> bool) -> Schedule {
    let found = bed.handle.wait(|world| {
        world.schedules.iter().find(|one| one.id == id && wanted(one)).map(|one| (**one).clone())
    });
    within("a schedule", found).await.expect("an engine")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_of_each_minute_really_is_typed() {
    let (bed, hand) = bed("minute").await;
    let server = bed.ready(bed.spec("a")).await;
    let lines = vec!["say tick one".to_owned(), "say tick two".to_owned()];
    let id = add(&bed, plan(server, Task::Commands(lines), When::Every(60))).await;
    for minute in 1..=3 {
        let now = *hand.borrow() + SignedDuration::from_secs(60);
        hand.send_replace(now);
        let one = so(&bed, id, |one| one.last.as_ref().is_some_and(|last| last.due == now)).await;
        assert_eq!(one.last.unwrap().outcome, Outcome::Done, "minute {minute}");
    }
    bed.line(server, "[Server] tick one").await;
    bed.line(server, "[Server] tick two").await;
    // Each of them three times, and in order.
    let typed = bed.handle.typed(server).await.unwrap();
    let mut ticks = typed.iter().filter(|line| line.starts_with("say tick")).map(String::as_str);
    for _ in 0..3 {
        assert_eq!((ticks.next(), ticks.next()), (Some("say tick one"), Some("say tick two")), "{typed:?}");
    }
    assert_eq!(ticks.next(), None);
    let audit = bed.handle.audit(100, None).await.unwrap();
    let by_schedule: Vec<_> =
        audit.iter().filter(|entry| entry.line.origin == mineclifford::model::Origin::Schedule).collect();
    assert_eq!(
        by_schedule.iter().filter(|entry| entry.line.action.starts_with("console: say tick")).count(),
        6
    );
    assert_eq!(by_schedule.iter().filter(|entry| entry.line.action == "schedule test: commands").count(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn players_are_warned_and_the_server_is_restarted_at_its_time() {
    let (bed, hand) = bed("warned").await;
    let server = bed.ready(bed.spec("a")).await;
    let line = "practice join Alice".to_owned();
    bed.run(Order::Console { server, line, reply: false }).await.expect("a player");
    let online = bed.handle.wait(|world| {
        let players = world.server(server)?.players.clone()?;
        (players.online == 1).then_some(())
    });
    within("Alice", online).await.unwrap();
    let started = bed.server(server).started_at.expect("it runs");

    let due: Timestamp = "2026-03-01T04:00:00Z".parse().unwrap();
    let when = When::Cron { expression: "0 4 * * *".into(), zone: "UTC".into() };
    let id = add(&bed, plan(server, Task::Restart, when)).await;
    for (before, words) in [(600, "10 minutes"), (300, "5 minutes"), (60, "1 minute"), (10, "10 seconds")] {
        hand.send_replace(due - SignedDuration::from_secs(before));
        bed.line(server, &format!("[Server] The server restarts in {words}.")).await;
        assert!(so(&bed, id, |one| one.running).await.last.is_none());
        assert_eq!(bed.server(server).started_at, Some(started), "not before its time");
    }
    hand.send_replace(due);
    let one = so(&bed, id, |one| one.last.is_some()).await;
    let last = one.last.unwrap();
    assert_eq!((last.due, last.outcome), (due, Outcome::Done));
    assert_eq!(one.next, Some(due + SignedDuration::from_hours(24)));
    assert_eq!(bed.server(server).state, State::Ready);
    assert!(bed.server(server).started_at.unwrap() > started);
    let typed = bed.handle.typed(server).await.unwrap();
    assert_eq!(typed.last().map(String::as_str), Some("save-all"));
}

#[tokio::test(flavor = "multi_thread")]
async fn stop_and_start_by_schedule_and_what_does_not_fit_is_told() {
    let (bed, hand) = bed("stop").await;
    let server = bed.ready(bed.spec("a")).await;
    let id = add(&bed, plan(server, Task::Stop, When::Every(3_600))).await;
    let hour = SignedDuration::from_secs(3_600);
    let now = *hand.borrow() + hour;
    hand.send_replace(now);
    assert_eq!(so(&bed, id, |one| one.last.is_some()).await.last.unwrap().outcome, Outcome::Done);
    bed.reaches(server, State::Stopped).await;
    hand.send_replace(now + hour);
    let one = so(&bed, id, |one| one.skips == 1).await;
    let Some(Outcome::Skipped(why)) = one.last.map(|last| last.outcome) else { panic!("it was done") };
    assert!(why.ends_with("a: does not run."), "{why}");
    let start = Plan { name: "start".into(), ..plan(server, Task::Start, When::Every(86_400)) };
    let id = add(&bed, start).await;
    bed.run(Order::RunSchedule(id)).await.unwrap();
    assert_eq!(so(&bed, id, |one| one.last.is_some()).await.last.unwrap().outcome, Outcome::Done);
    assert_eq!(bed.server(server).state, State::Ready);
}
