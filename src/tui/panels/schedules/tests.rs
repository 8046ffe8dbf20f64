use std::sync::Arc;

use uuid::Uuid;

use crate::{
    model::{
        Answer, Fault, Order, Schedule, ScheduleId, Snapshot,
        schedule::{Condition, Missed, Outcome, Plan, Run, Targets, Task, When},
    },
    tui::app::{
        Asked, What,
        gallery::picture,
        next_moment,
        testkit::{Rig, later, world},
    },
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
    let shown = |keys: &'static str| {
        move |width, height| {
            let mut rig = rig(width, height);
            rig.keys(keys);
            rig
        }
    };
    picture("schedules", shown(""));
    picture("schedules_week", shown("w down"));
    picture("schedules_run", shown("r"));
    picture("schedules_form", shown("e"));
    picture("schedules_none", |width, height| {
        let mut rig = Rig::new(width, height, world());
        rig.keys("6");
        rig
    });
}

#[test]
fn a_schedule_is_made_and_changed() {
    let mut rig = rig(80, 24);
    rig.keys("n").text("weekly");
    // The kind of its time, then the expression.
    rig.keys("tab tab tab").text("by").keys("tab").text("0 3 * * SUN");
    let screen = rig.screen();
    assert!(screen.contains("at 03:00, on Sunday in UTC"), "{screen}");
    assert!(screen.contains("next Sun 2027-01-17 03:00 UTC"), "{screen}");
    rig.keys("ctrl-s");
    let orders = rig.orders();
    let [Order::AddSchedule(plan)] = orders.as_slice() else { panic!("{orders:?}") };
    assert_eq!(plan.when, When::Cron { expression: "0 3 * * SUN".into(), zone: "UTC".into() });
    assert_eq!((plan.name.as_str(), &plan.task), ("weekly", &Task::Backup));
    // The form waits for the engine's word: what it says against it is shown at its field.
    rig.give(What::Answered(Asked::Schedule, Err(Fault::invalid("cron", "is too rare"))));
    assert!(rig.screen().contains("is too rare"), "{}", rig.screen());
    rig.keys("ctrl-s");
    let id = ScheduleId(Uuid::from_u128(9));
    rig.give(What::Answered(Asked::Schedule, Ok(Answer::Scheduled(id))));
    assert_eq!((rig.app.overlays.len(), rig.app.schedules.choice.id()), (0, Some(id)));

    rig.keys("home e");
    assert!(rig.screen().contains("Edit schedule nightly"), "{}", rig.screen());
    // Nothing was changed, so nothing is done.
    rig.orders();
    rig.keys("ctrl-s");
    assert_eq!((rig.orders(), rig.app.overlays.len()), (Vec::new(), 0));
    rig.keys("e ctrl-u").text("morning").keys("ctrl-s");
    assert!(rig.screen().contains("another schedule is called so"), "{}", rig.screen());
    rig.keys("ctrl-u").text("late").keys("ctrl-s");
    let orders = rig.orders();
    let [Order::EditSchedule(id, plan)] = orders.as_slice() else { panic!("{orders:?}") };
    assert_eq!((*id, plan.name.as_str()), (ScheduleId(Uuid::from_u128(1)), "late"));
}

#[test]
fn the_next_times_in_the_form_move_on_with_the_clock() {
    let mut rig = rig(80, 24);
    // The expression is four times an hour.
    rig.keys("n tab tab tab").text("by").keys("tab").text("*/15 * * * *");
    assert!(rig.screen().contains("next Fri 2027-01-15 08:15 UTC"), "{}", rig.screen());
    let moment = next_moment(&rig.app, &rig.snapshot).unwrap();
    assert!(moment <= later(15 * 60 + 1), "{moment}");
    rig.app.now = later(16 * 60);
    rig.give(What::Tick);
    assert!(rig.screen().contains("next Fri 2027-01-15 08:30 UTC"), "{}", rig.screen());
}

#[test]
fn run_and_delete_ask_first_and_pause_does_not() {
    let mut rig = rig(120, 40);
    let (one, four) = (ScheduleId(Uuid::from_u128(1)), ScheduleId(Uuid::from_u128(4)));
    rig.keys("r");
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

#[test]
fn they_are_filtered_by_name_task_and_rest() {
    let mut rig = rig(120, 40);
    rig.keys("/").text("back");
    let screen = rig.screen();
    assert!(
        screen.contains("Schedules (1") && screen.contains("nightly") && !screen.contains("morning"),
        "{screen}"
    );
    rig.keys("enter");
    assert_eq!(
        rig.app.schedules.current(&rig.snapshot).map(|one| one.id),
        Some(ScheduleId(Uuid::from_u128(1)))
    );
    rig.keys("/").text("zzz").keys("enter");
    assert!(rig.screen().contains("None of them contains this."), "{}", rig.screen());
    rig.keys("esc");
    assert!(rig.screen().contains("Schedules (5"), "{}", rig.screen());
    rig.keys("/").text("paused").keys("enter");
    assert!(rig.screen().contains("Schedules (1") && rig.screen().contains("rests"), "{}", rig.screen());
}
