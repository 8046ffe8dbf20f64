//! The pieces of an archive, unpacked on several threads and given in their order; one more thread hashes the file. They are
//! read of an archive that is there, or of one that is still being written.

use std::{
    fs::File,
    io::{self, Read as _, Seek, SeekFrom},
    num::NonZeroU64,
    ops::Range,
    path::{Path, PathBuf},
    sync::mpsc::{Receiver, sync_channel},
    thread::{self, JoinHandle},
};

use bytes::Bytes;
use rustix::fs::{Advice, fadvise};
use sha2::{Digest, Sha256};

use super::{
    codec,
    error::{Damage, Error},
    lanes,
    manifest::{Hash, PIECE, Seal},
    meter::{Meter, Stop},
    spare::Spare,
    ustar::Pull,
};
use crate::model::backup::Packing;

/// Bytes that the disk is asked for ahead.
const AHEAD: NonZeroU64 = NonZeroU64::MIN.saturating_add(8 << 20);

/// Pieces that wait to be hashed.
const UNHASHED: usize = 4;

/// Where a piece lies in the file, and how much it is.
#[derive(Clone, Copy, Debug)]
pub struct Extent {
    /// Its number, from 0 on.
    pub number: usize,
    /// Where it begins in the file.
    pub at: u64,
    /// Bytes in the file.
    pub packed: u32,
    /// Bytes that it unpacks to, [`PIECE`] at most.
    pub unpacked: usize,
}

/// Pieces in their order.
pub struct Pieces {
    path: PathBuf,
    unpacked: lanes::OutOf<(usize, io::Result<Vec<u8>>)>,
    spare: Spare,
    reader: Option<JoinHandle<Result<Read, Error>>>,
    given: usize,
    hash: Option<Hash>,
}

/// What the reader has read when it ends.
struct Read {
    hash: Hash,
    count: usize,
}

impl Pieces {
    /// Opens an archive and begins to read. `wanted` are numbers of pieces, ascending.
    ///
    /// # Errors
    /// [`Error::Damaged`] when its length is another, or the disk's.
    pub fn open(
        path: &Path,
        seal: &Seal,
        wanted: Vec<Range<usize>>,
        threads: usize,
        meter: Meter,
        stop: Stop,
    ) -> Result<Self, Error> {
        let disk = |error| Error::disk(path, error);
        let file = File::open(path).map_err(disk)?;
        let found = file.metadata().map_err(disk)?.len();
        if found != seal.size {
            let damage = Damage::Length { told: seal.size, found };
            return Err(Error::Damaged { path: path.to_owned(), damage });
        }
        let mut wanted = wanted.into_iter().flatten().peekable();
        let extents = told(seal).filter(move |extent| wanted.next_if_eq(&extent.number).is_some()).map(Ok);
        Self::follow(path, file, seal.packing, extents, threads, meter, stop)
    }

    /// Reads the pieces that these are, each when it comes.
    ///
    /// # Errors
    /// The system's, when it gives no more threads or memory.
    pub fn follow(
        path: &Path,
        file: File,
        packing: Packing,
        extents: impl Iterator<Item = Result<Extent, Error>> + Send + 'static,
        threads: usize,
        meter: Meter,
        stop: Stop,
    ) -> Result<Self, Error> {
        let disk = |error| Error::disk(path, error);
        let mut ready = Vec::new();
        for _ in 0..threads.max(1) {
            ready.push(codec::Unpacker::new(packing).map_err(disk)?);
        }
        let spare = Spare::default();
        let (packed, unpacked) = lanes::lanes(threads, "unpack", || {
            let (mut unpacker, spare) = (ready.pop(), spare.clone());
            move |(extent, packed): (Extent, Bytes)| {
                let mut piece = spare.take();
                let unpacked = match &mut unpacker {
                    Some(unpacker) => unpacker.unpack(&packed, extent.unpacked, &mut piece),
                    None => Err(io::Error::other("there are more threads than unpackers")),
                };
                drop(packed);
                (extent.number, unpacked.map(|()| piece))
            }
        })
        .map_err(disk)?;
        let reader = Reader { path: path.to_owned(), file, spare: spare.clone(), meter, stop };
        let reader = thread::Builder::new()
            .name("archive".into())
            .spawn(move || reader.run(extents, packed))
            .map_err(|_| Error::Gone)?;
        Ok(Self { path: path.to_owned(), unpacked, spare, reader: Some(reader), given: 0, hash: None })
    }

    /// The next piece and its number; `None` after the last.
    ///
    /// # Errors
    /// [`Error::Damaged`], [`Error::Cancelled`], or the disk's.
    pub fn next(&mut self) -> Result<Option<(usize, Bytes)>, Error> {
        if self.hash.is_some() {
            return Ok(None);
        }
        let Some((number, piece)) = self.unpacked.take() else {
            // The reader is at the end, or gave up and knows why; or a thread died, which looks like the end.
            let read = self.join()?;
            if read.count != self.given {
                return Err(Error::Gone);
            }
            self.hash = Some(read.hash);
            return Ok(None);
        };
        self.given += 1;
        match piece {
            Ok(piece) => Ok(Some((number, self.spare.lend(piece)))),
            Err(error) => {
                let damage = Damage::Piece { number, detail: error.to_string() };
                Err(Error::Damaged { path: self.path.clone(), damage })
            }
        }
    }

    /// The checksum of what was read of the file: of the whole of it, where all pieces were wanted.
    ///
    /// # Errors
    /// As [`Self::next`].
    pub fn hash(mut self) -> Result<Hash, Error> {
        while self.next()?.is_some() {}
        self.hash.ok_or(Error::Gone)
    }

    fn join(&mut self) -> Result<Read, Error> {
        let reader = self.reader.take().ok_or(Error::Gone)?;
        reader.join().map_err(|_| Error::Gone)?
    }
}

/// The pieces of an archive that is there as a whole.
fn told(seal: &Seal) -> impl Iterator<Item = Extent> + Send + 'static {
    let total = seal.unpacked;
    let mut at = 0;
    seal.pieces.clone().into_iter().enumerate().map(move |(number, packed)| {
        let left = total.saturating_sub(number as u64 * PIECE as u64);
        let unpacked = usize::try_from(left).unwrap_or(PIECE).min(PIECE);
        let extent = Extent { number, at, packed, unpacked };
        at += u64::from(packed);
        extent
    })
}

struct Reader {
    path: PathBuf,
    file: File,
    spare: Spare,
    meter: Meter,
    stop: Stop,
}

impl Reader {
    fn run(
        mut self,
        extents: impl Iterator<Item = Result<Extent, Error>>,
        mut packed: lanes::Into<(Extent, Bytes)>,
    ) -> Result<Read, Error> {
        let path = self.path;
        let disk = |error| Error::disk(&path, error);
        let (hashed, read) = sync_channel::<Bytes>(UNHASHED);
        let hash =
            thread::Builder::new().name("hash".into()).spawn(move || hash(&read)).map_err(|_| Error::Gone)?;
        let (mut at, mut count) = (0, 0);
        for extent in extents {
            let extent = extent?;
            self.stop.check()?;
            if extent.at != at {
                self.file.seek(SeekFrom::Start(extent.at)).map_err(disk)?;
            }
            // The disk brings what follows while this is worked on.
            let _ = fadvise(&self.file, extent.at, Some(AHEAD), Advice::WillNeed);
            let mut piece = self.spare.take();
            piece.resize(extent.packed as usize, 0);
            self.file.read_exact(&mut piece).map_err(disk)?;
            self.meter.add_read_back(piece.len() as u64);
            at = extent.at + piece.len() as u64;
            count += 1;
            let piece = self.spare.lend(piece);
            if hashed.send(piece.clone()).is_err() || !packed.put((extent, piece)) {
                return Err(Error::Cancelled);
            }
        }
        drop(hashed);
        let hash = hash.join().map_err(|_| Error::Gone)?;
        Ok(Read { hash, count })
    }
}

/// The checksum of all pieces, in the order in which they come.
fn hash(pieces: &Receiver<Bytes>) -> Hash {
    let mut whole = Sha256::new();
    for piece in pieces {
        whole.update(&piece);
    }
    Hash(whole.finalize().into())
}

impl Pull for Pieces {
    fn pull(&mut self) -> Result<Option<Bytes>, Error> {
        Ok(self.next()?.map(|(_, piece)| piece))
    }
}
