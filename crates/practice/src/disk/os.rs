//! A data folder on a real disk.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use super::Disk;
use crate::region::Region;

/// A data folder on a real disk, usually `/data`.
#[derive(Debug)]
pub struct OsDisk {
    root: PathBuf,
    locks: BTreeMap<String, File>,
}

impl OsDisk {
    /// Works below `root`.
    #[must_use]
    pub fn new(root: impl AsRef<Path>) -> Self {
        Self { root: root.as_ref().to_path_buf(), locks: BTreeMap::new() }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.root.join(path.trim_start_matches('/'))
    }

    fn create(&self, path: &str) -> io::Result<File> {
        let path = self.path(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        OpenOptions::new().write(true).create(true).truncate(true).open(path)
    }
}

impl Disk for OsDisk {
    fn len(&self, path: &str) -> Option<u64> {
        let meta = fs::metadata(self.path(path)).ok()?;
        Some(if meta.is_dir() { 0 } else { meta.len() })
    }

    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        File::open(self.path(path))?.take(1 << 20).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn write(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        self.create(path)?.write_all(bytes)
    }

    fn write_at(&mut self, path: &str, offset: u64, bytes: &[u8]) -> io::Result<()> {
        OpenOptions::new().write(true).open(self.path(path))?.write_all_at(bytes, offset)
    }

    fn append(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let path = self.path(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        OpenOptions::new().append(true).create(true).open(path)?.write_all(bytes)
    }

    fn write_region(&mut self, path: &str, region: &Region) -> io::Result<()> {
        let mut file = self.create(path)?;
        let mut buffer = vec![0; 1 << 20];
        let mut offset = 0;
        loop {
            let count = region.read_at(offset, &mut buffer);
            if count == 0 {
                return Ok(());
            }
            file.write_all(&buffer[..count])?;
            offset += count as u64;
        }
    }

    fn rename(&mut self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.path(from), self.path(to))
    }

    fn remove(&mut self, path: &str) -> io::Result<()> {
        match fs::remove_file(self.path(path)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other,
        }
    }

    fn create_dir(&mut self, path: &str) -> io::Result<()> {
        fs::create_dir_all(self.path(path))
    }

    /// Takes a POSIX record lock on the whole file, as the game does. It is lost when **any** descriptor of the file is
    /// closed in this process, so nothing else here opens the file.
    fn lock(&mut self, path: &str, content: &[u8]) -> io::Result<bool> {
        if self.locks.contains_key(path) {
            return Ok(true);
        }
        let full = self.path(path);
        if let Some(parent) = full.parent() {
            fs::create_dir_all(parent)?;
        }
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(full)?;
        match rustix::fs::fcntl_lock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::AGAIN | rustix::io::Errno::ACCESS) => return Ok(false),
            Err(error) => return Err(error.into()),
        }
        file.write_all_at(content, 0)?;
        self.locks.insert(path.to_owned(), file);
        Ok(true)
    }

    fn unlock(&mut self, path: &str) {
        self.locks.remove(path);
    }

    fn sync(&mut self) -> io::Result<()> {
        let root = File::open(&self.root)?;
        #[cfg(target_os = "linux")]
        rustix::fs::syncfs(&root)?;
        #[cfg(not(target_os = "linux"))]
        root.sync_all()?;
        Ok(())
    }
}
