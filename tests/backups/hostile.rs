//! Data that is wicked or moves under the reader's hands, and archives that somebody has laid hands on.

use std::{io::Write, path::Path};

use mineclifford::model::{
    BackupState, BackupWish, FaultKind, Order,
    backup::{FileQuery, Packing},
};

use crate::{
    kit::{back_up, exec, folder, manifest, opened, saving_was_on, spec},
    support::{Bed, docker, within},
};

/// Keeps doing something in a container for as long as a backup takes.
fn meanwhile(container: &str, script: &str) {
    docker(&["exec", "-d", "-u", "0", container, "sh", "-c", script]);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_grow_shrink_and_vanish_leave_a_good_archive_and_are_reported() {
    let bed = Bed::new("moving").await;
    let id = bed.ready(spec(&bed, "a", &[("PRACTICE_WORLD_MB", "4")])).await;
    let container = bed.container(id);
    exec(
        &container,
        "mkdir -p /data/zz/many && cd /data/zz && /bin/busybox dd if=/dev/zero of=grows bs=1M count=8 && \
        cp grows shrinks && for n in 0 1 2 3 4 5 6 7 8 9; do echo $n > many/$n; done",
    );
    // One file changes all the time, without a pause in which it could be read; another loses its end and gets it back, others
    // come and go.
    meanwhile(&container, "cd /data/zz; while [ ! -e /tmp/stop ]; do echo more >> grows; done");
    meanwhile(
        &container,
        "cd /data/zz; while [ ! -e /tmp/stop ]; do /bin/busybox truncate -s 1M shrinks; \
        /bin/busybox truncate -s 8M shrinks; sleep 0.01; done",
    );
    meanwhile(
        &container,
        "cd /data/zz/many; while [ ! -e /tmp/stop ]; do for n in 0 1 2 3 4 5 6 7 8 9; do rm -f $n; \
        echo $n > $n; done; sleep 0.01; done",
    );
    let backup = back_up(&bed, id, BackupWish::default()).await;
    exec(&container, "touch /tmp/stop");
    let backup = backup.unwrap();
    let torn: Vec<_> =
        manifest(&backup).files.iter().filter(|file| file.torn).map(|file| file.path.to_string()).collect();
    assert!(torn.iter().any(|path| path == "zz/grows"), "{torn:?}");
    assert!(torn.iter().all(|path| path.starts_with("zz/")), "nothing of the world is torn: {torn:?}");
    assert_eq!(backup.torn_files, torn.len() as u64);
    assert!(backup.is_good());
    let (_unpacked, tree) = opened(&backup);
    assert!(tree.contains_key("world/level.dat") && tree.contains_key("zz/grows"), "{tree:?}");
    assert!(saving_was_on(&bed, id).await);
    // Now that it is quiet nothing is torn any more.
    let again = back_up(&bed, id, BackupWish::default()).await.unwrap();
    assert_eq!(again.torn_files, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_must_not_be_in_an_archive_is_left_out_and_named() {
    let bed = Bed::new("wicked").await;
    let id = bed.ready(spec(&bed, "a", &[])).await;
    let container = bed.container(id);
    exec(
        &container,
        "mkdir -p /data/w && cd /data/w && echo secret > /tmp/outside && ln -s /tmp/outside abs && \
        ln -s ../../tmp/outside up && ln -s ../server.properties fine && /bin/busybox mkfifo pipe && \
        /bin/busybox mknod device c 1 3 && echo one > first && ln first second && echo x > setuid && chmod 4755 setuid && \
        echo a > 'Name' && echo b > 'name' && echo c > \"$(printf 'line\\nbreak')\" && echo d > \"$(printf 'esc\\033[2J')\"",
    );
    for packing in [Packing::Gzip, Packing::Zstd] {
        let wish = BackupWish { packing: Some(packing), ..BackupWish::default() };
        let backup = back_up(&bed, id, wish).await.unwrap();
        let told = manifest(&backup);
        let mut out: Vec<_> = told.left_out.iter().map(|left| left.path.as_str()).collect();
        out.sort_unstable();
        assert_eq!(out, ["w/abs", "w/device", "w/pipe", "w/up"]);
        let modes: Vec<_> =
            told.files.iter().filter(|file| &*file.path == "w/setuid").map(|file| file.mode).collect();
        assert_eq!(modes, [0o755], "it runs with nobody's rights");
        let (unpacked, tree) = opened(&backup);
        assert_eq!(tree.get("w/first"), tree.get("w/second"), "both names of a file are there");
        assert!(tree.contains_key("w/Name") && tree.contains_key("w/name"));
        assert!(tree.contains_key("w/line\nbreak") && tree.contains_key("w/esc\u{1b}[2J"));
        assert!(std::fs::symlink_metadata(unpacked.path().join("w/fine")).unwrap().is_symlink());
        bed.run(Order::Verify(backup.id)).await.unwrap();
        // What is shown of names does nothing to a terminal.
        let page = bed.handle.files(backup.id, in_folder("w")).await.unwrap();
        assert!(page.files.iter().all(|file| !file.path.chars().any(char::is_control)), "{page:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_with_a_flipped_bit_or_a_missing_end_is_damaged() {
    let bed = Bed::new("bits").await;
    let id = bed.ready(spec(&bed, "a", &[])).await;
    bed.run(Order::Stop(id)).await.unwrap();
    for (number, harm) in [flip as fn(&Path), cut, lengthen].into_iter().enumerate() {
        let backup = back_up(&bed, id, BackupWish::default()).await.unwrap();
        harm(Path::new(&backup.path));
        let fault = bed.run(Order::Verify(backup.id)).await.unwrap_err();
        assert_eq!(fault.kind, FaultKind::Failed, "{number}: {fault}");
        let now = bed.handle.now().backup(backup.id).unwrap().clone();
        assert!(matches!(now.state, BackupState::Damaged(_)), "{number}: {now:?}");
        let read = bed.handle.open_files(backup.id, vec!["world".into()]).await.unwrap_err();
        assert_eq!(read.kind, FaultKind::Conflict, "{number}: a damaged one is not read: {read}");
    }
    // Gone altogether.
    let backup = back_up(&bed, id, BackupWish::default()).await.unwrap();
    std::fs::remove_file(&backup.path).unwrap();
    bed.run(Order::Verify(backup.id)).await.unwrap_err();
    assert_eq!(bed.handle.now().backup(backup.id).unwrap().state, BackupState::Missing);
    // Damaged and missing ones never push a good one out.
    let good = back_up(&bed, id, BackupWish::default()).await.unwrap();
    let left: Vec<_> = bed.handle.now().backups.iter().map(|one| one.id).collect();
    assert_eq!(left, [good.id], "what is not good is removed once there is a newer good one");
}

fn flip(path: &Path) {
    let mut bytes = std::fs::read(path).unwrap();
    let at = bytes.len() / 2;
    bytes[at] ^= 1;
    std::fs::write(path, bytes).unwrap();
}

fn cut(path: &Path) {
    let file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
    file.set_len(file.metadata().unwrap().len() - 100).unwrap();
}

fn lengthen(path: &Path) {
    std::fs::OpenOptions::new().append(true).open(path).unwrap().write_all(b"more").unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_in_the_folder_are_taken_in_or_refused_by_what_they_are() {
    let mut bed = Bed::new("strange").await;
    let id = bed.ready(spec(&bed, "a", &[])).await;
    bed.run(Order::Stop(id)).await.unwrap();
    let backup = back_up(&bed, id, BackupWish::default()).await.unwrap();
    let (archive, beside) = (backup.path.clone(), format!("{}.json", backup.path));
    let text = std::fs::read_to_string(&beside).unwrap();
    let put = |name: &str, text: &str| {
        let path = bed.folder.path().join("backups").join(name);
        std::fs::copy(&archive, &path).unwrap();
        std::fs::write(format!("{}.json", path.display()), text).unwrap();
    };
    let other = mineclifford::model::BackupId::new();
    // Another id and nothing else: it is one more backup. A path that leaves, a size that lies, rubbish: they are none.
    put("backup_other_20260101_000000.tar.gz", &text.replace(&backup.id.to_string(), &other.to_string()));
    put("backup_leaves_20260101_000000.tar.gz", &text.replace("\"world/level.dat\"", "\"../../level.dat\""));
    put("backup_bomb_20260101_000000.tar.gz", &text.replacen("\"size\":", "\"size\":9999999999999", 1));
    put("backup_rubbish_20260101_000000.tar.gz", "{");
    bed.again().await;
    let mut ids: Vec<_> = bed.handle.now().backups.iter().map(|one| one.id).collect();
    ids.sort_unstable();
    let mut expected = vec![backup.id, other];
    expected.sort_unstable();
    assert_eq!(ids, expected);
    // The copy's content is what its manifest says, but for the manifest in it, which has the old id.
    assert!(bed.run(Order::Verify(backup.id)).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_read_out_of_a_backup_in_pieces() {
    let bed = Bed::new("read").await;
    let mut wanted = spec(&bed, "a", &[("PRACTICE_WORLD_MB", "3")]);
    wanted.version = "1.21.4".into();
    let id = bed.ready(wanted).await;
    bed.run(Order::Stop(id)).await.unwrap();
    let backup = back_up(&bed, id, BackupWish::default()).await.unwrap();
    let top = bed.handle.files(backup.id, in_folder("")).await.unwrap();
    assert!(
        top.files.iter().any(|file| &*file.path == "world" && file.folder && file.size > 3 << 20),
        "{top:?}"
    );
    let opened = bed.handle.open_files(backup.id, vec!["world/region".into()]).await.unwrap();
    let mut tar = Vec::new();
    while let Some(piece) = within("a piece", bed.handle.next_piece(opened.stream)).await.unwrap() {
        tar.extend_from_slice(&piece);
    }
    let out = tempfile::tempdir().unwrap();
    tar::Archive::new(tar.as_slice()).unpack(out.path()).unwrap();
    let told = manifest(&backup);
    let region = told.files.iter().find(|file| file.path.starts_with("world/region/")).unwrap();
    let name = region.path.strip_prefix("world/").unwrap();
    let content = std::fs::read(out.path().join(name)).unwrap();
    assert_eq!(crate::kit::sha(&content), region.sha256.to_string());
    let ended = bed.handle.next_piece(opened.stream).await.unwrap_err();
    assert_eq!(ended.kind, FaultKind::Conflict, "{ended}");
    let none = bed.handle.open_files(backup.id, vec!["nether".into()]).await.unwrap_err();
    assert_eq!(none.kind, FaultKind::NotFound, "{none}");
    assert_eq!(folder(&bed).len(), 2);
}

fn in_folder(folder: &str) -> FileQuery {
    FileQuery { folder: folder.into(), most: 1_000, ..FileQuery::default() }
}
