//! The verbs.

use mineclifford::model::{Changes, FaultKind, Memory, Order, Ownership, State};

use crate::support::{Bed, docker};

fn volume_of(container: &str) -> String {
    docker(&["inspect", "-f", "{{range .Mounts}}{{.Name}}{{end}}", container])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_is_created_commanded_stopped_and_deleted() {
    let bed = Bed::new("life").await;
    let id = bed.ready(bed.spec("a")).await;
    let server = bed.server(id);
    assert_eq!(server.players.as_ref().map(|players| players.online), Some(0));
    assert_eq!(server.about.ownership, Ownership::Created);
    assert_eq!(server.about.port, Some(server.about.spec.port));

    bed.handle
        .run(Order::Console { server: id, line: "say hello".into(), reply: false })
        .await
        .expect("sent");
    bed.line(id, "[Server] hello").await;

    bed.run(Order::Stop(id)).await.expect("stopped");
    assert_eq!(bed.server(id).state, State::Stopped);
    bed.run(Order::Start(id)).await.expect("started");
    bed.reaches(id, State::Ready).await;

    let container = bed.container(id);
    let volume = volume_of(&container);
    bed.run(Order::Delete { server: id, data: false, confirm: None }).await.expect("deleted");
    assert!(bed.handle.now().server(id).is_none());
    assert_eq!(docker(&["ps", "-aq", "--no-trunc", "--filter", &format!("id={container}")]), "");
    assert_eq!(
        docker(&["volume", "ls", "-q", "--filter", &format!("name={volume}")]),
        volume,
        "the world is kept"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_container_is_what_was_asked_for_and_holds_no_secret() {
    let bed = Bed::new("shape").await;
    let mut spec = bed.spec("a");
    spec.memory = Memory::mib(1024);
    spec.cpus = Some(1.5);
    spec.pids_limit = Some(500);
    spec.bind = "127.0.0.1".parse().ok();
    spec.motd = Some("A \"quoted\" motd".into());
    spec.max_players = Some(7);
    let id = bed.ready(spec).await;
    let container = bed.container(id);
    let inspect = |format: &str| docker(&["inspect", "-f", format, &container]);
    assert_eq!(inspect("{{.HostConfig.Memory}}"), Memory::mib(1024 + 384).as_bytes().to_string());
    assert_eq!(inspect("{{.HostConfig.NanoCpus}}"), "1500000000");
    assert_eq!(inspect("{{.HostConfig.PidsLimit}}"), "500");
    assert_eq!(inspect("{{.Config.StopTimeout}}"), "75");
    assert_eq!(inspect("{{.HostConfig.RestartPolicy.Name}}"), "unless-stopped");
    assert_eq!(inspect("{{.Config.OpenStdin}} {{.Config.StdinOnce}} {{.Config.Tty}}"), "true false false");
    assert_eq!(inspect("{{(index (index .NetworkSettings.Ports \"25565/tcp\") 0).HostIp}}"), "127.0.0.1");
    assert_eq!(bed.server(id).players.as_ref().map(|players| players.max), Some(7));

    let password = docker(&["exec", &container, "mc-practice", "cat", "/mineclifford/rcon-password"]);
    assert_eq!(password.trim().len(), 32);
    assert!(!docker(&["inspect", &container]).contains(password.trim()), "docker inspect shows the password");
    assert!(!docker(&["top", &container]).contains(password.trim()));
    assert!(!format!("{:?}", bed.handle.now()).contains(password.trim()), "the snapshot holds the password");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_makes_the_container_anew_and_keeps_the_data() {
    let bed = Bed::new("edit").await;
    let id = bed.ready(bed.spec("a")).await;
    let before = bed.container(id);
    let seed = docker(&["exec", &before, "mc-practice", "hash", "/data/world/session.lock"]);
    let changes =
        Changes { motd: Some(Some("changed".into())), max_players: Some(Some(3)), ..Changes::default() };
    bed.run(Order::Edit(id, Box::new(changes.clone()))).await.expect("edited");
    bed.reaches(id, State::Ready).await;
    let after = bed.container(id);
    assert_ne!(before, after);
    assert_eq!(docker(&["exec", &after, "mc-practice", "hash", "/data/world/session.lock"]), seed);
    assert_eq!(bed.server(id).about.spec.motd.as_deref(), Some("changed"));
    assert_eq!(docker(&["ps", "-aq", "--filter", &format!("name={}", bed.prefix)]).lines().count(), 1);
    // The same again changes nothing, and makes nothing.
    bed.run(Order::Edit(id, Box::new(changes))).await.expect("nothing to do");
    assert_eq!(bed.container(id), after);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_that_cannot_work_leaves_the_server_running_as_it_was() {
    let bed = Bed::new("noedit").await;
    let id = bed.ready(bed.spec("a")).await;
    let before = bed.container(id);
    let changes = Changes { image: Some(Some("localhost:1/nothing/here:1".into())), ..Changes::default() };
    let fault = bed.run(Order::Edit(id, Box::new(changes))).await.expect_err("no such image");
    assert!(!fault.next.is_empty(), "{fault:?}");
    assert_eq!(bed.container(id), before);
    bed.reaches(id, State::Ready).await;
    assert_eq!(bed.server(id).about.spec.image.as_deref(), Some("itzg/minecraft-server:practice"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_was_free_when_asked_and_is_not_any_more() {
    let bed = Bed::new("portedit").await;
    let a = bed.ready(bed.spec("a")).await;
    let b = bed.ready(bed.spec("b")).await;
    let port = bed.server(a).about.spec.port;
    let changes = Changes { port: Some(port), ..Changes::default() };
    let fault = bed.run(Order::Edit(b, Box::new(changes))).await.expect_err("taken");
    assert_eq!((fault.kind, fault.field.as_deref()), (FaultKind::Conflict, Some("port")));
    assert!(fault.what.contains(&bed.server(a).about.container_name), "{fault}");
    assert_eq!(bed.server(b).state, State::Ready, "nothing was touched");
}

#[tokio::test(flavor = "multi_thread")]
async fn renamed_running_and_stopped() {
    let bed = Bed::new("name").await;
    let id = bed.ready(bed.spec("old")).await;
    let other = bed.create(bed.spec("other")).await.expect("another");
    let new = format!("{}-new", bed.prefix);
    bed.run(Order::Rename(id, new.clone())).await.expect("renamed");
    assert_eq!(bed.server(id).name(), new);
    assert_eq!(docker(&["inspect", "-f", "{{.Name}}", &bed.container(id)]), format!("/{new}"));
    let fault = bed.run(Order::Rename(other, new.clone())).await.expect_err("taken");
    assert_eq!((fault.kind, fault.field.as_deref()), (FaultKind::Conflict, Some("name")));
    let fault = bed.run(Order::Rename(id, "../x".into())).await.expect_err("a bad name");
    assert_eq!(fault.kind, FaultKind::Invalid);
}

#[tokio::test(flavor = "multi_thread")]
async fn data_goes_only_when_its_name_was_typed() {
    let bed = Bed::new("data").await;
    let id = bed.ready(bed.spec("a")).await;
    let volume = volume_of(&bed.container(id));
    for confirm in [None, Some("yes".to_owned())] {
        let order = Order::Delete { server: id, data: true, confirm };
        assert_eq!(bed.run(order).await.expect_err("not confirmed").kind, FaultKind::Invalid);
    }
    assert_eq!(bed.server(id).state, State::Ready);
    let confirm = Some(bed.server(id).name().to_owned());
    bed.run(Order::Delete { server: id, data: true, confirm }).await.expect("deleted");
    assert_eq!(docker(&["volume", "ls", "-q", "--filter", &format!("name={volume}")]), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_world_that_was_kept_can_be_used_again() {
    let bed = Bed::new("again").await;
    let id = bed.ready(bed.spec("a")).await;
    let container = bed.container(id);
    let volume = volume_of(&container);
    let server = bed.server(id);
    bed.handle.run(Order::Console { server: id, line: "seed".into(), reply: false }).await.expect("sent");
    let seed = bed.line(id, "Seed: ").await;
    bed.run(Order::Delete { server: id, data: false, confirm: None }).await.expect("deleted");
    let mut spec = bed.spec("b");
    spec.volume = Some(volume);
    let again = bed.ready(spec).await;
    bed.handle.run(Order::Console { server: again, line: "seed".into(), reply: false }).await.expect("sent");
    let number = |line: &str| line.split("Seed: ").nth(1).map(str::to_owned);
    assert_eq!(number(&bed.line(again, "Seed: ").await), number(&seed), "{}", server.name());
    let mut spec = bed.spec("c");
    spec.volume = Some(format!("{}-nothing", bed.prefix));
    assert_eq!(bed.create(spec).await.expect_err("no volume").field.as_deref(), Some("volume"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clone_has_the_same_world_and_its_own_life() {
    let bed = Bed::new("clone").await;
    let id = bed.ready(bed.spec("a")).await;
    let name = format!("{}-copy", bed.prefix);
    let order = |port| Order::Clone { server: id, name: name.clone(), port };
    assert_eq!(bed.run(order(0)).await.expect_err("running").kind, FaultKind::Conflict);
    bed.run(Order::Stop(id)).await.expect("stopped");
    bed.run(order(crate::support::port())).await.expect("cloned");
    let copy = bed.handle.now().find(&name).expect("the copy").id();
    bed.reaches(copy, State::Ready).await;
    bed.run(Order::Start(id)).await.expect("started");
    bed.reaches(id, State::Ready).await;
    let seed = async |server| {
        bed.handle.run(Order::Console { server, line: "seed".into(), reply: false }).await.expect("sent");
        bed.line(server, "Seed: ").await.split("Seed: ").nth(1).map(str::to_owned)
    };
    assert_eq!(seed(id).await, seed(copy).await);
    assert_ne!(volume_of(&bed.container(id)), volume_of(&bed.container(copy)));
    let owner = docker(&["exec", &bed.container(copy), "mc-practice", "ls", "/data"]);
    assert!(owner.contains("world"), "{owner}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_free_port_is_found_and_two_creates_at_once_do_not_meet() {
    let bed = Bed::new("free").await;
    let mut one = bed.spec("a");
    let mut two = bed.spec("b");
    (one.port, two.port) = (0, 0);
    let (one, two) = tokio::join!(bed.create(one), bed.create(two));
    let (one, two) = (bed.server(one.expect("one")), bed.server(two.expect("two")));
    assert!(one.about.port.is_some_and(|port| port >= 25565), "{:?}", one.about.port);
    assert_ne!(one.about.port, two.about.port);
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_stays_ended_and_restarted_is_another_run() {
    let bed = Bed::new("kill").await;
    let id = bed.ready(bed.spec("a")).await;
    let first = bed.server(id).started_at.expect("running");
    bed.run(Order::Restart(id)).await.expect("restarted");
    bed.reaches(id, State::Ready).await;
    assert!(bed.server(id).started_at.expect("running") > first);
    bed.run(Order::Kill(id)).await.expect("killed");
    assert_eq!(bed.server(id).state, State::Stopped);
    assert_eq!(bed.run(Order::Kill(id)).await.expect_err("not running").kind, FaultKind::Conflict);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_that_is_ignored_can_be_cut_short_by_a_kill() {
    let bed = Bed::new("deaf").await;
    let mut spec = bed.spec("a");
    spec.env.insert("PRACTICE_FAIL".into(), "ignore-stop".into());
    let id = bed.ready(spec).await;
    let stop = bed.handle.run(Order::Stop(id)).await.expect("a stop");
    bed.reaches(id, State::Stopping).await;
    assert_eq!(bed.handle.run(Order::Start(id)).await.expect_err("busy").kind, FaultKind::Conflict);
    bed.run(Order::Kill(id)).await.expect("killed");
    bed.handle.job_end(crate::support::job_of(&stop)).await.expect("the stop has what it wanted");
    assert_eq!(bed.server(id).state, State::Stopped);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_before_the_server_is_there_reaches_it_when_it_comes() {
    let bed = Bed::new("early").await;
    let mut spec = bed.spec("a");
    spec.env.insert("PRACTICE_PREPARE_SECONDS".into(), "3".into());
    let id = bed.create(spec).await.expect("a server");
    bed.run(Order::Stop(id)).await.expect("stopped");
    assert_eq!(bed.server(id).state, State::Stopped);
    let container = bed.container(id);
    let exit = docker(&["inspect", "-f", "{{.State.ExitCode}}", &container]);
    assert_eq!(exit, "0", "it ended by itself and was not killed");
    let log = docker(&["logs", &container]);
    assert!(log.contains("gracefully stopping server..."), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_only_engine_changes_nothing() {
    let bed = Bed::with("readonly", |setup| setup.read_only = true).await;
    let fault = bed.create(bed.spec("a")).await.expect_err("read-only");
    assert_eq!(fault.kind, FaultKind::Denied);
    assert_eq!(docker(&["ps", "-aq", "--filter", &format!("name={}", bed.prefix)]), "");
}
