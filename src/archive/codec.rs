//! How one piece is packed, and unpacked.
//!
//! Each piece is a gzip member (RFC 1952) or a zstd frame (RFC 8878) of its own, with its own checksum. Members and frames
//! one after the other are what any `gzip` and `zstd` reads; and since each stands alone, several threads pack and unpack
//! them, one file is read without the others before it, and no piece can unpack to more than a piece has.

use std::io::{self, Read};

use flate2::bufread::GzDecoder;

use super::{gzip::Gzip, noise::is_mostly_noise};
use crate::model::backup::Packing;

/// For pieces of a world that the game compressed already, which is most of it: a higher level costs twice the time and
/// gains nothing.
const ZSTD_FAST: i32 = -1;
/// For everything else.
const ZSTD_LEVEL: i32 = 1;

/// Packs pieces.
pub enum Packer {
    /// To gzip members.
    Gzip(Box<Gzip>),
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
            Packing::Gzip => Self::Gzip(Box::new(Gzip::new())),
            Packing::Zstd => {
                let mut packer = zstd::bulk::Compressor::new(ZSTD_LEVEL)?;
                packer.include_checksum(true)?;
                packer.include_contentsize(true)?;
                Self::Zstd(packer)
            }
        })
    }

    /// Packs one piece; what was in `out` goes.
    ///
    /// # Errors
    /// When memory is short.
    pub fn pack(&mut self, piece: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
        match self {
            Self::Gzip(packer) => packer.pack(piece, out),
            Self::Zstd(packer) => {
                let level = if is_mostly_noise(piece) { ZSTD_FAST } else { ZSTD_LEVEL };
                packer.set_parameter(zstd::zstd_safe::CParameter::CompressionLevel(level))?;
                out.clear();
                out.reserve(zstd::zstd_safe::compress_bound(piece.len()));
                packer.compress_to_buffer(piece, out).map(drop)
            }
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

    /// Unpacks one piece into `out`, whose content goes: it must give exactly `size` bytes. No more than that is ever
    /// kept.
    ///
    /// # Errors
    /// When it is damaged, or gives more or less.
    pub fn unpack(&mut self, packed: &[u8], size: usize, out: &mut Vec<u8>) -> io::Result<()> {
        out.resize(size, 0);
        match self {
            Self::Gzip => {
                let mut decoder = GzDecoder::new(packed);
                decoder.read_exact(out)?;
                // The checksum is looked at when the end is read.
                if decoder.read(&mut [0])? != 0 {
                    return Err(io::Error::other("it holds more than was noted"));
                }
                if !decoder.into_inner().is_empty() {
                    return Err(io::Error::other("something comes after it"));
                }
                Ok(())
            }
            Self::Zstd(unpacker) => {
                if unpacker.decompress_to_buffer(packed, out.as_mut_slice())? != size {
                    return Err(io::Error::other("it holds less than was noted"));
                }
                Ok(())
            }
        }
    }
}
