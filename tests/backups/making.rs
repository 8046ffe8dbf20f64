//! Backups of running servers in each layout of worlds, in both ways of packing.

use mineclifford::{
    archive::Layout,
    model::{
        BackupState, BackupWish, FaultKind, Order, Patterns, ServerType,
        backup::{Packing, Reason, Stillness},
    },
};

use crate::{
    kit::{back_up, data, exec, folder, manifest, opened, saving_was_on, spec},
    support::Bed,
};

#[tokio::test(flavor = "multi_thread")]
async fn each_layout_in_each_packing_holds_still_and_is_opened_by_other_programs() {
    let bed = Bed::new("layouts").await;
    let layouts = [
        (ServerType::Vanilla, "1.21.4", Layout::Vanilla, Packing::Gzip),
        (ServerType::Paper, "1.21.4", Layout::Bukkit, Packing::Zstd),
        (ServerType::Vanilla, "26.1", Layout::Modern, Packing::Gzip),
    ];
    for (number, (kind, version, layout, packing)) in layouts.into_iter().enumerate() {
        let mut wanted = spec(
            &bed,
            &format!("s{number}"),
            &[("PRACTICE_WORLD_MB", "3"), ("PRACTICE_WORLD_SECONDS", "0.2")],
        );
        (wanted.server_type, wanted.version) = (kind, version.into());
        let id = bed.ready(wanted).await;
        let container = bed.container(id);
        exec(
            &container,
            "cd /data && mkdir -p logs plugins/A/backups cache config && \
            echo x > logs/old.log && echo x > server-1.jar && echo x > cache/c && echo x > plugins/A/backups/b.zip && \
            echo kept > plugins/A.jar && echo kept > config/c.yml && ln -s config/c.yml inside && ln -s /etc/passwd outside",
        );
        let wish = BackupWish { label: Some("first".into()), packing: Some(packing), locked: false };
        let backup = back_up(&bed, id, wish).await.unwrap();

        assert_eq!((backup.state.clone(), backup.stillness), (BackupState::Good, Stillness::Quiesced));
        assert_eq!(
            (backup.reason, backup.label.as_deref(), backup.torn_files),
            (Reason::Asked, Some("first"), 0)
        );
        assert_eq!(backup.version.as_deref(), Some(version));
        assert!(backup.verified_at.is_some() && backup.proof.is_none());
        assert!(backup.saving_off_ms > 0 && backup.saving_off_ms <= backup.duration_ms, "{backup:?}");
        let name = backup.path.rsplit('/').next().unwrap();
        assert!(name.starts_with(&format!("backup_{}_20", bed.server(id).name())), "{name}");
        assert!(name.ends_with(packing.extension()), "{name}");

        let told = manifest(&backup);
        assert_eq!((told.worlds.len(), told.worlds[0].layout), (1, layout));
        assert_eq!(told.about.level.as_deref(), Some("world"));
        assert_eq!(told.about.spec.as_ref().map(|spec| spec.version.as_str()), Some(version));
        assert_eq!(told.left_out.iter().map(|out| out.path.as_str()).collect::<Vec<_>>(), ["outside"]);
        let (_unpacked, tree) = opened(&backup);
        assert_eq!(tree.len() as u64, backup.file_count);
        let listed = told.files.iter().map(|file| (file.path.to_string(), file.sha256.to_string()));
        assert_eq!(listed.collect::<crate::kit::Tree>(), tree);
        for file in ["world/level.dat", "server.properties", "plugins/A.jar", "config/c.yml"] {
            assert!(tree.contains_key(file), "{file} is missing");
        }
        for file in tree.keys() {
            let out = ["session.lock", "logs/", "cache/", "server-1.jar", "backups/", ".rcon-cli", "outside"];
            assert!(!out.iter().any(|out| file.contains(out)), "{file} is in it");
        }
        // What the server writes no more is as it is there now: whole regions lie far from the one that grows.
        let now = data(&container);
        let same = tree.iter().filter(|(path, hash)| now.get(*path) == Some(hash)).count();
        assert!(same * 10 > tree.len() * 6, "{same} of {} files are as they are in the server", tree.len());
        assert!(saving_was_on(&bed, id).await, "saving came back on");
    }
    let archives = folder(&bed);
    assert_eq!(archives.len(), 6, "three archives, each with its manifest: {archives:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn patterns_of_a_server_leave_out_and_take_in() {
    let bed = Bed::new("patterns").await;
    let id = bed.ready(spec(&bed, "a", &[])).await;
    let container = bed.container(id);
    exec(
        &container,
        "cd /data && mkdir -p plugins/map/tiles logs && echo x > plugins/map/tiles/1.png && echo x > plugins/map/c.yml && echo x > logs/kept.txt",
    );
    let bad = Patterns { exclude: vec!["a[".into()], include: vec![] };
    let fault = bed.run(Order::SetPatterns(id, bad)).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Invalid, "{fault}");
    let patterns =
        Patterns { exclude: vec!["plugins/map/tiles".into()], include: vec!["logs/kept.txt".into()] };
    bed.run(Order::SetPatterns(id, patterns.clone())).await.unwrap();
    let backup = back_up(&bed, id, BackupWish::default()).await.unwrap();
    let (_unpacked, tree) = opened(&backup);
    assert!(tree.contains_key("plugins/map/c.yml") && tree.contains_key("logs/kept.txt"), "{tree:?}");
    assert!(!tree.contains_key("plugins/map/tiles/1.png"));
    let mut bed = bed;
    bed.again().await;
    assert_eq!(bed.server(id).about.patterns, patterns, "they are kept");
    assert_eq!(bed.handle.now().backup(backup.id).map(|again| (**again).clone()), Some((*backup).clone()));
}

#[tokio::test(flavor = "multi_thread")]
async fn old_ones_go_as_the_rule_says_and_locked_ones_stay() {
    let bed = Bed::with("keep", |setup| setup.backups.tuning.retention.last = 2).await;
    let id = bed.create(spec(&bed, "a", &[])).await.unwrap();
    bed.run(Order::Stop(id)).await.unwrap();
    let locked = BackupWish { locked: true, ..BackupWish::default() };
    let first = back_up(&bed, id, locked).await.unwrap();
    let mut made = Vec::new();
    for _ in 0..4 {
        made.push(back_up(&bed, id, BackupWish::default()).await.unwrap());
    }
    let left: Vec<_> = bed.handle.now().backups.iter().map(|backup| backup.id).collect();
    assert_eq!(left, [made[3].id, made[2].id, first.id], "the newest first");
    assert_eq!(folder(&bed).len(), 6);

    let fault = bed.run(Order::DeleteBackup(first.id)).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Conflict, "{fault}");
    bed.run(Order::Lock(first.id, false)).await.unwrap();
    bed.run(Order::Prune(id)).await.unwrap();
    assert!(bed.handle.now().backup(first.id).is_none());
    bed.run(Order::DeleteBackup(made[2].id)).await.unwrap();
    assert_eq!(folder(&bed).len(), 2);
    bed.run(Order::Verify(made[3].id)).await.unwrap();
    let again = bed.handle.now().backup(made[3].id).cloned().unwrap();
    assert!(again.verified_at > made[3].verified_at, "{again:?}");
}
