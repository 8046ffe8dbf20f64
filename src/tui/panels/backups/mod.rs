//! Copies of worlds: which there are, how far they can be trusted, and what is being done with them.

mod view;
mod words;

pub use words::{ago, describe, name};

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};

use super::{Choice, Context, Filter, Pane, Step, Within};
use crate::{
    model::{Backup, BackupId, Job, JobKind, ServerId, Snapshot},
    tui::paint,
};

/// Which backup is chosen, and which show.
#[derive(Clone, Debug, Default)]
pub struct Backups {
    /// The chosen one; the newest where there is none.
    pub choice: Choice<BackupId>,
    /// What backups must contain to show.
    pub filter: Filter,
    /// Whether those of every server show, and not only those of the chosen one.
    pub all: bool,
}

impl Backups {
    /// Of which server backups show; `None` is of all, those included whose server is gone.
    pub fn of(&self, server: Option<ServerId>) -> Option<ServerId> {
        server.filter(|_| !self.all)
    }

    /// The backups that show while this server is chosen, the newest first.
    pub fn rows<'a>(
        &self,
        snapshot: &'a Snapshot,
        server: Option<ServerId>,
    ) -> impl Iterator<Item = &'a Arc<Backup>> + use<'a> {
        let (of, needle) = (self.of(server), self.filter.needle());
        let fits = move |backup: &&Arc<Backup>| {
            of.is_none_or(|server| backup.server == server)
                && needle
                    .as_ref()
                    .is_none_or(|needle| words::found_by(backup).any(|word| needle.is_in(&word)))
        };
        snapshot.backups.iter().filter(fits)
    }

    fn ids<'a>(
        &self,
        snapshot: &'a Snapshot,
        server: Option<ServerId>,
    ) -> impl Iterator<Item = BackupId> + use<'a> {
        self.rows(snapshot, server).map(|backup| backup.id)
    }

    /// The row of the chosen backup.
    pub fn cursor(&self, snapshot: &Snapshot, server: Option<ServerId>) -> usize {
        self.choice.row(self.ids(snapshot, server))
    }

    /// The chosen backup.
    pub fn current<'a>(&self, snapshot: &'a Snapshot, server: Option<ServerId>) -> Option<&'a Arc<Backup>> {
        self.rows(snapshot, server).nth(self.cursor(snapshot, server))
    }

    fn select_row(&mut self, at: usize, within: Within<'_>) {
        let server = within.server.map(|server| server.id());
        self.choice.choose_row(at, self.ids(within.snapshot, server));
    }

    /// What is being done with the backups that show, the newest first.
    fn working<'a>(
        &self,
        snapshot: &'a Snapshot,
        server: Option<ServerId>,
    ) -> impl Iterator<Item = &'a Job> + use<'a> {
        let of = self.of(server);
        let about = |kind| {
            let kinds =
                [JobKind::Backup, JobKind::Restore, JobKind::Verify, JobKind::TestRestore, JobKind::Prune];
            kinds.contains(&kind)
        };
        let fits = move |job: &&Arc<Job>| {
            job.is_running() && about(job.kind) && (of.is_none() || job.server == of || job.server.is_none())
        };
        snapshot.jobs.iter().rev().filter(fits).map(|job| &**job)
    }

    /// Where everything lies inside of the border.
    fn lines(&self, inner: Rect, snapshot: &Snapshot, server: Option<ServerId>) -> Lines {
        let filter = self.filter.height().min(inner.height);
        let room = inner.height - filter;
        let busy = u16::try_from(self.working(snapshot, server).count()).unwrap_or(u16::MAX);
        let busy = busy.min(if room >= 8 { 3 } else { 0 });
        let room = room - busy;
        let details = if room > 1 + DETAILS + 2 { DETAILS } else { 0 };
        let head = u16::from(room > 1);
        Lines { busy, head, rows: room - details - head, details }
    }
}

/// Rows of what is told of the chosen one: a rule and three lines.
const DETAILS: u16 = 4;

/// How many rows each part takes, from the top; the filter's line comes after them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Lines {
    busy: u16,
    head: u16,
    rows: u16,
    details: u16,
}

impl Pane for Backups {
    fn view(&self, area: Rect, buf: &mut Buffer, context: &Context<'_>) -> Option<Position> {
        view::view(self, area, buf, context)
    }

    fn go(&mut self, step: Step, within: Within<'_>) {
        let server = within.server.map(|server| server.id());
        let at = step.from(self.cursor(within.snapshot, server), within.page());
        self.select_row(at, within);
    }

    fn click(&mut self, at: Position, within: Within<'_>) {
        let server = within.server.map(|server| server.id());
        let lines = self.lines(within.inner, within.snapshot, server);
        let row = (at.y - within.inner.y).checked_sub(lines.busy + lines.head);
        if let Some(row) = row.filter(|row| *row < lines.rows) {
            self.select_row(self.choice.offset() + usize::from(row), within);
        }
    }

    fn settle(&mut self, within: Within<'_>) {
        let server = within.server.map(|server| server.id());
        let rows = usize::from(self.lines(within.inner, within.snapshot, server).rows);
        self.choice.settle(rows, self.ids(within.snapshot, server));
    }

    fn filter(&self) -> Option<&Filter> {
        Some(&self.filter)
    }

    fn filter_mut(&mut self) -> Option<&mut Filter> {
        Some(&mut self.filter)
    }

    /// Ages grow.
    fn next_change(&self, within: Within<'_>) -> Option<Timestamp> {
        let server = within.server.map(|server| server.id());
        let shown =
            self.rows(within.snapshot, server).skip(self.choice.offset()).take(within.inner.height.into());
        let times = shown.flat_map(|backup| {
            let proof = backup.proof.as_ref().map(|proof| proof.at);
            [Some(backup.created_at), backup.verified_at, proof].into_iter().flatten()
        });
        let seconds = times.map(|at| paint::duration_changes_in(words::seconds(at, within.now))).min()?;
        within.now.checked_add(SignedDuration::from_secs(i64::try_from(seconds).ok()?)).ok()
    }
}

#[cfg(test)]
mod tests;
