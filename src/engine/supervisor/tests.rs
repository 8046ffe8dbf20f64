//! The whole engine on the demo, told by hand what comes too late.

use super::*;
use crate::{
    demo::{Demo, Options},
    docker::Docker,
    engine::{ConsoleLimits, fact::HostFact},
    model::{Answer, Event, Order, ServerId, Spec},
};

async fn within<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), work).await.expect("in time")
}

async fn done(handle: &Handle, order: Order) -> ServerId {
    let Ok(Answer::Started { server, .. }) = within(handle.run_to_end(order)).await else {
        panic!("it is done")
    };
    server
}

async fn engine(endpoint: Endpoint, folder: &std::path::Path) -> Engine {
    Engine::start(Setup {
        keep: Keep::Memory(uuid::Uuid::now_v7()),
        hosts: BTreeMap::from([(HostId::local(), vec![endpoint])]),
        read_only: false,
        demo: true,
        console: ConsoleLimits { lines: 100, bytes: 64 * 1024 },
        loop_rule: LoopRule::default(),
        stop_grace: Duration::from_secs(75),
        live: false,
        first_schedule: false,
        clock: Clock::system(),
        backups: backups::Settings::in_folder(folder),
    })
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deleted_server_does_not_come_back_with_late_news_of_its_container() {
    let demo = Demo::start(Options::fleet(0, 0));
    let endpoint = Endpoint::InProcess(demo.connector());
    let docker = Docker::connect(&endpoint).await.unwrap().0;
    let folder = tempfile::tempdir().unwrap();
    let engine = engine(endpoint, folder.path()).await;
    let handle = engine.handle(Origin::CommandLine);
    within(handle.wait(|world| world.settled.then_some(()))).await.unwrap();
    let spec = Spec { name: "late".into(), eula: true, version: "1.21.4".into(), ..Spec::default() };
    let server = done(&handle, Order::Create(Box::new(spec))).await;
    let container = docker.list().await.unwrap().remove(0);
    let detail = docker.inspect(&container.id).await.unwrap();
    done(&handle, Order::Delete { server, data: false, confirm: None }).await;

    for late in [
        HostFact::Listed(vec![container.clone()]),
        HostFact::Detail(Box::new(detail)),
        HostFact::Gone(container.id),
    ] {
        let before = handle.now().sequence;
        engine.facts.send(Fact::Host(HostId::local(), late)).await.unwrap();
        let shown = handle.wait(|world| (world.sequence > before).then_some(world.servers.len()));
        assert_eq!(within(shown).await, Ok(0));
    }
    engine.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_that_nobody_watches_is_told_with_its_reason() {
    let demo = Demo::start(Options { load: Duration::from_millis(300), ..Options::fleet(0, 0) });
    let folder = tempfile::tempdir().unwrap();
    let engine = engine(Endpoint::InProcess(demo.connector()), folder.path()).await;
    let handle = engine.handle(Origin::CommandLine);
    within(handle.wait(|world| world.settled.then_some(()))).await.unwrap();
    let mut events = handle.events();
    // Long after it was last looked at, so that its log is read in step: the reason is written a moment before the end.
    let env = BTreeMap::from([("PRACTICE_FAIL".into(), "crash:3:1".into())]);
    let spec = Spec { name: "alone".into(), eula: true, version: "1.21.4".into(), env, ..Spec::default() };
    done(&handle, Order::Create(Box::new(spec))).await;
    let told = async {
        loop {
            if let Ok(Event::Notice(notice)) = events.recv().await
                && notice.text.ends_with("crashed")
            {
                return notice.details.clone();
            }
        }
    };
    let details = within(told).await;
    assert!(details.contains("crash report"), "{details}");
    engine.shutdown().await;
}
