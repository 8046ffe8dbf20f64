//! Which worlds are among a server's files, and in which of the three layouts their dimensions lie.
//!
//! Up to 1.21.11 the nether and the end lie in `world/DIM-1` and `world/DIM1`, or, in the Bukkit family, in folders beside
//! it; from 26.1 on each dimension lies in `world/dimensions/<namespace>/<name>`. Custom ones always did.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::path::is_in;

/// Where a world has its dimensions.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// All in one folder, by numbers.
    Vanilla,
    /// The nether and the end in folders beside it.
    Bukkit,
    /// All in one folder, by names: 26.1 and later.
    Modern,
}

/// A world.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct World {
    /// Its folder, from the data folder on.
    pub folder: String,
    /// Its layout.
    pub layout: Layout,
    /// The folders that are its own: `folder`, and with [`Layout::Bukkit`] those beside it.
    pub roots: Vec<String>,
    /// Its dimensions.
    pub dimensions: Vec<Dimension>,
}

/// A dimension of a world.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Dimension {
    /// `overworld`, `the_nether`, `the_end`, or a custom one as `namespace:name`.
    pub name: String,
    /// The folders, from the data folder on, that hold it and nothing else.
    pub folders: Vec<String>,
}

/// What a dimension has its chunks in.
const CHUNKS: [&str; 3] = ["region", "entities", "poi"];

/// The worlds among these paths of files. A world is a folder with a `level.dat`.
pub fn worlds<'a>(files: impl Iterator<Item = &'a str> + Clone) -> Vec<World> {
    let levels: BTreeSet<&str> = files.clone().filter_map(|path| path.strip_suffix("/level.dat")).collect();
    // Folders below those with a level.dat, as deep as dimensions lie.
    let mut folders = BTreeSet::new();
    for path in files {
        for folder in super::path::parents(path).take(8) {
            if !folders.contains(folder) {
                folders.insert(folder);
            }
        }
    }
    let beside = |level: &str, end: &str, inner: &str| {
        let root = format!("{level}{end}");
        folders.contains(format!("{root}/{inner}").as_str()).then_some(root)
    };
    let mut worlds: Vec<World> = Vec::new();
    for level in &levels {
        // That a folder is another world's nether is seen by what is in it, not by its name alone.
        let other = [("_nether", "DIM-1"), ("_the_end", "DIM1")].iter().any(|(end, inner)| {
            level.strip_suffix(end).is_some_and(|main| levels.contains(main))
                && folders.contains(format!("{level}/{inner}").as_str())
        });
        if other {
            continue;
        }
        let nether = beside(level, "_nether", "DIM-1");
        let end = beside(level, "_the_end", "DIM1");
        let modern = folders.contains(format!("{level}/dimensions/minecraft/overworld").as_str());
        let layout = match (modern, nether.is_some() || end.is_some()) {
            (true, _) => Layout::Modern,
            (false, true) => Layout::Bukkit,
            (false, false) => Layout::Vanilla,
        };
        let mut roots = vec![(*level).to_owned()];
        roots.extend([nether.clone(), end.clone()].into_iter().flatten());
        let dimensions = dimensions(level, layout, &folders, [nether, end]);
        worlds.push(World { folder: (*level).to_owned(), layout, roots, dimensions });
    }
    worlds
}

fn dimensions(
    level: &str,
    layout: Layout,
    folders: &BTreeSet<&str>,
    [nether, end]: [Option<String>; 2],
) -> Vec<Dimension> {
    let has = |path: &str| folders.contains(path);
    let mut found = Vec::new();
    let mut add = |name: &str, paths: Vec<String>| {
        let folders: Vec<String> = paths.into_iter().filter(|path| has(path)).collect();
        if !folders.is_empty() {
            found.push(Dimension { name: name.to_owned(), folders });
        }
    };
    if layout != Layout::Modern {
        add("overworld", CHUNKS.iter().map(|chunks| format!("{level}/{chunks}")).collect());
        add("the_nether", vec![format!("{}/DIM-1", nether.as_deref().unwrap_or(level))]);
        add("the_end", vec![format!("{}/DIM1", end.as_deref().unwrap_or(level))]);
    }
    let base = format!("{level}/dimensions");
    for folder in folders.iter().filter(|folder| is_in(folder, &base)) {
        let Some((namespace, name)) = folder.get(base.len() + 1..).and_then(|rest| rest.split_once('/'))
        else {
            continue;
        };
        // Names of custom dimensions may have slashes; the dimension is where the chunks are.
        if !CHUNKS.iter().any(|chunks| has(&format!("{folder}/{chunks}"))) {
            continue;
        }
        match namespace {
            "minecraft" => add(name, vec![(*folder).to_owned()]),
            _ => add(&format!("{namespace}:{name}"), vec![(*folder).to_owned()]),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(paths: &[&str]) -> Vec<World> {
        worlds(paths.iter().copied())
    }

    fn names(world: &World) -> Vec<&str> {
        world.dimensions.iter().map(|dimension| dimension.name.as_str()).collect()
    }

    #[test]
    fn the_three_layouts_are_told_apart() {
        let vanilla = found(&[
            "world/level.dat",
            "world/region/r.0.0.mca",
            "world/entities/r.0.0.mca",
            "world/DIM-1/region/r.0.0.mca",
            "world/DIM1/region/r.0.0.mca",
            "world/dimensions/mod/deep/caves/region/r.0.0.mca",
            "server.properties",
        ]);
        assert_eq!(vanilla.len(), 1);
        assert_eq!(vanilla[0].layout, Layout::Vanilla);
        assert_eq!(vanilla[0].roots, ["world"]);
        assert_eq!(names(&vanilla[0]), ["overworld", "the_nether", "the_end", "mod:deep/caves"]);
        assert_eq!(vanilla[0].dimensions[0].folders, ["world/region", "world/entities"]);

        let bukkit = found(&[
            "w/level.dat",
            "w/region/r.0.0.mca",
            "w_nether/level.dat",
            "w_nether/DIM-1/region/r.0.0.mca",
            "w_the_end/level.dat",
            "w_the_end/DIM1/region/r.0.0.mca",
        ]);
        assert_eq!(bukkit.len(), 1);
        assert_eq!(bukkit[0].layout, Layout::Bukkit);
        assert_eq!(bukkit[0].roots, ["w", "w_nether", "w_the_end"]);
        assert_eq!(names(&bukkit[0]), ["overworld", "the_nether", "the_end"]);
        assert_eq!(bukkit[0].dimensions[1].folders, ["w_nether/DIM-1"]);

        let modern = found(&[
            "world/level.dat",
            "world/dimensions/minecraft/overworld/region/r.0.0.mca",
            "world/dimensions/minecraft/the_nether/region/r.0.0.mca",
            "world/players/data/x.dat",
        ]);
        assert_eq!(modern[0].layout, Layout::Modern);
        assert_eq!(names(&modern[0]), ["overworld", "the_nether"]);
    }

    #[test]
    fn worlds_beside_each_other_are_each_their_own() {
        let all = found(&[
            "a/level.dat",
            "a/region/r.0.0.mca",
            // By its name a nether, by what is in it a world of its own.
            "a_nether/level.dat",
            "a_nether/region/r.0.0.mca",
            "worlds/b/level.dat",
        ]);
        let folders: Vec<&str> = all.iter().map(|world| world.folder.as_str()).collect();
        assert_eq!(folders, ["a", "a_nether", "worlds/b"]);
        assert!(found(&["server.properties"]).is_empty());
    }
}
