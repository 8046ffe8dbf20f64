//! The switches that make a server fail, read from `PRACTICE_FAIL` and its siblings.

use std::time::Duration;

/// What goes wrong, and when. Everything is off by default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Faults {
    /// `eula`: the EULA counts as missing.
    pub eula: bool,
    /// `bind`: the game port is taken; exit 0.
    pub bind: bool,
    /// `permission`: `/data` cannot be written; exit 2.
    pub permission: bool,
    /// `locked`: session.lock counts as held by another process.
    pub locked: bool,
    /// `download[:status]`: mc-image-helper fails, 404 or 429; exit 1.
    pub download: Option<u16>,
    /// `heap`: `java.lang.OutOfMemoryError: Java heap space` at the start; exit 1.
    pub heap: bool,
    /// `jvm-memory`: the machine lacks memory for the initial heap; exit 1.
    pub jvm_memory: bool,
    /// `wrong-java[:class file version]`: built for a newer Java; exit 1.
    pub wrong_java: Option<u16>,
    /// `never-ready`: loads for ever.
    pub never_ready: bool,
    /// `stale-rcon`: the password in `/data/.rcon-cli.env` is not the server's.
    pub stale_rcon: bool,
    /// `ignore-stop`: answers `stop` and SIGTERM, and goes on.
    pub ignore_stop: bool,
    /// `save`: every save fails as with a full disk.
    pub save: bool,
    /// `crash[:seconds[:exit code]]`: a crash report so long after the start, or after `Done` without a time; exit 0
    /// unless set. At every start, so that a restart policy makes it a crash loop.
    pub crash: Option<(Duration, i32)>,
    /// `watchdog[:seconds]`: a tick of 60 seconds; exit 1.
    pub watchdog: Option<Duration>,
    /// `oom[:seconds]`: memory without end until the kernel kills it.
    pub oom: Option<Duration>,
    /// `hang[:seconds]`: alive and silent.
    pub hang: Option<Duration>,
    /// `lag[:seconds]`: `Can't keep up!` again and again, so many seconds apart.
    pub lag: Option<Duration>,
    /// `PRACTICE_FAIL_TIMES`: only the first so many starts on a data volume fail. `None`: all.
    pub times: Option<u32>,
}

fn seconds(text: Option<&str>, default: f64) -> Duration {
    let value = text.and_then(|text| text.parse::<f64>().ok()).unwrap_or(default);
    Duration::try_from_secs_f64(value.clamp(0.0, 1e9)).unwrap_or_default()
}

impl Faults {
    /// Reads `PRACTICE_FAIL`: names with optional values, separated by commas, such as `crash:2:1,stale-rcon`.
    ///
    /// # Errors
    /// The name that is not known.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut faults = Self::default();
        for word in text.split([',', ' ', '\n']).filter(|word| !word.is_empty()) {
            faults.set(word)?;
        }
        Ok(faults)
    }

    fn set(&mut self, word: &str) -> Result<(), String> {
        let mut parts = word.split([':', '=']);
        let name = parts.next().unwrap_or_default();
        let value = parts.next();
        match name {
            "eula" => self.eula = true,
            "bind" => self.bind = true,
            "permission" => self.permission = true,
            "locked" => self.locked = true,
            "download" => self.download = Some(value.and_then(|text| text.parse().ok()).unwrap_or(404)),
            "heap" => self.heap = true,
            "jvm-memory" => self.jvm_memory = true,
            "wrong-java" => self.wrong_java = Some(value.and_then(|text| text.parse().ok()).unwrap_or(69)),
            "never-ready" => self.never_ready = true,
            "stale-rcon" => self.stale_rcon = true,
            "ignore-stop" => self.ignore_stop = true,
            "save" => self.save = true,
            "crash" | "crash-loop" => {
                let code = parts.next().and_then(|text| text.parse().ok()).unwrap_or(0);
                self.crash = Some((seconds(value, 1.0), code));
            }
            "watchdog" => self.watchdog = Some(seconds(value, 1.0)),
            "oom" => self.oom = Some(seconds(value, 1.0)),
            "hang" => self.hang = Some(seconds(value, 1.0)),
            "lag" => self.lag = Some(seconds(value, 15.0)),
            _ => return Err(name.to_owned()),
        }
        Ok(())
    }
}

/// Log lines that no terminal should ever see, from `PRACTICE_HOSTILE`.
#[must_use]
pub fn hostile_lines() -> Vec<Vec<u8>> {
    let mut lines: Vec<Vec<u8>> = vec![
        b"\x1b[2J\x1b[H\x1b[31mcleared and red\x1b[0m".to_vec(),
        b"\x1b]52;c;c3RvbGVu\x07 writes the clipboard".to_vec(),
        b"\x1b]0;title\x07\x1b]8;;http://localhost/\x1b\\link\x1b]8;;\x1b\\".to_vec(),
        b"\x1b[6n\x1b[c\x1b[>c\x1bZ\x05 asks the terminal".to_vec(),
        b"\x9b31m eight-bit CSI \x90q\x9c".to_vec(),
        b"NUL \0 BEL \x07 BS \x08\x08\x08 CR \r overwritten VT \x0b FF \x0c DEL \x7f".to_vec(),
        b"bad UTF-8 \xff\xfe \xc3( \xe2\x82 \xf0\x9f\x92 \xed\xa0\x80".to_vec(),
        "bidi \u{202e}txt.exe\u{202c} \u{2066}isolate\u{2069} \u{200f}mark zero\u{200b}width"
            .as_bytes()
            .to_vec(),
        b"\x1b[?1049h\x1b[?1000h\x1b[?2004h modes \x1b#8 \x1bc reset".to_vec(),
    ];
    // A stack of combining marks: one column that is as tall as a screen.
    lines.push(format!("zalgo {}", "e\u{0301}\u{0302}\u{0303}".repeat(200)).into_bytes());
    lines.push("[12:00:00] [Server thread/INFO]: Steve joined the game".to_owned().into_bytes());
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_names_with_values() {
        let faults = Faults::parse("crash:2.5:3, stale-rcon,download=429").unwrap();
        assert_eq!(faults.crash, Some((Duration::from_millis(2500), 3)));
        assert!(faults.stale_rcon);
        assert_eq!(faults.download, Some(429));
        assert_eq!(Faults::parse("").unwrap(), Faults::default());
        assert_eq!(Faults::parse("crahs"), Err("crahs".to_owned()));
    }
}
