//! Runs of zeros as blocks of deflate with its fixed codes (RFC 1951, 3.2.5 and 3.2.6).
//!
//! Between the chunks of a world lies padding: so many short runs that preparing a compressor for each takes longer than
//! all that it does.

/// A match is of this length at most, in bytes; the longest has a code of its own.
const LONGEST: usize = 258;
/// And of this length at least.
const SHORTEST: usize = 3;

/// Bits that are put together to bytes, the first one lowest (RFC 1951, 3.1.1).
struct Bits<'a> {
    out: &'a mut Vec<u8>,
    kept: u32,
    count: u32,
}

impl Bits<'_> {
    /// At most 16 bits, the lowest first.
    fn put(&mut self, bits: u16, count: u32) {
        self.kept |= u32::from(bits) << self.count;
        self.count += count;
        while self.count >= 8 {
            self.out.push(u8::try_from(self.kept & 0xff).unwrap_or(0));
            self.kept >>= 8;
            self.count -= 8;
        }
    }

    /// A code's bits, of which the highest comes first.
    fn code(&mut self, code: u16, count: u32) {
        self.put(code.reverse_bits() >> (16 - count), count);
    }

    /// So many bytes as the one before.
    fn same(&mut self, length: usize) {
        let over = u16::try_from(length - SHORTEST).unwrap_or(0);
        let (symbol, extra, bits) = match over {
            255 => (285, 0, 0),
            0..8 => (257 + over, 0, 0),
            _ => {
                let bits = over.ilog2() - 2;
                let four = u16::try_from(bits + 1).unwrap_or(0);
                (257 + 4 * four + ((over >> bits) & 3), over & ((1 << bits) - 1), bits)
            }
        };
        match symbol {
            280.. => self.code(0b1100_0000 + symbol - 280, 8),
            _ => self.code(symbol - 256, 7),
        }
        self.put(extra, bits);
        // The distance, which is one.
        self.code(0, 5);
    }
}

/// Appends a block of so many zeros to a stream that is at the beginning of a byte, and leaves it at one.
pub fn write(count: usize, out: &mut Vec<u8>) {
    const ZERO: u16 = 0b0011_0000;
    if count == 0 {
        return;
    }
    let mut bits = Bits { out, kept: 0, count: 0 };
    // Not the last block; fixed codes.
    bits.put(0b010, 3);
    bits.code(ZERO, 8);
    let mut left = count - 1;
    while left >= SHORTEST {
        let length = left.min(LONGEST);
        bits.same(length);
        left -= length;
    }
    for _ in 0..left {
        bits.code(ZERO, 8);
    }
    // The end of the block, and a stored one of nothing, which ends with a byte.
    bits.code(0, 7);
    bits.put(0, 3);
    bits.put(0, (8 - bits.count) % 8);
    bits.out.extend_from_slice(&[0, 0, 0xff, 0xff]);
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::DeflateDecoder;

    use super::*;

    #[test]
    fn any_count_comes_out_again() {
        for count in (0..3000).chain([8191, 65_536, 1 << 20]) {
            let mut packed = Vec::new();
            write(count, &mut packed);
            write(1, &mut packed);
            packed.extend_from_slice(&[1, 1, 0, 0xfe, 0xff, 7]);
            let mut unpacked = Vec::new();
            let mut decoder = DeflateDecoder::new(&*packed);
            decoder.read_to_end(&mut unpacked).unwrap();
            assert!(unpacked.len() == count + 2 && unpacked.pop() == Some(7), "{count}");
            assert!(unpacked.iter().all(|byte| *byte == 0), "{count}");
            assert!(decoder.total_in() == packed.len() as u64, "{count}");
        }
    }

    #[test]
    fn padding_takes_few_bytes() {
        let mut packed = Vec::new();
        write(4096, &mut packed);
        assert!(packed.len() < 40, "{}", packed.len());
    }
}
