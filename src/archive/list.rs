//! Looking into a backup without unpacking it.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;

use super::{
    manifest::{File, Manifest},
    path::{is_in, parents},
};
use crate::model::backup::{BackupFile, FilePage, FileQuery};

/// What a folder of a backup holds, or what below it has a name. Of a file's own path: that file. `None` where there is
/// nothing of that path.
pub fn list(manifest: &Manifest, query: &FileQuery) -> Option<FilePage> {
    let folder = query.folder.trim_matches('/');
    let (folders, files) =
        if query.name.is_empty() { held(manifest, folder)? } else { found(manifest, folder, &query.name)? };
    let total = folders.len() + files.len();
    let files = folders.into_iter().chain(files).skip(query.from).take(query.most).collect();
    Some(FilePage { files, total })
}

/// Folders and files, each sorted by path.
type Found = (Vec<BackupFile>, Vec<BackupFile>);

/// What lies in a folder.
fn held(manifest: &Manifest, folder: &str) -> Option<Found> {
    if let Some(file) = manifest.find(folder).and_then(|at| manifest.files.get(at)) {
        return Some((Vec::new(), vec![of_file(file)]));
    }
    let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    let mut folders: Vec<BackupFile> = Vec::new();
    let mut files = Vec::new();
    // All below a folder lie side by side in the sorted list.
    let first = manifest.files.partition_point(|file| *file.path < *prefix);
    for file in manifest.files.iter().skip(first).take_while(|file| file.path.starts_with(&prefix)) {
        let rest = file.path.get(prefix.len()..).unwrap_or_default();
        match rest.split_once('/') {
            None => files.push(of_file(file)),
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
    if !is_there(manifest, folder) && folders.is_empty() && files.is_empty() {
        return None;
    }
    folders.sort_by(|a, b| a.path.cmp(&b.path));
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Some((folders, files))
}

/// All below a folder whose name contains this.
fn found(manifest: &Manifest, folder: &str, name: &str) -> Option<Found> {
    let name = name.to_lowercase();
    let fits = |path: &str| path.rsplit('/').next().unwrap_or_default().to_lowercase().contains(&name);
    let below = |path: &str| path != folder && (folder.is_empty() || is_in(path, folder));
    let mut folders = BTreeMap::new();
    for known in manifest.folders.iter().filter(|known| below(&known.path) && fits(&known.path)) {
        folders.insert(&*known.path, entry(&known.path, true, 0, known.modified, false));
    }
    let mut files = Vec::new();
    for file in manifest.files.iter().filter(|file| below(&file.path)) {
        if fits(&file.path) {
            files.push(of_file(file));
        }
        for above in parents(&file.path).filter(|above| below(above) && fits(above)) {
            let found = folders.entry(above).or_insert_with(|| entry(above, true, 0, 0, false));
            found.size = found.size.saturating_add(file.size);
            found.torn |= file.torn;
        }
    }
    let links = manifest.links.iter().filter(|link| below(&link.path) && fits(&link.path));
    files.extend(links.map(|link| entry(&link.path, false, 0, 0, false)));
    files.sort_by(|a, b| a.path.cmp(&b.path));
    if folders.is_empty() && files.is_empty() && held(manifest, folder).is_none() {
        return None;
    }
    Some((folders.into_values().collect(), files))
}

fn is_there(manifest: &Manifest, folder: &str) -> bool {
    folder.is_empty() || manifest.folders.iter().any(|known| is_in(&known.path, folder))
}

fn of_file(file: &File) -> BackupFile {
    entry(&file.path, false, file.size, file.modified, file.torn)
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
pub fn shown(path: &str) -> String {
    let harmful = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    path.chars().map(|c| if harmful(c) { '\u{fffd}' } else { c }).collect()
}
