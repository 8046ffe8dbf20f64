//! What rcon-cli and mc-health print, shared by the program and the container in memory.

use crate::ping::Status;
use crate::rcon::SPLIT_UNITS;

/// The line of mc-health for a server that answers.
#[must_use]
pub fn health_line(status: &Status, port: u16) -> String {
    format!(
        "localhost:{port} : version={} online={} max={} motd='{}'\n",
        status.version, status.online, status.max, status.motd
    )
}

/// The password in `/data/.rcon-cli.env`.
#[must_use]
pub fn rcon_env_password(text: &str) -> &str {
    text.lines().find_map(|line| line.strip_prefix("password=")).unwrap_or_default().trim()
}

/// What rcon-cli makes of an answer: its first packet, with the game's colour codes turned into ANSI ones.
#[must_use]
pub fn ansi(answer: &str) -> String {
    let mut units = 0;
    let first: String = answer
        .chars()
        .take_while(|letter| {
            units += letter.len_utf16();
            units <= SPLIT_UNITS
        })
        .collect();
    let mut text = String::with_capacity(first.len() + 16);
    let mut letters = first.chars();
    let mut coloured = false;
    while let Some(letter) = letters.next() {
        match letter {
            '§' => {
                if let Some(code) = letters.next().and_then(ansi_code) {
                    text.push_str(code);
                    coloured = true;
                }
            }
            other => text.push(other),
        }
    }
    if coloured {
        text.push_str("\x1b[0m");
    }
    text
}

fn ansi_code(code: char) -> Option<&'static str> {
    Some(match code {
        '0' => "\x1b[30m",
        '1' => "\x1b[34m",
        '2' => "\x1b[32m",
        '3' => "\x1b[36m",
        '4' => "\x1b[31m",
        '5' => "\x1b[35m",
        '6' => "\x1b[33m",
        '7' => "\x1b[37m",
        '8' => "\x1b[30;1m",
        '9' => "\x1b[34;1m",
        'a' => "\x1b[32;1m",
        'b' => "\x1b[36;1m",
        'c' => "\x1b[31;1m",
        'd' => "\x1b[35;1m",
        'e' => "\x1b[33;1m",
        'f' => "\x1b[37;1m",
        'l' => "\x1b[1m",
        'n' => "\x1b[4m",
        'm' => "\x1b[9m",
        'r' => "\x1b[0m",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_become_ansi_and_the_rest_is_cut_at_one_packet() {
        assert_eq!(ansi("§6TPS §kx"), "\x1b[33mTPS x\x1b[0m");
        assert_eq!(ansi("plain"), "plain");
        assert_eq!(ansi(&"x".repeat(5000)).len(), 4096);
    }

    #[test]
    fn the_password_is_found() {
        assert_eq!(rcon_env_password("password=abc\n"), "abc");
        assert_eq!(rcon_env_password(""), "");
    }
}
