//! What is in the archive so far.

use std::collections::BTreeMap;

use super::{
    super::{
        error::{Error, Refusal, shown},
        layout::worlds,
        manifest::{About, FORMAT, File, Folder, Hash, Link, MOST, Manifest, NOTES},
        path::parents,
        ustar::Member,
    },
    Seen,
};
use crate::model::backup::LeftOut;

/// A file, the last time that it was written to the archive.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    pub size: u64,
    pub modified: u64,
    pub mode: u32,
    pub sha256: Hash,
    pub at: u64,
    pub copies: u32,
    /// The stream ended within it.
    pub cut: bool,
}

/// What a path is, where it is in the archive.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sort {
    File,
    Folder,
    Link,
}

/// What is in the archive so far.
#[derive(Default)]
pub struct Book {
    files: BTreeMap<Box<str>, Entry>,
    folders: BTreeMap<Box<str>, (u64, u32)>,
    links: BTreeMap<Box<str>, Box<str>>,
    left_out: Vec<LeftOut>,
    left_out_count: u64,
}

impl Book {
    /// Notes that something could not be taken. What a second stream holds again is noted once.
    pub fn leave_out(&mut self, path: &[u8], why: &Refusal) {
        let note = LeftOut { path: shown(path), why: why.to_string() };
        if self.left_out.contains(&note) {
            return;
        }
        self.left_out_count += 1;
        if self.left_out.len() < NOTES {
            self.left_out.push(note);
        }
    }

    /// Whether this path can be in the archive beside what is there: nothing lies below a file or link, and nothing is two
    /// things at once, as when it changed from the one to the other between two streams.
    ///
    /// # Errors
    /// Why not.
    pub fn fits(&self, path: &str, sort: Sort) -> Result<(), Refusal> {
        if self.sort(path).is_some_and(|old| old != sort) {
            return Err(Refusal::Twice);
        }
        for parent in parents(path) {
            match self.sort(parent) {
                Some(Sort::File) => return Err(Refusal::ThroughFile),
                Some(Sort::Link) => return Err(Refusal::ThroughLink),
                _ => {}
            }
        }
        Ok(())
    }

    fn sort(&self, path: &str) -> Option<Sort> {
        if self.files.contains_key(path) {
            return Some(Sort::File);
        }
        if self.folders.contains_key(path) {
            return Some(Sort::Folder);
        }
        self.links.contains_key(path).then_some(Sort::Link)
    }

    /// The file of this path.
    pub fn file(&self, path: &str) -> Option<&Entry> {
        self.files.get(path)
    }

    /// Whether this very file is in the archive as a whole.
    pub fn has(&self, path: &str, member: &Member) -> bool {
        self.files
            .get(path)
            .is_some_and(|entry| !entry.cut && entry.size == member.size && entry.modified == member.modified)
    }

    /// Notes a file that was written, in the place of what it was before.
    ///
    /// # Errors
    /// [`Error::TooMany`].
    pub fn add_file(&mut self, path: &str, entry: Entry) -> Result<(), Error> {
        let copies = self.files.get(path).map_or(0, |old| old.copies) + 1;
        self.files.insert(path.into(), Entry { copies, ..entry });
        bounded(self.files.len())
    }

    /// Notes a folder; `false` when it is there already.
    ///
    /// # Errors
    /// [`Error::TooMany`].
    pub fn add_folder(&mut self, path: &str, modified: u64, mode: u32) -> Result<bool, Error> {
        if self.folders.contains_key(path) {
            return Ok(false);
        }
        self.folders.insert(path.into(), (modified, mode));
        bounded(self.folders.len()).map(|()| true)
    }

    /// Notes a link; `false` when it is there already.
    ///
    /// # Errors
    /// [`Error::TooMany`].
    pub fn add_link(&mut self, path: &str, target: &str) -> Result<bool, Error> {
        if self.links.contains_key(path) {
            return Ok(false);
        }
        self.links.insert(path.into(), target.into());
        bounded(self.links.len()).map(|()| true)
    }

    /// The files, sorted by path.
    pub fn seen(&self) -> Vec<Seen> {
        self.files
            .iter()
            .map(|(path, entry)| Seen {
                path: path.to_string(),
                size: entry.size,
                modified: entry.modified,
                cut: entry.cut,
            })
            .collect()
    }

    /// All of it as a manifest. Files in `torn` are marked, and those that a stream ended within.
    pub fn close(self, about: About, torn: &[String], duration_ms: u64) -> Manifest {
        let worlds = worlds(self.files.keys().map(|path| &**path));
        let files = self.files.into_iter().map(|(path, entry)| File {
            torn: entry.cut || torn.iter().any(|torn| **torn == *path),
            path,
            size: entry.size,
            modified: entry.modified,
            mode: entry.mode,
            sha256: entry.sha256,
            at: entry.at,
            copies: entry.copies,
        });
        let folders =
            self.folders.into_iter().map(|(path, (modified, mode))| Folder { path, modified, mode });
        let links = self.links.into_iter().map(|(path, target)| Link { path, target });
        Manifest {
            format_version: FORMAT,
            about,
            duration_ms,
            worlds,
            left_out: self.left_out,
            left_out_count: self.left_out_count,
            folders: folders.collect(),
            links: links.collect(),
            files: files.collect(),
            archive: None,
        }
    }
}

fn bounded(count: usize) -> Result<(), Error> {
    if count > MOST { Err(Error::TooMany { most: MOST }) } else { Ok(()) }
}
