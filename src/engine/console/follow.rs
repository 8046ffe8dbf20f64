//! The log of a container, opened again whenever it breaks off.

use std::{pin::Pin, sync::Arc, time::Duration};

use futures_util::{Stream, StreamExt, stream};
use tokio::sync::Semaphore;

use super::{Source, resume::Resume};
use crate::docker::{Error, LogPiece, LogQuery};

/// The first pause before a log that broke off is opened again; it doubles up to [`SLOWEST`].
const FIRST: Duration = Duration::from_millis(200);
const SLOWEST: Duration = Duration::from_secs(10);

type Pieces = Pin<Box<dyn Stream<Item = Result<LogPiece, Error>> + Send>>;

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
}

impl Follow {
    /// One that follows nothing yet.
    pub fn new(reads: Arc<Semaphore>) -> Self {
        Self { reads, source: None, resume: Resume::default(), pieces: None, again: None, pause: None }
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

    fn open(&mut self, tail: u32) {
        let Some(source) = &self.source else { return };
        let since = self.resume.since();
        let query = LogQuery {
            since,
            tail: since.is_none().then_some(tail),
            follow: source.running,
            tty: source.tty,
        };
        self.resume.reopened();
        self.again = None;
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
    pub async fn next(&mut self) -> News {
        loop {
            if let Some(again) = self.again {
                tokio::time::sleep_until(again).await;
                self.open(0);
            }
            let Some(pieces) = &mut self.pieces else { return std::future::pending().await };
            match pieces.next().await {
                Some(Ok(piece)) => {
                    self.pause = None;
                    if self.resume.take(piece.at) {
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
        let pieces = self.pieces.as_mut()?;
        loop {
            match pieces.next().now_or_never()? {
                Some(Ok(piece)) if self.resume.take(piece.at) => return Some(piece),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => {
                    self.pieces = None;
                    self.retry_later();
                    return None;
                }
            }
        }
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
