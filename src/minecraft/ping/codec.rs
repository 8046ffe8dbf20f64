//! Frames to bytes and back, without I/O: `VarInt length | VarInt packet id | fields`, big-endian.

use bytes::{Buf, BufMut, BytesMut};
use thiserror::Error;

/// The longest frame that is accepted, in bytes: a string of 32,767 UTF-16 units (the protocol's own limit for the
/// status, favicon included) at three bytes each, its length and the packet id.
pub const MAX_FRAME: usize = 3 * 32_767 + 3 + 1;

/// The longest host name that is sent, in bytes.
const MAX_HOST: usize = 255;

/// One frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The packet's id: 0 is the status, 1 the echo.
    pub id: i32,
    /// Its fields, at most [`MAX_FRAME`] bytes.
    pub body: Vec<u8>,
}

/// What is wrong with a frame.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CodecError {
    /// A VarInt of more than five bytes.
    #[error("a number has more than five bytes")]
    VarInt,
    /// A length that is negative, zero or over [`MAX_FRAME`].
    #[error("a frame announces {0} bytes, and 1 to {MAX_FRAME} are possible")]
    Length(i32),
    /// A field ends after its frame.
    #[error("a field is longer than its frame")]
    Truncated,
    /// Text that is not UTF-8 or UTF-16.
    #[error("a text is not valid Unicode")]
    Text,
}

/// Handshake and status request, as one piece of bytes. Names over 255 bytes are cut.
pub fn request(host: &str, port: u16) -> Vec<u8> {
    let mut end = host.len().min(MAX_HOST);
    while !host.is_char_boundary(end) {
        end -= 1;
    }
    let host = &host.as_bytes()[..end];
    let mut body = vec![0x00];
    // No particular version: the server answers with its own.
    put_varint(&mut body, -1);
    put_varint(&mut body, host.len() as i32);
    body.put_slice(host);
    body.put_u16(port);
    body.put_u8(1);
    let mut out = Vec::with_capacity(body.len() + 4);
    put_varint(&mut out, body.len() as i32);
    out.put_slice(&body);
    out.put_slice(&[1, 0]);
    out
}

/// A packet that the server sends back as it is: measures the latency.
pub fn echo(value: i64) -> [u8; 10] {
    let mut out = [9, 1, 0, 0, 0, 0, 0, 0, 0, 0];
    out[2..].copy_from_slice(&value.to_be_bytes());
    out
}

/// Takes the first frame off `input`, or `None` while it is not there whole.
///
/// # Errors
/// When the bytes cannot be the start of a frame. The stream is useless from then on.
pub fn decode(input: &mut BytesMut) -> Result<Option<Frame>, CodecError> {
    let mut peek = &input[..];
    let Some(announced) = varint(&mut peek)? else { return Ok(None) };
    let length = usize::try_from(announced).map_err(|_| CodecError::Length(announced))?;
    if !(1..=MAX_FRAME).contains(&length) {
        return Err(CodecError::Length(announced));
    }
    if peek.len() < length {
        return Ok(None);
    }
    input.advance(input.len() - peek.len());
    let frame = input.split_to(length);
    let mut fields = &frame[..];
    let id = varint(&mut fields)?.ok_or(CodecError::Truncated)?;
    Ok(Some(Frame { id, body: fields.to_vec() }))
}

/// The string that is a frame's only field.
pub(super) fn string(body: &[u8]) -> Result<&str, CodecError> {
    let mut rest = body;
    let length = varint(&mut rest)?.ok_or(CodecError::Truncated)?;
    let length = usize::try_from(length).map_err(|_| CodecError::Length(length))?;
    str::from_utf8(rest.get(..length).ok_or(CodecError::Truncated)?).map_err(|_| CodecError::Text)
}

/// What a server answers to the legacy ping (`FE 01`), between 1.4 and today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LegacyFields {
    pub(super) protocol: String,
    pub(super) version: String,
    pub(super) motd: String,
    pub(super) online: String,
    pub(super) max: String,
}

/// Decodes a whole answer to the legacy ping: `FF`, a count of UTF-16 units, and the text.
///
/// # Errors
/// When it is something else, or not whole.
pub fn legacy(answer: &[u8]) -> Result<super::Status, CodecError> {
    let Some(([0xFF, high, low], text)) = answer.split_first_chunk::<3>() else {
        return Err(CodecError::Truncated);
    };
    let units = usize::from(u16::from_be_bytes([*high, *low]));
    let text = text.get(..units * 2).ok_or(CodecError::Truncated)?;
    let units = text.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
    let text = char::decode_utf16(units).collect::<Result<String, _>>().map_err(|_| CodecError::Text)?;
    let mut fields = text.strip_prefix("§1\0").ok_or(CodecError::Truncated)?.split('\0').map(str::to_owned);
    let mut next = || fields.next().ok_or(CodecError::Truncated);
    let fields =
        LegacyFields { protocol: next()?, version: next()?, motd: next()?, online: next()?, max: next()? };
    Ok(super::status::from_legacy(&fields))
}

pub(super) fn put_varint(out: &mut Vec<u8>, value: i32) {
    let mut rest = value as u32;
    while rest >= 0x80 {
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

/// A VarInt at the start, which is taken off; `None` when it is not there whole.
fn varint(input: &mut &[u8]) -> Result<Option<i32>, CodecError> {
    let mut value = 0u32;
    for i in 0..5 {
        let Some(byte) = input.get(i) else { return Ok(None) };
        value |= u32::from(byte & 0x7F) << (7 * i);
        if byte & 0x80 == 0 {
            *input = &input[i + 1..];
            return Ok(Some(value as i32));
        }
    }
    Err(CodecError::VarInt)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn frame(id: i32, body: &[u8]) -> Vec<u8> {
        let mut inner = Vec::new();
        put_varint(&mut inner, id);
        inner.extend_from_slice(body);
        let mut out = Vec::new();
        put_varint(&mut out, inner.len() as i32);
        out.extend(inner);
        out
    }

    #[test]
    fn bytes_on_the_wire() {
        let wanted = b"\x0d\x00\xff\xff\xff\xff\x0f\x03a.b\x63\xdd\x01\x01\x00";
        assert_eq!(request("a.b", 25565), wanted);
        assert_eq!(echo(1), [9, 1, 0, 0, 0, 0, 0, 0, 0, 1]);
        assert_eq!(request(&"é".repeat(200), 1).len(), 2 + 1 + 5 + 2 + 254 + 2 + 1 + 2);
    }

    #[test]
    fn lengths_that_lie() {
        let first = |bytes: &[u8]| decode(&mut BytesMut::from(bytes));
        assert_eq!(first(&[0xFF; 5]), Err(CodecError::VarInt));
        assert_eq!(first(&[0xFF, 0xFF, 0xFF, 0xFF, 0x0F]), Err(CodecError::Length(-1)));
        assert_eq!(first(&[0]), Err(CodecError::Length(0)));
        assert!(matches!(first(&[0xFF, 0xFF, 0x7F]), Err(CodecError::Length(_))));
        assert_eq!(first(&[5, 0]), Ok(None));
        assert_eq!(string(&[5, b'a']), Err(CodecError::Truncated));
        assert_eq!(string(&[1, 0xFF]), Err(CodecError::Text));
    }

    #[test]
    fn legacy_answers() {
        let text = "§1\x00127\x001.21.4\x00A §cServer\x003\x0020";
        let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let count = (units.len() / 2) as u16;
        let answer = [&[0xFF][..], &count.to_be_bytes(), &units].concat();
        let status = legacy(&answer).unwrap();
        assert_eq!(status.version.as_deref(), Some("1.21.4"));
        assert_eq!((status.online, status.max), (Some(3), Some(20)));
        assert_eq!(status.motd.as_deref(), Some("A Server"));
        assert_eq!(legacy(&answer[..9]), Err(CodecError::Truncated));
        assert_eq!(legacy(&[]), Err(CodecError::Truncated));
    }

    proptest! {
        #[test]
        fn frames_in_any_pieces_come_back(
            frames in proptest::collection::vec(
                (any::<i32>(), proptest::collection::vec(any::<u8>(), 0..300)), 0..6),
            cut in 1usize..90,
        ) {
            let wire: Vec<u8> = frames.iter().flat_map(|(id, body)| frame(*id, body)).collect();
            let (mut input, mut seen) = (BytesMut::new(), Vec::new());
            for piece in wire.chunks(cut) {
                input.extend_from_slice(piece);
                while let Some(frame) = decode(&mut input).unwrap() {
                    seen.push((frame.id, frame.body));
                }
            }
            prop_assert_eq!(seen, frames);
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut input = BytesMut::from(&bytes[..]);
            while let Ok(Some(frame)) = decode(&mut input) {
                let _ = string(&frame.body);
            }
            let _ = legacy(&bytes);
            let _ = legacy(&[&[0xFF, 0, 20][..], &bytes].concat());
        }
    }
}
