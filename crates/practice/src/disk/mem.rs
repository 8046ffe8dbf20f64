//! A data folder in memory, for a thousand servers in one process.
//!
//! Region files are kept as what they follow from, plus the pages that were overwritten since: a world of gigabytes
//! costs a few kilobytes until somebody reads it.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use super::Disk;
use super::node::{Content, Entry, EntryKind, Node};
use crate::region::{CHUNK, Region};

/// A data folder in memory. New names belong to 1000:1000 until
/// [`MemDisk::set_owner`] says otherwise.
#[derive(Clone, Debug, Default)]
pub struct MemDisk {
    nodes: BTreeMap<Box<str>, Node>,
    locks: BTreeSet<Box<str>>,
    owner: (u32, u32),
    now_ms: u64,
    limit: Option<u64>,
}

fn not_found(path: &str) -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, format!("{path}: no such file or directory"))
}

fn wrong_kind(path: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, format!("{path}: not a file"))
}

fn clean(path: &str) -> &str {
    path.trim_start_matches("./").trim_matches('/')
}

impl MemDisk {
    /// An empty folder that belongs to 1000:1000.
    #[must_use]
    pub fn new() -> Self {
        Self { owner: (1000, 1000), ..Self::default() }
    }

    /// Changes who owns what is made from now on.
    pub fn set_owner(&mut self, uid: u32, gid: u32) {
        self.owner = (uid, gid);
    }

    /// Makes every write past this many bytes in all fail as a full disk does; `None` lifts it.
    pub fn set_limit(&mut self, bytes: Option<u64>) {
        self.limit = bytes;
    }

    /// The bytes that all files have together.
    #[must_use]
    pub fn used(&self) -> u64 {
        self.nodes.values().map(Node::len).sum()
    }

    /// Everything at and below `path`, parents before children. The empty path is the whole folder.
    pub fn walk<'a>(&'a self, path: &'a str) -> impl Iterator<Item = (&'a str, Entry)> + 'a {
        let root = clean(path);
        let from = self.nodes.range::<str, _>((std::ops::Bound::Included(root), std::ops::Bound::Unbounded));
        from.map(|(name, node)| (&**name, node))
            .take_while(move |(name, _)| name.starts_with(root))
            .filter(move |(name, _)| {
                root.is_empty() || name.len() == root.len() || name[root.len()..].starts_with('/')
            })
            .map(|(name, node)| (name, node.entry()))
    }

    /// What is known about `path`.
    #[must_use]
    pub fn entry(&self, path: &str) -> Option<Entry> {
        self.nodes.get(clean(path)).map(Node::entry)
    }

    /// Reads a part of a file, or the target of a link, and says how many bytes there were.
    ///
    /// # Errors
    /// When there is no such file.
    pub fn read_at(&self, path: &str, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let node = self.nodes.get(clean(path)).ok_or_else(|| not_found(path))?;
        if matches!(node.content, Content::Dir) {
            return Err(wrong_kind(path));
        }
        Ok(node.read_at(offset, buffer))
    }

    /// Puts a name into the folder with everything that an archive says about it.
    ///
    /// # Errors
    /// When the limit is reached.
    pub fn put(&mut self, path: &str, entry: &Entry, content: &[u8]) -> io::Result<()> {
        let path = clean(path);
        let content = match entry.kind {
            EntryKind::Dir => Content::Dir,
            EntryKind::File => Content::Bytes(content.to_vec()),
            EntryKind::Symlink => Content::Symlink(content.to_vec()),
        };
        let node =
            Node { content, mode: entry.mode, uid: entry.uid, gid: entry.gid, mtime_ms: entry.mtime_ms };
        self.room(node.len())?;
        self.parents(path);
        self.nodes.insert(path.into(), node);
        Ok(())
    }

    /// Removes a name and everything below it, and says how many names that were.
    pub fn remove_all(&mut self, path: &str) -> usize {
        let gone: Vec<Box<str>> = self.walk(path).map(|(name, _)| name.into()).collect();
        for name in &gone {
            self.nodes.remove(name);
        }
        gone.len()
    }

    /// Moves a file, or a folder with everything below it.
    ///
    /// # Errors
    /// When there is nothing to move.
    pub fn move_all(&mut self, from: &str, to: &str) -> io::Result<()> {
        let (from, to) = (clean(from), clean(to));
        let names: Vec<Box<str>> = self.walk(from).map(|(name, _)| name.into()).collect();
        if names.is_empty() {
            return Err(not_found(from));
        }
        self.parents(to);
        for name in names {
            if let Some(node) = self.nodes.remove(&name) {
                self.nodes.insert(format!("{to}{}", &name[from.len()..]).into(), node);
            }
        }
        Ok(())
    }

    /// Puts a copy of a file, or of a folder with everything below it, elsewhere. It takes no space of its own, as a hard
    /// link does not.
    ///
    /// # Errors
    /// When there is nothing to copy.
    pub fn copy_all(&mut self, from: &str, to: &str) -> io::Result<()> {
        let (from, to) = (clean(from), clean(to));
        let names: Vec<Box<str>> = self.walk(from).map(|(name, _)| name.into()).collect();
        if names.is_empty() {
            return Err(not_found(from));
        }
        self.parents(to);
        for name in names {
            if let Some(node) = self.nodes.get(&name).cloned() {
                self.nodes.insert(format!("{to}{}", &name[from.len()..]).into(), node);
            }
        }
        Ok(())
    }

    /// The names in a folder, each once.
    #[must_use]
    pub fn names(&self, folder: &str) -> Vec<String> {
        let folder = clean(folder);
        let skip = if folder.is_empty() { 0 } else { folder.len() + 1 };
        let below = self.walk(folder).filter_map(|(path, _)| path.get(skip..));
        below.filter(|rest| !rest.is_empty() && !rest.contains('/')).map(str::to_owned).collect()
    }

    /// Gives everything to `uid`:`gid`, as the start script's `chown -R` does.
    pub fn chown_all(&mut self, uid: u32, gid: u32) {
        for node in self.nodes.values_mut() {
            (node.uid, node.gid) = (uid, gid);
        }
    }

    fn room(&self, more: u64) -> io::Result<()> {
        match self.limit {
            Some(limit) if self.used().saturating_add(more) > limit => {
                Err(io::Error::new(io::ErrorKind::StorageFull, "No space left on device"))
            }
            _ => Ok(()),
        }
    }

    fn parents(&mut self, path: &str) {
        for (at, _) in path.match_indices('/') {
            if !self.nodes.contains_key(&path[..at]) {
                let node = self.node(Content::Dir, 0o775);
                self.nodes.insert(path[..at].into(), node);
            }
        }
    }

    fn node(&self, content: Content, mode: u32) -> Node {
        Node { content, mode, uid: self.owner.0, gid: self.owner.1, mtime_ms: self.now_ms }
    }

    fn place(&mut self, path: &str, content: Content) {
        let path = clean(path);
        self.parents(path);
        if let Some(node) = self.nodes.get_mut(path) {
            node.content = content;
            node.mtime_ms = self.now_ms;
        } else {
            let node = self.node(content, 0o664);
            self.nodes.insert(path.into(), node);
        }
    }
}

impl Disk for MemDisk {
    fn set_time(&mut self, unix_ms: u64) {
        self.now_ms = unix_ms;
    }

    fn len(&self, path: &str) -> Option<u64> {
        let path = clean(path);
        if path.is_empty() { Some(0) } else { self.nodes.get(path).map(Node::len) }
    }

    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        let length = self.len(path).ok_or_else(|| not_found(path))?.min(1 << 20);
        let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
        let count = self.read_at(path, 0, &mut bytes)?;
        bytes.truncate(count);
        Ok(bytes)
    }

    fn write(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        self.room(bytes.len() as u64)?;
        self.place(path, Content::Bytes(bytes.to_vec()));
        Ok(())
    }

    fn write_at(&mut self, path: &str, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let end = offset.saturating_add(bytes.len() as u64);
        let length = self.len(path).ok_or_else(|| not_found(path))?;
        self.room(end.saturating_sub(length))?;
        let now = self.now_ms;
        let node = self.nodes.get_mut(clean(path)).ok_or_else(|| not_found(path))?;
        node.write_at(offset, bytes);
        node.mtime_ms = now;
        Ok(())
    }

    fn append(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        match self.len(path) {
            Some(length) => self.write_at(path, length, bytes),
            None => self.write(path, bytes),
        }
    }

    fn write_region(&mut self, path: &str, region: &Region) -> io::Result<()> {
        self.room(region.len())?;
        self.place(path, Content::Region { region: *region, len: region.len(), pages: BTreeMap::new() });
        Ok(())
    }

    fn grow_region(&mut self, path: &str, grown: &Region, unix_seconds: u32) -> io::Result<()> {
        self.room(CHUNK as u64)?;
        let now = self.now_ms;
        let node = self.nodes.get_mut(clean(path)).ok_or_else(|| not_found(path))?;
        if let Content::Region { region, len, pages } = &mut node.content
            && region.chunks < grown.chunks
            && pages.is_empty()
        {
            // Nothing to keep: the new chunk follows from the seed like the others. They keep the time of the first.
            region.chunks = grown.chunks;
            *len = region.len();
            node.mtime_ms = now;
            return Ok(());
        }
        let Some(index) = grown.chunks.checked_sub(1) else {
            return Ok(());
        };
        self.write_at(path, Region::chunk_offset(index), &grown.chunk(index, 0))?;
        self.write_at(path, 4096 + u64::from(index) * 4, &unix_seconds.to_be_bytes())?;
        self.write_at(path, u64::from(index) * 4, &Region::place(index))
    }

    fn rename(&mut self, from: &str, to: &str) -> io::Result<()> {
        self.move_all(from, to)
    }

    fn remove(&mut self, path: &str) -> io::Result<()> {
        self.nodes.remove(clean(path));
        Ok(())
    }

    fn create_dir(&mut self, path: &str) -> io::Result<()> {
        let path = clean(path);
        self.parents(path);
        if !path.is_empty() && !self.nodes.contains_key(path) {
            let node = self.node(Content::Dir, 0o775);
            self.nodes.insert(path.into(), node);
        }
        Ok(())
    }

    fn lock(&mut self, path: &str, content: &[u8]) -> io::Result<bool> {
        if self.locks.contains(clean(path)) {
            return Ok(false);
        }
        self.write(path, content)?;
        Ok(self.locks.insert(clean(path).into()))
    }

    fn unlock(&mut self, path: &str) {
        self.locks.remove(clean(path));
    }
}
