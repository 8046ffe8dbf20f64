//! The program's own log: not what servers say, but what this program does.

use std::{
    fs::OpenOptions,
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::Path,
    sync::Mutex,
};

use tracing_subscriber::EnvFilter;

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
