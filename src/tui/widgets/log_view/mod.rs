//! A console's lines on the screen: followed or held still, wrapped, filtered, searched, marked and copied.
//!
//! [`LogView`] holds no line. Everything works on a borrowed [`Ring`]; call [`LogView::sync`] after lines have
//! arrived and when the area's size has changed, then [`LogView::view`].

mod filter;
mod index;
mod needle;
mod pick;
mod rows;
mod search;
mod stamps;
mod view;

#[cfg(test)]
mod tests;

pub use filter::Filter;
pub use needle::{NEEDLE_MAX, Needle};
pub use pick::{Copied, CopyWhat, MARKS_MAX};
pub use search::Found;
pub use stamps::Stamps;
pub use view::LogStyles;

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::model::console::Ring;
use crate::tui::widgets::sgr;
use index::Index;
use rows::RowAt;
use search::Search;

/// What is held still.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Anchor {
    top: RowAt,
    /// The number after the last line that was seen.
    seen: u64,
}

/// By which a ring is recognised: its newest line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Newest {
    seq: u64,
    at: Timestamp,
    bytes: usize,
}

impl Newest {
    fn of(ring: &Ring, seq: u64) -> Option<Self> {
        ring.get(seq).map(|line| Self { seq, at: line.at, bytes: line.text.len() })
    }
}

/// What a title or a status line says about the view.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct LogStatus {
    /// Whether the newest line is always shown.
    pub following: bool,
    /// Lines that came since the view was held still, as far as the filter lets them through.
    pub new: usize,
    /// Lines that pass the filter.
    pub shown: usize,
    /// Lines that there are.
    pub total: usize,
    /// How the search stands, while there is one.
    pub found: Option<Found>,
    /// Whether a filter is on.
    pub filtered: bool,
}

/// How a console is looked at. One for each server.
#[derive(Clone, Debug)]
pub struct LogView {
    /// `None` while the tail is followed.
    anchor: Option<Anchor>,
    wrap: bool,
    stamps: Stamps,
    /// The first column that shows, where lines are not wrapped.
    column: usize,
    filter: Filter,
    /// The lines that pass the filter; not kept while it is off.
    shown: Index,
    search: Option<Search>,
    /// Lines before this one were cleared away.
    cleared: u64,
    cursor: Option<u64>,
    /// Where the selection began.
    selected_from: Option<u64>,
    marks: BTreeSet<u64>,
    newest: Option<Newest>,
    width: u16,
    height: u16,
}

impl Default for LogView {
    fn default() -> Self {
        Self {
            anchor: None,
            wrap: true,
            stamps: Stamps::Off,
            column: 0,
            filter: Filter::default(),
            shown: Index::default(),
            search: None,
            cleared: 0,
            cursor: None,
            selected_from: None,
            marks: BTreeSet::new(),
            newest: None,
            width: 80,
            height: 24,
        }
    }
}

impl LogView {
    /// At the tail, following, wrapped, nothing filtered.
    pub fn new() -> Self {
        Self::default()
    }

    /// Looks at what has come, what was dropped, and how large the area (in cells) is now. Cheap when nothing
    /// changed. A ring that is not the one of the last call is noticed; filter and settings stay, places do not.
    pub fn sync(&mut self, ring: &Ring, width: u16, height: u16) {
        (self.width, self.height) = (width, height);
        if self.newest.is_some_and(|newest| {
            newest.seq >= ring.next()
                || newest.seq >= ring.first() && Newest::of(ring, newest.seq) != Some(newest)
        }) {
            self.forget_places();
        }
        self.newest = ring.next().checked_sub(1).and_then(|last| Newest::of(ring, last));
        self.advance(ring);
        self.settle(ring);
    }

    /// Forgets every place in the console: anchor, cursor, selection, marks, what was cleared away. For another
    /// console in the same view.
    pub fn forget_places(&mut self) {
        self.anchor = None;
        (self.cursor, self.selected_from, self.cleared, self.newest) = (None, None, 0, None);
        self.marks.clear();
        self.shown.clear();
        if let Some(search) = &mut self.search {
            search.forget_places();
        }
    }

    fn advance(&mut self, ring: &Ring) {
        let first = self.floor(ring);
        if self.filter.is_off() {
            self.shown.clear();
        } else {
            let filter = &self.filter;
            self.shown.advance(ring, first, |line| filter.keeps(line));
        }
        if let Some(search) = &mut self.search {
            let (filter, needle) = (&self.filter, &search.needle);
            search
                .lines
                .advance(ring, first, |line| filter.keeps(line) && needle.is_in(&sgr::plain(line.text)));
        }
    }

    /// Lets go of places whose lines are gone.
    fn settle(&mut self, ring: &Ring) {
        let first = self.floor(ring);
        self.marks = self.marks.split_off(&first);
        let still = |seq: Option<u64>| seq.map(|seq| seq.max(first)).filter(|&seq| seq < ring.next());
        self.cursor = still(self.cursor);
        self.selected_from = still(self.selected_from).filter(|_| self.cursor.is_some());
        if self.anchor.is_some() {
            match self.top(ring, self.width, self.height) {
                Some(top) => self.hold(ring, top),
                None => self.anchor = None,
            }
        }
    }

    /// Holds this row at the top, and notes what is seen.
    fn hold(&mut self, ring: &Ring, top: RowAt) {
        let seen = self.anchor.map_or(ring.next(), |anchor| anchor.seen).min(ring.next());
        self.anchor = Some(Anchor { top, seen });
        let last = self.rows(ring, self.width, self.height).last().map_or(0, |row| row.seq + 1);
        self.anchor = Some(Anchor { top, seen: seen.max(last) });
    }

    /// Scrolls so many rows down, or up where negative. Reaching the tail follows it again.
    pub fn scroll_lines(&mut self, ring: &Ring, rows: i64) {
        let (width, height) = (self.width, self.height);
        let (Some(top), Some(tail)) = (self.top(ring, width, height), self.tail_top(ring, width, height))
        else {
            return;
        };
        let to = self.shifted(ring, top, rows, width);
        if to >= tail {
            self.anchor = None;
        } else {
            self.hold(ring, to);
        }
    }

    /// Scrolls so many pages down, or up where negative; one row of the old page stays.
    pub fn scroll_pages(&mut self, ring: &Ring, pages: i64) {
        self.scroll_lines(ring, pages.saturating_mul(i64::from(self.height.max(2)) - 1));
    }

    /// To the oldest line.
    pub fn to_top(&mut self, ring: &Ring) {
        let Some(seq) = self.at_or_after(ring, 0) else { return };
        let top = RowAt { seq, row: 0 };
        match self.tail_top(ring, self.width, self.height) {
            Some(tail) if tail > top => self.hold(ring, top),
            _ => self.anchor = None,
        }
    }

    /// To the newest line, and follows it.
    pub fn to_bottom(&mut self) {
        self.anchor = None;
    }

    /// Holds the view still where it is.
    pub fn pause(&mut self, ring: &Ring) {
        if let Some(top) = self.top(ring, self.width, self.height) {
            self.hold(ring, top);
        }
    }

    /// Scrolls so many columns to the right, or left where negative. Only where lines are not wrapped; not further
    /// than the longest line that shows.
    pub fn scroll_columns(&mut self, ring: &Ring, columns: i64) {
        if self.wrap {
            return;
        }
        let body = usize::from(self.columns(self.width).body);
        let longest = self
            .rows(ring, self.width, self.height)
            .iter()
            .filter_map(|row| ring.get(row.seq))
            .map(|line| sgr::width(line.text))
            .max()
            .unwrap_or(0);
        let by = usize::try_from(columns.unsigned_abs()).unwrap_or(usize::MAX);
        let to = if columns < 0 { self.column.saturating_sub(by) } else { self.column.saturating_add(by) };
        self.column = to.min(longest.saturating_sub(body));
    }

    /// Whether the newest line is always shown.
    pub fn is_following(&self) -> bool {
        self.anchor.is_none()
    }

    /// Whether lines too long for the area go on in the next row.
    pub fn wraps(&self) -> bool {
        self.wrap
    }

    /// Wraps lines, or lets them be cut and scrolled sideways.
    pub fn set_wrap(&mut self, ring: &Ring, wrap: bool) {
        (self.wrap, self.column) = (wrap, 0);
        self.settle(ring);
    }

    /// How the time of each line is shown.
    pub fn stamps(&self) -> &Stamps {
        &self.stamps
    }

    /// Shows the time of each line, or not.
    pub fn set_stamps(&mut self, ring: &Ring, stamps: Stamps) {
        self.stamps = stamps;
        self.settle(ring);
    }

    /// What lines must be to be shown.
    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Shows only what passes. What is held at the top stays there, where it passes.
    pub fn set_filter(&mut self, ring: &Ring, filter: Filter) {
        if self.filter == filter {
            return;
        }
        self.filter = filter;
        self.shown.clear();
        if let Some(search) = &mut self.search {
            search.lines.clear();
        }
        self.advance(ring);
        self.settle(ring);
    }

    /// Clears the view: lines that are here now show no more. The ring keeps them.
    pub fn clear(&mut self, ring: &Ring) {
        self.cleared = ring.next();
        self.anchor = None;
        self.advance(ring);
        self.settle(ring);
    }

    /// Whether lines were cleared away that the ring still has.
    pub fn is_cleared(&self, ring: &Ring) -> bool {
        self.cleared > ring.first()
    }

    /// Shows again what was cleared away.
    pub fn unclear(&mut self, ring: &Ring) {
        self.cleared = 0;
        self.shown.clear();
        if let Some(search) = &mut self.search {
            search.lines.clear();
        }
        self.advance(ring);
    }

    /// For a title or a status line.
    pub fn status(&self, ring: &Ring) -> LogStatus {
        LogStatus {
            following: self.is_following(),
            new: self.anchor.map_or(0, |anchor| self.count_from(ring, anchor.seen)),
            shown: self.count_from(ring, 0),
            total: ring.len(),
            found: self.search.as_ref().map(Search::found),
            filtered: !self.filter.is_off(),
        }
    }
}
