//! What tests do to the engine.

use super::*;

#[tokio::test]
async fn a_stalled_engine_answers_when_it_is_let_go() {
    let (demo, docker) = empty().await;
    ready(&docker, &plan("one", &[])).await;
    demo.faults().set(|trouble| trouble.stall = true);
    let mut list = Box::pin(docker.list());
    // Everything that could answer has had its turn, many times over.
    for _ in 0..1000 {
        tokio::task::yield_now().await;
        assert!(futures_util::poll!(&mut list).is_pending());
    }
    demo.faults().clear();
    assert_eq!(limited(list).await.unwrap().len(), 1);
    demo.faults().set(|trouble| trouble.stall_path = Some("/stats".into()));
    assert_eq!(limited(docker.list()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn every_stream_is_cut_off_and_the_servers_run_on() {
    let (demo, docker) = empty().await;
    let id = ready(&docker, &plan("one", &[])).await;
    let mut log = Box::pin(docker.logs(&id, LogQuery { follow: true, ..LogQuery::default() }));
    log.next().await.unwrap().unwrap();
    let mut stdin = docker.stdin(&id).await.unwrap();
    let mut events = Box::pin(docker.events(None).await.unwrap());
    demo.faults().close_connections();
    assert!(matches!(limited(events.next()).await, Some(Err(Error::Interrupted { .. }))));
    let rest: Vec<_> = limited(log.collect()).await;
    assert!(matches!(rest.last(), Some(Err(Error::Interrupted { .. }))));
    limited(stdin.closed()).await;
    let list = docker.list().await.unwrap();
    assert_eq!(list[0].state, crate::docker::Phase::Running);
}

#[tokio::test]
async fn failures_old_versions_and_full_disks() {
    let (demo, docker) = empty().await;
    demo.faults().set(|trouble| trouble.fail_path = Some("/json".into()));
    assert!(matches!(docker.list().await, Err(Error::Api { status: 500, .. })));
    docker.ping().await.unwrap();
    demo.faults().set(|trouble| trouble.fail = true);
    assert!(docker.ping().await.is_err());
    demo.faults().clear();
    demo.faults().set(|trouble| trouble.disk_full = true);
    assert!(matches!(docker.create(&plan("one", &[])).await, Err(Error::NoSpace { .. })));
    demo.faults().clear();
    demo.faults().set(|trouble| trouble.api = Some("1.24".into()));
    let old = Docker::connect(&Endpoint::InProcess(demo.connector())).await;
    assert!(matches!(old, Err(Error::TooOld { found, .. }) if found == "1.24"));
    demo.faults().set(|trouble| trouble.api = Some("1.51".into()));
    let (newest, info) = Docker::connect(&Endpoint::InProcess(demo.connector())).await.unwrap();
    assert_eq!(info.api_version, "1.51");
    demo.faults().clear();
    ready(&newest, &plan("two", &[])).await;
}

#[tokio::test]
async fn pulls_that_do_not_end_well() {
    let (demo, docker) = empty().await;
    let none: Vec<_> = docker.pull("nonexistent/server:1").collect().await;
    assert!(matches!(none[..], [Err(Error::PullDenied { .. })]), "{none:?}");
    let none: Vec<_> = docker.pull("itzg/minecraft-server:nonexistent").collect().await;
    assert!(matches!(none[..], [Err(Error::NoSuchImage { .. })]), "{none:?}");
    demo.faults().set(|trouble| {
        trouble.pull_breaks = true;
        trouble.pull_time = Some(Duration::from_millis(40));
    });
    let broken: Vec<_> = limited(docker.pull("itzg/minecraft-server:java8").collect()).await;
    assert!(broken.len() > 3 && matches!(broken.last(), Some(Err(Error::Interrupted { .. }))));
    assert!(docker.image("itzg/minecraft-server:java8").await.unwrap().is_none());
    demo.faults().set(|trouble| {
        trouble.pull_breaks = false;
        trouble.pull_time = Some(Duration::from_secs(3600));
    });
    // Whoever lets go of a slow one stops it.
    let mut slow = Box::pin(docker.pull("itzg/minecraft-server:java8"));
    limited(slow.next()).await.unwrap().unwrap();
    drop(slow);
    assert!(docker.image("itzg/minecraft-server:java8").await.unwrap().is_none());
}
