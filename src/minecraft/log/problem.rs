//! Signs of trouble in the log.

use super::line::{Level, Line, Source};
use super::server::{chat, strip_system};
use crate::minecraft::command::number;
use crate::minecraft::text::plain;

/// The HTTP status of a failed download, where the line tells.
pub type DownloadCode = Option<u16>;

/// A sign of trouble. Owned and small, so that the last few can be kept for an explanation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// Nobody has accepted Minecraft's EULA.
    EulaMissing,
    /// The port is taken within the container's network.
    PortBind,
    /// The heap is too small.
    OutOfMemoryHeap,
    /// The host does not give the JVM the memory that it asks for.
    OutOfMemoryHost,
    /// The JVM is too old for the server (or for a mod).
    WrongJava {
        /// The Java version that is needed at least.
        needs: u8,
    },
    /// Another server uses the same world.
    SessionLocked,
    /// A server, mod or pack could not be fetched.
    DownloadFailed {
        /// The HTTP status.
        code: DownloadCode,
    },
    /// A file of the data volume belongs to somebody else.
    PermissionDenied,
    /// The disk is full: the world cannot be saved.
    DiskFull,
    /// The server wrote a crash report.
    CrashReport {
        /// Where, within the container. At most 256 characters.
        path: String,
    },
    /// One tick took so long that the watchdog ends the server.
    Watchdog {
        /// How long, in whole seconds; 0 where the line does not tell.
        seconds: u32,
    },
    /// The server met an error that it does not survive.
    UnexpectedException,
    /// The server says itself that it has crashed or cannot start.
    ServerCrashed,
}

/// The sign of trouble in a line. Chat is never one.
pub(super) fn problem(line: &Line<'_>) -> Option<Problem> {
    let text = line.text;
    match line.source {
        Source::Init => init(line),
        Source::Helper => helper(line),
        Source::Raw => raw(text),
        Source::Runner => None,
        Source::Server if line.level <= Level::Info => calm(text),
        Source::Server if chat(text).is_some() => None,
        Source::Server => server(text),
    }
}

/// What the server says at level INFO.
fn calm(text: &str) -> Option<Problem> {
    let (text, _) = strip_system(text);
    if text.starts_with("You need to agree to the EULA") {
        return Some(Problem::EulaMissing);
    }
    // The answer to a `save-all`.
    text.starts_with("Unable to save the game (is there enough disk space?)").then_some(Problem::DiskFull)
}

fn init(line: &Line<'_>) -> Option<Problem> {
    let text = line.text;
    if text.contains("Please accept the Minecraft EULA") {
        Some(Problem::EulaMissing)
    } else if text.contains("Unable to write eula to") || text.contains("Permission denied") {
        Some(Problem::PermissionDenied)
    } else if line.level >= Level::Error && text.contains("ownload") {
        Some(Problem::DownloadFailed { code: status(text) })
    } else {
        None
    }
}

fn helper(line: &Line<'_>) -> Option<Problem> {
    if line.level < Level::Error {
        return None;
    }
    if line.text.contains("AccessDenied") || line.text.contains("Permission denied") {
        return Some(Problem::PermissionDenied);
    }
    Some(Problem::DownloadFailed { code: status(line.text) })
}

/// Lines without a prefix: what the JVM and the shell say.
fn raw(text: &str) -> Option<Problem> {
    // Nearly every raw line is one of a stack trace.
    let text = text.trim_start();
    if text.starts_with("at ") || text.starts_with("... ") || text.is_empty() {
        return None;
    }
    if text.ends_with(": Permission denied") {
        return Some(Problem::PermissionDenied);
    }
    // `os::commit_memory(…) failed; error='Not enough space' (errno=12)`.
    // The helper's own line says only which of its commands failed; the cause comes in the stack trace after it.
    if text.contains("FailedRequestException: ") {
        return Some(Problem::DownloadFailed { code: status(text) });
    }
    if text.starts_with("Error: Could not reserve enough space") || text.ends_with("(errno=12)") {
        return Some(Problem::OutOfMemoryHost);
    }
    exception(text)
}

/// What a Java exception tells, in a stack trace's first line or in a log line that quotes it.
fn exception(text: &str) -> Option<Problem> {
    if text.contains("already locked (possibly by other") {
        return Some(Problem::SessionLocked);
    }
    if text.contains("No space left on device") {
        return Some(Problem::DiskFull);
    }
    // All others name Java: one search instead of six for a line of a flood.
    if !text.contains("ava") {
        return None;
    }
    if text.contains("insufficient memory for the Java Runtime") {
        return Some(Problem::OutOfMemoryHost);
    }
    if text.contains("java.lang.OutOfMemoryError") {
        let host =
            text.contains("unable to create native thread") || text.contains("unable to create new native");
        return Some(if host { Problem::OutOfMemoryHost } else { Problem::OutOfMemoryHeap });
    }
    if text.contains("UnsupportedClassVersionError") {
        let (class, _) = number(text.split_once("class file version ")?.1)?;
        return Some(Problem::WrongJava { needs: u8::try_from(class.checked_sub(44)?).ok()? });
    }
    if text.contains("java.nio.file.AccessDeniedException") {
        return Some(Problem::PermissionDenied);
    }
    if let Some((_, rest)) = text.split_once("This version of Minecraft requires at least Java ") {
        return Some(Problem::WrongJava { needs: u8::try_from(number(rest)?.0).ok()? });
    }
    None
}

/// Warnings and errors of the server itself.
fn server(text: &str) -> Option<Problem> {
    if text.starts_with("**** FAILED TO BIND TO PORT!") {
        return Some(Problem::PortBind);
    }
    if text.starts_with("You need to agree to the EULA") || text.starts_with("Failed to load eula.txt") {
        return Some(Problem::EulaMissing);
    }
    if let Some(rest) = text.strip_prefix("This crash report has been saved to: ") {
        return Some(Problem::CrashReport { path: plain(rest.trim(), 256) });
    }
    if let Some(rest) = text.strip_prefix("A single server tick took ") {
        return Some(Problem::Watchdog { seconds: number(rest).map_or(0, |(seconds, _)| seconds) });
    }
    if text.starts_with("Considering it to be crashed, server will forcibly shutdown")
        || text.starts_with("The server has stopped responding!")
    {
        return Some(Problem::Watchdog { seconds: 0 });
    }
    // The cause, where the line quotes it, tells more than that there was one.
    if let Some(problem) = exception(text) {
        return Some(problem);
    }
    if text.starts_with("Encountered an unexpected exception") {
        return Some(Problem::UnexpectedException);
    }
    if text.starts_with("Failed to start the minecraft server")
        || text.starts_with("We were unable to save this crash report to disk")
        || text.starts_with("Exception stopping the server")
    {
        return Some(Problem::ServerCrashed);
    }
    None
}

/// The HTTP status in `… failed with 404 Not Found: …`, or else the first word that looks like an error status. What
/// comes before is an address, which may hold any number.
fn status(text: &str) -> DownloadCode {
    let text = text.split_once(" failed with ").map_or(text, |(_, rest)| rest);
    text.split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| word.len() == 3 && word.bytes().all(|b| b.is_ascii_digit()))
        .find_map(|word| word.parse().ok().filter(|code| (400..600).contains(code)))
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    fn of(line: &str) -> Option<Problem> {
        problem(&parse(line))
    }

    #[test]
    fn the_contracts_signals() {
        let crash = "/data/crash-reports/crash-2026-01-01_00.00.00-server.txt";
        let cases = [
            ("[init] [ERROR] Please accept the Minecraft EULA at", Problem::EulaMissing),
            (
                "[12:34:56] [main/INFO]: You need to agree to the EULA in order to run the server. Go to eula.txt \
                 for more info.",
                Problem::EulaMissing,
            ),
            ("[12:34:56] [Server thread/WARN]: **** FAILED TO BIND TO PORT!", Problem::PortBind),
            ("[12:34:56 WARN]: **** FAILED TO BIND TO PORT!", Problem::PortBind),
            ("java.lang.OutOfMemoryError: Java heap space", Problem::OutOfMemoryHeap),
            (
                "Exception in thread \"Server thread\" java.lang.OutOfMemoryError: Java heap space",
                Problem::OutOfMemoryHeap,
            ),
            (
                "# There is insufficient memory for the Java Runtime Environment to continue.",
                Problem::OutOfMemoryHost,
            ),
            (
                "Exception in thread \"main\" java.lang.UnsupportedClassVersionError: a/B has been compiled by a \
                 more recent version of the Java Runtime (class file version 65.0), this version only recognizes \
                 class file versions up to 61.0",
                Problem::WrongJava { needs: 21 },
            ),
            (
                "Unsupported Java detected (52.0). This version of Minecraft requires at least Java 17. Check",
                Problem::WrongJava { needs: 17 },
            ),
            (
                "net.minecraft.util.DirectoryLock$LockException: /data/./world/session.lock: already locked \
                 (possibly by other Minecraft instance?)",
                Problem::SessionLocked,
            ),
            (
                "[mc-image-helper] 23:25:43.845 ERROR : HTTP request of https://x failed with 429: Too Many",
                Problem::DownloadFailed { code: Some(429) },
            ),
            (
                "me.itzg.helpers.http.FailedRequestException: HTTP request of https://x/500 failed with 404 Not \
                 Found: Fetching object content",
                Problem::DownloadFailed { code: Some(404) },
            ),
            (
                "[mc-image-helper] 23:25:43.845 ERROR : 'modrinth' command failed. Version is 1.38.16",
                Problem::DownloadFailed { code: None },
            ),
            (
                "[mc-image-helper] 23:25:43.845 ERROR : Unable to resolve version 1.99.404x",
                Problem::DownloadFailed { code: None },
            ),
            ("java.io.IOException: No space left on device", Problem::DiskFull),
            (
                "[12:34:56 INFO]: System chat: Unable to save the game (is there enough disk space?)",
                Problem::DiskFull,
            ),
            ("[init] Unable to write eula to /data. Please check", Problem::PermissionDenied),
            ("cp: cannot create regular file '/data/x': Permission denied", Problem::PermissionDenied),
            (
                "OpenJDK 64-Bit Server VM warning: INFO: os::commit_memory(0x0000000080000000, 2147483648, 0) failed; \
                 error='Not enough space' (errno=12)",
                Problem::OutOfMemoryHost,
            ),
            (
                "[12:34:56] [Server thread/ERROR]: Encountered an unexpected exception",
                Problem::UnexpectedException,
            ),
            (
                "[12:34:56] [Server Watchdog/FATAL]: A single server tick took 60.00 seconds (should be max 0.05)",
                Problem::Watchdog { seconds: 60 },
            ),
            (
                "[12:34:56] [Server Watchdog/FATAL]: Considering it to be crashed, server will forcibly shutdown.",
                Problem::Watchdog { seconds: 0 },
            ),
            ("[12:34:56] [main/FATAL]: Failed to start the minecraft server", Problem::ServerCrashed),
        ];
        for (line, wanted) in cases {
            assert_eq!(of(line), Some(wanted), "{line}");
        }
        let line = format!("[12:34:56] [Server thread/ERROR]: This crash report has been saved to: {crash}");
        assert_eq!(of(&line), Some(Problem::CrashReport { path: crash.to_owned() }));
    }

    #[test]
    fn players_cannot_cry_wolf() {
        for text in [
            "**** FAILED TO BIND TO PORT!",
            "java.lang.OutOfMemoryError: Java heap space",
            "This crash report has been saved to: x",
            "already locked (possibly by other",
            "You need to agree to the EULA",
        ] {
            assert_eq!(of(&format!("[12:34:56] [Server thread/INFO]: <Eve> {text}")), None);
            assert_eq!(of(&format!("[12:34:56 WARN]: <Eve> {text}")), None);
            assert_eq!(of(&format!("[12:34:56] [Server thread/INFO]: [Eve] {text}")), None);
            assert_eq!(of(&format!("[12:34:56] [Server thread/INFO]: * Eve {text}")), None);
        }
    }
}
