//! The shapes of log lines: the game's, the start script's, the helper's and the runner's.

use std::io::Write;

use crate::clock::civil;
use crate::flavour::Family;

/// How bad a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Ordinary.
    Info,
    /// Odd.
    Warn,
    /// Bad.
    Error,
    /// The end.
    Fatal,
}

impl Level {
    fn name(self) -> &'static str {
        match self {
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
            Self::Fatal => "FATAL",
        }
    }
}

/// The game's main thread.
pub const MAIN: &str = "Server thread";

/// Writes one line of the game: `[12:34:56] [Server thread/INFO]: message` and its relatives. Line breaks inside the
/// message stay as they are, as with the real one.
pub fn game(
    buffer: &mut Vec<u8>,
    family: Family,
    unix_ms: u64,
    offset: i32,
    thread: &str,
    level: Level,
    message: &[u8],
) {
    let time = civil(unix_ms, offset);
    let (hour, minute, second) = (time.hour, time.minute, time.second);
    let name = level.name();
    // Writing to a Vec cannot fail.
    let _ = match family {
        Family::Vanilla => write!(buffer, "[{hour:02}:{minute:02}:{second:02}] [{thread}/{name}]: "),
        Family::Bukkit => write!(buffer, "[{hour:02}:{minute:02}:{second:02} {name}]: "),
        Family::Forge => {
            write!(
                buffer,
                "[{hour:02}:{minute:02}:{second:02}] [{thread}/{name}] [minecraft/MinecraftServer]: "
            )
        }
    };
    buffer.extend_from_slice(message);
    buffer.push(b'\n');
}

/// Writes one line of the start script: `[init] message`.
pub fn init(buffer: &mut Vec<u8>, message: &str) {
    let _ = writeln!(buffer, "[init] {message}");
}

/// Writes one error line of the start script: `[init] [ERROR] message`.
pub fn init_error(buffer: &mut Vec<u8>, message: &str) {
    let _ = writeln!(buffer, "[init] [ERROR] {message}");
}

/// Writes one line of the image's helper: `[mc-image-helper] 23:25:43.845 ERROR : message`.
pub fn helper(buffer: &mut Vec<u8>, unix_ms: u64, offset: i32, level: Level, message: &str) {
    let time = civil(unix_ms, offset);
    let _ = writeln!(
        buffer,
        "[mc-image-helper] {:02}:{:02}:{:02}.{:03} {:<5} : {message}",
        time.hour,
        time.minute,
        time.second,
        time.milli,
        level.name()
    );
}

/// Writes one line of the runner: time, level, name and message with tabs between.
pub fn runner(buffer: &mut Vec<u8>, unix_ms: u64, level: Level, message: &str) {
    let time = civil(unix_ms, 0);
    let _ = writeln!(
        buffer,
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z\t{}\tmc-server-runner\t{message}",
        time.year,
        time.month,
        time.day,
        time.hour,
        time.minute,
        time.second,
        time.milli,
        level.name()
    );
}

/// Takes out the game's colour codes, a `§` and the character after it, as a log without colours does.
#[must_use]
pub fn without_colours(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        if letter == '§' {
            letters.next();
        } else {
            plain.push(letter);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut buffer = Vec::new();
        write(&mut buffer);
        String::from_utf8(buffer).unwrap()
    }

    #[test]
    fn shapes_are_the_real_ones() {
        let noon = 45_296_000;
        let line = |family| text(|buffer| game(buffer, family, noon, 0, MAIN, Level::Info, b"hi"));
        assert_eq!(line(Family::Vanilla), "[12:34:56] [Server thread/INFO]: hi\n");
        assert_eq!(line(Family::Bukkit), "[12:34:56 INFO]: hi\n");
        assert_eq!(line(Family::Forge), "[12:34:56] [Server thread/INFO] [minecraft/MinecraftServer]: hi\n");
        assert_eq!(text(|buffer| init_error(buffer, "no")), "[init] [ERROR] no\n");
        assert_eq!(
            text(|buffer| helper(buffer, noon + 845, 0, Level::Error, "no")),
            "[mc-image-helper] 12:34:56.845 ERROR : no\n"
        );
        assert_eq!(
            text(|buffer| runner(buffer, 1_770_326_115_276, Level::Info, "Done")),
            "2026-02-05T21:15:15.276Z\tINFO\tmc-server-runner\tDone\n"
        );
    }

    #[test]
    fn colours_go() {
        assert_eq!(without_colours("§6TPS§a 20"), "TPS 20");
    }
}
