//! Which servers show, in which order, and which one is chosen.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use ratatui::layout::Rect;

use super::Column;
use crate::{
    model::{Server, ServerId, Snapshot},
    tui::{paint, panels::Filter, widgets::log_view::Needle},
};

/// The server list.
#[derive(Clone, Debug, Default)]
pub struct Servers {
    /// The chosen one. May be one that is about to be made, and not there yet.
    pub selected: Option<ServerId>,
    /// By what the list is sorted.
    pub sort: Column,
    /// Whether the other way round.
    pub reversed: bool,
    /// What names must contain to show.
    pub filter: Filter,
    /// Which server was chosen when typing the filter began.
    before_filter: Option<ServerId>,
    /// Indices into the snapshot's servers.
    rows: Vec<u32>,
    /// How many servers run, of all.
    running: usize,
    /// The chosen row.
    cursor: usize,
    /// The first row that shows.
    offset: usize,
    /// Whether the chosen server is one that was not seen yet, and is waited for.
    awaited: bool,
    /// Whether it was chosen in an earlier session, and the hosts have not all answered yet.
    recalled: bool,
}

impl Servers {
    /// Begins or ends typing the filter.
    pub fn type_filter(&mut self, typing: bool) {
        if typing && !self.filter.is_typing() {
            self.before_filter = self.selected;
        }
        self.filter.type_it(typing);
    }

    /// Ends typing the filter and shows every server again, with the one chosen that was chosen before it.
    pub fn dismiss_filter(&mut self, snapshot: &Snapshot) {
        self.filter.type_it(false);
        self.selected = self.before_filter.take().or(self.selected);
        self.clear_filter(snapshot);
    }

    /// Shows every server again. Where the filter hid them all, the one is chosen that was chosen before it.
    pub fn clear_filter(&mut self, snapshot: &Snapshot) {
        self.selected = self.selected.or(self.before_filter.take());
        self.filter.clear();
        self.refresh(snapshot);
    }

    /// The rows: indices into the snapshot's servers.
    pub fn rows(&self) -> &[u32] {
        &self.rows
    }

    /// How many servers run, of all.
    pub fn running(&self) -> usize {
        self.running
    }

    /// The first row that shows.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// The chosen row.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// The chosen server, where the snapshot has it.
    pub fn selected_in<'a>(&self, snapshot: &'a Snapshot) -> Option<&'a Arc<Server>> {
        let id = self.selected?;
        let at_cursor = self.rows.get(self.cursor).and_then(|row| snapshot.servers.get(*row as usize));
        at_cursor.filter(|server| server.id() == id).or_else(|| snapshot.server(id))
    }

    /// Filters and sorts anew, and keeps the same server chosen, or the one that took its row.
    pub fn refresh(&mut self, snapshot: &Snapshot) {
        let servers = &snapshot.servers;
        self.rows.clear();
        self.running = servers.iter().filter(|server| server.state.is_running()).count();
        let needle = self.filter.needle();
        let all = 0..u32::try_from(servers.len()).unwrap_or(u32::MAX);
        match needle {
            None => self.rows.extend(all),
            Some(needle) => self.rows.extend(all.filter(|row| matches(&servers[*row as usize], &needle))),
        }
        if self.sort != Column::Name {
            let sort = self.sort;
            self.rows.sort_by(|a, b| sort.compare(&servers[*a as usize], &servers[*b as usize]));
        }
        if self.reversed {
            self.rows.reverse();
        }
        let found =
            self.selected.and_then(|id| self.rows.iter().position(|row| servers[*row as usize].id() == id));
        match found {
            Some(row) => {
                self.cursor = row;
                (self.awaited, self.recalled) = (false, false);
            }
            None if self.awaited || self.recalled && !snapshot.settled => {}
            None => self.select_row(self.cursor, snapshot),
        }
    }

    /// Chooses a row; the last where there are fewer.
    pub fn select_row(&mut self, row: usize, snapshot: &Snapshot) {
        self.cursor = row.min(self.rows.len().saturating_sub(1));
        (self.awaited, self.recalled) = (false, false);
        self.selected = self.rows.get(self.cursor).map(|row| snapshot.servers[*row as usize].id());
    }

    /// Chooses a server; it may be one that the snapshot does not have yet. A filter that hides it is lifted.
    pub fn select(&mut self, id: ServerId, snapshot: &Snapshot) {
        self.selected = Some(id);
        self.awaited = true;
        self.refresh(snapshot);
        if self.awaited && snapshot.server(id).is_some() {
            self.filter.clear();
            self.refresh(snapshot);
        }
    }

    /// Chooses a server that was chosen in an earlier session, where it is still there.
    pub fn recall(&mut self, id: Option<ServerId>) {
        self.selected = id;
        self.recalled = id.is_some();
    }

    /// Makes the chosen row show in so many rows.
    pub fn scroll(&mut self, height: usize) {
        let height = height.max(1);
        self.offset = self
            .offset
            .min(self.cursor)
            .max((self.cursor + 1).saturating_sub(height))
            .min(self.rows.len().saturating_sub(height));
    }

    /// When a text in the rows that show, inside of this area, changes by itself.
    pub fn uptime_change(&self, snapshot: &Snapshot, inside: Rect, now: Timestamp) -> Option<Timestamp> {
        let height = usize::from(inside.height);
        if !Column::fits(Column::Uptime, inside.width.saturating_sub(2)) {
            return None;
        }
        let shown = self.rows.iter().skip(self.offset).take(height);
        shown.filter_map(|row| next_uptime(snapshot.servers.get(*row as usize)?, now)).min()
    }
}

/// When the text of a server's uptime changes.
pub fn next_uptime(server: &Server, now: Timestamp) -> Option<Timestamp> {
    let started = server.started_at?;
    let seconds = server.uptime_seconds(now)?;
    let next = seconds + paint::duration_changes_in(seconds);
    // Whole seconds of the clock, since that is what the uptime counts.
    let whole = Timestamp::from_second(started.as_second()).ok()?;
    whole.checked_add(SignedDuration::from_secs(i64::try_from(next).ok()?)).ok()
}

fn matches(server: &Server, needle: &Needle) -> bool {
    needle.is_in(server.name())
        || needle.is_in(server.state.word())
        || needle.is_in(server.about.spec.server_type.title())
        || needle.is_in(&server.about.host.0)
}
