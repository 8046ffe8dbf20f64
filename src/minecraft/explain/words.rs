//! From the cause to the words.

use super::cause::{Cause, End, cause};
use crate::minecraft::log::Problem;
use crate::minecraft::text::plain;
use crate::minecraft::version::image_tag;
use crate::model::Explanation;

const UNTOUCHED: &str = "The world was not touched.";

/// What happened, what it means for the server and its world, and what to do next.
pub fn explain(end: &End<'_>) -> Explanation {
    let cause = cause(end);
    let (what, means, next) = match cause {
        Cause::Eula => eula(),
        Cause::OomContainer | Cause::OomHeap | Cause::OomHost => memory(cause),
        Cause::Port => port(end),
        Cause::Java => java(end),
        Cause::Disk => disk(),
        Cause::Locked => locked(),
        Cause::Permission => permission(),
        Cause::Download => download(end),
        Cause::Crash => crash(end),
        Cause::Watchdog => watchdog(end),
        Cause::Killed | Cause::ShortGrace => killed(end, cause),
        Cause::CleanExit => clean_exit(end),
        Cause::Unknown => unknown(end),
    };
    Explanation { code: cause.code().to_owned(), what, means, next }
}

type Words = (String, String, String);

fn words(what: impl Into<String>, means: impl Into<String>, next: impl Into<String>) -> Words {
    (what.into(), means.into(), next.into())
}

fn eula() -> Words {
    words(
        "Minecraft's EULA is not accepted.",
        "The server did not start. The world was not touched.",
        "Read https://aka.ms/MinecraftEULA, accept it in the server's settings, and start again.",
    )
}

fn memory(cause: Cause) -> Words {
    match cause {
        Cause::OomHeap => words(
            "The Java heap was full.",
            "The server ended or is no longer reliable. What was not saved may be lost.",
            "Give the server more memory, or fewer players, mods and chunks in view.",
        ),
        Cause::OomHost => words(
            "The host has too little free memory for the server.",
            "The server did not get the memory that it asks for. What was not saved may be lost.",
            "Give the server less memory, or stop something else on the host.",
        ),
        _ => words(
            "The container used more memory than its limit and was killed.",
            "The server had no chance to save. What changed since the last save is lost.",
            "Leave the heap as it is and raise the container's limit, which should be at least a quarter above the \
             heap; or lower the heap.",
        ),
    }
}

fn port(end: &End<'_>) -> Words {
    if end.start_error.is_some() {
        return words(
            "The port on the host is taken.",
            "The container did not start. The world was not touched.",
            "Choose another port, or 0 for a free one; or stop what uses it.",
        );
    }
    words(
        "The server's port is taken within its container's network.",
        "The server ended before it loaded the world.",
        "Look for a second server with the same port in this network, or for a mod or plugin that uses it.",
    )
}

fn java(end: &End<'_>) -> Words {
    let needs = end.problems.iter().rev().find_map(|problem| match problem {
        Problem::WrongJava { needs } => Some(*needs),
        _ => None,
    });
    match needs {
        Some(needs) => words(
            format!("The server needs Java {needs} or newer, and the image has an older one."),
            format!("The server did not start. {UNTOUCHED}"),
            format!("Change the image's tag to {}, and start again.", image_tag(needs)),
        ),
        None => words(
            "The image's Java is too old for the server.",
            format!("The server did not start. {UNTOUCHED}"),
            "Change the image's tag to one with a newer Java, and start again.",
        ),
    }
}

fn disk() -> Words {
    words(
        "The disk is full.",
        "The world could not be saved: what changed since the last good save may be lost, and files may be torn.",
        "Make room on the disk that holds the data volume, then start again and check the world.",
    )
}

fn locked() -> Words {
    words(
        "Another server uses this world.",
        "The server ended before it changed anything. Two servers on one world would destroy it.",
        "Stop the other server that has this data volume or folder, then start this one again.",
    )
}

fn permission() -> Words {
    words(
        "Files of the data volume belong to another user.",
        "The server cannot read or write what it needs, so it did not start. The world is as it was.",
        "Give /data to the user that the container runs as (UID and GID, 1000 by default), and start again.",
    )
}

fn download(end: &End<'_>) -> Words {
    let code = end.problems.iter().rev().find_map(|problem| match problem {
        Problem::DownloadFailed { code } => *code,
        _ => None,
    });
    let (what, next) = match code {
        Some(429) => (
            "A download was refused: too many requests from this address (429).".to_owned(),
            "Wait some minutes and start again; pinned versions ask less often.",
        ),
        Some(404) => (
            "A download does not exist (404).".to_owned(),
            "Check the version and the names of mods, plugins and packs: there may be no build for this version.",
        ),
        Some(code) => (
            format!("A download failed with HTTP status {code}."),
            "Start again later; if it stays, look at the console for the address that fails.",
        ),
        None => (
            "The image could not fetch or resolve what the server needs.".to_owned(),
            "Check the host's network, and the version and names of mods, plugins and packs in the settings.",
        ),
    };
    words(what, format!("The server did not start. {UNTOUCHED}"), next)
}

fn report<'a>(end: &End<'a>) -> Option<&'a str> {
    end.problems.iter().rev().find_map(|problem| match problem {
        Problem::CrashReport { path } => Some(path.as_str()),
        _ => None,
    })
}

fn crash(end: &End<'_>) -> Words {
    let next = match report(end) {
        Some(path) => {
            format!("Read the crash report {path}; a mod or plugin that it names is the likely cause.")
        }
        None => {
            "Read the console from the first error on; a mod or plugin that it names is the likely cause."
                .into()
        }
    };
    words(
        "The server crashed.",
        if end.world_saved {
            "The world was saved before it ended."
        } else {
            "Servers try to save when they crash; what changed since the last save may be lost."
        },
        next,
    )
}

fn watchdog(end: &End<'_>) -> Words {
    let seconds = end.problems.iter().rev().find_map(|problem| match problem {
        Problem::Watchdog { seconds } if *seconds > 0 => Some(*seconds),
        _ => None,
    });
    let what = match seconds {
        Some(seconds) => format!("The server hung for {seconds} s, and its watchdog ended it."),
        None => "The server hung, and its watchdog ended it.".to_owned(),
    };
    let report = report(end).map(|path| format!(" The crash report is {path}.")).unwrap_or_default();
    words(
        what,
        "It could not save. What changed since the last save is lost.",
        format!(
            "Look for what blocks it: an overloaded disk or processor, a big save, a mod or plugin. MAX_TICK_TIME=-1 \
             turns the watchdog off.{report}"
        ),
    )
}

fn killed(end: &End<'_>, cause: Cause) -> Words {
    let saved = if end.world_saved {
        "The world was saved before it was killed."
    } else {
        "The world may be unsaved: what changed since the last save is lost."
    };
    if cause == Cause::ShortGrace {
        let after =
            end.stop_asked.map(|ago| format!(" {} s after the stop", ago.as_secs())).unwrap_or_default();
        return words(
            format!("The server was killed{after}, before it had ended by itself."),
            saved,
            "Give it more time to stop (the container's stop timeout), or look at the console for what held it up.",
        );
    }
    words(
        "Something killed the server from outside.",
        saved,
        "Look who did: docker kill, the host's own out-of-memory killer, or a shutdown of the host. Start it again.",
    )
}

fn clean_exit(end: &End<'_>) -> Words {
    let what = if end.stop_asked.is_some() {
        "The server stopped as it was told to."
    } else {
        "The server stopped by itself, in order: by /stop in the game or console, or by an automatic stop."
    };
    let means = if end.world_saved {
        "The world was saved."
    } else {
        "A server that stops in order saves its world first."
    };
    words(what, means, "Start it again when it is wanted.")
}

fn unknown(end: &End<'_>) -> Words {
    if let Some(error) = end.start_error {
        return words(
            format!("Docker could not start the container: {}", plain(error, 300)),
            UNTOUCHED,
            "Correct what Docker complains about, and start again.",
        );
    }
    let (what, next) = match end.exit_code {
        Some(1) => (
            "The server ended with exit code 1, and its log does not say why in a known way.".to_owned(),
            "Read the end of the console: a wrong TYPE, a failed download or a wrong Java option is the usual cause.",
        ),
        Some(2) => (
            "The server ended with exit code 2, and its log does not say why in a known way.".to_owned(),
            "Check that the version exists and that the container may write to /data.",
        ),
        Some(code) => (
            format!("The server ended with exit code {code}, and its log does not say why in a known way."),
            "Read the end of the console.",
        ),
        None => ("The server ended, and Docker does not say how.".to_owned(), "Read the end of the console."),
    };
    let means = if end.world_saved {
        "The world was saved before it ended."
    } else {
        "What changed since the last save may be lost."
    };
    words(what, means, next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn of(exit_code: i64, problems: &[Problem]) -> Explanation {
        explain(&End { exit_code: Some(exit_code), problems, ..End::default() })
    }

    #[test]
    fn the_words_hold_what_the_log_told() {
        let java = of(1, &[Problem::WrongJava { needs: 21 }]);
        assert!(java.what.contains("Java 21") && java.next.contains("java21"), "{java:?}");
        let report = Problem::CrashReport { path: "/data/crash-reports/a.txt".to_owned() };
        assert!(of(0, &[report]).next.contains("/data/crash-reports/a.txt"));
        assert!(of(1, &[Problem::DownloadFailed { code: Some(429) }]).what.contains("429"));
        let hung = of(1, &[Problem::Watchdog { seconds: 60 }, Problem::Watchdog { seconds: 0 }]);
        assert!(hung.what.contains("60 s"), "{hung:?}");
        let stop = End { exit_code: Some(137), stop_asked: Some(Duration::from_secs(10)), ..End::default() };
        let short = explain(&stop);
        assert_eq!(short.code, "short_grace");
        assert!(short.what.contains("10 s") && short.means.contains("unsaved"), "{short:?}");
        assert!(explain(&End { world_saved: true, ..stop }).means.contains("was saved"));
        let docker = explain(&End { start_error: Some("bad \x1b[2Jmount"), ..End::default() });
        assert!(docker.what.ends_with("bad mount"), "{docker:?}");
    }

    #[test]
    fn every_cause_has_all_three_sentences() {
        let crash = [Problem::ServerCrashed];
        let problems = [
            vec![Problem::EulaMissing],
            vec![Problem::PortBind],
            vec![Problem::OutOfMemoryHeap],
            vec![Problem::OutOfMemoryHost],
            vec![Problem::WrongJava { needs: 25 }],
            vec![Problem::SessionLocked],
            vec![Problem::DiskFull],
            vec![Problem::DownloadFailed { code: None }],
            vec![Problem::PermissionDenied],
            vec![Problem::Watchdog { seconds: 0 }],
            crash.to_vec(),
            vec![],
        ];
        let mut seen = std::collections::BTreeSet::new();
        for problems in &problems {
            for (code, oom_killed, asked) in [
                (0, false, false),
                (1, false, false),
                (137, false, false),
                (137, false, true),
                (137, true, false),
            ] {
                let stop_asked = asked.then_some(Duration::from_secs(10));
                let end = End { exit_code: Some(code), oom_killed, problems, stop_asked, ..End::default() };
                let told = explain(&end);
                for sentence in [&told.what, &told.means, &told.next] {
                    assert!(sentence.ends_with('.'), "{told:?}");
                }
                seen.insert(told.code);
            }
        }
        let all = Cause::ALL.iter().map(|cause| cause.code().to_owned()).collect();
        assert_eq!(seen, all);
    }
}
