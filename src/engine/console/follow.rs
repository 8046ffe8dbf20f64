//! The log of a container, opened again whenever it breaks off.

use std::{pin::Pin, sync::Arc, time::Duration};

use futures_util::{Stream, StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Semaphore;

use super::Source;
use crate::{
    docker::{Error, LogPiece, LogQuery},
    engine::beat,
    model::resume::Resume,
};

/// The first pause before a log that broke off is opened again; it doubles up to [`SLOWEST`].
const FIRST: Duration = Duration::from_millis(200);
const SLOWEST: Duration = Duration::from_secs(10);

/// After so many bytes from one stream Docker may have begun a new log file meanwhile, and a stream that met such a
/// change may stand still for ever (Docker 20.10 does). Silence is then no proof that nothing was written.
const DOUBT: usize = 1024 * 1024;
/// So long a silence is looked into, by opening the log again from where it was.
const SILENCE: Duration = Duration::from_secs(1);

/// Lines that are asked for when a log is opened again: Docker finds the end of a long log at once, and needs seconds
/// to find a moment in it. Where they do not reach back to what was read, the moment is asked for after all.
const OVERLAP: u32 = 2_000;
/// The same after a flood.
const OVERLAP_OF_FLOOD: u32 = 20_000;

/// A reader that is behind by this much …
const BEHIND: SignedDuration = SignedDuration::from_millis(500);
/// … and is then given lines that are so much younger than the one before may have been moved past others: Docker 20.10
/// leaves out the rest of a file when it begins a new one. What lies between is asked for.
const LEAP: SignedDuration = SignedDuration::from_millis(100);

type Pieces = Pin<Box<dyn Stream<Item = Result<LogPiece, Error>> + Send>>;

/// How soon what was written is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pace {
    /// When it comes: somebody waits for it.
    AtOnce,
    /// Together with what others wrote, at the next beat.
    InStep,
}

/// What following a log gives.
pub enum News {
    /// A new piece.
    Piece(LogPiece),
    /// The log ended: the container did, or the connection.
    Ended,
}

/// Follows one container's log.
pub struct Follow {
    /// How many logs of stopped containers are read at once, by all consoles.
    reads: Arc<Semaphore>,
    source: Option<Source>,
    resume: Resume,
    pieces: Option<Pieces>,
    /// When to try again.
    again: Option<tokio::time::Instant>,
    pause: Option<Duration>,
    /// Bytes that came since the stream was opened.
    came: usize,
    /// When the last of them did.
    last_came: tokio::time::Instant,
    /// The next piece is the first of a log that was opened again from its end: it must not be newer than what was read.
    meets: bool,
    /// The stream was opened at the very moment where the last one ended: its first piece needs no doubt.
    exact: bool,
    /// How old the last piece was when it came.
    behind: SignedDuration,
}

impl Follow {
    /// One that follows nothing yet.
    pub fn new(reads: Arc<Semaphore>) -> Self {
        Self {
            reads,
            source: None,
            resume: Resume::default(),
            pieces: None,
            again: None,
            pause: None,
            came: 0,
            last_came: tokio::time::Instant::now(),
            meets: false,
            exact: false,
            behind: SignedDuration::ZERO,
        }
    }

    /// Where it reads from.
    pub fn source(&self) -> Option<&Source> {
        self.source.as_ref()
    }

    /// Follows this container from now on; `tail` lines of what it wrote before, when nothing was read yet. Returns
    /// whether it is another container than before.
    pub fn follow(&mut self, source: Source, tail: u32) -> bool {
        let other = self.source.as_ref().is_none_or(|old| old.container != source.container);
        let was_running = self.source.as_ref().is_some_and(|old| old.running);
        if other {
            (self.resume, self.pieces) = (Resume::default(), None);
        }
        let begins = source.running && !was_running;
        self.source = Some(source);
        if self.pieces.is_none() && (other || begins || self.again.is_some()) {
            self.open(tail);
        }
        other
    }

    /// Stops reading. What was read stays read: the next [`Self::follow`] goes on from there.
    pub fn pause(&mut self) {
        (self.pieces, self.again) = (None, None);
        if let Some(source) = &mut self.source {
            source.running = false;
        }
    }

    /// Opens the log: its last `tail` lines when nothing was read yet, else from where it was.
    fn open(&mut self, tail: u32) {
        let overlap = if self.came >= DOUBT { OVERLAP_OF_FLOOD } else { OVERLAP };
        self.meets = self.resume.since().is_some();
        self.open_at(None, Some(if self.meets { overlap } else { tail }));
    }

    fn open_at(&mut self, since: Option<Timestamp>, tail: Option<u32>) {
        let Some(source) = &self.source else { return };
        let query = LogQuery { since, tail, follow: source.running, tty: source.tty };
        self.resume.reopened();
        self.exact = since.is_some();
        self.again = None;
        self.came = 0;
        let pieces = source.docker.logs(&source.container, query);
        self.pieces = Some(if source.running {
            Box::pin(pieces)
        } else {
            // The place is given up with the stream. The semaphore is never closed: without a place it goes on all the
            // same.
            let place = stream::once(self.reads.clone().acquire_owned());
            Box::pin(place.zip(stream::once(async { pieces })).flat_map(|(place, pieces)| {
                pieces.inspect(move |_| {
                    let _held = &place;
                })
            }))
        });
    }

    /// Waits for what comes next. Cancel-safe. Waits for ever when there is nothing to follow.
    pub async fn next(&mut self, pace: Pace) -> News {
        loop {
            if let Some(again) = self.again {
                tokio::time::sleep_until(again).await;
                self.open(0);
            }
            let doubt = self.came >= DOUBT && self.source.as_ref().is_some_and(|source| source.running);
            let Some(pieces) = &mut self.pieces else { return std::future::pending().await };
            let next = match doubt {
                false if pace == Pace::InStep => beat::next(pieces).await,
                false => pieces.next().await,
                true => match tokio::time::timeout_at(self.last_came + SILENCE, pieces.next()).await {
                    Ok(next) => next,
                    Err(_) => {
                        self.open(0);
                        continue;
                    }
                },
            };
            match next {
                Some(Ok(piece)) => {
                    self.pause = None;
                    if self.takes(&piece) {
                        return News::Piece(piece);
                    }
                }
                Some(Err(_)) | None => {
                    self.pieces = None;
                    self.retry_later();
                    return News::Ended;
                }
            }
        }
    }

    /// What is there already, without waiting.
    pub fn ready(&mut self) -> Option<LogPiece> {
        use futures_util::FutureExt;
        loop {
            let pieces = self.pieces.as_mut()?;
            match pieces.next().now_or_never()? {
                Some(Ok(piece)) => {
                    if self.takes(&piece) {
                        return Some(piece);
                    }
                }
                Some(Err(_)) | None => {
                    self.pieces = None;
                    self.retry_later();
                    return None;
                }
            }
        }
    }

    /// Whether a piece is new. One that shows that the overlap was too short is not taken: the log is opened anew.
    fn takes(&mut self, piece: &LogPiece) -> bool {
        if std::mem::take(&mut self.meets)
            && let Some(last) = self.resume.since().filter(|last| piece.at > *last)
        {
            self.open_at(Some(last), None);
            return false;
        }
        if !self.exact
            && self.came >= DOUBT
            && self.behind >= BEHIND
            && let Some(last) = self.resume.since().filter(|last| piece.at.duration_since(*last) >= LEAP)
        {
            self.open_at(Some(last), None);
            return false;
        }
        let new = self.resume.take(piece.at);
        if new {
            self.exact = false;
            self.behind = Timestamp::now().duration_since(piece.at);
            self.came += piece.data.len();
            self.last_came = tokio::time::Instant::now();
        }
        new
    }

    /// Whether there is nothing open to read from.
    pub fn has_ended(&self) -> bool {
        self.pieces.is_none()
    }

    /// A running container whose log ends is about to end itself, or its connection broke: Docker's events tell
    /// which, and until they do it is tried again.
    fn retry_later(&mut self) {
        if self.source.as_ref().is_some_and(|source| source.running) {
            let pause = self.pause.map_or(FIRST, |pause| (pause * 2).min(SLOWEST));
            self.pause = Some(pause);
            self.again = Some(tokio::time::Instant::now() + pause);
        }
    }
}
