//! One face that is attached: the engine's side of a connection.

use std::{
    collections::{HashMap, VecDeque},
    future::ready,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use bytes::Bytes;
use tokio::{
    sync::{Semaphore, broadcast::error::RecvError, mpsc, oneshot},
    task::{AbortHandle, JoinSet},
    time::{Instant, sleep_until, timeout, timeout_at},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    asks::Ask,
    codec::{Boxed, Reader, Writer, split},
    frame::{self, Down, Up},
    lines,
    protocol::{
        ASKS_MAX, BEAT, Error, FRAME_AIM, GREETING, Hello, SILENCE, STREAMS_MAX, WINDOW, WORLDS, Welcome,
    },
    world::Told,
};
use crate::{
    engine::Handle,
    model::{Fault, FaultKind, console::Batch, face::Look},
};

/// Answers and other short frames that may wait.
const CONTROLS: usize = 64;
/// Frames of console lines that may wait, of all consoles together.
const LINES: usize = 4;

/// Another engine is to hold the database: somebody asks for it to be given away.
#[derive(Debug)]
pub struct HandOver {
    /// Told while something is waited for, in words.
    pub notes: mpsc::Sender<String>,
    /// Told what came of it; with `Ok`, the database has been let go of.
    pub reply: oneshot::Sender<Result<(), Fault>>,
}

/// What a seat stands on.
#[derive(Clone)]
pub struct Ground {
    /// The engine.
    pub engine: Handle,
    /// This run of it.
    pub run: Uuid,
    /// Where a hand-over is asked for; `None` where this engine is not given away.
    pub hand_over: Option<mpsc::Sender<HandOver>>,
    /// Called when the engine ends.
    pub stop: CancellationToken,
}

/// Whose process is at the other end, as the kernel knows it.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    /// The user's number.
    pub uid: u32,
    /// The process, where that is known.
    pub pid: Option<u32>,
}

/// What this side says first.
pub fn welcome(run: Uuid, refused: Option<Fault>) -> Welcome {
    Welcome { hello: Hello::ours(), pid: std::process::id(), run, refused }
}

/// Serves one face until it leaves or the engine ends.
///
/// # Errors
/// Why the connection ended, where nobody wanted it to.
pub async fn sit(stream: Boxed, peer: Peer, ground: Ground) -> Result<(), Error> {
    let (mut reader, mut writer) = split(stream);
    let hello: Hello = timeout(GREETING, reader.greeting()).await.map_err(|_| Error::Silent)??;
    // A face of another version reads from this why nothing follows.
    writer.greet(&welcome(ground.run, None)).await?;
    hello.fits()?;
    let Peer { uid, pid } = peer;
    let _stays = ground.engine.attend(Look::Attached { origin: hello.face, uid, pid }).await;

    let (control, controls) = mpsc::channel(CONTROLS);
    let (line, line_frames) = mpsc::channel(LINES);
    let worlds = Arc::new(Semaphore::new(WORLDS));
    let heir = Arc::new(AtomicBool::new(false));
    let speaker = Speaker {
        writer,
        ground: ground.clone(),
        worlds: worlds.clone(),
        heir: heir.clone(),
        told: Told::default(),
        queue: VecDeque::new(),
    };
    let listener = Listener {
        ground,
        control,
        line,
        worlds,
        heir,
        asks: Arc::new(Semaphore::new(ASKS_MAX)),
        streams: HashMap::new(),
        tasks: JoinSet::new(),
    };
    tokio::select! {
        ended = speaker.speak(controls, line_frames) => ended,
        ended = listener.listen(&mut reader) => ended,
    }
}

/// Says everything, the most urgent first: answers, then the world, then events, then lines of consoles in turn.
struct Speaker {
    writer: Writer,
    ground: Ground,
    worlds: Arc<Semaphore>,
    heir: Arc<AtomicBool>,
    told: Told,
    /// The rest of a world that is being told.
    queue: VecDeque<Bytes>,
}

impl Speaker {
    async fn speak(
        mut self,
        mut controls: mpsc::Receiver<Bytes>,
        mut lines: mpsc::Receiver<Bytes>,
    ) -> Result<(), Error> {
        let mut snapshots = self.ground.engine.snapshots();
        snapshots.mark_changed();
        let mut events = self.ground.engine.events();
        let worlds = self.worlds.clone();
        let (mut may_tell, mut waiting) = (false, false);
        let mut last = Instant::now();
        loop {
            let frame = tokio::select! {
                biased;
                Some(frame) = controls.recv() => frame,
                // Whoever waits for the database stays until it has been told.
                () = self.ground.stop.cancelled(), if !self.heir.load(Ordering::SeqCst) => return self.bye().await,
                // Taken out only here: what stands before the arrow is evaluated even when another branch wins.
                () = ready(()), if !self.queue.is_empty() => match self.queue.pop_front() {
                    Some(frame) => frame,
                    None => continue,
                },
                Ok(permit) = worlds.acquire(), if !may_tell => {
                    permit.forget();
                    may_tell = true;
                    continue;
                }
                changed = snapshots.changed(), if may_tell => match changed {
                    Ok(()) => {
                        let now = snapshots.borrow_and_update().clone();
                        self.queue.extend(self.told.tell(&now)?);
                        may_tell = false;
                        continue;
                    }
                    Err(_) if self.heir.load(Ordering::SeqCst) => {
                        may_tell = false;
                        self.worlds.forget_permits(WORLDS);
                        continue;
                    }
                    Err(_) => return self.bye().await,
                },
                event = events.recv() => match event {
                    Ok(event) => frame::encode(&Down::Event(event))?,
                    // What was missed is in the world.
                    Err(RecvError::Lagged(_)) => continue,
                    Err(RecvError::Closed) if self.heir.load(Ordering::SeqCst) => {
                        // Nothing happens any more; only the answer is still to come.
                        match timeout(SILENCE, controls.recv()).await {
                            Ok(Some(frame)) => frame,
                            _ => return Ok(()),
                        }
                    }
                    Err(RecvError::Closed) => return self.bye().await,
                },
                Some(frame) = lines.recv() => frame,
                () = ready(()), if waiting => {
                    self.writer.flush().await?;
                    (waiting, last) = (false, Instant::now());
                    continue;
                }
                () = sleep_until(last + BEAT) => frame::encode(&Down::Beat)?,
            };
            self.writer.feed(frame).await?;
            waiting = true;
        }
    }

    async fn bye(&mut self) -> Result<(), Error> {
        self.writer.feed(frame::encode(&Down::Bye)?).await?;
        self.writer.flush().await
    }
}

/// Takes what a face asks for. Never waits for the face to take something.
struct Listener {
    ground: Ground,
    control: mpsc::Sender<Bytes>,
    line: mpsc::Sender<Bytes>,
    worlds: Arc<Semaphore>,
    heir: Arc<AtomicBool>,
    asks: Arc<Semaphore>,
    streams: HashMap<u32, (AbortHandle, Arc<Semaphore>)>,
    tasks: JoinSet<()>,
}

impl Listener {
    async fn listen(mut self, reader: &mut Reader) -> Result<(), Error> {
        let mut silent_at = Instant::now() + SILENCE;
        loop {
            let frame = tokio::select! {
                frame = timeout_at(silent_at, reader.next()) => frame.map_err(|_| Error::Silent)?,
                Some(_) = self.tasks.join_next(), if !self.tasks.is_empty() => continue,
            };
            silent_at = Instant::now() + SILENCE;
            match frame {
                Ok(frame) => self.take(frame::decode(&frame)?).await?,
                Err(Error::Closed) => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }

    async fn take(&mut self, up: Up) -> Result<(), Error> {
        match up {
            Up::Ask(id, ask) => self.ask(id, ask).await,
            Up::Watch(id, server, start) => {
                if self.streams.contains_key(&id) || self.streams.len() >= STREAMS_MAX {
                    return Err(Error::Nonsense("too many consoles, or one twice".into()));
                }
                let Ok(batches) = self.ground.engine.watch(server, start.into()).await else { return Ok(()) };
                let window = Arc::new(Semaphore::new(WINDOW));
                let task = self.tasks.spawn(watch(id, batches, window.clone(), self.line.clone()));
                self.streams.insert(id, (task, window));
                Ok(())
            }
            Up::More(id, frames) => match self.streams.get(&id) {
                Some((_, window)) => more(window, frames, WINDOW),
                // It may have ended meanwhile.
                None => Ok(()),
            },
            Up::Unwatch(id) => {
                if let Some((task, _)) = self.streams.remove(&id) {
                    task.abort();
                }
                Ok(())
            }
            Up::Worlds(worlds) => more(&self.worlds, worlds, WORLDS),
            Up::Beat => Ok(()),
            Up::HandOver => self.hand_over(),
        }
    }

    async fn ask(&mut self, id: u32, ask: Ask) -> Result<(), Error> {
        let control = self.control.clone();
        let answer = match self.asks.clone().try_acquire_owned() {
            // In the order in which they came; the engine always takes them.
            Ok(permit) => ask.put(&self.ground.engine).await.map(|answer| (answer, permit)),
            Err(_) => None,
        };
        self.tasks.spawn(async move {
            let mut bytes = None;
            // It counts as under way until it is on its way back.
            let mut _permit = None;
            if let Some((answer, permit)) = answer {
                bytes = answer.await;
                _permit = Some(permit);
            }
            for frame in answer_frames(id, bytes.as_deref()) {
                if control.send(frame).await.is_err() {
                    return;
                }
            }
        });
        Ok(())
    }

    fn hand_over(&mut self) -> Result<(), Error> {
        let (notes, mut noted) = mpsc::channel(4);
        let (reply, replied) = oneshot::channel();
        let asked = match &self.ground.hand_over {
            Some(owner) if !self.heir.swap(true, Ordering::SeqCst) => {
                owner.try_send(HandOver { notes, reply }).map_err(|_| busy())
            }
            Some(_) => Err(busy()),
            None => Err(stays()),
        };
        let control = self.control.clone();
        self.tasks.spawn(async move {
            let say = async |down: Down| {
                if let Ok(frame) = frame::encode(&down) {
                    let _ = control.send(frame).await;
                }
            };
            if let Err(fault) = asked {
                say(Down::HandedOver(Err(fault))).await;
                return;
            }
            // Wakes the speaker, so that it knows the heir.
            say(Down::Beat).await;
            while let Some(note) = noted.recv().await {
                say(Down::Waiting(note)).await;
            }
            say(Down::HandedOver(replied.await.unwrap_or_else(|_| Err(busy())))).await;
        });
        Ok(())
    }
}

fn more(window: &Semaphore, frames: u32, most: usize) -> Result<(), Error> {
    let frames = frames as usize;
    if window.available_permits().saturating_add(frames) > most {
        return Err(Error::Nonsense("a window is opened wider than it may be".into()));
    }
    window.add_permits(frames);
    Ok(())
}

/// Passes the lines of one console on, as far as its window is open.
async fn watch(
    id: u32,
    mut batches: mpsc::Receiver<Batch>,
    window: Arc<Semaphore>,
    lines: mpsc::Sender<Bytes>,
) {
    while let Some(batch) = batches.recv().await {
        for piece in lines::split(&batch) {
            let Ok(permit) = window.acquire().await else { return };
            permit.forget();
            let Ok(frame) = frame::encode(&Down::Lines(id, piece)) else { return };
            if lines.send(frame).await.is_err() {
                return;
            }
        }
    }
    if let Ok(frame) = frame::encode(&Down::Ended(id)) {
        let _ = lines.send(frame).await;
    }
}

/// An answer in frames that are in nobody's way for long.
fn answer_frames(id: u32, answer: Option<&[u8]>) -> Vec<Bytes> {
    let Some(answer) = answer else {
        return frame::encode(&Down::NoAnswer(id)).into_iter().collect();
    };
    let mut pieces: Vec<&[u8]> = answer.chunks(FRAME_AIM).collect();
    if pieces.is_empty() {
        pieces.push(&[]);
    }
    let last = pieces.len() - 1;
    let frames = pieces
        .into_iter()
        .enumerate()
        .filter_map(|(at, piece)| frame::encode(&Down::Answer(id, at == last, piece.to_vec())).ok());
    frames.collect()
}

fn stays() -> Fault {
    Fault::new(
        FaultKind::Conflict,
        format!("An engine runs already on this data folder (process {}).", std::process::id()),
        "It goes on, and so do your servers; no second one was started.",
        "Open the dashboard or give commands: they attach to it. To serve it anew, end that process first.",
    )
}

fn busy() -> Fault {
    Fault::new(
        FaultKind::Conflict,
        "The engine that holds the database is not giving it away now.",
        "It goes on, and so do your servers; no second one was started.",
        "Try again in a moment.",
    )
}
