//! Looking for text in a console.

use crate::model::console::Ring;

use super::{Anchor, LogView, index::Index, needle::Needle, rows::RowAt};

/// What is looked for, and where it is.
#[derive(Clone, Debug)]
pub(super) struct Search {
    pub(super) needle: Needle,
    /// The lines that hold it and pass the filter.
    pub(super) lines: Index,
    pub(super) current: Option<u64>,
    /// Where the view was before, for a search that is given up; `None` inside means that it followed the tail.
    origin: Option<Option<Anchor>>,
}

/// How a search stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Found {
    /// Which of the lines found is the current one, from 1; 0 when none is.
    pub current: usize,
    /// How many lines hold the text.
    pub total: usize,
}

impl Search {
    pub(super) fn forget_places(&mut self) {
        self.lines.clear();
        (self.current, self.origin) = (None, None);
    }

    pub(super) fn found(&self) -> Found {
        let known = self.current.filter(|&seq| self.lines.at_or_after(seq) == Some(seq));
        Found { current: known.map_or(0, |seq| self.lines.before(seq) + 1), total: self.lines.len() }
    }
}

impl LogView {
    /// Looks for `text` as it is typed: shows the nearest line at or above the bottom of the view that holds it,
    /// else the next one below. An empty text ends the search.
    pub fn search(&mut self, ring: &Ring, text: &str) {
        let origin = match self.search.take() {
            Some(Search { origin: Some(origin), .. }) => origin,
            _ => self.anchor,
        };
        self.anchor = origin;
        let Some(needle) = Needle::new(text) else { return };
        self.search = Some(Search { needle, lines: Index::default(), current: None, origin: Some(origin) });
        self.advance(ring);
        let bottom = self.rows(ring, self.width, self.height).last().map_or(0, |row| row.seq);
        if let Some(search) = &mut self.search {
            search.current = search.lines.at_or_before(bottom).or_else(|| search.lines.at_or_after(bottom));
        }
        self.show_current(ring);
    }

    /// What is looked for.
    pub fn searched(&self) -> Option<&str> {
        self.search.as_ref().map(|search| search.needle.text())
    }

    /// The search is meant: giving it up later leaves the view where it is.
    pub fn accept_search(&mut self) {
        if let Some(search) = &mut self.search {
            search.origin = None;
        }
    }

    /// Ends the search. Before it was accepted, the view goes back to where it was.
    pub fn cancel_search(&mut self) {
        if let Some(Search { origin: Some(origin), .. }) = self.search.take() {
            self.anchor = origin;
        }
    }

    /// To the next line below that holds the text; after the last comes the first. Returns how the search stands.
    pub fn next(&mut self, ring: &Ring) -> Option<Found> {
        self.step(ring, |lines, from| {
            lines.at_or_after(from.saturating_add(1)).or_else(|| lines.at_or_after(0))
        })
    }

    /// To the next line above that holds the text; before the first comes the last.
    pub fn previous(&mut self, ring: &Ring) -> Option<Found> {
        self.step(ring, |lines, from| {
            from.checked_sub(1)
                .and_then(|seq| lines.at_or_before(seq))
                .or_else(|| lines.at_or_before(u64::MAX))
        })
    }

    fn step(&mut self, ring: &Ring, to: impl Fn(&Index, u64) -> Option<u64>) -> Option<Found> {
        let bottom = self.rows(ring, self.width, self.height).last().map_or(0, |row| row.seq);
        let search = self.search.as_mut()?;
        search.current = to(&search.lines, search.current.unwrap_or(bottom));
        let found = search.found();
        self.show_current(ring);
        Some(found)
    }

    fn show_current(&mut self, ring: &Ring) {
        if let Some(current) = self.search.as_ref().and_then(|search| search.current) {
            self.show(ring, current);
        }
    }

    /// Holds the view still with this line in it: where it is when it shows already, else in the middle.
    pub fn show(&mut self, ring: &Ring, seq: u64) {
        let rows = self.rows(ring, self.width, self.height);
        let top = match rows.first() {
            Some(&top) if rows.iter().any(|row| row.seq == seq && row.row == 0) => top,
            _ => self.shifted(ring, RowAt { seq, row: 0 }, -i64::from(self.height / 2), self.width),
        };
        let tail = self.tail_top(ring, self.width, self.height).unwrap_or(top);
        self.hold(ring, top.min(tail));
    }
}
