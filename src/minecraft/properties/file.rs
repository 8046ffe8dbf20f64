//! The file as a list of lines, of which some are entries.

use std::fmt;

use thiserror::Error;

use super::escape::{escape, escape_units, unescape};

/// The largest file that is read, in bytes.
pub const MAX_BYTES: usize = 1024 * 1024;
/// The most lines that are read.
pub const MAX_LINES: usize = 10_000;

/// Why a file was not read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Error {
    /// Too many bytes.
    #[error(
        "server.properties has {0} bytes, more than {MAX_BYTES}; nothing was changed; look at what is in it"
    )]
    TooLarge(usize),
    /// Too many lines.
    #[error("server.properties has more than {MAX_LINES} lines; nothing was changed; look at what is in it")]
    TooManyLines,
}

/// The contents of a `server.properties`. Lines that are not changed come out as they went in: order, comments,
/// blank lines and spelling. Holds secrets (`rcon.password`), so its `Debug` shows no values.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Properties {
    lines: Vec<Line>,
}

#[derive(Clone, PartialEq, Eq)]
struct Line {
    /// As it stands in the file, line end and continuation lines included.
    raw: String,
    entry: Option<(String, String)>,
}

impl Properties {
    /// Reads a file: UTF-8 or, failing that, Latin-1, as the server does.
    ///
    /// # Errors
    /// When it is over [`MAX_BYTES`] or [`MAX_LINES`]. Every content is a valid one otherwise.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() > MAX_BYTES {
            return Err(Error::TooLarge(bytes.len()));
        }
        match str::from_utf8(bytes) {
            Ok(text) => Self::from_text(text),
            // Escaped at once, since the file will be written as UTF-8.
            Err(_) => {
                let mut text = String::with_capacity(bytes.len());
                for byte in bytes {
                    match byte {
                        0..=0x7F => text.push(char::from(*byte)),
                        _ => escape_units(char::from(*byte), &mut text),
                    }
                }
                Self::from_text(&text)
            }
        }
    }

    fn from_text(text: &str) -> Result<Self, Error> {
        let mut lines = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            if lines.len() == MAX_LINES {
                return Err(Error::TooManyLines);
            }
            let (raw, logical, after) = logical_line(rest);
            let entry = logical.map(|line| split(&line));
            lines.push(Line { raw: raw.to_owned(), entry });
            rest = after;
        }
        Ok(Self { lines })
    }

    /// The value of a key. Of several, the last counts, as for the server.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.iter().filter(|(k, _)| *k == key).map(|(_, value)| value).last()
    }

    /// All entries in the file's order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.lines.iter().filter_map(|line| line.entry.as_ref()).map(|(k, v)| (k.as_str(), v.as_str()))
    }

    /// Sets a value: in its place where the key is there, at the end otherwise. Of several lines with the key, the
    /// last stays.
    pub fn set(&mut self, key: &str, value: &str) {
        let line = Line { raw: written(key, value), entry: Some((key.to_owned(), value.to_owned())) };
        let Some(last) = self.lines.iter().rposition(|line| line.has(key)) else {
            self.end_last_line();
            self.lines.push(line);
            return;
        };
        self.lines[last] = line;
        let mut i = 0;
        self.lines.retain(|line| {
            i += 1;
            i > last || !line.has(key)
        });
    }

    /// Removes every line with the key, and tells whether there was one.
    pub fn remove(&mut self, key: &str) -> bool {
        let before = self.lines.len();
        self.lines.retain(|line| !line.has(key));
        self.lines.len() < before
    }

    /// Ends a last line that has no end, or whose backslash would swallow what is added.
    fn end_last_line(&mut self) {
        let Some(last) = self.lines.last_mut() else { return };
        match &last.entry {
            Some((key, value)) if continues(last.raw.trim_end_matches(['\n', '\r'])) => {
                last.raw = written(key, value);
            }
            _ if !last.raw.ends_with(['\n', '\r']) => last.raw.push('\n'),
            _ => {}
        }
    }
}

/// An entry the way Java writes it.
fn written(key: &str, value: &str) -> String {
    let mut raw = String::with_capacity(key.len() + value.len() + 2);
    escape(key, true, &mut raw);
    raw.push('=');
    escape(value, false, &mut raw);
    raw.push('\n');
    raw
}

impl Line {
    fn has(&self, key: &str) -> bool {
        self.entry.as_ref().is_some_and(|(k, _)| k == key)
    }
}

impl fmt::Display for Properties {
    /// The whole file, secrets included: for writing it back.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines.iter().try_for_each(|line| f.write_str(&line.raw))
    }
}

impl fmt::Debug for Properties {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(|(key, _)| key)).finish()
    }
}

/// The first line with its continuations: as it stands, joined (`None` for blank lines and comments), and the rest.
fn logical_line(text: &str) -> (&str, Option<String>, &str) {
    let blank = [' ', '\t', '\x0C'];
    let (mut line, mut rest) = natural_line(text);
    let start = line.trim_start_matches(blank);
    if start.is_empty() || start.starts_with(['#', '!']) {
        return (&text[..text.len() - rest.len()], None, rest);
    }
    let mut joined = String::new();
    line = start;
    while continues(line) {
        joined.push_str(&line[..line.len() - 1]);
        let (next, after) = natural_line(rest);
        line = next.trim_start_matches(blank);
        rest = after;
    }
    joined.push_str(line);
    (&text[..text.len() - rest.len()], Some(joined), rest)
}

/// One line without its end, and what follows the end.
fn natural_line(text: &str) -> (&str, &str) {
    match text.find(['\n', '\r']) {
        None => (text, ""),
        Some(end) => {
            let width = if text[end..].starts_with("\r\n") { 2 } else { 1 };
            (&text[..end], &text[end + width..])
        }
    }
}

/// Whether an odd number of backslashes ends the line.
fn continues(line: &str) -> bool {
    line.bytes().rev().take_while(|b| *b == b'\\').count() % 2 == 1
}

/// A joined line as key and value: they are parted by the first blank, `=` or `:` that is not escaped.
fn split(line: &str) -> (String, String) {
    let mut escaped = false;
    let end = line.find(|c| {
        let ends = !escaped && matches!(c, ' ' | '\t' | '\x0C' | '=' | ':');
        escaped = c == '\\' && !escaped;
        ends
    });
    let (key, rest) = line.split_at(end.unwrap_or(line.len()));
    let blank = [' ', '\t', '\x0C'];
    let rest = rest.trim_start_matches(blank);
    let value = rest.strip_prefix(['=', ':']).unwrap_or(rest).trim_start_matches(blank);
    (unescape(key), unescape(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FILE: &str = "#Minecraft server properties\n#Mon Jan 01 00:00:00 UTC 2026\nlevel-type=minecraft\\:normal\n\
                        \nmotd=A \\u00a7aServer\\n\\uD83D\\uDE00\nmax-players : 20\r\nonline-mode\nrcon.password=s3cret\n";

    fn parse(text: &str) -> Properties {
        Properties::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn values_are_read_as_java_reads_them() {
        let file = parse(FILE);
        assert_eq!(file.get("level-type"), Some("minecraft:normal"));
        assert_eq!(file.get("motd"), Some("A §aServer\n😀"));
        assert_eq!(file.get("max-players"), Some("20"));
        assert_eq!(file.get("online-mode"), Some(""));
        assert_eq!(file.get("#Minecraft"), None);
        assert_eq!(file.iter().count(), 5);
        assert!(!format!("{file:?}").contains("s3cret"));
        let odd = parse("  a\\ b = 1\\\n    2\\\\\n! no\nc=\\uZZ\\q\nc=last\n#x\\\nd=4");
        assert_eq!(odd.get("a b"), Some("12\\"));
        assert_eq!(odd.get("c"), Some("last"));
        assert_eq!(odd.get("d"), Some("4"), "comments do not continue");
        assert_eq!(Properties::parse(b"motd=gr\xFC\xDF").unwrap().get("motd"), Some("grüß"));
    }

    #[test]
    fn changes_touch_nothing_else() {
        let mut file = parse(FILE);
        assert_eq!(file.to_string(), FILE);
        file.set("max-players", "5");
        file.set("new key", " a=b:\\ é");
        assert!(file.remove("online-mode") && !file.remove("online-mode"));
        let wanted = FILE.replace("max-players : 20\r\n", "max-players=5\n").replace("online-mode\n", "")
            + "new\\ key=\\ a\\=b\\:\\\\ \\u00E9\n";
        assert_eq!(file.to_string(), wanted);
        let mut open = parse("a=1\na=2\nb=3\\");
        open.set("c", "4");
        open.set("a", "5");
        assert_eq!(open.to_string(), "a=5\nb=3\nc=4\n");
        assert_eq!(parse(&open.to_string()).get("c"), Some("4"));
    }

    #[test]
    fn too_much_is_refused() {
        assert_eq!(Properties::parse(&vec![b'#'; MAX_BYTES + 1]), Err(Error::TooLarge(MAX_BYTES + 1)));
        assert_eq!(Properties::parse(&vec![b'\n'; MAX_LINES + 1]), Err(Error::TooManyLines));
    }

    proptest! {
        #[test]
        fn what_is_set_is_read_again(
            before in "[a-c=:\\\\ #!\\n\\ru0-9é]{0,60}",
            entries in proptest::collection::vec((".{1,12}|[\\x00-\\x20\\\\=:#!]{1,6}", "(?s).{0,20}|[\\x00-\\x20\\\\=:#!]{0,6}"), 1..6),
        ) {
            let mut file = parse(&before);
            for (key, value) in &entries {
                file.set(key, value);
            }
            let again = parse(&file.to_string());
            for (key, _) in &entries {
                prop_assert_eq!(again.get(key), file.get(key));
            }
            for (key, value) in file.iter() {
                prop_assert!(again.iter().any(|entry| entry == (key, value)));
            }
        }

        #[test]
        fn any_bytes_are_read_and_any_text_is_kept(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let file = Properties::parse(&bytes).unwrap();
            if let Ok(text) = str::from_utf8(&bytes) {
                prop_assert_eq!(file.to_string(), text);
            }
            prop_assert_eq!(parse(&file.to_string()), file);
        }
    }
}
