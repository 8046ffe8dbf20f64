//! The cursor, the selection, marks, and what is copied.

use crate::{model::console::Ring, tui::widgets::sgr::plain};

use super::{LogView, Stamps};

/// Most marks in one view; the oldest line's goes first.
pub const MARKS_MAX: usize = 1_000;

/// Which lines are copied. Only lines that pass the filter are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CopyWhat {
    /// The line with the cursor; without one that which a search found last, else the newest.
    Line,
    /// From where the selection began to the cursor.
    Selection,
    /// Those that are marked.
    Marked,
    /// The last so many.
    Last(usize),
    /// Every one.
    All,
}

/// Text for the clipboard or a file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Copied {
    /// Plain text, each line with a line break after it, but for the last.
    pub text: String,
    /// How many lines it has.
    pub lines: usize,
    /// Whether older lines were left out because the text would have been too long.
    pub cut: bool,
}

impl LogView {
    /// The line that the cursor is on.
    pub fn cursor(&self) -> Option<u64> {
        self.cursor
    }

    /// Puts the cursor on a line and shows it. A selection that was begun reaches to there.
    pub fn set_cursor(&mut self, ring: &Ring, seq: u64) {
        self.cursor = self.at_or_before(ring, seq).or_else(|| self.at_or_after(ring, seq));
        if let Some(cursor) = self.cursor {
            self.show(ring, cursor);
        }
    }

    /// Moves the cursor so many lines down, or up where negative; the first move puts it on the newest line that
    /// shows.
    pub fn move_cursor(&mut self, ring: &Ring, lines: i64) {
        let rows = self.rows(ring, self.width, self.height);
        let Some(bottom) = rows.last() else { return };
        let mut at = match self.cursor {
            None => return self.set_cursor(ring, bottom.seq),
            Some(cursor) => cursor,
        };
        for _ in 0..lines.unsigned_abs().min(10_000) {
            let to = if lines < 0 {
                at.checked_sub(1).and_then(|seq| self.at_or_before(ring, seq))
            } else {
                self.at_or_after(ring, at.saturating_add(1))
            };
            let Some(to) = to else { break };
            at = to;
        }
        self.cursor = Some(at);
        self.reveal(ring, at);
    }

    /// Scrolls as little as is needed for a line to show.
    fn reveal(&mut self, ring: &Ring, seq: u64) {
        let rows = self.rows(ring, self.width, self.height);
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return };
        if seq < first.seq || (seq == first.seq && first.row > 0) {
            self.hold(ring, super::RowAt { seq, row: 0 });
        } else if seq >= last.seq {
            let end = super::RowAt { seq, row: self.rows_of(ring, seq, self.width) - 1 };
            let top = self.shifted(ring, end, 1 - i64::from(self.height.max(1)), self.width);
            self.hold(ring, top.max(*first));
        } else {
            self.hold(ring, *first);
        }
    }

    /// Takes the cursor and the selection away.
    pub fn drop_cursor(&mut self) {
        (self.cursor, self.selected_from) = (None, None);
    }

    /// Begins a selection at the cursor, or ends the one that there is.
    pub fn toggle_selection(&mut self, ring: &Ring) {
        if self.selected_from.take().is_none() {
            if self.cursor.is_none() {
                self.move_cursor(ring, 0);
            }
            self.selected_from = self.cursor;
        }
    }

    /// Selects from one line to another, as a mouse drags.
    pub fn select(&mut self, ring: &Ring, from: u64, to: u64) {
        self.selected_from = self.at_or_before(ring, from).or_else(|| self.at_or_after(ring, from));
        self.cursor = self.at_or_before(ring, to).or_else(|| self.at_or_after(ring, to));
        self.pause(ring);
    }

    /// The first and last selected line.
    pub fn selection(&self) -> Option<(u64, u64)> {
        let (from, to) = (self.selected_from?, self.cursor?);
        Some((from.min(to), from.max(to)))
    }

    /// Marks a line, or takes its mark away.
    pub fn toggle_mark(&mut self, seq: u64) {
        if !self.marks.remove(&seq) {
            self.marks.insert(seq);
            if self.marks.len() > MARKS_MAX {
                self.marks.pop_first();
            }
        }
    }

    /// The lines that are marked, oldest first.
    pub fn marks(&self) -> impl Iterator<Item = u64> + '_ {
        self.marks.iter().copied()
    }

    /// To the next mark below the cursor (or the top of the view), or above it. Returns whether there is one.
    pub fn to_mark(&mut self, ring: &Ring, down: bool) -> bool {
        let top = self.top(ring, self.width, self.height).map_or(0, |top| top.seq);
        let from = self.cursor.unwrap_or(top);
        let found = if down {
            self.marks.range(from.saturating_add(1)..).next()
        } else {
            self.marks.range(..from).next_back()
        };
        let Some(&seq) = found else { return false };
        self.set_cursor(ring, seq);
        true
    }

    /// The text of lines without colours, at most so many bytes: where that is too little, the newest lines.
    /// With times before them where the view shows times.
    pub fn copy(&self, ring: &Ring, what: CopyWhat, max_bytes: usize) -> Copied {
        let first = self.at_or_after(ring, 0);
        let last = self.at_or_before(ring, u64::MAX);
        let (Some(first), Some(last)) = (first, last) else { return Copied::default() };
        let (from, to, most) = match what {
            CopyWhat::Line => {
                let found = self.search.as_ref().and_then(|search| search.current);
                let line = self.cursor.or(found).unwrap_or(last);
                (line, line, 1)
            }
            CopyWhat::Selection => match self.selection() {
                Some((from, to)) => (from, to, usize::MAX),
                None => return Copied::default(),
            },
            CopyWhat::Last(count) => (first, last, count),
            CopyWhat::All | CopyWhat::Marked => (first, last, usize::MAX),
        };
        self.gather(ring, from, to, most, max_bytes, |seq| {
            what != CopyWhat::Marked || self.marks.contains(&seq)
        })
    }

    fn gather(
        &self,
        ring: &Ring,
        from: u64,
        to: u64,
        most: usize,
        max_bytes: usize,
        wanted: impl Fn(u64) -> bool,
    ) -> Copied {
        let (mut texts, mut bytes, mut cut) = (Vec::new(), 0usize, false);
        let mut stamp = String::new();
        let mut next = self.at_or_before(ring, to);
        while let Some(seq) = next.filter(|&seq| seq >= from && texts.len() < most) {
            if let Some(line) = ring.get(seq).filter(|_| wanted(seq)) {
                let mut text = plain(line.text).into_owned();
                if self.stamps != Stamps::Off {
                    self.stamps.write(line.at, &mut stamp);
                    text = format!("{stamp} {text}");
                }
                bytes = bytes.saturating_add(text.len() + usize::from(!texts.is_empty()));
                if bytes > max_bytes {
                    cut = true;
                    break;
                }
                texts.push(text);
            }
            next = seq.checked_sub(1).and_then(|seq| self.at_or_before(ring, seq));
        }
        texts.reverse();
        Copied { lines: texts.len(), text: texts.join("\n"), cut }
    }
}
