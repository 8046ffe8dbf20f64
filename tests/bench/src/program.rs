//! A program on a terminal of its own: what it shows, how many bytes that took, what it costs.

use std::{
    ffi::OsString,
    fs,
    io::{Read, Write},
    path::Path,
    sync::mpsc::{Receiver, RecvTimeoutError, sync_channel},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use portable_pty::{CommandBuilder, PtySize, native_pty_system};

/// The terminal's size: the one in which the figures to beat were taken.
pub const ROWS: u16 = 50;
/// See [`ROWS`].
pub const COLUMNS: u16 = 200;

/// A running program. It is killed when this is dropped.
pub struct Program {
    child: Box<dyn portable_pty::Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    output: Receiver<(Instant, Vec<u8>)>,
    screen: vt100::Parser,
    /// Keeps the terminal open.
    _master: Box<dyn portable_pty::MasterPty + Send>,
    pid: u32,
    /// Just before it was executed.
    pub begun: Instant,
    /// Bytes that it wrote so far.
    pub bytes: u64,
}

/// What a program costs at a moment.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// User and system time so far.
    pub cpu: Duration,
    /// Resident memory, in KiB.
    pub resident: u64,
    /// The part of it that belongs to no file, in KiB.
    pub anonymous: u64,
    /// The most that was ever resident, in KiB.
    pub peak: u64,
}

impl Program {
    /// Starts a program on a new terminal.
    pub fn start(path: &Path, arguments: &[OsString]) -> Result<Self> {
        Self::start_sized(path, arguments, (COLUMNS, ROWS))
    }

    /// Starts a program on a new terminal of so many columns and rows.
    pub fn start_sized(path: &Path, arguments: &[OsString], (columns, rows): (u16, u16)) -> Result<Self> {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size)?;
        let mut command = CommandBuilder::new(path);
        command.args(arguments);
        command.env("TERM", "xterm-256color");
        command.env("COLORTERM", "truecolor");
        let mut reader = pair.master.try_clone_reader()?;
        let keys = pair.master.take_writer()?;
        let (pieces, output) = sync_channel(65_536);
        let begun = Instant::now();
        let child = pair.slave.spawn_command(command).with_context(|| path.display().to_string())?;
        drop(pair.slave);
        thread::spawn(move || {
            let mut buffer = vec![0; 65_536];
            while let Ok(length @ 1..) = reader.read(&mut buffer) {
                if pieces.send((Instant::now(), buffer[..length].to_vec())).is_err() {
                    return;
                }
            }
        });
        let pid = child.process_id().context("the program has no id")?;
        let screen = vt100::Parser::new(rows, columns, 0);
        Ok(Self { child, keys, output, screen, _master: pair.master, pid, begun, bytes: 0 })
    }

    /// Presses keys: the bytes that a terminal sends for them. Returns the moment before.
    pub fn press(&mut self, keys: &str) -> Result<Instant> {
        let at = Instant::now();
        self.keys.write_all(keys.as_bytes())?;
        self.keys.flush()?;
        Ok(at)
    }

    /// What is on the screen, row by row.
    pub fn text(&self) -> String {
        self.screen.screen().contents()
    }

    /// What is on the screen.
    pub fn screen(&self) -> &vt100::Screen {
        self.screen.screen()
    }

    /// Follows the output for this long.
    pub fn watch(&mut self, time: Duration) {
        let _ = self.until(time, |_| false);
    }

    /// Follows the output until something holds on the screen; the moment at which the bytes came that made it so.
    pub fn until(&mut self, limit: Duration, holds: impl FnMut(&vt100::Screen) -> bool) -> Option<Instant> {
        let mut holds = holds;
        let end = Instant::now() + limit;
        loop {
            let wait = end.checked_duration_since(Instant::now())?;
            match self.output.recv_timeout(wait) {
                Ok((at, bytes)) => {
                    self.bytes += bytes.len() as u64;
                    self.screen.process(&bytes);
                    if holds(self.screen.screen()) {
                        return Some(at);
                    }
                }
                Err(RecvTimeoutError::Timeout) => return None,
                Err(RecvTimeoutError::Disconnected) => {
                    thread::sleep(wait.min(Duration::from_millis(100)));
                    return None;
                }
            }
        }
    }

    /// As [`Self::until`], where it may hold already.
    pub fn shows(
        &mut self,
        limit: Duration,
        mut holds: impl FnMut(&vt100::Screen) -> bool,
    ) -> Result<Instant> {
        if holds(self.screen.screen()) {
            return Ok(Instant::now());
        }
        match self.until(limit, holds) {
            Some(at) => Ok(at),
            None => bail!("never on the screen within {limit:?}:\n{}", self.text()),
        }
    }

    /// What it costs now.
    pub fn cost(&self) -> Result<Cost> {
        cost(self.pid)
    }

    /// Follows the output for this long, and says what it cost: share of a core in percent, bytes a second.
    pub fn load(&mut self, time: Duration) -> Result<(f64, f64)> {
        self.watch(Duration::ZERO);
        let (before, bytes, since) = (self.cost()?, self.bytes, Instant::now());
        self.watch(time);
        let seconds = since.elapsed().as_secs_f64();
        let cpu = (self.cost()?.cpu - before.cpu).as_secs_f64();
        Ok((100.0 * cpu / seconds, (self.bytes - bytes) as f64 / seconds))
    }

    /// Ends it.
    pub fn end(mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a process costs now, from /proc.
pub fn cost(pid: u32) -> Result<Cost> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let after = stat.rsplit_once(')').context("stat")?.1;
    let ticks = |index: usize| -> Result<u64> {
        Ok(after.split_whitespace().nth(index).context("stat has too few fields")?.parse()?)
    };
    // Fields 14 and 15, counted from the one after the name; the kernel's tick for programs is always 10 ms.
    let cpu = Duration::from_millis((ticks(11)? + ticks(12)?) * 10);
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let field = |name: &str| -> Result<u64> {
        let line = status.lines().find(|line| line.starts_with(name)).with_context(|| name.to_owned())?;
        Ok(line.split_whitespace().nth(1).context("empty field")?.parse()?)
    };
    Ok(Cost { cpu, resident: field("VmRSS:")?, anonymous: field("RssAnon:")?, peak: field("VmHWM:")? })
}
