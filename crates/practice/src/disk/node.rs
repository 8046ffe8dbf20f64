//! One name in a data folder in memory.

use std::collections::BTreeMap;

use crate::region::{Region, SECTOR};

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A folder.
    Dir,
    /// A file.
    File,
    /// A symbolic link; its target is its content.
    Symlink,
}

/// What is known about one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// File, folder or link.
    pub kind: EntryKind,
    /// Length in bytes; 0 for a folder.
    pub len: u64,
    /// Permission bits, such as 0o644.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Last change, milliseconds since 1970.
    pub mtime_ms: u64,
}

#[derive(Clone, Debug)]
pub(super) enum Content {
    Dir,
    Bytes(Vec<u8>),
    Symlink(Vec<u8>),
    Region { region: Region, len: u64, pages: BTreeMap<u64, Box<[u8; SECTOR]>> },
}

#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) content: Content,
    pub(super) mode: u32,
    pub(super) uid: u32,
    pub(super) gid: u32,
    pub(super) mtime_ms: u64,
}

impl Node {
    pub(super) fn len(&self) -> u64 {
        match &self.content {
            Content::Dir => 0,
            Content::Bytes(bytes) | Content::Symlink(bytes) => bytes.len() as u64,
            Content::Region { len, .. } => *len,
        }
    }

    pub(super) fn read_at(&self, offset: u64, buffer: &mut [u8]) -> usize {
        match &self.content {
            Content::Dir => 0,
            Content::Bytes(bytes) | Content::Symlink(bytes) => {
                let from = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
                let count = (bytes.len() - from).min(buffer.len());
                buffer[..count].copy_from_slice(&bytes[from..from + count]);
                count
            }
            Content::Region { region, len, pages } => {
                let count =
                    usize::try_from(len.saturating_sub(offset)).unwrap_or(usize::MAX).min(buffer.len());
                let buffer = &mut buffer[..count];
                let base = region.read_at(offset, buffer);
                buffer[base..].fill(0);
                overlay(pages, offset, buffer);
                count
            }
        }
    }

    pub(super) fn write_at(&mut self, offset: u64, data: &[u8]) {
        let end = offset.saturating_add(data.len() as u64);
        match &mut self.content {
            Content::Dir => {}
            Content::Bytes(bytes) | Content::Symlink(bytes) => {
                let from = usize::try_from(offset).unwrap_or(usize::MAX);
                if bytes.len() < from + data.len() {
                    bytes.resize(from + data.len(), 0);
                }
                bytes[from..from + data.len()].copy_from_slice(data);
            }
            Content::Region { .. } => {
                let first = offset / SECTOR as u64;
                let last = end.saturating_sub(1) / SECTOR as u64;
                for index in first..=last {
                    let start = index * SECTOR as u64;
                    let mut page = Box::new([0; SECTOR]);
                    let from = offset.max(start);
                    let until = end.min(start + SECTOR as u64);
                    // What was there is made from the seed, and is not where all of it is overwritten.
                    if until - from < SECTOR as u64 {
                        self.read_at(start, &mut page[..]);
                    }
                    let place = |at: u64, base: u64| usize::try_from(at - base).unwrap_or(0);
                    page[place(from, start)..place(until, start)]
                        .copy_from_slice(&data[place(from, offset)..place(until, offset)]);
                    if let Content::Region { pages, len, .. } = &mut self.content {
                        pages.insert(index, page);
                        *len = (*len).max(end);
                    }
                }
            }
        }
    }

    pub(super) fn entry(&self) -> Entry {
        let kind = match self.content {
            Content::Dir => EntryKind::Dir,
            Content::Symlink(_) => EntryKind::Symlink,
            Content::Bytes(_) | Content::Region { .. } => EntryKind::File,
        };
        Entry {
            kind,
            len: self.len(),
            mode: self.mode,
            uid: self.uid,
            gid: self.gid,
            mtime_ms: self.mtime_ms,
        }
    }
}

fn overlay(pages: &BTreeMap<u64, Box<[u8; SECTOR]>>, offset: u64, buffer: &mut [u8]) {
    let end = offset + buffer.len() as u64;
    let first = offset / SECTOR as u64;
    for (index, page) in pages.range(first..).take_while(|(index, _)| *index * (SECTOR as u64) < end) {
        let start = index * SECTOR as u64;
        let from = offset.max(start);
        let until = end.min(start + SECTOR as u64);
        let place = |at: u64, base: u64| usize::try_from(at - base).unwrap_or(0);
        buffer[place(from, offset)..place(until, offset)]
            .copy_from_slice(&page[place(from, start)..place(until, start)]);
    }
}
