//! Version names, in an order by age.
//!
//! Three schemes are in use: `1.21.4` with `-pre2` and `-rc1`; the weekly snapshots `24w14a` up to the end of 2025;
//! since 2026 `26.1`, `26.1.2`, with `-snapshot-3`, `-pre-1` and `-rc-1`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

/// A Minecraft version. Older is less; [`Version::LATEST`] and [`Version::SNAPSHOT`] stand above every number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// Sorts; the name only tells apart what sorts alike.
    key: Key,
    name: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Key {
    /// The release that it is, or that it led to.
    release: [u16; 3],
    stage: Stage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Stage {
    Weekly { year: u8, week: u8, letter: u8 },
    Snapshot(u16),
    Pre(u16),
    Candidate(u16),
    Release,
}

/// A text that names no Minecraft version.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "{0:?} is no Minecraft version; write LATEST, SNAPSHOT, or a version such as 1.21.4, 26.1 or 1.20.4-pre2"
)]
pub struct ParseError(String);

/// The first release after the weekly snapshots of `(year, week)` and later, oldest first.
const WEEKLY: &[((u8, u8), [u16; 3])] = &[
    ((0, 0), [1, 13, 0]),
    ((18, 30), [1, 13, 1]),
    ((18, 43), [1, 14, 0]),
    ((19, 34), [1, 15, 0]),
    ((20, 6), [1, 16, 0]),
    ((20, 27), [1, 16, 2]),
    ((20, 45), [1, 17, 0]),
    ((21, 37), [1, 18, 0]),
    ((22, 3), [1, 18, 2]),
    ((22, 11), [1, 19, 0]),
    ((22, 24), [1, 19, 1]),
    ((22, 42), [1, 19, 3]),
    ((23, 3), [1, 19, 4]),
    ((23, 12), [1, 20, 0]),
    ((23, 31), [1, 20, 2]),
    ((23, 40), [1, 20, 3]),
    ((23, 51), [1, 20, 5]),
    ((24, 18), [1, 21, 0]),
    ((24, 33), [1, 21, 2]),
    ((24, 44), [1, 21, 4]),
    ((25, 2), [1, 21, 5]),
    ((25, 15), [1, 21, 6]),
    ((25, 31), [1, 21, 9]),
    ((25, 41), [1, 21, 11]),
];

impl Version {
    /// The image's word for the newest release.
    pub const LATEST: &'static str = "LATEST";
    /// The image's word for the newest snapshot or release.
    pub const SNAPSHOT: &'static str = "SNAPSHOT";

    /// As it was written, the image's words in capitals.
    pub fn as_str(&self) -> &str {
        &self.name
    }

    /// Whether this is `LATEST` or `SNAPSHOT`, which mean something else tomorrow: resolve and pin them.
    pub fn is_moving(&self) -> bool {
        self.key.release[0] == u16::MAX
    }

    /// Whether this is a finished version.
    pub fn is_release(&self) -> bool {
        !self.is_moving() && self.key.stage == Stage::Release
    }

    /// Whether this is the given release, a preview of it, or anything later.
    pub(super) fn reaches(&self, release: [u16; 3]) -> bool {
        self.key.release >= release
    }
}

fn weekly(text: &str) -> Option<Key> {
    let (year, rest) = text.split_once('w')?;
    // `24w14potato` was the joke of its year.
    let (week, letters) = rest.split_at_checked(2)?;
    let number = |t: &str| (t.len() == 2).then(|| t.parse::<u8>().ok()).flatten();
    let (year, week) = (number(year)?, number(week)?);
    let letter = *letters.as_bytes().first()?;
    if !(1..=53).contains(&week) || letters.len() > 16 || !letters.bytes().all(|b| b.is_ascii_lowercase()) {
        return None;
    }
    let release = WEEKLY.iter().rev().find(|(from, _)| *from <= (year, week))?.1;
    Some(Key { release, stage: Stage::Weekly { year, week, letter } })
}

fn numbered(text: &str) -> Option<Key> {
    let (numbers, stage) = match text.split_once('-') {
        None => (text, Stage::Release),
        Some((numbers, suffix)) => (numbers, self::stage(suffix)?),
    };
    let mut release = [0u16; 3];
    let mut count = 0;
    for part in numbers.split('.') {
        let plain = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        *release.get_mut(count)? = plain.then(|| part.parse().ok()).flatten()?;
        count += 1;
    }
    (count >= 2 && release[0] < u16::MAX).then_some(Key { release, stage })
}

fn stage(suffix: &str) -> Option<Stage> {
    let (make, number): (fn(u16) -> Stage, _) = if let Some(number) = suffix.strip_prefix("pre") {
        (Stage::Pre, number)
    } else if let Some(number) = suffix.strip_prefix("rc") {
        (Stage::Candidate, number)
    } else {
        (Stage::Snapshot, suffix.strip_prefix("snapshot-")?)
    };
    let number = number.strip_prefix('-').unwrap_or(number);
    let plain = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| number.parse().ok()).flatten().map(make)
}

impl FromStr for Version {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let moving = |n| Key { release: [u16::MAX, n, 0], stage: Stage::Release };
        if text.eq_ignore_ascii_case(Self::LATEST) {
            return Ok(Self { key: moving(0), name: Self::LATEST.to_owned() });
        }
        if text.eq_ignore_ascii_case(Self::SNAPSHOT) {
            return Ok(Self { key: moving(1), name: Self::SNAPSHOT.to_owned() });
        }
        // The name of some versions of 2019: `1.14 Pre-Release 1`.
        let spelled = text.replace(" Pre-Release ", "-pre");
        match weekly(&spelled).or_else(|| numbered(&spelled)) {
            Some(key) if text.len() <= 64 => Ok(Self { key, name: text.to_owned() }),
            _ => Err(ParseError(crate::minecraft::text::plain(text, 64))),
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.name)
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn v(text: &str) -> Version {
        text.parse().unwrap()
    }

    #[test]
    fn ordered_by_age() {
        let ordered = [
            "1.7.10",
            "1.12.2",
            "1.14 Pre-Release 1",
            "1.14",
            "1.16.5",
            "21w05a",
            "1.17",
            "1.20.2",
            "23w46a",
            "1.20.3",
            "1.20.4-pre2",
            "1.20.4-rc1",
            "1.20.4",
            "24w14a",
            "24w14potato",
            "1.20.5-pre1",
            "1.20.5",
            "1.21",
            "1.21.4",
            "1.21.10",
            "25w41a",
            "25w46a",
            "1.21.11",
            "26.1-snapshot-1",
            "26.1-snapshot-10",
            "26.1-pre-1",
            "26.1-rc-1",
            "26.1",
            "26.1.1",
            "26.3",
            "LATEST",
            "SNAPSHOT",
        ];
        for pair in ordered.windows(2) {
            assert!(v(pair[0]) < v(pair[1]), "{} < {}", pair[0], pair[1]);
        }
        assert!(v("latest").is_moving() && !v("latest").is_release());
        assert!(v("26.1").is_release() && !v("26.1-rc-1").is_release() && !v("24w14a").is_release());
        assert_eq!(v("snapshot").to_string(), "SNAPSHOT");
    }

    #[test]
    fn what_is_no_version() {
        for bad in
            ["", "1", "1.", "1.2.3.4", "1.21-", "1.21-pre", "1.21-beta1", "24w99a", "24w14", "v1.21", "1.+2"]
        {
            assert!(bad.parse::<Version>().is_err(), "{bad}");
        }
        let error = "\x1b[2Jx".parse::<Version>().unwrap_err().to_string();
        assert!(error.contains("LATEST") && !error.contains("[2J"), "{error}");
    }

    proptest! {
        #[test]
        fn names_come_back(text in "[0-9]{1,3}\\.[0-9]{1,3}(\\.[0-9]{1,2})?(-(pre|rc)-?[0-9])?") {
            prop_assert_eq!(v(&text).to_string(), text);
        }

        #[test]
        fn arbitrary_text_never_panics(text in "\\PC{0,30}|[0-9.wa\\-é]{0,12}") {
            let _ = text.parse::<Version>();
        }
    }
}
