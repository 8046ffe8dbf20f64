//! Console lines as they travel: times as steps from one line to the next, the text as one piece.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::protocol::{Error, FRAME_AIM};
use crate::model::console::{Batch, Chunk, Level, Line, LineKind};

/// Some lines, in order, without a gap.
#[derive(Debug, Serialize, Deserialize)]
pub struct Lines {
    skipped: u64,
    first: u64,
    /// When the first was written, in nanoseconds since 1970.
    at: i128,
    marks: Vec<Mark>,
    text: String,
}

/// One line: level and kind, nanoseconds since the line before, bytes of text.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Mark(u8, i64, u32);

const LEVELS: [Level; 5] = [Level::Trace, Level::Debug, Level::Info, Level::Warn, Level::Error];
const KINDS: [LineKind; 4] = [LineKind::Output, LineKind::Chat, LineKind::Command, LineKind::Remark];

fn sort(line: &Line<'_>) -> u8 {
    let level = LEVELS.iter().position(|level| *level == line.level).unwrap_or(2);
    let kind = KINDS.iter().position(|kind| *kind == line.kind).unwrap_or(0);
    (level * KINDS.len() + kind) as u8
}

fn sorted(sort: u8) -> Option<(Level, LineKind)> {
    let (level, kind) = (usize::from(sort) / KINDS.len(), usize::from(sort) % KINDS.len());
    Some((*LEVELS.get(level)?, KINDS[kind]))
}

/// A batch in pieces that are no more in the way than a frame may be.
pub fn split(batch: &Batch) -> Vec<Lines> {
    let mut pieces = vec![Lines::begin(batch.skipped, batch.lines.first())];
    let mut last = 0;
    for line in batch.lines.lines() {
        let full = |piece: &Lines| {
            !piece.marks.is_empty() && piece.text.len() + piece.marks.len() * 8 + line.text.len() > FRAME_AIM
        };
        let at = line.at.as_nanosecond();
        // Lines that are centuries apart are not of one piece either.
        let step =
            |piece: &Lines| if piece.marks.is_empty() { Some(0) } else { i64::try_from(at - last).ok() };
        if pieces.last().is_some_and(|piece| full(piece) || step(piece).is_none()) {
            pieces.push(Lines::begin(0, line.seq));
        }
        if let Some(piece) = pieces.last_mut() {
            if piece.marks.is_empty() {
                piece.at = at;
            }
            let step = step(piece).unwrap_or(0);
            piece.marks.push(Mark(sort(&line), step, u32::try_from(line.text.len()).unwrap_or(u32::MAX)));
            piece.text.push_str(line.text);
        }
        last = at;
    }
    pieces
}

impl Lines {
    fn begin(skipped: u64, first: u64) -> Self {
        Self { skipped, first, at: 0, marks: Vec::new(), text: String::new() }
    }

    /// The batch that this is a piece of.
    ///
    /// # Errors
    /// That it holds nonsense.
    pub fn batch(self) -> Result<Batch, Error> {
        let nonsense = || Error::Nonsense("lines of a console do not fit together".into());
        if self.first.checked_add(self.marks.len() as u64).is_none() {
            return Err(nonsense());
        }
        let mut lines = Chunk::starting_at(self.first);
        let (mut at, mut from) = (self.at, 0usize);
        for Mark(sort, step, length) in self.marks {
            at = at.checked_add(i128::from(step)).ok_or_else(nonsense)?;
            let end = from.checked_add(length as usize).ok_or_else(nonsense)?;
            let text = self.text.get(from..end).ok_or_else(nonsense)?;
            let time = Timestamp::from_nanosecond(at).map_err(|_| nonsense())?;
            let (level, kind) = sorted(sort).ok_or_else(nonsense)?;
            lines.push(time, level, kind, text);
            from = end;
        }
        if from != self.text.len() {
            return Err(nonsense());
        }
        Ok(Batch { skipped: self.skipped, lines: Arc::new(lines) })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::link::frame;

    fn line() -> impl Strategy<Value = (i64, usize, usize, String)> {
        (any::<i64>(), 0..LEVELS.len(), 0..KINDS.len(), "[ -~ä-üß€😀]{0,80}")
    }

    proptest! {
        /// Whatever the lines: they arrive as they were, in order, however they were split.
        #[test]
        fn lines_arrive_as_they_were(skipped in 0u64..9, first in 1u64..1_000_000, lines in prop::collection::vec(line(), 0..300), long in 0usize..40_000) {
            let mut chunk = Chunk::starting_at(first);
            for (at, level, kind, text) in &lines {
                let at = Timestamp::from_nanosecond(i128::from(*at)).unwrap();
                chunk.push(at, LEVELS[*level], KINDS[*kind], text);
            }
            chunk.push(Timestamp::UNIX_EPOCH, Level::Info, LineKind::Output, &"x".repeat(long));
            let batch = Batch { skipped, lines: Arc::new(chunk) };
            let mut back = Vec::new();
            let mut lost = 0;
            for piece in split(&batch) {
                let bytes = frame::encode(&piece).unwrap();
                prop_assert!(bytes.len() < 60_000, "{}", bytes.len());
                let piece = frame::decode::<Lines>(&bytes).unwrap().batch().unwrap();
                lost += piece.skipped;
                back.extend(piece.lines.lines().map(|line| (line.seq, line.at, line.level, line.kind, line.text.to_owned())));
            }
            let sent: Vec<_> = batch.lines.lines().map(|line| (line.seq, line.at, line.level, line.kind, line.text.to_owned())).collect();
            prop_assert_eq!(lost, skipped);
            prop_assert_eq!(back, sent);
        }

        /// Whatever comes instead: an error or lines, never a panic and never more than came.
        #[test]
        fn garbage_is_told(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            if let Ok(lines) = frame::decode::<Lines>(&bytes)
                && let Ok(batch) = lines.batch()
            {
                prop_assert!(batch.lines.footprint() < 64 * 1024);
            }
        }
    }
}
