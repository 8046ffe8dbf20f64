//! The members of an archive in their order, as one checksum: what went in, and what comes out, are the same when it is.

use sha2::{Digest, Sha256};

use super::super::{
    manifest::Hash,
    ustar::{Head, Kind, Member},
};

/// Goes on by each member.
#[derive(Default)]
pub struct Trace(Sha256);

impl Trace {
    /// A member was written; its content, where it has one, begins at this byte and has this checksum.
    pub fn wrote(&mut self, head: &Head<'_>, at: u64, content: Option<Hash>) {
        let kind = match (head.target, head.folder) {
            (Some(_), _) => Kind::Link,
            (None, true) => Kind::Folder,
            (None, false) => Kind::File,
        };
        let numbers = [head.size, head.mode.into(), head.uid, head.gid, head.modified, at];
        self.add(kind, head.path.as_bytes(), head.target.unwrap_or_default().as_bytes(), numbers, content);
    }

    /// A member was read.
    pub fn found(&mut self, member: &Member, content: Option<Hash>) {
        let numbers = [member.size, member.mode.into(), member.uid, member.gid, member.modified, member.at];
        let path = match member.kind {
            Kind::Folder => member.path.strip_suffix(b"/").unwrap_or(&member.path),
            _ => &member.path,
        };
        self.add(member.kind, path, &member.target, numbers, content);
    }

    /// The checksum.
    pub fn end(self) -> Hash {
        Hash(self.0.finalize().into())
    }

    fn add(&mut self, kind: Kind, path: &[u8], target: &[u8], numbers: [u64; 6], content: Option<Hash>) {
        self.0.update([match kind {
            Kind::File => 0,
            Kind::Folder => 1,
            Kind::Link => 2,
            Kind::Other(_) => 3,
        }]);
        for text in [path, target] {
            self.0.update((text.len() as u64).to_le_bytes());
            self.0.update(text);
        }
        for number in numbers {
            self.0.update(number.to_le_bytes());
        }
        self.0.update(content.map_or([0; 32], |hash| hash.0));
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::super::ustar::{Members, Pull, Trust, write_head},
        *,
    };
    use crate::archive::Error;
    use bytes::Bytes;

    struct Once(Option<Vec<u8>>);

    impl Pull for Once {
        fn pull(&mut self) -> Result<Option<Bytes>, Error> {
            Ok(self.0.take().map(Bytes::from))
        }
    }

    const HEAD: Head<'_> = Head {
        path: "a",
        target: None,
        folder: false,
        size: 0,
        mode: 0o644,
        uid: 1000,
        gid: 1000,
        modified: 7,
    };

    fn wrote(heads: &[Head<'_>]) -> (Hash, Hash) {
        let (mut wrote, mut found, mut tar) = (Trace::default(), Trace::default(), Vec::new());
        for head in heads {
            write_head(head, &mut tar);
            wrote.wrote(head, tar.len() as u64, None);
        }
        tar.resize(tar.len() + 1024, 0);
        let mut members = Members::new(Once(Some(tar)), Trust::Own);
        while let Some(member) = members.next().unwrap() {
            found.found(&member, None);
        }
        (wrote.end(), found.end())
    }

    #[test]
    fn what_is_written_is_what_is_found() {
        let long = "folder/".repeat(60) + "name";
        let heads = [
            HEAD,
            Head { path: "world", folder: true, mode: 0o755, ..HEAD },
            Head { path: &long, uid: 0x7fff_ffff, gid: 3_000_000, modified: 1 << 34, ..HEAD },
            Head { path: "link", target: Some(&long), mode: 0o777, ..HEAD },
            Head { path: &long, folder: true, ..HEAD },
        ];
        let (wrote, found) = wrote(&heads);
        assert_eq!(wrote, found);
    }

    #[test]
    fn whatever_differs_is_another() {
        let other = [
            Head { path: "b", ..HEAD },
            Head { mode: 0o600, ..HEAD },
            Head { uid: 1, ..HEAD },
            Head { gid: 1, ..HEAD },
            Head { modified: 8, ..HEAD },
            Head { folder: true, ..HEAD },
            Head { target: Some("b"), ..HEAD },
        ];
        let same = wrote(&[HEAD]).0;
        for other in other {
            assert_ne!(wrote(&[other]).0, same, "{other:?}");
        }
        assert_ne!(wrote(&[HEAD, HEAD]).0, same);
        let with = |content| {
            let mut trace = Trace::default();
            trace.wrote(&HEAD, 512, content);
            trace.end()
        };
        assert_ne!(with(Some(Hash([1; 32]))), with(Some(Hash([2; 32]))));
        assert_eq!(with(None), same);
    }
}
