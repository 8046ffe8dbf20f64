//! A stream of pieces, read in blocks or in slices without copying.

use bytes::{Buf, Bytes};

use super::{BLOCK, Fail};
use crate::archive::error::Error;

/// Where pieces come from.
pub trait Pull {
    /// The next piece; `None` at the end.
    ///
    /// # Errors
    /// Of the source.
    fn pull(&mut self) -> Result<Option<Bytes>, Error>;
}

/// Reads what is pulled.
pub struct Tape<P> {
    source: P,
    piece: Bytes,
    at: u64,
}

impl<P: Pull> Tape<P> {
    /// From the start.
    pub fn new(source: P) -> Self {
        Self { source, piece: Bytes::new(), at: 0 }
    }

    /// Bytes that were read.
    pub fn at(&self) -> u64 {
        self.at
    }

    /// What it reads from.
    pub fn source_mut(&mut self) -> &mut P {
        &mut self.source
    }

    /// What it reads from, back.
    pub fn into_source(self) -> P {
        self.source
    }

    /// Up to `most` bytes; `None` at the end. Never empty.
    ///
    /// # Errors
    /// Of the source.
    pub fn some(&mut self, most: u64) -> Result<Option<Bytes>, Fail> {
        while self.piece.is_empty() {
            match self.source.pull().map_err(Fail::Pull)? {
                Some(piece) => self.piece = piece,
                None => return Ok(None),
            }
        }
        let count = usize::try_from(most).unwrap_or(usize::MAX).min(self.piece.len());
        self.at += count as u64;
        Ok(Some(self.piece.split_to(count)))
    }

    /// The next block; `None` when the stream ends before it.
    ///
    /// # Errors
    /// [`Fail::Cut`] when it ends within it, or the source's.
    pub fn block(&mut self) -> Result<Option<[u8; BLOCK]>, Fail> {
        let mut block = [0; BLOCK];
        let mut filled = 0;
        while filled < BLOCK {
            match self.some((BLOCK - filled) as u64)? {
                Some(piece) => {
                    let count = piece.len();
                    (&piece[..]).copy_to_slice(&mut block[filled..filled + count]);
                    filled += count;
                }
                None if filled == 0 => return Ok(None),
                None => return Err(Fail::Cut),
            }
        }
        Ok(Some(block))
    }

    /// Passes over so many bytes.
    ///
    /// # Errors
    /// [`Fail::Cut`] when there are fewer, or the source's.
    pub fn skip(&mut self, mut count: u64) -> Result<(), Fail> {
        while count > 0 {
            count -= self.some(count)?.ok_or(Fail::Cut)?.len() as u64;
        }
        Ok(())
    }
}
