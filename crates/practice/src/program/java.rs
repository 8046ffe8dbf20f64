//! The server process: drives the state machine with real sockets, files, signals and a real clock.

use std::io::{BufRead as _, IsTerminal as _, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::UnixListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use practice::clock::Now;
use practice::disk::OsDisk;
use practice::flavour::Family;
use practice::output::{Event, Exit, Output, Port};
use practice::ping::{self, Status};
use practice::rcon::{self, READ_LIMIT, Step};
use practice::sim::{Context, Server};
use signal_hook::consts::{SIGINT, SIGTERM};

/// What reaches the main thread.
enum Message {
    Console(String),
    /// A line and what to drop when it was looked at.
    Practice(String, SyncSender<()>),
    Rcon(String, SyncSender<String>),
    RconOpened(String),
    RconClosed(String),
    Terminate,
}

/// What connection threads may look at without asking the main thread.
#[derive(Default)]
struct Shown {
    status: Option<Status>,
    hangs: bool,
    password: String,
}

type Shared = Arc<Mutex<Shown>>;

/// The most connections of one kind; more are closed at once.
const CONNECTIONS: usize = 256;

fn look<T>(shared: &Shared, read: impl FnOnce(&Shown) -> T) -> T {
    read(&shared.lock().unwrap_or_else(PoisonError::into_inner))
}

/// A thread with a small stack; there may be hundreds.
fn spawn(work: impl FnOnce() + Send + 'static) {
    let _ = thread::Builder::new().stack_size(128 * 1024).spawn(work);
}

/// Runs the server until it ends and returns its exit code.
pub fn run() -> i32 {
    let settings = Arc::new(super::settings());
    let memory = ballast(settings.practice.rss_mb);
    let started = Instant::now();
    let _ = std::fs::write(super::tmp("java.pid"), std::process::id().to_string());
    let (sender, messages) = sync_channel(1024);
    let seed = if settings.practice.seed == 0 { super::seed() } else { settings.practice.seed };
    let prompts = settings.kind().family != Family::Vanilla && std::io::stdout().is_terminal();
    let mut driver = Driver {
        prompts,
        server: Server::new(settings, seed),
        disk: OsDisk::new(super::data()),
        out: Output::new(),
        started,
        sender: sender.clone(),
        shared: Shared::default(),
        waiting: Vec::new(),
        ticket: 0,
    };
    sources(&sender);
    let mut exit = driver.turn(Server::start);
    while exit.is_none() {
        let now = started.elapsed();
        let pause =
            driver.server.next_wake().map_or(Duration::from_secs(3600), |wake| wake.saturating_sub(now));
        exit = match messages.recv_timeout(pause) {
            Ok(message) => driver.take(message),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => driver.turn(Server::wake),
        };
    }
    drop(memory);
    match exit {
        Some(exit) if exit.out_of_memory => exhaust(),
        Some(exit) => exit.code,
        None => 0,
    }
}

struct Driver {
    server: Server,
    disk: OsDisk,
    out: Output,
    started: Instant,
    sender: SyncSender<Message>,
    shared: Shared,
    waiting: Vec<(u64, SyncSender<String>)>,
    ticket: u64,
    prompts: bool,
}

/// What the console library of Paper and Forge makes of log lines on a terminal: the prompt is erased, the line is
/// written with its colour ended, and the prompt comes back.
fn with_prompt(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 64);
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        out.extend_from_slice(b"\r\x1b[K");
        out.extend_from_slice(line.strip_suffix(b"\n").unwrap_or(line));
        out.extend_from_slice(b"\x1b[m\n");
    }
    out.extend_from_slice(b"> ");
    out
}

impl Driver {
    fn take(&mut self, message: Message) -> Option<Exit> {
        match message {
            Message::Console(line) => self.turn(|server, cx| server.console(cx, &line)),
            Message::Practice(line, done) => {
                let exit = self.turn(|server, cx| server.console(cx, &line));
                drop(done);
                exit
            }
            Message::Rcon(line, answer) => {
                self.ticket += 1;
                let ticket = self.ticket;
                self.waiting.push((ticket, answer));
                self.turn(|server, cx| server.rcon(cx, ticket, &line))
            }
            Message::RconOpened(address) => self.turn(|server, cx| server.rcon_opened(cx, &address)),
            Message::RconClosed(address) => self.turn(|server, cx| server.rcon_closed(cx, &address)),
            Message::Terminate => self.turn(Server::terminate),
        }
    }

    /// One call into the server, and everything that it wants done.
    fn turn(&mut self, action: impl FnOnce(&mut Server, &mut Context<'_>)) -> Option<Exit> {
        let now = Now::read(self.started);
        action(&mut self.server, &mut Context { now, disk: &mut self.disk, out: &mut self.out });
        let mut exit = None;
        while !self.out.is_empty() {
            for event in self.out.split_off(0) {
                match event {
                    Event::Stdout(text) if self.prompts => {
                        write(&mut std::io::stdout().lock(), &with_prompt(&text));
                    }
                    Event::Stdout(text) => write(&mut std::io::stdout().lock(), &text),
                    Event::Stderr(text) => write(&mut std::io::stderr().lock(), &text),
                    Event::Listen(port) => self.listen(port, now),
                    Event::RconReply { ticket, text } => self.answer(ticket, text),
                    Event::Exit(end) => exit = Some(end),
                    Event::ExecDone { .. } => {}
                }
            }
        }
        let mut shown = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        shown.status = self.server.status();
        shown.hangs = self.server.hangs();
        if shown.password != self.server.rcon_password() {
            shown.password = self.server.rcon_password().to_owned();
        }
        exit
    }

    fn answer(&mut self, ticket: u64, text: String) {
        if let Some(index) = self.waiting.iter().position(|(waiting, _)| *waiting == ticket) {
            let (_, answer) = self.waiting.swap_remove(index);
            // The client may have gone meanwhile.
            let _ = answer.try_send(text);
        }
    }

    fn listen(&mut self, port: Port, now: Now) {
        let number = match port {
            Port::Game => self.server.game_port(),
            Port::Rcon => self.server.rcon_port(),
        };
        match TcpListener::bind(SocketAddr::from((Ipv4Addr::UNSPECIFIED, number))) {
            Ok(listener) => {
                let (shared, sender) = (Arc::clone(&self.shared), self.sender.clone());
                spawn(move || match port {
                    Port::Game => accept(&listener, move |stream, _| play(stream, &shared)),
                    Port::Rcon => {
                        accept(&listener, move |stream, address| serve(stream, address, &shared, &sender))
                    }
                });
            }
            Err(error) => {
                let reason = match error.kind() {
                    std::io::ErrorKind::AddrInUse => "Address already in use".to_owned(),
                    _ => error.to_string(),
                };
                let mut cx = Context { now, disk: &mut self.disk, out: &mut self.out };
                self.server.bind_failed(&mut cx, port, &reason);
            }
        }
    }
}

fn write(stream: &mut impl std::io::Write, text: &[u8]) {
    // Nobody listening is no reason to stop.
    let _ = stream.write_all(text);
    let _ = stream.flush();
}

/// Console, signals and the private socket.
fn sources(sender: &SyncSender<Message>) {
    let console = sender.clone();
    spawn(move || {
        let mut input = std::io::stdin().lock();
        let mut line = Vec::new();
        // Lines are cut at 64 KiB; the end of the input is harmless.
        while let Ok(1..) = input.by_ref().take(64 * 1024).read_until(b'\n', &mut line) {
            if console.send(Message::Console(String::from_utf8_lossy(&line).into_owned())).is_err() {
                return;
            }
            line.clear();
        }
    });
    if let Ok(mut signals) = signal_hook::iterator::Signals::new([SIGTERM, SIGINT]) {
        let terminate = sender.clone();
        spawn(move || {
            for _ in signals.forever() {
                let _ = terminate.send(Message::Terminate);
            }
        });
    }
    let path = super::tmp("practice.sock");
    let _ = std::fs::remove_file(&path);
    if let Ok(listener) = UnixListener::bind(path) {
        let practice = sender.clone();
        spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let mut line = String::new();
                let _ = std::io::Read::by_ref(&mut stream).take(64 * 1024).read_to_string(&mut line);
                let (done, wait) = sync_channel(1);
                let _ = practice.send(Message::Practice(line.trim().to_owned(), done));
                // Ends when the other side is dropped: the command was looked at.
                let _ = wait.recv();
                let _ = stream.write_all(b"done\n");
            }
        });
    }
}

fn accept(listener: &TcpListener, work: impl Fn(TcpStream, SocketAddr) + Clone + Send + 'static) {
    let open = Arc::new(AtomicUsize::new(0));
    for stream in listener.incoming() {
        let Ok(stream) = stream else {
            thread::sleep(Duration::from_millis(50));
            continue;
        };
        let Ok(address) = stream.peer_addr() else {
            continue;
        };
        if open.load(Ordering::Relaxed) >= CONNECTIONS {
            continue;
        }
        open.fetch_add(1, Ordering::Relaxed);
        let (work, open) = (work.clone(), Arc::clone(&open));
        spawn(move || {
            work(stream, address);
            open.fetch_sub(1, Ordering::Relaxed);
        });
    }
}

/// Stays silent while the process counts as stuck.
fn stuck(shared: &Shared) {
    while look(shared, |shown| shown.hangs) {
        thread::sleep(Duration::from_millis(200));
    }
}

fn play(mut stream: TcpStream, shared: &Shared) {
    let _ = stream.set_nodelay(true);
    let _ = stream.set_read_timeout(Some(Duration::from_secs(30)));
    let mut session = ping::Session::new();
    let mut buffer = [0; 1024];
    while let Ok(count) = stream.read(&mut buffer) {
        stuck(shared);
        let status = look(shared, |shown| shown.status.clone());
        let step = session.read(&buffer[..count], status.as_ref());
        if stream.write_all(&step.write).is_err() || step.close {
            return;
        }
    }
}

fn serve(mut stream: TcpStream, address: SocketAddr, shared: &Shared, sender: &SyncSender<Message>) {
    let name = address.ip().to_string();
    let _ = stream.set_nodelay(true);
    let _ = sender.send(Message::RconOpened(name.clone()));
    let mut session = rcon::Session::new();
    let mut buffer = [0; READ_LIMIT];
    while let Ok(count) = stream.read(&mut buffer) {
        stuck(shared);
        let password = look(shared, |shown| shown.password.clone());
        let sent = match session.read(&buffer[..count], &password) {
            Step::Close => break,
            Step::Write(bytes) => stream.write_all(&bytes),
            Step::Run { id, line } => run_command(&mut stream, id, line, sender),
        };
        if sent.is_err() {
            break;
        }
    }
    let _ = sender.send(Message::RconClosed(name));
}

fn run_command(
    stream: &mut TcpStream,
    id: i32,
    line: String,
    sender: &SyncSender<Message>,
) -> std::io::Result<()> {
    let (answer, wait) = sync_channel(1);
    let gone = || std::io::Error::from(std::io::ErrorKind::BrokenPipe);
    sender.send(Message::Rcon(line, answer)).map_err(|_| gone())?;
    let text = wait.recv().map_err(|_| gone())?;
    rcon::reply(id, &text).iter().try_for_each(|packet| stream.write_all(packet))
}

/// Memory that is really used, so that statistics have something to show.
fn ballast(megabytes: u32) -> Vec<u8> {
    vec![1; usize::try_from(megabytes.min(8192)).unwrap_or(0) << 20]
}

/// Uses memory until the kernel ends it. Without a limit that would hit the whole machine, so then it only dies the
/// same death.
fn exhaust() -> i32 {
    let limit = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"]
        .iter()
        .find_map(|path| std::fs::read_to_string(path).ok()?.trim().parse::<u64>().ok());
    if limit.is_none_or(|limit| limit > 4 << 30) {
        eprintln!("practice: no memory limit below 4 GiB; dying without using any");
        let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
        return 137;
    }
    let mut hoard = Vec::new();
    loop {
        hoard.push(vec![0xA5_u8; 8 << 20]);
        std::hint::black_box(&hoard);
    }
}
