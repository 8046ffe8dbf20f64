//! The program itself, as a person or a script runs it: the real binary with a data folder of its own.
#![allow(dead_code, missing_docs)]

use std::{
    io::{BufRead, BufReader, Read, Write},
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{PATIENCE, port, sweep};

/// The image that every test's servers are made of.
pub const IMAGE: &str = "itzg/minecraft-server:practice";

/// The program with folders of its own, and the names of what it makes. Dropping it removes what is left.
pub struct Program {
    pub folder: TempDir,
    pub prefix: String,
    docker: Option<String>,
    /// What the program is started by, with the arguments that come before its own.
    pub by: Vec<String>,
}

/// How a run of the program ended.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// Fails unless the exit code is this.
    #[track_caller]
    pub fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }

    /// The fault on the error output of a run with `--json`.
    #[track_caller]
    pub fn fault(&self) -> Value {
        let told: Vec<Value> =
            self.err.lines().map(|line| serde_json::from_str(line).expect("an object a line")).collect();
        assert_eq!(told.len(), 1, "{self:#?}");
        told[0]["error"].clone()
    }
}

impl Program {
    pub fn new(name: &str) -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder"),
            prefix: format!("mct{}-{name}", std::process::id()),
            docker: None,
            by: Vec::new(),
        }
    }

    /// One whose Docker engine is at this address.
    pub fn at(name: &str, docker: &str) -> Self {
        let mut program = Self::new(name);
        program.docker = Some(docker.to_owned());
        program
    }

    pub fn name(&self, name: &str) -> String {
        format!("{}-{name}", self.prefix)
    }

    /// The surroundings of a run: no settings of whoever runs the tests, only where their Docker is.
    pub fn surroundings(&self) -> Vec<(&'static str, String)> {
        let folder = |name: &str| self.folder.path().join(name).display().to_string();
        let mut all = vec![
            ("XDG_CONFIG_HOME", folder("config")),
            ("XDG_STATE_HOME", folder("state")),
            ("XDG_DATA_HOME", folder("home")),
            ("MINECLIFFORD_DATA_DIR", folder("data")),
        ];
        all.extend(self.docker.clone().map(|docker| ("DOCKER_HOST", docker)));
        all
    }

    /// The words that start the program: the one that was built for the tests, or `MINECLIFFORD_TEST_PROGRAM`.
    pub fn words(&self) -> Vec<String> {
        let mut words = self.by.clone();
        let built = || env!("CARGO_BIN_EXE_mineclifford").to_owned();
        words.push(std::env::var("MINECLIFFORD_TEST_PROGRAM").unwrap_or_else(|_| built()));
        words
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let words = self.words();
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]);
        for name in ["MINECLIFFORD_CONFIG", "MINECLIFFORD_LOG", "NO_COLOR"] {
            command.env_remove(name);
        }
        command.envs(self.surroundings());
        command.args(arguments);
        command
    }

    #[track_caller]
    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.feed(arguments, "")
    }

    /// The same with this on its standard input.
    #[track_caller]
    pub fn feed(&self, arguments: &[&str], input: &str) -> Ran {
        finish(self.command(arguments), input)
    }

    pub fn start(&self, arguments: &[&str]) -> Going {
        Going::new(self.command(arguments))
    }

    /// Makes a server with a port of its own and waits until it can be joined.
    #[track_caller]
    pub fn create(&self, name: &str, more: &[&str]) -> String {
        let (name, port) = (self.name(name), port().to_string());
        let mut line = vec!["server", "create", &name, "--eula", "--wait", "--image", IMAGE];
        line.extend(["--memory", "256M"]);
        if !more.contains(&"--port") {
            line.extend(["--port", &port]);
        }
        line.extend(more);
        self.run(&line).ends(0);
        name
    }

    /// A server as `server list --json` has it.
    #[track_caller]
    pub fn listed(&self, name: &str) -> Option<Value> {
        let all = self.run(&["server", "list", "--json", "--no-stats"]).ends(0).json();
        all.as_array().expect("an array").iter().find(|server| server["name"] == name).cloned()
    }

    #[track_caller]
    pub fn server(&self, name: &str) -> Value {
        self.listed(name).unwrap_or_else(|| panic!("{name} is not listed"))
    }

    /// Asks until the server is in this state.
    #[track_caller]
    pub fn reaches(&self, name: &str, state: &str) -> Value {
        let mut last = Value::Null;
        until(&format!("{name} to be {state}"), || {
            last = self.listed(name).unwrap_or_default();
            last["state"] == state
        });
        last
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if self.docker.is_none() {
            sweep(&self.prefix);
        }
    }
}

/// Asks again and again until something is so.
#[track_caller]
pub fn until(what: &str, mut so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !so() {
        assert!(begun.elapsed() < PATIENCE, "waited too long for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Runs a command to its end; one that does not end is killed, and the test with it.
#[track_caller]
pub fn finish(mut command: Command, input: &str) -> Ran {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program");
    let mut stdin = child.stdin.take().expect("its input");
    let input = input.to_owned();
    // A program that does not read its input is no failure of the test.
    std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let read = |mut from: Box<dyn Read + Send>| {
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            let _ = from.read_to_end(&mut bytes);
            String::from_utf8_lossy(&bytes).into_owned()
        })
    };
    let out = read(Box::new(child.stdout.take().expect("its output")));
    let err = read(Box::new(child.stderr.take().expect("its messages")));
    let status = end_of(&mut child).map(|status| status.code());
    let (out, err) = (out.join().expect("text"), err.join().expect("text"));
    match status {
        Some(code) => Ran { code, out, err },
        None => panic!("{command:?} did not end; it wrote {out:?} and {err:?}"),
    }
}

fn end_of(child: &mut Child) -> Option<ExitStatus> {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        if let Some(status) = child.try_wait().expect("a child") {
            return Some(status);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let _ = child.kill();
    let _ = child.wait();
    None
}

/// A run that goes on, read line by line.
pub struct Going {
    child: Child,
    out: Receiver<String>,
    err: Receiver<String>,
    passed: std::cell::RefCell<Vec<String>>,
    /// The last line of its error output that was waited for.
    last: Option<String>,
}

impl Going {
    fn new(mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program");
        let out = lines(child.stdout.take().expect("its output"));
        let err = lines(child.stderr.take().expect("its messages"));
        Self { child, out, err, passed: Default::default(), last: None }
    }

    /// Waits for a line of the output that holds this.
    #[track_caller]
    pub fn says(&self, text: &str) -> String {
        wait_for(&self.out, text, &mut self.passed.borrow_mut())
    }

    /// The lines of the output that were passed over while another was waited for, and those that were waited for, but
    /// for the last.
    pub fn heard(&self) -> Vec<Value> {
        let passed = self.passed.borrow();
        let before = passed.len().saturating_sub(1);
        passed[..before].iter().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }

    /// Waits for a line of the error output that holds this.
    #[track_caller]
    pub fn remarks(&self, text: &str) -> String {
        wait_for(&self.err, text, &mut Vec::new())
    }

    pub fn write(&mut self, text: &str) {
        self.child.stdin.as_mut().expect("its input").write_all(text.as_bytes()).expect("it reads");
    }

    pub fn close_input(&mut self) {
        self.child.stdin.take();
    }

    /// Sends a signal, such as `INT`.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status();
        assert!(sent.expect("kill").success());
    }

    /// Waits until something happened elsewhere; a program that ended before it did, or that waits in vain, tells what it
    /// said.
    #[track_caller]
    pub fn meanwhile(mut self, what: &str, mut so: impl FnMut() -> bool) -> Self {
        let begun = Instant::now();
        while !so() {
            let ended = self.child.try_wait().expect("its state").is_some();
            if ended || begun.elapsed() >= PATIENCE {
                let _ = self.child.kill();
                panic!(
                    "{what} never came, the program {}: {:#?}",
                    if ended { "ended" } else { "waits" },
                    self.ended()
                );
            }
        }
        self
    }

    /// The same where it may come to its end first; whether it did not.
    #[track_caller]
    pub fn meets(&mut self, what: &str, mut so: impl FnMut() -> bool) -> bool {
        let begun = Instant::now();
        while !so() {
            if self.is_over() {
                // It may have happened with its last breath.
                return so();
            }
            assert!(begun.elapsed() < PATIENCE, "waited too long for {what}");
        }
        true
    }

    /// Waits for its end; its exit code and what it had still to say.
    #[track_caller]
    pub fn ended(mut self) -> Ran {
        let status = end_of(&mut self.child).expect("it ends");
        let rest = |lines: &Receiver<String>| lines.iter().collect::<Vec<_>>().join("\n");
        Ran { code: status.code(), out: rest(&self.out), err: rest(&self.err) }
    }

    /// Waits until a line of its error output holds this; false where it came to its end first.
    #[track_caller]
    pub fn comes_to(&mut self, text: &str) -> bool {
        let begun = Instant::now();
        loop {
            match self.err.recv_timeout(PATIENCE.saturating_sub(begun.elapsed())) {
                Ok(line) => {
                    let is_it = line.contains(text);
                    self.last = Some(line);
                    if is_it {
                        return true;
                    }
                }
                Err(RecvTimeoutError::Disconnected) => return false,
                Err(RecvTimeoutError::Timeout) => panic!("it says nothing of {text:?}, and goes on"),
            }
        }
    }

    /// Kills it as the kernel would; the last line of its error output.
    pub fn killed(mut self) -> Option<String> {
        self.child.kill().expect("killed");
        self.child.wait().expect("gone");
        self.err.iter().last().or(self.last.take())
    }

    /// Whether it has ended.
    pub fn is_over(&mut self) -> bool {
        self.child.try_wait().expect("its state").is_some()
    }
}

impl Drop for Going {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn lines(from: impl Read + Send + 'static) -> Receiver<String> {
    let (to, lines) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(from).split(b'\n') {
            let Ok(line) = line else { return };
            if to.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                return;
            }
        }
    });
    lines
}

#[track_caller]
fn wait_for(lines: &Receiver<String>, text: &str, passed: &mut Vec<String>) -> String {
    let until = Instant::now() + PATIENCE;
    let mut seen = Vec::new();
    loop {
        match lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(line) => {
                passed.push(line.clone());
                if line.contains(text) {
                    return line;
                }
                seen.push(line);
            }
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                panic!("no line holds {text:?}; there were {seen:#?}")
            }
        }
    }
}
