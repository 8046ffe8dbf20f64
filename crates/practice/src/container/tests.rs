//! A container driven by hand.

use super::*;
use crate::clock::Now;
use crate::disk::MemDisk;
use crate::output::Output;

struct Rig {
    container: Container,
    disk: MemDisk,
    elapsed: Duration,
    log: String,
    events: Vec<Event>,
}

impl Rig {
    fn new(env: &[(&str, &str)]) -> Self {
        let env = [("EULA", "true"), ("VERSION", "1.21.4")].iter().chain(env).copied();
        let container = Container::new(Arc::new(Settings::from_env(env)));
        let mut rig = Self {
            container,
            disk: MemDisk::new(),
            elapsed: Duration::ZERO,
            log: String::new(),
            events: Vec::new(),
        };
        rig.call(|container, cx| container.start(cx, 3));
        rig
    }

    fn call(&mut self, action: impl FnOnce(&mut Container, &mut Context<'_>)) {
        let unix_ms = 1_700_000_000_000 + u64::try_from(self.elapsed.as_millis()).unwrap();
        let mut out = Output::new();
        let now = Now { elapsed: self.elapsed, unix_ms };
        action(&mut self.container, &mut Context { now, disk: &mut self.disk, out: &mut out });
        for event in out.drain() {
            match event {
                Event::Stdout(text) | Event::Stderr(text) => {
                    self.log.push_str(&String::from_utf8_lossy(&text))
                }
                other => self.events.push(other),
            }
        }
    }

    fn wait(&mut self, seconds: u64) {
        let end = self.elapsed + Duration::from_secs(seconds);
        while let Some(wake) = self.container.next_wake().filter(|wake| *wake <= end) {
            self.elapsed = self.elapsed.max(wake);
            self.call(Container::wake);
        }
        self.elapsed = end;
    }

    fn exit(&self) -> Option<Exit> {
        self.events.iter().find_map(|event| if let Event::Exit(exit) = event { Some(*exit) } else { None })
    }

    fn exec(&mut self, uid: u32, argv: &[&str]) -> (String, i32) {
        self.call(|container, cx| container.exec(cx, 9, uid, argv));
        match self.events.pop() {
            Some(Event::ExecDone { ticket: 9, stdout, stderr, code }) => {
                (String::from_utf8([stdout, stderr].concat()).unwrap(), code)
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_missing_eula_ends_the_start_and_a_start_may_be_repeated() {
    let mut rig = Rig::new(&[("EULA", "")]);
    assert_eq!(rig.exit().map(|exit| exit.code), Some(1));
    assert!(rig.log.contains("[init] [ERROR] Please accept the Minecraft EULA at\n"));
    rig.disk.put("eula.txt", &rig.disk.entry(".").unwrap_or(file()), b"eula=true").unwrap();
    rig.call(|container, cx| container.start(cx, 4));
    rig.wait(1);
    assert!(rig.log.contains("Done ("));
}

fn file() -> crate::disk::Entry {
    crate::disk::Entry {
        kind: crate::disk::EntryKind::File,
        len: 0,
        mode: 0o644,
        uid: 0,
        gid: 0,
        mtime_ms: 0,
    }
}

#[test]
fn sigterm_stops_gracefully_through_rcon() {
    let mut rig = Rig::new(&[]);
    rig.wait(1);
    rig.call(|container, cx| container.signal(cx, Signal::Terminate));
    rig.wait(1);
    assert_eq!(rig.exit(), Some(Exit { code: 0, out_of_memory: false }));
    assert!(rig.log.contains("\tINFO\tmc-server-runner\tgracefully stopping server...\n"));
    assert!(rig.log.ends_with("\tINFO\tmc-server-runner\tDone\n"));
}

#[test]
fn a_server_that_does_not_stop_is_killed_with_255_and_sigkill_is_137() {
    let mut rig = Rig::new(&[("PRACTICE_FAIL", "ignore-stop"), ("STOP_DURATION", "10")]);
    rig.wait(1);
    rig.call(|container, cx| container.signal(cx, Signal::Terminate));
    rig.wait(11);
    assert_eq!(rig.exit(), Some(Exit { code: 255, out_of_memory: false }));
    let mut rig = Rig::new(&[]);
    rig.call(|container, cx| container.signal(cx, Signal::Kill));
    assert_eq!(rig.exit(), Some(Exit { code: 137, out_of_memory: false }));
}

#[test]
fn an_early_stop_is_heard_only_with_the_pipe() {
    for (pipe, code) in [("true", 0), ("false", 255)] {
        let mut rig = Rig::new(&[("CREATE_CONSOLE_IN_PIPE", pipe), ("STOP_DURATION", "10")]);
        rig.call(|container, cx| container.signal(cx, Signal::Terminate));
        rig.wait(20);
        assert_eq!(rig.exit().map(|exit| exit.code), Some(code));
    }
}

#[test]
fn commands_run_inside() {
    let mut rig = Rig::new(&[("CREATE_CONSOLE_IN_PIPE", "true")]);
    assert_eq!(rig.exec(0, &["rcon-cli", "list"]).1, 1);
    assert_eq!(rig.exec(0, &["mc-health"]).1, 1);
    rig.wait(1);
    let (text, code) = rig.exec(0, &["rcon-cli", "list"]);
    assert_eq!((text.as_str(), code), ("There are 0 of a max of 20 players online: \n", 0));
    let (text, code) = rig.exec(0, &["mc-health"]);
    assert_eq!(text, "localhost:25565 : version=1.21.4 online=0 max=20 motd='A Minecraft Server'\n");
    assert_eq!(code, 0);
    assert_eq!(rig.exec(0, &["mc-send-to-console", "say", "x"]).1, 2);
    assert_eq!(rig.exec(1000, &["mc-send-to-console", "say", "hi"]).1, 0);
    assert!(rig.log.ends_with("[Server] hi\n"));
    assert_eq!(rig.exec(0, &["sh"]).1, 127);
}

#[test]
fn a_stale_password_is_refused() {
    let mut rig = Rig::new(&[("PRACTICE_FAIL", "stale-rcon")]);
    rig.wait(1);
    assert_eq!(rig.exec(0, &["rcon-cli", "list"]).1, 1);
}

#[test]
fn input_comes_in_any_pieces() {
    let mut rig = Rig::new(&[]);
    rig.wait(1);
    rig.call(|container, cx| container.stdin(cx, b"say one\r\nsay t"));
    rig.call(|container, cx| container.stdin(cx, b"wo\n"));
    assert!(rig.log.contains("[Server] one\n") && rig.log.ends_with("[Server] two\n"));
}

#[test]
fn memory_without_end_is_told_apart() {
    let mut rig = Rig::new(&[]);
    rig.wait(1);
    rig.call(|container, cx| container.stdin(cx, b"practice oom\n"));
    assert_eq!(rig.exit(), Some(Exit { code: 255, out_of_memory: true }));
}
