//! Looks into backups for whoever asks: what a folder holds, and what is in files. Nothing is kept of it but the manifest
//! that was read last, for as long as somebody goes on asking.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    pin::Pin,
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use crate::{
    archive::{self, Manifest, Meter, Owner},
    model::{
        Backup, BackupId, Fault, FaultKind,
        backup::{Contents, FilePage, FileQuery, LeftOut, Opened, Scope, WorldInside},
    },
    tasks::Tasks,
};

/// Questions that may wait.
pub const ASKS: usize = 32;
/// After so long without a question, what is kept is let go.
const IDLE: Duration = Duration::from_secs(60);
/// Where nothing is kept there is nothing to be let go.
const NEVER: Duration = Duration::from_secs(365 * 24 * 60 * 60);
/// Files that are read at the same time.
const STREAMS: usize = 8;
/// Most entries of a page.
const PAGE: usize = 10_000;
/// Most bytes of a piece: what travels over a link is bounded.
const PIECE: usize = 256 * 1024;
/// Most worlds, dimensions of one, and players that are named.
const NAMES: usize = 200;
/// Most paths that one may ask for at once.
const PATHS: usize = 1_000;

/// A question.
pub enum Ask {
    /// What does a folder hold?
    Files {
        /// Of which backup.
        backup: Arc<Backup>,
        /// Which, and which part of it.
        query: FileQuery,
        /// Told the answer.
        reply: oneshot::Sender<Result<FilePage, Fault>>,
    },
    /// What can be restored by itself?
    Contents {
        /// Of which backup.
        backup: Arc<Backup>,
        /// Told the answer.
        reply: oneshot::Sender<Result<Contents, Fault>>,
    },
    /// Open these files and folders.
    Open {
        /// Of which backup.
        backup: Arc<Backup>,
        /// Their paths.
        paths: Vec<String>,
        /// Told how they are read.
        reply: oneshot::Sender<Result<Opened, Fault>>,
    },
    /// The next piece of what was opened; `None` at its end.
    Next {
        /// Which.
        stream: u64,
        /// Told the answer.
        reply: oneshot::Sender<Result<Option<Vec<u8>>, Fault>>,
    },
}

type Answer = oneshot::Sender<Result<Option<Vec<u8>>, Fault>>;
type Pieces = Pin<Box<dyn Stream<Item = std::io::Result<Bytes>> + Send>>;

/// Whoever looks.
struct Library {
    read: Option<(BackupId, Arc<Manifest>)>,
    streams: HashMap<u64, mpsc::Sender<Answer>>,
    next: u64,
    tasks: Tasks,
    stop: CancellationToken,
}

/// Answers questions, one after the other, until nobody can ask any more.
pub async fn run(mut asks: mpsc::Receiver<Ask>, tasks: Tasks, stop: CancellationToken) {
    let mut library = Library { read: None, streams: HashMap::new(), next: 1, tasks, stop: stop.clone() };
    loop {
        let patience = if library.read.is_some() { IDLE } else { NEVER };
        let ask = tokio::select! {
            ask = timeout(patience, asks.recv()) => ask,
            () = stop.cancelled() => return,
        };
        match ask {
            Ok(Some(ask)) => library.answer(ask).await,
            Ok(None) => return,
            Err(_) => library.read = None,
        }
    }
}

impl Library {
    async fn answer(&mut self, ask: Ask) {
        match ask {
            Ask::Files { backup, query, reply } => {
                let query = FileQuery { most: query.most.min(PAGE), ..query };
                let page = match self.manifest(&backup).await {
                    Ok(manifest) => archive::list(&manifest, &query).ok_or_else(nothing),
                    Err(fault) => Err(fault),
                };
                let _ = reply.send(page);
            }
            Ask::Contents { backup, reply } => {
                let _ = reply.send(self.contents(&backup).await);
            }
            Ask::Open { backup, paths, reply } => {
                let _ = reply.send(self.open(&backup, paths).await);
            }
            Ask::Next { stream, reply } => {
                // A reader that is gone, or asked for two pieces at once, is told so by the answer that does not come.
                let Some(reader) = self.streams.get(&stream) else {
                    let _ = reply.send(Err(no_stream()));
                    return;
                };
                if let Err(error) = reader.try_send(reply) {
                    let (mpsc::error::TrySendError::Full(reply) | mpsc::error::TrySendError::Closed(reply)) =
                        error;
                    let _ = reply.send(Err(no_stream()));
                }
            }
        }
    }

    async fn manifest(&mut self, backup: &Backup) -> Result<Arc<Manifest>, Fault> {
        if let Some((id, manifest)) = &self.read
            && *id == backup.id
        {
            return Ok(manifest.clone());
        }
        self.read = None;
        let path = PathBuf::from(&backup.path);
        let read = tokio::task::spawn_blocking(move || archive::read_manifest(&path)).await;
        let manifest = Arc::new(read.unwrap_or(Err(archive::Error::Gone)).map_err(|error| error.fault())?);
        self.read = Some((backup.id, manifest.clone()));
        Ok(manifest)
    }

    async fn contents(&mut self, backup: &Backup) -> Result<Contents, Fault> {
        let manifest = self.manifest(backup).await?;
        let players = archive::players(Path::new(&backup.path), &manifest, NAMES).await;
        let worlds = manifest.worlds.iter().take(NAMES).map(|world| WorldInside {
            folder: archive::shown(&world.folder),
            dimensions: world.dimensions.iter().take(NAMES).map(|one| archive::shown(&one.name)).collect(),
        });
        let left_out = manifest
            .left_out
            .iter()
            .take(NAMES)
            .map(|one| LeftOut { path: archive::shown(&one.path), why: archive::shown(&one.why) });
        Ok(Contents {
            worlds: worlds.collect(),
            players: players.map_err(|error| error.fault())?,
            left_out: left_out.collect(),
            left_out_count: manifest.left_out_count,
        })
    }

    async fn open(&mut self, backup: &Backup, paths: Vec<String>) -> Result<Opened, Fault> {
        self.streams.retain(|_, reader| !reader.is_closed());
        if self.streams.len() >= STREAMS || paths.len() > PATHS {
            return Err(busy());
        }
        let manifest = self.manifest(backup).await?;
        let path = Path::new(&backup.path);
        let tops: Vec<String> = paths.iter().map(|path| path.trim_matches('/').to_owned()).collect();
        let scope = Scope::Paths(paths);
        let selection = archive::select(path, &manifest, &scope).await.map_err(|error| error.fault())?;
        let opened = Opened {
            stream: self.next,
            files: selection.files.len() as u64,
            bytes: selection.bytes(&manifest),
        };
        self.next += 1;
        // Each is given under its own name, whatever folders it lies in; of a folder, all below it.
        let map = move |path: &str| {
            let top = tops.iter().find(|top| path == *top || path.starts_with(&format!("{top}/")));
            let above = top.and_then(|top| top.rfind('/')).map_or(0, |at| at + 1);
            path.get(above..).unwrap_or(path).to_owned()
        };
        let owner = Owner { uid: 0, gid: 0 };
        let pieces = archive::unpack(path, manifest, selection, owner, map, &Meter::new());
        let (reader, asked) = mpsc::channel(1);
        self.streams.insert(opened.stream, reader);
        self.tasks.spawn(read(Box::pin(pieces), asked, self.stop.clone()));
        Ok(opened)
    }
}

/// Gives pieces as they are asked for.
async fn read(mut pieces: Pieces, mut asked: mpsc::Receiver<Answer>, stop: CancellationToken) {
    let mut rest = Bytes::new();
    loop {
        let reply = tokio::select! {
            reply = timeout(IDLE, asked.recv()) => match reply {
                Ok(Some(reply)) => reply,
                _ => return,
            },
            () = stop.cancelled() => return,
        };
        if rest.is_empty() {
            match pieces.next().await {
                Some(Ok(piece)) => rest = piece,
                Some(Err(error)) => {
                    let _ = reply.send(Err(unreadable(&error)));
                    return;
                }
                None => {
                    let _ = reply.send(Ok(None));
                    return;
                }
            }
        }
        let piece = rest.split_to(rest.len().min(PIECE));
        let _ = reply.send(Ok(Some(piece.to_vec())));
    }
}

fn unreadable(error: &std::io::Error) -> Fault {
    // The stream carries the archive's own error.
    match error.get_ref().and_then(|inner| inner.downcast_ref::<archive::Error>()) {
        Some(error) => error.fault(),
        None => Fault::new(
            FaultKind::Failed,
            format!("The backup could not be read: {error}."),
            "What came before is not to be used.",
            "Read it again with `mineclifford backup verify`.",
        ),
    }
}

fn nothing() -> Fault {
    Fault::new(
        FaultKind::NotFound,
        "The backup holds nothing of that path.",
        "",
        "See what it holds with `mineclifford backup files`.",
    )
}

fn no_stream() -> Fault {
    Fault::new(
        FaultKind::Conflict,
        "Nobody reads that file any more: it was at its end, or was not asked for a minute.",
        "",
        "Begin anew.",
    )
}

fn busy() -> Fault {
    Fault::new(
        FaultKind::Conflict,
        "Too many files of backups are being read.",
        "Nothing was read.",
        "Wait until others have ended.",
    )
}
