//! Clocks that are set, by people and by summer.

use jiff::SignedDuration;

use crate::{
    engine::schedules::testkit::{Stage, at, cron, saying},
    model::schedule::{Missed, Outcome, Plan, When},
};

#[tokio::test]
async fn a_clock_that_is_put_forward_misses_times_as_downtime_does() {
    let stage = Stage::new("2025-06-01T00:30:00Z").await;
    let once = stage.add(saying("once", When::Every(3_600))).await;
    let skip = stage.add(Plan { missed: Missed::Skip, ..saying("skip", When::Every(3_600)) }).await;
    stage.set(at("2025-06-01T05:40:00Z")).await;
    stage.idle().await;
    assert_eq!(stage.typed(), [("2025-06-01T05:40:00Z".to_owned(), "say once".to_owned())]);
    assert_eq!(stage.last(once).due, at("2025-06-01T05:30:00Z"));
    assert!(matches!(stage.outcome(skip), Outcome::Skipped(why) if why.starts_with("5 of its times")));
}

#[tokio::test]
async fn a_clock_that_is_put_back_doubles_nothing() {
    let stage = Stage::new("2025-06-01T00:30:00Z").await;
    let id = stage.add(saying("a", cron("0 4 * * *", "UTC"))).await;
    stage.walk(at("2025-06-01T04:00:05Z")).await;
    assert_eq!(stage.typed().len(), 1);
    for back in ["2025-06-01T03:59:00Z", "2025-06-01T04:00:00Z", "2025-05-31T12:00:00Z"] {
        stage.set(at(back)).await;
    }
    stage.walk(at("2025-06-01T23:00:00Z")).await;
    assert_eq!(stage.typed().len(), 1);
    // It was a wrong one all along: by ten years.
    stage.set(at("2015-03-01T10:00:00Z")).await;
    let next = at("2015-03-02T04:00:00Z");
    stage.until(|shown| shown.schedules.iter().any(|one| one.id == id && one.next == Some(next))).await;
    stage.walk(at("2015-03-02T05:00:00Z")).await;
    assert_eq!(stage.typed().len(), 2);
}

/// All that is typed in the hours around a change of the clocks.
async fn around(zone: &str, expression: &str, from: &str, hours: i64) -> Vec<String> {
    let stage = Stage::new(from).await;
    stage.add(saying("a", cron(expression, zone))).await;
    stage.walk(at(from) + SignedDuration::from_hours(hours)).await;
    stage.typed().into_iter().map(|(at, _)| at).collect()
}

#[tokio::test]
async fn summer_begins_and_ends_and_half_an_hour_is_a_change_too() {
    // 02:30 is left out in Berlin, and is there twice in autumn.
    let spring = around("Europe/Berlin", "30 2 * * *", "2025-03-29T12:00:00Z", 38).await;
    assert_eq!(spring, ["2025-03-30T01:00:00Z", "2025-03-31T00:30:00Z"]);
    let autumn = around("Europe/Berlin", "30 2 * * *", "2025-10-25T12:00:00Z", 38).await;
    assert_eq!(autumn, ["2025-10-26T00:30:00Z", "2025-10-27T01:30:00Z"]);
    // Lord Howe moves by half an hour: 02:00 becomes 02:30 in October, 02:00 becomes 01:30 in April.
    let spring = around("Australia/Lord_Howe", "15 2 * * *", "2025-10-04T00:00:00Z", 40).await;
    assert_eq!(spring, ["2025-10-04T15:30:00Z", "2025-10-05T15:15:00Z"]);
    let autumn = around("Australia/Lord_Howe", "45 1 * * *", "2025-04-05T00:00:00Z", 40).await;
    assert_eq!(autumn, ["2025-04-05T14:45:00Z", "2025-04-06T15:15:00Z"]);
    // An interval knows nothing of all that.
    let stage = Stage::new("2025-03-30T00:30:00Z").await;
    stage.add(saying("a", When::Every(3_600))).await;
    stage.walk(at("2025-03-30T04:00:00Z")).await;
    assert_eq!(stage.typed().len(), 3);
    // Neither does a zone of half an hour that has no summer.
    let kolkata = around("Asia/Kolkata", "0 4 * * *", "2025-03-29T12:00:00Z", 36).await;
    assert_eq!(kolkata, ["2025-03-29T22:30:00Z", "2025-03-30T22:30:00Z"]);
}

#[tokio::test]
async fn chance_makes_it_late_and_never_early() {
    let stage = Stage::new("2025-06-01T00:00:00Z").await;
    let id = stage.add(Plan { jitter_seconds: 900, ..saying("a", cron("0 4 * * *", "UTC")) }).await;
    let due = at("2025-06-01T04:00:00Z");
    for second in 0..=900 {
        stage.set(due + SignedDuration::from_secs(second)).await;
        if stage.one(id).running || stage.one(id).last.is_some() {
            stage.idle().await;
            let run = stage.last(id);
            assert_eq!((run.due, run.lag().as_secs()), (due, second as u64));
            return;
        }
    }
    panic!("it never began");
}
