//! The replies to the commands around a backup, and to `list`. Servers join the lines of a reply with nothing
//! (vanilla, Fabric) or with line feeds (Forge, Bukkit), and colour some: so these look for substrings.

use crate::minecraft::names;
use crate::minecraft::text::strip_section;

/// The answer to `save-off`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SaveOff {
    /// Saving is off now, by this command.
    Disabled,
    /// It was off before: somebody else wants it so, leave it so.
    AlreadyOff,
    /// Something else: take saving to be still on.
    Unknown,
}

/// The answer to `save-all` or `save-all flush`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SaveAll {
    /// The world is written.
    Saved,
    /// It could not be written; most likely the disk is full.
    Failed,
    /// Saving has begun and was not reported as done.
    Begun,
    /// Something else: take the world to be unsaved.
    Unknown,
}

/// The answer to `save-on`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SaveOn {
    /// Saving is on now, by this command.
    Enabled,
    /// It was on before.
    AlreadyOn,
    /// Something else: take saving to be still off.
    Unknown,
}

/// Reads the answer to `save-off`.
pub fn save_off(reply: &str) -> SaveOff {
    let reply = strip_section(reply);
    if reply.contains("Automatic saving is now disabled") || reply.contains("Turned off world auto-saving") {
        SaveOff::Disabled
    } else if reply.contains("Saving is already turned off") {
        SaveOff::AlreadyOff
    } else {
        SaveOff::Unknown
    }
}

/// Reads the answer to `save-all`. A report of failure beats one of success.
pub fn save_all(reply: &str) -> SaveAll {
    let reply = strip_section(reply);
    if reply.contains("Unable to save the game") || reply.contains("Saving failed") {
        SaveAll::Failed
    } else if reply.contains("Saved the game") || reply.contains("Saved the world") {
        SaveAll::Saved
    } else if reply.contains("Saving the game") || reply.contains("Saving...") {
        SaveAll::Begun
    } else {
        SaveAll::Unknown
    }
}

/// Reads the answer to `save-on`.
pub fn save_on(reply: &str) -> SaveOn {
    let reply = strip_section(reply);
    if reply.contains("Automatic saving is now enabled") || reply.contains("Turned on world auto-saving") {
        SaveOn::Enabled
    } else if reply.contains("Saving is already turned on") {
        SaveOn::AlreadyOn
    } else {
        SaveOn::Unknown
    }
}

/// Whether a line of the log, without its prefix, is the server's own answer to one of these three. Players cannot write a
/// line that begins so.
pub fn is_about_saving(text: &str) -> bool {
    const ANSWERS: [&str; 8] = [
        "Automatic saving is now ",
        "Saving is already turned o",
        "Turned off world auto-saving",
        "Turned on world auto-saving",
        "Saved the game",
        "Saved the world",
        "Unable to save the game",
        "Saving failed",
    ];
    let text = text.strip_prefix("System chat: ").unwrap_or(text);
    ANSWERS.iter().any(|answer| text.starts_with(answer))
}

/// The answer to `list`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlayerList {
    /// How many players are online.
    pub online: u32,
    /// How many there may be.
    pub max: u32,
    /// Their names, as far as they were told and keep the rule for names. At most 1,000.
    pub names: Vec<String>,
}

/// Reads the answer to `list`: vanilla since 1.13, vanilla before, EssentialsX.
pub fn player_list(reply: &str) -> Option<PlayerList> {
    let reply = strip_section(reply);
    let (_, rest) = reply.split_once("There are ")?;
    let (online, rest) = number(rest)?;
    // EssentialsX tells hidden players as `3/1`, old vanilla the maximum as `3/20`.
    let (second, rest) = match rest.strip_prefix('/') {
        Some(rest) => number(rest).map(|(n, rest)| (Some(n), rest))?,
        None => (None, rest),
    };
    let (max, rest) = if let Some(rest) = rest.strip_prefix(" players online:") {
        (second?, rest)
    } else {
        let rest = [" of a max of ", " of a max ", " out of maximum "]
            .iter()
            .find_map(|between| rest.strip_prefix(between))?;
        let (max, rest) = number(rest)?;
        (max, rest.strip_prefix(" players online").map(|r| r.trim_start_matches([':', '.']))?)
    };
    // EssentialsX tells names by group, `default: Alice, Bob`. Whatever breaks the rule for names is none.
    let names =
        rest.lines().flat_map(|line| line.split_once(':').map_or(line, |(_, names)| names).split(','));
    let names = names.map(str::trim).filter(|name| names::is_player(name));
    Some(PlayerList { online, max, names: names.take(1000).map(str::to_owned).collect() })
}

/// A number at the start, saturating, and what follows it.
pub(crate) fn number(text: &str) -> Option<(u32, &str)> {
    let end = text.bytes().position(|b| !b.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    if digits.is_empty() {
        return None;
    }
    let value = digits.bytes().fold(0u32, |n, b| n.saturating_mul(10).saturating_add(u32::from(b - b'0')));
    Some((value, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn saving_replies() {
        assert_eq!(save_off("Automatic saving is now disabled"), SaveOff::Disabled);
        assert_eq!(save_off("Saving is already turned off"), SaveOff::AlreadyOff);
        assert_eq!(save_off("Unknown or incomplete command"), SaveOff::Unknown);
        assert_eq!(save_on("§eAutomatic saving is now enabled\n"), SaveOn::Enabled);
        assert_eq!(save_on("Saving is already turned on"), SaveOn::AlreadyOn);
        assert_eq!(save_on(""), SaveOn::Unknown);
        assert_eq!(
            save_all("Saving the game (this may take a moment!)Saved the game"),
            SaveAll::Saved,
            "vanilla joins lines with nothing"
        );
        assert_eq!(save_all("Saving the game (this may take a moment!)\n§aSaved the game\n"), SaveAll::Saved);
        assert_eq!(save_all("Saving...\nSaved the world"), SaveAll::Saved);
        assert_eq!(save_all("Saving the game (this may take a moment!)"), SaveAll::Begun);
        assert_eq!(
            save_all(
                "Saving the game (this may take a moment!)Unable to save the game (is there enough disk space?)"
            ),
            SaveAll::Failed
        );
        assert_eq!(save_all(""), SaveAll::Unknown);
    }

    #[test]
    fn lists() {
        let list = |online, max, names: &[&str]| {
            Some(PlayerList { online, max, names: names.iter().map(|n| (*n).to_owned()).collect() })
        };
        assert_eq!(player_list("There are 0 of a max of 20 players online: "), list(0, 20, &[]));
        assert_eq!(
            player_list("There are 2 of a max of 20 players online: Alice, .Bob"),
            list(2, 20, &["Alice", ".Bob"])
        );
        assert_eq!(player_list("There are 1 of a max 20 players online: A"), list(1, 20, &["A"]));
        assert_eq!(player_list("There are 2/20 players online:\nAlice, Bob"), list(2, 20, &["Alice", "Bob"]));
        assert_eq!(
            player_list(
                "§6There are §c2§6 out of maximum §c20§6 players online.\ndefault: Alice\nadmins: Bob"
            ),
            list(2, 20, &["Alice", "Bob"])
        );
        assert_eq!(player_list("There are 3/1 out of maximum 20 players online."), list(3, 20, &[]));
        assert_eq!(
            player_list("There are 99999999999 of a max of 1 players online:"),
            list(u32::MAX, 1, &[])
        );
        assert_eq!(player_list("There are no players"), None);
    }
}
