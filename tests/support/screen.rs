//! A terminal with the program in it: keys go in, a screen can be read, and what is left behind is seen.
#![allow(dead_code, missing_docs)]

use std::{
    io::{Read, Write},
    process::Command,
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, RecvTimeoutError, channel},
    },
    time::{Duration, Instant},
};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};

use crate::{program::Program, support::PATIENCE};

/// What the terminal's parser remembers beyond the cells.
pub struct Screen {
    child: Box<dyn Child + Send + Sync>,
    master: Option<Box<dyn MasterPty + Send>>,
    keys: Option<Box<dyn Write + Send>>,
    /// Words are not pictures: what came, and when something came.
    seen: Arc<Mutex<Seen>>,
    news: Receiver<()>,
    /// `stty -a` before the program was started.
    before: String,
}

pub struct Seen {
    pub parser: vt100::Parser,
    pub bytes: Vec<u8>,
    pub closing: bool,
    pub closed: bool,
}

/// What surrounds the program.
pub struct Setting {
    pub rows: u16,
    pub columns: u16,
    pub variables: Vec<(&'static str, String)>,
    pub without: Vec<&'static str>,
}

impl Default for Setting {
    fn default() -> Self {
        let variables = vec![("TERM", "xterm-256color".to_owned())];
        Self { rows: 40, columns: 120, variables, without: vec!["NO_COLOR", "COLORTERM"] }
    }
}

impl Setting {
    pub fn sized(columns: u16, rows: u16) -> Self {
        Self { rows, columns, ..Self::default() }
    }

    #[must_use]
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.variables.push((name, value.to_owned()));
        self
    }
}

impl Screen {
    /// The program on a terminal of its own.
    pub fn open(program: &Program, arguments: &[&str], setting: &Setting) -> Self {
        let words = program.words();
        let mut command = CommandBuilder::new(&words[0]);
        command.args(&words[1..]);
        command.args(arguments);
        Self::start(program, command, setting)
    }

    /// The same without these variables.
    pub fn open_without(program: &Program, arguments: &[&str], setting: &Setting, without: &[&str]) -> Self {
        let words = program.words();
        let mut command = CommandBuilder::new(&words[0]);
        command.args(&words[1..]);
        command.args(arguments);
        Self::start_without(program, command, setting, without)
    }

    /// Another program on a terminal of its own, in the same surroundings.
    pub fn other(program: &Program, name: &str, arguments: &[&str], setting: &Setting) -> Self {
        let mut command = CommandBuilder::new(name);
        command.args(arguments);
        Self::start_without(program, command, setting, &[])
    }

    /// A shell on a terminal of its own, in which `$MC` is the program.
    pub fn shell(program: &Program, setting: &Setting) -> Self {
        let mut command = CommandBuilder::new("bash");
        command.args(["--norc", "--noprofile", "-i"]);
        command.env("PS1", "shell> ");
        command.env("MC", env!("CARGO_BIN_EXE_mineclifford"));
        Self::start(program, command, setting)
    }

    /// A script of the shell on a terminal of its own, in which `$MC` is the program.
    pub fn script(program: &Program, script: &str, setting: &Setting) -> Self {
        let mut command = CommandBuilder::new("bash");
        command.args(["--norc", "--noprofile", "-c", script]);
        command.env("MC", env!("CARGO_BIN_EXE_mineclifford"));
        Self::start(program, command, setting)
    }

    fn start(program: &Program, command: CommandBuilder, setting: &Setting) -> Self {
        Self::start_without(program, command, setting, &[])
    }

    fn start_without(
        program: &Program,
        mut command: CommandBuilder,
        setting: &Setting,
        without: &[&str],
    ) -> Self {
        let size = PtySize { rows: setting.rows, cols: setting.columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a terminal");
        for name in &setting.without {
            command.env_remove(name);
        }
        for (name, value) in program.surroundings() {
            command.env(name, value);
        }
        for (name, value) in &setting.variables {
            command.env(name, value);
        }
        for name in without {
            command.env_remove(name);
        }
        let before = modes(&*pair.master);
        let child = pair.slave.spawn_command(command).expect("the program");
        drop(pair.slave);
        let mut output = pair.master.try_clone_reader().expect("its output");
        let keys = pair.master.take_writer().expect("its keyboard");
        let parser = vt100::Parser::new(setting.rows, setting.columns, 0);
        let seen = Arc::new(Mutex::new(Seen { parser, bytes: Vec::new(), closing: false, closed: false }));
        let (tell, news) = channel();
        let shared = seen.clone();
        std::thread::spawn(move || {
            let mut buffer = [0; 16 * 1024];
            loop {
                let read = output.read(&mut buffer).unwrap_or(0);
                let closed = {
                    let mut seen = shared.lock().expect("a screen");
                    seen.closed = read == 0 || seen.closing;
                    seen.parser.process(&buffer[..read]);
                    seen.bytes.extend_from_slice(&buffer[..read]);
                    seen.closed
                };
                if closed {
                    drop(output);
                    let _ = tell.send(());
                    return;
                }
                if tell.send(()).is_err() {
                    return;
                }
            }
        });
        Self { child, master: Some(pair.master), keys: Some(keys), seen, news, before }
    }

    pub fn pid(&self) -> u32 {
        self.child.process_id().expect("a process")
    }

    /// Presses keys.
    pub fn press(&mut self, keys: &str) {
        let keyboard = self.keys.as_mut().expect("a keyboard");
        keyboard.write_all(keys.as_bytes()).expect("the terminal takes it");
        keyboard.flush().expect("the terminal takes it");
    }

    pub fn resize(&self, columns: u16, rows: u16) {
        self.seen.lock().expect("a screen").parser.screen_mut().set_size(rows, columns);
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        self.master.as_ref().expect("a terminal").resize(size).expect("resized");
    }

    /// What is to be read on it now.
    pub fn text(&self) -> String {
        self.look(|seen| seen.parser.screen().contents())
    }

    /// Everything that was ever written to it.
    pub fn bytes(&self) -> Vec<u8> {
        self.look(|seen| seen.bytes.clone())
    }

    pub fn look<T>(&self, look: impl FnOnce(&Seen) -> T) -> T {
        look(&self.seen.lock().expect("a screen"))
    }

    /// Waits until this can be read on it.
    #[track_caller]
    pub fn shows(&self, text: &str) {
        self.waits(&format!("{text:?}"), |seen| seen.parser.screen().contents().contains(text));
    }

    /// Waits until this can no longer be read on it.
    #[track_caller]
    pub fn hides(&self, text: &str) {
        self.waits(&format!("{text:?} to go"), |seen| !seen.parser.screen().contents().contains(text));
    }

    #[track_caller]
    pub fn waits(&self, what: &str, so: impl Fn(&Seen) -> bool) {
        let until = Instant::now() + PATIENCE;
        loop {
            if self.look(&so) {
                return;
            }
            match self.news.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(()) => {}
                Err(RecvTimeoutError::Disconnected) if self.look(&so) => return,
                Err(error) => panic!("waited for {what} ({error}); the screen is:\n{}", self.text()),
            }
        }
    }

    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.pid().to_string()]).status();
        assert!(sent.expect("kill").success());
    }

    /// Closes the terminal's other end, as a window that is closed or a connection that is lost. The program must be
    /// one that goes on drawing: the last who reads lets go at the next drawing.
    pub fn hang_up(&mut self) {
        self.keys.take();
        self.master.take();
        self.seen.lock().expect("a screen").closing = true;
        self.waits("the last drawing", |seen| seen.closed);
    }

    /// Waits for the end of the program.
    #[track_caller]
    pub fn ended(&mut self) -> ExitStatus {
        self.ends_within(PATIENCE)
    }

    #[track_caller]
    pub fn ends_within(&mut self, limit: Duration) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                return status;
            }
            assert!(begun.elapsed() < limit, "it goes on; the screen is:\n{}", self.text());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// The terminal is as it was: main screen, cursor shown, nothing switched on, typed keys shown.
    #[track_caller]
    pub fn is_given_back(&self) {
        let master = self.master.as_ref().expect("a terminal");
        self.waits("the terminal to be given back", |seen| {
            let screen = seen.parser.screen();
            !screen.alternate_screen()
                && !screen.hide_cursor()
                && !screen.bracketed_paste()
                && screen.mouse_protocol_mode() == vt100::MouseProtocolMode::None
        });
        assert_eq!(modes(&**master), self.before);
    }

    /// The terminal is the dashboard's.
    #[track_caller]
    pub fn is_taken(&self) {
        self.waits("the terminal to be taken", |seen| {
            let screen = seen.parser.screen();
            screen.alternate_screen() && screen.bracketed_paste()
        });
        assert_ne!(modes(&**self.master.as_ref().expect("a terminal")), self.before);
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The terminal's modes as `stty -a` writes them, without its size.
fn modes(master: &dyn MasterPty) -> String {
    let name = master.tty_name().expect("the terminal's name");
    let output = Command::new("stty").args(["-a", "-F"]).arg(name).output().expect("stty");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().map(|line| if line.contains("columns") { "" } else { line }).collect::<Vec<_>>().join("\n")
}
