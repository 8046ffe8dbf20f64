//! What is written of an archive so far: who writes tells, who reads it back follows.

use std::{
    collections::VecDeque,
    fs::File,
    num::NonZeroU64,
    path::PathBuf,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rustix::fs::{Advice, fadvise};

use super::super::{error::Error, meter::Stop, pieces::Extent};

/// So many pieces are followed at once: each time, the disk is made to take them.
const BATCH: usize = 64;
/// How often who waits looks whether anybody still waits for it.
const LOOK: Duration = Duration::from_millis(200);

/// Clones are the same one.
#[derive(Clone, Default)]
pub struct Trail(Arc<(Mutex<State>, Condvar)>);

#[derive(Default)]
struct State {
    /// Bytes of each piece, in the file and unpacked.
    pieces: Vec<(u32, usize)>,
    end: End,
}

#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum End {
    /// More comes.
    #[default]
    Open,
    /// All is written and synced.
    Whole,
    /// It will never be whole.
    Gone,
}

impl Trail {
    /// A piece was written: bytes in the file, and unpacked.
    pub fn add(&self, packed: u32, unpacked: usize) {
        self.lock().pieces.push((packed, unpacked));
        self.0.1.notify_all();
    }

    /// All is written and synced.
    pub fn whole(&self) {
        self.end(End::Whole);
    }

    /// Nothing more comes. What is whole stays so.
    pub fn gone(&self) {
        self.end(End::Gone);
    }

    /// Bytes of each piece in the file so far.
    pub fn sizes(&self) -> Vec<u32> {
        self.lock().pieces.iter().map(|(packed, _)| *packed).collect()
    }

    /// The pieces, each when it has been written, from the disk as far as the system lets us ask for that.
    pub fn follow(&self, path: PathBuf, file: File, stop: Stop) -> Follow {
        Follow { trail: self.clone(), path, file, stop, batch: VecDeque::new(), number: 0, at: 0 }
    }

    fn end(&self, end: End) {
        let mut state = self.lock();
        if state.end == End::Open {
            state.end = end;
        }
        drop(state);
        self.0.1.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Pieces that were written; waits for those that are yet to be.
pub struct Follow {
    trail: Trail,
    path: PathBuf,
    file: File,
    stop: Stop,
    batch: VecDeque<(u32, usize)>,
    number: usize,
    at: u64,
}

impl Follow {
    /// Waits for enough pieces to be worth the disk's while, or for the end.
    fn more(&mut self) -> Result<(), Error> {
        let mut state = self.trail.lock();
        while state.end == End::Open && state.pieces.len() < self.number + BATCH {
            self.stop.check()?;
            let waited = self.trail.0.1.wait_timeout(state, LOOK);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        if state.end == End::Gone {
            return Err(Error::Cancelled);
        }
        let synced = state.end == End::Whole;
        self.batch.extend(state.pieces.get(self.number..).unwrap_or_default());
        drop(state);
        if !synced {
            self.file.sync_data().map_err(|error| Error::disk(&self.path, error))?;
        }
        let bytes: u64 = self.batch.iter().map(|(packed, _)| u64::from(*packed)).sum();
        let _ = fadvise(&self.file, self.at, NonZeroU64::new(bytes), Advice::DontNeed);
        Ok(())
    }
}

impl Iterator for Follow {
    type Item = Result<Extent, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.batch.is_empty()
            && let Err(error) = self.more()
        {
            return Some(Err(error));
        }
        let (packed, unpacked) = self.batch.pop_front()?;
        let extent = Extent { number: self.number, at: self.at, packed, unpacked };
        self.number += 1;
        self.at += u64::from(packed);
        Some(Ok(extent))
    }
}
