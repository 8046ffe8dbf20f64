//! A whole container in memory: start script, runner, server and what is executed inside, without processes. This is
//! what stands behind the demo's engine.
//!
//! The driver gives it time and input like a [`Server`] and gets the same events; [`Event::Exit`] carries the
//! **container's** exit code, and [`Event::ExecDone`] ends what [`Container::exec`] began.

use std::sync::Arc;
use std::time::Duration;

use crate::init;
use crate::output::{Event, Exit};
use crate::rng::mix;
use crate::runner::{Action, Runner};
use crate::settings::Settings;
use crate::sim::{Context, Phase, Server};
use crate::tools;

/// Tickets of commands that the container itself gives by RCON.
const INTERNAL: u64 = 1 << 63;
/// A console line that is longer than this is cut.
const LINE_LIMIT: usize = 64 * 1024;

/// A signal to process 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// SIGTERM or SIGINT: a graceful stop.
    Terminate,
    /// SIGKILL: the end, nothing saved.
    Kill,
}

/// One container, which may be started again and again.
#[derive(Debug)]
pub struct Container {
    settings: Arc<Settings>,
    server: Option<Server>,
    runner: Runner,
    stdin: Vec<u8>,
    execs: Vec<(u64, u64)>,
    next_exec: u64,
}

impl Container {
    /// A container that was created and not started.
    #[must_use]
    pub fn new(settings: Arc<Settings>) -> Self {
        let runner = Runner::new(&settings);
        Self { settings, server: None, runner, stdin: Vec::new(), execs: Vec::new(), next_exec: INTERNAL }
    }

    /// The environment it was created with.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Starts it; does nothing when it runs. `seed` makes the RCON password and all that is random.
    pub fn start(&mut self, cx: &mut Context<'_>, seed: u64) {
        if self.server.is_some() {
            return;
        }
        let seed = if self.settings.practice.seed == 0 { seed } else { self.settings.practice.seed };
        self.runner = Runner::new(&self.settings);
        self.stdin.clear();
        if let Err(code) = init::run(&self.settings, cx, seed) {
            cx.out.push(Event::Exit(Exit { code, out_of_memory: false }));
            return;
        }
        self.server = Some(Server::new(Arc::clone(&self.settings), mix(seed)));
        self.with_server(cx, Server::start);
    }

    /// Whether it runs.
    #[must_use]
    pub fn running(&self) -> bool {
        self.server.is_some()
    }

    /// The server inside, while it runs.
    #[must_use]
    pub fn server(&self) -> Option<&Server> {
        self.server.as_ref()
    }

    /// Does something to the server inside, such as letting a player join; events are looked after.
    pub fn with_server<T>(
        &mut self,
        cx: &mut Context<'_>,
        action: impl FnOnce(&mut Server, &mut Context<'_>) -> T,
    ) -> Option<T> {
        let from = cx.out.len();
        let server = self.server.as_mut()?;
        let result = action(server, cx);
        for event in cx.out.split_off(from) {
            self.pass_on(cx, event);
        }
        Some(result)
    }

    fn pass_on(&mut self, cx: &mut Context<'_>, event: Event) {
        match event {
            Event::RconReply { ticket, text } if ticket >= INTERNAL => {
                if let Some(index) = self.execs.iter().position(|(internal, _)| *internal == ticket) {
                    let (_, ticket) = self.execs.swap_remove(index);
                    let stdout = (tools::ansi(&text) + "\n").into_bytes();
                    cx.out.push(Event::ExecDone { ticket, stdout, stderr: Vec::new(), code: 0 });
                }
            }
            Event::Exit(exit) => {
                self.server = None;
                let code = self.runner.exited(cx.now, Some(exit.code).filter(|_| exit.code != 137), cx.out);
                self.end(cx, Exit { code, ..exit });
            }
            other => cx.out.push(other),
        }
    }

    /// Ends what still ran inside, then the container.
    fn end(&mut self, cx: &mut Context<'_>, exit: Exit) {
        for (_, ticket) in std::mem::take(&mut self.execs) {
            cx.out.push(Event::ExecDone { ticket, stdout: Vec::new(), stderr: Vec::new(), code: 137 });
        }
        cx.out.push(Event::Exit(exit));
    }

    /// Does what is due.
    pub fn wake(&mut self, cx: &mut Context<'_>) {
        self.with_server(cx, Server::wake);
        if self.running()
            && let Some(action) = self.runner.wake(cx.now, cx.out)
        {
            self.act(cx, action);
        }
    }

    /// When to call [`Container::wake`] again; `None`: only after some input.
    #[must_use]
    pub fn next_wake(&self) -> Option<Duration> {
        let server = self.server.as_ref()?;
        [server.next_wake(), self.runner.next_wake()].into_iter().flatten().min()
    }

    fn act(&mut self, cx: &mut Context<'_>, action: Action) {
        let Some(server) = &self.server else { return };
        match action {
            Action::Kill => {
                self.with_server(cx, Server::kill);
            }
            Action::Command(line) if server.rcon_open() && self.password_fits(cx) => {
                self.with_server(cx, |server, cx| server.rcon(cx, INTERNAL, &line));
            }
            Action::Command(line) if self.runner.owns_console() => {
                self.with_server(cx, |server, cx| server.console(cx, &line));
            }
            Action::Command(_) => {}
        }
    }

    /// Takes bytes of the container's standard input, in any pieces.
    pub fn stdin(&mut self, cx: &mut Context<'_>, bytes: &[u8]) {
        for byte in bytes {
            if *byte == b'\n' {
                let line = String::from_utf8_lossy(&std::mem::take(&mut self.stdin)).into_owned();
                self.with_server(cx, |server, cx| server.console(cx, &line));
            } else if self.stdin.len() < LINE_LIMIT {
                self.stdin.push(*byte);
            }
        }
    }

    /// Sends a signal to process 1.
    pub fn signal(&mut self, cx: &mut Context<'_>, signal: Signal) {
        if !self.running() {
            return;
        }
        match signal {
            Signal::Terminate => {
                if let Some(action) = self.runner.terminate(cx.now, cx.out) {
                    self.act(cx, action);
                }
            }
            Signal::Kill => {
                let from = cx.out.len();
                if let Some(mut server) = self.server.take() {
                    server.kill(cx);
                }
                cx.out.split_off(from);
                self.end(cx, Exit { code: 137, out_of_memory: false });
            }
        }
    }

    /// The health check: exit code and output of mc-health.
    #[must_use]
    pub fn health(&self) -> (i32, String) {
        let Some(server) = self.server.as_ref() else {
            return (1, String::new());
        };
        let port = server.game_port();
        match server.status() {
            Some(status) if !server.hangs() => (0, tools::health_line(&status, port)),
            _ if server.game_open() => (1, format!("failed to ping localhost:{port} : EOF\n")),
            _ => (
                1,
                format!(
                    "failed to ping localhost:{port} : dial tcp 127.0.0.1:{port}: connect: connection refused\n"
                ),
            ),
        }
    }

    /// Runs a command inside as user `uid`; [`Event::ExecDone`] with `ticket` follows, at once or when the server has
    /// answered.
    pub fn exec(&mut self, cx: &mut Context<'_>, ticket: u64, uid: u32, argv: &[&str]) {
        let name = argv.first().map_or("", |path| path.rsplit('/').next().unwrap_or(path));
        let rest = argv.get(1..).unwrap_or_default().join(" ");
        match name {
            "rcon-cli" => self.rcon_cli(cx, ticket, &rest),
            "mc-health" => {
                let (code, text) = self.health();
                let (stdout, stderr) = if code == 0 { (text, String::new()) } else { (String::new(), text) };
                done(cx, ticket, &stdout, &stderr, code);
            }
            "mc-send-to-console" if uid == 0 => {
                done(cx, ticket, "", "ERROR: this script must be run as the same user as the server\n", 2);
            }
            "mc-send-to-console" if !self.settings.console_pipe => {
                done(
                    cx,
                    ticket,
                    "",
                    "ERROR: Console pipe needs to be enabled by setting CREATE_CONSOLE_IN_PIPE to true\n",
                    1,
                );
            }
            "mc-send-to-console" => {
                self.with_server(cx, |server, cx| server.console(cx, &rest));
                done(cx, ticket, "", "", 0);
            }
            "mc-practice" => {
                self.with_server(cx, |server, cx| server.console(cx, &format!("practice {rest}")));
                done(cx, ticket, "", "", 0);
            }
            _ => {
                let text = format!(
                    "OCI runtime exec failed: exec failed: unable to start container process: exec: \"{name}\": \
                     executable file not found in $PATH: unknown\n"
                );
                done(cx, ticket, &text, "", 127);
            }
        }
    }

    fn password_fits(&self, cx: &Context<'_>) -> bool {
        let text = cx.disk.read(".rcon-cli.env").unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        self.server.as_ref().is_some_and(|server| server.rcon_password() == tools::rcon_env_password(&text))
    }

    fn rcon_cli(&mut self, cx: &mut Context<'_>, ticket: u64, line: &str) {
        let port = self.settings.rcon_port;
        let Some(server) = self.server.as_ref().filter(|server| server.rcon_open()) else {
            let text =
                format!("Failed to connect to RCON dial tcp 127.0.0.1:{port}: connect: connection refused\n");
            return done(cx, ticket, "", &text, 1);
        };
        if matches!(server.phase(), Phase::Exited(_)) || !self.password_fits(cx) {
            return done(cx, ticket, "", "Failed to connect to RCON authentication failed\n", 1);
        }
        self.next_exec += 1;
        let internal = self.next_exec;
        self.execs.push((internal, ticket));
        self.with_server(cx, |server, cx| server.rcon(cx, internal, line));
    }
}

fn done(cx: &mut Context<'_>, ticket: u64, stdout: &str, stderr: &str, code: i32) {
    let (stdout, stderr) = (stdout.as_bytes().to_vec(), stderr.as_bytes().to_vec());
    cx.out.push(Event::ExecDone { ticket, stdout, stderr, code });
}

#[cfg(test)]
mod tests;
