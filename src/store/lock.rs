//! One process at a time: a lock beside the database, with the holder's process id in it.
//!
//! redb locks its own file as well. This lock is taken first, so that making, checking and migrating the file are
//! under it too, and so that whoever is refused can be told by whom.

use std::{
    ffi::OsString,
    fs::{File, OpenOptions, TryLockError},
    io::{Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use super::error::Error;

/// Held until it is dropped. The file stays: removing it would let two processes lock two files of one name.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
}

/// The database's path with something after it.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

impl Lock {
    pub(super) fn take(database: &Path) -> Result<Self, Error> {
        let path = beside(database, ".lock");
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(|source| Error::io(&path, source))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::Locked { path: database.to_owned(), pid: holder(&mut file) });
            }
            // Some network folders know no locks. redb's own lock is all there is then.
            Err(TryLockError::Error(error)) if error.kind() == std::io::ErrorKind::Unsupported => {}
            Err(TryLockError::Error(source)) => return Err(Error::io(&path, source)),
        }
        // The id is only a courtesy to whoever is refused: a full disk must not keep us from reading.
        let _ = file.set_len(0).and_then(|()| write!(file, "{}", std::process::id()));
        Ok(Self { file })
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = self.file.set_len(0);
        // Closing alone is not enough: a process that was just forked off holds the file, too, until it execs.
        let _ = self.file.unlock();
    }
}

fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(32).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}
