//! Region files (`.mca`): a table of places, a table of times, and chunks in sectors of 4 KiB.
//!
//! The first sector holds 1024 entries of three bytes offset and one byte length, both in sectors; the second 1024
//! big-endian times in seconds; a chunk is a big-endian length, a byte for the compression (2 is zlib) and the data.
//! Here each chunk has two sectors and follows from the seed alone, so that a world of any size can be read anywhere
//! without being kept. The data is incompressible and ends at a different place in its second sector each time,
//! which gives the ratio that real regions have.

use crate::nbt::{Nbt, zlib};
use crate::rng::{Rng, mix};

/// The unit of region files, in bytes.
pub const SECTOR: usize = 4096;
/// What one chunk takes here, in bytes.
pub const CHUNK: usize = 2 * SECTOR;
/// The number of chunks that one file can hold.
pub const FULL: u16 = 1024;

/// What a region file holds before anything is overwritten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    /// What the content follows from: the world's seed, mixed with dimension and kind.
    pub seed: u64,
    /// Place of the region, in regions of 32 by 32 chunks.
    pub x: i32,
    /// Place of the region, in regions of 32 by 32 chunks.
    pub z: i32,
    /// How many chunks there are, at most [`FULL`].
    pub chunks: u16,
    /// The time in the second table, seconds since 1970.
    pub born: u32,
}

impl Region {
    /// The length of the file in bytes.
    #[must_use]
    pub fn len(&self) -> u64 {
        (2 * SECTOR + usize::from(self.chunks) * CHUNK) as u64
    }

    /// Never: there are always two tables.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Where a chunk begins in the file.
    #[must_use]
    pub fn chunk_offset(index: u16) -> u64 {
        (2 * SECTOR + usize::from(index) * CHUNK) as u64
    }

    /// The entry of a chunk in the first table.
    #[must_use]
    pub fn place(index: u16) -> [u8; 4] {
        let sector = (2 + 2 * u32::from(index)).to_be_bytes();
        [sector[1], sector[2], sector[3], 2]
    }

    /// The bytes of a chunk; `version` counts how often it was rewritten.
    #[must_use]
    pub fn chunk(&self, index: u16, version: u32) -> Vec<u8> {
        let place = (u64::from(self.x.cast_unsigned()) << 32) | u64::from(self.z.cast_unsigned());
        let mut rng = Rng::new(mix(self.seed ^ mix(place)) ^ u64::from(index) << 32 ^ u64::from(version));
        let noise = 4200 + u32::try_from(rng.below(3700)).unwrap_or(0);
        let index_i = i32::from(index);
        let mut nbt = Nbt::new();
        nbt.int("DataVersion", 4189)
            .int("xPos", self.x.wrapping_mul(32).wrapping_add(index_i % 32))
            .int("zPos", self.z.wrapping_mul(32).wrapping_add(index_i / 32))
            .string("Status", "minecraft:full")
            .long("LastUpdate", i64::from(version))
            .byte_array("Blocks", noise, |bytes| rng.fill(bytes));
        let data = zlib(&nbt.finish());
        let length = u32::try_from(data.len() + 1).unwrap_or(0);
        let mut bytes = Vec::with_capacity(CHUNK);
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.push(2);
        bytes.extend_from_slice(&data);
        bytes.resize(CHUNK, 0);
        bytes
    }

    fn tables(&self) -> Vec<u8> {
        let mut bytes = vec![0; 2 * SECTOR];
        for index in 0..self.chunks.min(FULL) {
            let at = usize::from(index) * 4;
            bytes[at..at + 4].copy_from_slice(&Self::place(index));
            bytes[SECTOR + at..SECTOR + at + 4].copy_from_slice(&self.born.to_be_bytes());
        }
        bytes
    }

    /// Fills `buffer` with the file's bytes from `offset` on and says how many there were.
    pub fn read_at(&self, offset: u64, buffer: &mut [u8]) -> usize {
        let mut at = offset;
        let mut done = 0;
        while done < buffer.len() && at < self.len() {
            let tables = (2 * SECTOR) as u64;
            let (unit, from) = if at < tables {
                (self.tables(), at)
            } else {
                let index = (at - tables) / CHUNK as u64;
                (self.chunk(u16::try_from(index).unwrap_or(0), 0), (at - tables) % CHUNK as u64)
            };
            let from = usize::try_from(from).unwrap_or(0);
            let count = (unit.len() - from).min(buffer.len() - done);
            buffer[done..done + count].copy_from_slice(&unit[from..from + count]);
            done += count;
            at += count as u64;
        }
        done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REGION: Region = Region { seed: 42, x: -1, z: 3, chunks: 3, born: 1_700_000_000 };

    #[test]
    fn tables_point_at_chunks() {
        let mut file = vec![0; usize::try_from(REGION.len()).unwrap()];
        assert_eq!(REGION.read_at(0, &mut file), file.len());
        for index in 0..3_usize {
            let entry = &file[index * 4..index * 4 + 4];
            let sector = usize::from(entry[1]) << 8 | usize::from(entry[2]);
            let chunk = &file[sector * SECTOR..][..usize::from(entry[3]) * SECTOR];
            let length = u32::from_be_bytes(chunk[..4].try_into().unwrap()) as usize;
            assert!(length > SECTOR && length + 4 <= CHUNK);
            assert_eq!(chunk[4..7], [2, 0x78, 1]);
            assert_eq!(file[SECTOR + index * 4..][..4], 1_700_000_000_u32.to_be_bytes());
        }
        assert_eq!(file[12..16], [0; 4]);
    }

    #[test]
    fn any_part_reads_as_in_the_whole() {
        let mut file = vec![0; usize::try_from(REGION.len()).unwrap()];
        REGION.read_at(0, &mut file);
        let mut part = [0; 5000];
        assert_eq!(REGION.read_at(7000, &mut part), 5000);
        assert_eq!(part[..], file[7000..12_000]);
        assert_eq!(REGION.read_at(REGION.len(), &mut part), 0);
    }

    #[test]
    fn versions_and_places_differ() {
        assert_ne!(REGION.chunk(0, 0), REGION.chunk(0, 1));
        assert_ne!(REGION.chunk(0, 0), REGION.chunk(1, 0));
    }
}
