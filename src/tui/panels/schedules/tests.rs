use std::sync::Arc;

use uuid::Uuid;

use crate::{
    model::{
        Order, Schedule, ScheduleId, Snapshot,
        schedule::{Condition, Missed, Outcome, Plan, Run, Targets, Task, When},
    },
    tui::app::testkit::{Rig, later, world},
};

fn schedule(number: u128, name: &str, task: Task, when: When) -> Schedule {
    let plan = Plan {
        name: name.into(),
        targets: Targets::Created,
        when,
        task,
        condition: Condition::Always,
        jitter_seconds: 0,
        at_once: 1,
        missed: Missed::RunOnce,
        paused: false,
    };
    let next = Some(later(3 * 3_600));
    Schedule { id: ScheduleId(Uuid::from_u128(number)), plan, next, running: false, last: None, skips: 0 }
}

fn ran(ago: i64, outcome: Outcome) -> Option<Run> {
    let at = later(-ago);
    Some(Run { due: at, began: at, ended: at, outcome })
}

fn cron(expression: &str) -> When {
    When::Cron { expression: expression.into(), zone: "Europe/Berlin".into() }
}

fn with_schedules(snapshot: &mut Snapshot) {
    let mut nightly = schedule(1, "nightly", Task::Backup, cron("0 4,12,20 * * *"));
    nightly.last = ran(5 * 3_600, Outcome::Done);
    let mut morning = schedule(2, "morning", Task::Restart, cron("0 5 * * *"));
    morning.next = Some(later(20 * 3_600));
    morning.last = ran(4 * 3_600, Outcome::Skipped("alpha: nobody is on it.".into()));
    let mut often = schedule(3, "often", Task::Commands(vec!["list".into()]), When::Every(60));
    (often.next, often.running) = (Some(later(30)), true);
    let mut rests = schedule(4, "rests", Task::Verify, cron("0 4 * * MON"));
    (rests.plan.paused, rests.next) = (true, None);
    let mut wrong = schedule(5, "wrong", Task::Stop, cron("0 1 * * *"));
    wrong.last = ran(90, Outcome::Failed("alpha: Docker does not answer.".into()));
    snapshot.schedules = [nightly, morning, often, rests, wrong].map(Arc::new).to_vec();
}

fn rig(width: u16, height: u16) -> Rig {
    let mut rig = Rig::new(width, height, world());
    rig.change(with_schedules);
    rig.keys("6");
    rig
}

#[test]
fn the_list_the_timeline_and_what_is_said_of_the_chosen_one() {
    for (width, height) in [(40, 12), (80, 24), (120, 40), (200, 60)] {
        insta::assert_snapshot!(format!("schedules_{width}x{height}"), rig(width, height).screen());
    }
    let mut week = rig(200, 60);
    week.keys("w down");
    insta::assert_snapshot!("schedules_week_200x60", week.screen());
    let mut none = Rig::new(80, 24, world());
    none.keys("6");
    insta::assert_snapshot!("schedules_none_80x24", none.screen());
}

#[test]
fn run_and_delete_ask_first_and_pause_does_not() {
    let mut rig = rig(120, 40);
    let (one, four) = (ScheduleId(Uuid::from_u128(1)), ScheduleId(Uuid::from_u128(4)));
    rig.keys("r");
    insta::assert_snapshot!("schedules_run_120x40", rig.screen());
    assert_eq!(rig.keys("y").orders(), [Order::RunSchedule(one)]);
    assert_eq!(rig.keys("d n").orders(), []);
    assert_eq!(rig.keys("d y").orders(), [Order::DeleteSchedule(one)]);
    assert_eq!(rig.keys("p").orders(), [Order::PauseSchedule(one, true)]);
    rig.keys("down down down");
    assert_eq!(rig.keys("p").orders(), [Order::PauseSchedule(four, false)]);
    assert_eq!(rig.keys("P").orders(), [Order::PauseSchedules(true)]);
    rig.change(|world| world.schedules_paused = true);
    assert_eq!(rig.keys("P").orders(), [Order::PauseSchedules(false)]);
    rig.keys("end enter");
    assert!(rig.screen().contains("alpha: Docker does not answer."), "{}", rig.screen());
}
