//! The members of a tar stream, with their extended headers resolved.

use bytes::Bytes;
use tar::{EntryType, Header};

use super::{BLOCK, Fail, Pull, Tape, padding};
use crate::archive::error::{Refusal, shown};

/// Most bytes of an extended header or long name.
const RECORDS: u64 = 64 << 10;

/// Whom the stream comes from, and so what it may say.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trust {
    /// From a container engine: whatever the format allows is understood, and sorted out by who reads.
    Engine,
    /// From an archive that this program is said to have written: what it never writes is refused.
    Own,
}

/// The sort of a member.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// With content.
    File,
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
    /// Something that has no place in an archive, and why.
    Other(OtherKind),
}

/// What has no place in an archive.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OtherKind {
    /// Another name of a file that came before.
    HardLink,
    /// A device.
    Device,
    /// A named pipe.
    Pipe,
    /// Anything else, by the letter that tar has for it.
    Unknown(char),
}

impl OtherKind {
    /// Why it has none.
    pub fn refusal(self) -> Refusal {
        match self {
            Self::HardLink => Refusal::HardLink,
            Self::Device => Refusal::Device,
            Self::Pipe => Refusal::Pipe,
            Self::Unknown(sort) => Refusal::Sort(sort),
        }
    }
}

/// A member's header.
#[derive(Clone, Debug)]
pub struct Member {
    /// As it is told; nothing is checked in it.
    pub path: Vec<u8>,
    /// Its sort.
    pub kind: Kind,
    /// Bytes of its content.
    pub size: u64,
    /// Permission bits and those above them.
    pub mode: u32,
    /// Owner.
    pub uid: u64,
    /// Group.
    pub gid: u64,
    /// Seconds since 1970; 0 for what was before.
    pub modified: u64,
    /// Where a link leads; nothing is checked in it.
    pub target: Vec<u8>,
    /// Where its content begins in the stream.
    pub at: u64,
}

/// Reads members one after the other.
pub struct Members<P> {
    tape: Tape<P>,
    trust: Trust,
    /// Of the current member's content.
    left: u64,
    padding: u64,
}

/// What extended headers say of the member after them.
#[derive(Default)]
struct Records {
    path: Option<Vec<u8>>,
    target: Option<Vec<u8>>,
    size: Option<u64>,
    modified: Option<u64>,
    uid: Option<u64>,
    gid: Option<u64>,
    sparse: bool,
    any: bool,
}

impl<P: Pull> Members<P> {
    /// From the start of a stream.
    pub fn new(source: P, trust: Trust) -> Self {
        Self { tape: Tape::new(source), trust, left: 0, padding: 0 }
    }

    /// What it reads from.
    pub fn source_mut(&mut self) -> &mut P {
        self.tape.source_mut()
    }

    /// What it reads from, back.
    pub fn into_source(self) -> P {
        self.tape.into_source()
    }

    /// The next member; what is left of the one before is passed over. `None` after the blocks of zeros that end an
    /// archive.
    ///
    /// # Errors
    /// As [`Fail`] says; a member that is refused outright is one whose headers are malformed.
    pub fn next(&mut self) -> Result<Option<Member>, Fail> {
        let left = std::mem::take(&mut self.left) + std::mem::take(&mut self.padding);
        self.tape.skip(left)?;
        let mut records = Records::default();
        loop {
            let block = self.tape.block()?.ok_or(Fail::Cut)?;
            if block == [0; BLOCK] {
                if records.any {
                    return Err(Fail::Cut);
                }
                return self.end().map(|()| None);
            }
            let header = header(&block)?;
            let name = || shown(&header.path_bytes());
            let kind = header.entry_type();
            match kind {
                EntryType::XHeader => {
                    let content = self.content(&header)?;
                    if records.any && self.trust == Trust::Own {
                        return Err(Fail::Refused(name(), Refusal::Record));
                    }
                    records.read(&content, self.trust)?;
                }
                EntryType::GNULongName if self.trust == Trust::Engine => {
                    records.path = Some(until_nul(self.content(&header)?));
                    records.any = true;
                }
                EntryType::GNULongLink if self.trust == Trust::Engine => {
                    records.target = Some(until_nul(self.content(&header)?));
                    records.any = true;
                }
                EntryType::XGlobalHeader if self.trust == Trust::Engine => {
                    self.content(&header)?;
                }
                _ => return self.member(&header, records).map(Some),
            }
        }
    }

    /// The next piece of the current member's content; `None` at its end.
    ///
    /// # Errors
    /// [`Fail::Cut`], or the source's.
    pub fn body(&mut self) -> Result<Option<Bytes>, Fail> {
        if self.left == 0 {
            return Ok(None);
        }
        let piece = self.tape.some(self.left)?.ok_or(Fail::Cut)?;
        self.left -= piece.len() as u64;
        Ok(Some(piece))
    }

    fn member(&mut self, header: &Header, records: Records) -> Result<Member, Fail> {
        let letter = char::from(header.entry_type().as_byte());
        let kind = match header.entry_type() {
            _ if records.sparse => Kind::Other(OtherKind::Unknown('S')),
            EntryType::Regular | EntryType::Continuous => Kind::File,
            EntryType::Directory => Kind::Folder,
            EntryType::Symlink => Kind::Link,
            EntryType::Link => Kind::Other(OtherKind::HardLink),
            EntryType::Char | EntryType::Block => Kind::Other(OtherKind::Device),
            EntryType::Fifo => Kind::Other(OtherKind::Pipe),
            _ => Kind::Other(OtherKind::Unknown(letter)),
        };
        let path = records.path.unwrap_or_else(|| header.path_bytes().into_owned());
        let malformed = |_| Fail::Refused(shown(&path), Refusal::Record);
        let told = header.entry_size().map_err(malformed)?;
        let size = records.size.unwrap_or(told);
        // Only files have content; a size on these would make readers disagree on where the next member begins.
        if matches!(kind, Kind::Folder | Kind::Link) && self.trust == Trust::Own && size != 0 {
            return Err(Fail::Refused(shown(&path), Refusal::Record));
        }
        self.left = match header.entry_type() {
            EntryType::Link | EntryType::Symlink | EntryType::Directory | EntryType::Fifo => 0,
            EntryType::Char | EntryType::Block => 0,
            _ => size,
        };
        self.padding = padding(self.left);
        // A size near the most that a number holds cannot be one.
        if self.left.checked_add(self.padding).is_none() {
            return Err(Fail::Refused(shown(&path), Refusal::Record));
        }
        Ok(Member {
            kind,
            size: self.left,
            mode: header.mode().map_err(malformed)?,
            uid: records.uid.unwrap_or(header.uid().unwrap_or(0)),
            gid: records.gid.unwrap_or(header.gid().unwrap_or(0)),
            modified: records.modified.unwrap_or(header.mtime().unwrap_or(0)),
            target: records
                .target
                .unwrap_or_else(|| header.link_name_bytes().unwrap_or_default().into_owned()),
            at: self.tape.at(),
            path,
        })
    }

    fn content(&mut self, header: &Header) -> Result<Vec<u8>, Fail> {
        let refused = || Fail::Refused(shown(&header.path_bytes()), Refusal::Record);
        let size = header.entry_size().map_err(|_| refused())?;
        if size > RECORDS {
            return Err(refused());
        }
        let mut content = Vec::new();
        let mut left = size;
        while left > 0 {
            let piece = self.tape.some(left)?.ok_or(Fail::Cut)?;
            left -= piece.len() as u64;
            content.extend_from_slice(&piece);
        }
        self.tape.skip(padding(size))?;
        Ok(content)
    }

    /// The second block of zeros, and nothing but zeros after it.
    fn end(&mut self) -> Result<(), Fail> {
        match self.tape.block()? {
            None => return Err(Fail::Cut),
            Some(block) if block != [0; BLOCK] => {
                return Err(Fail::Bad(String::from("one block of zeros alone")));
            }
            Some(_) => {}
        }
        while let Some(piece) = self.tape.some(u64::MAX)? {
            if piece.iter().any(|byte| *byte != 0) {
                return Err(Fail::Bad(String::from("something comes after its end")));
            }
        }
        Ok(())
    }
}

/// A block as a header, when its checksum says that it is one.
fn header(block: &[u8; BLOCK]) -> Result<Header, Fail> {
    let mut header = Header::new_old();
    header.as_mut_bytes().copy_from_slice(block);
    // The checksum's own field counts as spaces.
    let sum: u32 = block
        .iter()
        .enumerate()
        .map(|(at, byte)| if (148..156).contains(&at) { 32 } else { u32::from(*byte) })
        .sum();
    match header.cksum() {
        Ok(told) if told == sum => Ok(header),
        _ => Err(Fail::Bad(String::from("a header's checksum is wrong"))),
    }
}

fn until_nul(mut name: Vec<u8>) -> Vec<u8> {
    if let Some(end) = name.iter().position(|byte| *byte == 0) {
        name.truncate(end);
    }
    name
}

impl Records {
    /// Records as POSIX.1-2001 has them: `length key=value\n`, the length counting itself.
    fn read(&mut self, mut content: &[u8], trust: Trust) -> Result<(), Fail> {
        let malformed = || Fail::Refused(String::from("an extended header"), Refusal::Record);
        self.any = true;
        while !content.is_empty() {
            let space = content.iter().take(20).position(|byte| *byte == b' ').ok_or_else(malformed)?;
            let length: usize = std::str::from_utf8(&content[..space])
                .ok()
                .and_then(|digits| digits.parse().ok())
                .ok_or_else(malformed)?;
            if length <= space + 2 || length > content.len() || content[length - 1] != b'\n' {
                return Err(malformed());
            }
            let record = &content[space + 1..length - 1];
            content = &content[length..];
            let equals = record.iter().position(|byte| *byte == b'=').ok_or_else(malformed)?;
            let (key, value) = (&record[..equals], &record[equals + 1..]);
            self.record(key, value, trust)?;
        }
        Ok(())
    }

    fn record(&mut self, key: &[u8], value: &[u8], trust: Trust) -> Result<(), Fail> {
        let overrides = || Fail::Refused(String::from("an extended header"), Refusal::Override(shown(key)));
        let number = || {
            let text = std::str::from_utf8(value).ok()?;
            text.split('.').next()?.parse::<u64>().ok()
        };
        let own = trust == Trust::Own;
        match key {
            b"path" if own && self.path.is_some() => return Err(overrides()),
            b"linkpath" if own && self.target.is_some() => return Err(overrides()),
            b"path" => self.path = Some(value.to_vec()),
            b"linkpath" => self.target = Some(value.to_vec()),
            _ if own => return Err(overrides()),
            b"size" => self.size = Some(number().ok_or_else(overrides)?),
            b"mtime" => self.modified = Some(number().unwrap_or(0)),
            b"uid" => self.uid = number(),
            b"gid" => self.gid = number(),
            _ if key.starts_with(b"GNU.sparse.") => self.sparse = true,
            _ => {}
        }
        Ok(())
    }
}
