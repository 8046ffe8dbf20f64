//! A year in ten zones, against a table that was made without cron and without this program (`year_2025.py`).

use jiff::{Timestamp, civil, tz::TimeZone};
use proptest::prelude::*;

use super::cron;
use crate::{engine::schedules::plan::Due, model::schedule::When};

const TABLE: &str = include_str!("year_2025.txt");

fn expression(rule: &str) -> &'static str {
    match rule {
        "daily 00:00" => "0 0 * * *",
        "daily 02:30" => "30 2 * * *",
        "daily 01:45" => "45 1 * * *",
        "twice 02,14" => "0 2,14 * * *",
        "hourly :00" => "0 * * * *",
        "hourly :15" => "15 * * * *",
        "rhythm 30" => "*/30 * * * *",
        "rhythm 10" => "*/10 * * * *",
        other => panic!("{other}"),
    }
}

/// All times of 2025 as the zone's own clock has it, in minutes since 1970.
fn year(when: &When, zone: &str) -> Vec<i64> {
    let tz = TimeZone::get(zone).unwrap();
    let from = tz.to_timestamp(civil::date(2025, 1, 1).at(0, 0, 0, 0)).unwrap();
    let to = tz.to_timestamp(civil::date(2026, 1, 1).at(0, 0, 0, 0)).unwrap();
    let before = Timestamp::from_second(from.as_second() - 1).unwrap();
    let due = Due::new(when, before).unwrap();
    due.all_after(before).take_while(|at| *at < to).map(|at| at.as_second() / 60).collect()
}

#[test]
fn a_year_in_ten_zones_is_as_a_person_with_a_clock_would_act() {
    let mut lines = 0;
    for line in TABLE.lines() {
        let [zone, rule, count, sum, some] = line.split('|').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        let found = year(&cron(expression(rule), zone), zone);
        for wanted in some.split(',').filter(|some| *some != "-") {
            let at: i64 = wanted.parse().unwrap();
            assert!(
                found.binary_search(&at).is_ok(),
                "{zone}, {rule}: not due at {}",
                Timestamp::from_second(at * 60).unwrap()
            );
        }
        assert_eq!(found.len().to_string(), count, "{zone}, {rule}");
        assert_eq!(found.iter().sum::<i64>().to_string(), sum, "{zone}, {rule}");
        lines += 1;
    }
    assert_eq!(lines, 80, "ten zones, eight rules each");
}

#[test]
fn an_interval_is_not_moved_by_clocks() {
    let start: Timestamp = "2025-03-29T12:00:00Z".parse().unwrap();
    let due = Due::new(&When::Every(86_400), start).unwrap();
    let found: Vec<_> = due.all_after(start).take(400).map(|at| at.as_second() - start.as_second()).collect();
    assert!(found.iter().enumerate().all(|(day, after)| *after == (day as i64 + 1) * 86_400));
    // Also before its beginning: whoever set the clock back gets the next time of the same grid.
    let earlier = Timestamp::from_second(start.as_second() - 86_400 * 3 - 10).unwrap();
    assert_eq!(due.after(earlier).unwrap().as_second(), start.as_second() - 86_400 * 3);
}

#[test]
fn the_day_that_apia_never_had_is_made_up_for_once() {
    // Samoa went from Thursday, 29 December 2011 to Saturday.
    let before: Timestamp = "2011-12-28T15:00:00Z".parse().unwrap();
    let due = Due::new(&cron("0 4 * * *", "Pacific/Apia"), before).unwrap();
    let found: Vec<_> = due.all_after(before).take(4).map(|at| at.to_string()).collect();
    // 04:00 of the 29th; the beginning of the 31st for the 30th; 04:00 of the 31st and of the 1st.
    assert_eq!(
        found,
        ["2011-12-29T14:00:00Z", "2011-12-30T10:00:00Z", "2011-12-30T14:00:00Z", "2011-12-31T14:00:00Z"]
    );
}

#[test]
fn seconds_and_rare_days_are_found() {
    let from: Timestamp = "2025-11-25T10:00:00Z".parse().unwrap();
    let first = |expression: &str| {
        Due::new(&cron(expression, "UTC"), from)
            .unwrap()
            .after(from)
            .map(|at| at.to_string())
            .unwrap_or_default()
    };
    assert_eq!(first("*/30 * * * * *"), "2025-11-25T10:00:30Z");
    assert_eq!(first("0 0 29 2 *"), "2028-02-29T00:00:00Z");
    assert_eq!(first("0 0 29 2 +MON"), "2044-02-29T00:00:00Z");
    assert_eq!(first("0 12 L * *"), "2025-11-30T12:00:00Z");
    assert_eq!(first("0 12 * * FRI#L"), "2025-11-28T12:00:00Z");
    assert_eq!(first("0 12 * * MON#2"), "2025-12-08T12:00:00Z");
    assert_eq!(first("0 0 30 2 *"), "");
    // Within a second: what is due at the full second was due already.
    let within: Timestamp = "2025-11-25T10:00:00.5Z".parse().unwrap();
    let due = Due::new(&cron("0 * * * *", "UTC"), within).unwrap();
    assert_eq!(due.after(within).unwrap().to_string(), "2025-11-25T11:00:00Z");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Asked from any moment, the answer is the same as on a walk through all times: nothing is left out or told twice.
    #[test]
    fn asked_at_any_moment_the_next_time_is_the_same(
        zone in prop::sample::select(vec!["Europe/Berlin", "Australia/Lord_Howe", "America/Santiago", "America/St_Johns"]),
        expression in prop::sample::select(vec![
            "30 2 * * *", "*/10 * * * *", "45 * * * *", "0 0 * * *", "*/15 1-3 * * *", "0 */6 * * *", "15,45 1,2,3 * * *",
        ]),
        second in 1_735_689_600_i64..1_767_225_600,
    ) {
        let start = Timestamp::from_second(1_735_689_600 - 86_400 * 2).unwrap();
        let due = Due::new(&cron(expression, zone), start).unwrap();
        // Near a change of the clocks, most of the time.
        let tz = TimeZone::get(zone).unwrap();
        let change = tz.following(Timestamp::from_second(second).unwrap()).next().unwrap().timestamp().as_second();
        let asked = Timestamp::from_second(change + second % 14_400 - 7_200).unwrap();
        let answer = due.after(asked).unwrap();
        prop_assert!(answer > asked);
        // There is nothing between: whoever is asked a little earlier says the same, or something not later than `asked`.
        let day_before = Timestamp::from_second(asked.as_second() - 100_000).unwrap();
        let walked = due.all_after(day_before).find(|at| *at > asked).unwrap();
        prop_assert_eq!(walked, answer);
    }
}
