//! Buffers of pieces that are used again.
//!
//! A new one of this size is a mapping of its own: the kernel clears its pages one by one, and each time that one goes it
//! stops the other cores for it. With several threads that costs more than all checksums.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

/// Most buffers that are kept: more are never under way at once.
const MOST: usize = 32;

/// Buffers that wait for their next use. Clones are the same ones.
#[derive(Clone, Debug, Default)]
pub struct Spare(Arc<Mutex<Vec<Vec<u8>>>>);

impl Spare {
    /// A buffer; what is in it is left over from its last use.
    pub fn take(&self) -> Vec<u8> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    /// Gives one back.
    pub fn give(&self, buffer: Vec<u8>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < MOST {
            kept.push(buffer);
        }
    }

    /// What is in a buffer, shared; it is given back when nobody holds it any more.
    pub fn lend(&self, buffer: Vec<u8>) -> Bytes {
        Bytes::from_owner(Lent { buffer, spare: self.clone() })
    }
}

struct Lent {
    buffer: Vec<u8>,
    spare: Spare,
}

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        &self.buffer
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        self.spare.give(std::mem::take(&mut self.buffer));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_comes_back_when_the_last_one_lets_go() {
        let spare = Spare::default();
        let mut buffer = spare.take();
        assert!(buffer.is_empty());
        buffer.extend_from_slice(b"hello");
        let place = buffer.as_ptr();
        let whole = spare.lend(buffer);
        let part = whole.slice(1..3);
        drop(whole);
        assert_eq!((&part[..], spare.take().capacity()), (&b"el"[..], 0));
        drop(part);
        let again = spare.take();
        assert_eq!(again.as_ptr(), place);
        for _ in 0..2 * MOST {
            spare.give(vec![0]);
        }
        assert_eq!(spare.0.lock().unwrap().len(), MOST);
    }
}
