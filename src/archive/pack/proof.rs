//! The proof that what was written can be read: all of it is read back while more is still copied.
//!
//! Copying leaves the processors something to do it with; afterwards it would take a third of the time again. It takes what
//! copying leaves: the server's saving is off meanwhile.

use std::{
    fs::File,
    path::Path,
    thread::{self, JoinHandle},
};

use sha2::{Digest, Sha256};

use super::{
    super::{
        error::Error,
        manifest::Hash,
        meter::{Meter, Stop},
        pieces::Pieces,
        ustar::{Kind, Members, Trust},
        verify,
    },
    trace::Trace,
    trail::Trail,
};
use crate::model::backup::Packing;

/// How much less of the processors the threads ask for than those that copy, by the measure of `nice`.
const NICE: i32 = 5;

/// What was read back.
#[derive(Debug)]
pub struct Found {
    /// The file's checksum.
    pub file: Hash,
    /// What [`Trace`] gives.
    pub members: Hash,
}

/// Threads that read an archive back while it is written.
pub struct Proof {
    trail: Trail,
    thread: Option<JoinHandle<Result<Found, Error>>>,
}

impl Proof {
    /// Begins to follow what is written to `path`.
    ///
    /// # Errors
    /// The disk's, or the system's when it gives no threads.
    pub fn begin(
        path: &Path,
        packing: Packing,
        trail: Trail,
        threads: usize,
        meter: Meter,
        stop: Stop,
    ) -> Result<Self, Error> {
        let disk = |error| Error::disk(path, error);
        let (file, synced) = (File::open(path).map_err(disk)?, File::open(path).map_err(disk)?);
        let follow = trail.follow(path.to_owned(), synced, stop.clone());
        let path = path.to_owned();
        let thread = thread::Builder::new()
            .name("read back".into())
            .spawn(move || {
                // Those that it starts ask for as little as it does. Without this it only takes its part.
                let _ = rustix::process::setpriority_process(None, NICE);
                let pieces = Pieces::follow(&path, file, packing, follow, threads, meter, stop)?;
                read(&path, pieces)
            })
            .map_err(|_| Error::Gone)?;
        Ok(Self { trail, thread: Some(thread) })
    }

    /// Bytes in the file of each piece so far.
    pub fn sizes(&self) -> Vec<u32> {
        self.trail.sizes()
    }

    /// What was read. Called when all is written and synced.
    ///
    /// # Errors
    /// [`Error::Damaged`], [`Error::Cancelled`], or the disk's.
    pub fn end(mut self) -> Result<Found, Error> {
        self.trail.whole();
        self.thread.take().ok_or(Error::Gone)?.join().map_err(|_| Error::Gone)?
    }
}

impl Drop for Proof {
    // The file is closed when this returns, so that it can be removed and its space is free.
    fn drop(&mut self) {
        self.trail.gone();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn read(path: &Path, pieces: Pieces) -> Result<Found, Error> {
    let mut members = Members::new(pieces, Trust::Own);
    let mut trace = Trace::default();
    while let Some(member) = members.next().map_err(|fail| verify::error(path, fail))? {
        let mut content = None;
        if member.kind == Kind::File {
            let mut hash = Sha256::new();
            while let Some(piece) = members.body().map_err(|fail| verify::error(path, fail))? {
                hash.update(&piece);
            }
            content = Some(Hash(hash.finalize().into()));
        }
        trace.found(&member, content);
    }
    Ok(Found { file: members.into_source().hash()?, members: trace.end() })
}

#[cfg(test)]
#[path = "proof_tests.rs"]
mod tests;
