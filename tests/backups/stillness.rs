//! How still a server is while it is copied, and that it is let go again.

use std::time::Duration;

use mineclifford::model::{
    BackupWish, FaultKind, Order, ServerId, State,
    backup::{Packing, Scope, Stillness, Target},
};

use crate::{
    kit::{back_up, exec, folder, saving_was_on, say, spec},
    support::{Bed, docker, job_of, port, within},
};

/// A rate at which a backup of 8 MiB takes far longer than a test waits.
const SLOW: u64 = 200 * 1024;

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_do_not_run_are_not_woken() {
    let bed = Bed::new("rest").await;
    let id = bed.ready(spec(&bed, "a", &[])).await;
    let container = bed.container(id);
    let phase = || docker(&["inspect", "-f", "{{.State.Status}}", &container]);
    docker(&["pause", &container]);
    bed.reaches(id, State::Paused).await;
    let frozen = back_up(&bed, id, BackupWish::default()).await.unwrap();
    assert_eq!((frozen.stillness, frozen.saving_off_ms, phase().as_str()), (Stillness::AtRest, 0, "paused"));
    docker(&["unpause", &container]);
    bed.reaches(id, State::Ready).await;
    bed.run(Order::Stop(id)).await.unwrap();
    let stopped = back_up(&bed, id, BackupWish::default()).await.unwrap();
    assert_eq!((stopped.stillness, phase().as_str()), (Stillness::AtRest, "exited"));
    assert!(stopped.file_count > 5 && stopped.torn_files == 0, "{stopped:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_sleeps_goes_on_sleeping() {
    let bed = Bed::new("sleep").await;
    let env = [("ENABLE_AUTOPAUSE", "true"), ("AUTOPAUSE_TIMEOUT_INIT", "1"), ("AUTOPAUSE_TIMEOUT_EST", "1")];
    let id = bed.create(spec(&bed, "a", &env)).await.unwrap();
    bed.reaches(id, State::Paused).await;
    let container = bed.container(id);
    let backup = back_up(&bed, id, BackupWish::default()).await.unwrap();
    assert_eq!((backup.stillness, backup.saving_off_ms), (Stillness::AtRest, 0));
    assert_eq!(exec(&container, "ls /data/.paused"), "/data/.paused", "it still sleeps");
    assert_eq!(bed.server(id).state, State::Paused);
}

/// A container without RCON that somebody made by hand, adopted and ready.
async fn adopted(bed: &Bed, more: &[&str]) -> ServerId {
    let name = format!("{}-x", bed.prefix);
    let (port, volume) = (format!("{}:25565", port()), format!("{name}-data:/data"));
    let mut line = vec!["run", "-d", "--name", &name, "-p", &port, "-v", &volume];
    line.extend(["-e", "EULA=true", "-e", "ENABLE_RCON=false", "-e", "VERSION=1.21.4"]);
    line.extend(more);
    line.push("itzg/minecraft-server:practice");
    docker(&line);
    let found = bed.handle.wait(|world| {
        let server = world.servers.iter().find(|server| server.name() == name)?;
        (server.state == State::Ready).then_some(server.id())
    });
    let id = within("the container", found).await.unwrap();
    bed.run(Order::Adopt(id)).await.unwrap();
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_with_nothing_but_a_console_is_read_in_its_log() {
    let bed = Bed::new("console").await;
    // Made by hand: a server that is made here always has RCON.
    let id = adopted(&bed, &["-i"]).await;
    let backup = back_up(&bed, id, BackupWish::default()).await.unwrap();
    assert_eq!(backup.stillness, Stillness::Quiesced, "{backup:?}");
    bed.line(id, "Automatic saving is now disabled").await;
    bed.line(id, "Saved the game").await;
    bed.line(id, "Automatic saving is now enabled").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_can_be_asked_in_no_way_is_copied_all_the_same() {
    let bed = Bed::new("mute").await;
    let id = adopted(&bed, &[]).await;
    let mut events = bed.handle.events();
    let backup = back_up(&bed, id, BackupWish::default()).await.unwrap();
    assert_eq!((backup.stillness, backup.saving_off_ms), (Stillness::NotQuiesced, 0));
    assert!(backup.file_count > 5 && backup.is_good());
    let mut told = Vec::new();
    while let Ok(event) = events.try_recv() {
        told.push(format!("{event:?}"));
    }
    assert!(told.iter().any(|event| event.contains("without holding still")), "{told:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_save_off_of_somebody_else_is_respected() {
    let bed = Bed::new("theirs").await;
    let id = bed.ready(spec(&bed, "a", &[])).await;
    say(&bed, id, "save-off").await;
    let backup = back_up(&bed, id, BackupWish::default()).await.unwrap();
    assert_eq!((backup.stillness, backup.saving_off_ms), (Stillness::Quiesced, 0));
    assert!(!saving_was_on(&bed, id).await, "it stayed off");
}

#[tokio::test(flavor = "multi_thread")]
async fn saving_comes_back_after_a_cancel() {
    let bed = Bed::with("cancel", |setup| setup.backups.tuning.rate = Some(SLOW)).await;
    let id = bed.ready(spec(&bed, "a", &[("PRACTICE_WORLD_MB", "8")])).await;
    let answer = bed.handle.run(Order::Backup(id, BackupWish::default())).await.unwrap();
    let job = job_of(&answer);
    let moving = bed.handle.wait(|world| {
        world.job(job).filter(|job| job.progress.done > 0 && job.progress.rate.is_some()).map(|_| ())
    });
    within("bytes and a rate", moving).await.unwrap();
    let busy = bed.handle.run(Order::Stop(id)).await.unwrap_err();
    assert_eq!(busy.kind, FaultKind::Conflict, "{busy}");
    bed.handle.run(Order::Cancel(job)).await.unwrap();
    let ended = within("the end", bed.handle.job_end(job)).await.unwrap_err();
    assert_eq!(ended.kind, FaultKind::Cancelled);
    assert!(saving_was_on(&bed, id).await);
    assert_eq!(folder(&bed), Vec::<std::path::PathBuf>::new(), "nothing of it is left");
    assert!(bed.handle.now().backups.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn saving_comes_back_after_a_failure_and_after_the_engine_ended() {
    let mut bed = Bed::with("fail", |setup| setup.backups.tuning.rate = Some(SLOW)).await;
    let id = bed.ready(spec(&bed, "a", &[("PRACTICE_WORLD_MB", "8")])).await;
    let answer = bed.handle.run(Order::Backup(id, BackupWish::default())).await.unwrap();
    let job = job_of(&answer);
    let moving = bed.handle.wait(|world| world.job(job).filter(|job| job.progress.done > 0).map(|_| ()));
    within("bytes", moving).await.unwrap();
    bed.again().await;
    assert!(saving_was_on(&bed, id).await, "the engine ended in the middle of it");
    assert_eq!(folder(&bed), Vec::<std::path::PathBuf>::new());

    // The container goes in the middle of the copy.
    bed.again_with(|setup| setup.backups.tuning.rate = Some(SLOW)).await;
    let answer = bed.handle.run(Order::Backup(id, BackupWish::default())).await.unwrap();
    let job = job_of(&answer);
    let moving = bed.handle.wait(|world| world.job(job).filter(|job| job.progress.done > 0).map(|_| ()));
    within("bytes", moving).await.unwrap();
    let container = bed.container(id);
    docker(&["rm", "-f", &container]);
    let ended =
        tokio::time::timeout(Duration::from_secs(60), bed.handle.job_end(job)).await.expect("it ends");
    assert!(ended.is_err(), "a copy that broke off is no backup");
    assert!(bed.handle.now().backups.is_empty());
    assert_eq!(folder(&bed), Vec::<std::path::PathBuf>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_world_that_cannot_be_saved_is_copied_and_said_so() {
    let bed = Bed::new("unsaved").await;
    let id = bed.ready(spec(&bed, "a", &[("PRACTICE_FAIL", "save")])).await;
    let wish = BackupWish { packing: Some(Packing::Zstd), ..BackupWish::default() };
    let backup = back_up(&bed, id, wish).await.unwrap();
    assert_eq!(backup.stillness, Stillness::NotQuiesced);
    assert!(saving_was_on(&bed, id).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_flush_is_waited_for_and_told() {
    let bed = Bed::new("flush").await;
    let env = [("PRACTICE_FLUSH_SECONDS", "7"), ("MAX_TICK_TIME", "12000")];
    let id = bed.ready(spec(&bed, "a", &env)).await;
    let mut events = bed.handle.events();
    let answer = bed.handle.run(Order::Backup(id, BackupWish::default())).await.unwrap();
    let job = job_of(&answer);
    let told = bed.handle.wait(|world| {
        world
            .job(job)
            .map(|job| job.progress.step.clone())
            .filter(|step| step.contains("watchdog ends it after 12 s"))
    });
    within("word of the watchdog", told).await.unwrap();
    within("the end", bed.handle.job_end(job)).await.unwrap();
    let backup = bed.handle.now().backups[0].clone();
    assert_eq!(backup.stillness, Stillness::Quiesced);
    let mut heard = String::new();
    while let Ok(event) = events.try_recv() {
        heard += &format!("{event:?}");
    }
    assert!(heard.contains("Raise max-tick-time"), "{heard}");
    assert!(saving_was_on(&bed, id).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_that_ends_before_the_stop_leaves_the_server_running() {
    let mut bed = Bed::new("ahead").await;
    let id = bed.ready(spec(&bed, "a", &[("PRACTICE_WORLD_MB", "8")])).await;
    let backup = back_up(&bed, id, BackupWish::default()).await.unwrap().id;
    let container = bed.container(id);
    let started = || docker(&["inspect", "-f", "{{.State.StartedAt}}", &container]);
    let first = started();
    let archives = folder(&bed);
    for cancelled in [true, false] {
        bed.again_with(|setup| setup.backups.tuning.rate = Some(SLOW)).await;
        let restore = Order::Restore { backup, target: Target::Server(id), scope: Scope::Everything };
        let job = job_of(&bed.handle.run(restore).await.unwrap());
        // Everything lies ready, and the safety backup is being made.
        within("the safety backup", async {
            while folder(&bed).len() == archives.len() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        })
        .await;
        assert!(exec(&container, "ls /data/.mineclifford").contains(&job.to_string()));
        if cancelled {
            bed.handle.run(Order::Cancel(job)).await.unwrap();
            let ended = within("the end", bed.handle.job_end(job)).await.unwrap_err();
            assert_eq!(ended.kind, FaultKind::Cancelled);
        } else {
            bed.again().await;
        }
        let staged = || exec(&container, "ls -d /data/.mineclifford 2> /dev/null || true");
        within("its mending", async {
            while !staged().is_empty() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        })
        .await;
        assert!(saving_was_on(&bed, id).await);
        assert_eq!((folder(&bed), started()), (archives.clone(), first.clone()));
    }
}
