//! Where in a log one was, so that it can be opened again without a gap and without a line twice.

use jiff::Timestamp;

/// The place after the last piece that was taken.
///
/// Docker can be asked for what was written at a moment or later, so the pieces of that very moment come again: they
/// are counted, and that many passed over.
#[derive(Clone, Debug, Default)]
pub struct Resume {
    last: Option<Timestamp>,
    /// How many pieces of that moment were taken.
    taken: u32,
    /// How many pieces of that moment are still to be passed over.
    pass: u32,
}

impl Resume {
    /// The moment to ask from; `None` when nothing was taken yet.
    pub fn since(&self) -> Option<Timestamp> {
        self.last
    }

    /// The log was opened again, from [`Self::since`] on.
    pub fn reopened(&mut self) {
        self.pass = self.taken;
    }

    /// Whether a piece with this time is new.
    pub fn take(&mut self, at: Timestamp) -> bool {
        match self.last {
            Some(last) if at < last => false,
            Some(last) if at == last && self.pass > 0 => {
                self.pass -= 1;
                false
            }
            Some(last) if at == last => {
                self.taken += 1;
                true
            }
            _ => {
                (self.last, self.taken, self.pass) = (Some(at), 1, 0);
                true
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(nanosecond: i64) -> Timestamp {
        Timestamp::from_nanosecond(i128::from(nanosecond)).unwrap()
    }

    proptest! {
        /// Whatever the times and wherever the stream breaks off: each piece once, in order.
        #[test]
        fn each_piece_once(steps in prop::collection::vec(0i64..3, 1..60), cuts in prop::collection::vec(0usize..60, 0..8)) {
            let mut now = 0;
            let log: Vec<_> = steps.iter().map(|step| { now += step; at(now) }).collect();
            let mut resume = Resume::default();
            let mut taken = Vec::new();
            for end in cuts.iter().map(|cut| *cut % log.len()).chain([log.len()]) {
                resume.reopened();
                let since = resume.since();
                for (index, moment) in log.iter().enumerate() {
                    if since.is_some_and(|since| *moment < since) { continue; }
                    // A stream that breaks off: nothing behind what was seen before is seen again this time.
                    if index >= end.max(taken.len()) { break; }
                    if resume.take(*moment) { taken.push(index); }
                }
            }
            prop_assert_eq!(taken, (0..log.len()).collect::<Vec<_>>());
        }
    }
}
