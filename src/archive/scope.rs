//! What of a backup is meant: everything, a world, a dimension, a player, or paths.

use std::{collections::BTreeSet, path::Path};

use serde::Deserialize;
use uuid::Uuid;

use super::{
    error::{Error, shown},
    layout::{Layout, World},
    manifest::Manifest,
    path::is_in,
    unpack::read_whole,
};
use crate::model::backup::Scope;

/// Most bytes of a `usercache.json`: the game keeps a thousand names in it.
const CACHE: u64 = 4 << 20;

/// A part of what a manifest lists, by places in its lists, ascending.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Selection {
    /// Of its files.
    pub files: Vec<usize>,
    /// Of its folders.
    pub folders: Vec<usize>,
    /// Of its links.
    pub links: Vec<usize>,
}

impl Selection {
    /// What of a manifest has a path that is wanted.
    pub fn of(manifest: &Manifest, wanted: impl Fn(&str) -> bool) -> Self {
        fn places<'a>(paths: impl Iterator<Item = &'a str>, wanted: impl Fn(&str) -> bool) -> Vec<usize> {
            paths.enumerate().filter(|(_, path)| wanted(path)).map(|(at, _)| at).collect()
        }
        Self {
            files: places(manifest.files.iter().map(|file| &*file.path), &wanted),
            folders: places(manifest.folders.iter().map(|folder| &*folder.path), &wanted),
            links: places(manifest.links.iter().map(|link| &*link.path), &wanted),
        }
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.folders.is_empty() && self.links.is_empty()
    }

    /// Bytes of its files.
    pub fn bytes(&self, manifest: &Manifest) -> u64 {
        self.files.iter().filter_map(|at| manifest.files.get(*at)).map(|file| file.size).sum()
    }
}

/// What a scope means in a backup.
///
/// # Errors
/// [`Error::NothingThere`] when the backup has no such world, dimension, player or path; and what reading the list of
/// players, which is in the archive, may give.
pub async fn select(archive: &Path, manifest: &Manifest, scope: &Scope) -> Result<Selection, Error> {
    let none = |what: String| Err(Error::NothingThere { what: shown(what.as_bytes()) });
    let (selection, what) = match scope {
        Scope::Everything => return Ok(Selection::of(manifest, |_| true)),
        Scope::World(name) => {
            let Some(world) = world(manifest, name) else { return none(format!("world {name}")) };
            (in_folders(manifest, &world.roots), format!("world {name}"))
        }
        Scope::Dimension { world: name, dimension } => {
            let Some(world) = world(manifest, name) else { return none(format!("world {name}")) };
            let plain = dimension.strip_prefix("minecraft:").unwrap_or(dimension);
            let Some(found) = world.dimensions.iter().find(|found| found.name == plain) else {
                return none(format!("dimension {dimension} in world {name}"));
            };
            (in_folders(manifest, &found.folders), format!("dimension {dimension}"))
        }
        Scope::Player(name) => {
            let id = match Uuid::parse_str(name) {
                Ok(id) => Some(id),
                Err(_) => player(archive, manifest, name).await?,
            };
            let Some(id) = id else { return none(format!("player {name}")) };
            let files = player_files(&manifest.worlds, id);
            (Selection::of(manifest, |path| files.iter().any(|file| file == path)), format!("player {name}"))
        }
        Scope::Paths(paths) => {
            let paths: Vec<&str> = paths.iter().map(|path| path.trim_matches('/')).collect();
            for path in &paths {
                let there = Selection::of(manifest, |found| is_in(found, path));
                if there.is_empty() {
                    return none(format!("file or folder {path}"));
                }
            }
            let wanted = |found: &str| paths.iter().any(|path| is_in(found, path));
            (Selection::of(manifest, wanted), String::from("file"))
        }
    };
    if selection.is_empty() { none(what) } else { Ok(selection) }
}

fn world<'a>(manifest: &'a Manifest, name: &str) -> Option<&'a World> {
    let name = name.trim_matches('/');
    manifest.worlds.iter().find(|world| world.folder == name)
}

fn in_folders(manifest: &Manifest, folders: &[String]) -> Selection {
    Selection::of(manifest, |path| folders.iter().any(|folder| is_in(path, folder)))
}

/// Where a world keeps what players have on them, and beside it what they did.
fn player_folders(layout: Layout) -> (&'static str, [&'static str; 2]) {
    match layout {
        Layout::Modern => ("players/data", ["players/stats", "players/advancements"]),
        Layout::Vanilla | Layout::Bukkit => ("playerdata", ["stats", "advancements"]),
    }
}

/// What the game keeps of a player, in every world that keeps any.
fn player_files(worlds: &[World], id: Uuid) -> Vec<String> {
    let mut files = Vec::new();
    for world in worlds {
        let (data, [stats, advancements]) = player_folders(world.layout);
        for (folder, end) in [(data, "dat"), (data, "dat_old"), (stats, "json"), (advancements, "json")] {
            files.push(format!("{}/{folder}/{}.{end}", world.folder, id.hyphenated()));
        }
    }
    files
}

/// The players of whom a backup holds anything, at most so many: by name where its own lists know it, else by UUID.
///
/// # Errors
/// What reading the lists, which are in the archive, may give.
pub async fn players(archive: &Path, manifest: &Manifest, most: usize) -> Result<Vec<String>, Error> {
    let mut ids = BTreeSet::new();
    for world in &manifest.worlds {
        let (data, _) = player_folders(world.layout);
        let folder = format!("{}/{data}/", world.folder);
        let inside = manifest.files.iter().filter_map(|file| file.path.strip_prefix(folder.as_str()));
        ids.extend(inside.filter_map(|name| Uuid::parse_str(name.strip_suffix(".dat")?).ok()));
    }
    let known = names(archive, manifest).await?;
    let name = |id: Uuid| {
        let found = known.iter().find(|known| Uuid::parse_str(&known.uuid).is_ok_and(|known| known == id));
        // What is no name of the game's could be anything.
        let plain =
            |name: &str| !name.is_empty() && name.len() <= 32 && name.chars().all(|c| c.is_ascii_graphic());
        found.map(|known| known.name.clone()).filter(|name| plain(name)).unwrap_or_else(|| id.to_string())
    };
    let mut players: Vec<_> = ids.into_iter().take(most).map(name).collect();
    players.sort_by_key(|name| name.to_lowercase());
    Ok(players)
}

/// A player's id by name, from the lists of names in the backup. The game does not tell capitals apart.
async fn player(archive: &Path, manifest: &Manifest, name: &str) -> Result<Option<Uuid>, Error> {
    let known = names(archive, manifest).await?;
    let found = known.iter().find(|known| known.name.eq_ignore_ascii_case(name));
    Ok(found.and_then(|known| Uuid::parse_str(&known.uuid).ok()))
}

/// A player, as the game's lists tell of them.
#[derive(Deserialize)]
struct Known {
    name: String,
    uuid: String,
}

/// The players that the backup's own lists name.
async fn names(archive: &Path, manifest: &Manifest) -> Result<Vec<Known>, Error> {
    let mut all = Vec::new();
    for list in ["usercache.json", "whitelist.json", "ops.json"] {
        let Some(at) = manifest.find(list) else { continue };
        let text = read_whole(archive, manifest, at, CACHE).await?;
        // A list that the game could not read either names nobody.
        all.extend(serde_json::from_slice::<Vec<Known>>(&text).unwrap_or_default());
    }
    Ok(all)
}
