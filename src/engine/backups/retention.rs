//! Which backups of a server are kept: a pure rule, the same for a prune, its dry run and what a person is told.

use std::collections::{BTreeSet, HashMap};

use jiff::{Timestamp, Zoned, civil, tz::TimeZone};

use crate::model::{Backup, BackupId, Retention, backup::Reason};

/// What becomes of a backup. Where several reasons keep it, the first of these in their order is told.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Verdict {
    /// Kept: somebody locked it.
    Locked,
    /// Kept: it is being read or written now.
    InUse,
    /// Kept: it is the newest that can be restored, of all or of those that are no safety backups.
    NewestGood,
    /// Kept: it is among the last so many.
    Last,
    /// Kept: it is younger than so many days.
    Young,
    /// Kept: it is the newest of its day.
    Daily,
    /// Kept: it is the newest of its week.
    Weekly,
    /// Kept: it is the newest of its month.
    Monthly,
    /// Kept: it is among the last so many safety backups.
    Safety,
    /// Kept though it cannot be restored as it is: there is no good one that is newer.
    NothingBetter,
    /// Removed: damaged or gone, and there is a newer one that is good.
    NotGood,
    /// Removed: no rule keeps it.
    Surplus,
}

impl Verdict {
    /// Whether it stays.
    pub fn is_kept(self) -> bool {
        !matches!(self, Self::NotGood | Self::Surplus)
    }

    /// Why, as a person reads it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Locked => "locked",
            Self::InUse => "in use",
            Self::NewestGood => "the newest good one",
            Self::Last => "among the last",
            Self::Young => "young enough",
            Self::Daily => "the newest of its day",
            Self::Weekly => "the newest of its week",
            Self::Monthly => "the newest of its month",
            Self::Safety => "among the last safety backups",
            Self::NothingBetter => "no newer one is good",
            Self::NotGood => "not good",
            Self::Surplus => "kept by no rule",
        }
    }
}

/// What becomes of each backup of one server, in the order in which they were given.
///
/// Days, weeks (ISO 8601, from Monday) and months are those of `zone`; the days of [`Retention::days`] have 24 hours.
/// `in_use` tells which are being read or written now. A backup from the future (the clock was set back) is young.
pub fn keep<'a>(
    backups: impl IntoIterator<Item = &'a Backup>,
    rule: &Retention,
    in_use: impl Fn(BackupId) -> bool,
    now: Timestamp,
    zone: &TimeZone,
) -> Vec<(BackupId, Verdict)> {
    let given: Vec<&Backup> = backups.into_iter().collect();
    let mut good: Vec<&Backup> = given.iter().copied().filter(|backup| backup.is_good()).collect();
    // Ids grow with time, so two of the same moment have an order as well.
    good.sort_by_key(|backup| std::cmp::Reverse((backup.created_at, backup.id)));
    let (safety, usual): (Vec<_>, Vec<_>) =
        good.iter().copied().partition(|backup| backup.reason == Reason::Safety);

    let mut verdicts: HashMap<BackupId, Verdict> = HashMap::new();
    let mut note = |id: BackupId, verdict: Verdict| {
        let known = verdicts.entry(id).or_insert(verdict);
        *known = verdict.min(*known);
    };
    for newest in good.first().into_iter().chain(usual.first()) {
        note(newest.id, Verdict::NewestGood);
    }
    usual.iter().take(many(rule.last)).for_each(|backup| note(backup.id, Verdict::Last));
    safety.iter().take(many(rule.safety)).for_each(|backup| note(backup.id, Verdict::Safety));
    let young = i64::from(rule.days) * 86_400;
    usual
        .iter()
        .filter(|backup| now.as_second() - backup.created_at.as_second() < young)
        .for_each(|backup| note(backup.id, Verdict::Young));
    newest_of_each(&usual, rule.daily, zone, Zoned::date).for_each(|id| note(id, Verdict::Daily));
    newest_of_each(&usual, rule.weekly, zone, monday).for_each(|id| note(id, Verdict::Weekly));
    newest_of_each(&usual, rule.monthly, zone, |time| time.date().first_of_month())
        .for_each(|id| note(id, Verdict::Monthly));

    let newest_good = good.first().map(|backup| (backup.created_at, backup.id));
    let verdict = |backup: &Backup| {
        let by_rule = if backup.is_good() {
            verdicts.get(&backup.id).copied().unwrap_or(Verdict::Surplus)
        } else if newest_good.is_none_or(|newest| newest < (backup.created_at, backup.id)) {
            Verdict::NothingBetter
        } else {
            Verdict::NotGood
        };
        match () {
            () if backup.locked => Verdict::Locked,
            () if in_use(backup.id) => Verdict::InUse,
            () => by_rule,
        }
    };
    given.into_iter().map(|backup| (backup.id, verdict(backup))).collect()
}

fn many(count: u32) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

/// The newest in each of the last `count` spans that have one. `newest_first` is sorted, `span` names a time's span.
fn newest_of_each(
    newest_first: &[&Backup],
    count: u32,
    zone: &TimeZone,
    span: impl Fn(&Zoned) -> civil::Date,
) -> impl Iterator<Item = BackupId> {
    let mut spans = BTreeSet::new();
    let mut found = Vec::new();
    for backup in newest_first {
        if spans.len() >= many(count) {
            break;
        }
        if spans.insert(span(&backup.created_at.to_zoned(zone.clone()))) {
            found.push(backup.id);
        }
    }
    found.into_iter()
}

/// The Monday that an ISO week begins with.
fn monday(time: &Zoned) -> civil::Date {
    let date = time.date();
    let since = i64::from(date.weekday().to_monday_zero_offset());
    // Before the first Monday that a date can have there is no backup.
    date.checked_sub(jiff::Span::new().days(since)).unwrap_or(date)
}

#[cfg(test)]
#[path = "retention_tests.rs"]
mod tests;
