//! The stream that is being given, as pieces.
//!
//! It is read in step: whoever is woken for each of Docker's small pieces makes Docker wake somebody thousands of times a
//! second, which costs both more than the pieces. A socket holds what comes in a step, so Docker does not wait. For the
//! same reason the thread that reads does nothing else: while pieces are hashed, the next ones are let in.

use std::{
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread::{self, JoinHandle},
    time::Duration,
};

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
/// Pieces that wait to be taken. Docker's have 256 KiB at most.
const WAITING: usize = 16;

/// Told what came of the stream; closed when nobody waits for that any more.
type Told = oneshot::Sender<Result<Taken, Error>>;

/// A stream that is read to its end, and no further.
pub struct Inbox {
    pieces: Receiver<Bytes>,
    reader: JoinHandle<(Told, Option<Failure>)>,
    meter: Meter,
    stop: Stop,
    pace: Pace,
}

impl Inbox {
    /// Begins to read. What is read is counted in `meter`, and goes no faster than `pace`.
    ///
    /// # Errors
    /// [`Error::Gone`] when the system gives no thread.
    pub fn open(
        runtime: runtime::Handle,
        tar: Tar,
        told: Told,
        meter: Meter,
        stop: Stop,
        pace: Pace,
    ) -> Result<Self, Error> {
        let (give, pieces) = sync_channel(WAITING);
        let reader = Reader { runtime, tar, told, stop: stop.clone() };
        let reader = thread::Builder::new()
            .name("stream".into())
            .spawn(move || reader.run(&give))
            .map_err(|_| Error::Gone)?;
        Ok(Self { pieces, reader, meter, stop, pace })
    }

    /// Who waits for what came of it, what the stream ended with, and the pace for the next one.
    ///
    /// # Errors
    /// [`Error::Gone`] when the thread that read died.
    pub fn leave(self) -> Result<(Told, Option<Failure>, Pace), Error> {
        drop(self.pieces);
        let (told, failed) = self.reader.join().map_err(|_| Error::Gone)?;
        Ok((told, failed, self.pace))
    }
}

impl Pull for Inbox {
    fn pull(&mut self) -> Result<Option<Bytes>, Error> {
        self.stop.check()?;
        let Ok(piece) = self.pieces.recv() else { return Ok(None) };
        self.meter.add_taken(piece.len() as u64);
        self.pace.spend(piece.len() as u64, &self.stop)?;
        Ok(Some(piece))
    }
}

/// What the thread that reads has.
struct Reader {
    runtime: runtime::Handle,
    tar: Tar,
    told: Told,
    stop: Stop,
}

impl Reader {
    /// Reads to the end, or until nobody takes anything any more.
    fn run(mut self, pieces: &SyncSender<Bytes>) -> (Told, Option<Failure>) {
        let failed = loop {
            match self.next() {
                Some(Ok(piece)) if piece.is_empty() => {}
                Some(Ok(piece)) => {
                    if pieces.send(piece).is_err() {
                        break None;
                    }
                }
                over => break over.and_then(Result::err),
            }
        };
        (self.told, failed)
    }

    /// What comes next of the stream; `None` at its end, or when it was given up.
    fn next(&mut self) -> Option<Result<Bytes, Failure>> {
        let within = self.runtime.enter();
        for _ in 0..IN_VAIN {
            if let Some(next) = self.tar.next().now_or_never() {
                return next;
            }
            if self.told.is_closed() || self.stop.check().is_err() {
                return None;
            }
            thread::sleep(STEP);
        }
        drop(within);
        let (tar, told) = (&mut self.tar, &mut self.told);
        self.runtime.block_on(async {
            tokio::select! {
                biased;
                () = told.closed() => None,
                piece = tar.next() => piece,
            }
        })
    }
}
