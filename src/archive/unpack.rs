//! Out of an archive: as a tar stream for Docker, or one file's content.
//!
//! Only what the manifest lists is given, from where the manifest says that it lies, and each file is held to its checksum
//! on the way. The archive's own headers are not looked at, so nothing in them can do any harm.

use std::{io, ops::Range, path::Path, sync::Arc};

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt, stream};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;

use super::{
    error::{Damage, Error, Refusal, shown},
    lanes,
    manifest::{File, Hash, Manifest, PIECE, Seal},
    meter::{Meter, Stop},
    path::check,
    pieces::Pieces,
    scope::Selection,
    ustar::{BLOCK, Head, padding, write_head},
};

/// Pieces of the stream that wait.
const WAITING: usize = 4;
/// Headers and small files are gathered up to so many bytes.
const GATHER: usize = 256 << 10;

/// Who owns what is unpacked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Owner {
    /// User id.
    pub uid: u32,
    /// Group id.
    pub gid: u32,
}

/// A part of a backup as a tar stream, for Docker's archive of a folder. `map` gives each path its place below that folder.
/// Folders come first, links last. An error in the stream means that what was unpacked must not be used.
pub fn unpack<M: Fn(&str) -> String + Send + 'static>(
    archive: &Path,
    manifest: Arc<Manifest>,
    selection: Selection,
    owner: Owner,
    map: M,
    meter: &Meter,
) -> impl Stream<Item = Result<Bytes, io::Error>> + Send + use<M> {
    let (path, meter) = (archive.to_owned(), meter.clone());
    spawn(move |out| {
        let mut tar = Tar { out, gathered: BytesMut::with_capacity(GATHER), owner, map: Box::new(map) };
        let links = selection.links.iter().filter_map(|at| manifest.links.get(*at));
        for folder in selection.folders.iter().filter_map(|at| manifest.folders.get(*at)) {
            let head = Head { folder: true, mode: folder.mode, modified: folder.modified, ..tar.head() };
            tar.begin(&path, &folder.path, head)?;
        }
        let files = selection.files.iter().filter_map(|at| manifest.files.get(*at)).collect();
        read(&path, seal(&path, &manifest)?, files, &meter, &tar.out.stop.clone(), |step| match step {
            Step::Begin(file) => {
                let head = Head { size: file.size, mode: file.mode, modified: file.modified, ..tar.head() };
                tar.begin(&path, &file.path, head)
            }
            Step::Content(piece) => tar.content(piece),
            Step::End(file) => {
                meter.add_file();
                tar.zeros(padding(file.size))
            }
        })?;
        for link in links {
            let head = Head { target: Some(&link.target), mode: 0o777, ..tar.head() };
            tar.begin(&path, &link.path, head)?;
        }
        tar.zeros(2 * BLOCK as u64)?;
        tar.flush()
    })
    .map(|piece| piece.map_err(io::Error::other))
}

/// The content of one file of a backup, in pieces as they come. After an error it must not be used.
pub fn read_file(
    archive: &Path,
    manifest: Arc<Manifest>,
    file: usize,
) -> impl Stream<Item = Result<Bytes, Error>> + Send + use<> {
    let path = archive.to_owned();
    spawn(move |out| {
        let file = manifest.files.get(file).ok_or(Error::NothingThere { what: "such file".into() })?;
        read(&path, seal(&path, &manifest)?, vec![file], &Meter::new(), &out.stop, |step| match step {
            Step::Content(piece) => out.send(piece),
            _ => Ok(()),
        })
    })
}

/// The content of one small file; what is longer than `most` is refused.
pub(super) async fn read_whole(
    archive: &Path,
    manifest: &Manifest,
    file: usize,
    most: u64,
) -> Result<Vec<u8>, Error> {
    let nothing = || Error::NothingThere { what: String::from("list of players that can be read") };
    let file = manifest.files.get(file).filter(|file| file.size <= most).ok_or_else(nothing)?.clone();
    let (path, seal) = (archive.to_owned(), seal(archive, manifest)?.clone());
    super::meter::on_thread("unpack", move |stop| {
        let mut content = Vec::new();
        read(&path, &seal, vec![&file], &Meter::new(), stop, |step| {
            if let Step::Content(piece) = step {
                content.extend_from_slice(&piece);
            }
            Ok(())
        })?;
        Ok(content)
    })
    .await
}

fn seal<'a>(path: &Path, manifest: &'a Manifest) -> Result<&'a Seal, Error> {
    manifest.archive.as_ref().ok_or_else(|| Error::Damaged {
        path: path.to_owned(),
        damage: Damage::Manifest(String::from("it says nothing of the archive's file")),
    })
}

/// Where the stream goes to.
struct Out {
    pieces: mpsc::Sender<Result<Bytes, Error>>,
    stop: Stop,
}

impl Out {
    fn send(&self, piece: Bytes) -> Result<(), Error> {
        self.pieces.blocking_send(Ok(piece)).map_err(|_| Error::Cancelled)
    }
}

/// Runs work on a thread of its own that gives a stream. Dropping the stream ends it.
fn spawn(
    work: impl FnOnce(Out) -> Result<(), Error> + Send + 'static,
) -> impl Stream<Item = Result<Bytes, Error>> + Send {
    let (pieces, stream) = mpsc::channel(WAITING);
    let stop = Stop::default();
    let guard = stop.guard();
    let failed = pieces.clone();
    let spawned = std::thread::Builder::new().name("unpack".into()).spawn(move || {
        let last = pieces.clone();
        if let Err(error) = work(Out { pieces, stop }) {
            let _ = last.blocking_send(Err(error));
        }
    });
    if spawned.is_err() {
        let _ = failed.try_send(Err(Error::Gone));
    }
    drop(failed);
    stream::unfold((stream, guard), |(mut stream, guard)| async move {
        let piece = stream.recv().await?;
        Some((piece, (stream, guard)))
    })
}

struct Tar {
    out: Out,
    gathered: BytesMut,
    owner: Owner,
    map: Box<dyn Fn(&str) -> String + Send>,
}

impl Tar {
    fn head<'a>(&self) -> Head<'a> {
        Head {
            path: "",
            target: None,
            folder: false,
            size: 0,
            mode: 0o644,
            uid: self.owner.uid.into(),
            gid: self.owner.gid.into(),
            modified: 0,
        }
    }

    fn begin(&mut self, archive: &Path, path: &str, head: Head<'_>) -> Result<(), Error> {
        let mapped = (self.map)(path);
        // Whoever maps is held to the same rule as the archive.
        let why = match check(mapped.as_bytes()) {
            Ok(_) if !mapped.ends_with('/') => None,
            Ok(_) => Some(Refusal::NotPlain),
            Err(why) => Some(why),
        };
        if let Some(why) = why {
            return Err(Error::Refused { path: archive.to_owned(), member: shown(mapped.as_bytes()), why });
        }
        let mut header = Vec::with_capacity(BLOCK);
        write_head(&Head { path: &mapped, ..head }, &mut header);
        self.gather(&header)
    }

    fn content(&mut self, piece: Bytes) -> Result<(), Error> {
        if piece.len() < GATHER / 16 {
            return self.gather(&piece);
        }
        self.flush()?;
        self.out.send(piece)
    }

    fn zeros(&mut self, count: u64) -> Result<(), Error> {
        self.gathered.resize(self.gathered.len() + usize::try_from(count).unwrap_or(0), 0);
        Ok(())
    }

    fn gather(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.gathered.extend_from_slice(bytes);
        if self.gathered.len() >= GATHER { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), Error> {
        if self.gathered.is_empty() {
            return Ok(());
        }
        let gathered = std::mem::replace(&mut self.gathered, BytesMut::with_capacity(GATHER));
        self.out.send(gathered.freeze())
    }
}

enum Step<'a> {
    Begin(&'a File),
    Content(Bytes),
    End(&'a File),
}

/// Reads files in the order in which they lie in the archive, each held to its checksum, and no pieces but those that they
/// lie in.
fn read(
    path: &Path,
    seal: &Seal,
    mut files: Vec<&File>,
    meter: &Meter,
    stop: &Stop,
    mut each: impl FnMut(Step<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    files.sort_by_key(|file| file.at);
    let wanted = ranges(&files);
    let mut pieces = Pieces::open(path, seal, wanted, lanes::threads(), meter.clone(), stop.clone())?;
    let mut piece = (usize::MAX, Bytes::new());
    for file in files {
        stop.check()?;
        each(Step::Begin(file))?;
        let damaged =
            || Error::Damaged { path: path.to_owned(), damage: Damage::Content(shown(file.path.as_bytes())) };
        let mut hash = Sha256::new();
        let (mut at, end) = (file.at, file.at.saturating_add(file.size));
        while at < end {
            let (number, within) = place(at);
            while piece.0 != number {
                piece = pieces.next()?.ok_or_else(damaged)?;
            }
            let until =
                usize::try_from(end - at).unwrap_or(usize::MAX).saturating_add(within).min(piece.1.len());
            if until <= within {
                return Err(damaged());
            }
            let slice = piece.1.slice(within..until);
            at += slice.len() as u64;
            hash.update(&slice);
            each(Step::Content(slice))?;
        }
        if Hash(hash.finalize().into()) != file.sha256 {
            return Err(damaged());
        }
        each(Step::End(file))?;
    }
    Ok(())
}

/// The piece that a byte of the tar stream lies in, and where in it.
fn place(at: u64) -> (usize, usize) {
    let piece = PIECE as u64;
    (usize::try_from(at / piece).unwrap_or(usize::MAX), usize::try_from(at % piece).unwrap_or(0))
}

/// The pieces that files lie in, ascending and each once.
fn ranges(files: &[&File]) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for file in files.iter().filter(|file| file.size > 0) {
        let (first, _) = place(file.at);
        let (last, _) = place(file.at + file.size - 1);
        match ranges.last_mut() {
            Some(range) if first < range.end => range.end = range.end.max(last + 1),
            Some(range) if first == range.end => range.end = last + 1,
            _ => ranges.push(first..last + 1),
        }
    }
    ranges
}
