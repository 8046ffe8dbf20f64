//! A driver for tests: a server in memory, with a clock that jumps from wake to wake.

use std::sync::Arc;
use std::time::Duration;

use super::{Context, Phase, Server};
use crate::clock::Now;
use crate::disk::{EntryKind, MemDisk};
use crate::init;
use crate::output::{Event, Exit, Output, Port};
use crate::settings::Settings;

const START: u64 = 1_700_000_000_000;

pub(super) struct Rig {
    pub(super) disk: MemDisk,
    pub(super) server: Server,
    out: Output,
    elapsed: Duration,
    pub(super) log: String,
    pub(super) replies: Vec<(u64, String)>,
    pub(super) ports: Vec<Port>,
    pub(super) exit: Option<Exit>,
}

impl Rig {
    pub(super) fn with_disk(mut disk: MemDisk, env: &[(&str, &str)]) -> Self {
        let base = [("EULA", "true"), ("VERSION", "1.21.4")];
        let settings = Arc::new(Settings::from_env(base.iter().chain(env).copied()));
        let mut out = Output::new();
        let now = Now { elapsed: Duration::ZERO, unix_ms: START };
        let mut cx = Context { now, disk: &mut disk, out: &mut out };
        assert_eq!(init::run(&settings, &mut cx, 1), Ok(()));
        let mut server = Server::new(settings, 1);
        server.start(&mut cx);
        let mut rig = Self {
            disk,
            server,
            out,
            elapsed: Duration::ZERO,
            log: String::new(),
            replies: Vec::new(),
            ports: Vec::new(),
            exit: None,
        };
        rig.drain();
        rig
    }

    pub(super) fn loading(env: &[(&str, &str)]) -> Self {
        Self::with_disk(MemDisk::new(), env)
    }

    pub(super) fn ready(env: &[(&str, &str)]) -> Self {
        let mut rig = Self::loading(env);
        rig.until(|rig| rig.server.phase() == Phase::Ready);
        rig
    }

    pub(super) fn until(&mut self, done: impl Fn(&Self) -> bool) {
        for _ in 0..10_000 {
            if done(self) {
                return;
            }
            let wake = self.server.next_wake();
            let Some(wake) = wake else { break };
            self.elapsed = self.elapsed.max(wake);
            self.call(|server, cx| server.wake(cx));
        }
        panic!("never happened; log:\n{}", self.log);
    }

    pub(super) fn wait(&mut self, time: Duration) {
        let end = self.elapsed + time;
        while let Some(wake) = self.server.next_wake().filter(|wake| *wake <= end) {
            self.elapsed = self.elapsed.max(wake);
            self.call(|server, cx| server.wake(cx));
        }
        self.elapsed = end;
    }

    pub(super) fn call<T>(&mut self, action: impl FnOnce(&mut Server, &mut Context<'_>) -> T) -> T {
        let unix_ms = START + u64::try_from(self.elapsed.as_millis()).unwrap();
        let now = Now { elapsed: self.elapsed, unix_ms };
        let result = action(&mut self.server, &mut Context { now, disk: &mut self.disk, out: &mut self.out });
        self.drain();
        result
    }

    fn drain(&mut self) {
        for event in self.out.drain() {
            match event {
                Event::Stdout(text) | Event::Stderr(text) => {
                    self.log.push_str(&String::from_utf8_lossy(&text))
                }
                Event::RconReply { ticket, text } => self.replies.push((ticket, text)),
                Event::Listen(port) => self.ports.push(port),
                Event::Exit(exit) => self.exit = Some(exit),
                Event::ExecDone { .. } => panic!("a server runs no commands"),
            }
        }
    }

    pub(super) fn console(&mut self, line: &str) -> String {
        let before = self.log.len();
        self.call(|server, cx| server.console(cx, line));
        self.log[before..].to_owned()
    }

    pub(super) fn rcon(&mut self, line: &str) -> String {
        self.call(|server, cx| server.rcon(cx, 5, line));
        self.replies.pop().expect("an answer").1
    }

    pub(super) fn image(&self) -> Vec<(String, Vec<u8>)> {
        let files = self.disk.walk("world").filter(|(_, entry)| entry.kind == EntryKind::File);
        files
            .map(|(name, entry)| {
                let mut bytes = vec![0; usize::try_from(entry.len).unwrap()];
                self.disk.read_at(name, 0, &mut bytes).unwrap();
                (name.to_owned(), bytes)
            })
            .collect()
    }
}
