//! The world's files: three layouts, real region files, and changes while the server runs.

use std::io;

use crate::clock::Now;
use crate::disk::Disk;
use crate::flavour::GameVersion;
pub use crate::layout::Layout;
use crate::nbt::{Nbt, gzip};
use crate::region::{FULL, Region};
use crate::rng::{hash, mix};

/// Why a world cannot be opened.
#[derive(Debug)]
pub enum OpenError {
    /// Another process holds this session.lock.
    Locked(String),
    /// A migration to the new layout would overwrite this.
    Leftover(String),
    /// The disk refused.
    Io(io::Error),
}

impl From<io::Error> for OpenError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// What session.lock holds: a snowman.
pub const SNOWMAN: &[u8] = "☃".as_bytes();

/// An open world.
#[derive(Debug)]
pub struct World {
    layout: Layout,
    level: String,
    seed: u64,
    version: String,
    changes: u32,
    frontier: Region,
}

/// The number of chunks in the nether and in the end of a new world.
const SIDE_CHUNKS: u16 = 2;
/// The number of chunks of the overworld when no size is asked for.
const SMALL_CHUNKS: u32 = 6;

impl World {
    /// Locks a world and makes it when it is not there; `megabytes` is the size of a new one, 0 for a small one.
    ///
    /// # Errors
    /// When the lock is taken, the disk refuses, or files of the old layout are in the way.
    pub fn open(
        disk: &mut dyn Disk,
        now: Now,
        place: (Layout, &str),
        seed: u64,
        version: &GameVersion,
        megabytes: u32,
    ) -> Result<Self, OpenError> {
        let (layout, level) = place;
        for root in layout.roots(level) {
            let path = format!("{root}/session.lock");
            if !disk.lock(&path, SNOWMAN)? {
                return Err(OpenError::Locked(path));
            }
        }
        let frontier = Region { seed, x: -1, z: 0, chunks: 0, born: now.unix_seconds() };
        let mut world = Self {
            layout,
            level: level.to_owned(),
            seed,
            version: version.as_str().to_owned(),
            changes: 0,
            frontier,
        };
        if layout == Layout::Modern && disk.exists(&format!("{level}/region")) {
            world.migrate(disk)?;
        }
        if disk.exists(&format!("{level}/level.dat")) {
            let length = disk.len(&world.frontier_path()).unwrap_or(0);
            world.frontier.chunks =
                u16::try_from(length.saturating_sub(8192) / 8192).unwrap_or(FULL).min(FULL);
            // Chunks that are rewritten after a restart must differ from those before it.
            world.changes = u32::try_from(now.unix_ms / 100 % 0x4000_0000).unwrap_or(1);
        } else {
            world.create(disk, now, megabytes)?;
        }
        Ok(world)
    }

    /// The name of the world, the folder below the data folder.
    #[must_use]
    pub fn level(&self) -> &str {
        &self.level
    }

    /// Gives the locks back. The session.lock files stay, as the real server's do.
    pub fn close(&self, disk: &mut dyn Disk) {
        for root in self.layout.roots(&self.level) {
            disk.unlock(&format!("{root}/session.lock"));
        }
    }

    fn region(&self, dimension: usize, x: i32, z: i32, chunks: u16, now: Now) -> Region {
        Region { seed: mix(self.seed ^ dimension as u64), x, z, chunks, born: now.unix_seconds() }
    }

    fn path(&self, dimension: usize, kind: &str, x: i32, z: i32) -> String {
        format!("{}/{kind}/r.{x}.{z}.mca", self.layout.dimension(&self.level, dimension))
    }

    fn frontier_path(&self) -> String {
        self.path(0, "region", self.frontier.x, self.frontier.z)
    }

    fn create(&mut self, disk: &mut dyn Disk, now: Now, megabytes: u32) -> io::Result<()> {
        let mut left = if megabytes == 0 { SMALL_CHUNKS } else { megabytes.saturating_mul(128) };
        for index in 0.. {
            let chunks = u16::try_from(left.min(u32::from(FULL))).unwrap_or(FULL);
            let (x, z) = (index % 16, index / 16);
            disk.write_region(&self.path(0, "region", x, z), &self.region(0, x, z, chunks, now))?;
            left -= u32::from(chunks);
            if left == 0 {
                break;
            }
        }
        for kind in ["entities", "poi"] {
            let region = Region { seed: hash(kind.as_bytes()) ^ self.seed, ..self.region(0, 0, 0, 1, now) };
            disk.write_region(&self.path(0, kind, 0, 0), &region)?;
        }
        for dimension in [1, 2] {
            let region = self.region(dimension, 0, 0, SIDE_CHUNKS, now);
            disk.write_region(&self.path(dimension, "region", 0, 0), &region)?;
        }
        let level = self.level.clone();
        let data = if self.layout == Layout::Modern {
            format!("{level}/data/minecraft")
        } else {
            format!("{level}/data")
        };
        disk.write(&format!("{data}/raids.dat"), &gzip(&Nbt::new().finish()))?;
        disk.write(&format!("{data}/random_sequences.dat"), &gzip(&Nbt::new().finish()))?;
        for what in ["data", "stats", "advancements"] {
            disk.create_dir(&self.layout.players(&level, what))?;
        }
        disk.create_dir(&format!("{level}/datapacks"))?;
        if self.layout == Layout::Bukkit {
            for root in self.layout.roots(&level) {
                disk.write(&format!("{root}/uid.dat"), &hash(root.as_bytes()).to_be_bytes().repeat(2))?;
            }
        }
        self.save_level(disk, now)
    }

    /// Moves the folders of the layout up to 1.21.11 to where 26.1 wants them.
    fn migrate(&self, disk: &mut dyn Disk) -> Result<(), OpenError> {
        let level = &self.level;
        let siblings = disk.exists(&format!("{level}_nether/DIM-1"));
        let old = if siblings { Layout::Bukkit } else { Layout::Vanilla };
        let mut moves = Vec::new();
        for dimension in 0..3 {
            for kind in ["region", "entities", "poi"] {
                let from = format!("{}/{kind}", old.dimension(level, dimension));
                moves.push((from, format!("{}/{kind}", self.layout.dimension(level, dimension))));
            }
        }
        for what in ["data", "stats", "advancements"] {
            moves.push((old.players(level, what), self.layout.players(level, what)));
        }
        for (from, to) in moves {
            if !disk.exists(&from) {
                continue;
            }
            if disk.exists(&to) {
                return Err(OpenError::Leftover(to));
            }
            if let Some((parent, _)) = to.rsplit_once('/') {
                disk.create_dir(parent)?;
            }
            disk.rename(&from, &to)?;
        }
        Ok(())
    }

    /// What the game does every now and then while saving is on.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn autosave(&mut self, disk: &mut dyn Disk, now: Now, players: &[String]) -> io::Result<()> {
        self.rewrite_chunk(disk, now, 0)?;
        if self.changes.is_multiple_of(4) {
            self.rewrite_chunk(disk, now, 1)?;
        }
        if self.changes.is_multiple_of(6) {
            self.save_level(disk, now)?;
        }
        if players.is_empty() {
            return Ok(());
        }
        self.play(disk, now, players)
    }

    /// What the game writes even while saving is off, when somebody plays: new chunks, level.dat, player files.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn play(&mut self, disk: &mut dyn Disk, now: Now, players: &[String]) -> io::Result<()> {
        self.changes = self.changes.wrapping_add(1);
        match self.changes % 3 {
            0 => self.explore(disk, now),
            1 => self.save_level(disk, now),
            _ => players.iter().try_for_each(|id| self.save_player(disk, now, id)),
        }
    }

    /// Writes everything and waits for the disk: `save-all flush`.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn flush(&mut self, disk: &mut dyn Disk, now: Now, players: &[String]) -> io::Result<()> {
        for dimension in 0..3 {
            self.rewrite_chunk(disk, now, dimension)?;
        }
        self.save_level(disk, now)?;
        players.iter().try_for_each(|id| self.save_player(disk, now, id))?;
        disk.sync()
    }

    fn rewrite_chunk(&mut self, disk: &mut dyn Disk, now: Now, dimension: usize) -> io::Result<()> {
        self.changes = self.changes.wrapping_add(1);
        let region = self.region(dimension, 0, 0, SIDE_CHUNKS, now);
        let path = self.path(dimension, "region", 0, 0);
        if !disk.exists(&path) {
            disk.write_region(&path, &region)?;
        }
        let index = u16::try_from(self.changes % u32::from(SIDE_CHUNKS)).unwrap_or(0);
        disk.write_at(&path, Region::chunk_offset(index), &region.chunk(index, self.changes))?;
        disk.write_at(&path, 4096 + u64::from(index) * 4, &now.unix_seconds().to_be_bytes())
    }

    /// Adds a chunk where nobody was before.
    fn explore(&mut self, disk: &mut dyn Disk, now: Now) -> io::Result<()> {
        let path = self.frontier_path();
        if self.frontier.chunks >= FULL {
            return self.rewrite_chunk(disk, now, 0);
        }
        let index = self.frontier.chunks;
        self.frontier.chunks += 1;
        if index == 0 || !disk.exists(&path) {
            return disk.write_region(&path, &self.frontier);
        }
        disk.grow_region(&path, &self.frontier, now.unix_seconds())
    }

    /// Replaces level.dat by way of a temporary file and keeps the one before as level.dat_old.
    fn save_level(&mut self, disk: &mut dyn Disk, now: Now) -> io::Result<()> {
        let ms = i64::try_from(now.unix_ms).unwrap_or(0);
        for root in self.layout.roots(&self.level) {
            let mut nbt = Nbt::new();
            nbt.compound("Data")
                .int("version", 19_133)
                .int("DataVersion", 4189)
                .string("LevelName", &root)
                .long("LastPlayed", ms)
                .long("Time", ms / 50)
                .long("RandomSeed", self.seed.cast_signed())
                .compound("Version")
                .string("Name", &self.version)
                .end()
                .byte("initialized", 1);
            let (path, temporary) = (format!("{root}/level.dat"), format!("{root}/level{}.dat", now.unix_ms));
            disk.write(&temporary, &gzip(&nbt.finish()))?;
            if disk.exists(&path) {
                disk.rename(&path, &format!("{root}/level.dat_old"))?;
            }
            disk.rename(&temporary, &path)?;
        }
        Ok(())
    }

    /// Writes the files of one player, named by the identifier.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn save_player(&self, disk: &mut dyn Disk, now: Now, id: &str) -> io::Result<()> {
        let mut nbt = Nbt::new();
        nbt.int("DataVersion", 4189)
            .long("LastSave", i64::try_from(now.unix_ms).unwrap_or(0))
            .string("Dimension", "minecraft:overworld");
        let file = |what: &str, end: &str| format!("{}/{id}.{end}", self.layout.players(&self.level, what));
        let path = file("data", "dat");
        if disk.exists(&path) {
            disk.rename(&path, &file("data", "dat_old"))?;
        }
        disk.write(&path, &gzip(&nbt.finish()))?;
        let played = format!(
            "{{\"stats\":{{\"minecraft:custom\":{{\"minecraft:play_time\":{}}}}}}}",
            now.unix_ms / 50
        );
        disk.write(&file("stats", "json"), played.as_bytes())?;
        disk.write(&file("advancements", "json"), b"{\"DataVersion\":4189}")
    }
}

#[cfg(test)]
mod tests;
