//! An engine made of channels: it obeys at once, remembers what it was asked for, and can be told to refuse.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use clap::Parser;
use jiff::Timestamp;
use tokio::sync::{broadcast, mpsc, watch};

use crate::{
    cli::{
        args::Cli,
        commands,
        exit::Exit,
        io::{Facts, Interrupt, Io},
    },
    engine::{Handle, Request},
    model::{
        About, Answer, Fault, FaultKind, History, Host, HostId, HostState, Job, JobId, JobKind, JobState,
        Order, Origin, Ownership, Players, Progress, Sample, Server, ServerId, Snapshot, Spec, State, Ticks,
        Units, Via,
        console::{Batch, Chunk, Level, LineKind},
    },
};

/// What the fake answers to an order, having changed the world accordingly.
type Script = Box<dyn FnMut(&Order, &mut Snapshot) -> Result<Answer, Fault> + Send>;

pub struct Fake {
    pub handle: Handle,
    pub world: Arc<watch::Sender<Arc<Snapshot>>>,
    pub orders: Arc<Mutex<Vec<Order>>>,
    pub lines: Arc<Mutex<Vec<Chunk>>>,
    /// Kept so that logs do not end by themselves.
    pub watchers: Arc<Mutex<Vec<mpsc::Sender<Batch>>>>,
    /// Whether a log that was sent is followed by an empty batch, or by the end of its channel.
    pub endless: Arc<Mutex<bool>>,
}

impl Fake {
    /// An engine that knows these servers and obeys.
    pub fn with(servers: Vec<Server>) -> Self {
        Self::scripted(servers, obey)
    }

    /// An engine that does as the script says.
    pub fn scripted(
        servers: Vec<Server>,
        script: impl FnMut(&Order, &mut Snapshot) -> Result<Answer, Fault> + Send + 'static,
    ) -> Self {
        let snapshot = Snapshot {
            settled: true,
            hosts: vec![Arc::new(host(HostState::Up))],
            servers: servers.into_iter().map(Arc::new).collect(),
            ..Snapshot::default()
        };
        let (world, receiver) = watch::channel(Arc::new(snapshot));
        let (requests, inbox) = mpsc::channel(16);
        let handle = Handle::new(requests, receiver, broadcast::channel(16).0, Origin::CommandLine);
        let fake = Self {
            handle,
            world: Arc::new(world),
            orders: Arc::default(),
            lines: Arc::default(),
            watchers: Arc::default(),
            endless: Arc::default(),
        };
        tokio::spawn(fake.answering(inbox, Box::new(script)));
        fake
    }

    fn answering(
        &self,
        mut inbox: mpsc::Receiver<Request>,
        mut script: Script,
    ) -> impl Future<Output = ()> + use<> {
        let (world, orders) = (self.world.clone(), self.orders.clone());
        let (lines, watchers, endless) = (self.lines.clone(), self.watchers.clone(), self.endless.clone());
        async move {
            while let Some(request) = inbox.recv().await {
                match request {
                    Request::Run { command, reply } => {
                        assert_eq!(command.origin, Origin::CommandLine);
                        orders.lock().unwrap().push(command.order.clone());
                        let mut answer = None;
                        world.send_modify(|snapshot| {
                            answer = Some(script(&command.order, Arc::make_mut(snapshot)));
                        });
                        let _ = reply.send(answer.unwrap());
                    }
                    Request::Watch { lines: to, .. } => {
                        let kept = lines.lock().unwrap().clone();
                        for chunk in kept {
                            let _ = to.send(Batch { skipped: 0, lines: Arc::new(chunk) }).await;
                        }
                        let stays = *endless.lock().unwrap();
                        if stays {
                            let _ = to.send(Batch { skipped: 0, lines: Arc::default() }).await;
                            watchers.lock().unwrap().push(to);
                        }
                    }
                    Request::History { reply, .. } => drop(reply.send(history())),
                    Request::RunFor { .. }
                    | Request::Admit { .. }
                    | Request::Ticket { .. }
                    | Request::Tally { .. }
                    | Request::Attend { .. }
                    | Request::Verdicts { .. }
                    | Request::Files { .. }
                    | Request::OpenFiles { .. }
                    | Request::NextPiece { .. }
                    | Request::Contents { .. }
                    | Request::Audit { .. } => {}
                    Request::Typed { reply, .. } => drop(reply.send(Vec::new())),
                    Request::RestorePlan { reply, .. } => drop(reply.send(Ok(planned()))),
                }
            }
        }
    }

    /// Changes what the engine knows.
    pub fn change(&self, change: impl FnOnce(&mut Snapshot)) {
        self.world.send_modify(|snapshot| change(Arc::make_mut(snapshot)));
    }

    /// Runs a command line to its end.
    pub async fn run(&self, line: &[&str]) -> Ran {
        self.run_on(line, Facts::default(), "").await
    }

    /// Runs a command line on such streams, with this input.
    pub async fn run_on(&self, line: &[&str], facts: Facts, input: &str) -> Ran {
        let desk = Desk::new(line, facts, input);
        desk.run(&self.handle).await
    }

    /// What it was asked for.
    pub fn asked(&self) -> Vec<Order> {
        self.orders.lock().unwrap().clone()
    }
}

/// Twelve seconds of a server.
fn history() -> History {
    let mut history = History::default();
    for second in 0..12 {
        let sample = Sample {
            at: Timestamp::from_second(1_800_000_000 + second).unwrap(),
            cpu_percent: 12.5,
            memory_bytes: 1 << 30,
            memory_limit_bytes: 2 << 30,
            net_rx_bytes: 1_024 * second.unsigned_abs(),
            net_tx_bytes: 0,
            block_read_bytes: 0,
            block_write_bytes: 0,
            pids: 40,
        };
        history.push(&sample, Some(2), Some(Ticks { took: Some(20.0), rate: None }));
    }
    history
}

/// What it says that a restore would do.
pub fn planned() -> crate::model::backup::RestorePlan {
    crate::model::backup::RestorePlan {
        steps: vec!["A safety backup is made.".into(), "Old and new change places.".into()],
        replaced: vec!["ops.json".into(), "world".into()],
        files: 3,
        bytes: 4_096,
        warnings: vec!["2 of the files may be torn.".into()],
    }
}

/// A command line and the buffers it writes to.
pub struct Desk {
    cli: Cli,
    pub io: Io,
    out: Buffer,
    err: Buffer,
}

impl Desk {
    pub fn new(line: &[&str], facts: Facts, input: &str) -> Self {
        let cli = Cli::try_parse_from(["mineclifford"].iter().chain(line)).unwrap();
        let (out, err) = (Buffer::default(), Buffer::default());
        let io = Io {
            out: Box::new(out.clone()),
            err: Box::new(err.clone()),
            input: Box::new(io::Cursor::new(input.as_bytes().to_vec())),
            facts,
            json: cli.global.json,
            quiet: cli.global.quiet,
            units: Units::default(),
            interrupt: Interrupt::default(),
            keys: None,
        };
        Self { cli, io, out, err }
    }

    /// What is written while it runs.
    pub fn screen(&self) -> Buffer {
        self.out.clone()
    }

    pub async fn run(mut self, handle: &Handle) -> Ran {
        let command = self.cli.command.unwrap();
        let outcome = commands::run(handle, &mut self.io, &command, &Spec::default()).await;
        let exit = self.io.finish(outcome);
        Ran { exit, out: self.out.text(), err: self.err.text() }
    }
}

/// How a command ended and what it wrote.
#[derive(Debug)]
pub struct Ran {
    pub exit: Exit,
    pub out: String,
    pub err: String,
}

impl Ran {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The one error on the error output.
    pub fn error(&self) -> serde_json::Value {
        let value: serde_json::Value =
            serde_json::from_str(&self.err).unwrap_or_else(|error| panic!("{error}: {self:?}"));
        value["error"].clone()
    }
}

/// Memory that is written to.
#[derive(Clone, Default)]
pub struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Buffer {
    /// Waits until this was written.
    pub async fn shows(&self, text: &str) {
        while !self.text().contains(text) {
            tokio::task::yield_now().await;
        }
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A pipe whose reader has gone.
pub struct Closed;

impl Write for Closed {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub fn host(state: HostState) -> Host {
    Host {
        id: HostId::local(),
        endpoint: "unix:///var/run/docker.sock".into(),
        state,
        engine: "Docker 28.2.2".into(),
        memory_bytes: 16 << 30,
        cpus: 8,
        demo: false,
    }
}

pub fn unreachable() -> Fault {
    Fault::new(FaultKind::Unreachable, "Docker does not answer.", "Nothing is known.", "Start Docker.")
}

/// A server with everything known, deterministically.
pub fn server(name: &str, state: State) -> Server {
    let id = ServerId(uuid::Uuid::from_u128(
        name.bytes().fold(7, |sum, byte| u128::wrapping_mul(sum, 31).wrapping_add(u128::from(byte))),
    ));
    let running = state.is_running();
    Server {
        about: Arc::new(About {
            id,
            name: name.into(),
            host: HostId::local(),
            ownership: Ownership::Created,
            spec: Spec { name: name.into(), eula: true, ..Spec::default() },
            container_id: Some(format!("{:0<64}", id.short())),
            container_name: name.into(),
            image: "itzg/minecraft-server:java21".into(),
            version: Some("1.21.4".into()),
            port: Some(25565),
            data: Some(format!("{name}-data")),
            patterns: Default::default(),
            created_at: Timestamp::UNIX_EPOCH,
        }),
        state,
        explanation: None,
        started_at: None,
        players: running.then(|| Arc::new(Players { online: 1, max: 20, names: vec!["alice".into()] })),
        sample: running.then_some(Sample {
            at: Timestamp::UNIX_EPOCH,
            cpu_percent: 12.34,
            memory_bytes: 1 << 30,
            memory_limit_bytes: 5 << 29,
            net_rx_bytes: 1_000,
            net_tx_bytes: 2_000,
            block_read_bytes: 3_000,
            block_write_bytes: 4_000,
            pids: 42,
        }),
        ticks: None,
        restarts: 0,
        via: running.then_some(Via::Stdin),
        job: None,
    }
}

/// Lines of a log, numbered from `first`, written at the epoch.
pub fn lines(first: u64, texts: &[&str]) -> Chunk {
    let mut chunk = Chunk::starting_at(first);
    for text in texts {
        chunk.push(Timestamp::UNIX_EPOCH, Level::Info, LineKind::Output, text);
    }
    chunk
}

pub fn job(kind: JobKind, server: ServerId, state: JobState) -> Job {
    Job {
        id: JobId::new(),
        kind,
        server: Some(server),
        server_name: "survival".into(),
        origin: Origin::CommandLine,
        state,
        progress: Progress::step("working"),
        can_cancel: true,
        started_at: Timestamp::UNIX_EPOCH,
        ended_at: None,
    }
}

/// Adds a job that has ended like this, and the answer that names it.
pub fn ended(
    world: &mut Snapshot,
    kind: JobKind,
    server: ServerId,
    state: JobState,
) -> Result<Answer, Fault> {
    let job = job(kind, server, state);
    let id = job.id;
    world.jobs.push(Arc::new(job));
    Ok(Answer::Started { job: id, server })
}

pub fn set(world: &mut Snapshot, id: ServerId, change: impl FnOnce(&mut Server)) {
    let found = world.servers.iter_mut().find(|server| server.id() == id).unwrap();
    change(Arc::make_mut(found));
}

/// Does as it is told, at once.
pub fn obey(order: &Order, world: &mut Snapshot) -> Result<Answer, Fault> {
    let done = JobState::Done;
    match order {
        Order::Create(spec) => {
            let mut new = server(&spec.name, State::Ready);
            Arc::make_mut(&mut new.about).spec = (**spec).clone();
            let id = new.id();
            world.servers.push(Arc::new(new));
            ended(world, JobKind::Create, id, done)
        }
        Order::Clone { server: _, name, port } => {
            let mut new = server(name, State::Stopped);
            Arc::make_mut(&mut new.about).port = Some(*port);
            let id = new.id();
            world.servers.push(Arc::new(new));
            ended(world, JobKind::Clone, id, done)
        }
        Order::Start(id) | Order::Restart(id) => {
            set(world, *id, |server| server.state = State::Ready);
            ended(world, JobKind::Start, *id, done)
        }
        Order::Stop(id) | Order::Kill(id) => {
            set(world, *id, |server| server.state = State::Stopped);
            ended(world, JobKind::Stop, *id, done)
        }
        Order::Edit(id, changes) => {
            set(world, *id, |server| {
                let about = Arc::make_mut(&mut server.about);
                about.spec = changes.applied_to(&about.spec);
            });
            ended(world, JobKind::Edit, *id, done)
        }
        Order::Rename(id, name) => {
            set(world, *id, |server| Arc::make_mut(&mut server.about).name.clone_from(name));
            Ok(Answer::Done)
        }
        Order::Delete { server, .. } => {
            world.servers.retain(|known| known.id() != *server);
            ended(world, JobKind::Delete, *server, done)
        }
        Order::Forget(id) => {
            world.servers.retain(|known| known.id() != *id);
            Ok(Answer::Done)
        }
        Order::Adopt(id) => {
            set(world, *id, |server| Arc::make_mut(&mut server.about).ownership = Ownership::Adopted);
            ended(world, JobKind::Adopt, *id, done)
        }
        Order::Console { line, .. } => {
            Ok(Answer::Sent { via: Via::Rcon, reply: Some(format!("heard {line}\n\u{1b}[2Jand more")) })
        }
        _ => Ok(Answer::Done),
    }
}
