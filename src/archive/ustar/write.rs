//! Headers as they are written: `ustar`, with a PAX record where a name is too long for it.

use tar::{EntryType, Header};

use super::BLOCK;

/// A block of zeros: what a member is filled up with, and, twice, what ends an archive.
pub const ZEROS: [u8; BLOCK] = [0; BLOCK];

/// What a header says.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    /// Relative and plain.
    pub path: &'a str,
    /// Where it leads, for a link.
    pub target: Option<&'a str>,
    /// Whether it is a folder.
    pub folder: bool,
    /// Bytes of content.
    pub size: u64,
    /// Permission bits.
    pub mode: u32,
    /// Owner.
    pub uid: u64,
    /// Group.
    pub gid: u64,
    /// Seconds since 1970.
    pub modified: u64,
}

/// What fills the last block of so many bytes.
pub fn padding(size: u64) -> u64 {
    (BLOCK as u64 - size % BLOCK as u64) % BLOCK as u64
}

/// Appends a member's header or headers.
pub fn write_head(head: &Head<'_>, out: &mut Vec<u8>) {
    let path = if head.folder { format!("{}/", head.path) } else { head.path.to_owned() };
    let mut header = Header::new_ustar();
    header.set_entry_type(match head.target {
        Some(_) => EntryType::Symlink,
        None if head.folder => EntryType::Directory,
        None => EntryType::Regular,
    });
    header.set_size(head.size);
    header.set_mode(head.mode);
    header.set_uid(head.uid);
    header.set_gid(head.gid);
    header.set_mtime(head.modified);
    let mut records = Vec::new();
    if header.set_path(&path).is_err() || *header.path_bytes() != *path.as_bytes() {
        record("path", &path, &mut records);
        // For readers that know no PAX; the record counts.
        name(&mut header, &path);
    }
    if let Some(target) = head.target
        && (target.len() > 100 || header.set_link_name_literal(target).is_err())
    {
        record("linkpath", target, &mut records);
    }
    if !records.is_empty() {
        let mut extended = Header::new_ustar();
        extended.set_entry_type(EntryType::XHeader);
        extended.set_size(records.len() as u64);
        extended.set_mode(0o644);
        name(&mut extended, "PaxHeader");
        extended.set_cksum();
        out.extend_from_slice(extended.as_bytes());
        out.extend_from_slice(&records);
        out.resize(out.len().next_multiple_of(BLOCK), 0);
    }
    header.set_cksum();
    out.extend_from_slice(header.as_bytes());
}

/// The plain name field, as much of it as there is room for.
fn name(header: &mut Header, path: &str) {
    if let Some(ustar) = header.as_ustar_mut() {
        ustar.name = [0; 100];
        ustar.prefix = [0; 155];
        for (place, byte) in ustar.name.iter_mut().zip(path.bytes().take(99)) {
            *place = byte;
        }
    }
}

/// A PAX record: its length counts its own digits.
fn record(key: &str, value: &str, out: &mut Vec<u8>) {
    let rest = key.len() + value.len() + 3;
    let mut length = rest + 1;
    while length != rest + length.to_string().len() {
        length = rest + length.to_string().len();
    }
    out.extend_from_slice(format!("{length} {key}={value}\n").as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_of_a_record_counts_itself() {
        for size in [1, 85, 86, 87, 88, 89, 90, 91, 92, 983, 984, 985, 986, 987, 988, 989, 990, 4000] {
            let mut out = Vec::new();
            record("path", &"a".repeat(size), &mut out);
            let text = std::str::from_utf8(&out).unwrap();
            let (length, _) = text.split_once(' ').unwrap();
            assert_eq!(length.parse::<usize>().unwrap(), out.len());
        }
    }
}
