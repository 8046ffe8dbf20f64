//! The program's own log: not what servers say, but what this program does.

use std::{
    fs::OpenOptions,
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::Path,
    sync::Mutex,
};

use tracing_appender::non_blocking::{NonBlocking, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::{
    EnvFilter, Layer as _, Registry, layer::SubscriberExt as _, reload, util::SubscriberInitExt as _,
};

use super::args::LogFormat;
use crate::config::LogLevel;

/// A log of a dashboard that ran for long is begun anew above this size, in bytes.
const FILE_MAX: u64 = 8 * 1024 * 1024;

fn filter(default: &str) -> EnvFilter {
    EnvFilter::try_from_env("MINECLIFFORD_LOG").unwrap_or_else(|_| EnvFilter::new(default))
}

/// For commands: on the error output, where it was asked for with `-v` or MINECLIFFORD_LOG.
pub fn to_stderr(verbose: u8) {
    let level = match verbose {
        0 if std::env::var_os("MINECLIFFORD_LOG").is_none() => return,
        0 | 1 => "mineclifford=info,warn",
        2 => "mineclifford=debug,info",
        _ => "trace",
    };
    // Set once; a second subscriber in the same process (a test) is let go.
    let _ = tracing_subscriber::fmt().with_env_filter(filter(level)).with_writer(io::stderr).try_init();
}

/// For the dashboard, whose screen must not be written over: to `mineclifford.log` in this folder.
///
/// # Errors
/// That the folder or the file cannot be made. The dashboard works without.
pub fn to_file(folder: &Path, verbose: u8) -> io::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let path = folder.join("mineclifford.log");
    if std::fs::symlink_metadata(&path).is_ok_and(|file| file.len() > FILE_MAX) {
        std::fs::rename(&path, folder.join("mineclifford.log.old"))?;
    }
    let file = OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
    let level = if verbose > 0 { "mineclifford=debug,info" } else { "mineclifford=info,warn" };
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter(level))
        .with_ansi(false)
        .with_writer(Mutex::new(file))
        .try_init();
    Ok(())
}

/// Messages that may wait for whoever reads the output. When they are slower than that, messages are lost: the engine
/// never waits for them.
const WAITING: usize = 4096;

/// The level of a log that can be set while it is written. What still waits is written when this is dropped.
pub struct Level {
    filter: reload::Handle<EnvFilter, Registry>,
    _writer: WorkerGuard,
}

impl Level {
    /// From now on messages must be at least so grave. `MINECLIFFORD_LOG` wins over it.
    pub fn set(&self, level: LogLevel, verbose: u8) {
        // The only error is that the log is gone.
        let _ = self.filter.reload(filter(directives(level, verbose)));
    }
}

/// For a service: on the standard output, written by a thread of its own.
pub fn to_stdout(format: LogFormat, level: LogLevel, verbose: u8) -> Level {
    let (writer, guard): (NonBlocking, _) =
        NonBlockingBuilder::default().buffered_lines_limit(WAITING).finish(io::stdout());
    let (filter, handle) = reload::Layer::new(filter(directives(level, verbose)));
    let lines = tracing_subscriber::fmt::layer().with_writer(writer).with_ansi(false);
    let lines = match format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    let _ = tracing_subscriber::registry().with(filter).with(lines).try_init();
    Level { filter: handle, _writer: guard }
}

fn directives(level: LogLevel, verbose: u8) -> &'static str {
    match (verbose, level) {
        (0, LogLevel::Off) => "off",
        (0, LogLevel::Error) => "error",
        (0, LogLevel::Warn) => "warn",
        (0, LogLevel::Info) => "mineclifford=info,warn",
        (0, LogLevel::Debug) | (1, _) => "mineclifford=debug,info",
        (0, LogLevel::Trace) | (_, _) => "mineclifford=trace,debug",
    }
}
