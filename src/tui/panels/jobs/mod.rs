//! What is being done, and what was done.

mod view;

pub use view::describe;

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};

use super::{Context, Pane, Step, Within};
use crate::model::{Job, JobId, Snapshot};

/// Which job is chosen.
#[derive(Clone, Copy, Debug, Default)]
pub struct Jobs {
    /// The chosen one; the newest where there is none.
    pub selected: Option<JobId>,
    /// The first row that shows.
    pub offset: usize,
}

impl Jobs {
    /// The row of the chosen job, counted from the newest.
    pub fn cursor(&self, snapshot: &Snapshot) -> usize {
        let chosen = self.selected;
        chosen.and_then(|id| snapshot.jobs.iter().rev().position(|job| job.id == id)).unwrap_or(0)
    }

    /// The chosen job.
    pub fn current<'a>(&self, snapshot: &'a Snapshot) -> Option<&'a Job> {
        row(snapshot, self.cursor(snapshot))
    }

    /// Chooses a row, counted from the newest; the oldest where there are fewer.
    pub fn select_row(&mut self, at: usize, snapshot: &Snapshot) {
        let at = at.min(snapshot.jobs.len().saturating_sub(1));
        self.selected = row(snapshot, at).map(|job| job.id);
    }

    /// Makes the chosen row show in so many rows.
    pub fn scroll(&mut self, height: usize, snapshot: &Snapshot) {
        let (height, cursor) = (height.max(1), self.cursor(snapshot));
        self.offset = self.offset.min(cursor).max((cursor + 1).saturating_sub(height));
    }
}

impl Pane for Jobs {
    fn view(&self, area: Rect, buf: &mut Buffer, context: &Context<'_>) -> Option<Position> {
        view::view(self, area, buf, context);
        None
    }

    fn go(&mut self, step: Step, within: Within<'_>) {
        let at = step.from(self.cursor(within.snapshot), within.page());
        self.select_row(at, within.snapshot);
    }

    fn click(&mut self, at: Position, within: Within<'_>) {
        self.select_row(self.offset + usize::from(at.y - within.inner.y), within.snapshot);
    }

    fn settle(&mut self, within: Within<'_>) {
        self.scroll(usize::from(within.inner.height), within.snapshot);
    }
}

/// A job by its row, counted from the newest.
fn row(snapshot: &Snapshot, at: usize) -> Option<&Job> {
    snapshot.jobs.iter().rev().nth(at).map(|job| &**job)
}
