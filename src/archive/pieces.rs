//! The pieces of an archive, unpacked on several threads and given in their order; one more thread hashes the file.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
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

/// Bytes that the disk is asked for ahead.
const AHEAD: NonZeroU64 = NonZeroU64::MIN.saturating_add(8 << 20);

/// Pieces that wait to be hashed.
const UNHASHED: usize = 4;

/// One packed piece: its number, its bytes, and how many it unpacks to.
type Packed = (usize, Bytes, usize);

/// Pieces in their order.
pub struct Pieces {
    path: PathBuf,
    unpacked: lanes::OutOf<(usize, io::Result<Vec<u8>>)>,
    spare: Spare,
    reader: Option<JoinHandle<Result<Hash, Error>>>,
    left: usize,
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
        let mut ready = Vec::new();
        for _ in 0..threads.max(1) {
            ready.push(codec::Unpacker::new(seal.packing).map_err(disk)?);
        }
        let spare = Spare::default();
        let (packed, unpacked) = lanes::lanes(threads, "unpack", || {
            let (mut unpacker, spare) = (ready.pop(), spare.clone());
            move |(number, packed, size): Packed| {
                let mut piece = spare.take();
                let unpacked = match &mut unpacker {
                    Some(unpacker) => unpacker.unpack(&packed, size, &mut piece),
                    None => Err(io::Error::other("there are more threads than unpackers")),
                };
                drop(packed);
                (number, unpacked.map(|()| piece))
            }
        })
        .map_err(disk)?;
        let left = wanted.iter().map(ExactSizeIterator::len).sum();
        let reader = Reader { path: path.to_owned(), file, wanted, spare: spare.clone(), meter, stop };
        let (sizes, total) = (seal.pieces.clone(), seal.unpacked);
        let reader = thread::Builder::new()
            .name("archive".into())
            .spawn(move || reader.run(&sizes, total, packed))
            .map_err(|_| Error::Gone)?;
        Ok(Self { path: path.to_owned(), unpacked, spare, reader: Some(reader), left })
    }

    /// The next piece and its number; `None` after the last.
    ///
    /// # Errors
    /// [`Error::Damaged`], [`Error::Cancelled`], or the disk's.
    pub fn next(&mut self) -> Result<Option<(usize, Bytes)>, Error> {
        if self.left == 0 {
            return Ok(None);
        }
        let Some((number, piece)) = self.unpacked.take() else {
            // The reader gave up, and knows why.
            return Err(self.join().err().unwrap_or(Error::Gone));
        };
        self.left -= 1;
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
        self.join()
    }

    fn join(&mut self) -> Result<Hash, Error> {
        let reader = self.reader.take().ok_or(Error::Gone)?;
        reader.join().map_err(|_| Error::Gone)?
    }
}

struct Reader {
    path: PathBuf,
    file: File,
    wanted: Vec<Range<usize>>,
    spare: Spare,
    meter: Meter,
    stop: Stop,
}

impl Reader {
    fn run(mut self, sizes: &[u32], total: u64, mut packed: lanes::Into<Packed>) -> Result<Hash, Error> {
        let path = self.path;
        let disk = |error| Error::disk(&path, error);
        let (hashed, read) = sync_channel::<Bytes>(UNHASHED);
        let hash =
            thread::Builder::new().name("hash".into()).spawn(move || hash(&read)).map_err(|_| Error::Gone)?;
        let mut at = (0, 0_u64);
        for wanted in self.wanted {
            let skipped = sizes.get(at.0..wanted.start).unwrap_or_default();
            if !skipped.is_empty() {
                at.1 += skipped.iter().map(|size| u64::from(*size)).sum::<u64>();
                self.file.seek(SeekFrom::Start(at.1)).map_err(disk)?;
            }
            for number in wanted {
                self.stop.check()?;
                // The disk brings what follows while this is worked on.
                let _ = fadvise(&self.file, at.1, Some(AHEAD), Advice::WillNeed);
                let mut piece = self.spare.take();
                piece.resize(sizes.get(number).map_or(0, |size| *size as usize), 0);
                self.file.read_exact(&mut piece).map_err(disk)?;
                self.meter.add_read_back(piece.len() as u64);
                at = (number + 1, at.1 + piece.len() as u64);
                let size = (total - (number * PIECE) as u64).min(PIECE as u64);
                let piece = self.spare.lend(piece);
                let taken = hashed.send(piece.clone()).is_ok()
                    && packed.put((number, piece, usize::try_from(size).unwrap_or(PIECE)));
                if !taken {
                    return Err(Error::Cancelled);
                }
            }
        }
        drop(hashed);
        hash.join().map_err(|_| Error::Gone)
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
