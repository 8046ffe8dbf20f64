//! Deterministic numbers for worlds, names and identifiers. Not for secrets.

/// `SplitMix64`: one multiplication chain a number, good enough to fill chunks and fast enough to fill gigabytes.
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
    /// Starts the sequence of `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0)
    }

    /// A number below `limit`; 0 when `limit` is 0.
    pub fn below(&mut self, limit: u64) -> u64 {
        if limit == 0 { 0 } else { self.next_u64() % limit }
    }

    /// Fills `buffer`.
    pub fn fill(&mut self, buffer: &mut [u8]) {
        for part in buffer.chunks_mut(8) {
            let bytes = self.next_u64().to_le_bytes();
            part.copy_from_slice(&bytes[..part.len()]);
        }
    }

    /// Letters and digits, as the image's generated RCON passwords are.
    pub fn alphanumeric(&mut self, length: usize) -> String {
        const SET: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
        (0..length).map(|_| SET[usize::try_from(self.below(62)).unwrap_or(0)] as char).collect()
    }
}

/// Scrambles 64 bits.
#[must_use]
pub fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

/// FNV-1a of some bytes: names to numbers.
#[must_use]
pub fn hash(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01B3))
}

/// An identifier in UUID form that depends on `name` alone: version 4 for online accounts, 3 for offline ones.
#[must_use]
pub fn uuid(name: &str, online: bool) -> String {
    let mut rng = Rng::new(hash(name.as_bytes()));
    let (high, low) = (rng.next_u64(), rng.next_u64());
    let version: u64 = if online { 0x4000 } else { 0x3000 };
    let high = (high & !0xF000) | version;
    let low = (low & 0x3FFF_FFFF_FFFF_FFFF) | 0x8000_0000_0000_0000;
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xFFFF,
        high & 0xFFFF,
        low >> 48,
        low & 0xFFFF_FFFF_FFFF
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_have_uuid_form() {
        let id = uuid("Steve", true);
        assert_eq!(id.len(), 36);
        assert_eq!(id.as_bytes()[14], b'4');
        assert!(matches!(id.as_bytes()[19], b'8' | b'9' | b'a' | b'b'));
        assert_eq!(id, uuid("Steve", true));
        assert_ne!(id, uuid("Alex", true));
    }

    #[test]
    fn passwords_are_alphanumeric() {
        let word = Rng::new(7).alphanumeric(24);
        assert_eq!(word.len(), 24);
        assert!(word.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    }
}
