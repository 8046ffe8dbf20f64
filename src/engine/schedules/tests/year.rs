//! A year in ten zones, at once in one scheduler, against the table that was made without cron and without this program.

use std::collections::BTreeMap;

use crate::engine::schedules::testkit::{Stage, at, cron, saying};

const TABLE: &str = include_str!("../plan/tests/year_2025.txt");

/// The rules that are walked through: each has some hundred times in each zone.
fn expression(rule: &str) -> Option<&'static str> {
    Some(match rule {
        "daily 00:00" => "0 0 * * *",
        "daily 02:30" => "30 2 * * *",
        "daily 01:45" => "45 1 * * *",
        "twice 02,14" => "0 2,14 * * *",
        _ => return None,
    })
}

#[tokio::test]
async fn each_time_of_a_year_is_acted_upon_once_and_on_its_minute() {
    let stage = Stage::new("2024-12-30T00:00:00Z").await;
    let mut wanted = Vec::new();
    for line in TABLE.lines() {
        let [zone, rule, count, sum, some] = line.split('|').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        let Some(expression) = expression(rule) else { continue };
        let name = format!("{} {rule}", zone.replace('/', " ")).replace(',', " ");
        stage.add(saying(&name, cron(expression, zone))).await;
        wanted.push((name, zone, count, sum, some));
    }
    assert_eq!(wanted.len(), 40);
    stage.walk(at("2026-01-02T00:00:00Z")).await;

    let mut typed: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for (when, line) in stage.typed() {
        let name = line.strip_prefix("say ").unwrap().to_owned();
        typed.entry(name).or_default().push(at(&when).as_second());
    }
    for (name, zone, count, sum, some) in wanted {
        let tz = jiff::tz::TimeZone::get(zone).unwrap();
        let year = |second: &i64| {
            let at = jiff::Timestamp::from_second(*second).unwrap();
            tz.to_datetime(at).year() == 2025
        };
        let minutes: Vec<i64> = typed[&name].iter().copied().filter(year).map(|second| second / 60).collect();
        assert!(typed[&name].iter().all(|second| second % 60 == 0), "{name}");
        for wanted in some.split(',').filter(|some| *some != "-") {
            assert!(minutes.contains(&wanted.parse().unwrap()), "{name}: nothing at {wanted}");
        }
        assert_eq!(minutes.len().to_string(), count, "{name}");
        assert_eq!(minutes.iter().sum::<i64>().to_string(), sum, "{name}");
    }
    assert_eq!(stage.heard.lock().unwrap().notices, []);
    assert!(stage.shown().schedules.iter().all(|one| one.skips == 0));
}
