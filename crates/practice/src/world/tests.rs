//! Worlds made, opened, changed and migrated in memory.

use super::*;
use crate::disk::MemDisk;
use crate::flavour::Family;

const NOW: Now = Now { elapsed: std::time::Duration::ZERO, unix_ms: 1_700_000_000_000 };

fn open(disk: &mut MemDisk, family: Family, version: &str, mb: u32) -> Result<World, OpenError> {
    let version = GameVersion::parse(version).unwrap();
    World::open(disk, NOW, (Layout::of(family, &version), "world"), 42, &version, mb)
}

fn image(disk: &MemDisk) -> Vec<(String, Vec<u8>)> {
    disk.walk("")
        .map(|(name, entry)| {
            let mut bytes = vec![0; usize::try_from(entry.len).unwrap()];
            if entry.kind == crate::disk::EntryKind::File {
                disk.read_at(name, 0, &mut bytes).unwrap();
            }
            (name.to_owned(), bytes)
        })
        .collect()
}

#[test]
fn layouts_are_the_games() {
    let expect = [
        (Family::Vanilla, "1.21.11", "world/DIM-1/region/r.0.0.mca"),
        (Family::Bukkit, "1.21.11", "world_nether/DIM-1/region/r.0.0.mca"),
        (Family::Bukkit, "26.1", "world/dimensions/minecraft/the_nether/region/r.0.0.mca"),
    ];
    for (family, version, path) in expect {
        let mut disk = MemDisk::new();
        open(&mut disk, family, version, 0).unwrap();
        assert!(disk.exists(path), "{path}");
        assert_eq!(disk.read("world/session.lock").unwrap(), SNOWMAN);
    }
}

#[test]
fn a_second_opener_finds_the_lock_held_until_it_is_given_back() {
    let mut disk = MemDisk::new();
    let first = open(&mut disk, Family::Vanilla, "1.21.4", 0).unwrap();
    assert!(matches!(open(&mut disk, Family::Vanilla, "1.21.4", 0), Err(OpenError::Locked(_))));
    first.close(&mut disk);
    assert!(open(&mut disk, Family::Vanilla, "1.21.4", 0).is_ok());
}

#[test]
fn autosave_changes_files_and_play_adds_chunks() {
    let mut disk = MemDisk::new();
    let mut world = open(&mut disk, Family::Vanilla, "1.21.4", 0).unwrap();
    let before = image(&disk);
    world.autosave(&mut disk, NOW, &[]).unwrap();
    assert_ne!(image(&disk), before);
    let ids = ["id".to_owned()];
    for _ in 0..9 {
        world.play(&mut disk, NOW, &ids).unwrap();
    }
    assert!(disk.len("world/region/r.-1.0.mca").unwrap() >= 8192 * 3);
    assert!(disk.exists("world/playerdata/id.dat"));
}

#[test]
fn the_same_seed_makes_the_same_world_of_the_size_asked_for() {
    let (mut one, mut two) = (MemDisk::new(), MemDisk::new());
    open(&mut one, Family::Vanilla, "1.21.4", 10).unwrap();
    open(&mut two, Family::Vanilla, "1.21.4", 10).unwrap();
    assert_eq!(image(&one), image(&two));
    assert!((10 << 20..11 << 20).contains(&one.used()));
}

#[test]
fn an_old_world_migrates_once_and_leftovers_refuse() {
    let mut disk = MemDisk::new();
    open(&mut disk, Family::Bukkit, "1.21.11", 0).unwrap().close(&mut disk);
    open(&mut disk, Family::Bukkit, "26.1", 0).unwrap().close(&mut disk);
    assert!(
        !disk.exists("world/region") && disk.exists("world/dimensions/minecraft/overworld/region/r.0.0.mca")
    );
    disk.write("world/region/r.0.0.mca", b"left").unwrap();
    assert!(matches!(open(&mut disk, Family::Bukkit, "26.1", 0), Err(OpenError::Leftover(_))));
}
