//! `doctor`: is everything there that this program needs?

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use serde::Serialize;

use super::reach;
use crate::{
    cli::{
        exit::{Exit, Failure, Outcome},
        io::{Facts, Io},
        output::{clean, human},
    },
    engine::Handle,
    model::{
        Fault, FaultKind, Host, HostState,
        disk::{Disk, DiskOf},
    },
};

/// With less room than this, a new world may not fit.
const ROOM_WARN: u64 = 5 << 30;
/// With less room than this, the database or a running world may be lost for lack of it.
const ROOM_FAIL: u64 = 200 << 20;
/// How long the disks of hosts may take to be measured. Nobody measures those of hosts elsewhere.
const MEASURED: Duration = Duration::from_secs(1);
/// The dashboard needs so many columns and rows to be of use.
const SMALLEST: (u16, u16) = (60, 16);

/// How a check came out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Verdict {
    Ok,
    Warn,
    Fail,
}

/// One thing that was looked at.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Check {
    /// What was looked at; scripts may rely on it.
    pub name: &'static str,
    /// How it came out.
    pub status: Verdict,
    /// What was found.
    pub message: String,
    /// What to do about it; empty where there is nothing to do.
    pub next: String,
}

impl Check {
    fn new(name: &'static str, status: Verdict, message: impl Into<String>, next: impl Into<String>) -> Self {
        Self { name, status, message: message.into(), next: next.into() }
    }

    fn ok(name: &'static str, message: impl Into<String>) -> Self {
        Self::new(name, Verdict::Ok, message, "")
    }

    fn of_fault(name: &'static str, status: Verdict, fault: &Fault) -> Self {
        Self::new(name, status, fault.what.clone(), format!("{} {}", fault.means, fault.next).trim())
    }
}

/// What the program stands on, as it was found before an engine was started.
#[derive(Clone, Debug, Default)]
pub struct Ground {
    /// The configuration file that was read; `None` where there is none and the defaults hold.
    pub config: Option<Result<PathBuf, Fault>>,
    /// The process that holds the database and was attached to, where that is not this one.
    pub attached: Option<u32>,
    /// What is odd in it.
    pub warnings: Vec<String>,
    /// The folder with the database; `None` where it could not be found out.
    pub data_dir: Option<PathBuf>,
    /// Whether the default image is on the local host; `None` where that was not asked.
    pub image: Option<bool>,
}

#[derive(Serialize)]
struct Report<'a> {
    ok: bool,
    checks: &'a [Check],
}

/// Looks at everything and tells what to do.
///
/// # Errors
/// `Told` with 5 where Docker cannot be reached, with 1 where something else failed; that the output is closed.
pub async fn run(
    ground: &Ground,
    engine: Result<&Handle, &Fault>,
    io: &mut Io,
    variable: &(dyn Fn(&str) -> Option<String> + Sync),
) -> Outcome {
    let mut checks = config(ground);
    checks.extend(ground.data_dir.as_deref().map(folder));
    let mut exit = Exit::Done;
    match engine {
        Ok(handle) => {
            checks.push(match ground.attached {
                Some(pid) => Check::ok("database", format!("process {pid} holds it; attached to its engine")),
                None => Check::ok("database", "opened; its version is known"),
            });
            if reach::settle(handle, io).await.is_err() {
                exit = Exit::Unreachable;
            }
            if io.interrupt.is_raised() {
                return Err(Failure::Told(io.interrupt.exit()));
            }
            for host in &handle.now().hosts {
                let check = docker(host);
                if check.status == Verdict::Fail {
                    exit = Exit::Unreachable;
                }
                checks.push(check);
            }
            checks.extend(docker_rooms(handle).await);
            checks.push(image(ground.image, handle));
        }
        // Settings that cannot be taken were told already, and kept the engine from being tried.
        Err(_) if matches!(ground.config, Some(Err(_))) => {}
        Err(fault) => checks.push(not_started(fault)),
    }
    checks.extend(ground.data_dir.as_deref().map(|dir| room("disk_space", dir)));
    checks.push(terminal(&io.facts, variable));
    let worst = checks.iter().map(|check| check.status).max().unwrap_or(Verdict::Ok);
    write(io, &checks, worst)?;
    match (worst, exit) {
        (Verdict::Fail, Exit::Done) => Err(Failure::Told(Exit::Failed)),
        (_, Exit::Done) => Ok(()),
        (_, exit) => Err(Failure::Told(exit)),
    }
}

fn write(io: &mut Io, checks: &[Check], worst: Verdict) -> Outcome {
    if io.json {
        return io.document(&Report { ok: worst != Verdict::Fail, checks });
    }
    for check in checks {
        let (word, colour) = match check.status {
            Verdict::Ok => ("ok  ", "32"),
            Verdict::Warn => ("warn", "33"),
            Verdict::Fail => ("FAIL", "31"),
        };
        if io.quiet && check.status == Verdict::Ok {
            continue;
        }
        let word = if io.facts.colour { format!("\x1b[{colour}m{word}\x1b[0m") } else { word.to_owned() };
        writeln!(io.out, "{word}  {:18} {}", check.name.replace('_', " "), clean::plain(&check.message))?;
        if !check.next.is_empty() {
            writeln!(io.out, "      {:18} {}", "", clean::plain(&check.next))?;
        }
    }
    Ok(io.out.flush()?)
}

fn config(ground: &Ground) -> Vec<Check> {
    const NAME: &str = "config";
    let mut checks = vec![match &ground.config {
        None => Check::ok(NAME, "no file; the defaults hold"),
        Some(Ok(path)) => Check::ok(NAME, path.display().to_string()),
        Some(Err(fault)) => Check::of_fault(NAME, Verdict::Fail, fault),
    }];
    checks.extend(ground.warnings.iter().map(|warning| {
        Check::new(NAME, Verdict::Warn, warning, "Correct it, or take the line out of the file.")
    }));
    checks
}

/// The folder is ours, nobody else can read it, and we can write into it.
fn folder(dir: &Path) -> Check {
    const NAME: &str = "data_folder";
    let shown = dir.display();
    let metadata = match std::fs::metadata(dir) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Check::ok(NAME, format!("{shown} (made at the first start)"));
        }
        Err(error) => {
            return Check::new(
                NAME,
                Verdict::Fail,
                format!("{shown} cannot be looked into: {error}"),
                "Give yourself access to it, or choose another with --data-dir.",
            );
        }
    };
    if !metadata.is_dir() {
        let next = "Move the file away, or choose another folder with --data-dir.";
        return Check::new(NAME, Verdict::Fail, format!("{shown} is not a folder"), next);
    }
    if rustix::fs::access(dir, rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK).is_err() {
        let next = format!(
            "`chown {} {shown}`, or choose another with --data-dir.",
            rustix::process::getuid().as_raw()
        );
        return Check::new(NAME, Verdict::Fail, format!("{shown} cannot be written to"), next);
    }
    let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o777;
    if mode & 0o077 != 0 {
        let found = format!("{shown} is open to other users of this machine (mode {mode:o})");
        return Check::new(
            NAME,
            Verdict::Warn,
            found,
            format!("`chmod 700 {shown}` closes it: it holds passwords."),
        );
    }
    Check::ok(NAME, shown.to_string())
}

fn not_started(fault: &Fault) -> Check {
    let (name, status) = match fault.kind {
        // Another of us has it open: that is how it should be while the dashboard runs.
        FaultKind::Conflict => ("database", Verdict::Warn),
        FaultKind::Unreachable => ("docker", Verdict::Fail),
        _ => ("database", Verdict::Fail),
    };
    Check::of_fault(name, status, fault)
}

fn docker(host: &Host) -> Check {
    const NAME: &str = "docker";
    match &host.state {
        HostState::Down(fault) => Check::of_fault(NAME, Verdict::Fail, fault),
        HostState::Connecting => Check::new(
            NAME,
            Verdict::Fail,
            format!("{} does not answer", host.endpoint),
            "See whether `docker version` answers; restart Docker if it does not.",
        ),
        HostState::Up => {
            let mut found = format!("{} at {}", host.engine, host.endpoint);
            if host.endpoint.contains("/run/user/") && !host.engine.to_ascii_lowercase().contains("rootless")
            {
                found += ", rootless";
            }
            found += &format!(", {} cores, {}", host.cpus, human::bytes(host.memory_bytes));
            Check::ok(NAME, found)
        }
    }
}

fn image(present: Option<bool>, handle: &Handle) -> Check {
    const NAME: &str = "image";
    let used = handle.now().servers.iter().any(|server| server.about.container_id.is_some());
    match present {
        Some(true) => Check::ok(NAME, "itzg/minecraft-server is here"),
        None if used => Check::ok(NAME, "servers were made from one already"),
        Some(false) | None => Check::ok(
            NAME,
            "itzg/minecraft-server is downloaded when the first server is made (about 800 MB)",
        ),
    }
}

/// Room on the disks of those hosts that are on the engine's machine: the engine measures them where Docker says that its
/// folder is. Of others nobody tells.
async fn docker_rooms(handle: &Handle) -> Vec<Check> {
    let of_host = |disk: &Disk| matches!(disk.of, DiskOf::Host(_));
    // Measured a moment after the host answered.
    let measured = handle.wait(|world| world.disks.iter().any(|disk| of_host(disk)).then_some(()));
    if handle.now().hosts.iter().any(|host| host.state == HostState::Up && !host.demo) {
        let _ = tokio::time::timeout(MEASURED, measured).await;
    }
    let world = handle.now();
    let disks = world.disks.iter().filter(|disk| of_host(disk));
    disks.map(|disk| free_at("docker_disk_space", disk.free_bytes, &disk.path)).collect()
}

fn free_at(name: &'static str, free: u64, path: &str) -> Check {
    let found = format!("{} free at {path}", human::bytes(free));
    let (status, next) = match free {
        free if free < ROOM_FAIL => (Verdict::Fail, "Make room now: worlds cannot be saved on a full disk."),
        free if free < ROOM_WARN => {
            (Verdict::Warn, "Make room before the next server: a world grows by gigabytes.")
        }
        _ => (Verdict::Ok, ""),
    };
    Check::new(name, status, found, next)
}

fn room(name: &'static str, dir: &Path) -> Check {
    // The folder may still have to be made: its first parent that is there is on the same disk.
    let Some(there) = dir.ancestors().find(|dir| dir.exists()) else {
        return Check::new(name, Verdict::Warn, format!("{} is nowhere", dir.display()), "");
    };
    match rustix::fs::statvfs(there) {
        Ok(disk) => free_at(name, disk.f_bavail.saturating_mul(disk.f_frsize), &there.display().to_string()),
        Err(error) => {
            Check::new(name, Verdict::Warn, format!("{} cannot be measured: {error}", there.display()), "")
        }
    }
}

fn terminal(facts: &Facts, variable: &(dyn Fn(&str) -> Option<String> + Sync)) -> Check {
    const NAME: &str = "terminal";
    if !facts.out_terminal || !facts.in_terminal {
        return Check::ok(NAME, "none here; the commands work, the dashboard needs one");
    }
    let term = variable("TERM").unwrap_or_default();
    if term.is_empty() || term == "dumb" {
        let found = format!("TERM is {term:?}: the dashboard cannot draw on it");
        return Check::new(
            NAME,
            Verdict::Warn,
            found,
            "Use another terminal, or set TERM, to xterm-256color say.",
        );
    }
    let mut found = term.clone();
    if let Ok(size) = rustix::termios::tcgetwinsize(std::io::stdout()) {
        found += &format!(", {}×{}", size.ws_col, size.ws_row);
        if size.ws_col < SMALLEST.0 || size.ws_row < SMALLEST.1 {
            let next = format!("Make it {}×{} or larger for the dashboard.", SMALLEST.0, SMALLEST.1);
            return Check::new(NAME, Verdict::Warn, found, next);
        }
    }
    found += match variable("COLORTERM").as_deref() {
        Some("truecolor" | "24bit") => ", 16 million colours",
        _ if term.contains("256color") => ", 256 colours",
        _ => ", 16 colours",
    };
    let locale =
        ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(variable).find(|value| !value.is_empty());
    let utf8 = locale.as_deref().is_some_and(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    });
    if utf8 {
        return Check::ok(NAME, found + ", UTF-8");
    }
    let next = "Set LANG to a UTF-8 locale, such as C.UTF-8, or lines and names look broken.";
    Check::new(NAME, Verdict::Warn, found + ", not UTF-8", next)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_folder_that_others_can_read_is_warned_of() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
        assert_eq!(folder(dir.path()).status, Verdict::Ok);
        std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        let check = folder(dir.path());
        assert_eq!(check.status, Verdict::Warn);
        assert!(check.message.contains("755") && check.next.contains("chmod 700"), "{check:?}");
    }

    #[test]
    fn a_file_in_the_folders_place_fails_and_a_folder_to_come_does_not() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        std::fs::write(&file, "").unwrap();
        assert_eq!(folder(&file).status, Verdict::Fail);
        assert_eq!(folder(&dir.path().join("new")).status, Verdict::Ok);
        assert!(room("disk_space", &dir.path().join("new/er")).message.contains("free at"));
    }

    #[test]
    fn what_the_terminal_cannot_do_is_said() {
        let facts = Facts { in_terminal: true, out_terminal: true, ..Facts::default() };
        let with = |pairs: &'static [(&str, &str)]| {
            terminal(&facts, &move |name| {
                pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(with(&[]).status, Verdict::Warn);
        assert_eq!(with(&[("TERM", "dumb"), ("LANG", "C.UTF-8")]).status, Verdict::Warn);
        assert!(with(&[("TERM", "xterm-256color"), ("LANG", "C")]).next.contains("LANG"));
        let good = with(&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor"), ("LANG", "de_DE.UTF-8")]);
        assert!(good.message.contains("16 million"), "{good:?}");
        assert_eq!(terminal(&Facts::default(), &|_| None).status, Verdict::Ok);
    }

    #[test]
    fn a_database_in_use_is_no_failure() {
        let fault = |kind| Fault::new(kind, "The database is in use.", "", "");
        assert_eq!(not_started(&fault(FaultKind::Conflict)).status, Verdict::Warn);
        assert_eq!(not_started(&fault(FaultKind::Failed)).status, Verdict::Fail);
    }
}
