//! What is being done, and what was done.

mod view;

pub use view::{describe, draw};

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};

use super::{Choice, Context, Filter, Pane, Step, Within};
use crate::model::{Job, JobId, JobState, Snapshot};

/// Which job is chosen.
#[derive(Clone, Debug, Default)]
pub struct Jobs {
    /// The chosen one; the newest where there is none.
    pub choice: Choice<JobId>,
    /// What jobs must contain to show.
    pub filter: Filter,
}

impl Jobs {
    /// The jobs that show, the newest first.
    pub fn rows<'a>(&self, snapshot: &'a Snapshot) -> impl Iterator<Item = &'a Job> + use<'a> {
        let needle = self.filter.needle();
        let fits = move |job: &&Job| {
            needle.as_ref().is_none_or(|needle| words(job).into_iter().any(|word| needle.is_in(word)))
        };
        snapshot.jobs.iter().rev().map(|job| &**job).filter(fits)
    }

    /// The ids of those, the newest first.
    fn ids<'a>(&self, snapshot: &'a Snapshot) -> impl Iterator<Item = JobId> + use<'a> {
        self.rows(snapshot).map(|job| job.id)
    }

    /// The row of the chosen job, counted from the newest.
    pub fn cursor(&self, snapshot: &Snapshot) -> usize {
        self.choice.row(self.ids(snapshot))
    }

    /// The chosen job.
    pub fn current<'a>(&self, snapshot: &'a Snapshot) -> Option<&'a Job> {
        self.rows(snapshot).nth(self.cursor(snapshot))
    }

    /// Chooses a row, counted from the newest; the oldest where there are fewer.
    pub fn select_row(&mut self, at: usize, snapshot: &Snapshot) {
        self.choice.choose_row(at, self.ids(snapshot));
    }

    /// Makes the chosen row show in so many rows.
    pub fn scroll(&mut self, height: usize, snapshot: &Snapshot) {
        self.choice.settle(height, self.ids(snapshot));
    }
}

impl Pane for Jobs {
    fn view(&self, area: Rect, buf: &mut Buffer, context: &Context<'_>) -> Option<Position> {
        view::view(self, area, buf, context)
    }

    fn go(&mut self, step: Step, within: Within<'_>) {
        let at = step.from(self.cursor(within.snapshot), within.page());
        self.select_row(at, within.snapshot);
    }

    fn click(&mut self, at: Position, within: Within<'_>) {
        self.select_row(self.choice.offset() + usize::from(at.y - within.inner.y), within.snapshot);
    }

    fn settle(&mut self, within: Within<'_>) {
        let height = within.inner.height.saturating_sub(self.filter.height());
        self.scroll(usize::from(height), within.snapshot);
    }

    fn filter(&self) -> Option<&Filter> {
        Some(&self.filter)
    }

    fn filter_mut(&mut self) -> Option<&mut Filter> {
        Some(&mut self.filter)
    }
}

/// What a job can be found by.
fn words(job: &Job) -> [&str; 4] {
    let (state, more) = match &job.state {
        JobState::Running => ("running", job.progress.step.as_str()),
        JobState::Done => ("done", ""),
        JobState::Cancelled => ("cancelled", ""),
        JobState::Failed(fault) => ("failed", fault.what.as_str()),
    };
    [job.kind.word(), &job.server_name, state, more]
}
