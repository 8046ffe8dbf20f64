//! server.properties: `key=value` lines.

use std::fmt::Write as _;

/// The lines of a server.properties file in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Properties(Vec<(String, String)>);

const DEFAULTS: &[(&str, &str)] = &[
    ("broadcast-rcon-to-ops", "true"),
    ("difficulty", "easy"),
    ("enable-query", "false"),
    ("enable-rcon", "true"),
    ("gamemode", "survival"),
    ("level-name", "world"),
    ("level-seed", ""),
    ("max-players", "20"),
    ("max-tick-time", "60000"),
    ("motd", "A Minecraft Server"),
    ("online-mode", "true"),
    ("pause-when-empty-seconds", "60"),
    ("rcon.password", ""),
    ("rcon.port", "25575"),
    ("server-port", "25565"),
    ("simulation-distance", "10"),
    ("view-distance", "10"),
    ("white-list", "false"),
];

impl Properties {
    /// What a new server has.
    #[must_use]
    pub fn defaults() -> Self {
        Self(DEFAULTS.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect())
    }

    /// Reads a file; lines that are not `key=value` are left out. Backslash escapes of `\`, `:`, `=`, and `\uXXXX`
    /// are undone.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        Self(
            lines
                .filter_map(|line| line.split_once('='))
                .map(|(key, value)| (key.trim().to_owned(), unescape(value)))
                .collect(),
        )
    }

    /// The value of a key, or the default of a new server, or nothing.
    #[must_use]
    pub fn get(&self, key: &str) -> &str {
        let default = || DEFAULTS.iter().find(|(name, _)| *name == key).map_or("", |(_, value)| *value);
        self.0.iter().rev().find(|(name, _)| name == key).map_or_else(default, |(_, value)| value.as_str())
    }

    /// The value of a key as a number, or `default`.
    pub fn number<T: std::str::FromStr>(&self, key: &str, default: T) -> T {
        self.get(key).parse().unwrap_or(default)
    }

    /// Whether a key is `true`.
    #[must_use]
    pub fn truth(&self, key: &str) -> bool {
        self.get(key).eq_ignore_ascii_case("true")
    }

    /// Sets a key.
    pub fn set(&mut self, key: &str, value: &str) {
        match self.0.iter_mut().find(|(name, _)| name == key) {
            Some((_, old)) => value.clone_into(old),
            None => self.0.push((key.to_owned(), value.to_owned())),
        }
    }

    /// The file, with the game's two comment lines.
    #[must_use]
    pub fn to_text(&self, date: &str) -> String {
        let mut text = format!("#Minecraft server properties\n#{date}\n");
        for (key, value) in &self.0 {
            let _ = writeln!(text, "{key}={}", escape(value));
        }
        text
    }
}

fn escape(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for letter in value.chars() {
        match letter {
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            ':' | '=' | '#' | '!' => text.extend(['\\', letter]),
            ' '..='~' => text.push(letter),
            _ => {
                let mut units = [0; 2];
                for unit in letter.encode_utf16(&mut units) {
                    let _ = write!(text, "\\u{unit:04X}");
                }
            }
        }
    }
    text
}

fn unescape(value: &str) -> String {
    let mut units: Vec<u16> = Vec::with_capacity(value.len());
    let mut letters = value.trim_start().chars();
    while let Some(letter) = letters.next() {
        let mut pair = [0; 2];
        let real = match letter {
            '\\' => match letters.next() {
                Some('n') => '\n',
                Some('r') => '\r',
                Some('t') => '\t',
                Some('u') => {
                    let digits: String = letters.by_ref().take(4).collect();
                    units.push(u16::from_str_radix(&digits, 16).unwrap_or(0xFFFD));
                    continue;
                }
                Some(other) => other,
                None => break,
            },
            other => other,
        };
        units.extend_from_slice(real.encode_utf16(&mut pair));
    }
    String::from_utf16_lossy(&units)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_what_it_reads() {
        let mut properties = Properties::defaults();
        properties.set("motd", "§6Zażółć: a=b \\ 😀\nsecond");
        properties.set("new", "1");
        let text = properties.to_text("now");
        assert!(text.contains("motd=\\u00A76Za\\u017C"));
        let again = Properties::parse(&text);
        assert_eq!(again, properties);
        assert_eq!(again.number("max-players", 0), 20);
        assert!(again.truth("online-mode"));
        assert_eq!(again.get("nothing"), "");
    }
}
