//! An archive from the stream that goes in to the stream that comes out.

use super::*;
use crate::model::backup::FileQuery;

#[tokio::test]
async fn what_goes_in_comes_out() {
    for packing in [Packing::Gzip, Packing::Zstd] {
        let folder = tempfile::tempdir().unwrap();
        let (path, manifest) = packed(folder.path(), packing).await;
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        assert_eq!(name, format!("backup_survival_20231114_221320.{}", packing.extension()));
        assert_eq!(listed(folder.path()), [name.clone(), format!("{name}.json")]);
        let paths: Vec<&str> = manifest.files.iter().map(|file| &*file.path).collect();
        assert_eq!(
            paths,
            [
                "empty",
                "server.properties",
                "usercache.json",
                "world/DIM-1/region/r.0.0.mca",
                "world/level.dat",
                "world/playerdata/6ab43178-89fd-4905-97f6-0f67d9d76fd9.dat",
                "world/region/r.0.0.mca",
                "world/region/r.0.1.mca",
            ]
        );
        assert_eq!(manifest.files[6].sha256, sha(&content(2, PIECE + 12_345)));
        assert_eq!(manifest.files[6].modified, 1_700_000_000);
        assert_eq!(&*manifest.links[0].target, "../shared");
        assert_eq!(manifest.worlds[0].folder, "world");
        assert_eq!(manifest.left_out_count, 0);
        let seal = manifest.archive.as_ref().unwrap();
        let file = fs::read(&path).unwrap();
        assert_eq!((seal.size, seal.sha256), (file.len() as u64, sha(&file)));
        assert_eq!(*manifest, read_manifest(&path).unwrap());
        assert_eq!(*manifest, verify(&path, &Meter::new()).await.unwrap());

        let selection = select(&path, &manifest, &Scope::Everything).await.unwrap();
        let owner = Owner { uid: 7, gid: 8 };
        let map = |path: &str| format!("new/{path}");
        let out = unpack(&path, manifest.clone(), selection, owner, map, &Meter::new());
        let out = members(&collect(out).await.unwrap());
        let got: Vec<(&str, char)> = out.iter().map(|member| (member.0.as_str(), member.1)).collect();
        assert_eq!(got[0], ("new/shared/", '5'));
        assert_eq!(got.last().unwrap(), &("new/world/datapacks", '2'));
        assert!(out.iter().all(|member| member.3 == 7));
        let region = out.iter().find(|member| member.0 == "new/world/region/r.0.0.mca").unwrap();
        assert!(region.4 == content(2, PIECE + 12_345));
        assert_eq!(region.2, 0o644);
        assert_eq!(out.len(), manifest.files.len() + manifest.folders.len() + 1);

        let at = manifest.find("world/region/r.0.1.mca").unwrap();
        let one = read_file(&path, manifest.clone(), at).map(|piece| piece.map_err(std::io::Error::other));
        assert!(collect(one).await.unwrap() == content(3, 8192));
    }
}

#[tokio::test]
async fn names_of_every_length_and_sort_come_out_as_they_went_in() {
    let folder = tempfile::tempdir().unwrap();
    let mut builder = tar::Builder::new(Vec::new());
    let mut names = vec![
        String::from("a"),
        String::from("größe \u{1f409}.dat"),
        String::from("new\nline"),
        String::from("Level.dat"),
        String::from("level.dat"),
    ];
    for length in [98, 99, 100, 101, 155, 156, 255] {
        names.push("n".repeat(length));
        names.push(format!("{}/{}", "d".repeat(length.min(254)), "f".repeat(length)));
    }
    for (number, name) in names.iter().enumerate() {
        let mut header = Header::new_gnu();
        header.set_size(number as u64);
        header.set_mode(0o640);
        header.set_mtime(5);
        builder.append_data(&mut header, format!("data/{name}"), &content(9, number)[..]).unwrap();
    }
    let plan = plan(folder.path(), Packing::Gzip);
    let path = plan.path.clone();
    let manifest = Arc::new(pack_tar(plan, &builder.into_inner().unwrap()).await.unwrap());
    assert_eq!(manifest.files.len(), names.len(), "{:?}", manifest.left_out);
    for name in &names {
        assert!(manifest.find(name).is_some(), "{name}");
    }
    let selection = Selection::of(&manifest, |_| true);
    let owner = Owner { uid: 1000, gid: 1000 };
    let out = unpack(&path, manifest, selection, owner, str::to_owned, &Meter::new());
    let out = members(&collect(out).await.unwrap());
    for (number, name) in names.iter().enumerate() {
        let found = out.iter().find(|member| member.0 == *name).unwrap();
        assert_eq!(found.4, content(9, number), "{name}");
    }
}

#[tokio::test]
async fn what_is_no_file_is_left_out_and_noted() {
    let folder = tempfile::tempdir().unwrap();
    let tar = Tar::default()
        .folder("data")
        .file("data/a", b"a")
        .member("data/pipe", EntryType::Fifo, 0o644, "", b"")
        .member("data/disk", EntryType::Block, 0o644, "", b"")
        .link("data/out", "/etc")
        .link("data/up", "../..")
        .link("data/in", "a")
        .file("data/in/through", b"x")
        .file("elsewhere", b"x")
        .file("data/suid", b"")
        .member("data/suid2", EntryType::Regular, 0o6755, "", b"#!")
        .end();
    let plan = plan(folder.path(), Packing::Gzip);
    let manifest = pack_tar(plan, &tar).await.unwrap();
    let left: Vec<(&str, &str)> =
        manifest.left_out.iter().map(|note| (note.path.as_str(), note.why.as_str())).collect();
    assert_eq!(
        left,
        [
            ("pipe", "it is a named pipe"),
            ("disk", "it is a device"),
            ("out", "it is a link that leads out of the folder"),
            ("up", "it is a link that leads out of the folder"),
            ("in/through", "its path goes through a link"),
            ("elsewhere", "its path leaves the folder"),
        ]
    );
    assert_eq!(manifest.left_out_count, 6);
    assert_eq!(manifest.files[manifest.find("suid2").unwrap()].mode, 0o755);
    assert_eq!(manifest.links.len(), 1);
}

#[tokio::test]
async fn an_archive_is_never_overwritten_and_leftovers_are_swept() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = packed(folder.path(), Packing::Gzip).await;
    let before = fs::read(&path).unwrap();
    let error = pack_tar(plan(folder.path(), Packing::Gzip), &world().end()).await.unwrap_err();
    assert!(matches!(error, Error::Exists { .. }), "{error}");
    // Left by programs that were killed; the last is being written.
    let stale = ["backup_a_20240101_000000.tar.gz.partial", "backup_a_20240101_000001.tar.zst.json.partial"];
    for name in stale {
        fs::write(folder.path().join(name), "x").unwrap();
    }
    fs::write(folder.path().join("backup_b_20240101_000000.tar.gz.json"), "{}").unwrap();
    fs::write(folder.path().join("notes.json"), "{}").unwrap();
    fs::write(folder.path().join("notes.partial"), "{}").unwrap();
    let mut other = plan(folder.path(), Packing::Zstd);
    other.path = folder.path().join("backup_c_20240101_000000.tar.zst");
    let writing = Packer::begin(other.clone(), Meter::new()).await.unwrap();
    let mut swept: Vec<String> = place::sweep(folder.path())
        .unwrap()
        .iter()
        .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    swept.sort();
    assert_eq!(swept, [stale[0], stale[1], "backup_b_20240101_000000.tar.gz.json"]);
    assert_eq!(place::archives(folder.path()).unwrap(), vec![path.clone()]);
    assert!(folder.path().join("backup_c_20240101_000000.tar.zst.partial").exists());
    writing.abandon().await;
    assert!(!folder.path().join("backup_c_20240101_000000.tar.zst.partial").exists());
    assert_eq!(fs::read(&path).unwrap(), before);
    place::remove(&path).unwrap();
    assert_eq!(listed(folder.path()), ["notes.json", "notes.partial"]);
}

#[tokio::test]
async fn a_manifest_is_replaced_as_a_whole() {
    let folder = tempfile::tempdir().unwrap();
    let (path, manifest) = packed(folder.path(), Packing::Zstd).await;
    let mut changed = (*manifest).clone();
    changed.about.locked = true;
    replace_manifest(&path, &changed).unwrap();
    assert!(read_manifest(&path).unwrap().about.locked);
    assert_eq!(listed(folder.path()).len(), 2);
}

#[tokio::test]
async fn the_rate_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let mut slow = plan(folder.path(), Packing::Zstd);
    slow.rate = Some(5 << 20);
    let began = std::time::Instant::now();
    pack_tar(slow, &world().end()).await.unwrap();
    assert!(began.elapsed().as_millis() >= 200, "{:?}", began.elapsed());
}

#[tokio::test]
async fn folders_are_looked_into_a_page_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let (_, manifest) = packed(folder.path(), Packing::Gzip).await;
    let names = |page: &crate::model::backup::FilePage| -> Vec<String> {
        page.files.iter().map(|file| format!("{}{}", file.path, if file.folder { "/" } else { "" })).collect()
    };
    let top = list(&manifest, &asked("", 0, 100)).unwrap();
    assert_eq!(names(&top), ["shared/", "world/", "empty", "server.properties", "usercache.json"]);
    assert_eq!(top.files[1].size, manifest.content_bytes() - 17 - manifest.files[2].size);
    let page = list(&manifest, &asked("", 1, 2)).unwrap();
    assert_eq!((names(&page), page.total), (vec!["world/".into(), "empty".into()], 5));
    let world = list(&manifest, &asked("/world/", 0, 100)).unwrap();
    assert_eq!(
        names(&world),
        ["world/DIM-1/", "world/playerdata/", "world/region/", "world/datapacks", "world/level.dat"]
    );
    assert_eq!(names(&list(&manifest, &asked("world/level.dat", 0, 9)).unwrap()), ["world/level.dat"]);
    assert_eq!(list(&manifest, &asked("shared", 0, 9)).unwrap().total, 0);
    assert_eq!(list(&manifest, &asked("nowhere", 0, 9)), None);
    assert_eq!(list(&manifest, &asked("worl", 0, 9)), None);
}

#[tokio::test]
async fn files_are_found_by_a_part_of_their_names() {
    let folder = tempfile::tempdir().unwrap();
    let (_, manifest) = packed(folder.path(), Packing::Gzip).await;
    let found = |folder: &str, name: &str| {
        let page = list(&manifest, &FileQuery { name: name.into(), ..asked(folder, 0, 100) })?;
        let names =
            page.files.iter().map(|file| format!("{}{}", file.path, if file.folder { "/" } else { "" }));
        assert_eq!(page.total, page.files.len());
        Some(names.collect::<Vec<_>>())
    };
    assert_eq!(found("", "LEVEL").unwrap(), ["world/level.dat"]);
    // Only the name counts, and not the folders above it; what a folder holds is its size.
    assert!(found("", "world").unwrap().iter().all(|path| path == "world/"));
    assert!(found("world", "region").unwrap().contains(&"world/region/".to_owned()));
    assert_eq!(found("world/region", "level").unwrap(), Vec::<String>::new());
    assert_eq!((found("nowhere", "level"), found("worl", "level")), (None, None));
    let page = list(&manifest, &FileQuery { name: "wor".into(), ..asked("", 0, 1) }).unwrap();
    let whole = list(&manifest, &asked("", 1, 1)).unwrap();
    assert_eq!(page.files, whole.files);
}

fn asked(folder: &str, from: usize, most: usize) -> FileQuery {
    FileQuery { folder: folder.into(), name: String::new(), from, most }
}
