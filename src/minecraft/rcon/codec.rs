//! Packets to bytes and back, without I/O: `i32 length | i32 id | i32 type | body | 00 00`, little-endian.

use std::fmt;

use bytes::{Buf, BufMut, BytesMut};
use thiserror::Error;

/// The longest body that the server reads, in bytes.
pub const MAX_REQUEST_BODY: usize = 1446;

/// The longest body that is accepted from a server, in bytes. Minecraft's own reach 12,288 (4096 units of three
/// bytes); this leaves room for servers that split later.
pub const MAX_RESPONSE_BODY: usize = 64 * 1024;

/// Id, type and the two zeros at the end: what the length counts beside the body.
const OVERHEAD: usize = 10;

/// Packet types.
pub mod kind {
    /// A reply to a command.
    pub const RESPONSE: i32 = 0;
    /// A command; also the answer to a login.
    pub const COMMAND: i32 = 2;
    /// A login: the body is the password.
    pub const LOGIN: i32 = 3;
}

/// One packet.
#[derive(Clone, PartialEq, Eq)]
pub struct Packet {
    /// Chosen by the client and repeated by the server; −1 refuses a login.
    pub id: i32,
    /// One of [`kind`].
    pub kind: i32,
    /// UTF-8 as a rule, at most [`MAX_RESPONSE_BODY`] bytes.
    pub body: Vec<u8>,
}

impl fmt::Debug for Packet {
    /// Without the body, which may be a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Packet")
            .field("id", &self.id)
            .field("kind", &self.kind)
            .field("body_len", &self.body.len())
            .finish()
    }
}

/// What is wrong with a packet.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CodecError {
    /// The length field is negative or too small to hold a packet.
    #[error("a packet announces a length of {0}, and none is shorter than 10")]
    TooShort(i32),
    /// The length field, or a body to be sent, is over the limit.
    #[error("a packet of {length} bytes is over the limit of {limit}")]
    TooLong {
        /// As announced, in bytes.
        length: usize,
        /// The limit, in bytes.
        limit: usize,
    },
    /// The two zeros at the end are not there.
    #[error("a packet does not end in two zeros")]
    Unterminated,
}

/// Appends one packet to `out`.
///
/// # Errors
/// [`CodecError::TooLong`] when the body is over [`MAX_REQUEST_BODY`].
pub fn encode(id: i32, kind: i32, body: &[u8], out: &mut Vec<u8>) -> Result<(), CodecError> {
    if body.len() > MAX_REQUEST_BODY {
        return Err(CodecError::TooLong { length: body.len(), limit: MAX_REQUEST_BODY });
    }
    // All at once: a buffer that grows on the way leaves copies of a password behind.
    out.reserve_exact(4 + OVERHEAD + body.len());
    out.put_i32_le((OVERHEAD + body.len()) as i32);
    out.put_i32_le(id);
    out.put_i32_le(kind);
    out.put_slice(body);
    out.put_slice(&[0, 0]);
    Ok(())
}

/// Takes the first packet off `input`, or `None` while it is not there whole.
///
/// # Errors
/// When the bytes cannot be the start of a packet. The stream is useless from then on.
pub fn decode(input: &mut BytesMut) -> Result<Option<Packet>, CodecError> {
    let Some(head) = input.first_chunk::<4>() else { return Ok(None) };
    let announced = i32::from_le_bytes(*head);
    let length = usize::try_from(announced).map_err(|_| CodecError::TooShort(announced))?;
    if length < OVERHEAD {
        return Err(CodecError::TooShort(announced));
    }
    if length > OVERHEAD + MAX_RESPONSE_BODY {
        return Err(CodecError::TooLong { length, limit: OVERHEAD + MAX_RESPONSE_BODY });
    }
    if input.len() < 4 + length {
        return Ok(None);
    }
    input.advance(4);
    let mut packet = input.split_to(length);
    let id = packet.get_i32_le();
    let kind = packet.get_i32_le();
    let body = packet.strip_suffix(&[0, 0]).ok_or(CodecError::Unterminated)?;
    Ok(Some(Packet { id, kind, body: body.to_vec() }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn bytes_on_the_wire() {
        let mut out = Vec::new();
        encode(7, kind::LOGIN, b"pw", &mut out).unwrap();
        assert_eq!(out, [12, 0, 0, 0, 7, 0, 0, 0, 3, 0, 0, 0, b'p', b'w', 0, 0]);
        assert!(!format!("{:?}", decode(&mut BytesMut::from(&out[..])).unwrap()).contains("pw"));
    }

    #[test]
    fn lengths_are_checked_before_anything_is_awaited() {
        let first = |n: i32| decode(&mut BytesMut::from(&n.to_le_bytes()[..]));
        assert_eq!(first(-1), Err(CodecError::TooShort(-1)));
        assert_eq!(first(9), Err(CodecError::TooShort(9)));
        assert_eq!(first(i32::MAX), Err(CodecError::TooLong { length: i32::MAX as usize, limit: 65_546 }));
        assert_eq!(first(10), Ok(None));
        assert!(encode(1, kind::COMMAND, &[b'x'; MAX_REQUEST_BODY], &mut Vec::new()).is_ok());
        assert!(encode(1, kind::COMMAND, &[b'x'; MAX_REQUEST_BODY + 1], &mut Vec::new()).is_err());
        let mut bad = BytesMut::from(&[10, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1][..]);
        assert_eq!(decode(&mut bad), Err(CodecError::Unterminated));
    }

    proptest! {
        #[test]
        fn any_packets_in_any_pieces_come_back(
            packets in proptest::collection::vec(
                (any::<i32>(), any::<i32>(), proptest::collection::vec(any::<u8>(), 0..80)), 0..8),
            cut in 1usize..40,
        ) {
            let mut wire = Vec::new();
            for (id, kind, body) in &packets {
                encode(*id, *kind, body, &mut wire).unwrap();
            }
            let (mut input, mut seen) = (BytesMut::new(), Vec::new());
            for piece in wire.chunks(cut) {
                input.extend_from_slice(piece);
                while let Some(packet) = decode(&mut input).unwrap() {
                    seen.push((packet.id, packet.kind, packet.body));
                }
            }
            prop_assert_eq!(seen, packets);
            prop_assert!(input.is_empty());
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut input = BytesMut::from(&bytes[..]);
            while let Ok(Some(packet)) = decode(&mut input) {
                prop_assert!(packet.body.len() <= MAX_RESPONSE_BODY);
            }
        }
    }
}
