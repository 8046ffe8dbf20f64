//! How far the work on an archive is, and whether anybody still waits for it.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use super::error::Error;

/// Counters of one piece of work. Clones are the same counters: one is handed in, the other is looked at.
#[derive(Clone, Debug, Default)]
pub struct Meter(Arc<Counters>);

#[derive(Debug, Default)]
struct Counters {
    taken: AtomicU64,
    kept: AtomicU64,
    written: AtomicU64,
    files: AtomicU64,
    read_back: AtomicU64,
}

impl Meter {
    /// All at zero.
    pub fn new() -> Self {
        Self::default()
    }

    /// Bytes of the tar stream that were taken in, what is left out included.
    pub fn taken(&self) -> u64 {
        self.0.taken.load(Ordering::Relaxed)
    }

    /// Bytes of files that went into the archive, those that were read again included.
    pub fn kept(&self) -> u64 {
        self.0.kept.load(Ordering::Relaxed)
    }

    /// Bytes of the archive that were written.
    pub fn written(&self) -> u64 {
        self.0.written.load(Ordering::Relaxed)
    }

    /// Files that were read as a whole.
    pub fn files(&self) -> u64 {
        self.0.files.load(Ordering::Relaxed)
    }

    /// Bytes of the archive that were read again, to verify it or to unpack it.
    pub fn read_back(&self) -> u64 {
        self.0.read_back.load(Ordering::Relaxed)
    }

    pub(super) fn add_taken(&self, bytes: u64) {
        self.0.taken.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(super) fn add_kept(&self, bytes: u64) {
        self.0.kept.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(super) fn add_written(&self, bytes: u64) {
        self.0.written.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(super) fn add_file(&self) {
        self.0.files.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn add_read_back(&self, bytes: u64) {
        self.0.read_back.fetch_add(bytes, Ordering::Relaxed);
    }
}

/// Tells a thread that nobody waits for it any more.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// # Errors
    /// [`Error::Cancelled`] when nobody waits any more.
    pub fn check(&self) -> Result<(), Error> {
        if self.0.load(Ordering::Relaxed) { Err(Error::Cancelled) } else { Ok(()) }
    }

    /// Called when this is dropped.
    pub fn guard(&self) -> StopGuard {
        StopGuard(self.clone())
    }
}

/// Stops the work when it is dropped.
#[derive(Debug)]
pub struct StopGuard(Stop);

impl Drop for StopGuard {
    fn drop(&mut self) {
        self.0.0.store(true, Ordering::Relaxed);
    }
}

/// Runs work on a thread of its own. Dropping what this returns stops it at its next step.
///
/// # Errors
/// The work's, or [`Error::Gone`].
pub(super) async fn on_thread<T: Send + 'static>(
    name: &str,
    work: impl FnOnce(&Stop) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let stop = Stop::default();
    let _guard = stop.guard();
    let (done, result) = tokio::sync::oneshot::channel();
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || {
            let _ = done.send(work(&stop));
        })
        .map_err(|_| Error::Gone)?;
    result.await.map_err(|_| Error::Gone)?
}
