//! Work on several threads whose results come in the order of what was handed in.
//!
//! Pieces go to the threads in turn and are taken from them in turn. At most one waits before each and one behind it, so
//! memory is bounded by the number of threads.

use std::{
    io,
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread,
};

/// Most threads that pack or unpack.
const MOST: usize = 8;

/// Where pieces are handed in. Dropping it ends the work.
pub struct Into<I> {
    lanes: Vec<SyncSender<I>>,
    next: usize,
}

/// Where results are taken.
pub struct OutOf<O> {
    lanes: Vec<Receiver<O>>,
    next: usize,
}

/// As many threads as this machine has cores, bounded.
pub fn threads() -> usize {
    thread::available_parallelism().map_or(2, usize::from).clamp(1, MOST)
}

/// Starts threads, each with a worker of its own.
///
/// # Errors
/// The system's, when it gives no more threads.
pub fn lanes<I, O, W>(
    count: usize,
    name: &str,
    mut worker: impl FnMut() -> W,
) -> io::Result<(Into<I>, OutOf<O>)>
where
    I: Send + 'static,
    O: Send + 'static,
    W: FnMut(I) -> O + Send + 'static,
{
    let mut ends = (Vec::new(), Vec::new());
    for _ in 0..count.clamp(1, MOST) {
        let (put, pieces) = sync_channel::<I>(1);
        let (give, results) = sync_channel(1);
        let mut work = worker();
        thread::Builder::new().name(name.to_owned()).spawn(move || {
            for piece in pieces {
                if give.send(work(piece)).is_err() {
                    return;
                }
            }
        })?;
        ends.0.push(put);
        ends.1.push(results);
    }
    Ok((Into { lanes: ends.0, next: 0 }, OutOf { lanes: ends.1, next: 0 }))
}

impl<I> Into<I> {
    /// Hands a piece in; waits while the threads are busy. `false` when they are gone.
    pub fn put(&mut self, piece: I) -> bool {
        let lane = self.next % self.lanes.len();
        self.next += 1;
        self.lanes.get(lane).is_some_and(|lane| lane.send(piece).is_ok())
    }
}

impl<O> OutOf<O> {
    /// The next result; `None` after the last, or when a thread died.
    pub fn take(&mut self) -> Option<O> {
        let lane = self.next % self.lanes.len();
        self.next += 1;
        self.lanes.get(lane)?.recv().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order_whatever_they_take() {
        let (mut into, mut out_of) = lanes(3, "test", || {
            |number: u64| {
                thread::sleep(std::time::Duration::from_micros(number * 7919 % 300));
                number * 2
            }
        })
        .unwrap();
        let feeding = thread::spawn(move || (0..500).all(|number| into.put(number)));
        let results: Vec<u64> = std::iter::from_fn(|| out_of.take()).collect();
        assert!(feeding.join().unwrap());
        assert_eq!(results, (0..500).map(|number| number * 2).collect::<Vec<_>>());
    }

    #[test]
    fn who_hands_in_is_told_when_nobody_takes() {
        let (mut into, out_of) = lanes(2, "test", || |number: u64| number).unwrap();
        drop(out_of);
        assert!((0..100).any(|number| !into.put(number)));
    }
}
