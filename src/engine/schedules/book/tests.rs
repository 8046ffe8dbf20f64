use jiff::{SignedDuration, Timestamp};

use super::{Begin, Book, Call, LEAD};
use crate::{
    model::{
        FaultKind,
        schedule::{Condition, Missed, Outcome, Plan, Targets, Task, When},
    },
    store::ScheduleRecord,
};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn plan(name: &str, when: When) -> Plan {
    Plan {
        name: name.into(),
        targets: Targets::Created,
        when,
        task: Task::Backup,
        condition: Condition::Always,
        jitter_seconds: 0,
        at_once: 1,
        missed: Missed::RunOnce,
        paused: false,
    }
}

fn daily(name: &str) -> Plan {
    plan(name, When::Cron { expression: "0 4 * * *".into(), zone: "UTC".into() })
}

const BEGIN: &str = "2026-01-01T12:00:00Z";

fn book(plan: Plan) -> (Book, ScheduleRecord) {
    let mut book = Book::default();
    let record = book.add(plan, at(BEGIN)).unwrap();
    book.accept(record.clone());
    (book, record)
}

fn begins(call: &Option<Call>) -> Option<(Timestamp, Timestamp)> {
    call.as_ref()?.run.map(|Begin { due, at }| (due, at))
}

fn skipped(call: &Option<Call>) -> String {
    let call = call.as_ref().unwrap();
    assert_eq!(call.run, None);
    match &call.record.last.as_ref().unwrap().outcome {
        Outcome::Skipped(why) => why.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_time_is_due_once_and_the_record_says_so_before_it_is_done() {
    let (mut book, record) = book(daily("a"));
    assert_eq!(record.next, Some(at("2026-01-02T04:00:00Z")));
    assert_eq!(book.wakes(), record.next);
    assert_eq!(book.call(at("2026-01-02T03:59:59Z")), None);
    let call = book.call(at("2026-01-02T04:00:00Z"));
    let due = at("2026-01-02T04:00:00Z");
    assert_eq!(begins(&call), Some((due, due)));
    let written = call.unwrap().record;
    assert_eq!(written.next, Some(at("2026-01-03T04:00:00Z")));
    assert_eq!(written.begun.as_ref().map(|begun| (begun.due, begun.acted)), Some((due, true)));
    book.accept(written);
    assert_eq!(book.call(at("2026-01-02T04:00:00Z")), None, "not a second time");
    let ended = book.end(record.id, Outcome::Done, at("2026-01-02T04:07:00Z")).unwrap();
    assert_eq!((ended.begun.as_ref(), ended.last.as_ref().unwrap().due), (None, due));
}

#[test]
fn what_was_missed_is_done_once_or_noted() {
    let (once, _) = book(daily("once"));
    let long_after = at("2026-02-01T09:00:00Z");
    let call = once.call(long_after);
    assert_eq!(begins(&call).unwrap().0, at("2026-02-01T04:00:00Z"), "the last of them");
    assert_eq!(call.unwrap().record.next, Some(at("2026-02-02T04:00:00Z")));

    let (skip, _) = book(Plan { missed: Missed::Skip, ..daily("skip") });
    let call = skip.call(long_after);
    assert_eq!(skipped(&call), "31 of its times passed while this program was off.");
    let record = call.unwrap().record;
    assert_eq!((record.skips, record.next), (31, Some(at("2026-02-02T04:00:00Z"))));
    assert_eq!(
        skipped(&skip.call(at("2026-01-02T04:02:00Z"))),
        "Its time passed while this program was off."
    );

    // Shortly after a time it is done all the same, and only those before it were missed.
    let call = skip.call(at("2026-02-01T04:01:00Z"));
    assert_eq!(begins(&call).unwrap().0, at("2026-02-01T04:00:00Z"));
    assert_eq!(call.unwrap().record.skips, 30);
}

#[test]
fn years_of_missed_seconds_are_neither_counted_one_by_one_nor_mistaken() {
    let seconds = When::Cron { expression: "*/10 * * * * *".into(), zone: "Europe/Berlin".into() };
    let (skip, _) = book(Plan { missed: Missed::Skip, ..plan("a", seconds) });
    let call = skip.call(at("2036-01-01T00:00:04Z")).unwrap();
    assert_eq!(call.run.unwrap().due, at("2036-01-01T00:00:00Z"), "the last one is not late");
    assert_eq!(call.record.next, Some(at("2036-01-01T00:00:10Z")));
    assert_eq!(call.record.skips, 999);
}

#[test]
fn a_run_that_lasts_makes_the_next_time_a_skipped_one() {
    let (mut book, record) = book(plan("a", When::Every(3_600)));
    let first = book.call(at("2026-01-01T13:00:00Z")).unwrap();
    book.accept(first.record);
    let call = book.call(at("2026-01-01T14:00:00Z"));
    assert_eq!(skipped(&call), "The run before had not ended.");
    book.accept(call.unwrap().record);
    let ended = book.end(record.id, Outcome::Done, at("2026-01-01T14:20:00Z")).unwrap();
    assert_eq!((ended.skips, ended.next), (1, Some(at("2026-01-01T15:00:00Z"))));
    assert_eq!(ended.last.unwrap().outcome, Outcome::Done);
}

#[test]
fn players_are_warned_before_the_time_and_not_after_it() {
    let (mut book, record) = book(Plan { task: Task::Restart, ..daily("a") });
    let due = at("2026-01-02T04:00:00Z");
    assert_eq!(book.wakes(), Some(due - LEAD));
    let call = book.call(due - LEAD).unwrap();
    assert_eq!(call.run, Some(Begin { due, at: due }));
    assert!(!call.record.begun.as_ref().unwrap().acted);
    book.accept(call.record.clone());
    let view = &book.list()[0];
    assert_eq!((view.next, view.running), (Some(due), true), "it is still to come");
    // Killed while it warned: it is still to be done. Killed later: it is told.
    let (again, mended) = Book::load(vec![call.record], false, due - SignedDuration::from_secs(30));
    assert_eq!(mended[0].next, Some(due));
    assert_eq!(begins(&again.call(due)), Some((due, due)));
    let acts = book.act(record.id).unwrap();
    let (_, mended) = Book::load(vec![acts], false, due);
    assert_eq!(mended[0].next, Some(at("2026-01-03T04:00:00Z")));
    let Outcome::Failed(why) = &mended[0].last.as_ref().unwrap().outcome else { panic!("{mended:?}") };
    assert_eq!(why, "The program ended in the middle of it.");
}

#[test]
fn a_clock_that_is_set_back_a_little_doubles_nothing_and_far_back_stops_nothing() {
    let (mut book, record) = book(daily("a"));
    let call = book.call(at("2026-01-02T04:00:00Z")).unwrap();
    book.accept(call.record);
    book.accept(book.end(record.id, Outcome::Done, at("2026-01-02T04:01:00Z")).unwrap());
    for back in ["2026-01-02T03:00:00Z", "2026-01-02T04:00:00Z", "2026-01-01T23:00:00Z"] {
        assert_eq!(book.call(at(back)), None, "{back}");
    }
    assert_eq!(book.wakes(), Some(at("2026-01-03T04:00:00Z")));
    // It was years ahead before: its times are those of the right clock again.
    let call = book.call(at("2024-06-01T12:00:00Z")).unwrap();
    assert_eq!((call.run, call.record.next), (None, Some(at("2024-06-02T04:00:00Z"))));
    book.accept(call.record);
    assert_eq!(book.call(at("2024-06-01T12:00:00Z")), None);
}

#[test]
fn chance_is_bounded_and_the_same_each_time() {
    let plans = (0..200).map(|n| Plan { jitter_seconds: 600, ..daily(&format!("a{n}")) });
    let due = at("2026-01-02T04:00:00Z");
    let late: Vec<_> = plans
        .map(|plan| {
            let (book, record) = book(plan);
            let wakes = book.wakes().unwrap();
            let (again, _) = Book::load(vec![record], false, due);
            assert_eq!(again.wakes(), Some(wakes), "a start throws no dice");
            assert_eq!(begins(&book.call(wakes)), Some((due, wakes)));
            wakes.duration_since(due).as_secs()
        })
        .collect();
    assert!(late.iter().all(|late| (0..=600).contains(late)));
    let (first, last) = (late.iter().min().unwrap(), late.iter().max().unwrap());
    assert!(*first < 60 && *last > 540, "spread over the whole of it: {first} to {last}");
}

#[test]
fn what_passed_while_it_rested_was_not_missed() {
    let (mut book, record) = book(daily("a"));
    let rests = book.pause(record.id, true, at("2026-01-01T13:00:00Z")).unwrap().unwrap();
    book.accept(rests);
    assert_eq!((book.wakes(), book.list()[0].next), (None, None));
    assert_eq!(book.call(at("2026-01-05T04:00:00Z")), None);
    assert_eq!(book.pause(record.id, true, at("2026-01-05T04:00:00Z")).unwrap(), None);
    let wakes = book.pause(record.id, false, at("2026-01-05T04:00:01Z")).unwrap().unwrap();
    assert_eq!((wakes.next, wakes.skips), (Some(at("2026-01-06T04:00:00Z")), 0));
    book.accept(wakes);

    book.rest(true);
    assert_eq!((book.wakes(), book.list()[0].next), (None, None));
    assert_eq!(book.call(at("2026-01-07T04:00:00Z")), None);
    let moved = book.wake_all(at("2026-01-09T12:00:00Z"));
    assert_eq!(moved[0].next, Some(at("2026-01-10T04:00:00Z")));
    assert_eq!(book.wake_all(at("2026-01-05T12:00:00Z")), [], "what is still to come stays");
}

#[test]
fn an_edit_moves_times_only_where_times_were_changed() {
    let (mut book, record) = book(plan("a", When::Every(86_400)));
    let now = at("2026-01-01T20:00:00Z");
    let renamed = book.edit(record.id, Plan { name: "b".into(), ..record.plan.clone() }, now).unwrap();
    assert_eq!((renamed.next, renamed.anchor), (record.next, record.anchor));
    let moved = book.edit(record.id, plan("a", When::Every(3_600)), now).unwrap();
    assert_eq!((moved.next, moved.anchor), (Some(at("2026-01-01T21:00:00Z")), now));
    book.accept(renamed);
    let other = book.add(daily("c"), now).unwrap();
    book.accept(other.clone());
    let taken = book.edit(other.id, daily("B"), now).unwrap_err();
    assert_eq!((taken.kind, taken.field.as_deref()), (FaultKind::Conflict, Some("name")));
    assert_eq!(book.add(daily("b"), now).unwrap_err().kind, FaultKind::Conflict);
    assert_eq!(
        book.edit(crate::model::ScheduleId::new(), daily("x"), now).unwrap_err().kind,
        FaultKind::NotFound
    );
    assert_eq!(book.add(daily(""), now).unwrap_err().field.as_deref(), Some("name"));
}

#[test]
fn a_run_that_is_asked_for_moves_no_time_and_is_not_begun_twice() {
    let (mut book, record) = book(Plan { paused: true, ..daily("a") });
    let now = at("2026-01-01T13:00:00Z");
    let (begun, begin) = book.run_now(record.id, now).unwrap();
    assert_eq!((begin.due, begun.next), (now, None));
    book.accept(begun.clone());
    assert_eq!(book.run_now(record.id, now).unwrap_err().kind, FaultKind::Conflict);
    // Killed: it is told, and not done again.
    let (again, mended) = Book::load(vec![begun], false, now);
    assert!(matches!(mended[0].last.as_ref().unwrap().outcome, Outcome::Failed(_)));
    assert_eq!(again.wakes(), None);
}
