//! Where a watcher of a console is, over broken connections and from one engine to the next.
//!
//! Within one run of an engine a line's number is enough. Another run numbers anew, but reads the same log: there the
//! lines are known by the time at which Docker wrote them, and go on with the watcher's own numbers. What the run
//! before remarked itself, or echoed of commands, stays as it was.

use std::sync::Arc;

use uuid::Uuid;

use crate::{
    engine::From,
    model::{
        console::{Batch, Chunk, Level, LineKind},
        resume::Resume,
    },
};

/// What stands where it cannot be known whether lines are missing.
const GAP: &str =
    "another engine follows this log from here on; lines that were written in between may be missing";

/// Where a watcher is.
#[derive(Debug)]
pub struct Place {
    start: From,
    /// The run that was asked first, until something came.
    asked: Option<Uuid>,
    /// The run whose numbers these are, and the number that is expected next.
    at: Option<(Uuid, u64)>,
    /// The number that the watcher expects next.
    next: u64,
    /// Added to the engine's number (wrapping) makes the watcher's.
    shift: u64,
    /// The times that were passed.
    times: Resume,
    /// Whether lines that were seen already may come again.
    joining: bool,
    /// Whether a line of the log was seen at all, and whether one was passed over in this run.
    seen: bool,
    passed: bool,
}

impl Place {
    /// A watcher who begins there.
    pub fn new(start: From) -> Self {
        Self {
            start,
            asked: None,
            at: None,
            next: 0,
            shift: 0,
            times: Resume::default(),
            joining: false,
            seen: false,
            passed: false,
        }
    }

    /// From where this run of the engine is to be asked.
    pub fn ask(&mut self, run: Uuid) -> From {
        match self.at {
            Some((same, next)) if same == run => From::Seq(next),
            Some(_) => {
                self.at = Some((run, 1));
                self.joining = true;
                self.passed = false;
                self.times.reopened();
                From::Seq(1)
            }
            None => {
                // A number of an earlier run says nothing in another; nothing was seen, so all there is is new.
                if self.asked.is_some_and(|asked| asked != run) && matches!(self.start, From::Seq(_)) {
                    self.start = From::Seq(1);
                }
                self.asked = Some(run);
                self.start
            }
        }
    }

    /// Takes what came, and gives what of it is new to the watcher, under the watcher's numbers.
    pub fn take(&mut self, run: Uuid, batch: Batch) -> Option<Batch> {
        let end = batch.lines.end();
        let first = self.at.is_none();
        self.at = Some((run, end));
        if first {
            self.next = end;
            self.note(&batch.lines);
            return Some(batch);
        }
        if !self.joining && self.shift == 0 {
            self.next = end;
            self.note(&batch.lines);
            return Some(batch);
        }
        Some(self.renumber(&batch)).filter(|batch| batch.skipped > 0 || !batch.lines.is_empty())
    }

    fn renumber(&mut self, batch: &Batch) -> Batch {
        // What the ring of another run no longer has was not promised to this watcher.
        let skipped = if self.joining { 0 } else { batch.skipped };
        if !self.joining {
            self.next = batch.lines.first().wrapping_add(self.shift);
        }
        let mut lines = Chunk::starting_at(self.next);
        for line in batch.lines.lines() {
            let of_log = matches!(line.kind, LineKind::Output | LineKind::Chat);
            if self.joining && of_log {
                if !self.times.take(line.at) {
                    self.passed = true;
                    continue;
                }
                self.joining = false;
                if self.seen && !self.passed {
                    lines.push(line.at, Level::Info, LineKind::Remark, GAP);
                }
            } else if of_log {
                self.times.take(line.at);
            }
            self.seen |= of_log;
            lines.push(line.at, line.level, line.kind, line.text);
            self.shift = (lines.end() - 1).wrapping_sub(line.seq);
        }
        self.next = lines.end();
        Batch { skipped, lines: Arc::new(lines) }
    }

    fn note(&mut self, lines: &Chunk) {
        for line in lines.lines().filter(|line| matches!(line.kind, LineKind::Output | LineKind::Chat)) {
            self.times.take(line.at);
            self.seen = true;
        }
    }
}
