//! Tasks that are counted, so that whoever began them can wait for their end.

use std::{future::Future, pin::Pin};

use tokio::task::JoinHandle;
use tokio_util::task::{
    TaskTracker,
    task_tracker::{TaskTrackerWaitFuture, TrackedFuture},
};

/// Tasks of one owner. All clones count the same ones.
///
/// Each is boxed when it begins: the runtime has several kilobytes of code for every sort of future that it is given,
/// once for each of its two schedulers, and the program begins sixty sorts.
#[derive(Clone, Debug, Default)]
pub struct Tasks(TaskTracker);

impl Tasks {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins one.
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        let boxed: Pin<Box<dyn Future<Output = F::Output> + Send>> = Box::pin(future);
        self.0.spawn(boxed)
    }

    /// Begins work that computes or waits on a thread of its own.
    pub fn spawn_blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> JoinHandle<T> {
        self.0.spawn_blocking(work)
    }

    /// Counts a future that somebody else runs.
    pub fn track_future<F: Future>(&self, future: F) -> TrackedFuture<F> {
        self.0.track_future(future)
    }

    /// No more will come: [`Self::wait`] ends once all have.
    pub fn close(&self) {
        self.0.close();
    }

    /// Waits until they are closed and all have ended. Cancel-safe.
    pub fn wait(&self) -> TaskTrackerWaitFuture<'_> {
        self.0.wait()
    }
}
