//! The backup folder: what files are called in it, how one comes to be there as a whole or not at all, what a killed program
//! left in it.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use jiff::{Timestamp, tz::TimeZone};
use rustix::fs::{CWD, RenameFlags};

use super::error::Error;
use crate::model::backup::Packing;

/// The end of what is not finished.
const PARTIAL: &str = ".partial";
/// The end of a manifest beside its archive.
const MANIFEST: &str = ".json";

/// The file name of a backup: `backup_<server>_<YYYYMMDD>_<HHMMSS>.tar.gz`, in UTC. From the second attempt on there is a
/// number before the end, for two backups within a second.
pub fn name(server: &str, at: Timestamp, packing: Packing, attempt: u32) -> String {
    let server: String = server
        .chars()
        .take(80)
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' })
        .collect();
    let time = at.to_zoned(TimeZone::UTC).strftime("%Y%m%d_%H%M%S");
    let number = if attempt > 1 { format!("_{attempt}") } else { String::new() };
    format!("backup_{server}_{time}{number}.{}", packing.extension())
}

/// Where the manifest of an archive lies.
pub fn sidecar(archive: &Path) -> PathBuf {
    with(archive, MANIFEST)
}

fn with(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

/// A file that is not finished: gone when this is dropped, there as a whole after [`Self::publish`].
#[derive(Debug)]
pub struct Partial {
    /// Where it is written.
    pub path: PathBuf,
    /// Open for reading and writing.
    pub file: File,
    target: PathBuf,
    published: bool,
}

impl Partial {
    /// Begins a file that only this user may read. Its lock tells other programs that it is being written.
    ///
    /// # Errors
    /// [`Error::Exists`] when one of that name is there or is just being written, or the disk's.
    pub fn begin(target: &Path) -> Result<Self, Error> {
        if let Some(folder) = target.parent() {
            DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|error| {
                match error.kind() {
                    // Something is in its place: no other name would help.
                    io::ErrorKind::AlreadyExists => {
                        Error::Disk { path: folder.to_owned(), source: io::ErrorKind::NotADirectory.into() }
                    }
                    _ => Error::disk(folder, error),
                }
            })?;
        }
        // A manifest may be left of an archive that somebody took away: the name is in use all the same.
        if fs::symlink_metadata(target).is_ok() || fs::symlink_metadata(sidecar(target)).is_ok() {
            return Err(Error::Exists { path: target.to_owned() });
        }
        Self::begin_over(target)
    }

    /// Begins a file whose name may be in use. It is there after [`Self::replace`].
    ///
    /// # Errors
    /// [`Error::Exists`] when it is just being written, or the disk's.
    pub fn begin_over(target: &Path) -> Result<Self, Error> {
        let path = with(target, PARTIAL);
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .map_err(|error| Error::disk(&path, error))?;
        let partial = Self { path, file, target: target.to_owned(), published: false };
        partial.file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => Error::Exists { path: partial.path.clone() },
            TryLockError::Error(error) => Error::disk(&partial.path, error),
        })?;
        Ok(partial)
    }

    /// The name that it will have.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Gives it its name. It must be synced. An existing file is never overwritten.
    ///
    /// # Errors
    /// [`Error::Exists`], or the disk's.
    pub fn publish(mut self) -> Result<(), Error> {
        rename(&self.path, &self.target).map_err(|error| Error::disk(&self.target, error))?;
        self.published = true;
        Ok(())
    }

    /// Gives it its name, also when that is in use: what was there before is gone then. It must be synced.
    ///
    /// # Errors
    /// The disk's.
    pub fn replace(mut self) -> Result<(), Error> {
        fs::rename(&self.path, &self.target).map_err(|error| Error::disk(&self.target, error))?;
        self.published = true;
        Ok(())
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.published {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Renames without overwriting, also where the file system cannot do that by itself.
fn rename(from: &Path, to: &Path) -> io::Result<()> {
    match rustix::fs::renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS | rustix::io::Errno::NOTSUP) => {
            fs::hard_link(from, to)?;
            fs::remove_file(from)
        }
        other => other.map_err(io::Error::from),
    }
}

/// Makes names in a folder durable.
///
/// # Errors
/// The disk's.
pub fn sync_folder(folder: &Path) -> Result<(), Error> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|error| Error::disk(folder, error))
}

/// Bytes that are free for this user on the disk of a file or folder.
///
/// # Errors
/// The disk's.
pub fn free(path: &Path) -> Result<u64, Error> {
    let found = rustix::fs::statvfs(path).map_err(|error| Error::disk(path, error.into()))?;
    Ok(found.f_bavail.saturating_mul(found.f_frsize))
}

/// The archives of a folder, those with a manifest beside them. Its subfolders are not looked into.
///
/// # Errors
/// The disk's; a folder that is not there has none.
pub fn archives(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut found = entries(folder)?;
    found.retain(|path| is_archive(path) && sidecar(path).is_file());
    found.sort();
    Ok(found)
}

/// Removes what a killed program left unfinished: partial files that nobody is writing, and manifests whose archive never
/// came to be or was just being removed. Says what it removed.
///
/// # Errors
/// The disk's.
pub fn sweep(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut removed = Vec::new();
    for path in entries(folder)? {
        let name = path.to_string_lossy();
        let partial = name.strip_suffix(PARTIAL).is_some_and(|name| {
            is_archive(Path::new(name))
                || name.strip_suffix(MANIFEST).is_some_and(|name| is_archive(Path::new(name)))
        });
        let lonely = name.strip_suffix(MANIFEST).is_some_and(|archive| {
            let archive = Path::new(archive);
            // Between the two names that are given at the end, the archive still has its partial one.
            is_archive(archive) && !archive.exists() && !with(archive, PARTIAL).exists()
        });
        if (partial && unlocked(&path)) || lonely {
            fs::remove_file(&path).map_err(|error| Error::disk(&path, error))?;
            removed.push(path);
        }
    }
    // A manifest whose archive was still partial when it was looked at.
    let lonely: Vec<PathBuf> = removed
        .iter()
        .filter_map(|path| Some(with(Path::new(path.to_str()?.strip_suffix(PARTIAL)?), MANIFEST)))
        .filter(|path| path.is_file())
        .collect();
    for path in lonely {
        fs::remove_file(&path).map_err(|error| Error::disk(&path, error))?;
        removed.push(path);
    }
    Ok(removed)
}

/// Removes an archive and its manifest, the archive first: a manifest alone is no backup.
///
/// # Errors
/// The disk's; what is gone already is no error.
pub fn remove(archive: &Path) -> Result<(), Error> {
    for path in [archive, &sidecar(archive)] {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(Error::disk(path, error)),
            _ => {}
        }
    }
    archive.parent().map_or(Ok(()), sync_folder)
}

fn unlocked(path: &Path) -> bool {
    File::open(path).is_ok_and(|file| file.try_lock().is_ok())
}

fn is_archive(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with("backup_")
        && [Packing::Gzip, Packing::Zstd].iter().any(|packing| name.ends_with(packing.extension()))
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let listed = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(|error| Error::disk(folder, error))?,
    };
    let mut found = Vec::new();
    for entry in listed {
        let entry = entry.map_err(|error| Error::disk(folder, error))?;
        if entry.file_type().is_ok_and(|kind| kind.is_file()) {
            found.push(entry.path());
        }
    }
    Ok(found)
}
