//! What is done at set times, when next, and how it last went.

mod view;

pub use view::describe;

use jiff::{SignedDuration, Timestamp};
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};

use super::{Choice, Context, Filter, Pane, Step, Within};
use crate::{
    engine::schedules::plan,
    model::{Schedule, ScheduleId, Snapshot, schedule::When},
    tui::paint,
};

/// Most times of one schedule that are looked for: where there are more, they are as good as always.
const TIMES_MAX: usize = 200;

/// How far the timeline reaches.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Span {
    /// 24 hours.
    #[default]
    Day,
    /// 7 days.
    Week,
}

impl Span {
    /// Its length.
    pub fn length(self) -> SignedDuration {
        match self {
            Self::Day => SignedDuration::from_hours(24),
            Self::Week => SignedDuration::from_hours(7 * 24),
        }
    }

    /// As the timeline's end is labelled.
    pub fn word(self) -> &'static str {
        match self {
            Self::Day => "+24h",
            Self::Week => "+7d",
        }
    }
}

/// The coming times of a schedule, found once for as long as it stays as it is.
#[derive(Clone, Debug)]
struct Coming {
    id: ScheduleId,
    when: When,
    next: Timestamp,
    span: Span,
    times: Vec<Timestamp>,
}

/// Which schedule is chosen, and how far the timeline reaches.
#[derive(Clone, Debug, Default)]
pub struct Schedules {
    /// The chosen one; the first where there is none.
    pub choice: Choice<ScheduleId>,
    /// How far the timeline reaches.
    pub span: Span,
    /// What schedules must contain to show.
    pub filter: Filter,
    coming: Vec<Coming>,
}

impl Schedules {
    /// The schedules that show, by name.
    pub fn rows<'a>(&self, snapshot: &'a Snapshot) -> impl Iterator<Item = &'a Schedule> + use<'a> {
        let needle = self.filter.needle();
        let fits = move |one: &&Schedule| {
            needle.as_ref().is_none_or(|needle| words(one).into_iter().any(|word| needle.is_in(word)))
        };
        snapshot.schedules.iter().map(|one| &**one).filter(fits)
    }

    fn ids<'a>(&self, snapshot: &'a Snapshot) -> impl Iterator<Item = ScheduleId> + use<'a> {
        self.rows(snapshot).map(|one| one.id)
    }

    /// The row of the chosen schedule.
    pub fn cursor(&self, snapshot: &Snapshot) -> usize {
        self.choice.row(self.ids(snapshot))
    }

    /// The chosen schedule.
    pub fn current<'a>(&self, snapshot: &'a Snapshot) -> Option<&'a Schedule> {
        self.rows(snapshot).nth(self.cursor(snapshot))
    }

    /// Lets the timeline reach further, or less far.
    pub fn turn_span(&mut self) {
        self.span = if self.span == Span::Day { Span::Week } else { Span::Day };
    }

    /// The coming times of a schedule within the timeline; too many to tell apart end the list early.
    fn times(&self, schedule: &Schedule) -> &[Timestamp] {
        let known =
            self.coming.iter().find(|known| known.id == schedule.id && Some(known.next) == schedule.next);
        known.map(|known| known.times.as_slice()).unwrap_or_default()
    }

    fn select_row(&mut self, at: usize, snapshot: &Snapshot) {
        self.choice.choose_row(at, self.ids(snapshot));
    }

    /// Finds the coming times of those that show, where they are not known yet.
    fn foresee(&mut self, rows: usize, snapshot: &Snapshot, now: Timestamp) {
        let shown = self.rows(snapshot).skip(self.choice.offset()).take(rows);
        let mut coming = Vec::new();
        for one in shown {
            let Some(next) = one.next else { continue };
            let known = self.coming.iter().position(|known| {
                known.id == one.id
                    && known.next == next
                    && known.span == self.span
                    && known.when == one.plan.when
            });
            coming.push(match known {
                Some(at) => self.coming.swap_remove(at),
                None => {
                    let mut times = plan::coming(&one.plan.when, next, TIMES_MAX);
                    // A little more than shows: it moves on before the next one is due.
                    let end = now + self.span.length() + self.span.length();
                    times.retain(|at| *at <= end);
                    Coming { id: one.id, when: one.plan.when.clone(), next, span: self.span, times }
                }
            });
        }
        self.coming = coming;
    }
}

/// Rows beside those of the list: the heading above it, and what is told of the chosen one below.
const AROUND: u16 = 1 + DETAILS;
const DETAILS: u16 = 4;

/// The list's rows in so many.
fn list_rows(height: u16) -> u16 {
    if height > AROUND + 2 { height - AROUND } else { height.saturating_sub(1) }
}

impl Pane for Schedules {
    fn view(&self, area: Rect, buf: &mut Buffer, context: &Context<'_>) -> Option<Position> {
        view::view(self, area, buf, context)
    }

    fn go(&mut self, step: Step, within: Within<'_>) {
        let at = step.from(self.cursor(within.snapshot), within.page());
        self.select_row(at, within.snapshot);
    }

    fn click(&mut self, at: Position, within: Within<'_>) {
        if let Some(row) = (at.y - within.inner.y).checked_sub(1)
            && row < list_rows(within.inner.height.saturating_sub(self.filter.height()))
        {
            self.select_row(self.choice.offset() + usize::from(row), within.snapshot);
        }
    }

    fn settle(&mut self, within: Within<'_>) {
        let height = within.inner.height.saturating_sub(self.filter.height());
        let rows = usize::from(list_rows(height)).max(1);
        self.choice.settle(rows, self.ids(within.snapshot));
        if within.inner.height > 0 {
            self.foresee(rows, within.snapshot, within.now);
        }
    }

    /// What is said of times changes as they come nearer.
    fn next_change(&self, within: Within<'_>) -> Option<Timestamp> {
        let changes = self.rows(within.snapshot).skip(self.choice.offset()).flat_map(|one| {
            let next = one.next.filter(|next| *next > within.now).map(|next| {
                let away = u64::try_from(next.as_second() - within.now.as_second()).unwrap_or_default();
                // What grows smaller changes where what grows larger would have changed before.
                if away < 60 { 1 } else { 1 + away % 60 }
            });
            let last = one.last.as_ref().filter(|_| !one.running).map(|last| {
                paint::duration_changes_in(
                    u64::try_from(within.now.as_second() - last.ended.as_second()).unwrap_or_default(),
                )
            });
            next.into_iter().chain(last)
        });
        let seconds = i64::try_from(changes.min()?).ok()?;
        within.now.checked_add(SignedDuration::from_secs(seconds)).ok()
    }

    fn filter(&self) -> Option<&Filter> {
        Some(&self.filter)
    }

    fn filter_mut(&mut self) -> Option<&mut Filter> {
        Some(&mut self.filter)
    }
}

/// What a schedule can be found by.
fn words(one: &Schedule) -> [&str; 3] {
    [&one.plan.name, one.plan.task.word(), if one.plan.paused { "paused" } else { "" }]
}

#[cfg(test)]
mod tests;
