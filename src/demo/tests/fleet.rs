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
        assert!(detail.started_at.unwrap() < detail.started_at.unwrap().max(jiff_now()), "{name}");
    }
    let crashed = docker.inspect("frontier").await.unwrap();
    assert_eq!((crashed.phase, crashed.exit_code), (Phase::Exited, Some(1)));
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

fn jiff_now() -> jiff::Timestamp {
    jiff::Timestamp::now()
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
