//! Every call that changes something, and what Docker says when it refuses.

use super::*;
use crate::docker::{Health, MountKind, Phase, Resources};

#[tokio::test]
async fn a_server_from_its_creation_to_its_removal() {
    let (_demo, docker) = empty().await;
    let info = docker.info().await.unwrap();
    assert_eq!((info.name.as_str(), info.api_version.as_str(), info.cpus), ("Docker", "1.41", 8));
    docker.ping().await.unwrap();
    let mut events = Box::pin(docker.events(None).await.unwrap());
    let id = docker.create(&plan("one", &[])).await.unwrap();
    let made = docker.inspect("one").await.unwrap();
    assert_eq!((made.id.as_str(), made.phase, made.exit_code), (id.as_str(), Phase::Created, None));
    assert_eq!((made.started_at, made.open_stdin, made.stop_timeout), (None, true, Some(60)));
    assert_eq!((made.memory_limit, made.restart_policy.as_str()), (1 << 30, "unless-stopped"));
    assert_eq!(made.env["EULA"], "true");
    assert_eq!(made.env["UID"], "1000");
    assert_eq!(
        (made.mounts[0].kind, made.mounts[0].source_name_or_path.as_str()),
        (MountKind::Volume, "one-data")
    );
    docker.start(&id).await.unwrap();
    docker.start(&id).await.unwrap();
    until_line(&docker, &id, "For help, type").await;
    let up = docker.inspect(&id).await.unwrap();
    assert_eq!((up.phase, up.health, up.exit_code), (Phase::Running, Some(Health::Starting), None));
    assert!(
        up.ports
            .iter()
            .any(|port| port.container == 25565 && port.host.is_some_and(|(_, port)| port >= 32_768))
    );
    assert_eq!(up.addresses.len(), 1);
    docker.stop(&id, Duration::from_secs(20)).await.unwrap();
    docker.stop(&id, Duration::from_secs(20)).await.unwrap();
    let down = docker.inspect(&id).await.unwrap();
    assert_eq!((down.phase, down.exit_code, down.restart_count), (Phase::Exited, Some(0), 0));
    assert!(down.finished_at > down.started_at);
    docker.remove(&id, false).await.unwrap();
    docker.remove(&id, false).await.unwrap();
    assert!(docker.inspect(&id).await.unwrap_err().is_gone());
    assert!(docker.volume("one-data").await.unwrap().is_some());
    let seen = events_until(&mut events, |what| *what == What::Destroy).await;
    let wanted =
        [What::Create, What::Start, What::Kill, What::Die { exit_code: 0 }, What::Stop, What::Destroy];
    assert_eq!(seen, wanted);
}

#[tokio::test]
async fn refusals_are_dockers() {
    let (_demo, docker) = empty().await;
    let fixed = |name: &str| {
        let mut plan = plan(name, &[]);
        plan.ports[0].host = 25_999;
        plan
    };
    let first = ready(&docker, &fixed("first")).await;
    assert!(
        matches!(docker.create(&fixed("first")).await, Err(Error::NameTaken { name }) if name == "first")
    );
    let second = docker.create(&fixed("second")).await.unwrap();
    assert!(matches!(docker.start(&second).await, Err(Error::PortTaken { port: 25_999 })));
    let failed = docker.inspect(&second).await.unwrap();
    assert_eq!((failed.phase, failed.exit_code), (Phase::Created, Some(128)));
    assert!(failed.error.ends_with("port is already allocated"));
    let mut missing = plan("third", &[]);
    missing.image = "itzg/nothing:1".into();
    assert!(matches!(docker.create(&missing).await, Err(Error::NoSuchImage { .. })));
    assert!(matches!(docker.remove(&first, false).await, Err(Error::Conflict { .. })));
    assert!(matches!(docker.rename(&first, "second").await, Err(Error::NameTaken { .. })));
    assert!(matches!(docker.volume_remove("first-data").await, Err(Error::Conflict { .. })));
    assert!(docker.start("nobody").await.unwrap_err().is_gone());
    let small = Resources { memory_limit: Some(1_000_000), ..Resources::default() };
    assert!(matches!(docker.update(&first, &small).await, Err(Error::Api { status: 400, .. })));
    assert!(matches!(docker.kill(&second).await, Err(Error::Conflict { .. })));
    // The port is free again as soon as the first has ended.
    docker.kill(&first).await.unwrap();
    docker.start(&second).await.unwrap();
}

#[tokio::test]
async fn pause_rename_update_restart_and_kill() {
    let (_demo, docker) = empty().await;
    let id = ready(&docker, &plan("one", &[])).await;
    let mut events = Box::pin(docker.events(None).await.unwrap());
    docker.pause(&id).await.unwrap();
    assert!(matches!(docker.pause(&id).await, Err(Error::Conflict { .. })));
    assert_eq!(docker.inspect(&id).await.unwrap().phase, Phase::Paused);
    docker.unpause(&id).await.unwrap();
    assert!(docker.unpause(&id).await.is_err());
    docker.rename(&id, "two").await.unwrap();
    assert_eq!(docker.inspect("two").await.unwrap().id, id);
    assert!(docker.inspect("one").await.unwrap_err().is_gone());
    let more =
        Resources { memory_limit: Some(2 << 30), nano_cpus: Some(1_500_000_000), pids_limit: Some(99) };
    docker.update(&id, &more).await.unwrap();
    let detail = docker.inspect(&id).await.unwrap();
    assert_eq!((detail.memory_limit, detail.nano_cpus, detail.pids_limit), (2 << 30, 1_500_000_000, 99));
    docker.kill(&id).await.unwrap();
    let killed = docker.inspect(&id).await.unwrap();
    assert_eq!((killed.phase, killed.exit_code, killed.oom_killed), (Phase::Exited, Some(137), false));
    let seen = events_until(&mut events, |what| matches!(what, What::Die { .. })).await;
    let renamed = What::Rename { name: "two".into() };
    assert_eq!(
        seen,
        [What::Pause, What::Unpause, renamed, What::Update, What::Kill, What::Die { exit_code: 137 }]
    );
}

#[tokio::test]
async fn a_stop_kills_after_its_grace_and_wakes_a_paused_server() {
    let (_demo, docker) = empty().await;
    let id = ready(&docker, &plan("deaf", &[("PRACTICE_FAIL", "ignore-stop")])).await;
    let mut events = Box::pin(docker.events(None).await.unwrap());
    docker.stop(&id, Duration::from_secs(1)).await.unwrap();
    assert_eq!(docker.inspect(&id).await.unwrap().exit_code, Some(137));
    let seen = events_until(&mut events, |what| *what == What::Stop).await;
    assert_eq!(seen, [What::Kill, What::Kill, What::Die { exit_code: 137 }, What::Stop]);
    let id = ready(&docker, &plan("frozen", &[])).await;
    docker.pause(&id).await.unwrap();
    docker.stop(&id, Duration::from_secs(20)).await.unwrap();
    assert_eq!(docker.inspect(&id).await.unwrap().exit_code, Some(0));
}

#[tokio::test]
async fn a_server_that_dies_is_started_again_with_pauses_that_grow() {
    let (_demo, docker) = empty().await;
    let id = docker.create(&plan("looping", &[("PRACTICE_FAIL", "crash:0:3")])).await.unwrap();
    let mut events = Box::pin(docker.events(None).await.unwrap());
    docker.start(&id).await.unwrap();
    let die = What::Die { exit_code: 3 };
    for _ in 0..3 {
        assert_eq!(events_until(&mut events, |what| *what == die).await, [What::Start, die.clone()]);
    }
    let looping = settled(&docker, &id, |detail| detail.restart_count >= 3).await;
    assert!(matches!(looping.phase, Phase::Restarting | Phase::Running));
    docker.stop(&id, Duration::from_secs(5)).await.unwrap();
    let stopped = docker.inspect(&id).await.unwrap();
    assert_eq!(stopped.phase, Phase::Exited);
    docker.remove(&id, false).await.unwrap();
}

#[tokio::test]
async fn memory_without_end_is_told_before_the_death() {
    let (_demo, docker) = empty().await;
    let mut once = plan("hungry", &[("PRACTICE_FAIL", "oom:0")]);
    once.restart = false;
    let id = docker.create(&once).await.unwrap();
    let mut events = Box::pin(docker.events(None).await.unwrap());
    docker.start(&id).await.unwrap();
    let seen = events_until(&mut events, |what| matches!(what, What::Die { .. })).await;
    assert_eq!(seen[..2], [What::Start, What::Oom]);
    let dead = docker.inspect(&id).await.unwrap();
    assert!(dead.oom_killed && dead.phase == Phase::Exited);
}

#[tokio::test]
async fn health_follows_the_images_check() {
    let options = Options {
        load: Duration::from_millis(30),
        health_interval: Duration::from_millis(50),
        ..Options::fleet(0, 0)
    };
    let demo = Demo::start(options);
    let docker = dial(&demo).await;
    let mut events = Box::pin(docker.events(None).await.unwrap());
    let id = ready(&docker, &plan("well", &[])).await;
    let seen = events_until(&mut events, |what| matches!(what, What::Health(_))).await;
    assert_eq!(seen.last(), Some(&What::Health(Health::Healthy)));
    let detail = docker.inspect(&id).await.unwrap();
    assert_eq!(detail.health, Some(Health::Healthy));
    assert!(detail.health_output.unwrap().starts_with("localhost:25565 : version=1.21.4 online=0 max=20"));
    assert_eq!(docker.list().await.unwrap()[0].health, Some(Health::Healthy));
}

#[tokio::test]
async fn images_are_pulled_layer_by_layer_and_volumes_kept() {
    let (_demo, docker) = empty().await;
    assert!(docker.image(IMAGE).await.unwrap().is_some());
    assert!(docker.image("itzg/minecraft-server:java8").await.unwrap().is_none());
    let pull: Vec<_> = limited(docker.pull("itzg/minecraft-server:java8").collect()).await;
    let pull: Vec<_> = pull.into_iter().map(Result::unwrap).collect();
    assert!(pull.len() > 20, "{}", pull.len());
    assert!(pull.windows(2).all(|pair| pair[0].done <= pair[1].done));
    let last = pull.last().unwrap();
    assert_eq!((last.layers, last.layers_done), (9, 9));
    assert_eq!(last.total, Some(last.done));
    assert!(docker.image("itzg/minecraft-server:java8").await.unwrap().is_some());
    let labels = BTreeMap::from([("mineclifford.test".to_owned(), "volume".to_owned())]);
    docker.volume_create("world", &labels).await.unwrap();
    docker.volume_create("other", &BTreeMap::new()).await.unwrap();
    assert_eq!(docker.volume("world").await.unwrap().unwrap().labels, labels);
    let found = docker.volumes("mineclifford.test=volume").await.unwrap();
    assert_eq!(found.iter().map(|volume| volume.name.as_str()).collect::<Vec<_>>(), ["world"]);
    docker.volume_remove("world").await.unwrap();
    docker.volume_remove("world").await.unwrap();
    assert!(docker.volume("world").await.unwrap().is_none());
}
