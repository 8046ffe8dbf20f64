//! Packs to gzip members (RFC 1952) of deflate (RFC 1951) without looking for what is not there.
//!
//! Most of a world is chunks that the game compressed already, padded with zeros to whole sectors. A compressor looks
//! for repetitions in them too, which is nearly all of the time that `gzip` takes and gains nothing. So bytes that look
//! like noise go into stored blocks as they are, and only what lies between them through the compressor. Any `gzip`
//! reads that; where it is packed by `gzip -6`, a world is neither smaller nor larger by more than two in a hundred
//! (`tests/bench` prints it).

use std::io;

use flate2::{Compress, Compression, Crc, FlushCompress};

use super::{
    noise::{GRAIN, noise_at_start, zeros_at_start},
    zeros,
};

/// A member's first bytes: deflate, no name, no time, no system (RFC 1952, 2.3).
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
/// An empty stored block, the last one of the stream.
const LAST: [u8; 5] = [1, 0, 0, 0xff, 0xff];
/// What a stored block can hold, in bytes (RFC 1951, 3.2.4).
const STORED: usize = 65_535;

/// Noise that is shorter than this, in bytes, is not worth a block of its own.
const SHORT_NOISE: usize = 2 * GRAIN;
/// Zeros at the end of a grain that are worth to be told from the noise before them, in bytes.
const PADDING: usize = 32;

/// For what lies between chunks and is no padding. Higher levels clear tables first that are larger than this is.
const BETWEEN: u32 = 1;
/// Up to so many bytes are taken for that.
const SHORT: usize = 8192;
/// For everything else.
const LEVEL: u32 = 5;

/// Packs pieces one after the other, each to a member of its own.
pub struct Gzip {
    between: Compress,
    deflate: Compress,
}

impl Gzip {
    pub fn new() -> Self {
        let with = |level| Compress::new(Compression::new(level), false);
        Self { between: with(BETWEEN), deflate: with(LEVEL) }
    }

    /// Packs one piece; what was in `out` goes.
    ///
    /// # Errors
    /// When the compressor fails, which would be a bug of it.
    pub fn pack(&mut self, piece: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
        out.clear();
        out.reserve(piece.len() + piece.len() / 64 + 64);
        out.extend_from_slice(&HEADER);
        let mut rest = piece;
        while !rest.is_empty() {
            let (before, noise, after) = split(rest);
            self.compress(before, out)?;
            store(noise, out);
            rest = after;
        }
        out.extend_from_slice(&LAST);
        let mut crc = Crc::new();
        crc.update(piece);
        out.extend_from_slice(&crc.sum().to_le_bytes());
        out.extend_from_slice(&crc.amount().to_le_bytes());
        Ok(())
    }

    /// Compresses bytes to whole blocks that refer to nothing before them: what was stored in between is not known here.
    fn compress(&mut self, mut bytes: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
        let padding = zeros_at_start(bytes.get(..SHORT).unwrap_or(bytes));
        if (PADDING..SHORT).contains(&padding) {
            zeros::write(padding, out);
            bytes = &bytes[padding..];
        }
        if bytes.len() <= GRAIN {
            // The beginning of a chunk, mostly, which has but a few bytes that can be packed.
            store(bytes, out);
            return Ok(());
        }
        let compress = if bytes.len() < SHORT { &mut self.between } else { &mut self.deflate };
        compress.reset();
        out.reserve(bytes.len() + bytes.len() / 64 + 64);
        loop {
            let before = compress.total_in();
            compress.compress_vec(bytes, out, FlushCompress::Sync).map_err(io::Error::other)?;
            let taken = usize::try_from(compress.total_in() - before).unwrap_or(usize::MAX);
            bytes = bytes.get(taken..).unwrap_or_default();
            // It is done when it had room left and did not want it.
            if bytes.is_empty() && out.len() < out.capacity() {
                return Ok(());
            }
            out.reserve(bytes.len() + 64);
        }
    }
}

/// Stored blocks of these bytes.
fn store(bytes: &[u8], out: &mut Vec<u8>) {
    for block in bytes.chunks(STORED) {
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        out.push(0);
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(&(!length).to_le_bytes());
        out.extend_from_slice(block);
    }
}

/// What comes before the first noise, the noise, and what comes after it.
fn split(bytes: &[u8]) -> (&[u8], &[u8], &[u8]) {
    let mut start = 0;
    while start < bytes.len() {
        let mut end = start + noise_at_start(&bytes[start..]);
        let next = bytes[end..].chunks(GRAIN).next().unwrap_or_default();
        if end - start < SHORT_NOISE {
            start = end + next.len();
            continue;
        }
        // Noise ends somewhere in a grain, and zeros follow.
        let zeros = next.iter().rev().take_while(|byte| **byte == 0).count();
        if zeros >= PADDING {
            end += next.len() - zeros;
        }
        let (before, rest) = bytes.split_at(start);
        let (noise, after) = rest.split_at(end - start);
        return (before, noise, after);
    }
    (bytes, &[], &[])
}

#[cfg(test)]
#[path = "gzip_tests.rs"]
mod tests;
