//! The manifest beside an archive: written and read.

use std::{
    fs::File,
    io::{self, BufReader, BufWriter, Read, Write},
    path::{Path, PathBuf},
};

use super::{
    error::{Damage, Error},
    manifest::{FORMAT, Manifest},
    place::{Partial, sidecar, sync_folder},
};

/// Most bytes of a manifest: that of a million files has some 300 MB.
pub(super) const LONGEST: u64 = 512 << 20;

/// Reads the manifest beside an archive, and holds all that it lists to what may be unpacked.
///
/// # Errors
/// [`Error::Damaged`] when it is gone or none, [`Error::Refused`], [`Error::Newer`], or the disk's.
pub fn read(archive: &Path) -> Result<Manifest, Error> {
    let path = sidecar(archive);
    let damaged =
        |detail: String| Error::Damaged { path: archive.to_owned(), damage: Damage::Manifest(detail) };
    let file = match File::open(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(damaged(format!("{} is gone", path.display())));
        }
        other => other.map_err(|error| Error::disk(&path, error))?,
    };
    let manifest = parse(archive, BufReader::with_capacity(64 << 10, file.take(LONGEST)))?;
    match manifest.archive {
        Some(_) => Ok(manifest),
        None => Err(damaged(String::from("it says nothing of the archive's file"))),
    }
}

/// Reads a manifest and checks it.
pub(super) fn parse(archive: &Path, from: impl Read) -> Result<Manifest, Error> {
    let path = || archive.to_owned();
    let manifest: Manifest = serde_json::from_reader(from)
        .map_err(|error| Error::Damaged { path: path(), damage: Damage::Manifest(error.to_string()) })?;
    if manifest.format_version > FORMAT {
        return Err(Error::Newer { path: path(), found: manifest.format_version, known: FORMAT });
    }
    manifest.check().map_err(|(member, why)| Error::Refused { path: path(), member, why })?;
    Ok(manifest)
}

/// Writes the manifest beside an archive that is about to get its name, and says where. An existing one is never
/// overwritten.
///
/// # Errors
/// [`Error::Exists`], [`Error::NoSpace`], or the disk's.
pub(super) fn write_new(archive: &Path, manifest: &Manifest) -> Result<PathBuf, Error> {
    let path = sidecar(archive);
    let partial = Partial::begin(&path)?;
    write(&partial, manifest)?;
    partial.publish()?;
    Ok(path)
}

/// Writes the manifest beside an archive in the place of the one that is there, as a whole or not at all.
///
/// # Errors
/// [`Error::NoSpace`], or the disk's.
pub fn replace(archive: &Path, manifest: &Manifest) -> Result<(), Error> {
    let path = sidecar(archive);
    // Its own name while it is written is that of an unfinished backup's manifest, so that it is swept up like one.
    let partial = Partial::begin_over(&path)?;
    write(&partial, manifest)?;
    partial.replace()?;
    archive.parent().map_or(Ok(()), sync_folder)
}

fn write(partial: &Partial, manifest: &Manifest) -> Result<(), Error> {
    let disk = |error| Error::disk(&partial.path, error);
    let mut out = BufWriter::with_capacity(64 << 10, &partial.file);
    serde_json::to_writer(&mut out, manifest).map_err(|error| disk(error.into()))?;
    out.flush().map_err(disk)?;
    drop(out);
    partial.file.sync_all().map_err(disk)
}
