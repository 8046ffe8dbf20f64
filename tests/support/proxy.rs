//! A way to Docker that stops in the middle: everything passes, until a request that is waited for comes by.
#![allow(dead_code, missing_docs)]

use std::{
    io::{Read, Write},
    os::unix::net::{UnixListener, UnixStream},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, Sender, channel},
    },
    time::Duration,
};

/// Where the way ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stop {
    /// Docker does not hear the request.
    Before,
    /// Docker does what is asked, and its answer does not come back.
    After,
    /// Nothing is lost: it waits until it is let on.
    Held,
}

/// What is waited for.
struct Trap {
    call: Call,
    stop: Stop,
    sprung: Sender<()>,
    on: Receiver<()>,
}

enum Call {
    /// The first with this method and this in its path.
    Like(&'static str, &'static str),
    /// The one that comes after so many that change something, or read a server's files.
    After(usize),
    /// The one that comes after this was said.
    Saying(&'static str),
}

/// What came by that changes something, or reads a server's files: its method and path.
pub type Calls = Arc<Mutex<Vec<String>>>;

pub struct Proxy {
    pub address: String,
    trap: Arc<Mutex<Option<Trap>>>,
    /// What came by since [`Proxy::count`].
    calls: Calls,
}

impl Proxy {
    /// A socket in `folder` that leads to Docker's own.
    pub fn new(folder: &Path) -> Self {
        let path = folder.join("proxy.sock");
        let listener = UnixListener::bind(&path).expect("a socket");
        let trap = Arc::new(Mutex::new(None));
        let (shared, calls) = (trap.clone(), Calls::default());
        let noted = calls.clone();
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let (Ok(client), trap, calls) = (client, shared.clone(), noted.clone()) else { return };
                std::thread::spawn(move || pass(&client, &trap, &calls));
            }
        });
        Self { address: format!("unix://{}", path.display()), trap, calls }
    }

    /// From now on the first request of this kind is as far as anything comes. Says when that was.
    pub fn stop_at(&self, stop: Stop, method: &'static str, path: &'static str) -> Sprung {
        self.set(stop, Call::Like(method, path))
    }

    /// The same for the call that comes after so many others that count.
    pub fn stop_after(&self, stop: Stop, calls: usize) -> Sprung {
        self.set(stop, Call::After(calls))
    }

    /// The same for the call that comes after one with this in it.
    pub fn stop_after_saying(&self, stop: Stop, words: &'static str) -> Sprung {
        self.set(stop, Call::Saying(words))
    }

    fn set(&self, stop: Stop, call: Call) -> Sprung {
        let ((sprung, seen), (let_on, on)) = (channel(), channel());
        *self.trap.lock().expect("a trap") = Some(Trap { call, stop, sprung, on });
        Sprung(seen, let_on)
    }

    /// No request is waited for any more.
    pub fn disarm(&self) {
        *self.trap.lock().expect("a trap") = None;
    }

    /// What came by since the last time that this was asked.
    pub fn count(&self) -> Vec<String> {
        std::mem::take(&mut *self.calls.lock().expect("a list"))
    }
}

/// Dropping it lets on what is held.
pub struct Sprung(Receiver<()>, #[allow(unused)] Sender<()>);

impl Sprung {
    /// Whether it sprang within so long.
    pub fn within(&self, time: Duration) -> bool {
        self.0.recv_timeout(time).is_ok()
    }
}

/// Docker's socket, as the tests' own `docker` command finds it.
pub fn docker_socket() -> PathBuf {
    let named = std::env::var("DOCKER_HOST").ok();
    let named = named.as_deref().and_then(|host| host.strip_prefix("unix://"));
    PathBuf::from(named.unwrap_or("/var/run/docker.sock"))
}

fn pass(client: &UnixStream, trap: &Mutex<Option<Trap>>, calls: &Calls) {
    let Ok(docker) = UnixStream::connect(docker_socket()) else { return };
    pass_on(client, &docker, trap, calls);
    // A program that is gone has no connections: Docker must not wait for the rest of an upload, with the container locked.
    let _ = docker.shutdown(std::net::Shutdown::Both);
}

fn pass_on(client: &UnixStream, docker: &UnixStream, trap: &Mutex<Option<Trap>>, calls: &Calls) {
    let (Ok(mut from), Ok(mut to)) = (client.try_clone(), docker.try_clone()) else { return };
    let (Ok(mut answers), Ok(mut back)) = (docker.try_clone(), client.try_clone()) else { return };
    let mute = Arc::new(Mutex::new(false));
    let muted = mute.clone();
    let answered = std::thread::spawn(move || {
        let mut buffer = [0; 64 * 1024];
        while let Ok(read @ 1..) = answers.read(&mut buffer) {
            if *muted.lock().expect("a flag") || back.write_all(&buffer[..read]).is_err() {
                return;
            }
        }
        let _ = back.shutdown(std::net::Shutdown::Write);
    });
    let mut buffer = [0; 64 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        // One request is answered before the next is written, so that a head stands at the beginning.
        let (caught, name) = {
            let (mut trap, call) = (trap.lock().expect("a trap"), counted(&buffer[..read]));
            (trap.take_if(|trap| is(&buffer[..read], call.is_some(), trap)), call)
        };
        calls.lock().expect("a list").extend(name);
        match caught {
            Some(Trap { stop: Stop::Before, sprung, .. }) => {
                let _ = sprung.send(());
                // The connection stays open and silent until the program is gone.
                let _ = from.read_to_end(&mut Vec::new());
                return;
            }
            Some(Trap { stop: Stop::After, sprung, .. }) => {
                *mute.lock().expect("a flag") = true;
                if to.write_all(&buffer[..read]).is_err() {
                    return;
                }
                // What belongs to the request may follow in further pieces.
                let _ = from.set_read_timeout(Some(std::time::Duration::from_millis(200)));
                while let Ok(read @ 1..) = from.read(&mut buffer) {
                    let _ = to.write_all(&buffer[..read]);
                }
                let _ = sprung.send(());
                let _ = from.set_read_timeout(None);
                let _ = from.read_to_end(&mut Vec::new());
                return;
            }
            held => {
                if let Some(Trap { sprung, on, .. }) = held {
                    let _ = sprung.send(());
                    let _ = on.recv();
                }
                if to.write_all(&buffer[..read]).is_err() {
                    return;
                }
            }
        }
    }
    let _ = to.shutdown(std::net::Shutdown::Write);
    // The answer to the last request may still be on its way.
    let _ = answered.join();
}

fn is(bytes: &[u8], counts: bool, trap: &mut Trap) -> bool {
    match &mut trap.call {
        // Health checks of whatever else runs here are no calls of the job.
        Call::Like(method, path) => request(bytes)
            .is_some_and(|(found, at)| found == *method && at.contains(*path) && !at.contains("/exec/")),
        Call::Saying(words) => {
            if bytes.windows(words.len()).any(|part| part == words.as_bytes()) {
                trap.call = Call::After(0);
            }
            false
        }
        Call::After(0) => counts,
        Call::After(left) => {
            *left -= usize::from(counts);
            false
        }
    }
}

/// The method and path of a request that begins here.
fn request(bytes: &[u8]) -> Option<(String, String)> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(2_000)]).into_owned();
    let mut words = head.split_whitespace();
    let (method, path) = (words.next()?, words.next()?);
    matches!(method, "GET" | "HEAD" | "POST" | "PUT" | "DELETE").then(|| (method.into(), path.into()))
}

/// A request that changes something, or reads a server's files, without what differs from run to run.
fn counted(bytes: &[u8]) -> Option<String> {
    let (method, path) = request(bytes).filter(|(_, path)| path.starts_with('/'))?;
    let path = path.split('?').next().unwrap_or_default();
    let kind = path.rsplit('/').next().unwrap_or_default();
    let counts = match method.as_str() {
        "GET" => kind == "archive",
        "POST" => kind != "attach",
        method => matches!(method, "PUT" | "DELETE"),
    };
    let kind = if kind.len() >= 32 { "container" } else { kind };
    counts.then(|| format!("{method} {kind}"))
}
