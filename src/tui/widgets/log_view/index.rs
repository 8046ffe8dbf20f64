//! The numbers of the lines that fit, kept up to date as lines arrive.

use std::collections::VecDeque;

use crate::model::console::{Line, Ring};

/// Most numbers kept; the oldest are forgotten. Two mebibytes.
const NUMBERS_MAX: usize = 256 * 1024;

/// Numbers in rising order.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    numbers: VecDeque<u64>,
    /// The first line that was not looked at.
    next: u64,
}

impl Index {
    /// Looks at the lines that came since the last time and forgets those before `first`.
    pub(super) fn advance(&mut self, ring: &Ring, first: u64, fits: impl Fn(&Line<'_>) -> bool) {
        while self.numbers.front().is_some_and(|&seq| seq < first) {
            self.numbers.pop_front();
        }
        for line in ring.from(self.next.max(first)) {
            if fits(&line) {
                if self.numbers.len() >= NUMBERS_MAX {
                    self.numbers.pop_front();
                }
                self.numbers.push_back(line.seq);
            }
        }
        self.next = ring.next();
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    pub(super) fn len(&self) -> usize {
        self.numbers.len()
    }

    /// How many are before `seq`.
    pub(super) fn before(&self, seq: u64) -> usize {
        self.numbers.partition_point(|&known| known < seq)
    }

    /// The least that is `seq` or more.
    pub(super) fn at_or_after(&self, seq: u64) -> Option<u64> {
        self.numbers.get(self.before(seq)).copied()
    }

    /// The greatest that is `seq` or less.
    pub(super) fn at_or_before(&self, seq: u64) -> Option<u64> {
        let after = self.before(seq.saturating_add(1));
        self.numbers.get(after.checked_sub(1)?).copied()
    }
}
