use std::collections::BTreeSet;

use jiff::{Timestamp, tz::TimeZone};
use proptest::prelude::*;

use super::{Verdict, keep};
use crate::model::{Backup, BackupId, BackupState, Fault, FaultKind, Retention, ServerId, backup::Reason};

fn backup(number: u128, created_at: Timestamp) -> Backup {
    let server = ServerId(uuid::Uuid::from_u128(1));
    let id = BackupId(uuid::Uuid::from_u128(number));
    Backup { id, reason: Reason::Scheduled, ..Backup::example(server, created_at) }
}

fn damaged() -> BackupState {
    BackupState::Damaged(Box::new(Fault::new(FaultKind::Failed, "It is not what was written.", "", "")))
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn none() -> Retention {
    Retention { last: 0, days: 0, daily: 0, weekly: 0, monthly: 0, safety: 0 }
}

fn berlin() -> TimeZone {
    TimeZone::get("Europe/Berlin").unwrap()
}

/// The numbers of those that are kept.
fn kept(backups: &[Backup], rule: &Retention, now: &str) -> Vec<u128> {
    keep(backups, rule, |_| false, at(now), &berlin())
        .into_iter()
        .filter(|(_, verdict)| verdict.is_kept())
        .map(|(id, _)| id.0.as_u128())
        .collect()
}

#[test]
fn the_last_seven_are_kept_when_nobody_says_otherwise() {
    let start = at("2026-01-01T04:00:00Z").as_second();
    let daily: Vec<_> = (0..10_u32)
        .map(|day| backup(day.into(), Timestamp::from_second(start + i64::from(day) * 86_400).unwrap()))
        .collect();
    assert_eq!(kept(&daily, &Retention::default(), "2026-01-10T05:00:00Z"), [3, 4, 5, 6, 7, 8, 9]);
}

#[test]
fn days_weeks_and_months_are_those_of_the_zone() {
    let backups = [
        backup(1, at("2026-01-31T22:30:00Z")), // Saturday, 31 January 23:30 in Berlin
        backup(2, at("2026-01-31T23:30:00Z")), // Sunday, 1 February 00:30 in Berlin
        backup(3, at("2026-02-01T22:59:00Z")), // the same Sunday
        backup(4, at("2026-02-01T23:00:00Z")), // Monday, 2 February 00:00: another day and another week
    ];
    let now = "2026-02-03T00:00:00Z";
    assert_eq!(kept(&backups, &Retention { daily: 9, ..none() }, now), [1, 3, 4]);
    assert_eq!(kept(&backups, &Retention { daily: 2, ..none() }, now), [3, 4]);
    assert_eq!(kept(&backups, &Retention { weekly: 9, ..none() }, now), [3, 4]);
    assert_eq!(kept(&backups, &Retention { monthly: 9, ..none() }, now), [1, 4]);
}

#[test]
fn the_hour_that_comes_twice_belongs_to_one_day() {
    // Berlin, 25 October 2026: 02:30 comes twice. Day and month must not be torn by it.
    let backups = [backup(1, at("2026-10-25T00:30:00Z")), backup(2, at("2026-10-25T01:30:00Z"))];
    assert_eq!(kept(&backups, &Retention { daily: 9, ..none() }, "2026-10-26T00:00:00Z"), [2]);
}

#[test]
fn a_backup_is_young_until_its_days_are_full() {
    let backups = [backup(1, at("2026-03-01T00:00:00Z")), backup(2, at("2026-03-09T00:00:00Z"))];
    let rule = Retention { days: 3, ..none() };
    assert_eq!(kept(&backups, &rule, "2026-03-03T23:59:59Z"), [1, 2]);
    assert_eq!(kept(&backups, &rule, "2026-03-04T00:00:00Z"), [2]);
    // From the future, because the clock was set back.
    assert_eq!(kept(&backups, &rule, "2020-01-01T00:00:00Z"), [1, 2]);
}

#[test]
fn safety_backups_are_counted_by_themselves() {
    let mut backups: Vec<_> = (1..=8_u32)
        .map(|n| backup(n.into(), Timestamp::from_second(i64::from(n) * 1_000).unwrap()))
        .collect();
    for safety in [1, 3, 5, 7] {
        backups[safety - 1].reason = Reason::Safety;
    }
    let rule = Retention { last: 2, safety: 1, ..none() };
    assert_eq!(kept(&backups, &rule, "1970-01-01T03:00:00Z"), [6, 7, 8]);
}

#[test]
fn a_safety_backup_that_is_the_newest_does_not_push_out_the_newest_usual_one() {
    let mut backups = [backup(1, at("2026-03-01T00:00:00Z")), backup(2, at("2026-03-02T00:00:00Z"))];
    backups[1].reason = Reason::Safety;
    assert_eq!(kept(&backups, &none(), "2026-03-09T00:00:00Z"), [1, 2]);
}

#[test]
fn what_is_not_good_counts_for_nothing() {
    let mut backups: Vec<_> = (1..=6_u32)
        .map(|n| backup(n.into(), Timestamp::from_second(i64::from(n) * 1_000).unwrap()))
        .collect();
    backups[3].state = damaged();
    backups[4].state = BackupState::Missing;
    let rule = Retention { last: 3, ..none() };
    assert_eq!(kept(&backups, &rule, "1970-01-01T03:00:00Z"), [2, 3, 6]);
}

#[test]
fn a_damaged_one_stays_as_long_as_nothing_newer_is_good() {
    let mut backups = [
        backup(1, at("2026-03-01T00:00:00Z")),
        backup(2, at("2026-03-02T00:00:00Z")),
        backup(3, at("2026-03-03T00:00:00Z")),
    ];
    backups[0].state = damaged();
    backups[2].state = damaged();
    let verdicts = keep(&backups, &none(), |_| false, at("2027-01-01T00:00:00Z"), &TimeZone::UTC);
    let verdicts: Vec<_> = verdicts.into_iter().map(|(_, verdict)| verdict).collect();
    assert_eq!(verdicts, [Verdict::NotGood, Verdict::NewestGood, Verdict::NothingBetter]);
}

fn any_backup() -> impl Strategy<Value = Backup> {
    let hours = 0_i64..24 * 500;
    (any::<u64>(), hours, any::<bool>(), 0..6_u8, 0..4_u8).prop_map(|(id, hours, safety, locked, state)| {
        let created_at = Timestamp::from_second(1_750_000_000 + hours * 3_600).unwrap();
        Backup {
            reason: if safety { Reason::Safety } else { Reason::Scheduled },
            locked: locked == 0,
            state: match state {
                0 => damaged(),
                1 => BackupState::Missing,
                _ => BackupState::Good,
            },
            ..backup(id.into(), created_at)
        }
    })
}

fn any_backups() -> impl Strategy<Value = Vec<Backup>> {
    prop::collection::vec(any_backup(), 0..60).prop_map(|mut backups| {
        let mut seen = BTreeSet::new();
        backups.retain(|backup| seen.insert(backup.id));
        backups
    })
}

fn any_rule() -> impl Strategy<Value = Retention> {
    (0..9_u32, 0..90_u32, 0..9_u32, 0..9_u32, 0..9_u32, 0..4_u32).prop_map(
        |(last, days, daily, weekly, monthly, safety)| Retention {
            last,
            days,
            daily,
            weekly,
            monthly,
            safety,
        },
    )
}

fn any_now() -> impl Strategy<Value = Timestamp> {
    (0_i64..24 * 600).prop_map(|hours| Timestamp::from_second(1_750_000_000 + hours * 3_600).unwrap())
}

fn any_zone() -> impl Strategy<Value = TimeZone> {
    prop::sample::select(vec![
        "UTC",
        "Europe/Berlin",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "America/St_Johns",
    ])
    .prop_map(|name| TimeZone::get(name).unwrap())
}

fn set(
    backups: &[Backup],
    rule: &Retention,
    used: &BTreeSet<BackupId>,
    now: Timestamp,
    zone: &TimeZone,
) -> BTreeSet<BackupId> {
    let verdicts = keep(backups, rule, |id| used.contains(&id), now, zone);
    verdicts.into_iter().filter(|(_, verdict)| verdict.is_kept()).map(|(id, _)| id).collect()
}

proptest! {
    #[test]
    fn locked_used_and_newest_good_ones_are_never_removed(
        backups in any_backups(), rule in any_rule(), now in any_now(), zone in any_zone(), pick in any::<u64>(),
    ) {
        let used: BTreeSet<_> =
            backups.iter().filter(|backup| (backup.id.0.as_u128() as u64) % 5 == pick % 5).map(|b| b.id).collect();
        let verdicts = keep(&backups, &rule, |id| used.contains(&id), now, &zone);
        // Each is answered once, in order.
        prop_assert_eq!(
            verdicts.iter().map(|(id, _)| *id).collect::<Vec<_>>(),
            backups.iter().map(|backup| backup.id).collect::<Vec<_>>()
        );
        let kept = set(&backups, &rule, &used, now, &zone);
        prop_assert!(backups.iter().filter(|backup| backup.locked).all(|backup| kept.contains(&backup.id)));
        prop_assert!(used.iter().all(|id| kept.contains(id)));
        let good = || backups.iter().filter(|backup| backup.is_good());
        if let Some(newest) = good().max_by_key(|backup| (backup.created_at, backup.id)) {
            prop_assert!(kept.contains(&newest.id));
        } else {
            // Nothing can be restored: then nothing that may still be mended by hand is thrown away.
            prop_assert_eq!(kept.len(), backups.len());
        }
        let usual = good().filter(|backup| backup.reason != Reason::Safety);
        if let Some(newest) = usual.max_by_key(|backup| (backup.created_at, backup.id)) {
            prop_assert!(kept.contains(&newest.id));
        }
    }

    #[test]
    fn the_rule_keeps_as_many_good_ones_as_it_says(
        backups in any_backups(), rule in any_rule(), now in any_now(), zone in any_zone(),
    ) {
        let kept = set(&backups, &rule, &BTreeSet::new(), now, &zone);
        let usual = backups.iter().filter(|backup| backup.is_good() && backup.reason != Reason::Safety);
        let (there, stay): (Vec<_>, Vec<_>) = (
            usual.clone().collect(),
            usual.filter(|backup| kept.contains(&backup.id)).collect(),
        );
        prop_assert!(stay.len() >= there.len().min(rule.last as usize));
        // Whatever was removed is older than each of the last so many.
        let mut newest_first = there.clone();
        newest_first.sort_by_key(|backup| std::cmp::Reverse((backup.created_at, backup.id)));
        for backup in newest_first.iter().take(rule.last as usize) {
            prop_assert!(kept.contains(&backup.id));
        }
    }

    #[test]
    fn what_was_pruned_once_is_not_pruned_again(
        backups in any_backups(), rule in any_rule(), now in any_now(), zone in any_zone(),
    ) {
        let none = BTreeSet::new();
        let kept = set(&backups, &rule, &none, now, &zone);
        let left: Vec<_> = backups.iter().filter(|backup| kept.contains(&backup.id)).cloned().collect();
        prop_assert_eq!(set(&left, &rule, &none, now, &zone), kept);
    }

    #[test]
    fn a_larger_number_never_keeps_fewer(
        backups in any_backups(), rule in any_rule(), which in 0..6_usize, more in 1..5_u32,
        now in any_now(), zone in any_zone(),
    ) {
        let mut larger = rule;
        let field = [
            &mut larger.last, &mut larger.days, &mut larger.daily, &mut larger.weekly, &mut larger.monthly,
            &mut larger.safety,
        ].into_iter().nth(which).unwrap();
        *field += more;
        let none = BTreeSet::new();
        prop_assert!(set(&backups, &larger, &none, now, &zone).is_superset(&set(&backups, &rule, &none, now, &zone)));
    }

    #[test]
    fn as_time_goes_on_without_a_new_one_nothing_comes_back(
        backups in any_backups(), rule in any_rule(), now in any_now(), later in 0_i64..24 * 400, zone in any_zone(),
    ) {
        let none = BTreeSet::new();
        let then = Timestamp::from_second(now.as_second() + later * 3_600).unwrap();
        prop_assert!(set(&backups, &rule, &none, then, &zone).is_subset(&set(&backups, &rule, &none, now, &zone)));
    }

    #[test]
    fn the_order_in_which_they_are_given_does_not_matter(
        backups in any_backups(), rule in any_rule(), now in any_now(), zone in any_zone(),
    ) {
        let reversed: Vec<_> = backups.iter().rev().cloned().collect();
        let none = BTreeSet::new();
        prop_assert_eq!(set(&backups, &rule, &none, now, &zone), set(&reversed, &rule, &none, now, &zone));
    }
}
