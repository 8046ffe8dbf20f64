//! Making an archive out of the tar streams that Docker gives.
//!
//! One thread reads the streams and writes one of its own, others pack it, one writes, and others follow and read back what
//! is written. What is taken in is never held as a whole: memory depends on the number of files alone. The streams are read
//! on that very thread: while it is busy with what came, more comes together, and is then read with one call and not with
//! one for each of Docker's small pieces.

mod book;
mod finish;
mod inbox;
mod pace;
mod proof;
mod sink;
mod trace;
mod trail;
mod worker;

use std::{error::Error as StdError, path::PathBuf, pin::Pin, time::Instant};

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use tokio::{
    runtime,
    sync::{mpsc, oneshot},
};

use super::{
    error::Error,
    filter::Filter,
    lanes,
    manifest::{About, Manifest},
    meter::{Meter, Stop, StopGuard},
    place,
};
use crate::model::backup::Packing;

/// Orders that wait. Each is waited for by who gave it.
const WAITING: usize = 4;

/// How an archive is to be made.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The archive's path; the folder is made where it is not there. [`super::place::name`] gives the file its name.
    pub path: PathBuf,
    /// How it is packed.
    pub packing: Packing,
    /// What goes in.
    pub filter: Filter,
    /// Most bytes a second that are read; `None` for no limit.
    pub rate: Option<u64>,
    /// Bytes that must stay free on the disk.
    pub leave_free: u64,
    /// Bytes that the archive will probably have, such as the last one had; 0 where it is not known.
    pub expected: u64,
    /// Threads that pack; 0 for as many as there are cores.
    pub threads: usize,
}

/// What came of a stream.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Taken {
    /// Files that came only as second names of files that came before (hard links). Each is to be read by itself and given
    /// to [`Packer::again`].
    pub linked: Vec<String>,
}

/// A file as it is in the archive now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Seen {
    /// From the data folder on.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// When it was last written, in seconds since 1970.
    pub modified: u64,
    /// Whether the stream ended within it, so that it must be read again.
    pub cut: bool,
}

/// What goes wrong with a stream.
type Failure = Box<dyn StdError + Send + Sync>;
/// A stream that is taken in.
type Tar = Pin<Box<dyn Stream<Item = Result<Bytes, Failure>> + Send>>;

enum Message {
    /// Take a stream in.
    Take(Feed, Tar, oneshot::Sender<Result<Taken, Error>>),
    /// What is in the archive.
    Seen(oneshot::Sender<Vec<Seen>>),
    /// All is in.
    Finish(Box<About>, Vec<String>, oneshot::Sender<Result<Manifest, Error>>),
}

/// What a stream holds.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Feed {
    /// A folder of this name, the data folder, with all that is in it.
    Whole(String),
    /// This one file of the data folder.
    File(String),
}

/// An archive that is being made. Nothing is there under its name before [`Self::finish`] has returned; dropping this
/// removes what was written.
pub struct Packer {
    messages: mpsc::Sender<Message>,
    meter: Meter,
    gone: Option<oneshot::Receiver<Error>>,
    _stop: StopGuard,
}

impl Packer {
    /// Begins an archive. Progress is counted in `meter`. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// [`Error::NoSpace`], [`Error::Exists`], or the disk's.
    pub async fn begin(plan: Plan, meter: Meter) -> Result<Self, Error> {
        let (messages, inbox) = mpsc::channel(WAITING);
        let (ready, begun) = oneshot::channel();
        let (leave, gone) = oneshot::channel();
        let stop = Stop::default();
        let guard = stop.guard();
        let counted = meter.clone();
        let runtime = runtime::Handle::current();
        std::thread::Builder::new()
            .name("tar".into())
            .spawn(move || worker::run(plan, inbox, runtime, counted, stop, ready, leave))
            .map_err(|_| Error::Gone)?;
        begun.await.map_err(|_| Error::Gone)??;
        Ok(Self { messages, meter, gone: Some(gone), _stop: guard })
    }

    /// Counts how far it is.
    pub fn meter(&self) -> &Meter {
        &self.meter
    }

    /// Takes a whole data folder in, as Docker's archive of `/data` gives it: every path in it begins with `folder`
    /// (`data`). After an error that says so ([`Error::can_go_on`]) it may be given once more: files that are there
    /// already, with the same size and time, are passed over.
    ///
    /// # Errors
    /// [`Error::Cut`] when the stream ended too early, [`Error::Source`] when it gave an error, [`Error::NotTar`],
    /// [`Error::TooMany`], [`Error::NoSpace`], or the disk's.
    pub async fn take<E: StdError + Send + Sync + 'static>(
        &mut self,
        folder: &str,
        tar: impl Stream<Item = Result<Bytes, E>> + Send + 'static,
    ) -> Result<Taken, Error> {
        self.feed(Feed::Whole(folder.to_owned()), tar).await
    }

    /// Takes one file in that changed while it was read, or that came as a hard link: Docker's archive of that file. It
    /// takes the place of what was read before.
    ///
    /// # Errors
    /// As [`Self::take`]; [`Error::NothingThere`] when it is no file any more.
    pub async fn again<E: StdError + Send + Sync + 'static>(
        &mut self,
        path: &str,
        tar: impl Stream<Item = Result<Bytes, E>> + Send + 'static,
    ) -> Result<(), Error> {
        self.feed(Feed::File(path.to_owned()), tar).await.map(|_| ())
    }

    /// The files that are in the archive now, sorted by path.
    ///
    /// # Errors
    /// What the thread ended with.
    pub async fn seen(&mut self) -> Result<Vec<Seen>, Error> {
        let (give, seen) = oneshot::channel();
        self.tell(Message::Seen(give)).await?;
        self.reply(seen).await
    }

    /// Ends the archive with its manifest, syncs it, reads all of it back and compares it, and gives it its name. Files in
    /// `torn`, and those that a stream ended within, are marked.
    ///
    /// # Errors
    /// [`Error::NoSpace`], [`Error::Damaged`] when what was read is not what was written, [`Error::Exists`], or the disk's.
    /// Nothing is there then.
    pub async fn finish(mut self, about: About, torn: Vec<String>) -> Result<Manifest, Error> {
        let (give, done) = oneshot::channel();
        self.tell(Message::Finish(Box::new(about), torn, give)).await?;
        self.reply(done).await?
    }

    /// Removes what was written, and returns when it is gone.
    pub async fn abandon(mut self) {
        let gone = self.gone.take();
        drop(self);
        if let Some(gone) = gone {
            let _ = gone.await;
        }
    }

    async fn feed<E: StdError + Send + Sync + 'static>(
        &mut self,
        feed: Feed,
        tar: impl Stream<Item = Result<Bytes, E>> + Send + 'static,
    ) -> Result<Taken, Error> {
        let tar = Box::pin(tar.map(|piece| piece.map_err(|error| Failure::from(error))));
        let (give, taken) = oneshot::channel();
        self.tell(Message::Take(feed, tar, give)).await?;
        self.reply(taken).await?
    }

    async fn tell(&mut self, message: Message) -> Result<(), Error> {
        match self.messages.send(message).await {
            Ok(()) => Ok(()),
            Err(_) => Err(self.why().await),
        }
    }

    async fn reply<T>(&mut self, reply: oneshot::Receiver<T>) -> Result<T, Error> {
        match reply.await {
            Ok(value) => Ok(value),
            Err(_) => Err(self.why().await),
        }
    }

    /// What the thread ended with.
    async fn why(&mut self) -> Error {
        match self.gone.take() {
            Some(gone) => gone.await.unwrap_or(Error::Gone),
            None => Error::Gone,
        }
    }
}

/// What the threads share from the start to the end of an archive.
struct Making {
    plan: Plan,
    partial: place::Partial,
    meter: Meter,
    stop: Stop,
    began: Instant,
}

impl Making {
    fn threads(&self) -> usize {
        match self.plan.threads {
            0 => lanes::threads(),
            some => some,
        }
    }
}
