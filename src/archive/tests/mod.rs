//! Archives that are made, opened by other programs, damaged, and forged.

mod changing;
mod damaged;
mod forged;
mod full;
mod plain;
mod scopes;
mod whole;

use std::{convert::Infallible, fs, path::Path, path::PathBuf, sync::Arc};

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use tar::{EntryType, Header};

use super::{manifest::PIECE, place::sidecar, *};
use crate::model::{
    BackupId, Origin, ServerId,
    backup::{BackupKind, Packing, Place, Reason, Scope, Stillness},
};

/// A tar stream as Docker gives one, or as somebody wicked would.
#[derive(Clone, Default)]
struct Tar(Vec<u8>);

impl Tar {
    fn member(mut self, path: &str, kind: EntryType, mode: u32, target: &str, content: &[u8]) -> Self {
        let mut header = Header::new_ustar();
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_uid(1000);
        header.set_gid(1000);
        header.set_mtime(1_700_000_000);
        header.set_size(content.len() as u64);
        // Without the crate's own checks.
        let name = path.as_bytes();
        header.as_ustar_mut().unwrap().name[..name.len()].copy_from_slice(name);
        header.set_link_name_literal(target).unwrap();
        header.set_cksum();
        self.0.extend_from_slice(header.as_bytes());
        self.0.extend_from_slice(content);
        self.0.resize(self.0.len().next_multiple_of(512), 0);
        self
    }

    fn file(self, path: &str, content: &[u8]) -> Self {
        self.member(path, EntryType::Regular, 0o644, "", content)
    }

    fn folder(self, path: &str) -> Self {
        self.member(&format!("{path}/"), EntryType::Directory, 0o755, "", b"")
    }

    fn link(self, path: &str, target: &str) -> Self {
        self.member(path, EntryType::Symlink, 0o777, target, b"")
    }

    fn end(mut self) -> Vec<u8> {
        self.0.extend_from_slice(&[0; 1024]);
        self.0
    }
}

/// In pieces that end anywhere.
fn pieces(tar: &[u8]) -> impl Stream<Item = Result<Bytes, Infallible>> + use<> {
    let pieces: Vec<_> = tar.chunks(3001).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    stream::iter(pieces)
}

fn plan(folder: &Path, packing: Packing) -> Plan {
    Plan {
        path: folder.join(place::name("survival", about().created_at, packing, 1)),
        packing,
        filter: Filter::standard().unwrap(),
        rate: None,
        leave_free: 0,
        expected: 0,
        threads: 2,
    }
}

fn about() -> About {
    About {
        backup: BackupId::new(),
        kind: BackupKind::Full,
        place: Place::Folder,
        server: ServerId::new(),
        server_name: "survival".into(),
        spec: None,
        version: Some("1.21.4".into()),
        level: Some("world".into()),
        reason: Reason::Asked,
        origin: Origin::CommandLine,
        label: Some("before the dragon".into()),
        locked: false,
        created_at: Timestamp::from_second(1_700_000_000).unwrap(),
        saving_off_ms: 12,
        stillness: Stillness::Quiesced,
        exclude: STANDARD.iter().map(|pattern| (*pattern).to_owned()).collect(),
        include: Vec::new(),
    }
}

/// Content that packs about as well as worlds do, the same for the same seed.
fn content(seed: u64, size: usize) -> Vec<u8> {
    let mut state = seed | 1;
    let mut bytes = Vec::with_capacity(size + 8);
    while bytes.len() < size {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
        if state.is_multiple_of(61) {
            bytes.resize(bytes.len() + 100, 0);
        }
    }
    bytes.truncate(size);
    bytes
}

/// A small server.
fn world() -> Tar {
    Tar::default()
        .folder("data")
        .file("data/server.properties", b"level-name=world\n")
        .file("data/usercache.json", br#"[{"name":"Alex","uuid":"6ab43178-89fd-4905-97f6-0f67d9d76fd9"}]"#)
        .folder("data/logs")
        .file("data/logs/latest.log", b"[12:00:00] hello")
        .folder("data/world")
        .file("data/world/level.dat", &content(1, 900))
        .file("data/world/session.lock", "☃".as_bytes())
        .folder("data/world/region")
        .file("data/world/region/r.0.0.mca", &content(2, PIECE + 12_345))
        .file("data/world/region/r.0.1.mca", &content(3, 8192))
        .folder("data/world/DIM-1")
        .file("data/world/DIM-1/region/r.0.0.mca", &content(4, 4096))
        .folder("data/world/playerdata")
        .file("data/world/playerdata/6ab43178-89fd-4905-97f6-0f67d9d76fd9.dat", &content(5, 700))
        .link("data/world/datapacks", "../shared")
        .folder("data/shared")
        .file("data/empty", b"")
}

async fn pack_tar(plan: Plan, tar: &[u8]) -> Result<Manifest, Error> {
    let mut packer = Packer::begin(plan, Meter::new()).await?;
    packer.take("data", pieces(tar)).await?;
    packer.finish(about(), Vec::new()).await
}

/// Packs a small server, and says where.
async fn packed(folder: &Path, packing: Packing) -> (PathBuf, Arc<Manifest>) {
    let plan = plan(folder, packing);
    let path = plan.path.clone();
    let manifest = pack_tar(plan, &world().end()).await.unwrap();
    (path, Arc::new(manifest))
}

/// What the packer left in the folder.
fn listed(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// All of a tar stream that is given.
async fn collect(
    stream: impl Stream<Item = Result<Bytes, std::io::Error>>,
) -> Result<Vec<u8>, std::io::Error> {
    let mut all = Vec::new();
    let mut stream = std::pin::pin!(stream);
    while let Some(piece) = stream.next().await {
        all.extend_from_slice(&piece?);
    }
    Ok(all)
}

/// Path, sort, mode, owner and content of each member of a tar, in its order.
fn members(tar: &[u8]) -> Vec<(String, char, u32, u64, Vec<u8>)> {
    let mut archive = tar::Archive::new(tar);
    archive
        .entries()
        .unwrap()
        .map(|entry| {
            let mut entry = entry.unwrap();
            let mut content = Vec::new();
            std::io::Read::read_to_end(&mut entry, &mut content).unwrap();
            let header = entry.header();
            let kind = char::from(header.entry_type().as_byte());
            let path = entry.path().unwrap().to_str().unwrap().to_owned();
            (path, kind, header.mode().unwrap(), header.uid().unwrap(), content)
        })
        .collect()
}

fn sha(bytes: &[u8]) -> Hash {
    Hash(Sha256::digest(bytes).into())
}

/// Writes an archive out of any tar stream, with a manifest that knows it: what somebody can do who may write to the
/// folder.
fn forge(path: &Path, tar: &[u8], manifest: &Manifest, packing: Packing) {
    let mut packer = codec::Packer::new(packing).unwrap();
    let mut file = Vec::new();
    let mut sizes = Vec::new();
    for piece in tar.chunks(PIECE) {
        let mut packed = Vec::new();
        packer.pack(piece, &mut packed).unwrap();
        sizes.push(u32::try_from(packed.len()).unwrap());
        file.extend_from_slice(&packed);
    }
    let mut manifest = manifest.clone();
    let inside = manifest.archive.as_ref().map_or(Hash([0; 32]), |seal| seal.manifest);
    manifest.archive = Some(Seal {
        packing,
        size: file.len() as u64,
        sha256: sha(&file),
        unpacked: tar.len() as u64,
        manifest: inside,
        pieces: sizes,
    });
    fs::write(path, &file).unwrap();
    fs::write(sidecar(path), serde_json::to_vec(&manifest).unwrap()).unwrap();
}
