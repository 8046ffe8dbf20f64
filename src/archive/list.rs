//! Looking into a backup without unpacking it.

use std::sync::Arc;

use jiff::Timestamp;

use super::{manifest::Manifest, path::is_in};
use crate::model::backup::BackupFile;

/// A part of what a folder holds.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Page {
    /// Folders first, each sorted by name.
    pub files: Vec<BackupFile>,
    /// How many there are in all.
    pub total: usize,
}

/// What a folder of a backup holds, from a place in that list on. The empty path is the data folder. Of a file's own path:
/// that file. `None` where there is nothing of that path.
pub fn list(manifest: &Manifest, folder: &str, from: usize, most: usize) -> Option<Page> {
    let folder = folder.trim_matches('/');
    if let Some(file) = manifest.find(folder).and_then(|at| manifest.files.get(at)) {
        return Some(Page {
            files: vec![entry(&file.path, false, file.size, file.modified, file.torn)],
            total: 1,
        });
    }
    let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    let mut folders: Vec<BackupFile> = Vec::new();
    let mut files = Vec::new();
    // All below a folder lie side by side in the sorted list.
    let first = manifest.files.partition_point(|file| *file.path < *prefix);
    for file in manifest.files.iter().skip(first).take_while(|file| file.path.starts_with(&prefix)) {
        let rest = file.path.get(prefix.len()..).unwrap_or_default();
        match rest.split_once('/') {
            None => files.push(entry(&file.path, false, file.size, file.modified, file.torn)),
            Some((name, _)) => {
                let path = file.path.get(..prefix.len() + name.len()).unwrap_or_default();
                match folders.last_mut().filter(|last| *last.path == *shown(path)) {
                    Some(last) => {
                        last.size = last.size.saturating_add(file.size);
                        last.torn |= file.torn;
                    }
                    None => folders.push(entry(path, true, file.size, 0, file.torn)),
                }
            }
        }
    }
    for link in manifest.links.iter().filter(|link| parent(&link.path) == folder) {
        files.push(entry(&link.path, false, 0, 0, false));
    }
    let known = manifest.folders.iter().filter(|known| parent(&known.path) == folder);
    for known in known {
        match folders.iter_mut().find(|found| *found.path == *shown(&known.path)) {
            Some(found) => found.modified = time(known.modified),
            None => folders.push(entry(&known.path, true, 0, known.modified, false)),
        }
    }
    let there = folder.is_empty() || manifest.folders.iter().any(|known| is_in(&known.path, folder));
    if !there && folders.is_empty() && files.is_empty() {
        return None;
    }
    folders.sort_by(|a, b| a.path.cmp(&b.path));
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let total = folders.len() + files.len();
    let files = folders.into_iter().chain(files).skip(from).take(most).collect();
    Some(Page { files, total })
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(parent, _)| parent)
}

fn time(seconds: u64) -> Option<Timestamp> {
    i64::try_from(seconds).ok().filter(|at| *at > 0).and_then(|at| Timestamp::from_second(at).ok())
}

fn entry(path: &str, folder: bool, size: u64, modified: u64, torn: bool) -> BackupFile {
    BackupFile { path: Arc::from(shown(path)), folder, size, modified: time(modified), torn }
}

/// A path without anything that a terminal would act on.
fn shown(path: &str) -> String {
    let harmful = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    path.chars().map(|c| if harmful(c) { '\u{fffd}' } else { c }).collect()
}
