//! The Docker room against a real engine, with the practice image (`crates/practice/image/build.sh` makes it).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, TcpListener};
use std::process::Command;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use jiff::Timestamp;
use mineclifford::docker::{
    Container, Docker, Endpoint, Error, LogPiece, LogQuery, Phase, Plan, PortPlan, Resources, What,
};
use tokio::io::AsyncWriteExt;

const IMAGE: &str = "itzg/minecraft-server:practice";
const LABEL: &str = "mineclifford.test";
/// Every wait of these tests; reached only when something is wrong.
const PATIENCE: Duration = Duration::from_secs(60);

/// One test's things on the engine; removed at its end, also when it fails.
struct Scene {
    docker: Docker,
    name: String,
}

impl Scene {
    async fn new(name: &str) -> Self {
        let name = format!("mctest-{name}-{}-{}", std::process::id(), Timestamp::now().as_millisecond());
        let endpoints = Endpoint::discover(None, &|name| std::env::var(name).ok()).expect("an address");
        let (docker, _) = Docker::connect(&endpoints[0]).await.expect("these tests need a Docker engine");
        let image = docker.image(IMAGE).await.expect("the engine answers");
        assert!(image.is_some(), "{IMAGE} is missing: run crates/practice/image/build.sh");
        Self { docker, name }
    }

    fn labels(&self) -> BTreeMap<String, String> {
        BTreeMap::from([(LABEL.to_owned(), self.name.clone())])
    }

    fn plan(&self) -> Plan {
        let env = [("EULA", "TRUE"), ("PRACTICE_START_SECONDS", "0.1"), ("MEMORY", "64M")];
        Plan {
            name: self.name.clone(),
            image: IMAGE.to_owned(),
            env: env.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            labels: self.labels(),
            volume: format!("{}-data", self.name),
            memory_limit: 256 << 20,
            pids_limit: Some(128),
            restart: false,
            ..Plan::default()
        }
    }

    async fn volume(&self) {
        self.docker.volume_create(&format!("{}-data", self.name), &self.labels()).await.unwrap();
    }

    /// A container that runs, and its id.
    async fn running(&self, plan: &Plan) -> String {
        self.volume().await;
        let id = self.docker.create(plan).await.unwrap();
        self.docker.start(&id).await.unwrap();
        id
    }

    async fn until_phase(&self, id: &str, phase: Phase) {
        let waiting = async {
            while self.docker.inspect(id).await.unwrap().phase != phase {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.expect("the phase is reached");
    }

    /// Reads the log from its beginning until a line holds `words`.
    async fn until_logged(&self, id: &str, words: &str) -> Vec<LogPiece> {
        let log = self.docker.logs(id, LogQuery { follow: true, ..LogQuery::default() });
        until(log, words).await
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        let filter = format!("label={LABEL}={}", self.name);
        let find = |arguments: &[&str]| {
            let output = Command::new("docker").args(arguments).args(["--filter", &filter]).output();
            let output = output.map(|output| output.stdout).unwrap_or_default();
            String::from_utf8_lossy(&output).split_whitespace().map(str::to_owned).collect::<Vec<_>>()
        };
        for id in find(&["ps", "--all", "--quiet"]) {
            let _ = Command::new("docker").args(["rm", "--force", "--volumes", &id]).output();
        }
        for volume in find(&["volume", "ls", "--quiet"]) {
            let _ = Command::new("docker").args(["volume", "rm", "--force", &volume]).output();
        }
    }
}

async fn until(log: impl Stream<Item = Result<LogPiece, Error>>, words: &str) -> Vec<LogPiece> {
    let mut log = std::pin::pin!(log);
    let mut pieces: Vec<LogPiece> = Vec::new();
    let reading = async {
        while let Some(piece) = log.next().await {
            pieces.push(piece.unwrap());
            if text(&pieces[pieces.len().saturating_sub(3)..]).contains(words) {
                return true;
            }
        }
        false
    };
    let found = tokio::time::timeout(PATIENCE, reading).await.unwrap_or(false);
    assert!(found, "{words:?} is not in the log:\n{}", text(&pieces));
    pieces
}

fn text(pieces: &[LogPiece]) -> String {
    pieces.iter().map(|piece| String::from_utf8_lossy(&piece.data).into_owned()).collect()
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[tokio::test]
async fn the_engine_says_what_it_is() {
    let scene = Scene::new("info").await;
    let info = scene.docker.info().await.unwrap();
    assert!(info.name == "Docker" || info.name == "Podman", "{info:?}");
    assert!(!info.version.is_empty() && info.api_version.starts_with("1."), "{info:?}");
    assert!(info.memory_bytes > 0 && info.cpus > 0, "{info:?}");
    scene.docker.ping().await.unwrap();
    let image = scene.docker.image(IMAGE).await.unwrap().unwrap();
    assert!(image.tags.iter().any(|tag| tag == IMAGE) && image.size > 0, "{image:?}");
    assert!(scene.docker.image("mineclifford/no-such:image").await.unwrap().is_none());
}

#[tokio::test]
async fn a_container_lives_and_dies_as_planned() {
    let scene = Scene::new("life").await;
    let docker = &scene.docker;
    let port = free_port();
    let bind: IpAddr = [127, 0, 0, 1].into();
    let plan = Plan {
        ports: vec![PortPlan { container: 25565, udp: false, bind: Some(bind), host: port }],
        nano_cpus: Some(1_500_000_000),
        stop_timeout_seconds: 17,
        ..scene.plan()
    };
    let events = docker.events(None).await.unwrap();
    scene.volume().await;
    let id = docker.create(&plan).await.unwrap();

    let detail = docker.inspect(&id).await.unwrap();
    assert_eq!((detail.id.as_str(), detail.name.as_str()), (id.as_str(), scene.name.as_str()));
    assert_eq!((detail.phase, detail.exit_code, detail.started_at), (Phase::Created, None, None));
    assert_eq!((detail.memory_limit, detail.nano_cpus, detail.pids_limit), (256 << 20, 1_500_000_000, 128));
    assert_eq!((detail.tty, detail.open_stdin, detail.stop_timeout), (false, true, Some(17)));
    assert_eq!(detail.env.get("EULA").map(String::as_str), Some("TRUE"));
    assert_eq!(detail.mounts[0].source_name_or_path, plan.volume);
    assert_eq!(detail.ports[0].host, Some((bind, port)));
    assert_eq!(detail.image, IMAGE);

    docker.start(&id).await.unwrap();
    docker.start(&id).await.expect("one that runs already is fine");
    scene.until_logged(&id, "Done (").await;
    let detail = docker.inspect(&id).await.unwrap();
    assert_eq!(detail.phase, Phase::Running);
    assert!(detail.started_at.is_some() && !detail.addresses.is_empty());
    let listed: Container =
        docker.list().await.unwrap().into_iter().find(|container| container.id == id).unwrap();
    assert_eq!((listed.state, &listed.name, &listed.labels), (Phase::Running, &scene.name, &detail.labels));
    assert!(listed.ports.iter().any(|listed| listed.host == Some((bind, port))), "{listed:?}");
    tokio::net::TcpStream::connect((bind, port)).await.expect("the port is published");

    docker.pause(&id).await.unwrap();
    assert_eq!(docker.inspect(&id).await.unwrap().phase, Phase::Paused);
    assert!(matches!(docker.pause(&id).await, Err(Error::Conflict { .. })));
    docker.unpause(&id).await.unwrap();
    let renamed = format!("{}-b", scene.name);
    docker.rename(&id, &renamed).await.unwrap();
    docker
        .update(&id, &Resources { memory_limit: Some(300 << 20), pids_limit: Some(200), nano_cpus: None })
        .await
        .unwrap();
    let detail = docker.inspect(&renamed).await.unwrap();
    assert_eq!((detail.memory_limit, detail.pids_limit), (300 << 20, 200));
    assert!(matches!(docker.remove(&id, false).await, Err(Error::Conflict { .. })), "it runs");

    docker.stop(&id, Duration::from_secs(20)).await.unwrap();
    docker.stop(&id, Duration::from_secs(20)).await.expect("one that has ended already is fine");
    let detail = docker.inspect(&id).await.unwrap();
    assert_eq!((detail.phase, detail.exit_code), (Phase::Exited, Some(0)));
    assert_eq!(detail.ports[0].host, Some((bind, port)), "the configured port");
    assert!(matches!(docker.kill(&id).await, Err(Error::Conflict { .. })));
    docker.remove(&id, false).await.unwrap();
    docker.remove(&id, true).await.expect("one that is gone already is fine");
    assert!(docker.inspect(&id).await.unwrap_err().is_gone());
    assert!(docker.volume(&plan.volume).await.unwrap().is_some(), "its volume is kept");

    let mut seen = Vec::new();
    let mut events = std::pin::pin!(events);
    while seen.last() != Some(&What::Destroy) {
        let event = tokio::time::timeout(PATIENCE, events.next()).await.unwrap().unwrap().unwrap();
        if event.container == id {
            seen.push(event.what);
        }
    }
    let wanted = [
        What::Create,
        What::Start,
        What::Pause,
        What::Unpause,
        What::Rename { name: renamed },
        What::Update,
        What::Die { exit_code: 0 },
        What::Stop,
        What::Destroy,
    ];
    let mut rest = seen.iter();
    for what in &wanted {
        assert!(rest.any(|seen| seen == what), "{what:?} is missing or out of order in {seen:?}");
    }
}

#[tokio::test]
async fn what_is_typed_reaches_the_server_and_a_dropped_console_leaves_the_input_open() {
    let scene = Scene::new("stdin").await;
    let id = scene.running(&scene.plan()).await;
    scene.until_logged(&id, "Done (").await;
    for words in ["first", "second"] {
        let mut input = scene.docker.stdin(&id).await.unwrap();
        input.write_all(format!("say {words} words\n").as_bytes()).await.unwrap();
        scene.until_logged(&id, &format!("{words} words")).await;
    }
    let mut input = scene.docker.stdin(&id).await.unwrap();
    scene.docker.kill(&id).await.unwrap();
    tokio::time::timeout(PATIENCE, input.closed()).await.expect("the end is noticed");
    let error = input.write_all(b"say too late\n").await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    scene.until_phase(&id, Phase::Exited).await;
    assert_eq!(scene.docker.inspect(&id).await.unwrap().exit_code, Some(137));
    assert!(matches!(scene.docker.stdin(&id).await, Err(Error::Conflict { .. })));
}

#[tokio::test]
async fn a_log_resumes_exactly() {
    let scene = Scene::new("logs").await;
    let mut plan = scene.plan();
    plan.env.insert("PRACTICE_FLOOD".into(), "2000".into());
    plan.env.insert("PRACTICE_LONG_LINE_MB".into(), "1".into());
    let id = scene.running(&plan).await;
    let mut input = scene.docker.stdin(&id).await.unwrap();
    scene.until_logged(&id, "Done (").await;
    input.write_all(b"say the end\n").await.unwrap();
    scene.until_logged(&id, "the end").await;
    scene.docker.stop(&id, Duration::from_secs(20)).await.unwrap();

    let read = async |query: LogQuery| -> Vec<LogPiece> {
        scene.docker.logs(&id, query).map(Result::unwrap).collect().await
    };
    let all = read(LogQuery::default()).await;
    let whole = text(&all);
    assert!(whole.lines().any(|line| line.len() > 1 << 20), "the long line is in one piece");
    assert!(whole.lines().count() > 2000);
    let output = Command::new("docker").args(["logs", &id]).output().unwrap();
    for (stderr, wanted) in [(false, output.stdout), (true, output.stderr)] {
        let pieces: Vec<LogPiece> = all.iter().filter(|piece| piece.stderr == stderr).cloned().collect();
        assert!(text(&pieces).as_bytes() == wanted, "the docker command reads another log");
    }
    assert!(all.windows(2).all(|pair| pair[0].at <= pair[1].at), "times grow");
    // From any piece on: all that came at its time or later, nothing else.
    for at in [0, all.len() / 3, all.len() / 2, all.len() - 1].map(|index| all[index].at) {
        let rest = read(LogQuery { since: Some(at), ..LogQuery::default() }).await;
        let first = all.iter().position(|piece| piece.at >= at).unwrap();
        assert!(rest == all[first..], "since {at}: {} pieces, not {}", rest.len(), all.len() - first);
    }
    let last = read(LogQuery { tail: Some(2), ..LogQuery::default() }).await;
    assert_eq!(text(&last).lines().count(), 2);
    assert!(whole.ends_with(&text(&last)));
    let gone: Vec<_> = scene.docker.logs("mctest-nobody", LogQuery::default()).collect().await;
    assert!(matches!(&gone[..], [Err(error)] if error.is_gone()), "{gone:?}");
}

#[tokio::test]
async fn the_cost_is_measured_until_the_container_ends() {
    let scene = Scene::new("stats").await;
    let id = scene.running(&scene.plan()).await;
    let mut stats = std::pin::pin!(scene.docker.stats(&id));
    let mut last = None;
    for _ in 0..2 {
        let sample = tokio::time::timeout(PATIENCE, stats.next()).await.unwrap().unwrap().unwrap();
        assert!((0.0..=10_000.0).contains(&sample.cpu_percent), "{sample:?}");
        assert!(sample.memory_bytes > 0 && sample.memory_bytes < 256 << 20, "{sample:?}");
        assert_eq!(sample.memory_limit_bytes, 256 << 20);
        assert!(sample.pids > 0);
        assert!(last.is_none_or(|last| last < sample.at));
        last = Some(sample.at);
    }
    scene.docker.kill(&id).await.unwrap();
    let ending = async { while stats.next().await.transpose().unwrap().is_some() {} };
    tokio::time::timeout(PATIENCE, ending).await.expect("the stream ends with the container");
}

#[tokio::test]
async fn commands_run_inside() {
    let scene = Scene::new("exec").await;
    let id = scene.running(&scene.plan()).await;
    scene.until_logged(&id, "Done (").await;
    let run = |command: &'static [&'static str]| scene.docker.exec(&id, command, None, PATIENCE);
    let done = run(&["rcon-cli", "list"]).await.unwrap();
    assert_eq!(done.code, 0, "{done:?}");
    assert!(String::from_utf8_lossy(&done.stdout).contains("players online"), "{done:?}");
    assert!(!done.truncated);
    let missing = run(&["no-such-program"]).await;
    assert!(!matches!(&missing, Ok(done) if done.code == 0), "{missing:?}");
    let late = scene.docker.exec(&id, &["rcon-cli"], None, Duration::ZERO).await;
    assert!(matches!(late, Err(Error::TimedOut { .. })), "{late:?}");
    scene.docker.kill(&id).await.unwrap();
    scene.until_phase(&id, Phase::Exited).await;
    assert!(matches!(run(&["rcon-cli", "list"]).await, Err(Error::Conflict { .. })));
}

fn archive(name: &str, content: &[u8]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(content.len() as u64);
    header.set_mode(0o644);
    header.set_uid(1000);
    header.set_gid(1000);
    builder.append_data(&mut header, name, content).unwrap();
    builder.into_inner().unwrap()
}

#[tokio::test]
async fn files_go_in_and_come_out() {
    let scene = Scene::new("archive").await;
    let docker = &scene.docker;
    scene.volume().await;
    let id = docker.create(&scene.plan()).await.unwrap();
    let content: Vec<u8> =
        (0..5_000_000_u32).flat_map(|n| (n.wrapping_mul(2_654_435_761)).to_le_bytes()).collect();
    let tar = archive("world/level.dat", &content);
    let chunks: Vec<Bytes> = tar.chunks(50_000).map(Bytes::copy_from_slice).collect();
    docker.archive_put(&id, "/data", stream::iter(chunks.into_iter().map(Ok))).await.unwrap();

    let stat = docker.archive_stat(&id, "/data/world/level.dat").await.unwrap().unwrap();
    assert_eq!((stat.name.as_str(), stat.size, stat.mode & 0o777), ("level.dat", 20_000_000, 0o644));
    assert!(docker.archive_stat(&id, "/data/world").await.unwrap().unwrap().is_dir());
    assert!(docker.archive_stat(&id, "/data/nothing here").await.unwrap().is_none());
    assert!(docker.archive_stat("mctest-nobody", "/data").await.unwrap_err().is_gone());

    let mut back = Vec::new();
    let mut stream = std::pin::pin!(docker.archive_get(&id, "/data/world").await.unwrap());
    while let Some(chunk) = stream.next().await {
        back.extend_from_slice(&chunk.unwrap());
    }
    let mut archive = tar::Archive::new(&back[..]);
    let mut entries = archive.entries().unwrap().map(Result::unwrap);
    let mut entry = entries.find(|entry| entry.path().unwrap().ends_with("level.dat")).unwrap();
    assert_eq!(entry.header().uid().unwrap(), 1000);
    let mut found = Vec::new();
    io::Read::read_to_end(&mut entry, &mut found).unwrap();
    assert!(found == content, "the file came back changed");

    assert!(docker.archive_get(&id, "/data/nothing").await.err().unwrap().is_gone());
    let empty = || stream::iter([Ok(Bytes::from(self::archive("x", b"x")))]);
    assert!(docker.archive_put(&id, "/no/such/folder", empty()).await.unwrap_err().is_gone());
    let broken = stream::iter([Ok(Bytes::from(vec![0; 512])), Err(io::Error::other("the disk is gone"))]);
    let error = docker.archive_put(&id, "/data", broken).await.unwrap_err();
    assert!(
        matches!(&error, Error::Input { source } if source.to_string() == "the disk is gone"),
        "{error:?}"
    );
}

#[tokio::test]
async fn volumes_are_found_by_their_label_and_kept_while_in_use() {
    let scene = Scene::new("volume").await;
    let docker = &scene.docker;
    let plan = scene.plan();
    scene.volume().await;
    let id = docker.create(&plan).await.unwrap();
    let found = docker.volumes(&format!("{LABEL}={}", scene.name)).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((&found[0].name, &found[0].labels), (&plan.volume, &scene.labels()));
    assert_eq!(docker.volume(&plan.volume).await.unwrap().as_ref(), Some(&found[0]));
    assert!(matches!(docker.volume_remove(&plan.volume).await, Err(Error::Conflict { .. })));
    docker.remove(&id, true).await.unwrap();
    docker.volume_remove(&plan.volume).await.unwrap();
    docker.volume_remove(&plan.volume).await.expect("one that is gone already is fine");
    assert_eq!(docker.volume(&plan.volume).await.unwrap(), None);
}

#[tokio::test]
async fn refusals_say_what_is_in_the_way() {
    let scene = Scene::new("refusals").await;
    let docker = &scene.docker;
    scene.volume().await;
    let absent = Plan { image: "mineclifford/no-such:image".into(), ..scene.plan() };
    let error = docker.create(&absent).await.unwrap_err();
    assert!(matches!(&error, Error::NoSuchImage { reference } if *reference == absent.image), "{error:?}");
    let taken = TcpListener::bind("0.0.0.0:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let plan = Plan {
        ports: vec![PortPlan { container: 25565, udp: false, bind: None, host: port }],
        ..scene.plan()
    };
    let id = docker.create(&plan).await.unwrap();
    let error = docker.start(&id).await.unwrap_err();
    assert!(matches!(error, Error::PortTaken { port: found } if found == port), "{error:?}");
    assert_eq!(docker.inspect(&id).await.unwrap().phase, Phase::Created);
    let error = docker.create(&plan).await.unwrap_err();
    assert!(matches!(&error, Error::NameTaken { name } if *name == scene.name), "{error:?}");
    for error in [
        docker.start("mctest-nobody").await.unwrap_err(),
        docker.stop("../images", Duration::ZERO).await.unwrap_err(),
        docker.inspect("").await.unwrap_err(),
    ] {
        assert!(error.is_gone(), "{error:?}");
    }
}

#[tokio::test]
async fn nobody_at_the_socket_is_told_apart_from_no_socket_for_us() {
    let nowhere = Endpoint::parse("unix:///nowhere/docker.sock").unwrap();
    assert!(matches!(Docker::connect(&nowhere).await, Err(Error::Absent { .. })));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("docker.sock");
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    assert!(matches!(Docker::connect(&Endpoint::Unix(path)).await, Err(Error::Absent { .. })));
    let port = free_port();
    let closed = Endpoint::parse(&format!("tcp://127.0.0.1:{port}")).unwrap();
    assert!(matches!(Docker::connect(&closed).await, Err(Error::Unreachable { .. })));
}
