//! The rules for players' names and for the message of the day.

/// The longest Java player name.
pub const MAX_PLAYER: usize = 16;

/// The longest message of the day that the server list shows well: two lines of 59 characters.
pub const MAX_MOTD_LINE: usize = 59;

/// How many lines of a message of the day the server list shows.
pub const MAX_MOTD_LINES: usize = 2;

/// Whether this is a player's name: 1 to 16 of `[A-Za-z0-9_]`, with the `.` in front that Floodgate gives Bedrock
/// players. Servers in offline mode let other names in; those are not recognised in the log, because text that
/// players choose must not pass for something else.
pub fn is_player(name: &str) -> bool {
    let bare = name.strip_prefix('.').unwrap_or(name);
    (1..=MAX_PLAYER).contains(&bare.len()) && bare.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// Whether the server list shows this message of the day whole: formatting codes (`§x`) take no room.
pub fn motd_fits(motd: &str) -> bool {
    let plain = super::text::strip_section(motd);
    let mut lines = 0;
    plain.split('\n').all(|line| {
        lines += 1;
        lines <= MAX_MOTD_LINES && line.chars().count() <= MAX_MOTD_LINE
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn players() {
        for good in ["A", "Steve", "a_b_C_9", ".Bedrock", "ABCDEFGHIJKLMNOP"] {
            assert!(is_player(good), "{good}");
        }
        for bad in ["", ".", "..a", "ABCDEFGHIJKLMNOPQ", "a b", "<a>", "é", "a\n", "a-b"] {
            assert!(!is_player(bad), "{bad}");
        }
    }

    #[test]
    fn message_of_the_day() {
        assert!(motd_fits(&format!("§a{}\nsecond", "x".repeat(59))));
        assert!(!motd_fits(&"x".repeat(60)));
        assert!(!motd_fits("a\nb\nc"));
    }
}
