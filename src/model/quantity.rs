//! Amounts that people write with a unit.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// One mebibyte, in bytes.
pub const MIB: u64 = 1024 * 1024;
/// One gibibyte, in bytes.
pub const GIB: u64 = 1024 * MIB;

/// In which steps a person reads amounts of bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Units {
    /// Steps of 1024: `1.5 GiB`.
    #[default]
    Binary,
    /// Steps of 1000: `1.6 GB`.
    Decimal,
}

impl Units {
    /// As people write it, with one digit after the point.
    pub fn write(self, bytes: u64) -> String {
        let steps = if self == Self::Binary { humansize::BINARY } else { humansize::DECIMAL };
        humansize::format_size(bytes, steps.decimal_places(1))
    }

    /// The same without a digit where it is a zero, for where there is little room.
    pub fn write_short(self, bytes: u64) -> String {
        let steps = if self == Self::Binary { humansize::BINARY } else { humansize::DECIMAL };
        humansize::format_size(bytes, steps.decimal_places(1).decimal_zeroes(0))
    }
}

impl FromStr for Units {
    type Err = String;

    /// The error lists what may be written.
    fn from_str(text: &str) -> Result<Self, String> {
        match text.trim().to_ascii_lowercase().as_str() {
            "binary" => Ok(Self::Binary),
            "decimal" => Ok(Self::Decimal),
            _ => Err("must be one of \"binary\" \"decimal\"".into()),
        }
    }
}

/// An amount of memory, in bytes. Written as the JVM takes it: `2G`, `1536M`, `512m`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Memory(u64);

impl Memory {
    /// So many bytes.
    pub const fn bytes(bytes: u64) -> Self {
        Self(bytes)
    }

    /// So many mebibytes.
    pub const fn mib(mib: u64) -> Self {
        Self(mib * MIB)
    }

    /// In bytes.
    pub const fn as_bytes(self) -> u64 {
        self.0
    }

    /// The container's limit for a heap of this size: a quarter more for what the JVM keeps outside its heap
    /// (metaspace, threads, network buffers), and never less than 384 MiB more, because a small heap needs those too.
    pub fn limit_for_heap(self) -> Self {
        Self(self.0 + (self.0 / 4).max(384 * MIB))
    }
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            bytes if bytes > 0 && bytes % GIB == 0 => write!(f, "{}G", bytes / GIB),
            bytes if bytes > 0 && bytes % MIB == 0 => write!(f, "{}M", bytes / MIB),
            bytes if bytes > 0 && bytes % 1024 == 0 => write!(f, "{}K", bytes / 1024),
            bytes => write!(f, "{bytes}"),
        }
    }
}

impl FromStr for Memory {
    type Err = String;

    /// A number with `K`, `M`, `G` or `T` (each 1024 of the one before; `Gi`, `GB`, `GiB` mean the same), or bytes.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let rule = || "must be a number with M or G, such as 2G or 1536M".to_owned();
        let text = text.trim();
        let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        let factor: u64 = match unit.trim().to_ascii_lowercase().as_str() {
            "" | "b" => 1,
            "k" | "kb" | "ki" | "kib" => 1024,
            "m" | "mb" | "mi" | "mib" => MIB,
            "g" | "gb" | "gi" | "gib" => GIB,
            "t" | "tb" | "ti" | "tib" => 1024 * GIB,
            _ => return Err(rule()),
        };
        if let Ok(whole) = number.parse::<u64>() {
            return whole.checked_mul(factor).map(Self).ok_or_else(rule);
        }
        let value = number.parse::<f64>().map_err(|_| rule())? * factor as f64;
        // A binary exabyte is more than any machine has; above it the conversion would saturate in silence.
        if !value.is_finite() || !(0.0..=1.152e18).contains(&value) {
            return Err(rule());
        }
        Ok(Self(value as u64))
    }
}

impl TryFrom<String> for Memory {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Memory> for String {
    fn from(memory: Memory) -> Self {
        memory.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_as_people_write_it() {
        for (text, bytes) in [
            ("2G", 2 * GIB),
            ("1.5g", 3 * GIB / 2),
            ("512M", 512 * MIB),
            ("512 MiB", 512 * MIB),
            ("1024", 1024),
        ] {
            assert_eq!(text.parse::<Memory>(), Ok(Memory(bytes)), "{text}");
        }
        for text in ["", "G", "-1G", "1.2.3G", "2 parsecs", "99999999999999999999G", "1e9T"] {
            assert!(text.parse::<Memory>().is_err(), "{text}");
        }
    }

    #[test]
    fn shown_in_the_largest_whole_unit() {
        assert_eq!(Memory(2 * GIB).to_string(), "2G");
        assert_eq!(Memory(1536 * MIB).to_string(), "1536M");
    }

    #[test]
    fn a_container_is_larger_than_its_heap() {
        assert_eq!(Memory::mib(4096).limit_for_heap(), Memory::mib(5120));
        assert_eq!(Memory::mib(512).limit_for_heap(), Memory::mib(896));
    }
}
