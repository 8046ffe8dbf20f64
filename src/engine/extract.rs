//! Files of a backup, written on the machine of whoever asks: whole, or not at all.

use std::{
    io::{self, Read},
    path::{Path, PathBuf},
    sync::mpsc::{Receiver, SyncSender, sync_channel},
};

use super::Handle;
use crate::model::{BackupId, Fault, FaultKind, backup::Opened};

/// Pieces that wait to be written.
const WAITING: usize = 4;

type Piece = Result<Vec<u8>, String>;

impl Handle {
    /// Writes files and folders of a backup into a folder of this machine, which is made where it is not there, each under
    /// its own name. What is there already is not touched; when anything goes wrong, what was written is removed again.
    ///
    /// # Errors
    /// As [`Self::open_files`]; that the backup is damaged; the disk's.
    pub async fn extract(&self, backup: BackupId, paths: Vec<String>, out: &Path) -> Result<Opened, Fault> {
        let opened = self.open_files(backup, paths).await?;
        let (give, take) = sync_channel(WAITING);
        let target = out.to_owned();
        let writing = tokio::task::spawn_blocking(move || write(&target, take));
        let read = self.pass(opened.stream, give).await;
        let written = writing.await.unwrap_or_else(|error| Err(io::Error::other(error)));
        read?;
        written.map_err(|error| disk(out, &error))?;
        Ok(opened)
    }

    /// Passes pieces on until the end, or until nobody wants them any more.
    async fn pass(&self, stream: u64, give: SyncSender<Piece>) -> Result<(), Fault> {
        loop {
            let (piece, fault) = match self.next_piece(stream).await {
                Ok(None) => return Ok(()),
                Ok(Some(piece)) => (Ok(piece), None),
                // Whoever writes removes what was written.
                Err(fault) => (Err(fault.what.clone()), Some(fault)),
            };
            let give = give.clone();
            let passed = tokio::task::spawn_blocking(move || give.send(piece).is_ok()).await;
            match fault {
                Some(fault) => return Err(fault),
                None if passed.unwrap_or(false) => {}
                // The disk's error is told by whoever writes.
                None => return Ok(()),
            }
        }
    }
}

fn write(out: &Path, take: Receiver<Piece>) -> io::Result<()> {
    let mut made = Vec::new();
    let written = unpack(out, Pieces { take, piece: Vec::new(), at: 0 }, &mut made);
    if written.is_err() {
        // Folders after what is in them; those that were there already are not empty, or not among these.
        for path in made.iter().rev() {
            let _ = std::fs::remove_file(path).or_else(|_| std::fs::remove_dir(path));
        }
    }
    written
}

fn unpack(out: &Path, pieces: Pieces, made: &mut Vec<PathBuf>) -> io::Result<()> {
    std::fs::create_dir_all(out)?;
    let mut archive = tar::Archive::new(pieces);
    archive.set_overwrite(false);
    archive.set_preserve_permissions(false);
    for entry in archive.entries()? {
        let mut entry = entry?;
        let path = out.join(entry.path()?);
        let there = std::fs::symlink_metadata(&path).is_ok();
        if there && !entry.header().entry_type().is_dir() {
            let text = format!("{} is there already", path.display());
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, text));
        }
        if !there {
            made.push(path);
        }
        entry.unpack_in(out)?;
    }
    Ok(())
}

/// The pieces as one stream.
struct Pieces {
    take: Receiver<Piece>,
    piece: Vec<u8>,
    at: usize,
}

impl Read for Pieces {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.at >= self.piece.len() {
            match self.take.recv() {
                Ok(Ok(piece)) => (self.piece, self.at) = (piece, 0),
                Ok(Err(what)) => return Err(io::Error::other(what)),
                Err(_) => return Ok(0),
            }
        }
        let count = into.len().min(self.piece.len() - self.at);
        into[..count].copy_from_slice(&self.piece[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

fn disk(out: &Path, error: &io::Error) -> Fault {
    Fault::new(
        FaultKind::Failed,
        format!("It could not be written to {}: {error}.", out.display()),
        "The backup is as it was, and what was written of it was removed again.",
        "Choose another folder, with enough space and without what is to be written.",
    )
}
