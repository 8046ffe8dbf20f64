//! Which times have passed, and what chance adds to one.

use jiff::{SignedDuration, Timestamp};

use crate::{engine::schedules::plan::Due, store::ScheduleRecord};

/// Times that are counted one by one: a schedule of every ten seconds misses millions in a year.
pub const MOST_COUNTED: u64 = 1_000;

/// Times of a schedule that have passed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Passed {
    /// The last of them.
    pub last: Timestamp,
    /// How many; no more than [`MOST_COUNTED`].
    pub count: u64,
}

/// Those from `next` on, itself included, that are not after `until`.
pub fn passed(due: &Due, next: Timestamp, until: Timestamp) -> Passed {
    let mut passed = Passed { last: next, count: 1 };
    for at in due.all_after(next).take_while(|at| *at <= until) {
        passed.last = at;
        passed.count += 1;
        if passed.count >= MOST_COUNTED {
            passed.last = last_before(due, at, until);
            break;
        }
    }
    passed
}

/// The last time that is not after `until`, when there is one at `from`: looked for in spans that double.
fn last_before(due: &Due, from: Timestamp, until: Timestamp) -> Timestamp {
    let mut span = SignedDuration::from_mins(1);
    while until.duration_since(from) > span {
        let found = due.all_after(until - span).take_while(|at| *at <= until).last();
        if let Some(found) = found {
            return found;
        }
        span = span.saturating_mul(2);
    }
    due.all_after(from).take_while(|at| *at <= until).last().unwrap_or(from)
}

/// When a due time is acted upon: what chance adds is the same each time that it is asked for, so that a program that is
/// started again does not throw the dice again.
pub fn target(record: &ScheduleRecord, due: Timestamp) -> Timestamp {
    let jitter = u64::from(record.plan.jitter_seconds);
    if jitter == 0 {
        return due;
    }
    let id = record.id.0.as_u128();
    let seed = (id as u64) ^ ((id >> 64) as u64).rotate_left(32) ^ (due.as_second() as u64);
    let late = mixed(seed) % (jitter + 1);
    due + SignedDuration::from_secs(i64::try_from(late).unwrap_or_default())
}

/// Spreads the bits of a number over all of it (the finish of SplitMix64).
fn mixed(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
