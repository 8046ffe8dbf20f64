//! What an engine knows when it starts again.

use mineclifford::model::{HostState, Memory, Order, Ownership, State};

use crate::support::{Bed, docker, within};

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_as_it_was() {
    let mut bed = Bed::new("again").await;
    let running = bed.ready(bed.spec("running")).await;
    let stopped = bed.ready(bed.spec("stopped")).await;
    let gone = bed.ready(bed.spec("gone")).await;
    bed.run(Order::Stop(stopped)).await.expect("stopped");
    if let Some(engine) = bed.engine.take() {
        let container = bed.container(gone);
        engine.shutdown().await;
        docker(&["rm", "-f", &container]);
    }
    bed.again().await;
    bed.reaches(running, State::Ready).await;
    bed.reaches(stopped, State::Stopped).await;
    bed.reaches(gone, State::Missing).await;
    assert!(bed.server(gone).explanation.is_some());
    // The console's past is there too, and commands still reach it.
    bed.line(running, "For help, type").await;
    bed.handle
        .run(Order::Console { server: running, line: "say still here".into(), reply: false })
        .await
        .expect("sent");
    bed.line(running, "[Server] still here").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_database_is_rebuilt_from_the_containers() {
    let mut bed = Bed::new("lost").await;
    let mut spec = bed.spec("a");
    spec.memory = Memory::mib(300);
    spec.motd = Some("remember me".into());
    spec.env.insert("PRACTICE_STOP_SECONDS".into(), "0.2".into());
    let id = bed.ready(spec.clone()).await;
    if let Some(engine) = bed.engine.take() {
        engine.shutdown().await;
    }
    std::fs::remove_file(bed.folder.path().join("data/mineclifford.redb")).expect("the database");
    bed.again().await;
    bed.reaches(id, State::Ready).await;
    let rebuilt = bed.server(id);
    assert_eq!(rebuilt.about.ownership, Ownership::Created);
    assert_eq!(rebuilt.about.spec, spec);
    // Its password is lost as well; the one that the image keeps is read.
    let answer =
        bed.run(Order::Console { server: id, line: "list".into(), reply: true }).await.expect("sent");
    assert!(format!("{answer:?}").contains("players online"), "{answer:?}");
    // And it is kept from now on.
    bed.again().await;
    assert_eq!(bed.server(id).about.ownership, Ownership::Created);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_engines_servers_are_seen_and_can_be_taken_over() {
    let mut first = Bed::new("first").await;
    let id = first.ready(first.spec("a")).await;
    let name = first.server(id).name().to_owned();
    if let Some(engine) = first.engine.take() {
        engine.shutdown().await;
    }
    let second = Bed::new("second").await;
    let found = second.handle.now().find(&name).expect("seen").clone();
    assert_eq!(found.about.ownership, Ownership::Found);
    second.reaches(found.id(), State::Ready).await;
    second.run(Order::Adopt(found.id())).await.expect("adopted");
    assert_eq!(second.server(found.id()).about.ownership, Ownership::Created);
    second.run(Order::Stop(found.id())).await.expect("stopped");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_engine_on_the_same_folder_is_told_to_go_elsewhere() {
    let bed = Bed::new("locked").await;
    let fault =
        mineclifford::engine::Engine::start(crate::support::setup(&bed.folder)).await.err().expect("locked");
    assert!(fault.what.contains("is using"), "{fault}");
    assert!(!fault.next.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_docker_that_is_not_there_is_said_so() {
    let bed = Bed::with("absent", |setup| {
        let nowhere =
            mineclifford::docker::Endpoint::parse("unix:///nowhere/docker.sock").expect("an endpoint");
        setup.hosts.insert(mineclifford::model::HostId::local(), vec![nowhere]);
    })
    .await;
    let host = bed.handle.now().hosts[0].clone();
    let HostState::Down(fault) = &host.state else { panic!("{host:?}") };
    assert!(fault.next.contains("demo"), "{fault}");
    let refused = within("a create", bed.create(bed.spec("a"))).await.expect_err("no Docker");
    assert_eq!(refused.kind, mineclifford::model::FaultKind::Unreachable);
}
