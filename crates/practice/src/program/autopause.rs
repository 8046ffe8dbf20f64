//! Autopause: the server is stopped with SIGSTOP while nobody plays, and goes on when somebody knocks.

use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use practice::settings::Settings;
use rustix::process::{Pid, Signal, kill_process};

use super::{client, health};

/// How often it looks.
const LOOK: Duration = Duration::from_millis(250);

/// Watches from a thread until the process ends.
pub fn watch(server: Pid, settings: &Settings) {
    let after = settings.autopause_after;
    thread::spawn(move || {
        let paused = super::data().join(".paused");
        let _ = std::fs::remove_file(&paused);
        let mut empty_since = Instant::now();
        loop {
            thread::sleep(LOOK);
            if paused.exists() {
                if connections() > 0 {
                    let _ = std::fs::remove_file(&paused);
                    let _ = kill_process(server, Signal::CONT);
                    println!("[Autopause loop] Resuming Java process");
                    empty_since = Instant::now();
                }
            } else if !is_empty() {
                empty_since = Instant::now();
            } else if empty_since.elapsed() >= after {
                // Everything must be on the disk before the process stands still.
                let _ = client::command("save-all flush", Duration::from_secs(30));
                println!("[Autopause loop] Pausing Java process");
                let _ = std::fs::write(&paused, b"");
                let _ = kill_process(server, Signal::STOP);
            }
        }
    });
}

fn is_empty() -> bool {
    let address = SocketAddr::from(([127, 0, 0, 1], super::ports::game()));
    let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_secs(2)) else {
        return false;
    };
    health::ask(stream).is_ok_and(|status| health::field(&status, "online") == "0")
}

/// Connections to the game or RCON port that somebody has opened, from the kernel's tables; port numbers there are
/// hexadecimal, state 01 is an open connection.
fn connections() -> usize {
    let wanted = [super::ports::game(), super::ports::rcon()].map(|port| format!(":{port:04X}"));
    let mut count = 0;
    for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
        let text = std::fs::read_to_string(table).unwrap_or_default();
        for line in text.lines().skip(1) {
            let words: Vec<&str> = line.split_whitespace().collect();
            let local = words.get(1).is_some_and(|address| wanted.iter().any(|port| address.ends_with(port)));
            count += usize::from(local && words.get(3) == Some(&"01"));
        }
    }
    count
}
