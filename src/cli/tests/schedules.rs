//! `schedule …`: what is ordered, what is told.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::json;

use super::fake::{Fake, server};
use crate::{
    cli::exit::Exit,
    engine::schedules::plan,
    model::{
        Answer, Fault, Order, Schedule, ScheduleId, Snapshot, State,
        schedule::{Condition, Missed, Outcome, Plan, Run, Targets, Task, When},
    },
};

/// Does as it is told, as the scheduler would.
fn obey(order: &Order, world: &mut Snapshot) -> Result<Answer, Fault> {
    let find = |world: &mut Snapshot, id: &ScheduleId, change: &dyn Fn(&mut Schedule)| {
        let found = world.schedules.iter_mut().find(|one| one.id == *id).unwrap();
        change(Arc::make_mut(found));
        Ok(Answer::Done)
    };
    match order {
        Order::AddSchedule(plan) => {
            plan::check(plan)?;
            let id = ScheduleId::new();
            let next = plan::upcoming(&plan.when, Timestamp::now(), 1).unwrap().first().copied();
            let schedule =
                Schedule { id, plan: (**plan).clone(), next, running: false, last: None, skips: 0 };
            world.schedules.push(Arc::new(schedule));
            Ok(Answer::Scheduled(id))
        }
        Order::EditSchedule(id, plan) => find(world, id, &|one| one.plan = (**plan).clone()),
        Order::PauseSchedule(id, paused) => find(world, id, &|one| one.plan.paused = *paused),
        Order::RunSchedule(id) => find(world, id, &|one| {
            let now = Timestamp::now();
            let outcome = match one.plan.name.as_str() {
                "bad" => Outcome::Failed("survival: The disk is full.".into()),
                "idle" => Outcome::Skipped("survival: nobody is on it.".into()),
                _ => Outcome::Done,
            };
            one.last = Some(Run { due: now, began: now, ended: now, outcome });
        }),
        Order::PauseSchedules(paused) => {
            world.schedules_paused = *paused;
            Ok(Answer::Done)
        }
        Order::DeleteSchedule(id) => {
            world.schedules.retain(|one| one.id != *id);
            Ok(Answer::Done)
        }
        _ => unreachable!("{order:?}"),
    }
}

fn fake() -> Fake {
    let fake = Fake::scripted(vec![server("survival", State::Ready), server("creative", State::Ready)], obey);
    fake.change(|world| world.sequence = 1);
    fake
}

fn asked(fake: &Fake) -> Plan {
    match fake.asked().last() {
        Some(Order::AddSchedule(plan) | Order::EditSchedule(_, plan)) => (**plan).clone(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn add_orders_what_was_said_and_tells_it_in_words_with_the_next_times_in_its_zone() {
    let fake = fake();
    let line = "schedule add morning --do restart --server survival --zone Asia/Kolkata --if with-players --jitter 90s \
                --at-once 2 --missed skip --cron";
    let mut line: Vec<_> = line.split_whitespace().collect();
    line.push("0 5 * * *");
    let ran = fake.run(&line).await;
    assert_eq!(ran.exit, Exit::Done, "{ran:?}");
    let lines: Vec<_> = ran.out.lines().collect();
    assert_eq!(lines[0], "morning: added; warn players, save, restart, at 05:00 every day in Asia/Kolkata");
    assert_eq!(lines.len(), 6);
    assert!(lines[1..].iter().all(|line| line.contains(" 05:00 IST  (in ")), "{ran:?}");
    assert!(ran.err.contains("while `mineclifford serve` or a dashboard runs"));
    let wanted = Plan {
        name: "morning".into(),
        targets: Targets::Servers(vec![server("survival", State::Ready).id()]),
        when: When::Cron { expression: "0 5 * * *".into(), zone: "Asia/Kolkata".into() },
        task: Task::Restart,
        condition: Condition::WithPlayers,
        jitter_seconds: 90,
        at_once: 2,
        missed: Missed::Skip,
        paused: false,
    };
    assert_eq!(asked(&fake), wanted);

    let ran = fake.run(&["schedule", "add", "greet", "--command", "say hi", "--every", "2h", "--json"]).await;
    let view = ran.json();
    assert_eq!((&view["task"], &view["commands"]), (&json!("commands"), &json!(["say hi"])));
    assert_eq!((&view["every_seconds"], &view["when"]), (&json!(7_200), &json!("every 2 hours")));
    assert_eq!((&view["servers"], &view["last"]), (&json!(null), &json!(null)));
}

#[tokio::test]
async fn what_cannot_be_is_told_by_its_field_and_nothing_is_ordered() {
    let fake = fake();
    let cases: [(&[&str], &str, Exit); 7] = [
        (&["--every", "1h"], "do", Exit::Usage),
        (&["--do", "backup"], "every", Exit::Usage),
        (&["--do", "backup", "--every", "24"], "every", Exit::Usage),
        (&["--do", "backup", "--every", "5s"], "every", Exit::Usage),
        (&["--do", "backup", "--cron", "0 25 * * *"], "cron", Exit::Usage),
        (&["--do", "backup", "--cron", "0 4 * * *", "--zone", "Europe/Berln"], "zone", Exit::Usage),
        (&["--command", "a\nb", "--every", "1h"], "command", Exit::Usage),
    ];
    for (options, field, exit) in cases {
        let ran = fake.run(&[&["schedule", "add", "x", "--json"][..], options].concat()).await;
        assert_eq!((ran.exit, &ran.error()["field"]), (exit, &json!(field)), "{options:?}");
    }
    let ran = fake.run(&["schedule", "add", "x", "--do", "stop", "--every", "1h", "--server", "no"]).await;
    assert_eq!(ran.exit, Exit::NotFound);
    assert_eq!(fake.asked(), []);
}

#[tokio::test]
async fn edit_changes_what_is_named_and_keeps_the_rest() {
    let fake = fake();
    let add = [
        "schedule",
        "add",
        "night",
        "--do",
        "stop",
        "--cron",
        "0 4 * * *",
        "--zone",
        "UTC",
        "--server",
        "survival",
    ];
    fake.run(&add).await;
    let before = asked(&fake);
    let ran = fake
        .run(&["schedule", "edit", "NIGHT", "--name", "early", "--cron", "30 3 * * *", "--created"])
        .await;
    assert_eq!(ran.exit, Exit::Done, "{ran:?}");
    let when = When::Cron { expression: "30 3 * * *".into(), zone: "UTC".into() };
    assert_eq!(asked(&fake), Plan { name: "early".into(), when, targets: Targets::Created, ..before });
    let ran = fake.run(&["schedule", "edit", "early", "--zone", "Europe/Berlin"]).await;
    assert!(
        ran.out
            .starts_with("early: changed; warn players, save, stop, at 03:30 every day in Europe/Berlin\n")
    );
    let orders = fake.asked().len();
    let ran = fake.run(&["schedule", "edit", "early", "--do", "stop"]).await;
    assert_eq!((ran.out.as_str(), fake.asked().len()), ("early: nothing is to be changed\n", orders));
    let ran = fake.run(&["schedule", "edit", "night", "--do", "stop"]).await;
    assert_eq!(ran.exit, Exit::NotFound);
}

#[tokio::test]
async fn run_waits_for_the_end_and_tells_it() {
    let fake = fake();
    for name in ["good", "idle", "bad"] {
        fake.run(&["schedule", "add", name, "--do", "backup", "--every", "1h"]).await;
    }
    let ran = fake.run(&["schedule", "run", "good"]).await;
    assert_eq!((ran.exit, ran.out.as_str()), (Exit::Done, "good: done\n"));
    let ran = fake.run(&["schedule", "run", "idle"]).await;
    assert_eq!((ran.exit, ran.out.as_str()), (Exit::Done, "idle: skipped: survival: nobody is on it.\n"));
    let ran = fake.run(&["schedule", "run", "bad"]).await;
    assert_eq!(ran.exit, Exit::Failed);
    assert!(ran.err.starts_with("error: bad failed: survival: The disk is full."), "{ran:?}");
    let ran = fake.run(&["schedule", "list", "--json"]).await.json();
    let last: Vec<_> =
        (0..3).map(|n| (ran[n]["last"]["outcome"].clone(), ran[n]["last"]["why"].clone())).collect();
    assert_eq!(last[0], (json!("done"), json!(null)));
    assert_eq!(last[2], (json!("failed"), json!("survival: The disk is full.")));
}

#[tokio::test]
async fn rest_wake_next_and_delete() {
    let fake = fake();
    for name in ["one", "two"] {
        fake.run(&["schedule", "add", name, "--do", "backup", "--every", "24h"]).await;
    }
    let ran = fake.run(&["schedule", "next", "one", "-n", "3", "--json"]).await.json();
    let times = ran[0]["times"].as_array().unwrap();
    let times: Vec<Timestamp> = times.iter().map(|at| at.as_str().unwrap().parse().unwrap()).collect();
    assert_eq!(times.len(), 3);
    assert!(times.windows(2).all(|two| two[1].as_second() - two[0].as_second() == 86_400));
    let ran = fake.run(&["schedule", "pause", "one", "two"]).await;
    assert_eq!(ran.out, "one: rests\ntwo: rests\n");
    let ran = fake.run(&["schedule", "list"]).await;
    assert_eq!(ran.out.matches("paused").count(), 2, "{ran:?}");
    fake.run(&["schedule", "pause", "--all"]).await;
    let ran = fake.run(&["schedule", "resume", "one"]).await;
    assert!(ran.err.contains("All schedules rest still"), "{ran:?}");
    fake.run(&["schedule", "resume", "--all"]).await;
    assert!(!fake.handle.now().schedules_paused);
    // One that there is not keeps those beside it from being deleted.
    let ran = fake.run(&["schedule", "delete", "one", "three"]).await;
    assert_eq!((ran.exit, fake.handle.now().schedules.len()), (Exit::NotFound, 2));
    let ran = fake.run(&["schedule", "delete", "one", "two"]).await;
    assert_eq!((ran.out.as_str(), fake.handle.now().schedules.len()), ("one: deleted\ntwo: deleted\n", 0));
    let ran = fake.run(&["schedule", "list"]).await;
    assert!(ran.err.contains("There are no schedules"));
}
