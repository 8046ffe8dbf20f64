//! mc-server-runner: process 1 with the server as its child.

use std::fs::File;
use std::io::{Read, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use practice::clock::Now;
use practice::output::{Event, Output};
use practice::runner::{Action, Runner};
use rustix::process::{Pid, Signal, WaitOptions, WaitStatus};
use signal_hook::consts::{SIGCHLD, SIGINT, SIGTERM};

use super::{autopause, client};

enum Message {
    Signal(i32),
    /// A command could not be given by RCON.
    Refused(String),
}

/// A pipe to the server's standard input, when the runner owns it.
type Console = Option<SyncSender<Vec<u8>>>;

/// Runs the server until it ends and returns the container's exit code.
pub fn run() -> i32 {
    match supervise() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("mc-server-runner: {error}");
            1
        }
    }
}

fn supervise() -> std::io::Result<i32> {
    let settings = super::settings();
    let started = Instant::now();
    let mut runner = Runner::new(&settings);
    let (sender, messages) = sync_channel(64);
    watch_signals(sender.clone())?;
    let owns = runner.owns_console();
    let mut command = Command::new(std::env::current_exe()?);
    let heap = format!("-Xmx{}", settings.memory);
    command.arg0("java").args([heap.as_str(), "-jar", "server.jar", "nogui"]);
    command.stdin(if owns { Stdio::piped() } else { Stdio::inherit() });
    let mut child = command.current_dir(super::data()).spawn()?;
    let console = child.stdin.take().map(feed);
    if let Some(console) = &console {
        copy_stdin(console.clone());
        if settings.console_pipe {
            open_pipe(console)?;
        }
    }
    let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) else {
        return Err(std::io::Error::other("the server has no process id"));
    };
    if settings.autopause {
        autopause::watch(pid, &settings);
    }
    let mut out = Output::new();
    loop {
        let now = Now::read(started);
        let action = match wait(&messages, runner.next_wake(), now) {
            Some(Message::Signal(SIGCHLD)) => {
                if let Some(code) = reap(pid) {
                    let code = runner.exited(Now::read(started), code, &mut out);
                    flush(&mut out);
                    return Ok(code);
                }
                None
            }
            Some(Message::Signal(_)) => runner.terminate(Now::read(started), &mut out),
            Some(Message::Refused(line)) => {
                refused(&line, &console);
                None
            }
            None => runner.wake(Now::read(started), &mut out),
        };
        flush(&mut out);
        match action {
            Some(Action::Kill) => drop(rustix::process::kill_process(pid, Signal::KILL)),
            Some(Action::Command(line)) => give(line, settings.rcon, sender.clone()),
            None => {}
        }
    }
}

fn wait(messages: &Receiver<Message>, wake: Option<Duration>, now: Now) -> Option<Message> {
    let pause = wake.map_or(Duration::from_secs(3600), |wake| wake.saturating_sub(now.elapsed));
    messages.recv_timeout(pause).ok()
}

fn flush(out: &mut Output) {
    let mut stdout = std::io::stdout().lock();
    for event in out.drain() {
        if let Event::Stdout(text) | Event::Stderr(text) = event {
            let _ = stdout.write_all(&text);
        }
    }
    let _ = stdout.flush();
}

fn watch_signals(sender: SyncSender<Message>) -> std::io::Result<()> {
    let mut signals = signal_hook::iterator::Signals::new([SIGTERM, SIGINT, SIGCHLD])?;
    thread::spawn(move || {
        for signal in signals.forever() {
            if sender.send(Message::Signal(signal)).is_err() {
                return;
            }
        }
    });
    Ok(())
}

/// Collects every child that ended, orphans too. `Some` when the server was among them: its exit code, or `None` for a
/// signal.
fn reap(server: Pid) -> Option<Option<i32>> {
    let mut found = None;
    while let Ok(Some((pid, status))) = rustix::process::wait(WaitOptions::NOHANG) {
        if pid == server {
            found = Some(WaitStatus::exit_status(status));
        }
    }
    found
}

/// Gives a command by RCON from a thread of its own, because a server that is busy answers late.
fn give(line: String, rcon: bool, sender: SyncSender<Message>) {
    thread::spawn(move || {
        let given = rcon && client::command(&line, Duration::from_secs(10)).is_ok();
        if !given {
            let _ = sender.send(Message::Refused(line));
        }
    });
}

fn refused(line: &str, console: &Console) {
    match console {
        Some(console) => drop(console.try_send(format!("{line}\n").into_bytes())),
        None => {
            eprintln!("mc-server-runner: RCON failed and the console is not the runner's: '{line}' is lost")
        }
    }
}

/// Writes to the server's standard input from a thread, so that a server that does not read blocks nobody else.
fn feed(mut stdin: std::process::ChildStdin) -> SyncSender<Vec<u8>> {
    let (sender, receiver) = sync_channel::<Vec<u8>>(256);
    thread::spawn(move || {
        for bytes in receiver {
            if stdin.write_all(&bytes).is_err() {
                return;
            }
        }
    });
    sender
}

/// Passes on what is typed into the container. The descriptor is read as it is: opening it by its name again is not
/// allowed to the server's user, because the other end is Docker's.
fn copy_stdin(console: SyncSender<Vec<u8>>) {
    thread::spawn(move || pour(&mut std::io::stdin().lock(), &console));
}

fn pour(file: &mut impl Read, console: &SyncSender<Vec<u8>>) {
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = file.read(&mut buffer) {
        if console.send(buffer[..count].to_vec()).is_err() {
            return;
        }
    }
}

/// Makes the console pipe. It is opened for writing as well, so that it does not end when a writer leaves.
fn open_pipe(console: &SyncSender<Vec<u8>>) -> std::io::Result<()> {
    let path = super::tmp("minecraft-console-in");
    let _ = std::fs::remove_file(&path);
    let mode = rustix::fs::Mode::from_raw_mode(0o660);
    rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, mode, 0)?;
    let mut file = File::options().read(true).write(true).open(path)?;
    let console = console.clone();
    thread::spawn(move || pour(&mut file, &console));
    Ok(())
}
