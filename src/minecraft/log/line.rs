//! The shapes of log lines: vanilla and Fabric, Paper, Forge, the image's scripts, its helper, its runner.

use crate::model::console;

/// How grave the writer thought a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Level {
    /// The line does not say.
    Unknown,
    Trace,
    Debug,
    Info,
    Warn,
    Error,
    Fatal,
}

impl Level {
    fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "INFO" => Self::Info,
            "WARN" | "WARNING" => Self::Warn,
            "ERROR" | "SEVERE" => Self::Error,
            "FATAL" => Self::Fatal,
            "DEBUG" => Self::Debug,
            "TRACE" => Self::Trace,
            _ => return None,
        })
    }
}

impl From<Level> for console::Level {
    fn from(level: Level) -> Self {
        match level {
            Level::Trace => Self::Trace,
            Level::Debug => Self::Debug,
            Level::Unknown | Level::Info => Self::Info,
            Level::Warn => Self::Warn,
            Level::Error | Level::Fatal => Self::Error,
        }
    }
}

/// Who wrote a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// The image's start scripts.
    Init,
    /// `mc-image-helper`, which downloads and resolves versions.
    Helper,
    /// `mc-server-runner`, the container's first process.
    Runner,
    /// The game.
    Server,
    /// No prefix: a stack trace, the JVM itself, the game's bundler, the rest of a line that had several.
    Raw,
}

/// A line taken apart. All parts borrow from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    /// How grave.
    pub level: Level,
    /// The thread that wrote it, where the shape tells.
    pub thread: Option<&'a str>,
    /// Who wrote it.
    pub source: Source,
    /// What it says, without any prefix.
    pub text: &'a str,
}

/// Takes a line apart. Never fails: what has no known prefix is [`Source::Raw`] as a whole.
pub fn parse(line: &str) -> Line<'_> {
    let line = line.trim_end_matches(['\r', '\n']);
    let parsed = match line.as_bytes().first() {
        Some(b'[') => bracketed(line),
        Some(b'0'..=b'9') => runner(line),
        _ => None,
    };
    parsed.unwrap_or(Line { level: Level::Unknown, thread: None, source: Source::Raw, text: line })
}

fn bracketed(line: &str) -> Option<Line<'_>> {
    // The prefix is short; looking further would let a long line cost much and a late bracket count.
    let close = line.as_bytes().iter().take(64).position(|b| *b == b']')?;
    let (head, rest) = (&line[1..close], &line[close + 1..]);
    match head {
        "init" => return init(rest),
        "mc-image-helper" => return helper(rest),
        _ => {}
    }
    if let Some(text) = rest.strip_prefix(": ").or((rest == ":").then_some("")) {
        return paper(head, text);
    }
    time(head).then_some(())?;
    thread_and_level(rest.strip_prefix(" [")?)
}

/// `[init] msg`, `[init] [ERROR] msg`.
fn init(rest: &str) -> Option<Line<'_>> {
    let text = rest.strip_prefix(' ')?;
    let marked = text.strip_prefix('[').and_then(|t| t.split_once("] "));
    let (level, text) = match marked.and_then(|(word, text)| Some((Level::from_word(word)?, text))) {
        Some(found) => found,
        None => (Level::Info, text),
    };
    Some(Line { level, thread: None, source: Source::Init, text })
}

/// `[mc-image-helper] 23:25:43.845 ERROR : msg`.
fn helper(rest: &str) -> Option<Line<'_>> {
    let rest = rest.trim_start();
    let (clock, after) = rest.split_once(' ')?;
    let (level, text) = match after.split_once(": ") {
        Some((word, text)) if clock_time(clock) => match Level::from_word(word.trim()) {
            Some(level) => (level, text),
            None => (Level::Unknown, rest),
        },
        _ => (Level::Unknown, rest),
    };
    Some(Line { level, thread: None, source: Source::Helper, text })
}

/// `12:34:56 INFO` and the text after `]: `.
fn paper<'a>(head: &str, text: &'a str) -> Option<Line<'a>> {
    let (clock, word) = head.rsplit_once(' ')?;
    time(clock).then_some(())?;
    let level = Level::from_word(word)?;
    Some(Line { level, thread: None, source: Source::Server, text })
}

/// What follows `[12:34:56] [`: `Server thread/INFO]: msg`, or with a logger, `Server thread/INFO] [name]: msg`.
/// A thread's name may hold brackets and slashes.
fn thread_and_level(rest: &str) -> Option<Line<'_>> {
    let end = rest.find("]: ").or_else(|| rest.ends_with("]:").then(|| rest.len() - 2))?;
    let text = rest.get(end + 3..).unwrap_or("");
    let head = &rest[..end];
    let tagged = head.split_once("] [").map_or(head, |(tagged, _logger)| tagged);
    let (thread, word) = tagged.rsplit_once('/')?;
    let level = Level::from_word(word)?;
    Some(Line { level, thread: Some(thread), source: Source::Server, text })
}

/// `2026-02-05T21:15:15.276Z⇥INFO⇥mc-server-runner⇥Done`. A console shows the tabs as spaces.
fn runner(line: &str) -> Option<Line<'_>> {
    let (clock, rest) = field(line)?;
    (clock.len() >= 20 && clock.as_bytes().get(10) == Some(&b'T')).then_some(())?;
    let (word, rest) = field(rest)?;
    let level = Level::from_word(word)?;
    let text = match field(rest) {
        Some(("mc-server-runner", text)) => text,
        _ if rest == "mc-server-runner" => "",
        _ => return None,
    };
    Some(Line { level, thread: None, source: Source::Runner, text })
}

fn field(text: &str) -> Option<(&str, &str)> {
    let (word, rest) = text.split_once(['\t', ' '])?;
    Some((word, rest.trim_start_matches(['\t', ' '])))
}

/// `12:34:56`, or with more around it, such as Forge's `05Feb2026 12:34:56.789`.
fn time(head: &str) -> bool {
    let clock = head.rsplit_once(' ').map_or(head, |(_, clock)| clock);
    clock_time(clock)
}

fn clock_time(clock: &str) -> bool {
    let b = clock.as_bytes();
    b.len() >= 8 && b[0].is_ascii_digit() && b[1].is_ascii_digit() && b[2] == b':' && b[5] == b':'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line<'a>(level: Level, thread: Option<&'a str>, source: Source, text: &'a str) -> Line<'a> {
        Line { level, thread, source, text }
    }

    #[test]
    fn the_shapes_of_the_image() {
        let cases = [
            ("[init] msg", line(Level::Info, None, Source::Init, "msg")),
            ("[init] [ERROR] msg", line(Level::Error, None, Source::Init, "msg")),
            ("[init] [odd] msg", line(Level::Info, None, Source::Init, "[odd] msg")),
            (
                "[mc-image-helper] 23:25:43.845 ERROR : it broke",
                line(Level::Error, None, Source::Helper, "it broke"),
            ),
            ("[mc-image-helper] odd one", line(Level::Unknown, None, Source::Helper, "odd one")),
            (
                "2026-02-05T21:15:15.276Z\tINFO\tmc-server-runner\tDone",
                line(Level::Info, None, Source::Runner, "Done"),
            ),
            (
                "2026-02-05T21:15:15.276Z    INFO    mc-server-runner    gracefully stopping server...",
                line(Level::Info, None, Source::Runner, "gracefully stopping server..."),
            ),
        ];
        for (text, wanted) in cases {
            assert_eq!(parse(text), wanted, "{text}");
        }
    }

    #[test]
    fn the_shapes_of_the_servers() {
        let cases = [
            (
                "[12:34:56] [Server thread/INFO]: msg",
                line(Level::Info, Some("Server thread"), Source::Server, "msg"),
            ),
            ("[12:34:56 INFO]: msg\r", line(Level::Info, None, Source::Server, "msg")),
            ("[12:34:56 WARN]: [Plugin] msg", line(Level::Warn, None, Source::Server, "[Plugin] msg")),
            (
                "[13:37:55] [Worker-Main-5/ERROR] [minecraft/Util]: msg",
                line(Level::Error, Some("Worker-Main-5"), Source::Server, "msg"),
            ),
            (
                "[05Feb2026 13:37:55.123] [Server thread/INFO] [net.minecraft.Server/]: a]: b",
                line(Level::Info, Some("Server thread"), Source::Server, "a]: b"),
            ),
            (
                "[12:34:56] [Async Chat Thread - #0/INFO]: <a> b",
                line(Level::Info, Some("Async Chat Thread - #0"), Source::Server, "<a> b"),
            ),
            (
                "[12:34:56] [User Authenticator #1/FATAL]:",
                line(Level::Fatal, Some("User Authenticator #1"), Source::Server, ""),
            ),
        ];
        for (text, wanted) in cases {
            assert_eq!(parse(text), wanted, "{text}");
        }
    }

    #[test]
    fn everything_else_is_raw() {
        for text in [
            "",
            "[",
            "[]",
            "\tat net.minecraft.server.Main.main(Main.java:1)",
            "[12:34:56] no thread",
            "[12:34:56 ODD]: msg",
            "[Plugin]: msg",
            "[init]msg",
            "2026 is a year",
            "[Alice INFO]: msg",
        ] {
            assert_eq!(parse(text), line(Level::Unknown, None, Source::Raw, text), "{text}");
        }
    }
}
