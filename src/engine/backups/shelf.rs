//! The backup folder as it is: which archives lie in it, and what their manifests tell of those that nobody knows.

use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
};

use crate::{
    archive::{self, Manifest, place},
    minecraft::text,
    model::{Backup, BackupId, BackupState, Origin},
};

/// Longest name, label and version that is taken from a manifest, in characters.
const NAME_MAX: usize = 200;
/// Most archives that nobody knows which are taken in by one look: the next look takes more.
const NEW_MAX: usize = 1_000;

/// What a look at the folder saw.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Seen {
    /// The archives that were looked for.
    pub looked_for: HashSet<PathBuf>,
    /// Those archives of the folder that have a manifest, and those known ones elsewhere that are there.
    pub there: Vec<PathBuf>,
    /// Those among them that nobody knew.
    pub new: Vec<Backup>,
    /// What a killed program had left and was removed.
    pub swept: Vec<PathBuf>,
    /// Archives that are not taken in, and why.
    pub refused: Vec<(PathBuf, String)>,
}

/// Looks at the folder; blocks. `known` is where known backups lie; `told` are archives that were refused before, which are
/// not read again.
///
/// # Errors
/// The disk's: then nothing is known of what is there.
pub fn look(
    folder: &Path,
    known: &HashMap<PathBuf, (BackupId, bool)>,
    told: &HashSet<PathBuf>,
) -> Result<Seen, archive::Error> {
    let swept = place::sweep(folder)?;
    let mut there = place::archives(folder)?;
    // The folder may have been another one before.
    let elsewhere = known.keys().filter(|path| path.parent() != Some(folder));
    there.extend(elsewhere.filter(|path| path.is_file() && place::sidecar(path).is_file()).cloned());
    let mut seen = Seen { looked_for: known.keys().cloned().collect(), swept, ..Seen::default() };
    let unknown = there.iter().filter(|path| !known.contains_key(*path) && !told.contains(*path));
    for path in unknown.take(NEW_MAX) {
        match archive::read_manifest(path) {
            Ok(manifest) => seen.new.extend(record(&manifest, path).map(stray)),
            Err(error) => seen.refused.push((path.clone(), error.fault().to_string())),
        }
    }
    seen.there = there;
    Ok(seen)
}

/// One that nobody knew: that this engine let somebody in who asked for it is not believed.
fn stray(found: Backup) -> Backup {
    match found.origin {
        Origin::Api(_) => Backup { origin: Origin::Engine, ..found },
        _ => found,
    }
}

/// What is known of a backup from its manifest; `None` where that says nothing of the archive.
pub fn record(manifest: &Manifest, path: &Path) -> Option<Backup> {
    let (about, seal) = (&manifest.about, manifest.archive.as_ref()?);
    let plain = |text: &str| text::plain(text, NAME_MAX);
    Some(Backup {
        id: about.backup,
        server: about.server,
        server_name: plain(&about.server_name),
        kind: about.kind,
        place: about.place.clone(),
        state: BackupState::Good,
        reason: about.reason,
        origin: about.origin.clone(),
        label: about.label.as_deref().map(plain),
        locked: about.locked,
        packing: seal.packing,
        path: path.to_string_lossy().into_owned(),
        created_at: about.created_at,
        duration_ms: manifest.duration_ms,
        saving_off_ms: about.saving_off_ms,
        stillness: about.stillness,
        size_bytes: seal.size,
        content_bytes: manifest.content_bytes(),
        file_count: manifest.files.len() as u64,
        torn_files: manifest.files.iter().filter(|file| file.torn).count() as u64,
        version: about.version.as_deref().map(plain),
        verified_at: None,
        proof: None,
    })
}
