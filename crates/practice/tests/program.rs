//! The program as real processes with real files and sockets, outside a container.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// Far longer than anything takes; only a failure waits for it.
const PATIENCE: Duration = Duration::from_secs(30);

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

struct Server {
    folder: PathBuf,
    own_folder: bool,
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
    rcon: u16,
}

impl Server {
    fn start(name: &str, env: &[(&str, &str)]) -> Self {
        let folder = std::env::temp_dir().join(format!("practice-{name}-{}", std::process::id()));
        Self::start_in(folder, true, "data", env)
    }

    fn start_in(folder: PathBuf, own_folder: bool, tmp: &str, env: &[(&str, &str)]) -> Self {
        std::fs::create_dir_all(folder.join("data")).unwrap();
        std::fs::create_dir_all(folder.join(tmp)).unwrap();
        let (game, rcon) = (free_port(), free_port());
        let mut command = applet(&folder, tmp, "start");
        command.env("EULA", "true").env("VERSION", "1.21.4").env("SERVER_PORT", game.to_string());
        command.env("RCON_PORT", rcon.to_string()).envs(env.iter().copied());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut child = command.spawn().unwrap();
        let stdin = child.stdin.take();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Self { folder, own_folder, child, stdin, lines, rcon }
    }

    fn line(&self, wanted: &str) -> String {
        let mut seen = String::new();
        while let Ok(line) = self.lines.recv_timeout(PATIENCE) {
            if line.contains(wanted) {
                return line;
            }
            seen += &(line + "\n");
        }
        panic!("'{wanted}' was never written:\n{seen}");
    }

    fn ready(name: &str, env: &[(&str, &str)]) -> Self {
        let server = Self::start(name, env);
        server.line("RCON running on");
        server
    }

    fn tool(&self, words: &[&str]) -> (String, Option<i32>) {
        let output = applet(&self.folder, "data", words[0]).args(&words[1..]).output().unwrap();
        (String::from_utf8_lossy(&output.stdout).into_owned(), output.status.code())
    }

    fn type_line(&mut self, line: &str) {
        self.stdin.as_mut().unwrap().write_all(format!("{line}\n").as_bytes()).unwrap();
    }

    fn terminate(&self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            let _ = applet(&self.folder, "data", "mc-practice").args(["signal", "KILL"]).output();
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
        if self.own_folder {
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }
}

/// The program as one of its applets. It keeps the user it has: UID and GID are its own.
fn applet(folder: &Path, tmp: &str, name: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_practice"));
    command.arg(name).env("PRACTICE_DATA", folder.join("data")).env("PRACTICE_TMP", folder.join(tmp));
    command.env("UID", rustix::process::getuid().as_raw().to_string());
    command.env("GID", rustix::process::getgid().as_raw().to_string());
    command
}

fn exchange(stream: &mut TcpStream, bytes: &[u8]) -> Vec<u8> {
    stream.write_all(bytes).unwrap();
    let mut buffer = [0; 4096];
    let count = stream.read(&mut buffer).unwrap();
    buffer[..count].to_vec()
}

#[test]
fn console_tools_and_a_graceful_stop() {
    let mut server = Server::ready("life", &[("CREATE_CONSOLE_IN_PIPE", "true")]);
    server.type_line("say hello");
    assert!(server.line("hello").ends_with("[Server thread/INFO]: [Not Secure] [Server] hello"));
    assert_eq!(server.tool(&["mc-practice", "join", "Steve"]).1, Some(0));
    assert_eq!(
        server.tool(&["rcon-cli", "list"]),
        ("There are 1 of a max of 20 players online: Steve\n".to_owned(), Some(0))
    );
    let (health, code) = server.tool(&["mc-health"]);
    assert!(health.ends_with(" : version=1.21.4 online=1 max=20 motd='A Minecraft Server'\n"), "{health}");
    assert_eq!(code, Some(0));
    server.terminate();
    server.line("gracefully stopping server...");
    server.line("ThreadedAnvilChunkStorage: All dimensions are saved");
    server.line("\tmc-server-runner\tDone");
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_second_server_on_the_same_data_finds_the_lock_held() {
    let first = Server::ready("lock", &[]);
    let mut second = Server::start_in(first.folder.clone(), false, "second", &[]);
    second.line("session.lock: already locked (possibly by other Minecraft instance?)");
    assert_eq!(second.child.wait().unwrap().code(), Some(1));
}

#[test]
fn a_game_port_that_is_taken_ends_the_start_with_zero() {
    let taken = TcpListener::bind("0.0.0.0:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let mut server = Server::start("bind", &[("SERVER_PORT", &port)]);
    server.line("**** FAILED TO BIND TO PORT!");
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
}

#[test]
fn rcon_wants_one_packet_a_read_and_two_writes_in_one_close_it() {
    use practice::rcon::packet;
    let server = Server::ready("rcon", &[("RCON_PASSWORD", "secret")]);
    let connect = || {
        let mut stream = TcpStream::connect(("127.0.0.1", server.rcon)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        assert_eq!(exchange(&mut stream, &packet(1, 2, b"list")), packet(-1, 2, b""));
        assert_eq!(exchange(&mut stream, &packet(1, 3, b"secret")), packet(1, 2, b""));
        stream
    };
    let mut stream = connect();
    let list = packet(2, 2, b"list");
    let answer = exchange(&mut stream, &list);
    assert_eq!(answer, packet(2, 0, b"There are 0 of a max of 20 players online: "));
    assert_eq!(exchange(&mut stream, &[list.clone(), list].concat()), []);
    assert_eq!(exchange(&mut connect(), &packet(3, 0, b"")), packet(3, 0, b"Unknown request 0"));
}

#[test]
fn a_server_that_is_killed_is_the_runners_255() {
    let mut server = Server::ready("kill", &[]);
    assert_eq!(server.tool(&["mc-practice", "signal", "KILL"]).1, Some(0));
    assert_eq!(server.child.wait().unwrap().code(), Some(255));
}
