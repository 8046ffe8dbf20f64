//! Files out of a container as a tar archive, straight from the folder in memory.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Response, StatusCode};
use practice::disk::{Entry, EntryKind};
use serde_json::json;

use super::clock::text;
use super::container::{Container, DiskKey, Key};
use super::http::{Answer, Query, empty, streamed};
use super::refusal::Refusal;
use super::volumes::tidy;
use super::world::{Shared, World};

/// Bytes of a file that are read at a time.
const PIECE: usize = 64 * 1024;
const BLOCK: usize = 512;

/// A folder that is there without being kept: the root of a disk.
const ROOT: Entry = Entry { kind: EntryKind::Dir, len: 0, mode: 0o755, uid: 1000, gid: 1000, mtime_ms: 0 };

/// What a path in a container leads to.
pub(super) struct Found {
    pub(super) disk: DiskKey,
    pub(super) inner: String,
    pub(super) entry: Entry,
}

impl World {
    /// What is at an absolute path of a container.
    pub(super) fn look(&self, container: &Container, path: &str) -> Option<Found> {
        let (disk, inner) = self.locate(container, path)?;
        let entry = match self.disks.get(&disk)?.entry(&inner) {
            Some(entry) => entry,
            None if inner.is_empty() => {
                Entry { mtime_ms: u64::try_from(container.created / 1_000_000).unwrap_or(0), ..ROOT }
            }
            None => return None,
        };
        Some(Found { disk, inner, entry })
    }
}

fn missing(path: &str, name: &str) -> Refusal {
    Refusal::missing(format!("Could not find the file {path} in container {name}"))
}

fn wanted(query: &Query) -> Result<&str, Refusal> {
    let path = query.text("path");
    if path.is_empty() { Err(Refusal::bad("bad parameter: pathcannot be empty")) } else { Ok(path) }
}

/// Base64 with padding (RFC 4648), for one header.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let mut group = [0; 3];
        for (place, byte) in group.iter_mut().zip(chunk) {
            *place = *byte;
        }
        let number = u32::from_be_bytes([0, group[0], group[1], group[2]]);
        for index in 0..4 {
            let digit = (number >> (18 - 6 * index)) & 63;
            let letter = LETTERS.get(digit as usize).copied().unwrap_or(b'=');
            out.push(if index <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    out
}

/// The header that describes a path. The mode is Go's: the permissions, bit 31 for a folder, bit 27 for a link.
fn stat(path: &str, entry: &Entry, target: &str) -> HeaderValue {
    let kind = match entry.kind {
        EntryKind::Dir => 1_u32 << 31,
        EntryKind::Symlink => 1 << 27,
        EntryKind::File => 0,
    };
    let tidy = tidy(path);
    let name = tidy.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or("/");
    let size = if entry.kind == EntryKind::Dir { 4096 } else { entry.len };
    let stat = json!({
        "name": name, "size": size, "mode": kind | (entry.mode & 0o777),
        "mtime": text(i64::try_from(entry.mtime_ms).unwrap_or(0) * 1_000_000), "linkTarget": target,
    });
    HeaderValue::from_str(&base64(stat.to_string().as_bytes())).unwrap_or(HeaderValue::from_static(""))
}

fn described(
    shared: &Shared,
    key: Key,
    name: &str,
    path: &str,
    done: Option<&'static str>,
) -> Result<(Found, HeaderValue), Refusal> {
    let mut world = shared.lock();
    let found = world.look(world.get(key)?, path).ok_or_else(|| missing(path, name));
    world.emit_look(key, done.filter(|_| found.is_ok()));
    let found = found?;
    let target = match found.entry.kind {
        EntryKind::Symlink => world.link_target(&found),
        EntryKind::Dir | EntryKind::File => String::new(),
    };
    let header = stat(path, &found.entry, &target);
    Ok((found, header))
}

impl World {
    fn link_target(&self, found: &Found) -> String {
        let mut bytes = vec![0; usize::try_from(found.entry.len.min(4096)).unwrap_or(0)];
        let read =
            self.disks.get(&found.disk).and_then(|disk| disk.read_at(&found.inner, 0, &mut bytes).ok());
        bytes.truncate(read.unwrap_or(0));
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// `HEAD /containers/{id}/archive`
pub(super) fn head(shared: &Shared, key: Key, name: &str, query: &Query) -> Answer {
    let (_, header) = described(shared, key, name, wanted(query)?, None)?;
    let mut response = empty(StatusCode::OK);
    response.headers_mut().insert("x-docker-container-path-stat", header);
    Ok(response)
}

/// `GET /containers/{id}/archive`
pub(super) fn get(shared: &Arc<Shared>, key: Key, name: &str, query: &Query) -> Answer {
    let path = wanted(query)?;
    let (found, header) = described(shared, key, name, path, Some("archive-path"))?;
    let names: Vec<(String, Entry)> = {
        let world = shared.lock();
        let disk = world.disks.get(&found.disk).ok_or_else(|| missing(path, name))?;
        disk.walk(&found.inner).map(|(name, entry)| (name.to_owned(), entry)).collect()
    };
    // A path that ends in `/.` means what is in the folder, under no name.
    let top = match tidy(path).rsplit('/').next() {
        _ if path.ends_with("/.") => ".".to_owned(),
        None | Some("") => "/".to_owned(),
        Some(name) => name.to_owned(),
    };
    let mut queue: std::collections::VecDeque<_> = names.into();
    if queue.front().is_none_or(|(name, _)| *name != found.inner) {
        queue.push_front((found.inner.clone(), found.entry.clone()));
    }
    let packer = Packer {
        shared: shared.clone(),
        disk: found.disk,
        root: found.inner,
        top,
        queue,
        file: None,
        ended: false,
    };
    let mut response: Response<_> = streamed(stream::unfold(packer, |mut packer| async move {
        packer.shared.faults.flow().await;
        let chunk = packer.chunk()?;
        Some((chunk, packer))
    }));
    response.headers_mut().insert("x-docker-container-path-stat", header);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/x-tar"));
    Ok(response)
}

/// Packs one name after the other; the state is held for one piece at a time.
struct Packer {
    shared: Arc<Shared>,
    disk: DiskKey,
    /// The path that was asked for, and its name in the archive.
    root: String,
    top: String,
    queue: std::collections::VecDeque<(String, Entry)>,
    /// The file that is being packed: name, length, place.
    file: Option<(String, u64, u64)>,
    ended: bool,
}

impl Packer {
    fn chunk(&mut self) -> Option<io::Result<Bytes>> {
        if let Some((name, length, at)) = self.file.take() {
            return Some(self.content(name, length, at));
        }
        if let Some((name, entry)) = self.queue.pop_front() {
            return Some(self.header(name, &entry));
        }
        if self.ended {
            return None;
        }
        self.ended = true;
        Some(Ok(Bytes::from_static(&[0; 2 * BLOCK])))
    }

    fn header(&mut self, name: String, entry: &Entry) -> io::Result<Bytes> {
        let rest = name.strip_prefix(self.root.as_str()).unwrap_or(&name).trim_start_matches('/');
        let mut path = if rest.is_empty() {
            self.top.clone()
        } else {
            format!("{}/{rest}", self.top.trim_end_matches('/'))
        };
        let mut header = tar::Header::new_gnu();
        header.set_mode(entry.mode);
        header.set_uid(u64::from(entry.uid));
        header.set_gid(u64::from(entry.gid));
        header.set_mtime(entry.mtime_ms / 1000);
        let mut out = Vec::new();
        let mut builder = tar::Builder::new(&mut out);
        match entry.kind {
            EntryKind::Dir => {
                path.push('/');
                header.set_entry_type(tar::EntryType::Directory);
                header.set_size(0);
                builder.append_data(&mut header, &path, io::empty())?;
            }
            EntryKind::Symlink => {
                header.set_entry_type(tar::EntryType::Symlink);
                header.set_size(0);
                let found = Found { disk: self.disk, inner: name, entry: entry.clone() };
                let target = self.shared.lock().link_target(&found);
                builder.append_link(&mut header, &path, target)?;
            }
            EntryKind::File => {
                header.set_entry_type(tar::EntryType::Regular);
                header.set_size(entry.len);
                // The content follows piece by piece; here only its header.
                builder.append_data(&mut header, &path, io::empty())?;
                self.file = Some((name, entry.len, 0)).filter(|(_, length, _)| *length > 0);
            }
        }
        drop(builder);
        // Which has ended the archive; this one goes on.
        out.truncate(out.len().saturating_sub(2 * BLOCK));
        Ok(out.into())
    }

    fn content(&mut self, name: String, length: u64, at: u64) -> io::Result<Bytes> {
        let count = usize::try_from(length - at).unwrap_or(usize::MAX).min(PIECE);
        let mut bytes = vec![0; count];
        {
            let world = self.shared.lock();
            let disk = world.disks.get(&self.disk).ok_or(io::ErrorKind::NotFound)?;
            // A file that shrank or went away meanwhile is filled up with zeros: its length is in the archive already.
            let _ = disk.read_at(&name, at, &mut bytes);
        }
        let at = at + count as u64;
        if at < length {
            self.file = Some((name, length, at));
        } else {
            bytes.resize(bytes.len().next_multiple_of(BLOCK), 0);
        }
        Ok(bytes.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_padded() {
        for (plain, coded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")]
        {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }
}
