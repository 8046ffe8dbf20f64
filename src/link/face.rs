//! A face's side of a connection: the engine's handle, made of frames.

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
};

use bytes::{Bytes, BytesMut};
use tokio::{
    sync::{broadcast, mpsc, watch},
    task::JoinHandle,
    time::{Instant, timeout, timeout_at},
};
use uuid::Uuid;

use super::{
    asks::{Ask, Parted, Reply, part},
    codec::{Boxed, Reader, Writer, split},
    frame::{self, Down, Up},
    protocol::{ANSWER_MAX, BEAT, Error, GREETING, Hello, SILENCE, WINDOW, WORLDS, Welcome},
    world::Mirror,
};
use crate::{
    engine::{Handle, Request},
    model::{Event, Fault, FaultKind, Origin, Snapshot, console::Batch},
};

/// Requests that may wait to be sent.
const REQUESTS: usize = 256;
/// Events that a face may be behind before it loses the oldest.
const EVENTS: usize = 256;
/// Frames that may wait to be sent.
const FRAMES: usize = 64;

/// An engine, in this process or at the other end of a connection. Its snapshots end when it does.
#[derive(Clone, Debug)]
pub struct Backend {
    /// The way in.
    pub handle: Handle,
    /// This run of the engine.
    pub run: Uuid,
    /// Its process.
    pub pid: u32,
    /// Why the connection ended, once it has.
    ended: Arc<OnceLock<String>>,
}

impl Backend {
    /// An engine in this process.
    pub fn here(handle: Handle, run: Uuid) -> Self {
        Self { handle, run, pid: std::process::id(), ended: Arc::default() }
    }

    /// Why it ended, where that is known.
    pub fn why(&self) -> Option<&str> {
        self.ended.get().map(String::as_str)
    }
}

/// As whom one joins.
#[derive(Clone, Debug)]
pub struct Joining {
    /// Which face.
    pub origin: Origin,
    /// Whether every change is refused on this side already.
    pub read_only: bool,
}

/// Joins an engine over a byte stream. Returns when the world is known.
///
/// # Errors
/// That no engine speaks there, that it refuses, or that the versions do not fit.
pub async fn join(stream: Boxed, joining: &Joining) -> Result<Backend, Error> {
    let (mut reader, mut writer) = split(stream);
    let welcome = greet(&mut reader, &mut writer, Hello::of(joining.origin.clone())).await?;
    let (requests, asked) = mpsc::channel(REQUESTS);
    let (snapshot, snapshots) = watch::channel(Arc::default());
    let (events, _) = broadcast::channel(EVENTS);
    let (out, frames) = mpsc::channel(FRAMES);
    let ended = Arc::new(OnceLock::new());
    let mut face = Face {
        out,
        snapshot,
        events: events.clone(),
        read_only: joining.read_only,
        mirror: Mirror::default(),
        seen: 0,
        pending: HashMap::new(),
        streams: HashMap::new(),
        count: 0,
    };
    let writing = tokio::spawn(write(writer, frames));
    let first = async {
        loop {
            let frame = reader.next().await?;
            if face.take(frame).await? {
                return Ok::<_, Error>(());
            }
        }
    };
    timeout(GREETING, first).await.map_err(|_| Error::Silent)??;
    let handle = Handle::new(requests, snapshots, events, joining.origin.clone());
    tokio::spawn(face.run(reader, asked, writing, ended.clone()));
    Ok(Backend { handle, run: welcome.run, pid: welcome.pid, ended })
}

async fn greet(reader: &mut Reader, writer: &mut Writer, hello: Hello) -> Result<Welcome, Error> {
    let greeting = async {
        // An engine that refuses says so without listening.
        let said = writer.greet(&hello).await;
        reader.greeting::<Welcome>().await.map_err(|error| match (error, said) {
            (Error::Closed, Err(error)) => error,
            (error, _) => error,
        })
    };
    let welcome = timeout(GREETING, greeting).await.map_err(|_| Error::Silent)??;
    welcome.hello.fits()?;
    match welcome.refused {
        Some(fault) => Err(Error::Refused(fault)),
        None => Ok(welcome),
    }
}

/// Asks an engine to give its database away, and waits until it has; `told` hears what is waited for.
///
/// # Errors
/// [`Error::Refused`] with the reason; what can be wrong with a link.
pub async fn take_over(stream: Boxed, mut told: impl FnMut(&str)) -> Result<(), Error> {
    let (mut reader, mut writer) = split(stream);
    greet(&mut reader, &mut writer, Hello::ours()).await?;
    writer.feed(frame::encode(&Up::HandOver)?).await?;
    writer.flush().await?;
    loop {
        // The other side gives signs of life, and ends the wait itself.
        let frame = match timeout(BEAT, reader.next()).await {
            Ok(frame) => frame?,
            Err(_) => {
                writer.feed(frame::encode(&Up::Beat)?).await?;
                writer.flush().await?;
                continue;
            }
        };
        match frame::decode(&frame)? {
            Down::Waiting(note) => told(&crate::ssh::clean(&note)),
            Down::HandedOver(given) => return given.map_err(Error::Refused),
            Down::Bye => return Err(Error::Closed),
            _ => {}
        }
    }
}

/// An answer that is on its way.
struct Pending {
    reply: Reply,
    bytes: Vec<u8>,
}

struct Face {
    out: mpsc::Sender<Bytes>,
    snapshot: watch::Sender<Arc<Snapshot>>,
    events: broadcast::Sender<Event>,
    read_only: bool,
    mirror: Mirror,
    /// Worlds that were taken since the engine's side was last told.
    seen: u32,
    pending: HashMap<u32, Pending>,
    streams: HashMap<u32, mpsc::Sender<Batch>>,
    count: u32,
}

impl Face {
    async fn run(
        mut self,
        mut reader: Reader,
        mut requests: mpsc::Receiver<Request>,
        mut writing: JoinHandle<Error>,
        ended: Arc<OnceLock<String>>,
    ) {
        let mut silent_at = Instant::now() + SILENCE;
        let error = loop {
            let done = tokio::select! {
                frame = timeout_at(silent_at, reader.next()) => {
                    silent_at = Instant::now() + SILENCE;
                    match frame {
                        Ok(Ok(frame)) => self.take(frame).await.map(drop),
                        Ok(Err(error)) => Err(error),
                        Err(_) => Err(Error::Silent),
                    }
                }
                request = requests.recv() => match request {
                    Some(request) => self.ask(request).await,
                    // Nobody looks any more.
                    None => break None,
                },
                broken = &mut writing => Err(broken.unwrap_or(Error::Closed)),
            };
            if let Err(error) = done {
                break Some(error);
            }
        };
        writing.abort();
        if let Some(error) = error {
            let _ = ended.set(error.to_string());
            let lost = lost(&error);
            self.pending.into_values().for_each(|pending| pending.reply.lost(&lost));
            // What was asked for and not sent yet is not done for certain.
            requests.close();
            while let Some(request) = requests.recv().await {
                if let Parted::Ask(_, reply) = part(request) {
                    reply.lost(&unsent());
                }
            }
        }
    }

    async fn send(&self, up: &Up) -> Result<(), Error> {
        self.out.send(frame::encode(up)?).await.map_err(|_| Error::Closed)
    }

    async fn ask(&mut self, request: Request) -> Result<(), Error> {
        self.count = self.count.wrapping_add(1);
        let id = self.count;
        match part(request) {
            Parted::Ask(Ask::Run { .. }, reply) if self.read_only => {
                reply.lost(&read_only());
                Ok(())
            }
            Parted::Ask(ask, reply) => {
                let Ok(frame) = frame::encode(&Up::Ask(id, ask)) else {
                    reply.lost(&too_large());
                    return Ok(());
                };
                self.pending.insert(id, Pending { reply, bytes: Vec::new() });
                self.out.send(frame).await.map_err(|_| Error::Closed)
            }
            Parted::Watch(server, from, lines) => {
                let (stream, batches) = mpsc::channel(WINDOW);
                self.streams.insert(id, stream);
                self.send(&Up::Watch(id, server, from.into())).await?;
                tokio::spawn(forward(id, batches, lines, self.out.clone()));
                Ok(())
            }
            Parted::Refused => Ok(()),
        }
    }

    /// Takes a frame; tells whether a world was completed.
    async fn take(&mut self, frame: BytesMut) -> Result<bool, Error> {
        match frame::decode(&frame)? {
            Down::World(piece) => {
                let Some(mut world) = self.mirror.take(piece)? else { return Ok(false) };
                if self.read_only {
                    world = Arc::new(Snapshot { read_only: true, ..Snapshot::clone(&world) });
                }
                self.snapshot.send_replace(world);
                self.seen += 1;
                if self.seen as usize >= WORLDS / 2 {
                    let seen = std::mem::take(&mut self.seen);
                    self.send(&Up::Worlds(seen)).await?;
                }
                return Ok(true);
            }
            Down::Lines(id, lines) => {
                let batch = lines.batch()?;
                if let Some(stream) = self.streams.get(&id) {
                    match stream.try_send(batch) {
                        Ok(()) => {}
                        Err(mpsc::error::TrySendError::Closed(_)) => _ = self.streams.remove(&id),
                        Err(mpsc::error::TrySendError::Full(_)) => {
                            return Err(Error::Nonsense("a console sent more than it may".into()));
                        }
                    }
                }
            }
            Down::Ended(id) => _ = self.streams.remove(&id),
            Down::Answer(id, last, piece) => self.answer(id, last, &piece)?,
            Down::NoAnswer(id) => {
                if let Some(pending) = self.pending.remove(&id) {
                    pending.reply.lost(&refused());
                }
            }
            // Nobody may be listening.
            Down::Event(event) => _ = self.events.send(event),
            Down::Beat | Down::Waiting(_) | Down::HandedOver(_) => {}
            Down::Bye => return Err(Error::Closed),
        }
        Ok(false)
    }

    fn answer(&mut self, id: u32, last: bool, piece: &[u8]) -> Result<(), Error> {
        let Some(pending) = self.pending.get_mut(&id) else {
            return Err(Error::Nonsense("an answer to nothing".into()));
        };
        if pending.bytes.len() + piece.len() > ANSWER_MAX {
            return Err(Error::Nonsense("an answer is too large".into()));
        }
        pending.bytes.extend_from_slice(piece);
        match self.pending.remove(&id) {
            Some(pending) if last => pending.reply.give(&pending.bytes),
            Some(pending) => {
                self.pending.insert(id, pending);
                Ok(())
            }
            None => Ok(()),
        }
    }
}

/// Passes lines on to a watcher, and opens its window again as far as it took them.
async fn forward(
    id: u32,
    mut batches: mpsc::Receiver<Batch>,
    lines: mpsc::Sender<Batch>,
    out: mpsc::Sender<Bytes>,
) {
    let mut taken = 0;
    loop {
        let batch = tokio::select! {
            batch = batches.recv() => batch,
            () = lines.closed() => None,
        };
        let Some(batch) = batch else { break };
        if lines.send(batch).await.is_err() {
            break;
        }
        taken += 1;
        if taken as usize >= WINDOW / 2
            && let Ok(frame) = frame::encode(&Up::More(id, std::mem::take(&mut taken)))
            && out.send(frame).await.is_err()
        {
            // The connection is gone; what came before it went is still passed on.
            taken = 0;
        }
    }
    if let Ok(frame) = frame::encode(&Up::Unwatch(id)) {
        let _ = out.send(frame).await;
    }
}

/// Writes frames as they come, and a sign of life where none comes. Ends with the reason.
async fn write(mut writer: Writer, mut frames: mpsc::Receiver<Bytes>) -> Error {
    loop {
        let frame = match timeout(BEAT, frames.recv()).await {
            Ok(Some(frame)) => Ok(frame),
            Ok(None) => return Error::Closed,
            Err(_) => frame::encode(&Up::Beat),
        };
        let written = async {
            writer.feed(frame?).await?;
            while let Ok(frame) = frames.try_recv() {
                writer.feed(frame).await?;
            }
            writer.flush().await
        };
        if let Err(error) = written.await {
            return error;
        }
    }
}

fn lost(error: &Error) -> Fault {
    Fault::new(
        FaultKind::Failed,
        format!("The connection to the engine was lost before it answered: {error}."),
        "Whether it was done is not known; servers go on running in Docker.",
        "Look at the list of servers and jobs before you ask for it again.",
    )
}

fn unsent() -> Fault {
    Fault::new(
        FaultKind::Failed,
        "The connection to the engine was lost.",
        "Nothing was sent; servers go on running in Docker.",
        "Try again when it is back.",
    )
}

fn refused() -> Fault {
    Fault::new(
        FaultKind::Conflict,
        "The engine did not take it: it is ending, or too much of this face is under way.",
        "Nothing was done.",
        "Try again in a moment.",
    )
}

fn too_large() -> Fault {
    Fault::new(
        FaultKind::Invalid,
        "That is too large to be sent to the engine.",
        "Nothing was sent.",
        "Make it smaller: the variables and lists of names are the usual cause.",
    )
}

fn read_only() -> Fault {
    Fault::new(
        FaultKind::Denied,
        "This face is read-only.",
        "Nothing was changed.",
        "Start it without --read-only to change anything.",
    )
}

/// Unused ways back are dropped, and whoever waits is told that the engine is gone.
pub fn drop_request(request: Request, fault: &Fault) {
    if let Parted::Ask(_, reply) = part(request) {
        reply.lost(fault);
    }
}
