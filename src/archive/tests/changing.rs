//! Servers that go on writing while they are copied.

use proptest::prelude::*;

use super::*;

#[tokio::test]
async fn a_stream_that_ends_anywhere_too_early_is_never_a_shorter_archive() {
    let folder = tempfile::tempdir().unwrap();
    let tar = Tar::default().folder("data").file("data/a", &content(1, 700)).file("data/b", b"b").end();
    for end in (0..tar.len()).step_by(128) {
        let mut packer = Packer::begin(plan(folder.path(), Packing::Gzip), Meter::new()).await.unwrap();
        let error = packer.take("data", pieces(&tar[..end])).await.unwrap_err();
        assert!(matches!(error, Error::Cut { .. }) && error.can_go_on(), "{end}: {error}");
        packer.abandon().await;
        assert_eq!(listed(folder.path()), Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_stream_that_was_cut_is_given_once_more_and_the_file_read_anew() {
    let folder = tempfile::tempdir().unwrap();
    let before = Tar::default()
        .folder("data")
        .file("data/a", &content(1, 5000))
        .file("data/shrinks", &content(2, 9000))
        .file("data/z", b"z");
    let after = Tar::default()
        .folder("data")
        .file("data/a", &content(1, 5000))
        .file("data/shrinks", &content(2, 100))
        .file("data/z", b"z");
    let plan = plan(folder.path(), Packing::Gzip);
    let path = plan.path.clone();
    let mut packer = Packer::begin(plan, Meter::new()).await.unwrap();
    // Docker's stream ends within a file that shrinks: after a header of 9000 there are but 4000 bytes.
    let cut = 512 + 512 + 5120 + 512 + 4000;
    let error = packer.take("data", pieces(&before.0[..cut])).await.unwrap_err();
    assert!(matches!(&error, Error::Cut { path: Some(path) } if path == "shrinks"), "{error}");
    let seen = packer.seen().await.unwrap();
    assert_eq!(
        seen.iter().map(|seen| (seen.path.as_str(), seen.cut)).collect::<Vec<_>>(),
        [("a", false), ("shrinks", true)]
    );
    packer.take("data", pieces(&after.end())).await.unwrap();
    let manifest = packer.finish(about(), Vec::new()).await.unwrap();
    let copies: Vec<(&str, u32, bool)> =
        manifest.files.iter().map(|file| (&*file.path, file.copies, file.torn)).collect();
    assert_eq!(copies, [("a", 1, false), ("shrinks", 2, false), ("z", 1, false)]);
    assert_eq!(manifest.files[1].sha256, sha(&content(2, 100)));
    verify(&path, &Meter::new()).await.unwrap();
    let out = unpack(
        &path,
        Arc::new(manifest.clone()),
        Selection::of(&manifest, |_| true),
        Owner { uid: 0, gid: 0 },
        str::to_owned,
        &Meter::new(),
    );
    let out = members(&collect(out).await.unwrap());
    let shrunk: Vec<_> = out.iter().filter(|member| member.0 == "shrinks").collect();
    assert_eq!(shrunk.len(), 1);
    assert_eq!(shrunk[0].4, content(2, 100));
}

#[tokio::test]
async fn what_changed_is_read_again_and_what_never_held_still_is_marked() {
    let folder = tempfile::tempdir().unwrap();
    let plan = plan(folder.path(), Packing::Zstd);
    let path = plan.path.clone();
    let mut packer = Packer::begin(plan, Meter::new()).await.unwrap();
    packer.take("data", pieces(&world().end())).await.unwrap();
    // Docker names a file that is asked for by its last name alone.
    for size in [1000, 1200, 1400] {
        let one = Tar::default().file("level.dat", &content(8, size)).end();
        packer.again("world/level.dat", pieces(&one)).await.unwrap();
    }
    let gone = Tar::default().folder("level.dat").end();
    let error = packer.again("world/level.dat", pieces(&gone)).await.unwrap_err();
    assert!(matches!(error, Error::NothingThere { .. }), "{error}");
    let manifest = packer.finish(about(), vec!["world/level.dat".into(), "no/such".into()]).await.unwrap();
    let file = &manifest.files[manifest.find("world/level.dat").unwrap()];
    assert_eq!((file.copies, file.torn, file.size), (4, true, 1400));
    assert_eq!(manifest.torn_files(), 1);
    assert_eq!(file.sha256, sha(&content(8, 1400)));
    verify(&path, &Meter::new()).await.unwrap();
}

#[tokio::test]
async fn a_file_that_vanished_within_the_stream_stays_marked() {
    let folder = tempfile::tempdir().unwrap();
    let mut packer = Packer::begin(plan(folder.path(), Packing::Gzip), Meter::new()).await.unwrap();
    let tar = Tar::default().folder("data").file("data/tmp", &content(1, 600));
    assert!(packer.take("data", pieces(&tar.0[..1024])).await.is_err());
    packer.take("data", pieces(&Tar::default().folder("data").file("data/a", b"a").end())).await.unwrap();
    let manifest = packer.finish(about(), Vec::new()).await.unwrap();
    assert_eq!(
        manifest.files.iter().map(|file| (&*file.path, file.torn)).collect::<Vec<_>>(),
        [("a", false), ("tmp", true)]
    );
}

#[tokio::test]
async fn second_names_of_a_file_are_told_so_that_they_are_read_by_themselves() {
    let folder = tempfile::tempdir().unwrap();
    let tar = Tar::default()
        .folder("data")
        .file("data/.mineclifford/old/level.dat", b"level")
        .member("data/world/level.dat", EntryType::Link, 0o644, "data/.mineclifford/old/level.dat", b"")
        .end();
    let mut packer = Packer::begin(plan(folder.path(), Packing::Gzip), Meter::new()).await.unwrap();
    let taken = packer.take("data", pieces(&tar)).await.unwrap();
    assert_eq!(taken.linked, ["world/level.dat"]);
    let one = Tar::default().file("level.dat", b"level").end();
    packer.again("world/level.dat", pieces(&one)).await.unwrap();
    let manifest = packer.finish(about(), Vec::new()).await.unwrap();
    assert_eq!(manifest.files.iter().map(|file| &*file.path).collect::<Vec<_>>(), ["world/level.dat"]);
}

#[tokio::test]
async fn what_becomes_something_else_between_two_streams_is_noted() {
    let folder = tempfile::tempdir().unwrap();
    let mut packer = Packer::begin(plan(folder.path(), Packing::Gzip), Meter::new()).await.unwrap();
    let first = Tar::default().folder("data").file("data/a", b"a").folder("data/b");
    assert!(packer.take("data", pieces(&first.0)).await.is_err());
    let second =
        Tar::default().folder("data").folder("data/a").file("data/a/x", b"x").file("data/b", b"b").end();
    packer.take("data", pieces(&second)).await.unwrap();
    let manifest = packer.finish(about(), Vec::new()).await.unwrap();
    assert_eq!(manifest.files.len() + manifest.folders.len(), 2);
    let left: Vec<&str> = manifest.left_out.iter().map(|note| note.path.as_str()).collect();
    assert_eq!(left, ["a", "a/x", "b"]);
}

#[tokio::test]
async fn an_error_of_the_stream_is_told_and_can_be_got_over() {
    let folder = tempfile::tempdir().unwrap();
    let mut packer = Packer::begin(plan(folder.path(), Packing::Gzip), Meter::new()).await.unwrap();
    let broken =
        stream::iter([Ok(Bytes::from(world().0[..3000].to_vec())), Err(std::io::Error::other("cable"))]);
    let error = packer.take("data", broken).await.unwrap_err();
    assert!(matches!(error, Error::Source { .. }) && error.can_go_on());
    let error = packer.take("data", pieces(b"This is not a tar stream, by far.")).await.unwrap_err();
    assert!(matches!(error, Error::Cut { .. }), "{error}");
    let error = packer.take("data", pieces(&[b'x'; 4096])).await.unwrap_err();
    assert!(matches!(error, Error::NotTar { .. }), "{error}");
    packer.take("data", pieces(&world().end())).await.unwrap();
    packer.finish(about(), Vec::new()).await.unwrap();
}

#[tokio::test]
async fn a_packer_that_nobody_waits_for_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut packer = Packer::begin(plan(folder.path(), Packing::Gzip), Meter::new()).await.unwrap();
    let endless = stream::iter([Ok::<_, Infallible>(Bytes::from(world().0))]).chain(stream::pending());
    let waited =
        tokio::time::timeout(std::time::Duration::from_millis(50), packer.take("data", endless)).await;
    assert!(waited.is_err());
    packer.abandon().await;
    assert_eq!(listed(folder.path()), Vec::<String>::new());
}

#[tokio::test]
async fn a_stream_that_is_given_up_is_let_go_of_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let plan = Plan { rate: Some(64 << 10), ..plan(folder.path(), Packing::Gzip) };
    let mut packer = Packer::begin(plan, Meter::new()).await.unwrap();
    // There is always more of it.
    let open = std::sync::Arc::new(());
    let held = open.clone();
    let endless = stream::repeat_with(move || {
        let _held = &held;
        Ok::<_, Infallible>(Bytes::from(vec![0; 256 << 10]))
    });
    let waited =
        tokio::time::timeout(std::time::Duration::from_millis(50), packer.take("data", endless)).await;
    assert!(waited.is_err());
    for _ in 0..500 {
        if std::sync::Arc::strong_count(&open) == 1 {
            return packer.abandon().await;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("it is still being read");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn any_files_in_any_pieces_come_out_as_they_went_in(
        files in proptest::collection::btree_map("[a-c]{1,3}(/[a-c]{1,3}){0,3}", (any::<u64>(), 0_usize..5000), 0..12),
        size in 1_usize..2000,
        zstd in any::<bool>(),
    ) {
        // A path that is another's folder cannot be a file.
        let files: Vec<_> = files.iter().filter(|(path, _)| {
            !files.keys().any(|other| other.starts_with(&format!("{path}/")))
        }).collect();
        let mut tar = Tar::default().folder("data");
        for (path, (seed, length)) in &files {
            tar = tar.file(&format!("data/{path}"), &content(*seed, *length));
        }
        let tar = tar.end();
        let packing = if zstd { Packing::Zstd } else { Packing::Gzip };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let plan = plan(folder.path(), packing);
            let path = plan.path.clone();
            let mut packer = Packer::begin(plan, Meter::new()).await.unwrap();
            let chunks: Vec<Result<Bytes, Infallible>> =
                tar.chunks(size).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
            packer.take("data", stream::iter(chunks)).await.unwrap();
            let manifest = Arc::new(packer.finish(about(), Vec::new()).await.unwrap());
            assert_eq!(manifest.files.len(), files.len());
            let selection = Selection::of(&manifest, |_| true);
            let out = unpack(&path, manifest, selection, Owner { uid: 1, gid: 1 }, str::to_owned, &Meter::new());
            let out = members(&collect(out).await.unwrap());
            for (path, (seed, length)) in &files {
                let found = out.iter().find(|member| member.0 == **path).unwrap();
                assert!(found.4 == content(*seed, *length));
            }
        });
    }
}
