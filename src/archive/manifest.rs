//! What an archive holds and how it came to be: the last file in it, and a file beside it.

use std::{collections::HashSet, fmt, str::FromStr};

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{
    error::{Refusal, shown},
    layout::World,
    path::{check, check_link, parents},
};
use crate::model::{
    BackupId, Origin, ServerId, Spec,
    backup::{BackupKind, LeftOut, Packing, Place, Reason, Stillness},
};

/// The format of manifests and archives that this program writes.
pub const FORMAT: u32 = 1;
/// Where the manifest lies in the archive.
pub const INSIDE: &str = ".mineclifford/manifest.json";
/// Most files, folders and links of an archive, each.
pub const MOST: usize = 1_000_000;
/// Bytes of the tar stream in each piece of the archive; the last one may have fewer. Each piece can be unpacked by itself.
pub const PIECE: usize = 1 << 20;
/// Most notes of what was left out; what comes after is only counted.
pub const NOTES: usize = 1000;
/// How much an archive may unpack to for each of its bytes, and what is free beside it: far more than a world ever
/// reaches, and far less than what fills a machine.
const RATIO: u64 = 20_000;
const FREE: u64 = 1 << 30;

/// What is known of a backup besides its files.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct About {
    /// The backup's id.
    pub backup: BackupId,
    /// How much it holds by itself.
    pub kind: BackupKind,
    /// Where it lies.
    pub place: Place,
    /// The server that it was made of.
    pub server: ServerId,
    /// That server's name.
    pub server_name: String,
    /// That server's settings, where they were known.
    pub spec: Option<Spec>,
    /// The Minecraft version of the world, where it was known.
    pub version: Option<String>,
    /// The folder of the world that the server loads (`level-name`), where it was known.
    pub level: Option<String>,
    /// Why it was made.
    pub reason: Reason,
    /// Through which face.
    pub origin: Origin,
    /// What a person wrote to it.
    pub label: Option<String>,
    /// Whether it was to be kept for ever when it was made.
    pub locked: bool,
    /// When copying began.
    pub created_at: Timestamp,
    /// For how long saving was off, in milliseconds; 0 where it was not switched off.
    pub saving_off_ms: u64,
    /// How still the server was.
    pub stillness: Stillness,
    /// Patterns of what was left out.
    pub exclude: Vec<String>,
    /// Patterns of what was taken in spite of them.
    pub include: Vec<String>,
}

/// What an archive holds and how it came to be.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Manifest {
    /// [`FORMAT`] of the program that wrote it.
    pub format_version: u32,
    /// What is known of the backup.
    #[serde(flatten)]
    pub about: About,
    /// How long making it took, reading it back included, in milliseconds. In the archive itself: until this was written.
    pub duration_ms: u64,
    /// The worlds that were found, with their layouts.
    pub worlds: Vec<World>,
    /// The first so many ([`NOTES`]) things that could not be taken, and why.
    pub left_out: Vec<LeftOut>,
    /// How many there were in all.
    pub left_out_count: u64,
    /// Folders, sorted by path.
    pub folders: Vec<Folder>,
    /// Symbolic links, sorted by path.
    pub links: Vec<Link>,
    /// Files, sorted by path.
    pub files: Vec<File>,
    /// The archive as a file; only in the manifest beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archive: Option<Seal>,
}

/// A folder.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Folder {
    /// From the data folder on.
    pub path: Box<str>,
    /// When it was last changed, in seconds since 1970.
    pub modified: u64,
    /// Permission bits, without setuid, setgid and sticky.
    pub mode: u32,
}

/// A symbolic link that stays within the data folder.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Link {
    /// From the data folder on.
    pub path: Box<str>,
    /// Where it leads, relative to where it lies.
    pub target: Box<str>,
}

/// A file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct File {
    /// From the data folder on.
    pub path: Box<str>,
    /// Bytes.
    pub size: u64,
    /// When it was last written, in seconds since 1970.
    pub modified: u64,
    /// Permission bits, without setuid, setgid and sticky.
    pub mode: u32,
    /// Of its content.
    pub sha256: Hash,
    /// Where its content begins in the tar stream. Of a file that was read several times: the last.
    pub at: u64,
    /// How often it is in the archive; the last one counts.
    #[serde(default = "once", skip_serializing_if = "is_once")]
    pub copies: u32,
    /// Whether it changed each time that it was read.
    #[serde(default, skip_serializing_if = "is_false")]
    pub torn: bool,
}

fn once() -> u32 {
    1
}

#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_once(copies: &u32) -> bool {
    *copies == 1
}

#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_false(value: &bool) -> bool {
    !value
}

/// The archive as a file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Seal {
    /// How it is packed.
    pub packing: Packing,
    /// Bytes.
    pub size: u64,
    /// Of the whole file.
    pub sha256: Hash,
    /// Bytes of the tar stream in it.
    pub unpacked: u64,
    /// Of the manifest in it.
    pub manifest: Hash,
    /// Bytes of each of its pieces, in their order; each holds [`PIECE`] bytes of the tar stream.
    pub pieces: Vec<u32>,
}

/// A SHA-256 (FIPS 180-4), written as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hash(pub [u8; 32]);

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl FromStr for Hash {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WHAT: &str = "a SHA-256 has 64 hexadecimal digits";
        if text.len() != 64 || !text.is_ascii() {
            return Err(WHAT);
        }
        let mut bytes = [0; 32];
        for (at, byte) in bytes.iter_mut().enumerate() {
            let digits = text.get(2 * at..2 * at + 2).unwrap_or_default();
            *byte = u8::from_str_radix(digits, 16).map_err(|_| WHAT)?;
        }
        Ok(Self(bytes))
    }
}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// Something of a manifest that must not be: what, and why.
pub type Offence = (String, Refusal);

impl Manifest {
    /// Bytes of all files, unpacked.
    pub fn content_bytes(&self) -> u64 {
        self.files.iter().fold(0, |sum: u64, file| sum.saturating_add(file.size))
    }

    /// Files that changed each time that they were read.
    pub fn torn_files(&self) -> u64 {
        self.files.iter().filter(|file| file.torn).count() as u64
    }

    /// The place of a file in [`Self::files`].
    pub fn find(&self, path: &str) -> Option<usize> {
        self.files.binary_search_by(|file| (*file.path).cmp(path)).ok()
    }

    /// Holds everything that the manifest lists to what may be unpacked. A manifest is as hostile as its archive: whoever
    /// can change the one can change the other.
    ///
    /// # Errors
    /// The first thing that must not be.
    pub fn check(&self) -> Result<(), Offence> {
        for count in [self.files.len(), self.folders.len(), self.links.len()] {
            if count > MOST {
                return Err((String::from("the manifest"), Refusal::TooMany(MOST)));
            }
        }
        self.check_names()?;
        for (path, mode) in (self.files.iter().map(|file| (&file.path, file.mode)))
            .chain(self.folders.iter().map(|folder| (&folder.path, folder.mode)))
        {
            if mode & !0o777 != 0 {
                return Err((shown(path.as_bytes()), Refusal::SetId));
            }
        }
        self.archive.as_ref().map_or(Ok(()), |seal| self.check_seal(seal))
    }

    fn check_names(&self) -> Result<(), Offence> {
        let files = self.files.iter().map(|file| &*file.path);
        let folders = self.folders.iter().map(|folder| &*folder.path);
        let links = self.links.iter().map(|link| &*link.path);
        for names in [files.clone().collect::<Vec<_>>(), folders.collect(), links.clone().collect()] {
            for path in &names {
                check(path.as_bytes()).map_err(|why| (shown(path.as_bytes()), why))?;
                // A folder's slash at the end is of tar alone.
                if path.ends_with('/') || super::path::is_in(path, super::filter::OWN) {
                    return Err((shown(path.as_bytes()), Refusal::NotPlain));
                }
            }
            if let Some(pair) = names.windows(2).find(|pair| pair[0] >= pair[1]) {
                let why = if pair[0] == pair[1] { Refusal::Twice } else { Refusal::NotAsListed };
                return Err((shown(pair[1].as_bytes()), why));
            }
        }
        let is_file: HashSet<&str> = files.clone().collect();
        let is_link: HashSet<&str> = links.clone().collect();
        for path in files.clone().chain(self.folders.iter().map(|folder| &*folder.path)).chain(links) {
            for parent in parents(path) {
                if is_link.contains(parent) {
                    return Err((shown(path.as_bytes()), Refusal::ThroughLink));
                }
                if is_file.contains(parent) {
                    return Err((shown(path.as_bytes()), Refusal::ThroughFile));
                }
            }
        }
        for path in self.folders.iter().map(|folder| &*folder.path) {
            if is_file.contains(path) || is_link.contains(path) {
                return Err((shown(path.as_bytes()), Refusal::Twice));
            }
        }
        if let Some(path) = files.clone().find(|path| is_link.contains(path)) {
            return Err((shown(path.as_bytes()), Refusal::Twice));
        }
        for link in &self.links {
            check_link(&link.path, link.target.as_bytes())
                .map_err(|why| (shown(link.path.as_bytes()), why))?;
        }
        Ok(())
    }

    fn check_seal(&self, seal: &Seal) -> Result<(), Offence> {
        let offence = |why| Err((String::from("the archive"), why));
        let content = self.content_bytes();
        let most = seal.size.saturating_mul(RATIO).saturating_add(FREE);
        for bytes in [content, seal.unpacked] {
            if bytes > most {
                return offence(Refusal::Bomb { bytes });
            }
        }
        let pieces = seal.unpacked.div_ceil(PIECE as u64);
        let sum: u64 = seal.pieces.iter().map(|size| u64::from(*size)).sum();
        if seal.pieces.len() as u64 != pieces || sum != seal.size {
            return offence(Refusal::NotAsListed);
        }
        // What cannot be packed grows by far less than a sixteenth.
        if seal.pieces.iter().any(|size| *size as usize > PIECE + PIECE / 16) {
            return offence(Refusal::NotAsListed);
        }
        for file in &self.files {
            if file.at.checked_add(file.size).is_none_or(|end| end > seal.unpacked) {
                return Err((shown(file.path.as_bytes()), Refusal::NotAsListed));
            }
        }
        Ok(())
    }
}
