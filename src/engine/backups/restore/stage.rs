//! Brings what is restored beside the server's data, with the marks that the script goes by.

use std::{collections::HashSet, io, path::Path, sync::Arc};

use bytes::Bytes;
use futures_util::{StreamExt, stream};

use super::{
    helper::Helper,
    script::Ground,
    units::{How, Units, folder, folders_above, paths},
};
use crate::{
    archive::{self, Manifest, Meter, Owner, Selection},
    engine::jobs::{Context, cancelled},
    model::{Fault, Progress},
};

/// Unpacks a selection of a backup into the folder that is staged in. Nothing of the server's data is touched.
///
/// # Errors
/// Docker's, the archive's, or that the job was cancelled.
pub async fn stage(
    context: &Context,
    helper: &Helper,
    archive: &Path,
    manifest: &Arc<Manifest>,
    selection: &Selection,
    units: &Units,
    ground: Ground,
) -> Result<(), Fault> {
    let owner = Owner { uid: ground.uid, gid: ground.gid };
    let marks = Marks::new(manifest, selection, units, ground);
    let put = async {
        helper.put(stream::iter(marks.map(Ok))).await.map_err(|error| error.fault())?;
        let map = units.map();
        // A path without a unit cannot be: should there be one, it is staged where no step looks for it.
        let map = move |path: &str| map(path).unwrap_or_else(|| format!("units/lost/{path}"));
        let tar = archive::unpack(archive, manifest.clone(), selection.clone(), owner, map, &Meter::new());
        let counted =
            counted(context, "unpacking the backup beside the data", selection.bytes(manifest), tar);
        helper.put(counted).await.map_err(|error| error.fault())
    };
    context.cancel.run_until_cancelled(put).await.unwrap_or_else(|| Err(cancelled()))
}

/// Shows how much of a tar stream has gone.
pub fn counted(
    context: &Context,
    step: &'static str,
    total: u64,
    tar: impl futures_util::Stream<Item = Result<Bytes, io::Error>> + Send + 'static,
) -> impl futures_util::Stream<Item = Result<Bytes, io::Error>> + Send + 'static {
    let (context, mut done) = (context.clone(), 0);
    tar.inspect(move |piece| {
        let before = done >> 22;
        done += piece.as_ref().map_or(0, |piece| piece.len() as u64);
        // What is too much for a screen is too much for the engine.
        if done >> 22 != before || done < 1 << 22 {
            context.progress(Progress::bytes(step, done.min(total), Some(total)));
        }
    })
}

/// The marks as a tar stream, one piece each: where each unit belongs, what is put there, what is moved away; and folders
/// that the backup does not list but has files in.
struct Marks {
    left: Box<dyn Iterator<Item = (String, Kind)> + Send>,
    ground: Ground,
    ended: bool,
}

/// What a mark is.
pub enum Kind {
    /// A folder.
    Folder,
    /// A file with this in it.
    Text(String),
}

impl Kind {
    /// A file with nothing in it.
    pub fn mark() -> Self {
        Self::Text(String::new())
    }
}

impl Marks {
    fn new(manifest: &Manifest, selection: &Selection, units: &Units, ground: Ground) -> Self {
        let mut all = Vec::new();
        for (number, at, names) in units.folders() {
            let unit = folder(number);
            all.push((format!("{unit}/at"), Kind::Text(at.to_owned())));
            all.push((format!("{unit}/new"), Kind::Folder));
            for (name, how) in names {
                let mark = if *how == How::Away { "away" } else { "put" };
                all.push((format!("{unit}/{mark}/{name}"), Kind::mark()));
                if *how == How::Solid {
                    all.push((format!("{unit}/solid/{name}"), Kind::mark()));
                }
            }
        }
        let map = units.map();
        let places = unlisted(manifest, selection).filter_map(map);
        all.extend(places.map(|place| (place, Kind::Folder)));
        Self { left: Box::new(all.into_iter()), ground, ended: false }
    }
}

/// The folders that a selection has files in and does not list: where Docker makes one by itself, it belongs to root.
fn unlisted<'a>(manifest: &'a Manifest, selection: &'a Selection) -> impl Iterator<Item = &'a str> {
    let listed = selection.folders.iter().filter_map(|at| manifest.folders.get(*at));
    let mut known: HashSet<&str> = listed.map(|folder| &*folder.path).collect();
    paths(manifest, selection).flat_map(folders_above).filter(move |above| known.insert(above))
}

/// These folders as pieces of a tar stream, for data that is empty.
pub fn folders(
    manifest: &Manifest,
    selection: &Selection,
    owner: Owner,
) -> impl Iterator<Item = Bytes> + Send + use<> {
    let ground = Ground { uid: owner.uid, gid: owner.gid, free: 0 };
    let all: Vec<_> =
        unlisted(manifest, selection).map(|above| entry(above.as_ref(), &Kind::Folder, ground)).collect();
    all.into_iter().chain([Bytes::from_static(&END)])
}

/// One mark as a piece of a tar stream.
pub fn entry(path: &Path, kind: &Kind, owner: Ground) -> Bytes {
    let mut header = tar::Header::new_gnu();
    let (entry, mode, text) = match kind {
        Kind::Folder => (tar::EntryType::Directory, 0o755, ""),
        Kind::Text(text) => (tar::EntryType::Regular, 0o644, text.as_str()),
    };
    header.set_entry_type(entry);
    header.set_mode(mode);
    header.set_uid(owner.uid.into());
    header.set_gid(owner.gid.into());
    header.set_size(text.len() as u64);
    let mut builder = tar::Builder::new(Vec::new());
    // Into memory, with paths that were checked: neither can fail.
    let _ = builder.append_data(&mut header, path, text.as_bytes());
    let mut bytes = builder.into_inner().unwrap_or_default();
    // The end of the archive comes once, at the end.
    bytes.truncate(bytes.len().saturating_sub(END.len()));
    bytes.into()
}

/// Two empty blocks end a tar archive.
pub const END: [u8; 1024] = [0; 1024];

impl Iterator for Marks {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        match self.left.next() {
            Some((path, kind)) => Some(entry(path.as_ref(), &kind, self.ground)),
            None if self.ended => None,
            None => {
                self.ended = true;
                Some(Bytes::from_static(&END))
            }
        }
    }
}
