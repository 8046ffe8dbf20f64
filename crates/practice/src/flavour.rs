//! What differs between the kinds of server and between the game's versions.

use std::cmp::Ordering;

/// What `VERSION=LATEST` resolves to here.
pub const LATEST: &str = "26.3";

/// Whose log, RCON and world habits a server has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Vanilla, Fabric, Quilt: `[12:34:56] [Server thread/INFO]: …`, RCON joins lines with nothing.
    Vanilla,
    /// The Bukkit family: `[12:34:56 INFO]: …`, RCON ends lines with `\n`, worlds in sibling folders.
    Bukkit,
    /// Forge and `NeoForge`: `[12:34:56] [Server thread/INFO] [minecraft/MinecraftServer]: …`.
    Forge,
}

/// A `TYPE` that the image knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// The name in upper case, as in the `TYPE` variable.
    pub name: &'static str,
    /// The habits of this kind.
    pub family: Family,
}

const KINDS: &[(&str, Family)] = &[
    ("VANILLA", Family::Vanilla),
    ("FABRIC", Family::Vanilla),
    ("QUILT", Family::Vanilla),
    ("CUSTOM", Family::Vanilla),
    ("SPONGEVANILLA", Family::Vanilla),
    ("LIMBO", Family::Vanilla),
    ("NANOLIMBO", Family::Vanilla),
    ("MODRINTH", Family::Vanilla),
    ("AUTO_CURSEFORGE", Family::Forge),
    ("CURSEFORGE", Family::Forge),
    ("FTBA", Family::Forge),
    ("FORGE", Family::Forge),
    ("NEOFORGE", Family::Forge),
    ("PAPER", Family::Bukkit),
    ("FOLIA", Family::Bukkit),
    ("PURPUR", Family::Bukkit),
    ("PUFFERFISH", Family::Bukkit),
    ("LEAF", Family::Bukkit),
    ("SPIGOT", Family::Bukkit),
    ("BUKKIT", Family::Bukkit),
    ("MOHIST", Family::Bukkit),
    ("MAGMA", Family::Bukkit),
    ("ARCLIGHT", Family::Bukkit),
];

impl Kind {
    /// Finds a kind by its `TYPE` value, in any case.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        let wanted = value.trim();
        KINDS
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
            .map(|(name, family)| Self { name, family: *family })
    }

    /// The plain game.
    #[must_use]
    pub const fn vanilla() -> Self {
        Self { name: "VANILLA", family: Family::Vanilla }
    }

    /// Paper and its forks, which have `tps` and `mspt`.
    #[must_use]
    pub fn is_paper(&self) -> bool {
        matches!(self.name, "PAPER" | "FOLIA" | "PURPUR" | "PUFFERFISH" | "LEAF")
    }

    /// The name in ordinary writing, such as `Paper`.
    #[must_use]
    pub fn title(&self) -> String {
        let lower = self.name.to_ascii_lowercase();
        let mut letters = lower.chars();
        letters
            .next()
            .map_or(String::new(), |first| first.to_ascii_uppercase().to_string() + letters.as_str())
    }
}

/// A version of the game, ordered by age. Snapshots count as newer than any 1.x release and older than 26.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GameVersion {
    text: String,
    numbers: [u16; 3],
}

impl GameVersion {
    /// What [`LATEST`] is.
    #[must_use]
    pub fn newest() -> Self {
        Self { text: LATEST.to_owned(), numbers: [26, 3, 0] }
    }

    /// Reads `1.21.4`, `26.1`, `25w14a`, `LATEST` (or nothing) and `SNAPSHOT`. `None` for anything else.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        let text = value.trim();
        if text.is_empty() || text.eq_ignore_ascii_case("LATEST") {
            return Some(Self::newest());
        }
        if text.eq_ignore_ascii_case("SNAPSHOT") {
            return Self::parse("26.4-snapshot-1");
        }
        let bytes = text.as_bytes();
        if bytes.len() == 6 && bytes[2] == b'w' && bytes[..2].iter().all(u8::is_ascii_digit) {
            return Some(Self { text: text.to_owned(), numbers: [1, 99, 0] });
        }
        let release = text.split(['-', ' ', '_']).next().unwrap_or_default();
        let mut numbers = [0; 3];
        let mut count = 0;
        for part in release.split('.') {
            *numbers.get_mut(count)? = part.parse().ok()?;
            count += 1;
        }
        (count >= 2).then(|| Self { text: text.to_owned(), numbers })
    }

    /// As it was written, with `LATEST` resolved.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether this version is `other` or newer, where `other` is such as `(1, 20, 3)`.
    #[must_use]
    pub fn at_least(&self, major: u16, minor: u16, patch: u16) -> bool {
        self.numbers.cmp(&[major, minor, patch]) != Ordering::Less
    }

    /// The number in the list ping. Only its growth is right.
    #[must_use]
    pub fn protocol(&self) -> u32 {
        match self.numbers {
            [1, 21, 4] => 769,
            [1, 20, 4] => 765,
            [1, 12, 2] => 340,
            [1, minor, patch] => 30 * u32::from(minor) + u32::from(patch) + 130,
            [major, minor, patch] => 30 * u32::from(major) + 3 * u32::from(minor) + u32::from(patch) + 20,
        }
    }

    /// The Java that this version needs: 8, 16, 17, 21 or 25.
    #[must_use]
    pub fn java(&self) -> u16 {
        match self.numbers {
            numbers if numbers >= [26, 0, 0] => 25,
            numbers if numbers >= [1, 20, 5] => 21,
            numbers if numbers >= [1, 18, 0] => 17,
            numbers if numbers >= [1, 17, 0] => 16,
            _ => 8,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_by_number() {
        let old = GameVersion::parse("1.9.4").unwrap();
        assert!(!old.at_least(1, 13, 0));
        assert_eq!(old.java(), 8);
        assert!(GameVersion::parse("1.20.4").unwrap().at_least(1, 20, 3));
        assert!(GameVersion::parse("26.1").unwrap().at_least(1, 21, 11));
        assert!(GameVersion::parse("25w14a").unwrap().at_least(1, 21, 2));
        assert!(!GameVersion::parse("25w14a").unwrap().at_least(26, 1, 0));
        assert_eq!(GameVersion::parse("latest").unwrap().as_str(), LATEST);
        assert!(GameVersion::parse("banana").is_none());
        assert!(GameVersion::parse("1.2.3.4").is_none());
    }

    #[test]
    fn kinds_are_found_in_any_case() {
        assert_eq!(Kind::parse("paper").unwrap().family, Family::Bukkit);
        assert!(Kind::parse("purpur").unwrap().is_paper());
        assert_eq!(Kind::parse("Paper").unwrap().title(), "Paper");
        assert!(Kind::parse("BANANA").is_none());
    }
}
