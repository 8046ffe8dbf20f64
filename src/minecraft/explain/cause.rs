//! From the signs to the cause.

use std::time::Duration;

use crate::minecraft::log::Problem;

/// A stop that was asked for longer ago than this has nothing to do with the end any more.
const STOP_MEMORY: Duration = Duration::from_secs(15 * 60);

/// What is known of a server's end.
#[derive(Debug, Clone, Copy, Default)]
pub struct End<'a> {
    /// The container's exit code; `None` where it did not start or Docker does not tell.
    pub exit_code: Option<i64>,
    /// Docker's `State.OOMKilled`.
    pub oom_killed: bool,
    /// The signs of trouble since its start, oldest first.
    pub problems: &'a [Problem],
    /// How long before the end somebody asked for a stop.
    pub stop_asked: Option<Duration>,
    /// What Docker said when the container could not be started.
    pub start_error: Option<&'a str>,
    /// Whether the log said after the last change that all chunks are saved.
    pub world_saved: bool,
}

/// Why a server ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cause {
    /// The EULA is not accepted.
    Eula,
    /// The container's memory limit was reached.
    OomContainer,
    /// The Java heap was full.
    OomHeap,
    /// The host had no memory for it.
    OomHost,
    /// A port is taken.
    Port,
    /// The Java version is too old.
    Java,
    /// The disk is full.
    Disk,
    /// Another server uses the world.
    Locked,
    /// Files belong to somebody else.
    Permission,
    /// Something could not be downloaded.
    Download,
    /// The game crashed.
    Crash,
    /// The game hung and its watchdog ended it.
    Watchdog,
    /// Something killed it.
    Killed,
    /// It was killed because it took longer to stop than it was given.
    ShortGrace,
    /// It stopped by itself, in order.
    CleanExit,
    /// None of these.
    Unknown,
}

impl Cause {
    /// Every cause.
    pub const ALL: &'static [Self] = &[
        Self::Eula,
        Self::OomContainer,
        Self::OomHeap,
        Self::OomHost,
        Self::Port,
        Self::Java,
        Self::Disk,
        Self::Locked,
        Self::Permission,
        Self::Download,
        Self::Crash,
        Self::Watchdog,
        Self::Killed,
        Self::ShortGrace,
        Self::CleanExit,
        Self::Unknown,
    ];

    /// The short name, for scripts and metrics.
    pub fn code(self) -> &'static str {
        match self {
            Self::Eula => "eula",
            Self::OomContainer => "oom_container",
            Self::OomHeap => "oom_heap",
            Self::OomHost => "oom_host",
            Self::Port => "port",
            Self::Java => "java",
            Self::Disk => "disk",
            Self::Locked => "locked",
            Self::Permission => "permission",
            Self::Download => "download",
            Self::Crash => "crash",
            Self::Watchdog => "watchdog",
            Self::Killed => "killed",
            Self::ShortGrace => "short_grace",
            Self::CleanExit => "clean_exit",
            Self::Unknown => "unknown",
        }
    }
}

/// The cause of an end.
pub fn cause(end: &End<'_>) -> Cause {
    if let Some(error) = end.start_error {
        return start_error(error);
    }
    let stopped = end.stop_asked.is_some_and(|ago| ago <= STOP_MEMORY);
    let orderly = matches!(end.exit_code, Some(0 | 143));
    if end.oom_killed && !orderly {
        return Cause::OomContainer;
    }
    if stopped && matches!(end.exit_code, Some(137 | 255)) {
        return Cause::ShortGrace;
    }
    // Somebody wanted the end and it went in order: older complaints, such as a mod that could not be fetched, did
    // not cause it. A crash or a full disk on the way down counts.
    let causes = end.problems.iter().map(of_problem);
    let counts = |cause: &Cause| {
        !(stopped && orderly) || matches!(cause, Cause::Crash | Cause::Watchdog | Cause::Disk)
    };
    if let Some(cause) = causes.filter(counts).min_by_key(|cause| rank(*cause, orderly)) {
        return cause;
    }
    match end.exit_code {
        Some(0 | 143) => Cause::CleanExit,
        Some(137 | 255) => Cause::Killed,
        _ => Cause::Unknown,
    }
}

fn start_error(error: &str) -> Cause {
    let error = error.to_lowercase();
    let has = |part: &str| error.contains(part);
    if has("port is already allocated") || has("address already in use") || has("ports are not available") {
        Cause::Port
    } else if has("permission denied") {
        Cause::Permission
    } else if has("cannot allocate memory") {
        Cause::OomHost
    } else {
        Cause::Unknown
    }
}

fn of_problem(problem: &Problem) -> Cause {
    match problem {
        Problem::EulaMissing => Cause::Eula,
        Problem::PortBind => Cause::Port,
        Problem::OutOfMemoryHeap => Cause::OomHeap,
        Problem::OutOfMemoryHost => Cause::OomHost,
        Problem::WrongJava { .. } => Cause::Java,
        Problem::SessionLocked => Cause::Locked,
        Problem::DiskFull => Cause::Disk,
        Problem::DownloadFailed { .. } => Cause::Download,
        Problem::PermissionDenied => Cause::Permission,
        Problem::Watchdog { .. } => Cause::Watchdog,
        Problem::CrashReport { .. } | Problem::UnexpectedException | Problem::ServerCrashed => Cause::Crash,
    }
}

/// Of several signs the most telling wins: a crash is what most causes end in, so it comes after them. A failed
/// download or a file without permission may have been survived: when the game itself ended in order (as it does
/// when it crashes), they are the last to be believed.
fn rank(cause: Cause, orderly: bool) -> u8 {
    match cause {
        Cause::Eula => 0,
        Cause::Java => 1,
        Cause::Locked => 2,
        Cause::Port => 3,
        Cause::OomHost => 4,
        Cause::OomHeap => 5,
        Cause::Disk => 6,
        Cause::Permission if !orderly => 7,
        Cause::Watchdog => 8,
        Cause::Download if !orderly => 9,
        Cause::Crash => 10,
        Cause::Permission => 11,
        Cause::Download => 12,
        _ => 13,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(exit_code: i64, problems: &[Problem]) -> Cause {
        cause(&End { exit_code: Some(exit_code), problems, ..End::default() })
    }

    const REPORT: fn() -> Problem = || Problem::CrashReport { path: "x".to_owned() };

    #[test]
    fn the_log_beats_the_exit_code() {
        assert_eq!(of(0, &[]), Cause::CleanExit);
        assert_eq!(of(0, &[Problem::UnexpectedException, REPORT()]), Cause::Crash);
        assert_eq!(of(0, &[Problem::PortBind]), Cause::Port);
        assert_eq!(of(0, &[Problem::EulaMissing]), Cause::Eula);
        assert_eq!(of(1, &[Problem::EulaMissing]), Cause::Eula);
        assert_eq!(of(1, &[Problem::Watchdog { seconds: 60 }, REPORT()]), Cause::Watchdog);
        assert_eq!(of(1, &[Problem::ServerCrashed, Problem::WrongJava { needs: 21 }]), Cause::Java);
        assert_eq!(of(1, &[Problem::DownloadFailed { code: Some(429) }]), Cause::Download);
        assert_eq!(of(2, &[Problem::PermissionDenied]), Cause::Permission);
        assert_eq!(of(0, &[Problem::ServerCrashed, Problem::SessionLocked]), Cause::Locked);
        assert_eq!(of(0, &[REPORT(), Problem::OutOfMemoryHeap]), Cause::OomHeap);
        assert_eq!(of(1, &[Problem::OutOfMemoryHost]), Cause::OomHost);
        assert_eq!(of(0, &[Problem::DownloadFailed { code: None }, REPORT()]), Cause::Crash);
    }

    #[test]
    fn exit_codes_where_the_log_is_silent() {
        assert_eq!(of(1, &[]), Cause::Unknown);
        assert_eq!(of(2, &[]), Cause::Unknown);
        assert_eq!(of(137, &[]), Cause::Killed);
        assert_eq!(of(255, &[]), Cause::Killed);
        assert_eq!(of(143, &[]), Cause::CleanExit);
        assert_eq!(cause(&End::default()), Cause::Unknown);
    }

    #[test]
    fn memory_and_grace() {
        let oom = |code| cause(&End { exit_code: Some(code), oom_killed: true, ..End::default() });
        assert_eq!([oom(137), oom(255), oom(1)], [Cause::OomContainer; 3]);
        assert_eq!(oom(0), Cause::CleanExit, "a process beside the server was killed");
        let stop = |code, ago| {
            cause(&End {
                exit_code: Some(code),
                stop_asked: Some(Duration::from_secs(ago)),
                ..End::default()
            })
        };
        assert_eq!(stop(137, 10), Cause::ShortGrace);
        assert_eq!(stop(137, 3600), Cause::Killed);
        assert_eq!(stop(0, 10), Cause::CleanExit);
    }

    #[test]
    fn a_stop_forgives_what_was_survived() {
        let end = |problems| End {
            exit_code: Some(0),
            stop_asked: Some(Duration::from_secs(5)),
            problems,
            ..End::default()
        };
        assert_eq!(cause(&end(&[Problem::DownloadFailed { code: None }])), Cause::CleanExit);
        let crashed = [REPORT()];
        assert_eq!(cause(&end(&crashed)), Cause::Crash);
        assert_eq!(cause(&end(&[Problem::DiskFull])), Cause::Disk, "a clean stop that could not save");
    }

    #[test]
    fn what_docker_says_at_the_start() {
        let of = |error| cause(&End { start_error: Some(error), ..End::default() });
        assert_eq!(of("Bind for 0.0.0.0:25565 failed: port is already allocated"), Cause::Port);
        assert_eq!(of("listen tcp4 0.0.0.0:25565: bind: address already in use"), Cause::Port);
        assert_eq!(of("something else"), Cause::Unknown);
    }
}
