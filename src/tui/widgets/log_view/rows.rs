//! Where lines lie on the screen: wrapped into rows, counted from the top or from the tail.

use ratatui::style::Style;

use crate::{
    model::console::Ring,
    tui::widgets::sgr::{ColourDepth, Glyph, Glyphs},
};

use super::LogView;

/// One row of a line that may take several.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct RowAt {
    /// The line's number.
    pub(super) seq: u64,
    /// Which of its rows, from 0.
    pub(super) row: usize,
}

/// How an area's width is shared out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Columns {
    /// For the level, the mark and the cursor.
    pub(super) gutter: u16,
    /// For the time.
    pub(super) time: u16,
    /// For the text.
    pub(super) body: u16,
}

/// Least width that is left to the text before the time and the gutter are given up.
const BODY_MIN: u16 = 16;

/// Most rows that one call scrolls, so that no number makes it walk the whole ring line by line.
const SCROLL_MAX: i64 = 10_000;

/// A glyph's row and column in its line.
pub(super) fn placed<'a>(
    glyphs: impl Iterator<Item = Glyph<'a>>,
    wrap: Option<u16>,
) -> impl Iterator<Item = (usize, usize, Glyph<'a>)> {
    let limit = wrap.map_or(usize::MAX, |width| usize::from(width.max(1)));
    let (mut row, mut column) = (0, 0usize);
    glyphs.map(move |glyph| {
        let width = usize::from(glyph.width);
        if column > 0 && column.saturating_add(width) > limit {
            (row, column) = (row + 1, 0);
        }
        let place = (row, column, glyph);
        column += width;
        place
    })
}

impl LogView {
    pub(super) fn columns(&self, width: u16) -> Columns {
        let gutter = if width > BODY_MIN { 1 } else { 0 };
        let wanted = self.stamps.width();
        let time = if width >= BODY_MIN + gutter + wanted { wanted } else { 0 };
        Columns { gutter, time, body: width - gutter - time }
    }

    /// The number of the first line that may be shown.
    pub(super) fn floor(&self, ring: &Ring) -> u64 {
        ring.first().max(self.cleared)
    }

    pub(super) fn at_or_after(&self, ring: &Ring, seq: u64) -> Option<u64> {
        let seq = seq.max(self.floor(ring));
        let found = if self.filter.is_off() { Some(seq) } else { self.shown.at_or_after(seq) };
        found.filter(|&seq| seq < ring.next())
    }

    pub(super) fn at_or_before(&self, ring: &Ring, seq: u64) -> Option<u64> {
        let seq = seq.min(ring.next().checked_sub(1)?);
        let found = if self.filter.is_off() { Some(seq) } else { self.shown.at_or_before(seq) };
        found.filter(|&seq| seq >= self.floor(ring) && !ring.is_empty())
    }

    fn before(&self, ring: &Ring, seq: u64) -> Option<u64> {
        self.at_or_before(ring, seq.checked_sub(1)?)
    }

    fn after(&self, ring: &Ring, seq: u64) -> Option<u64> {
        self.at_or_after(ring, seq.checked_add(1)?)
    }

    /// How many lines from `seq` on pass the filter.
    pub(super) fn count_from(&self, ring: &Ring, seq: u64) -> usize {
        let seq = seq.max(self.floor(ring));
        let lines = if self.filter.is_off() {
            usize::try_from(ring.next().saturating_sub(seq)).unwrap_or(usize::MAX)
        } else {
            self.shown.before(ring.next()).saturating_sub(self.shown.before(seq))
        };
        // Between a change of the ring and the next sync, the index may still count lines that are gone.
        lines.min(ring.len())
    }

    /// How many rows a line takes; at least one.
    pub(super) fn rows_of(&self, ring: &Ring, seq: u64, width: u16) -> usize {
        let body = self.columns(width).body;
        match ring.get(seq) {
            // No text has more columns than bytes.
            Some(line) if self.wrap && line.text.len() > usize::from(body) => {
                let glyphs = Glyphs::new(line.text, Style::new(), ColourDepth::Mono);
                placed(glyphs, Some(body)).last().map_or(1, |(row, _, _)| row + 1)
            }
            _ => 1,
        }
    }

    /// The top row while the tail is followed; `None` when there is no line.
    pub(super) fn tail_top(&self, ring: &Ring, width: u16, height: u16) -> Option<RowAt> {
        let mut left = usize::from(height.max(1));
        let mut seq = self.at_or_before(ring, u64::MAX)?;
        loop {
            let rows = self.rows_of(ring, seq, width);
            if rows >= left {
                return Some(RowAt { seq, row: rows - left });
            }
            left -= rows;
            match self.before(ring, seq) {
                Some(before) => seq = before,
                None => return Some(RowAt { seq, row: 0 }),
            }
        }
    }

    /// The row so many rows further down, or up where `by` is negative; stops at the first and last line's.
    pub(super) fn shifted(&self, ring: &Ring, from: RowAt, by: i64, width: u16) -> RowAt {
        let mut at = from;
        let mut left = usize::try_from(by.unsigned_abs().min(SCROLL_MAX.unsigned_abs())).unwrap_or_default();
        while left > 0 {
            if by < 0 {
                if at.row >= left {
                    return RowAt { row: at.row - left, ..at };
                }
                left -= at.row;
                let Some(seq) = self.before(ring, at.seq) else { return RowAt { row: 0, ..at } };
                left -= 1;
                at = RowAt { seq, row: self.rows_of(ring, seq, width) - 1 };
            } else {
                let last = self.rows_of(ring, at.seq, width) - 1;
                if at.row + left <= last {
                    return RowAt { row: at.row + left, ..at };
                }
                left -= (last - at.row.min(last)) + 1;
                let Some(seq) = self.after(ring, at.seq) else { return RowAt { row: last, ..at } };
                at = RowAt { seq, row: 0 };
            }
        }
        at
    }

    /// The row at the top, whatever happened to the line that it was.
    pub(super) fn top(&self, ring: &Ring, width: u16, height: u16) -> Option<RowAt> {
        let tail = self.tail_top(ring, width, height)?;
        let Some(anchor) = self.anchor else { return Some(tail) };
        let Some(seq) = self.at_or_after(ring, anchor.top.seq) else { return Some(tail) };
        let row = if seq == anchor.top.seq && anchor.top.row > 0 {
            anchor.top.row.min(self.rows_of(ring, seq, width) - 1)
        } else {
            0
        };
        Some(RowAt { seq, row }.min(tail))
    }

    /// The newest line that shows.
    pub fn bottom(&self, ring: &Ring) -> Option<u64> {
        self.rows(ring, self.width, self.height).last().map(|row| row.seq)
    }

    /// The rows that show, from the top.
    pub(super) fn rows(&self, ring: &Ring, width: u16, height: u16) -> Vec<RowAt> {
        let mut rows = Vec::with_capacity(height.into());
        let Some(mut at) = self.top(ring, width, height) else { return rows };
        while rows.len() < usize::from(height) {
            for row in at.row..self.rows_of(ring, at.seq, width) {
                if rows.len() < usize::from(height) {
                    rows.push(RowAt { row, ..at });
                }
            }
            let Some(seq) = self.after(ring, at.seq) else { break };
            at = RowAt { seq, row: 0 };
        }
        rows
    }
}
