//! Files into a container from a tar archive, as it comes.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::StatusCode;
use hyper::body::Incoming;
use practice::disk::{Disk, Entry, EntryKind};

use super::container::Key;
use super::http::{Answer, Query, empty};
use super::refusal::Refusal;
use super::volumes::tidy;
use super::world::Shared;

/// Pieces of the archive that wait to be unpacked.
const WAITING: usize = 4;
/// Most bytes that one folder in memory may hold: the engine must not eat the machine it runs on.
const DISK_LIMIT: u64 = 4 << 30;

/// The body of a request as something that can be read on a thread.
struct Pieces {
    pieces: Receiver<io::Result<Bytes>>,
    piece: Bytes,
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() {
            match self.pieces.recv() {
                Ok(piece) => self.piece = piece?,
                Err(_) => return Ok(0),
            }
        }
        let count = buffer.len().min(self.piece.len());
        let taken = self.piece.split_to(count);
        if let Some(place) = buffer.get_mut(..count) {
            place.copy_from_slice(&taken);
        }
        Ok(count)
    }
}

/// `PUT /containers/{id}/archive`
pub(super) async fn put(
    shared: &Arc<Shared>,
    key: Key,
    name: &str,
    query: &Query,
    mut body: Incoming,
) -> Answer {
    let path = query.text("path").to_owned();
    if path.is_empty() {
        return Err(Refusal::bad("bad parameter: pathcannot be empty"));
    }
    {
        let mut world = shared.lock();
        let kind = world.look(world.get(key)?, &path).map(|found| found.entry.kind);
        // The folders that every image has.
        let given = matches!(tidy(&path).as_str(), "" | "tmp" | "etc" | "root" | "opt" | "srv" | "var");
        let refusal = match kind {
            Some(EntryKind::Dir) => None,
            None if given => None,
            None => Some(Refusal::missing(format!("Could not find the file {path} in container {name}"))),
            Some(_) => Some(Refusal::failed("extraction point is not a directory")),
        };
        if let Some(refusal) = refusal {
            world.emit_look(key, None);
            return Err(refusal);
        }
    }
    let (sender, pieces) = sync_channel(WAITING);
    let owner = shared.clone();
    let unpacking = tokio::task::spawn_blocking(move || {
        unpack(&owner, key, &path, Pieces { pieces, piece: Bytes::new() })
    });
    // The channel's other end is a thread, so a full one is waited for on a thread too.
    while let Some(frame) = body.frame().await {
        let piece = frame.map_err(io::Error::other).map(|frame| frame.into_data().unwrap_or_default());
        let (sender, broken) = (sender.clone(), piece.is_err());
        let sent = tokio::task::spawn_blocking(move || sender.send(piece)).await;
        if broken || !matches!(sent, Ok(Ok(()))) {
            break;
        }
    }
    drop(sender);
    match unpacking.await {
        Ok(Ok(())) => {
            shared.change(|world| world.emit_look(key, Some("extract-to-dir")));
            Ok(empty(StatusCode::OK))
        }
        Ok(Err(error)) if error.kind() == io::ErrorKind::StorageFull => {
            Err(Refusal::failed(format!("Error processing tar file(exit status 1): {error}")))
        }
        Ok(Err(_)) => Err(Refusal::failed("Error processing tar file(exit status 1): unexpected EOF")),
        Err(error) => Err(Refusal::failed(error.to_string())),
    }
}

fn unpack(shared: &Shared, key: Key, folder: &str, pieces: Pieces) -> io::Result<()> {
    let mut archive = tar::Archive::new(pieces);
    for file in archive.entries()? {
        let mut file = file?;
        let header = file.header();
        let kind = match header.entry_type() {
            tar::EntryType::Directory => EntryKind::Dir,
            tar::EntryType::Symlink => EntryKind::Symlink,
            tar::EntryType::Regular | tar::EntryType::Continuous => EntryKind::File,
            // Devices and hard links have no place in a folder in memory.
            _ => continue,
        };
        let number = |value: io::Result<u64>| value.ok().and_then(|value| u32::try_from(value).ok());
        let entry = Entry {
            kind,
            len: 0,
            mode: header.mode().unwrap_or(0o644) & 0o7777,
            uid: number(header.uid()).unwrap_or(0),
            gid: number(header.gid()).unwrap_or(0),
            mtime_ms: header.mtime().unwrap_or(0).saturating_mul(1000),
        };
        let path = format!("{folder}/{}", file.path()?.to_string_lossy());
        let size = file.size();
        let content = match kind {
            EntryKind::Dir => Vec::new(),
            EntryKind::Symlink => file
                .link_name()?
                .map(|target| target.to_string_lossy().into_owned().into_bytes())
                .unwrap_or_default(),
            EntryKind::File => {
                let mut content = Vec::new();
                file.by_ref().take(DISK_LIMIT).read_to_end(&mut content)?;
                if (content.len() as u64) < size {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                content
            }
        };
        place(shared, key, &path, &entry, &content)?;
    }
    Ok(())
}

fn place(shared: &Shared, key: Key, path: &str, entry: &Entry, content: &[u8]) -> io::Result<()> {
    shared.change(|world| {
        let gone = || io::Error::from(io::ErrorKind::NotFound);
        if world.get(key).map_err(|_| gone())?.layer.is_none() {
            let layer = world.new_disk();
            world.get_mut(key).map_err(|_| gone())?.layer = Some(layer);
        }
        let container = world.get(key).map_err(|_| gone())?;
        let (disk, inner) = world.locate(container, path).ok_or_else(gone)?;
        if inner.is_empty() {
            return Ok(());
        }
        let disk = world.disks.get_mut(&disk).ok_or_else(gone)?;
        if disk.used().saturating_add(content.len() as u64) > DISK_LIMIT {
            return Err(io::Error::new(io::ErrorKind::StorageFull, "no space left on device"));
        }
        // As tar does: a file makes way for a folder, and the other way round.
        match (disk.entry(&inner).map(|old| old.kind), entry.kind) {
            (Some(EntryKind::Dir), EntryKind::Dir) | (None, _) => {}
            (Some(_), _) => {
                disk.remove(&inner)?;
            }
        }
        disk.put(&inner, entry, content)
    })
}
