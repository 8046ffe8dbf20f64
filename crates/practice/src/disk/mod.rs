//! The data folder, real or in memory.
//!
//! Paths are relative to `/data`, with `/` between the parts and without `.` and `..`.

mod mem;
mod node;
#[cfg(unix)]
mod os;

use std::io;

pub use mem::MemDisk;
pub use node::{Entry, EntryKind};
#[cfg(unix)]
pub use os::OsDisk;

use crate::region::Region;

/// The file operations that a server needs. Every method creates missing parent folders of what it writes.
pub trait Disk {
    /// Tells the time that new files are to carry, milliseconds since 1970. Real disks know it themselves.
    fn set_time(&mut self, _unix_ms: u64) {}

    /// Whether there is a file or folder.
    fn exists(&self, path: &str) -> bool {
        self.len(path).is_some()
    }

    /// The length of a file in bytes; 0 for a folder, `None` when there is nothing.
    fn len(&self, path: &str) -> Option<u64>;

    /// A whole file, at most 1 MiB of it: configuration, not worlds.
    ///
    /// # Errors
    /// When it cannot be read; [`io::ErrorKind::NotFound`] when it is not there.
    fn read(&self, path: &str) -> io::Result<Vec<u8>>;

    /// Puts a file in the place of what was there.
    ///
    /// # Errors
    /// When it cannot be written, for example because the disk is full.
    fn write(&mut self, path: &str, bytes: &[u8]) -> io::Result<()>;

    /// Overwrites a part of an existing file; the file grows when the part goes past its end.
    ///
    /// # Errors
    /// When it cannot be written.
    fn write_at(&mut self, path: &str, offset: u64, bytes: &[u8]) -> io::Result<()>;

    /// Adds to the end of a file.
    ///
    /// # Errors
    /// When it cannot be written.
    fn append(&mut self, path: &str, bytes: &[u8]) -> io::Result<()>;

    /// Makes a region file with its first content.
    ///
    /// # Errors
    /// When it cannot be written.
    fn write_region(&mut self, path: &str, region: &Region) -> io::Result<()>;

    /// Adds the last chunk of `region` to a region file that has all the others.
    ///
    /// # Errors
    /// When it cannot be written.
    fn grow_region(&mut self, path: &str, region: &Region, unix_seconds: u32) -> io::Result<()> {
        let Some(index) = region.chunks.checked_sub(1) else {
            return Ok(());
        };
        self.write_at(path, Region::chunk_offset(index), &region.chunk(index, 0))?;
        self.write_at(path, 4096 + u64::from(index) * 4, &unix_seconds.to_be_bytes())?;
        self.write_at(path, u64::from(index) * 4, &Region::place(index))
    }

    /// Moves a file over another.
    ///
    /// # Errors
    /// When there is nothing to move or the disk refuses.
    fn rename(&mut self, from: &str, to: &str) -> io::Result<()>;

    /// Removes a file; one that is not there is not an error.
    ///
    /// # Errors
    /// When the disk refuses.
    fn remove(&mut self, path: &str) -> io::Result<()>;

    /// Makes a folder and its parents.
    ///
    /// # Errors
    /// When the disk refuses.
    fn create_dir(&mut self, path: &str) -> io::Result<()>;

    /// Takes the advisory lock of a file until [`Disk::unlock`] or the end of the process, and writes `content` into
    /// it. `false`: somebody else has the lock.
    ///
    /// # Errors
    /// When the file cannot be opened.
    fn lock(&mut self, path: &str, content: &[u8]) -> io::Result<bool>;

    /// Gives the lock back.
    fn unlock(&mut self, path: &str);

    /// Waits until everything is really on the disk.
    ///
    /// # Errors
    /// When the disk says that something is not.
    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}
