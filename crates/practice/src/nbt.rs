//! Just enough of NBT, zlib and gzip to write files that other programs can open.
//!
//! Nothing is compressed: the streams consist of stored blocks, which every reader accepts. NBT is the game's tree of
//! named values, big-endian; zlib is RFC 1950, gzip RFC 1952, stored blocks RFC 1951 section 3.2.4.

/// Builds one NBT document, a compound with the empty name.
#[derive(Debug)]
pub struct Nbt {
    bytes: Vec<u8>,
    depth: u32,
}

impl Default for Nbt {
    fn default() -> Self {
        Self::new()
    }
}

impl Nbt {
    /// Opens the root compound.
    #[must_use]
    pub fn new() -> Self {
        Self { bytes: vec![10, 0, 0], depth: 1 }
    }

    fn name(&mut self, tag: u8, name: &str) {
        self.bytes.push(tag);
        self.text(name);
    }

    fn text(&mut self, text: &str) {
        let length = u16::try_from(text.len()).unwrap_or(0);
        self.bytes.extend_from_slice(&length.to_be_bytes());
        self.bytes.extend_from_slice(&text.as_bytes()[..usize::from(length)]);
    }

    /// Adds a byte.
    pub fn byte(&mut self, name: &str, value: i8) -> &mut Self {
        self.name(1, name);
        self.bytes.extend_from_slice(&value.to_be_bytes());
        self
    }

    /// Adds a 32-bit number.
    pub fn int(&mut self, name: &str, value: i32) -> &mut Self {
        self.name(3, name);
        self.bytes.extend_from_slice(&value.to_be_bytes());
        self
    }

    /// Adds a 64-bit number.
    pub fn long(&mut self, name: &str, value: i64) -> &mut Self {
        self.name(4, name);
        self.bytes.extend_from_slice(&value.to_be_bytes());
        self
    }

    /// Adds a text of at most 65,535 bytes; a longer one becomes empty.
    pub fn string(&mut self, name: &str, value: &str) -> &mut Self {
        self.name(8, name);
        self.text(value);
        self
    }

    /// Adds `length` bytes that `fill` writes.
    pub fn byte_array(&mut self, name: &str, length: u32, fill: impl FnOnce(&mut [u8])) -> &mut Self {
        self.name(7, name);
        self.bytes.extend_from_slice(&length.to_be_bytes());
        let start = self.bytes.len();
        self.bytes.resize(start + usize::try_from(length).unwrap_or(0), 0);
        fill(&mut self.bytes[start..]);
        self
    }

    /// Opens a compound; close it with [`Nbt::end`].
    pub fn compound(&mut self, name: &str) -> &mut Self {
        self.name(10, name);
        self.depth += 1;
        self
    }

    /// Closes the innermost compound.
    pub fn end(&mut self) -> &mut Self {
        if self.depth > 1 {
            self.depth -= 1;
            self.bytes.push(0);
        }
        self
    }

    /// Closes everything that is open and hands out the document.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        for _ in 0..self.depth {
            self.bytes.push(0);
        }
        self.bytes
    }
}

fn stored_blocks(out: &mut Vec<u8>, data: &[u8]) {
    let mut blocks = data.chunks(0xFFFF).peekable();
    if blocks.peek().is_none() {
        out.extend_from_slice(&[1, 0, 0, 0xFF, 0xFF]);
    }
    while let Some(block) = blocks.next() {
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        out.push(u8::from(blocks.peek().is_none()));
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(&(!length).to_le_bytes());
        out.extend_from_slice(block);
    }
}

/// Wraps `data` as a zlib stream.
#[must_use]
pub fn zlib(data: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.len() + 11);
    out.extend_from_slice(&[0x78, 0x01]);
    stored_blocks(&mut out, data);
    out.extend_from_slice(&adler32(data).to_be_bytes());
    out
}

/// Wraps `data` as a gzip member.
#[must_use]
pub fn gzip(data: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.len() + 23);
    out.extend_from_slice(&[0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF]);
    stored_blocks(&mut out, data);
    out.extend_from_slice(&crc32(data).to_le_bytes());
    out.extend_from_slice(&u32::try_from(data.len() & 0xFFFF_FFFF).unwrap_or(0).to_le_bytes());
    out
}

fn adler32(data: &[u8]) -> u32 {
    let (mut low, mut high) = (1_u32, 0_u32);
    // 5552 is the longest run whose sums cannot overflow 32 bits.
    for part in data.chunks(5552) {
        for byte in part {
            low += u32::from(*byte);
            high += low;
        }
        low %= 65_521;
        high %= 65_521;
    }
    high << 16 | low
}

fn crc32(data: &[u8]) -> u32 {
    !data.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(
            crc ^ u32::from(*byte),
            |crc, _| {
                if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 }
            },
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_match_the_published_check_values() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(adler32(b"Wikipedia"), 0x11E6_0398);
    }

    #[test]
    fn streams_carry_the_data_as_it_is() {
        assert_eq!(zlib(b"ab"), [0x78, 1, 1, 2, 0, 0xFD, 0xFF, b'a', b'b', 1, 0x26, 0, 0xC4]);
        let long = vec![7; 70_000];
        assert_eq!(zlib(&long).len(), 70_000 + 2 + 10 + 4);
        assert_eq!(gzip(b"").len(), 10 + 5 + 8);
    }

    #[test]
    fn documents_close_what_they_open() {
        let mut nbt = Nbt::new();
        nbt.compound("a").int("b", 1);
        assert_eq!(nbt.finish(), [10, 0, 0, 10, 0, 1, b'a', 3, 0, 1, b'b', 0, 0, 0, 1, 0, 0]);
    }
}
