//! How one piece is packed, and unpacked.
//!
//! Each piece is a gzip member (RFC 1952) or a zstd frame (RFC 8878) of its own, with its own checksum. Members and frames
//! one after the other are what any `gzip` and `zstd` reads; and since each stands alone, several threads pack and unpack
//! them, one file is read without the others before it, and no piece can unpack to more than a piece has.

use std::io::{self, Read, Write};

use flate2::{Compression, bufread::GzDecoder, write::GzEncoder};

use crate::model::backup::Packing;

/// Worlds are compressed already, in chunks padded to whole sectors: a higher level costs many times the time and gains
/// less than a hundredth (`tests/bench` prints both).
const GZIP_LEVEL: u32 = 1;
const ZSTD_LEVEL: i32 = 1;

/// Packs pieces.
pub enum Packer {
    /// To gzip members.
    Gzip,
    /// To zstd frames.
    Zstd(zstd::bulk::Compressor<'static>),
}

impl Packer {
    /// For this packing.
    ///
    /// # Errors
    /// When memory is short.
    pub fn new(packing: Packing) -> io::Result<Self> {
        Ok(match packing {
            Packing::Gzip => Self::Gzip,
            Packing::Zstd => {
                let mut packer = zstd::bulk::Compressor::new(ZSTD_LEVEL)?;
                packer.include_checksum(true)?;
                packer.include_contentsize(true)?;
                Self::Zstd(packer)
            }
        })
    }

    /// Packs one piece.
    ///
    /// # Errors
    /// When memory is short.
    pub fn pack(&mut self, piece: &[u8]) -> io::Result<Vec<u8>> {
        match self {
            Self::Gzip => {
                let room = Vec::with_capacity(piece.len() + piece.len() / 64 + 64);
                let mut encoder = GzEncoder::new(room, Compression::new(GZIP_LEVEL));
                encoder.write_all(piece)?;
                encoder.finish()
            }
            Self::Zstd(packer) => packer.compress(piece),
        }
    }
}

/// Unpacks pieces.
pub enum Unpacker {
    /// From gzip members.
    Gzip,
    /// From zstd frames.
    Zstd(zstd::bulk::Decompressor<'static>),
}

impl Unpacker {
    /// For this packing.
    ///
    /// # Errors
    /// When memory is short.
    pub fn new(packing: Packing) -> io::Result<Self> {
        Ok(match packing {
            Packing::Gzip => Self::Gzip,
            Packing::Zstd => Self::Zstd(zstd::bulk::Decompressor::new()?),
        })
    }

    /// Unpacks one piece, which must give exactly `size` bytes. No more than that is ever kept.
    ///
    /// # Errors
    /// When it is damaged, or gives more or less.
    pub fn unpack(&mut self, packed: &[u8], size: usize) -> io::Result<Vec<u8>> {
        match self {
            Self::Gzip => {
                let mut piece = vec![0; size];
                let mut decoder = GzDecoder::new(packed);
                decoder.read_exact(&mut piece)?;
                // The checksum is looked at when the end is read.
                if decoder.read(&mut [0])? != 0 {
                    return Err(io::Error::other("it holds more than was noted"));
                }
                if !decoder.into_inner().is_empty() {
                    return Err(io::Error::other("something comes after it"));
                }
                Ok(piece)
            }
            Self::Zstd(unpacker) => {
                let piece = unpacker.decompress(packed, size)?;
                if piece.len() != size {
                    return Err(io::Error::other("it holds less than was noted"));
                }
                Ok(piece)
            }
        }
    }
}
