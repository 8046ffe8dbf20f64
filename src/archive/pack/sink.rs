//! The tar stream on its way to the disk: cut into pieces, packed on several threads, written on one more.

use std::{
    fs::File,
    io::{self, Write},
    path::Path,
    thread::{self, JoinHandle},
};

use rustix::fs::{Advice, fadvise};

use super::{
    super::{codec, error::Error, lanes, manifest::PIECE, meter::Meter, place::free, spare::Spare},
    trail::Trail,
};
use crate::model::backup::Packing;

/// So many pieces are written before it is looked again how much space is left, and what is written is sent to the disk.
const LOOK: usize = 32;

/// What was written.
pub struct Written {
    /// How many pieces.
    count: usize,
    /// Bytes of all of them.
    pub size: u64,
}

/// Takes the tar stream.
pub struct Sink {
    piece: Vec<u8>,
    buffers: Spare,
    at: u64,
    handed: usize,
    packers: Option<lanes::Into<Vec<u8>>>,
    writer: Option<JoinHandle<Result<Written, Error>>>,
}

impl Sink {
    /// Starts the threads that pack and write. `leave_free` is what the disk must still have free, in bytes; `trail` is told
    /// what is written.
    ///
    /// # Errors
    /// The disk's, or the system's when it gives no threads.
    pub fn begin(
        path: &Path,
        file: File,
        packing: Packing,
        threads: usize,
        leave_free: u64,
        trail: Trail,
        meter: Meter,
    ) -> Result<Self, Error> {
        let disk = |error| Error::disk(path, error);
        let mut ready = Vec::new();
        for _ in 0..threads {
            ready.push(codec::Packer::new(packing).map_err(disk)?);
        }
        let spare = codec::Packer::new(packing).map_err(disk)?;
        let mut spare = Some(spare);
        let buffers = Spare::default();
        let (packers, packed) = lanes::lanes(threads, "pack", || {
            let (mut packer, buffers) = (ready.pop().or_else(|| spare.take()), buffers.clone());
            move |piece: Vec<u8>| {
                let mut packed = buffers.take();
                let done = match &mut packer {
                    Some(packer) => packer.pack(&piece, &mut packed),
                    None => Err(io::Error::other("there are more threads than packers")),
                };
                let size = piece.len();
                buffers.give(piece);
                done.map(|()| (packed, size))
            }
        })
        .map_err(disk)?;
        let (path, used) = (path.to_owned(), buffers.clone());
        let writer = thread::Builder::new()
            .name("archive".into())
            .spawn(move || write(&path, file, packed, &used, leave_free, &trail, &meter))
            .map_err(|_| Error::Gone)?;
        Ok(Self {
            piece: Vec::with_capacity(PIECE),
            buffers,
            at: 0,
            handed: 0,
            packers: Some(packers),
            writer: Some(writer),
        })
    }

    /// Bytes of the tar stream so far.
    pub fn at(&self) -> u64 {
        self.at
    }

    /// Appends to the tar stream.
    ///
    /// # Errors
    /// The disk's. Nothing more can be written then.
    pub fn write(&mut self, mut bytes: &[u8]) -> Result<(), Error> {
        self.at += bytes.len() as u64;
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(PIECE - self.piece.len()));
            self.piece.extend_from_slice(now);
            bytes = later;
            if self.piece.len() == PIECE {
                self.hand_over()?;
            }
        }
        Ok(())
    }

    /// Appends zeros.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub fn zeros(&mut self, mut count: u64) -> Result<(), Error> {
        const ZEROS: [u8; 4096] = [0; 4096];
        while count > 0 {
            let now = count.min(ZEROS.len() as u64);
            self.write(ZEROS.get(..usize::try_from(now).unwrap_or(0)).unwrap_or(&ZEROS))?;
            count -= now;
        }
        Ok(())
    }

    /// Packs what is left, writes and syncs.
    ///
    /// # Errors
    /// The disk's.
    pub fn finish(mut self) -> Result<Written, Error> {
        if !self.piece.is_empty() {
            self.hand_over()?;
        }
        let handed = self.handed;
        let written = self.join()?;
        // A thread that died looks like the end of the work.
        if written.count == handed { Ok(written) } else { Err(Error::Gone) }
    }

    fn hand_over(&mut self) -> Result<(), Error> {
        let mut next = self.buffers.take();
        next.clear();
        next.reserve(PIECE);
        let piece = std::mem::replace(&mut self.piece, next);
        self.handed += 1;
        if self.packers.as_mut().is_some_and(|packers| packers.put(piece)) {
            return Ok(());
        }
        // The writer gave up, and knows why.
        Err(self.join().err().unwrap_or(Error::Gone))
    }

    fn join(&mut self) -> Result<Written, Error> {
        drop(self.packers.take());
        let writer = self.writer.take().ok_or(Error::Gone)?;
        writer.join().map_err(|_| Error::Gone)?
    }
}

impl Drop for Sink {
    // The file is closed when this returns, so that it can be removed and its space is free.
    fn drop(&mut self) {
        let _ = self.join();
    }
}

fn write(
    path: &Path,
    mut file: File,
    mut packed: lanes::OutOf<io::Result<(Vec<u8>, usize)>>,
    used: &Spare,
    leave_free: u64,
    trail: &Trail,
    meter: &Meter,
) -> Result<Written, Error> {
    let disk = |error| Error::disk(path, error);
    let (mut count, mut size) = (0, 0);
    while let Some(piece) = packed.take() {
        let (piece, unpacked) = piece.map_err(disk)?;
        if count % LOOK == 0 {
            if free(path)? < leave_free {
                return Err(Error::NoSpace { path: path.to_owned(), source: None });
            }
            // The disk begins to write what waits for it, so that the end does not wait for all of it; and what it has
            // written leaves the memory to the server.
            let _ = fadvise(&file, 0, None, Advice::DontNeed);
        }
        file.write_all(&piece).map_err(disk)?;
        size += piece.len() as u64;
        meter.add_written(piece.len() as u64);
        trail.add(u32::try_from(piece.len()).map_err(|_| Error::Gone)?, unpacked);
        count += 1;
        used.give(piece);
    }
    file.sync_all().map_err(disk)?;
    Ok(Written { count, size })
}
