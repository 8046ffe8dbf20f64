//! What a demo begins with, and many servers at once.

use uuid::Uuid;

use super::*;
use crate::docker::Phase;
use crate::model::Spec;

#[tokio::test]
async fn the_cast_is_believable() {
    let engine = Uuid::now_v7();
    let demo = Demo::start(Options { engine, ..Options::default() });
    let docker = dial(&demo).await;
    let list = docker.list().await.unwrap();
    assert_eq!(list.len(), 8);
    for container in &list {
        let own = container.labels.get("mineclifford.engine") == Some(&engine.to_string());
        let found = matches!(container.name.as_str(), "friends-mc-1" | "gallant_hopper");
        assert_ne!(own, found, "{}", container.name);
        if own {
            let spec: Spec = serde_json::from_str(&container.labels["mineclifford.spec"]).unwrap();
            assert_eq!(spec.name, container.name);
            assert!(Uuid::parse_str(&container.labels["mineclifford.server"]).is_ok());
        }
        assert!(crate::model::field::image(&container.image).is_ok());
    }
    let phase =
        |name: &str| list.iter().find(|container| container.name == name).map(|container| container.state);
    for name in ["survival", "creative", "skyblock", "modded", "friends-mc-1"] {
        assert_eq!(phase(name), Some(Phase::Running), "{name}");
        let detail = docker.inspect(name).await.unwrap();
        assert_eq!(detail.health, Some(crate::docker::Health::Healthy), "{name}");
        assert!(detail.started_at.unwrap() < jiff::Timestamp::now(), "{name}");
    }
    let crashed = docker.inspect("frontier").await.unwrap();
    // A real server that runs out of heap writes a crash report and ends as if all were well.
    assert_eq!((crashed.phase, crashed.exit_code), (Phase::Exited, Some(0)));
    assert!(crashed.restart_count > 2);
    let log: Vec<_> = docker.logs("frontier", LogQuery::default()).collect().await;
    let log: String =
        log.into_iter().map(|piece| String::from_utf8_lossy(&piece.unwrap().data).into_owned()).collect();
    assert!(log.contains("java.lang.OutOfMemoryError: Java heap space"));
    let stopped = docker.inspect("hardcore").await.unwrap();
    assert_eq!((stopped.phase, stopped.exit_code, stopped.restart_count), (Phase::Exited, Some(0), 0));
    let players = docker.exec("survival", &["rcon-cli", "list"], None, LIMIT).await.unwrap();
    assert!(!players.stdout.starts_with(b"There are 0"), "nobody plays");
}

#[tokio::test]
async fn a_thousand_servers_are_listed() {
    let demo = Demo::start(Options::fleet(1000, 300));
    let docker = dial(&demo).await;
    let list = docker.list().await.unwrap();
    assert_eq!(list.len(), 1000);
    let running = list.iter().filter(|container| container.state == Phase::Running).count();
    assert_eq!(running, 300);
    assert_eq!(list[0].name, "server-1000");
    let ports: std::collections::BTreeSet<_> =
        list.iter().flat_map(|container| &container.ports).filter_map(|port| port.host).collect();
    assert_eq!(ports.len(), 300);
}

#[tokio::test]
async fn many_start_and_stop_at_once_and_no_event_is_lost() {
    let demo = Demo::start(Options { load: Duration::from_millis(10), ..Options::fleet(200, 0) });
    let docker = dial(&demo).await;
    let mut events = Box::pin(docker.events(None).await.unwrap());
    let ids: Vec<String> = docker.list().await.unwrap().into_iter().map(|container| container.id).collect();
    let mut starts = tokio::task::JoinSet::new();
    for id in ids {
        let docker = docker.clone();
        starts.spawn(async move {
            docker.start(&id).await.unwrap();
            docker.kill(&id).await.unwrap();
        });
    }
    limited(starts.join_all()).await;
    let mut seen = BTreeMap::<String, Vec<What>>::new();
    limited(async {
        while seen.values().filter(|whats| whats.len() == 3).count() < 200 {
            let event = events.next().await.unwrap().unwrap();
            seen.entry(event.container).or_default().push(event.what);
        }
    })
    .await;
    assert!(seen.values().all(|whats| *whats == [What::Start, What::Kill, What::Die { exit_code: 137 }]));
}

#[tokio::test]
async fn a_socket_is_served_and_removed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("docker.sock");
    let demo = Demo::start(Options::fleet(3, 1));
    let listening = demo.listen(&path).unwrap();
    let (docker, _) = Docker::connect(&Endpoint::Unix(path.clone())).await.unwrap();
    assert_eq!(docker.list().await.unwrap().len(), 3);
    drop(listening);
    assert!(!path.exists());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn an_engine_that_nobody_holds_is_gone() {
    let demo = Demo::start(Options::fleet(2, 2));
    let weak = std::sync::Arc::downgrade(&demo.shared);
    let docker = dial(&demo).await;
    let mut stats = Box::pin(docker.stats("server-0001"));
    limited(stats.next()).await.unwrap().unwrap();
    drop((stats, docker, demo));
    limited(async {
        while weak.upgrade().is_some() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

/// Figures for people; run it in a release build with `--ignored --nocapture`.
#[tokio::test]
#[ignore = "prints figures and asserts nothing"]
async fn figures() {
    let status = |name: &str| {
        let text = std::fs::read_to_string("/proc/self/status").unwrap();
        text.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().to_owned()
    };
    let cpu = || {
        let text = std::fs::read_to_string("/proc/self/stat").unwrap();
        let fields: Vec<&str> = text.rsplit(')').next().unwrap().split_whitespace().collect();
        fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
    };
    println!("resident before: {}", status("VmRSS:"));
    for (servers, running) in [(50, 50), (1000, 0), (1000, 1000)] {
        let began = std::time::Instant::now();
        let demo = Demo::start(Options::fleet(servers, running));
        let made = began.elapsed();
        let docker = dial(&demo).await;
        let list = docker.list().await.unwrap().len();
        println!(
            "{servers} servers, {running} running: made in {made:?}, listed ({list}) after {:?}",
            began.elapsed()
        );
        let began = std::time::Instant::now();
        docker.list().await.unwrap();
        println!("  list again: {:?}; resident {}", began.elapsed(), status("VmRSS:"));
        let before = cpu();
        tokio::time::sleep(Duration::from_secs(10)).await;
        println!("  10 s idle: {} ms of CPU", (cpu() - before) * 10);
    }
    let began = std::time::Instant::now();
    let demo = Demo::start(Options::default());
    println!("the cast: {:?}; resident {}", began.elapsed(), status("VmRSS:"));
    let docker = dial(&demo).await;
    let began = std::time::Instant::now();
    docker.exec("survival", &["mc-practice", "flood", "3000000"], None, LIMIT).await.unwrap();
    until_line(&docker, "survival", "flood line 3000000").await;
    println!("3,000,000 lines followed (and kept by the test): {:?}", began.elapsed());
    let mut flood = plan("flood", &[("PRACTICE_FLOOD", "3000000")]);
    flood.restart = false;
    let id = docker.create(&flood).await.unwrap();
    let (began, before) = (std::time::Instant::now(), status("VmRSS:"));
    docker.start(&id).await.unwrap();
    loop {
        let tail = LogQuery { tail: Some(1), ..LogQuery::default() };
        let pieces: Vec<_> = docker.logs(&id, tail).collect().await;
        let last = pieces.first().map(|piece| piece.as_ref().unwrap().data.clone()).unwrap_or_default();
        if String::from_utf8_lossy(&last).contains("flood line 3000000") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    println!(
        "3,000,000 lines with nobody following: {:?}; resident {before} -> {}",
        began.elapsed(),
        status("VmRSS:")
    );
}
