//! What whole-program tests share: an engine on the real Docker with the practice image, and a clean end.
#![allow(dead_code, missing_docs, clippy::expect_used, clippy::panic, clippy::unwrap_used)]

use std::{
    collections::BTreeMap,
    process::Command,
    sync::atomic::{AtomicU16, Ordering},
    time::Duration,
};

use mineclifford::{
    docker::Endpoint,
    engine::{BackupSettings, Clock, ConsoleLimits, Engine, From, Handle, Keep, LoopRule, Setup},
    model::{Answer, Fault, HostId, JobId, Memory, Order, Origin, Server, ServerId, Spec, State},
};
use tempfile::TempDir;

/// How long anything may take in a test before the test has failed.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// An engine of its own for one test, and the names of what it makes.
pub struct Bed {
    pub engine: Option<Engine>,
    pub handle: Handle,
    pub folder: TempDir,
    pub prefix: String,
}

/// Ports of tests that run at the same time do not meet: each process begins somewhere else.
static PORT: AtomicU16 = AtomicU16::new(0);

/// A port that is free. Below those that the kernel gives to outgoing connections (32768 and up on Linux), and below those
/// that the program itself looks through: either would take one now and then.
#[track_caller]
pub fn port() -> u16 {
    let base = 10_000 + (std::process::id() % 150) as u16 * 100;
    let next = || base + PORT.fetch_add(1, Ordering::Relaxed) % 100;
    let free = |port: &u16| std::net::TcpListener::bind(("0.0.0.0", *port)).is_ok();
    std::iter::repeat_with(next).take(100).find(free).expect("a free port")
}

pub fn local_docker() -> BTreeMap<HostId, Vec<Endpoint>> {
    let env = |name: &str| std::env::var(name).ok();
    let endpoints = Endpoint::discover(None, &env).expect("a Docker engine for the tests");
    BTreeMap::from([(HostId::local(), endpoints)])
}

pub fn setup(folder: &TempDir) -> Setup {
    Setup {
        keep: Keep::Folder(folder.path().join("data")),
        hosts: local_docker(),
        read_only: false,
        demo: false,
        console: ConsoleLimits { lines: 5_000, bytes: 512 * 1024 },
        loop_rule: LoopRule::default(),
        stop_grace: Duration::from_secs(75),
        live: true,
        first_schedule: false,
        clock: Clock::system(),
        backups: BackupSettings::in_folder(folder.path().join("backups")),
    }
}

impl Bed {
    pub async fn new(name: &str) -> Self {
        Self::with(name, |_| {}).await
    }

    pub async fn with(name: &str, change: impl FnOnce(&mut Setup)) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut setup = setup(&folder);
        change(&mut setup);
        let engine = Engine::start(setup).await.expect("an engine");
        let handle = engine.handle(Origin::CommandLine);
        let prefix = format!("mct{}-{name}", std::process::id());
        let bed = Self { engine: Some(engine), handle, folder, prefix };
        bed.settled().await;
        bed
    }

    /// Ends the engine and starts another on the same folder, as a new run of the program would.
    pub async fn again(&mut self) {
        self.again_with(|_| {}).await;
    }

    pub async fn again_with(&mut self, change: impl FnOnce(&mut Setup)) {
        if let Some(engine) = self.engine.take() {
            engine.shutdown().await;
        }
        let mut setup = setup(&self.folder);
        change(&mut setup);
        let engine = Engine::start(setup).await.expect("an engine");
        self.handle = engine.handle(Origin::CommandLine);
        self.engine = Some(engine);
        self.settled().await;
    }

    async fn settled(&self) {
        within("the first look at Docker", self.handle.wait(|snapshot| snapshot.settled.then_some(())))
            .await
            .expect("an engine");
    }

    /// A small server with a port of its own.
    pub fn spec(&self, name: &str) -> Spec {
        Spec {
            name: format!("{}-{name}", self.prefix),
            memory: Memory::mib(256),
            port: port(),
            eula: true,
            image: Some("itzg/minecraft-server:practice".into()),
            ..Spec::default()
        }
    }

    pub async fn create(&self, spec: Spec) -> Result<ServerId, Fault> {
        let answer = within("a create", self.handle.run_to_end(Order::Create(Box::new(spec)))).await?;
        match answer {
            Answer::Started { server, .. } => Ok(server),
            other => panic!("a create answered {other:?}"),
        }
    }

    /// Creates a server and waits until it can be joined.
    pub async fn ready(&self, spec: Spec) -> ServerId {
        let id = self.create(spec).await.expect("a server");
        self.reaches(id, State::Ready).await;
        id
    }

    pub async fn run(&self, order: Order) -> Result<Answer, Fault> {
        within("a job", self.handle.run_to_end(order)).await
    }

    pub async fn reaches(&self, id: ServerId, state: State) {
        let handle = &self.handle;
        let reached = handle.state(id, |now| now == state);
        if tokio::time::timeout(PATIENCE, reached).await.is_err() {
            let server = handle.now().server(id).cloned();
            panic!("never became {}; it is {server:#?}", state.word());
        }
    }

    pub fn server(&self, id: ServerId) -> std::sync::Arc<Server> {
        self.handle.now().server(id).expect("the server").clone()
    }

    pub fn container(&self, id: ServerId) -> String {
        self.server(id).about.container_id.clone().expect("a container")
    }

    /// Waits until a line of the console holds `text`, from its beginning on.
    pub async fn line(&self, id: ServerId, text: &str) -> String {
        let mut lines = self.handle.watch(id, From::Seq(0)).await.expect("a console");
        let mut seen = Vec::new();
        let search = async {
            while let Some(batch) = lines.recv().await {
                for line in batch.lines.lines() {
                    if line.text.contains(text) {
                        return line.text.to_owned();
                    }
                    seen.push(line.text.to_owned());
                }
            }
            panic!("the console ended");
        };
        match tokio::time::timeout(PATIENCE, search).await {
            Ok(line) => line,
            Err(_) => {
                let seen: Vec<String> = seen.iter().map(|line| line.chars().take(160).collect()).collect();
                panic!("no line holds {text:?}; there were {seen:#?}")
            }
        }
    }
}

impl Drop for Bed {
    fn drop(&mut self) {
        sweep(&self.prefix);
    }
}

/// Removes every container and volume whose name begins so, also after a failure.
pub fn sweep(prefix: &str) {
    let list = docker(&["ps", "-aq", "--filter", &format!("name=^/?{prefix}")]);
    for id in list.split_whitespace() {
        docker(&["rm", "-f", "-v", id]);
    }
    let list = docker(&["volume", "ls", "-q", "--filter", &format!("name={prefix}")]);
    for name in list.split_whitespace() {
        docker(&["volume", "rm", "-f", name]);
    }
}

/// The docker command's output.
pub fn docker(arguments: &[&str]) -> String {
    let output = Command::new("docker").args(arguments).output().expect("the docker command");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

pub async fn within<T>(what: &str, work: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, work).await {
        Ok(done) => done,
        Err(_) => panic!("{what} took longer than {} s", PATIENCE.as_secs()),
    }
}

pub fn job_of(answer: &Answer) -> JobId {
    match answer {
        Answer::Started { job, .. } => *job,
        other => panic!("no job was started: {other:?}"),
    }
}
