//! Servers that go wrong, and things that are taken away from under the engine.

use std::time::Duration;

use mineclifford::{
    engine::LoopRule,
    model::{FaultKind, Memory, Order, Spec, State},
};

use crate::support::{Bed, docker, job_of, within};

fn failing(bed: &Bed, name: &str, fail: &str) -> Spec {
    let mut spec = bed.spec(name);
    spec.env.insert("PRACTICE_FAIL".into(), fail.into());
    spec
}

/// Creates a server that loops, and returns why it was stopped.
async fn looping(bed: &Bed, spec: Spec) -> mineclifford::model::Explanation {
    let id = bed.create(spec).await.expect("made");
    bed.reaches(id, State::Looping).await;
    let server = bed.server(id);
    let container = bed.container(id);
    assert_eq!(
        docker(&["inspect", "-f", "{{.State.Running}} {{.State.Restarting}}", &container]),
        "false false"
    );
    (**server.explanation.as_ref().expect("an explanation")).clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn loops_of_every_kind_are_stopped_and_explained() {
    let bed = Bed::with("loop", |setup| {
        setup.loop_rule = LoopRule { exits: 3, life: Duration::from_secs(600) };
    })
    .await;
    let mut no_java = failing(&bed, "java", "wrong-java");
    no_java.memory = Memory::mib(512);
    let cases = [
        (failing(&bed, "clean", "crash:0.5:0"), "crash"),
        (failing(&bed, "bind", "bind"), "port"),
        (failing(&bed, "heap", "heap"), "oom_heap"),
        (no_java, "java"),
    ];
    for (spec, code) in cases {
        let name = spec.name.clone();
        let explanation = looping(&bed, spec).await;
        assert_eq!(explanation.code, code, "{name}: {explanation:?}");
        assert!(explanation.what.contains("3 times in a row"), "{explanation:?}");
        assert!(!explanation.next.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_loop_that_ends_in_want_of_memory_is_told_as_that() {
    let bed = Bed::with("oom", |setup| setup.loop_rule.exits = 2).await;
    let explanation = looping(&bed, failing(&bed, "a", "oom:0.2")).await;
    assert_eq!(explanation.code, "oom_container", "{explanation:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_looping_server_starts_again_when_a_person_wants_it() {
    let bed = Bed::with("unloop", |setup| setup.loop_rule.exits = 2).await;
    let mut spec = failing(&bed, "a", "crash:0.3:1");
    spec.env.insert("PRACTICE_FAIL_TIMES".into(), "2".into());
    let name = spec.name.clone();
    looping(&bed, spec).await;
    let id = bed.handle.now().find(&name).expect("there").id();
    bed.run(Order::Start(id)).await.expect("started");
    bed.reaches(id, State::Ready).await;
    assert!(bed.server(id).explanation.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_crash_is_told_and_docker_brings_it_back() {
    let bed = Bed::new("crash").await;
    let mut spec = failing(&bed, "a", "crash:1:1");
    spec.env.insert("PRACTICE_FAIL_TIMES".into(), "1".into());
    let mut events = bed.handle.events();
    let id = bed.create(spec).await.expect("made");
    let told = async {
        loop {
            if let Ok(mineclifford::model::Event::Notice(notice)) = events.recv().await
                && notice.server == Some(id)
                && notice.text.contains("crashed")
            {
                return notice;
            }
        }
    };
    let notice = within("a notice", told).await;
    assert!(!notice.details.is_empty(), "{notice:?}");
    // The word of the crash may be faster than the list that shows it.
    let back = bed.handle.wait(|snapshot| {
        snapshot.server(id).filter(|server| server.restarts == 1 && server.state == State::Ready).map(drop)
    });
    within("the server's return", back).await.expect("an engine");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_eula_nothing_is_made() {
    let bed = Bed::new("eula").await;
    let spec = Spec { eula: false, ..bed.spec("a") };
    let fault = bed.create(spec).await.expect_err("not accepted");
    assert_eq!((fault.kind, fault.field.as_deref()), (FaultKind::Invalid, Some("eula")));
    assert_eq!(docker(&["ps", "-aq", "--filter", &format!("name={}", bed.prefix)]), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_made_leaves_nothing_behind() {
    let bed = Bed::new("undo").await;
    let taken = bed.ready(bed.spec("taken")).await;
    let taken = bed.server(taken);
    let bad = [
        (Spec { image: Some("localhost:1/nothing/here:1".into()), ..bed.spec("image") }, None),
        (Spec { port: taken.about.spec.port, ..bed.spec("port") }, Some("port")),
        (Spec { name: taken.name().to_owned(), ..bed.spec("x") }, Some("name")),
        (Spec { memory: Memory::mib(900_000), ..bed.spec("memory") }, Some("memory")),
        (Spec { name: "a\u{1b}[31mb".into(), ..bed.spec("x") }, Some("name")),
        (Spec { cpus: Some(1_000.0), ..bed.spec("cpus") }, Some("cpus")),
    ];
    for (spec, field) in bad {
        let fault = bed.create(spec.clone()).await.expect_err("cannot be made");
        assert_eq!(fault.field.as_deref(), field, "{}: {fault}", spec.name.escape_debug());
        assert!(!fault.what.is_empty() && !fault.next.is_empty(), "{fault:?}");
    }
    let mine = |servers: &[std::sync::Arc<mineclifford::model::Server>]| {
        servers.iter().filter(|server| server.name().starts_with(&bed.prefix)).count()
    };
    assert_eq!(mine(&bed.handle.now().servers), 1);
    assert_eq!(docker(&["ps", "-aq", "--filter", &format!("name={}", bed.prefix)]).lines().count(), 1);
    assert_eq!(
        docker(&["volume", "ls", "-q", "--filter", &format!("name={}", bed.prefix)]).lines().count(),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_that_is_killed_or_removed_from_outside_is_seen() {
    let bed = Bed::new("outside").await;
    let id = bed.ready(bed.spec("a")).await;
    docker(&["kill", &bed.container(id)]);
    bed.reaches(id, State::Stopped).await;
    docker(&["start", &bed.container(id)]);
    bed.reaches(id, State::Ready).await;
    docker(&["pause", &bed.container(id)]);
    bed.reaches(id, State::Paused).await;
    bed.run(Order::Start(id)).await.expect("thawed");
    bed.reaches(id, State::Ready).await;
    docker(&["rm", "-f", &bed.container(id)]);
    bed.reaches(id, State::Missing).await;
    assert_eq!(bed.run(Order::Start(id)).await.expect_err("gone").kind, FaultKind::NotFound);
    bed.run(Order::Forget(id)).await.expect("forgotten");
    assert!(bed.handle.now().server(id).is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_child_killed_from_outside_is_a_crash_and_comes_back() {
    let bed = Bed::new("child").await;
    let id = bed.ready(bed.spec("a")).await;
    let pid = docker(&["top", &bed.container(id), "-o", "pid,comm"]);
    let java = pid.lines().skip(1).last().and_then(|line| line.split_whitespace().next()).expect("a process");
    assert!(std::process::Command::new("kill").args(["-9", java]).status().expect("kill").success());
    // Docker is quick to bring it back: a snapshot that shows it as crashed may be overtaken by the next one.
    let told = bed.handle.wait(|now| now.server(id).filter(|server| server.restarts == 1).map(|_| ()));
    within("the crash", told).await.expect("an engine");
    bed.reaches(id, State::Ready).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn never_ready_is_never_shown_as_ready() {
    let bed = Bed::new("never").await;
    let id = bed.create(failing(&bed, "a", "never-ready")).await.expect("made");
    let seen = bed.handle.state(id, |state| state == State::Ready);
    assert!(tokio::time::timeout(Duration::from_secs(5), seen).await.is_err(), "{:?}", bed.server(id));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_create_that_is_cancelled_leaves_nothing() {
    let bed = Bed::new("cancel").await;
    // An address of this machine that takes connections and never answers: a pull that hangs.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = silent.local_addr().expect("an address");
    let spec = Spec { image: Some(format!("{address}/slow/image:1")), ..bed.spec("a") };
    let answer = bed.handle.run(Order::Create(Box::new(spec))).await.expect("begun");
    let job = job_of(&answer);
    let mineclifford::model::Answer::Started { server, .. } = answer else { unreachable!() };
    bed.reaches(server, State::Pulling).await;
    bed.handle.run(Order::Cancel(job)).await.expect("cancelled");
    let fault = within("the end", bed.handle.job_end(job)).await.expect_err("cancelled");
    assert_eq!(fault.kind, FaultKind::Cancelled);
    assert!(bed.handle.now().server(server).is_none());
    assert_eq!(docker(&["volume", "ls", "-q", "--filter", &format!("name={}", bed.prefix)]), "");
}
