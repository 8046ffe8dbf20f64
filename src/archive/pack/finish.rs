//! The end of an archive: its manifest, and the proof that it can be read.

use std::io::{self, Write};

use sha2::{Digest, Sha256};

use super::{
    super::{
        error::{Damage, Error},
        manifest::{About, Hash, INSIDE, Manifest, Seal},
        place::{Partial, sync_folder},
        sidecar,
        ustar::{BLOCK, Head, padding, write_head},
        verify::read_back,
    },
    Making,
    book::Book,
    proof::Proof,
    sink::Sink,
    trace::Trace,
};

/// Ends the archive, syncs it and reads it back. It has no name yet when this returns.
///
/// # Errors
/// The disk's, or [`Error::Damaged`].
pub fn finish(
    making: &Making,
    mut sink: Sink,
    proof: Proof,
    mut trace: Trace,
    book: Book,
    about: About,
    torn: &[String],
) -> Result<Manifest, Error> {
    let created = about.created_at;
    let mut manifest = book.close(about, torn, millis(making));
    let hash = append(&manifest, u64::try_from(created.as_second()).unwrap_or(0), &mut sink, &mut trace)?;
    sink.zeros(2 * BLOCK as u64)?;
    let unpacked = sink.at();
    let written = sink.finish()?;
    manifest.archive = Some(Seal {
        packing: making.plan.packing,
        size: written.size,
        sha256: Hash([0; 32]),
        unpacked,
        manifest: hash,
        pieces: proof.sizes(),
    });
    let found = proof.end()?;
    if found.members != trace.end() {
        // Something in it is another: this reads it once more, and tells what.
        let damage = Damage::Checksum;
        read_back(&making.partial.path, &manifest, making.threads(), &making.meter, &making.stop)?;
        return Err(Error::Damaged { path: making.partial.path.clone(), damage });
    }
    // The file is hashed once, when all that is in it was found to be right.
    if let Some(seal) = &mut manifest.archive {
        seal.sha256 = found.file;
    }
    manifest.duration_ms = millis(making);
    Ok(manifest)
}

/// Gives the archive its name, after its manifest has one: a manifest without an archive is no backup, an archive without
/// a manifest could not be read.
///
/// # Errors
/// [`Error::Exists`], or the disk's. Neither is there then.
pub fn publish(partial: Partial, manifest: &Manifest) -> Result<(), Error> {
    let target = partial.target().to_owned();
    let beside = sidecar::write_new(&target, manifest)?;
    let published = partial.publish();
    if published.is_err() {
        let _ = std::fs::remove_file(&beside);
    }
    published?;
    target.parent().map_or(Ok(()), sync_folder)
}

fn millis(making: &Making) -> u64 {
    u64::try_from(making.began.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// The manifest as the last member. Its length must be known before it, so it is written twice, the first time to
/// nowhere: it may be large, and is never held as text.
fn append(manifest: &Manifest, modified: u64, sink: &mut Sink, trace: &mut Trace) -> Result<Hash, Error> {
    let mut size = Count(0);
    json(manifest, &mut size)?;
    let mut header = Vec::new();
    let head = Head {
        path: INSIDE,
        target: None,
        folder: false,
        size: size.0,
        mode: 0o600,
        uid: 0,
        gid: 0,
        modified,
    };
    write_head(&head, &mut header);
    sink.write(&header)?;
    let at = sink.at();
    let mut hash = Sha256::new();
    let mut failed = None;
    let mut into = Into { sink, hash: &mut hash, failed: &mut failed };
    let mut buffered = io::BufWriter::with_capacity(64 << 10, &mut into);
    let written = json(manifest, &mut buffered)
        .and_then(|()| buffered.flush().map_err(|error| Error::disk(std::path::Path::new(INSIDE), error)));
    drop(buffered);
    match failed {
        Some(error) => return Err(error),
        None => written?,
    }
    sink.zeros(padding(size.0))?;
    let hash = Hash(hash.finalize().into());
    trace.wrote(&head, at, Some(hash));
    Ok(hash)
}

fn json(manifest: &Manifest, out: &mut impl Write) -> Result<(), Error> {
    serde_json::to_writer(out, manifest)
        .map_err(|error| Error::disk(std::path::Path::new(INSIDE), io::Error::from(error)))
}

struct Count(u64);

impl Write for Count {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes to the archive, and keeps the error that `io::Error` has no room for.
struct Into<'a> {
    sink: &'a mut Sink,
    hash: &'a mut Sha256,
    failed: &'a mut Option<Error>,
}

impl Write for Into<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.hash.update(bytes);
        match self.sink.write(bytes) {
            Ok(()) => Ok(bytes.len()),
            Err(error) => {
                *self.failed = Some(error);
                Err(io::Error::other("the archive cannot be written"))
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
