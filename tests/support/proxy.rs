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
}

/// What is waited for.
struct Trap {
    method: &'static str,
    /// A part of the path.
    path: &'static str,
    stop: Stop,
    sprung: Sender<()>,
}

pub struct Proxy {
    pub address: String,
    trap: Arc<Mutex<Option<Trap>>>,
}

impl Proxy {
    /// A socket in `folder` that leads to Docker's own.
    pub fn new(folder: &Path) -> Self {
        let path = folder.join("proxy.sock");
        let listener = UnixListener::bind(&path).expect("a socket");
        let trap = Arc::new(Mutex::new(None));
        let shared = trap.clone();
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let (Ok(client), trap) = (client, shared.clone()) else { return };
                std::thread::spawn(move || pass(&client, &trap));
            }
        });
        Self { address: format!("unix://{}", path.display()), trap }
    }

    /// From now on the first request of this kind is as far as anything comes. Says when that was.
    pub fn stop_at(&self, stop: Stop, method: &'static str, path: &'static str) -> Sprung {
        let (sprung, seen) = channel();
        *self.trap.lock().expect("a trap") = Some(Trap { method, path, stop, sprung });
        Sprung(seen)
    }
}

pub struct Sprung(Receiver<()>);

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

fn pass(client: &UnixStream, trap: &Mutex<Option<Trap>>) {
    let Ok(docker) = UnixStream::connect(docker_socket()) else { return };
    let (Ok(mut from), Ok(mut to)) = (client.try_clone(), docker.try_clone()) else { return };
    let (Ok(mut answers), Ok(mut back)) = (docker.try_clone(), client.try_clone()) else { return };
    let mute = Arc::new(Mutex::new(false));
    let muted = mute.clone();
    std::thread::spawn(move || {
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
        let caught = {
            let mut trap = trap.lock().expect("a trap");
            trap.take_if(|trap| is(&buffer[..read], trap))
        };
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
            None => {
                if to.write_all(&buffer[..read]).is_err() {
                    return;
                }
            }
        }
    }
    let _ = to.shutdown(std::net::Shutdown::Write);
}

fn is(bytes: &[u8], trap: &Trap) -> bool {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(2_000)]).into_owned();
    let mut words = head.split_whitespace();
    // Health checks of whatever else runs here are no calls of the job.
    let fits = |path: &str| path.contains(trap.path) && !path.contains("/exec/");
    words.next() == Some(trap.method) && words.next().is_some_and(fits)
}
