//! The lines of a server's console, numbered, in a ring bounded in bytes and lines.

use std::{collections::VecDeque, sync::Arc};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How grave a line is, as the log says it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Level {
    Trace,
    Debug,
    #[default]
    Info,
    Warn,
    Error,
}

/// What a line is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// Written by the server.
    #[default]
    Output,
    /// What a player said.
    Chat,
    /// A command that was sent from here.
    Command,
    /// A remark of this program: the container started, lines were lost.
    Remark,
}

/// One line, borrowed from a [`Ring`]. Its text is harmless: the only control sequences in it are SGR colours.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Line<'a> {
    /// Grows by one with each line of this console, never repeats while the engine runs.
    pub seq: u64,
    /// When the host's Docker wrote it.
    pub at: Timestamp,
    /// How grave.
    pub level: Level,
    /// What.
    pub kind: LineKind,
    /// The text, without its line break.
    pub text: &'a str,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Mark {
    end: u32,
    level: Level,
    kind: LineKind,
    at: Timestamp,
}

/// Lines side by side in one piece of memory: two allocations for some hundreds of lines.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Chunk {
    first: u64,
    text: String,
    marks: Vec<Mark>,
}

impl Chunk {
    /// An empty one, whose first line will have this number.
    pub fn starting_at(first: u64) -> Self {
        Self { first, ..Self::default() }
    }

    /// The number of its first line.
    pub fn first(&self) -> u64 {
        self.first
    }

    /// The number of the line after its last.
    pub fn end(&self) -> u64 {
        self.first + self.marks.len() as u64
    }

    /// How many lines it holds.
    pub fn len(&self) -> usize {
        self.marks.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.marks.is_empty()
    }

    /// Bytes of memory that it has asked for.
    pub fn footprint(&self) -> usize {
        self.text.capacity() + self.marks.capacity() * size_of::<Mark>()
    }

    /// Adds a line and returns its number. More than 4 GiB of text in one chunk are cut off.
    pub fn push(&mut self, at: Timestamp, level: Level, kind: LineKind, text: &str) -> u64 {
        let seq = self.end();
        if u32::try_from(self.text.len() + text.len()).is_ok() {
            self.text.push_str(text);
        }
        self.marks.push(Mark { end: self.text.len() as u32, level, kind, at });
        seq
    }

    /// The line with this number.
    pub fn get(&self, seq: u64) -> Option<Line<'_>> {
        let index = usize::try_from(seq.checked_sub(self.first)?).ok()?;
        let mark = self.marks.get(index)?;
        let start = if index == 0 { 0 } else { self.marks[index - 1].end as usize };
        let text = self.text.get(start..mark.end as usize)?;
        Some(Line { seq, at: mark.at, level: mark.level, kind: mark.kind, text })
    }

    /// Its lines in order.
    pub fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        (self.first..self.end()).filter_map(|seq| self.get(seq))
    }
}

/// Lines as they travel to whoever watches a console.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Batch {
    /// How many lines before these were dropped before this watcher could have them.
    pub skipped: u64,
    /// The lines.
    pub lines: Arc<Chunk>,
}

/// The last lines of a console, bounded in lines and bytes.
#[derive(Clone, Debug)]
pub struct Ring {
    chunks: VecDeque<Chunk>,
    max_lines: usize,
    max_bytes: usize,
    lines: usize,
    bytes: usize,
    next: u64,
}

/// Text of one chunk, in bytes. A ring lets go of whole chunks, so this is also how coarse its limit is.
const CHUNK_BYTES: usize = 16 * 1024;
const CHUNK_LINES: usize = 256;

impl Ring {
    /// Holds at most so many lines and about so many bytes (at least one chunk of 16 KiB, whatever is asked).
    pub fn new(max_lines: usize, max_bytes: usize) -> Self {
        Self { chunks: VecDeque::new(), max_lines, max_bytes, lines: 0, bytes: 0, next: 1 }
    }

    /// The number of the oldest line that is still here; that of the next line when there is none.
    pub fn first(&self) -> u64 {
        self.chunks.front().map_or(self.next, Chunk::first)
    }

    /// The number that the next line will have.
    pub fn next(&self) -> u64 {
        self.next
    }

    /// How many lines it holds.
    pub fn len(&self) -> usize {
        self.lines
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.lines == 0
    }

    /// Bytes of memory that its lines take, without the ring's own few words.
    pub fn footprint(&self) -> usize {
        self.bytes
    }

    /// Adds a line and returns its number.
    pub fn push(&mut self, at: Timestamp, level: Level, kind: LineKind, text: &str) -> u64 {
        let full = |chunk: &Chunk| chunk.len() >= CHUNK_LINES || chunk.text.len() + text.len() > CHUNK_BYTES;
        if self.chunks.back().is_none_or(full) {
            if let Some(last) = self.chunks.back_mut() {
                self.bytes -= last.footprint();
                last.text.shrink_to_fit();
                last.marks.shrink_to_fit();
                self.bytes += last.footprint();
            }
            self.chunks.push_back(Chunk::starting_at(self.next));
        }
        let Some(chunk) = self.chunks.back_mut() else {
            return self.next;
        };
        let before = chunk.footprint();
        let seq = chunk.push(at, level, kind, text);
        self.bytes = self.bytes + chunk.footprint() - before;
        self.lines += 1;
        self.next = seq + 1;
        self.trim();
        seq
    }

    /// Adds lines that came from another ring, under their own numbers. Lines that are here already are passed
    /// over; a gap forgets what was before it.
    pub fn extend(&mut self, batch: &Chunk) {
        for line in batch.lines() {
            if line.seq < self.next && !self.is_empty() {
                continue;
            }
            if line.seq != self.next {
                self.chunks.clear();
                (self.lines, self.bytes) = (0, 0);
                self.next = line.seq;
            }
            self.push(line.at, line.level, line.kind, line.text);
        }
    }

    fn trim(&mut self) {
        while self.chunks.len() > 1 && (self.lines > self.max_lines || self.bytes > self.max_bytes) {
            if let Some(oldest) = self.chunks.pop_front() {
                self.lines -= oldest.len();
                self.bytes -= oldest.footprint();
            }
        }
    }

    /// The line with this number, if it is still here.
    pub fn get(&self, seq: u64) -> Option<Line<'_>> {
        let index = self.chunks.partition_point(|chunk| chunk.end() <= seq);
        self.chunks.get(index)?.get(seq)
    }

    /// The lines from this number on (or from the oldest that is still here), in order.
    pub fn from(&self, seq: u64) -> impl DoubleEndedIterator<Item = Line<'_>> {
        (seq.max(self.first())..self.next).filter_map(|seq| self.get(seq))
    }

    /// Up to so many lines from this number on, ready to travel.
    pub fn batch(&self, from: u64, max_lines: usize) -> Batch {
        let first = from.max(self.first());
        let mut lines = Chunk::starting_at(first);
        for line in self.from(first).take(max_lines) {
            lines.push(line.at, line.level, line.kind, line.text);
        }
        Batch { skipped: first.saturating_sub(from), lines: Arc::new(lines) }
    }

    /// Forgets every line; numbers go on where they were.
    pub fn clear(&mut self) {
        self.chunks.clear();
        (self.lines, self.bytes) = (0, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn push(ring: &mut Ring, text: &str) -> u64 {
        ring.push(Timestamp::UNIX_EPOCH, Level::Info, LineKind::Output, text)
    }

    #[test]
    fn numbers_grow_and_lines_come_back_in_order() {
        let mut ring = Ring::new(10_000, 1 << 20);
        for n in 1..=1_000 {
            assert_eq!(push(&mut ring, &format!("line {n}")), n);
        }
        assert_eq!(ring.get(700).unwrap().text, "line 700");
        let texts: Vec<_> = ring.from(998).map(|line| line.text.to_owned()).collect();
        assert_eq!(texts, ["line 998", "line 999", "line 1000"]);
    }

    #[test]
    fn bounded_in_lines_and_in_bytes() {
        let mut ring = Ring::new(1_000, 1 << 30);
        (0..50_000).for_each(|_| {
            push(&mut ring, "x");
        });
        assert!(ring.len() <= 1_000 && ring.len() > 1_000 - 2 * CHUNK_LINES, "{}", ring.len());
        let mut ring = Ring::new(usize::MAX, 256 * 1024);
        (0..50_000).for_each(|_| {
            push(&mut ring, &"y".repeat(90));
        });
        assert!(ring.footprint() <= 256 * 1024, "{}", ring.footprint());
        assert!(ring.footprint() >= 200 * 1024, "{}", ring.footprint());
        assert_eq!(ring.next(), 50_001);
        assert_eq!(ring.get(50_000).unwrap().text.len(), 90);
        assert!(ring.get(1).is_none());
    }

    #[test]
    fn a_late_reader_is_told_what_it_missed() {
        let mut ring = Ring::new(500, 1 << 20);
        (0..2_000).for_each(|n| {
            push(&mut ring, &n.to_string());
        });
        let batch = ring.batch(1, 10);
        assert_eq!(batch.skipped, ring.first() - 1);
        assert_eq!(batch.lines.first(), ring.first());
        assert_eq!(batch.lines.len(), 10);
    }

    #[test]
    fn a_copy_follows_the_original_over_gaps_and_repeats() {
        let mut ring = Ring::new(10_000, 1 << 20);
        (0..100).for_each(|n| {
            push(&mut ring, &n.to_string());
        });
        let mut copy = Ring::new(10_000, 1 << 20);
        copy.extend(&ring.batch(50, 100).lines);
        copy.extend(&ring.batch(40, 100).lines);
        assert_eq!((copy.first(), copy.next(), copy.len()), (50, 101, 51));
        (0..100).for_each(|n| {
            push(&mut ring, &n.to_string());
        });
        copy.extend(&ring.batch(150, 10).lines);
        assert_eq!((copy.first(), copy.next()), (150, 160));
    }
}
