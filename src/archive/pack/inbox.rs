//! The stream that is being given, as pieces.
//!
//! It is read in step: whoever is woken for each of Docker's small pieces makes Docker wake somebody thousands of times a
//! second, which costs both more than the pieces. A socket holds what comes in a step, so Docker does not wait.

use std::{thread, time::Duration};

use bytes::Bytes;
use futures_util::{FutureExt, StreamExt};
use tokio::{runtime, sync::oneshot};

use super::{
    super::{
        error::Error,
        meter::{Meter, Stop},
        ustar::Pull,
    },
    Failure, Taken, Tar,
    pace::Pace,
};

/// The pause between two looks. At the rate at which Docker hands an archive over, a socket is half full by then.
const STEP: Duration = Duration::from_micros(250);
/// So many looks in vain, and the stream is waited for: it may be quiet for long.
const IN_VAIN: u32 = 40;

/// A stream that is read to its end, and no further.
pub struct Inbox {
    runtime: runtime::Handle,
    /// Nothing is read after its end.
    tar: Option<Tar>,
    /// Closed when nobody waits for it any more.
    taken: oneshot::Sender<Result<Taken, Error>>,
    /// What the stream ended with.
    failed: Option<Failure>,
    meter: Meter,
    stop: Stop,
    pace: Pace,
}

impl Inbox {
    /// What is read is counted in `meter`, and goes no faster than `pace`.
    pub fn new(
        runtime: runtime::Handle,
        tar: Tar,
        taken: oneshot::Sender<Result<Taken, Error>>,
        meter: Meter,
        stop: Stop,
        pace: Pace,
    ) -> Self {
        Self { runtime, tar: Some(tar), taken, failed: None, meter, stop, pace }
    }

    /// Who waits for what came of it, what the stream ended with, and the pace for the next one.
    pub fn leave(self) -> (oneshot::Sender<Result<Taken, Error>>, Option<Failure>, Pace) {
        (self.taken, self.failed, self.pace)
    }

    /// What comes next of the stream; `None` at its end, or when it was given up.
    fn next(&mut self) -> Option<Result<Bytes, Failure>> {
        let (tar, taken) = (self.tar.as_mut()?, &mut self.taken);
        let within = self.runtime.enter();
        for _ in 0..IN_VAIN {
            // Also while there is always something: Docker holds a container as long as its archive is being read.
            if taken.is_closed() || self.stop.check().is_err() {
                return None;
            }
            if let Some(next) = tar.next().now_or_never() {
                return next;
            }
            thread::sleep(STEP);
        }
        drop(within);
        self.runtime.block_on(async {
            tokio::select! {
                biased;
                () = taken.closed() => None,
                piece = tar.next() => piece,
            }
        })
    }
}

impl Pull for Inbox {
    fn pull(&mut self) -> Result<Option<Bytes>, Error> {
        loop {
            self.stop.check()?;
            match self.next() {
                Some(Ok(piece)) if piece.is_empty() => {}
                Some(Ok(piece)) => {
                    self.meter.add_taken(piece.len() as u64);
                    let (taken, stop) = (&self.taken, &self.stop);
                    self.pace.spend(piece.len() as u64, || taken.is_closed() || stop.check().is_err());
                    return Ok(Some(piece));
                }
                over => {
                    self.failed = over.and_then(Result::err).or(self.failed.take());
                    self.tar = None;
                    return Ok(None);
                }
            }
        }
    }
}
