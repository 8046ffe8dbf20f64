//! `/image/scripts/start`: as root the owner of the data folder is put right, then everything else happens as UID:GID.

use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, lchown};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use practice::clock::Now;
use practice::disk::OsDisk;
use practice::init;
use practice::output::{Event, Output};
use practice::settings::Settings;
use practice::sim::Context;

/// Becomes another applet in this process. Returns only when that failed.
fn become_applet(name: &str, owner: Option<(u32, u32)>) -> i32 {
    let Ok(program) = std::env::current_exe() else {
        eprintln!("practice: cannot find the program itself; is /proc mounted?");
        return 126;
    };
    let mut command = Command::new(program);
    command.arg0(name);
    if let Some((uid, gid)) = owner {
        command.uid(uid).gid(gid);
    }
    eprintln!("practice: cannot run {name}: {}", command.exec());
    126
}

/// The first half, as the container's own user, usually root.
pub fn start() -> i32 {
    let settings = super::settings();
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o002));
    if !rustix::process::getuid().is_root() {
        return configure();
    }
    let data = super::data();
    let _ = std::fs::create_dir_all(&data);
    let owner = std::fs::metadata(&data).map(|meta| meta.uid());
    if owner.is_ok_and(|owner| owner != settings.uid)
        && settings.uid != 0
        && let Err(error) = chown_all(&data, &settings)
    {
        println!("[init] [ERROR] Failed to change the owner of /data: {error}");
    }
    if settings.uid == 0 {
        return configure();
    }
    become_applet("start-configuration", Some((settings.uid, settings.gid)))
}

fn chown_all(path: &Path, settings: &Settings) -> std::io::Result<()> {
    lchown(path, Some(settings.uid), Some(settings.gid))?;
    if std::fs::symlink_metadata(path)?.is_dir() {
        for entry in std::fs::read_dir(path)? {
            chown_all(&entry?.path(), settings)?;
        }
    }
    Ok(())
}

/// The second half, as UID:GID: checks, configuration files, then the runner.
pub fn configure() -> i32 {
    let settings = super::settings();
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o002));
    let mut disk = OsDisk::new(super::data());
    let mut out = Output::new();
    let seed = if settings.practice.seed == 0 { super::seed() } else { settings.practice.seed };
    let mut cx = Context { now: Now::read(Instant::now()), disk: &mut disk, out: &mut out };
    let result = init::run(&settings, &mut cx, seed);
    let mut stdout = std::io::stdout().lock();
    for event in out.drain() {
        if let Event::Stdout(text) | Event::Stderr(text) = event {
            let _ = stdout.write_all(&text);
        }
    }
    let _ = stdout.flush();
    drop(stdout);
    std::thread::sleep(settings.practice.prepare);
    match result {
        Ok(()) => become_applet("mc-server-runner", None),
        Err(code) => code,
    }
}
