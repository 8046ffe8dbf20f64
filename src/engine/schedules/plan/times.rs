//! When a schedule is due.
//!
//! A cron expression is a pattern of wall clocks, and wall clocks are moved. Which times it means then:
//!
//! - A time that a day does not have, because clocks were put forward over it, is due when they were: at 03:00 for
//!   02:30. Several such times are one. Only where every hour is meant and a whole hour is left out, nothing is due:
//!   "each hour at half past" is not late by a jump from 02:00 to 03:00.
//! - A time that a day has twice, because clocks were put back, is due the first time. Where minutes or hours are `*`
//!   ("every ten minutes"), both are meant.
//!
//! So what is to be done once a day is done once on each day. The library finds patterns in plain dates; here they are
//! laid on the spans between two changes of the zone's clocks, in each of which a clock simply runs.

use croner::Cron;
use jiff::{
    Timestamp,
    civil::DateTime,
    tz::{Offset, TimeZone},
};

use super::check;
use crate::model::{Fault, schedule::When};

/// Spans between two changes of the clocks that are looked through: those of a hundred years. What is due more seldom
/// never is.
const SPANS: usize = 200;
/// Seconds of an hour.
const HOUR: i64 = 3_600;

/// A [`When`] that was read once, to be asked many times.
#[derive(Clone, Debug)]
pub struct Due(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Every { seconds: i64, anchor: Timestamp },
    Cron(Box<Pattern>),
}

#[derive(Clone, Debug)]
struct Pattern {
    cron: Cron,
    zone: TimeZone,
    /// Whether every hour of the day is meant.
    every_hour: bool,
    /// Whether it is a rhythm, and no time of the day.
    rhythm: bool,
}

impl Due {
    /// Reads it. `anchor` is a time at which an interval was due, or began.
    ///
    /// # Errors
    /// [`crate::model::FaultKind::Invalid`], with the field `every`, `cron` or `zone` and the rule that is broken.
    pub fn new(when: &When, anchor: Timestamp) -> Result<Self, Fault> {
        Ok(Self(match when {
            When::Every(seconds) => {
                check::every(*seconds)?;
                Kind::Every { seconds: i64::try_from(*seconds).unwrap_or(i64::MAX), anchor }
            }
            When::Cron { expression, zone } => {
                let (cron, fields) = check::cron(expression)?;
                let zone = check::zone(zone)?;
                let every_hour = (0..24).all(|hour| cron.pattern.hour_match(hour).unwrap_or(false));
                let rhythm = every_hour || fields.iter().rev().skip(4).any(|field| field.starts_with('*'));
                let cron = check::of_near_years(cron, &fields);
                Kind::Cron(Box::new(Pattern { cron, zone, every_hour, rhythm }))
            }
        }))
    }

    /// The first time after `after` at which it is due; `None` when it never is again.
    pub fn after(&self, after: Timestamp) -> Option<Timestamp> {
        match &self.0 {
            Kind::Every { seconds, anchor } => {
                let periods = (after.as_second() - anchor.as_second()).div_euclid(*seconds) + 1;
                Timestamp::from_second(anchor.as_second() + periods * seconds).ok()
            }
            Kind::Cron(pattern) => pattern.after(after),
        }
    }

    /// The times after `after`, each once, in order, without an end where there is none.
    pub fn all_after(&self, after: Timestamp) -> impl Iterator<Item = Timestamp> {
        std::iter::successors(self.after(after), |last| self.after(*last))
    }
}

impl Pattern {
    fn after(&self, after: Timestamp) -> Option<Timestamp> {
        let mut offset = self.zone.to_offset(after);
        let mut from = Some(offset.to_datetime(after));
        // A clock that was put back shows some times again: a time of the day was due the first time.
        let mut floor = self.shown_until(after, offset);
        let mut start = after;
        for _ in 0..SPANS {
            let found = self.first(from, floor.filter(|_| !self.rhythm))?;
            let end = self.zone.following(start).next().map(|change| change.timestamp());
            let at = offset.to_timestamp(found).ok()?;
            let Some(end) = end.filter(|end| at >= *end) else { return Some(at) };
            let new = self.zone.to_offset(end);
            let (was, is) = (offset.to_datetime(end), new.to_datetime(end));
            let skipped = new.seconds() - offset.seconds();
            let moved = !self.every_hour || i64::from(skipped) < HOUR;
            if skipped > 0 && found < is && moved {
                return Some(end);
            }
            floor = (skipped < 0).then_some(was);
            (start, offset) = (end, new);
            from = is.checked_sub(jiff::SignedDuration::from_secs(1)).ok();
        }
        None
    }

    /// The first fitting wall clock after `from`, and not before `floor`.
    fn first(&self, from: Option<DateTime>, floor: Option<DateTime>) -> Option<DateTime> {
        let from = from?;
        match floor.filter(|floor| *floor > from) {
            Some(floor) => self.cron.find_next_occurrence(&floor, true).ok(),
            None => self.cron.find_next_occurrence(&from, false).ok(),
        }
    }

    /// What the zone's clocks had shown when they were last put back, if that was the last change before `at`.
    fn shown_until(&self, at: Timestamp, offset: Offset) -> Option<DateTime> {
        let just_after = at.checked_add(jiff::SignedDuration::from_nanos(1)).ok()?;
        let change = self.zone.preceding(just_after).next()?.timestamp();
        let before = self.zone.to_offset(change.checked_sub(jiff::SignedDuration::from_secs(1)).ok()?);
        (before > offset).then(|| before.to_datetime(change))
    }
}

/// The first time after `after`; see [`Due`].
///
/// # Errors
/// As [`Due::new`].
pub fn next(when: &When, anchor: Timestamp, after: Timestamp) -> Result<Option<Timestamp>, Fault> {
    Ok(Due::new(when, anchor)?.after(after))
}

/// The next so many times of a schedule that begins now.
///
/// # Errors
/// As [`Due::new`].
pub fn upcoming(when: &When, now: Timestamp, count: usize) -> Result<Vec<Timestamp>, Fault> {
    Ok(Due::new(when, now)?.all_after(now).take(count).collect())
}

/// The times of a schedule whose next one is known, that one first.
pub fn coming(when: &When, next: Timestamp, count: usize) -> Vec<Timestamp> {
    let later =
        Due::new(when, next).map(|due| due.all_after(next).take(count.saturating_sub(1)).collect::<Vec<_>>());
    std::iter::once(next).take(count).chain(later.unwrap_or_default()).collect()
}

/// The name of this machine's time zone, or `UTC` where that is not known.
pub fn here() -> String {
    TimeZone::system().iana_name().unwrap_or("UTC").to_owned()
}
