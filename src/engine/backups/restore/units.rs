//! What of a server's data is replaced as a whole: the units that a swap renames.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::{
    archive::{Manifest, OWN, Selection},
    model::backup::Scope,
};

/// One thing that is moved away, and, unless it is only that, replaced.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum How {
    /// Replaced, or made. What the backup does not hold of a folder is taken over into the new one.
    Merged,
    /// Replaced, or made: a world, which is the backup's alone.
    Solid,
    /// Moved away; nothing takes its place.
    Away,
}

/// The units of a restore, by the folder that they lie in (empty for the data folder), deepest folders first.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Units(Vec<(String, BTreeMap<String, How>)>);

impl Units {
    /// What a selection of a backup replaces.
    pub fn of(manifest: &Manifest, selection: &Selection, scope: &Scope) -> Self {
        let mut units: BTreeMap<String, BTreeMap<String, How>> = BTreeMap::new();
        let mut add = |path: &str, how: How| {
            let (at, name) = path.rsplit_once('/').unwrap_or(("", path));
            if path != OWN && !name.is_empty() {
                units.entry(at.to_owned()).or_default().entry(name.to_owned()).or_insert(how);
            }
        };
        // Worlds first: how they are replaced beats what they are replaced with.
        let roots: Vec<&str> = match scope {
            Scope::Everything => {
                manifest.worlds.iter().flat_map(|world| &world.roots).map(String::as_str).collect()
            }
            Scope::World(name) => {
                let worlds = manifest.worlds.iter().filter(|world| world.folder == name.trim_matches('/'));
                worlds.flat_map(|world| &world.roots).map(String::as_str).collect()
            }
            Scope::Paths(paths) => {
                let asked = |root: &&str| paths.iter().any(|path| is_in(root, path.trim_matches('/')));
                manifest
                    .worlds
                    .iter()
                    .flat_map(|world| &world.roots)
                    .map(String::as_str)
                    .filter(asked)
                    .collect()
            }
            _ => Vec::new(),
        };
        roots.iter().for_each(|root| add(root, How::Solid));
        if matches!(scope, Scope::Everything | Scope::World(_)) {
            for world in manifest.worlds.iter().filter(|world| roots.contains(&world.folder.as_str())) {
                // Leftovers of another layout: the game refuses to start over them, or would mix them in.
                for end in ["_nether", "_the_end"] {
                    let other = format!("{}{end}", world.folder);
                    if !roots.contains(&other.as_str()) {
                        add(&other, How::Away);
                    }
                }
            }
        }
        if let Scope::Dimension { world: name, dimension } = scope {
            let plain = dimension.strip_prefix("minecraft:").unwrap_or(dimension);
            let worlds = manifest.worlds.iter().filter(|world| world.folder == name.trim_matches('/'));
            for found in worlds.flat_map(|world| &world.dimensions).filter(|found| found.name == plain) {
                found.folders.iter().for_each(|folder| add(folder, How::Solid));
            }
        }
        if let Scope::Paths(paths) = scope {
            for path in paths.iter().map(|path| path.trim_matches('/')) {
                let inside = |root: &&str| is_in(root, path) && *root != path;
                if !roots.iter().any(inside) {
                    add(path, if is_chunks(manifest, path) { How::Solid } else { How::Merged });
                }
            }
        }
        let above: HashSet<&str> = roots.iter().flat_map(|root| folders_above(root)).collect();
        let mut known: HashSet<String> =
            units.iter().flat_map(|(at, names)| names.keys().map(move |name| join(at, name))).collect();
        for path in paths(manifest, selection) {
            if folders_above(path).chain([path]).any(|part| known.contains(part)) {
                continue;
            }
            // The outermost folder that no world lies in; each file of a player's by itself.
            let unit = match scope {
                Scope::Player(_) => path,
                _ => folders_above(path).chain([path]).find(|part| !above.contains(part)).unwrap_or(path),
            };
            if above.contains(unit) {
                continue;
            }
            known.insert(unit.to_owned());
            let (at, name) = unit.rsplit_once('/').unwrap_or(("", unit));
            if unit != OWN {
                units.entry(at.to_owned()).or_default().insert(name.to_owned(), How::Merged);
            }
        }
        let mut units: Vec<_> = units.into_iter().collect();
        units.sort_by_key(|(at, _)| {
            std::cmp::Reverse(if at.is_empty() { 0 } else { 1 + at.matches('/').count() })
        });
        Self(units)
    }

    /// The folders, each with what is replaced in it.
    pub fn folders(&self) -> impl Iterator<Item = (usize, &str, &BTreeMap<String, How>)> {
        self.0.iter().enumerate().map(|(number, (at, names))| (number, at.as_str(), names))
    }

    /// The paths of what is replaced or made, in their order; at most so many.
    pub fn replaced(&self, most: usize) -> Vec<String> {
        let put = self.0.iter().flat_map(|(at, names)| {
            names.iter().filter(|(_, how)| **how != How::Away).map(move |(name, _)| join(at, name))
        });
        put.collect::<BTreeSet<_>>().into_iter().take(most).collect()
    }

    /// Where each path of the backup is staged, below the folder that is staged in.
    pub fn map(&self) -> impl Fn(&str) -> Option<String> + Send + 'static {
        let mut places: HashMap<String, (usize, usize)> = HashMap::new();
        for (number, at, names) in self.folders() {
            let skip = if at.is_empty() { 0 } else { at.len() + 1 };
            for (name, _) in names.iter().filter(|(_, how)| **how != How::Away) {
                places.insert(join(at, name), (number, skip));
            }
        }
        move |path: &str| {
            let unit = folders_above(path).chain([path]).find_map(|part| places.get(part));
            let (number, skip) = unit?;
            Some(format!("{}/new/{}", folder(*number), path.get(*skip..)?))
        }
    }
}

/// Where a unit is staged.
pub fn folder(number: usize) -> String {
    format!("units/{number:06}")
}

/// Every path of a selection.
pub fn paths<'a>(manifest: &'a Manifest, selection: &'a Selection) -> impl Iterator<Item = &'a str> {
    let folders =
        selection.folders.iter().filter_map(|at| manifest.folders.get(*at)).map(|folder| &*folder.path);
    let files = selection.files.iter().filter_map(|at| manifest.files.get(*at)).map(|file| &*file.path);
    let links = selection.links.iter().filter_map(|at| manifest.links.get(*at)).map(|link| &*link.path);
    folders.chain(files).chain(links)
}

/// The folders that a path lies in, the outermost first.
pub fn folders_above(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(at, _)| path.get(..at).unwrap_or_default())
}

/// Whether a folder holds chunks, or lies where chunks are: those of two times must not be mixed.
fn is_chunks(manifest: &Manifest, path: &str) -> bool {
    let folders = manifest.worlds.iter().flat_map(|world| &world.dimensions).flat_map(|found| &found.folders);
    folders.into_iter().any(|folder| is_in(path, folder) || is_in(folder, path))
}

fn is_in(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn join(at: &str, name: &str) -> String {
    if at.is_empty() { name.to_owned() } else { format!("{at}/{name}") }
}
