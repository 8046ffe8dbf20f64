//! A container's log: lines with their times, bounded in bytes, read by any number of followers.
//!
//! Lines are kept in segments, so that a flood costs no allocation a line and the oldest are dropped in one step. A
//! follower that falls behind holds a flooding server back (as a full pipe holds back a real one), but only for a while:
//! somebody who stopped reading must not stop the server.

use std::collections::VecDeque;
use std::time::Duration;

use super::clock::Stamp;

/// Bytes after which a new segment is begun.
const SEGMENT: usize = 32 * 1024;
/// Docker cuts lines into entries of this size.
const ENTRY: usize = 16 * 1024;
/// What an entry costs besides its bytes.
const OVERHEAD: usize = std::mem::size_of::<Entry>();
/// Bytes beyond the limit that are kept for followers who are still reading: one line may be larger than the whole limit.
const GRACE: usize = 8 * 1024 * 1024;
/// How long a follower that does not read holds a flooding server back.
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Debug, Clone, Copy)]
struct Entry {
    nanos: i64,
    /// Where its bytes end in the segment.
    end: u32,
    stderr: bool,
}

#[derive(Debug, Default)]
struct Segment {
    /// The number of its first entry.
    first: u64,
    entries: Vec<Entry>,
    bytes: Vec<u8>,
}

impl Segment {
    fn cost(&self) -> usize {
        self.bytes.len() + self.entries.len() * OVERHEAD
    }

    fn end(&self) -> u64 {
        self.first + self.entries.len() as u64
    }
}

#[derive(Debug)]
struct Reader {
    id: u64,
    next: u64,
    /// Cost of all entries up to the one it is at.
    passed: u64,
    moved: Duration,
}

/// Which entries are wanted, and how they are written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    pub(super) stdout: bool,
    pub(super) stderr: bool,
    /// Nanoseconds since 1970, inclusive.
    pub(super) since: Option<i64>,
    pub(super) until: Option<i64>,
    /// Put its time before each entry.
    pub(super) timestamps: bool,
    /// No frames: the container has a terminal.
    pub(super) raw: bool,
}

/// The log of one container, over all its starts.
#[derive(Debug)]
pub(super) struct Log {
    segments: VecDeque<Segment>,
    limit: usize,
    kept: usize,
    next: u64,
    passed: u64,
    last_nanos: i64,
    readers: Vec<Reader>,
    /// The time of the last entry on the monotonic clock, as far as readers told it.
    now: Duration,
}

impl Log {
    /// An empty log of at most `limit` bytes (at least two segments).
    pub(super) fn new(limit: usize) -> Self {
        Self {
            segments: VecDeque::new(),
            limit: limit.max(2 * SEGMENT),
            kept: 0,
            next: 0,
            passed: 0,
            last_nanos: 0,
            readers: Vec::new(),
            now: Duration::ZERO,
        }
    }

    /// Adds whole lines. Each entry gets a time of its own, later than the one before; the parts of a long line share it.
    pub(super) fn append(&mut self, nanos: i64, stderr: bool, tty: bool, text: &[u8]) {
        for line in text.split_inclusive(|byte| *byte == b'\n') {
            let nanos = nanos.max(self.last_nanos + 1);
            self.last_nanos = nanos;
            let mut rest = line;
            while rest.len() > ENTRY {
                let (part, after) = rest.split_at(ENTRY);
                self.push(nanos, stderr, &[part]);
                rest = after;
            }
            match rest.strip_suffix(b"\n") {
                Some(bare) if tty => self.push(nanos, stderr, &[bare, b"\r\n"]),
                _ => self.push(nanos, stderr, &[rest]),
            }
        }
        while self.kept > self.limit && self.segments.len() > 1 {
            let needed =
                |end: u64| self.readers.iter().any(|reader| reader.next < end && self.waits_for(reader));
            if self.kept < self.limit + GRACE
                && self.segments.front().is_some_and(|oldest| needed(oldest.end()))
            {
                break;
            }
            self.kept -= self.segments.pop_front().map_or(0, |segment| segment.cost());
        }
    }

    fn waits_for(&self, reader: &Reader) -> bool {
        self.now.saturating_sub(reader.moved) < PATIENCE
    }

    fn push(&mut self, nanos: i64, stderr: bool, parts: &[&[u8]]) {
        if self.segments.back().is_none_or(|segment| segment.cost() >= SEGMENT) {
            if let Some(full) = self.segments.back_mut() {
                full.bytes.shrink_to_fit();
                full.entries.shrink_to_fit();
            }
            self.segments.push_back(Segment { first: self.next, ..Segment::default() });
        }
        let Some(segment) = self.segments.back_mut() else { return };
        let before = segment.bytes.len();
        for part in parts {
            segment.bytes.extend_from_slice(part);
        }
        let cost = segment.bytes.len() - before + OVERHEAD;
        let end = u32::try_from(segment.bytes.len()).unwrap_or(u32::MAX);
        segment.entries.push(Entry { nanos, end, stderr });
        self.kept += cost;
        self.passed += cost as u64;
        self.next += 1;
    }

    /// The number that the next entry will have.
    pub(super) fn end(&self) -> u64 {
        self.next
    }

    /// The number of the entry at which the last `lines` begin.
    pub(super) fn tail(&self, lines: u64) -> u64 {
        self.next.saturating_sub(lines).max(self.segments.front().map_or(self.next, |segment| segment.first))
    }

    /// Adds a follower that is at entry `next`.
    pub(super) fn enter(&mut self, id: u64, next: u64, now: Duration) {
        let behind: usize =
            self.segments.iter().filter(|segment| segment.first >= next).map(Segment::cost).sum();
        self.now = now;
        self.readers.push(Reader { id, next, passed: self.passed.saturating_sub(behind as u64), moved: now });
    }

    /// Removes a follower.
    pub(super) fn leave(&mut self, id: u64) {
        self.readers.retain(|reader| reader.id != id);
    }

    /// Whether some follower is so far behind that the writer should wait.
    pub(super) fn presses(&mut self, now: Duration) -> bool {
        self.now = now;
        let half = (self.limit / 2) as u64;
        self.readers.iter().any(|reader| self.passed - reader.passed > half && self.waits_for(reader))
    }

    /// Writes entries from `next` on and before `end`, about `room` bytes of them, and moves `next`. What is no longer kept
    /// is skipped.
    pub(super) fn read(
        &mut self,
        next: &mut u64,
        end: u64,
        room: usize,
        wanted: &Wanted,
        stamp: &mut Stamp,
        out: &mut Vec<u8>,
    ) {
        let mut index = self.segments.partition_point(|segment| segment.end() <= *next);
        while let Some(segment) = self.segments.get(index) {
            *next = (*next).max(segment.first);
            let from = usize::try_from(*next - segment.first).unwrap_or(usize::MAX);
            for at in from..segment.entries.len() {
                if *next >= end || out.len() >= room {
                    return;
                }
                let Some(entry) = segment.entries.get(at) else { break };
                let begin =
                    at.checked_sub(1).and_then(|at| segment.entries.get(at)).map_or(0, |entry| entry.end);
                let text = segment.bytes.get(begin as usize..entry.end as usize).unwrap_or_default();
                write(entry, text, wanted, stamp, out);
                *next += 1;
            }
            index += 1;
        }
    }

    /// Notes how far a follower has come.
    pub(super) fn moved(&mut self, id: u64, next: u64, now: Duration) {
        let index = self.segments.partition_point(|segment| segment.end() <= next);
        let behind: usize = self.segments.iter().skip(index).map(Segment::cost).sum();
        let passed = self.passed.saturating_sub(behind as u64);
        self.now = now;
        if let Some(reader) = self.readers.iter_mut().find(|reader| reader.id == id) {
            reader.next = next;
            reader.passed = if next >= self.next { self.passed } else { passed };
            reader.moved = now;
        }
    }
}

fn write(entry: &Entry, text: &[u8], wanted: &Wanted, stamp: &mut Stamp, out: &mut Vec<u8>) {
    let fits = if entry.stderr { wanted.stderr } else { wanted.stdout }
        && wanted.since.is_none_or(|since| entry.nanos >= since)
        && wanted.until.is_none_or(|until| entry.nanos <= until);
    if !fits {
        return;
    }
    let head = out.len();
    if !wanted.raw {
        out.extend_from_slice(&[if entry.stderr { 2 } else { 1 }, 0, 0, 0, 0, 0, 0, 0]);
    }
    let body = out.len();
    if wanted.timestamps {
        stamp.write(entry.nanos, out);
    }
    out.extend_from_slice(text);
    if !wanted.raw {
        let length = u32::try_from(out.len() - body).unwrap_or(u32::MAX).to_be_bytes();
        if let Some(place) = out.get_mut(head + 4..head + 8) {
            place.copy_from_slice(&length);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Wanted =
        Wanted { stdout: true, stderr: true, since: None, until: None, timestamps: false, raw: true };

    fn read(log: &mut Log, next: &mut u64, wanted: &Wanted) -> Vec<u8> {
        let mut out = Vec::new();
        log.read(next, u64::MAX, usize::MAX, wanted, &mut Stamp::default(), &mut out);
        out
    }

    #[test]
    fn lines_come_back_in_order_with_times_that_never_repeat() {
        let mut log = Log::new(1 << 20);
        log.append(5_000_000_000, false, false, b"one\ntwo\n");
        log.append(5_000_000_000, true, false, b"three\n");
        let mut next = 0;
        assert_eq!(read(&mut log, &mut next, &ALL), b"one\ntwo\nthree\n");
        assert_eq!(next, 3);
        let since = Wanted { since: Some(5_000_000_001), timestamps: true, ..ALL };
        assert_eq!(
            read(&mut log, &mut 0, &since),
            b"1970-01-01T00:00:05.000000001Z two\n1970-01-01T00:00:05.000000002Z three\n"
        );
        let framed = Wanted { raw: false, stdout: false, ..ALL };
        assert_eq!(read(&mut log, &mut 0, &framed), b"\x02\0\0\0\0\0\0\x06three\n");
        assert_eq!(log.tail(2), 1);
        assert_eq!(log.tail(9), 0);
    }

    #[test]
    fn a_flood_is_bounded_and_a_slow_reader_presses_only_for_a_while() {
        let mut log = Log::new(1 << 20);
        log.enter(1, 0, Duration::ZERO);
        let line = [b'x'; 100];
        let mut presses = 0;
        for number in 0..200_000_u64 {
            log.append(i64::try_from(number).unwrap(), false, false, &[&line[..], b"\n"].concat());
            presses += u64::from(log.presses(Duration::from_secs(1)));
        }
        // Kept for the reader beyond the limit, but not for ever.
        assert!(log.kept > 1 << 20 && log.kept <= (1 << 20) + GRACE + SEGMENT, "{}", log.kept);
        assert!(presses > 190_000);
        assert!(!log.presses(Duration::from_secs(6)));
        log.append(200_000, false, false, b"more\n");
        assert!(log.kept <= (1 << 20) + SEGMENT, "{}", log.kept);
        let mut next = 0;
        let text = read(&mut log, &mut next, &ALL);
        assert_eq!(next, 200_001);
        assert!(text.len() < 1 << 20 && text.ends_with(b"more\n"));
        log.moved(1, next, Duration::from_secs(6));
        assert!(!log.presses(Duration::from_secs(6)));
    }

    #[test]
    fn long_lines_are_cut_as_docker_cuts_them() {
        let mut log = Log::new(1 << 20);
        log.append(1, false, false, &[&vec![b'x'; 40_000][..], b"\n"].concat());
        assert_eq!(log.end(), 3);
        assert_eq!(read(&mut log, &mut 0, &ALL).len(), 40_001);
        let mut log = Log::new(1 << 20);
        log.append(1, false, true, b"one\n");
        assert_eq!(read(&mut log, &mut 0, &ALL), b"one\r\n");
    }
}
