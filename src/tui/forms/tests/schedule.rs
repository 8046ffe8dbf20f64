use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::super::schedule::{Around, ScheduleForm};
use super::*;
use crate::model::{
    Schedule, ScheduleId, ServerId,
    schedule::{Condition, Missed, Plan, Targets, Task, When},
};

const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);
const SIZES: [(u16, u16); 4] = [(40, 12), (80, 24), (120, 40), (200, 60)];

fn id(n: u128) -> ServerId {
    ServerId(Uuid::from_u128(n))
}

fn around() -> Around {
    Around {
        names: vec!["nightly".into()],
        servers: vec![
            (id(1), "survival".into()),
            (id(2), "creative".into()),
            (id(3), "twin".into()),
            (id(4), "twin".into()),
        ],
        zone: "Europe/Berlin".into(),
    }
}

fn add() -> ScheduleForm {
    ScheduleForm::add(around(), NOW)
}

fn schedule(plan: Plan) -> Schedule {
    let id = ScheduleId(Uuid::from_u128(1));
    Schedule {
        id,
        plan,
        next: Some(NOW + SignedDuration::from_hours(2)),
        running: false,
        last: None,
        skips: 0,
    }
}

fn plan() -> Plan {
    Plan {
        name: "weekly".into(),
        targets: Targets::Servers(vec![id(2), id(4), id(99)]),
        when: When::Cron { expression: "30 4 * * MON#1".into(), zone: "Asia/Kathmandu".into() },
        task: Task::Commands(vec!["say a, b = c".into(), "save-all flush".into()]),
        condition: Condition::WithPlayers,
        jitter_seconds: 330,
        at_once: 3,
        missed: Missed::Skip,
        paused: true,
    }
}

fn picture(name: &str, form: &ScheduleForm) {
    for (width, height) in SIZES {
        insta::assert_snapshot!(format!("{name}_{width}x{height}"), shown(form, width, height));
    }
}

#[test]
fn pictures() {
    let mut form = add();
    typed(&mut form, "weekly");
    picture("schedule_add", &form);
    let mut form = ScheduleForm::edit(&schedule(plan()), around(), NOW);
    go(&mut form, "zone");
    picture("schedule_edit", &form);
    over(&mut form, "cron", "0 4 31 2 *");
    over(&mut form, "at_once", "100");
    over(&mut form, "servers", "survival, lobby");
    go(&mut form, "cron");
    picture("schedule_mistakes", &form);
}

#[test]
fn only_what_means_something_shows() {
    let mut form = add();
    let has = |form: &ScheduleForm, label: &str| shown(form, 120, 60).contains(label);
    assert!(!has(&form, "Commands") && !has(&form, "Servers") && !has(&form, "Expression"));
    go(&mut form, "task");
    typed(&mut form, "commands");
    assert!(has(&form, "Commands"));
    go(&mut form, "command");
    assert_eq!(form.form().focused(), Some("command"));
    go(&mut form, "targets");
    typed(&mut form, "only");
    go(&mut form, "kind");
    typed(&mut form, "by");
    assert!(has(&form, "Servers") && has(&form, "Expression") && !has(&form, "Every"));
}

#[test]
fn what_it_means_is_told_as_one_types() {
    let mut form = add();
    let screen = |form: &ScheduleForm| shown(form, 120, 60);
    // A day is 24 hours here, which is why it is told as that.
    assert!(screen(&form).contains("every 24 hours"), "{}", screen(&form));
    over(&mut form, "every", "90m");
    for told in ["every 90 minutes", "next Fri 2027-01-15 10:30 CET", "then Fri 2027-01-15 12:00 CET"] {
        assert!(screen(&form).contains(told), "{told}: {}", screen(&form));
    }
    over(&mut form, "every", "5");
    assert!(screen(&form).contains("is no length of time"), "{}", screen(&form));
    assert!(!screen(&form).contains("next Fri"));
    go(&mut form, "kind");
    typed(&mut form, "by");
    assert!(screen(&form).contains("at 04:00 every day in Europe/Berlin"), "{}", screen(&form));
    // Spring forward: the 28th of March 2027.
    over(&mut form, "cron", "30 2 28 3 *");
    assert!(screen(&form).contains("next Sun 2027-03-28 03:00 CEST"), "{}", screen(&form));
    over(&mut form, "zone", "Asia/Katmandu");
    assert!(screen(&form).contains("next Sun 2027-03-28 02:30 +0545"), "{}", screen(&form));
    over(&mut form, "zone", "Europe/Berlim");
    assert!(screen(&form).contains("did you mean"), "{}", screen(&form));
}

#[test]
fn each_field_says_what_is_wrong_with_it() {
    let mut form = add();
    let wrong = |form: &ScheduleForm, text: &str| {
        let screen = shown(form, 120, 60);
        let joined = screen.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(joined.contains(text), "{text}: {screen}");
    };
    over(&mut form, "name", "nightly");
    wrong(&form, "another schedule is called so");
    over(&mut form, "name", "a/b");
    wrong(&form, "must not contain");
    over(&mut form, "at_once", "65");
    wrong(&form, "must be from 1 to 64");
    over(&mut form, "jitter", "2h");
    wrong(&form, "must be at most 3600 seconds");
    over(&mut form, "every", "10m");
    over(&mut form, "jitter", "11m");
    wrong(&form, "must be shorter than the interval");
    go(&mut form, "targets");
    typed(&mut form, "only");
    over(&mut form, "servers", "nobody");
    wrong(&form, "there is no server called nobody");
    over(&mut form, "servers", "twin");
    wrong(&form, "several servers are called twin");
    // Nothing is asked of the engine while anything is wrong.
    let before = ctrl(&mut form, KeyCode::Char('s'));
    assert_eq!(before, Outcome::Editing);
}

#[test]
fn what_is_not_touched_comes_back_as_it_was() {
    let plans = [
        plan(),
        Plan { targets: Targets::Created, when: When::Every(5_400), task: Task::Prune, ..plan() },
        Plan { when: When::Every(31_536_000), jitter_seconds: 0, paused: false, ..plan() },
        Plan { task: Task::TestRestore, condition: Condition::WithoutPlayers, at_once: 64, ..plan() },
    ];
    for plan in plans {
        let mut form = ScheduleForm::edit(&schedule(plan.clone()), around(), NOW);
        assert_eq!(ctrl(&mut form, KeyCode::Char('s')), Outcome::Submitted(plan));
    }
}

#[test]
fn a_form_becomes_a_plan() {
    let mut form = add();
    typed(&mut form, "evening");
    go(&mut form, "task");
    typed(&mut form, "type");
    go(&mut form, "command");
    typed(&mut form, "say Good night, all");
    key(&mut form, KeyCode::Enter);
    typed(&mut form, "  ");
    key(&mut form, KeyCode::Enter);
    typed(&mut form, "save-all");
    go(&mut form, "targets");
    typed(&mut form, "only");
    go(&mut form, "servers");
    typed(&mut form, "creative, survival, creative");
    go(&mut form, "condition");
    typed(&mut form, "only servers with p");
    go(&mut form, "missed");
    typed(&mut form, "skip");
    over(&mut form, "jitter", "5m");
    assert_eq!(
        ctrl(&mut form, KeyCode::Char('s')),
        Outcome::Submitted(Plan {
            name: "evening".into(),
            targets: Targets::Servers(vec![id(2), id(1)]),
            when: When::Every(86_400),
            task: Task::Commands(vec!["say Good night, all".into(), "save-all".into()]),
            condition: Condition::WithPlayers,
            jitter_seconds: 300,
            at_once: 1,
            missed: Missed::Skip,
            paused: false,
        })
    );
}
