//! Archives by somebody wicked: each is refused, for its own reason, before anything is unpacked. The checksums are right
//! in all of them.

use std::io::Read;

use super::*;

/// The tar stream of an archive, and where its manifest begins in it.
fn opened(path: &Path) -> (Vec<u8>, usize) {
    let mut tar = Vec::new();
    flate2::read::MultiGzDecoder::new(fs::File::open(path).unwrap()).read_to_end(&mut tar).unwrap();
    let header = tar.chunks(512).rposition(|block| block.starts_with(INSIDE.as_bytes())).unwrap();
    (tar, header * 512)
}

/// A good archive with something put in before its manifest.
async fn with(folder: &Path, hostile: &[u8]) -> PathBuf {
    let (path, manifest) = packed(folder, Packing::Gzip).await;
    let (mut tar, at) = opened(&path);
    tar.splice(at..at, hostile.iter().copied());
    forge(&path, &tar, &manifest, Packing::Gzip);
    path
}

async fn refused(hostile: Tar, expected: Refusal) {
    let folder = tempfile::tempdir().unwrap();
    let path = with(folder.path(), &hostile.0).await;
    match verify(&path, &Meter::new()).await {
        Err(Error::Refused { why, .. }) => assert_eq!(why, expected),
        other => panic!("{expected}: {other:?}"),
    }
}

fn pax(records: &[(&str, &str)]) -> Tar {
    let mut content = Vec::new();
    for (key, value) in records {
        let rest = key.len() + value.len() + 3;
        let length = (rest..).find(|length| *length == rest + length.to_string().len()).unwrap();
        content.extend_from_slice(format!("{length} {key}={value}\n").as_bytes());
    }
    Tar::default().member("PaxHeader", EntryType::XHeader, 0o644, "", &content)
}

#[tokio::test]
async fn an_archive_that_was_only_opened_and_closed_again_is_good() {
    let folder = tempfile::tempdir().unwrap();
    let path = with(folder.path(), b"").await;
    verify(&path, &Meter::new()).await.unwrap();
}

#[tokio::test]
async fn members_that_must_not_be_are_refused() {
    let one = Tar::default;
    refused(one().file("../evil", b"x"), Refusal::Leaves).await;
    refused(one().file("world/../../evil", b"x"), Refusal::Leaves).await;
    refused(one().file("/etc/cron.d/evil", b"x"), Refusal::Absolute).await;
    refused(one().file("./evil", b"x"), Refusal::NotPlain).await;
    refused(one().file("world//evil", b"x"), Refusal::NotPlain).await;
    refused(one().file("", b"x"), Refusal::NoName).await;
    refused(one().link("evil", "/etc"), Refusal::LinkLeaves).await;
    refused(one().link("evil", "../etc"), Refusal::LinkLeaves).await;
    refused(one().link("world/evil", "region/../../../etc"), Refusal::LinkLeaves).await;
    // A link that is listed, and a file written through it.
    refused(one().file("world/datapacks/evil", b"x"), Refusal::NotListed).await;
    refused(one().member("evil", EntryType::Link, 0o644, "/etc/passwd", b""), Refusal::HardLink).await;
    refused(one().member("evil", EntryType::Link, 0o644, "server.properties", b""), Refusal::HardLink).await;
    refused(one().member("evil", EntryType::Block, 0o644, "", b""), Refusal::Device).await;
    refused(one().member("evil", EntryType::Char, 0o644, "", b""), Refusal::Device).await;
    refused(one().member("evil", EntryType::Fifo, 0o644, "", b""), Refusal::Pipe).await;
    refused(one().member("evil", EntryType::Regular, 0o4755, "", b"x"), Refusal::SetId).await;
    refused(one().member("evil", EntryType::Directory, 0o2755, "", b""), Refusal::SetId).await;
    refused(one().member("evil", EntryType::new(b'S'), 0o644, "", b""), Refusal::Sort('S')).await;
    refused(one().member("evil", EntryType::GNULongName, 0o644, "", b"x"), Refusal::Sort('L')).await;
    refused(one().member("evil", EntryType::XGlobalHeader, 0o644, "", b""), Refusal::Sort('g')).await;
    refused(one().file("evil", b"x"), Refusal::NotListed).await;
    // Names that differ only in case are two things, and the manifest knows one of them.
    refused(one().file("Server.Properties", b"x"), Refusal::NotListed).await;
    refused(one().folder("World"), Refusal::NotListed).await;
    refused(one().file("world/level.dat", b"x"), Refusal::Twice).await;
    refused(one().folder("world"), Refusal::Twice).await;
    refused(one().member("world/", EntryType::Directory, 0o700, "", b""), Refusal::NotAsListed).await;
    refused(one().link("world/datapacks", "../shared"), Refusal::Twice).await;
}

#[tokio::test]
async fn another_manifest_before_the_own_one_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = with(folder.path(), &Tar::default().file(INSIDE, b"{}").0).await;
    let error = verify(&path, &Meter::new()).await.unwrap_err();
    assert!(matches!(error, Error::Damaged { damage: Damage::Content(_), .. }), "{error}");
}

#[tokio::test]
async fn extended_headers_override_nothing() {
    let then = |mut head: Tar| {
        head.0.extend_from_slice(&Tar::default().file("harmless", b"x").0);
        head
    };
    refused(then(pax(&[("path", "../evil")])), Refusal::Leaves).await;
    refused(then(pax(&[("path", "evil"), ("path", "server.properties")])), Refusal::Override("path".into()))
        .await;
    for (key, value) in
        [("size", "0"), ("uid", "0"), ("mtime", "0"), ("GNU.sparse.name", "x"), ("SCHILY.xattr.x", "y")]
    {
        refused(then(pax(&[(key, value)])), Refusal::Override(key.into())).await;
    }
    let mut two = pax(&[("path", "a")]);
    two.0.extend_from_slice(&pax(&[("path", "b")]).0);
    refused(then(two), Refusal::Record).await;
    for broken in [
        &b"9999 path=x\n"[..],
        b"x path=x\n",
        b"3 \n",
        b"11 path=xxxx",
        b"8 pathx\n",
        b"99999999999999999999999 a=b\n",
    ] {
        refused(
            then(Tar::default().member("PaxHeader", EntryType::XHeader, 0o644, "", broken)),
            Refusal::Record,
        )
        .await;
    }
    refused(
        then(Tar::default().member("PaxHeader", EntryType::XHeader, 0o644, "", &vec![b'x'; 70_000])),
        Refusal::Record,
    )
    .await;
}

#[tokio::test]
async fn a_size_that_lies_is_refused() {
    // A folder with content, a file that is longer than what is left, and one whose size wraps round.
    let folder = Tar::default().member("evil/", EntryType::Directory, 0o755, "", b"x");
    refused(folder, Refusal::Record).await;
    for size in [1 << 40, u64::MAX / 2] {
        let mut long = Tar::default().file("evil", b"x");
        let mut header = Header::new_ustar();
        header.as_mut_bytes().copy_from_slice(&long.0[..512]);
        header.set_size(size);
        header.set_cksum();
        long.0[..512].copy_from_slice(header.as_bytes());
        let dir = tempfile::tempdir().unwrap();
        let path = with(dir.path(), &long.0).await;
        let error = verify(&path, &Meter::new()).await.unwrap_err();
        assert!(matches!(error, Error::Refused { why: Refusal::NotListed, .. }), "{error}");
    }
    let mut wrong = Tar::default().file("evil", b"x");
    wrong.0[124..136].copy_from_slice(b"99999999999\0");
    let dir = tempfile::tempdir().unwrap();
    let path = with(dir.path(), &wrong.0).await;
    let error = verify(&path, &Meter::new()).await.unwrap_err();
    assert!(matches!(error, Error::Damaged { damage: Damage::Tar(_), .. }), "{error}");
}

/// Changes the manifest of a good archive, and expects it to be refused when it is read.
async fn listed_as(change: impl FnOnce(&mut Manifest), expected: Refusal) {
    let folder = tempfile::tempdir().unwrap();
    let (path, manifest) = packed(folder.path(), Packing::Gzip).await;
    let mut manifest = (*manifest).clone();
    change(&mut manifest);
    fs::write(sidecar(&path), serde_json::to_vec(&manifest).unwrap()).unwrap();
    match read_manifest(&path) {
        Err(Error::Refused { why, .. }) => assert_eq!(why, expected),
        other => panic!("{expected}: {other:?}"),
    }
}

#[tokio::test]
async fn a_manifest_that_lists_what_must_not_be_is_refused() {
    let file = |path: &str| File {
        path: path.into(),
        size: 0,
        modified: 0,
        mode: 0o644,
        sha256: sha(b""),
        at: 0,
        copies: 1,
        torn: false,
    };
    let add = |path: &'static str| {
        move |manifest: &mut Manifest| {
            manifest.files.push(file(path));
            manifest.files.sort_by(|a, b| a.path.cmp(&b.path));
        }
    };
    listed_as(add("../evil"), Refusal::Leaves).await;
    listed_as(add("/etc/evil"), Refusal::Absolute).await;
    listed_as(add("world/./x"), Refusal::NotPlain).await;
    listed_as(add("world/x/"), Refusal::NotPlain).await;
    listed_as(add(".mineclifford/x"), Refusal::NotPlain).await;
    listed_as(add("world/level.dat"), Refusal::Twice).await;
    listed_as(add("shared"), Refusal::Twice).await;
    listed_as(add("world/datapacks"), Refusal::Twice).await;
    listed_as(add("world/datapacks/evil"), Refusal::ThroughLink).await;
    listed_as(add("world/level.dat/evil"), Refusal::ThroughFile).await;
    listed_as(|manifest| manifest.files.reverse(), Refusal::NotAsListed).await;
    listed_as(|manifest| manifest.files[0].mode = 0o4755, Refusal::SetId).await;
    listed_as(|manifest| manifest.folders[0].mode = 0o1777, Refusal::SetId).await;
    listed_as(|manifest| manifest.links[0].target = "/etc".into(), Refusal::LinkLeaves).await;
    listed_as(|manifest| manifest.links[0].target = "../../etc".into(), Refusal::LinkLeaves).await;
    listed_as(|manifest| manifest.files[0].at = u64::MAX, Refusal::NotAsListed).await;
    let bytes = 1 << 60;
    let folder = tempfile::tempdir().unwrap();
    let (_, manifest) = packed(folder.path(), Packing::Gzip).await;
    let others: u64 = manifest.files.iter().skip(1).map(|file| file.size).sum();
    listed_as(
        move |manifest| {
            manifest.files[0].size = bytes;
            manifest.archive.as_mut().unwrap().unpacked = bytes;
        },
        Refusal::Bomb { bytes: bytes + others },
    )
    .await;
    listed_as(|manifest| manifest.archive.as_mut().unwrap().pieces.push(1), Refusal::NotAsListed).await;
    listed_as(|manifest| manifest.archive.as_mut().unwrap().unpacked += 2 << 20, Refusal::NotAsListed).await;
}

#[tokio::test]
async fn a_manifest_that_is_newer_or_none_is_said_so() {
    let folder = tempfile::tempdir().unwrap();
    let (path, manifest) = packed(folder.path(), Packing::Gzip).await;
    let mut newer = (*manifest).clone();
    newer.format_version = 2;
    fs::write(sidecar(&path), serde_json::to_vec(&newer).unwrap()).unwrap();
    assert!(matches!(read_manifest(&path), Err(Error::Newer { found: 2, known: 1, .. })));
    for text in ["", "{", "[]", "{}", &"[".repeat(100_000)] {
        fs::write(sidecar(&path), text).unwrap();
        let error = read_manifest(&path).unwrap_err();
        assert!(matches!(error, Error::Damaged { damage: Damage::Manifest(_), .. }), "{error}");
    }
    fs::remove_file(sidecar(&path)).unwrap();
    assert!(read_manifest(&path).unwrap_err().to_string().contains("is gone"));
}

#[tokio::test]
async fn a_piece_that_unpacks_to_more_than_a_piece_is_cut_off() {
    // 4 GiB of zeros in a member of 4 MiB, and the same as zstd in some hundred KiB.
    for packing in [Packing::Gzip, Packing::Zstd] {
        let folder = tempfile::tempdir().unwrap();
        let (path, manifest) = packed(folder.path(), packing).await;
        let mut manifest = (*manifest).clone();
        let zeros = std::io::repeat(0).take(256 << 20);
        let bomb = match packing {
            Packing::Gzip => {
                let mut bomb = Vec::new();
                let mut zeros = flate2::read::GzEncoder::new(zeros, flate2::Compression::best());
                zeros.read_to_end(&mut bomb).unwrap();
                bomb
            }
            Packing::Zstd => zstd::stream::encode_all(zeros, 19).unwrap(),
        };
        assert!(bomb.len() < 1 << 20);
        let mut file = fs::read(&path).unwrap();
        let seal = manifest.archive.as_mut().unwrap();
        let first = seal.pieces[0] as usize;
        file.splice(0..first, bomb.iter().copied());
        seal.pieces[0] = u32::try_from(bomb.len()).unwrap();
        (seal.size, seal.sha256) = (file.len() as u64, sha(&file));
        fs::write(&path, &file).unwrap();
        fs::write(sidecar(&path), serde_json::to_vec(&manifest).unwrap()).unwrap();
        let error = verify(&path, &Meter::new()).await.unwrap_err();
        assert!(matches!(error, Error::Damaged { damage: Damage::Piece { number: 0, .. }, .. }), "{error}");
    }
}
