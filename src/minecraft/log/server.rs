//! What the game itself writes. Every pattern is anchored at the start of the text, and a player's name is only one
//! that keeps the rule for names, so that nothing a player says can pass for something the server says.

use super::event::Event;
use super::figures::{TickQuery, TickTimes, Tps, decimal};
use crate::minecraft::command::{number, player_list};
use crate::minecraft::names::{MAX_PLAYER, is_player};

/// Since 26.3 before joins, leaves, deaths and command feedback; never before chat.
const SYSTEM: &str = "System chat: ";

/// The text without the prefix, and whether it had one.
pub(super) fn strip_system(text: &str) -> (&str, bool) {
    text.strip_prefix(SYSTEM).map_or((text, false), |rest| (rest, true))
}

/// Who says what, for a line of chat.
pub(super) fn chat(text: &str) -> Option<(&str, &str)> {
    let text = text.strip_prefix("[Not Secure] ").unwrap_or(text);
    let (name, message) = text.strip_prefix('<')?.split_once('>')?;
    if name.is_empty() {
        return None;
    }
    message.strip_prefix(' ').map(|message| (name, message))
}

/// What a line of level INFO tells.
pub(super) fn event(text: &str) -> Option<Event<'_>> {
    let (text, system) = strip_system(text);
    match *text.as_bytes().first()? {
        b'<' | b'[' => {
            if let Some((name, message)) = chat(text) {
                return (!system).then_some(Event::Chat { name, message });
            }
            feedback(text)
        }
        first => by_first_letter(first, text).or_else(|| player(text)),
    }
}

/// What a line of level WARN or above tells, beside problems.
pub(super) fn warning(text: &str) -> Option<Event<'_>> {
    let rest = text.strip_prefix("Can't keep up! ")?;
    let (_, rest) = rest.split_once("Running ")?;
    let (millis, rest) = number(rest)?;
    let (ticks, _) = number(rest.strip_prefix("ms or ")?)?;
    Some(Event::CantKeepUp { millis, ticks })
}

/// `[Rcon: Saved the game]`, `[Alice: Automatic saving is now disabled]`: what somebody else's command did. `/say`
/// looks different: `[Alice] text`.
fn feedback(text: &str) -> Option<Event<'_>> {
    let (who, what) = text.strip_prefix('[')?.strip_suffix(']')?.split_once(": ")?;
    if is_player(who) { saving(what) } else { None }
}

fn saving(text: &str) -> Option<Event<'_>> {
    Some(match text {
        "Saved the game" | "Saved the world" => Event::Saved,
        "Automatic saving is now disabled" | "Turned off world auto-saving" => Event::SavingDisabled,
        "Automatic saving is now enabled" | "Turned on world auto-saving" => Event::SavingEnabled,
        _ => return None,
    })
}

fn by_first_letter(first: u8, text: &str) -> Option<Event<'_>> {
    match first {
        b'A' if text.starts_with("Average time per tick: ") => TickQuery::find(text).map(Event::TickQuery),
        b'A' => saving(text),
        b'C' => warning(text),
        b'D' => {
            let seconds = decimal(text.strip_prefix("Done (")?)?;
            text.contains("s)! For help, type \"help\"").then_some(Event::Done { seconds })
        }
        b'P' => preparing(text),
        b'R' => text.starts_with("RCON running on ").then_some(Event::RconRunning),
        b'S' => starting_or_stopping(text),
        b'T' => figures(text),
        b'U' => {
            let (name, id) = text.strip_prefix("UUID of player ")?.split_once(" is ")?;
            let uuid = uuid::Uuid::try_parse(id.trim_end()).ok()?;
            is_player(name).then_some(Event::Uuid { name, uuid })
        }
        // The first byte of `◴`.
        0xE2 => text.starts_with('◴').then(|| TickTimes::find(text)).flatten().map(Event::TickTimes),
        _ => None,
    }
}

fn preparing(text: &str) -> Option<Event<'_>> {
    if let Some(rest) = text.strip_prefix("Preparing spawn area: ") {
        let (percent, rest) = number(rest)?;
        let percent = u8::try_from(percent.min(100)).unwrap_or(100);
        return rest.starts_with('%').then_some(Event::SpawnProgress { percent });
    }
    if text.starts_with("Preparing level ") {
        return Some(Event::PreparingLevel);
    }
    text.starts_with("Percentiles: ").then(|| TickQuery::find(text)).flatten().map(Event::TickQuery)
}

fn starting_or_stopping(text: &str) -> Option<Event<'_>> {
    if let Some(version) = text.strip_prefix("Starting minecraft server version ") {
        return Some(Event::StartingServer { version: version.trim() });
    }
    if text == "Stopping server" || text == "Stopping the server" {
        return Some(Event::Stopping);
    }
    if let Some(rest) = text.strip_prefix("Server empty for ") {
        return rest.ends_with(" seconds, pausing").then_some(Event::PausedEmpty);
    }
    saving(text)
}

fn figures(text: &str) -> Option<Event<'_>> {
    if text.starts_with("There are ") {
        return player_list(text).map(Event::PlayerList);
    }
    if text.starts_with("TPS from last ") {
        return Tps::find(text).map(Event::Tps);
    }
    if text.starts_with("Target tick rate: ") {
        return TickQuery::find(text).map(Event::TickQuery);
    }
    if text.starts_with("ThreadedAnvilChunkStorage: All dimensions are saved") {
        return Some(Event::AllSaved);
    }
    saving(text)
}

/// Lines that begin with a player's name.
fn player(text: &str) -> Option<Event<'_>> {
    let (name, rest) = leading_name(text)?;
    if let Some(rest) = rest.strip_prefix('[') {
        let (address, rest) = rest.split_once("] logged in with entity id ")?;
        let (_, rest) = number(rest)?;
        return rest.starts_with(" at (").then_some(Event::Join { name, address: Some(address) });
    }
    match rest {
        " joined the game" => return Some(Event::Join { name, address: None }),
        " left the game" => return Some(Event::Leave { name }),
        _ => {}
    }
    if let Some(reason) = rest.strip_prefix(" lost connection: ") {
        return Some(Event::LostConnection { name, reason });
    }
    if let Some(rest) = rest.strip_prefix(" (/") {
        let (_, reason) = rest.split_once(") lost connection: ")?;
        return Some(Event::LostConnection { name, reason });
    }
    if let Some(rest) = rest.strip_prefix(" (formerly known as ") {
        let old = rest.strip_suffix(") joined the game")?;
        return is_player(old).then_some(Event::Join { name, address: None });
    }
    let rest = rest.strip_prefix(" has ")?;
    let kinds = ["made the advancement [", "completed the challenge [", "reached the goal ["];
    let title = kinds.iter().find_map(|kind| rest.strip_prefix(kind))?.strip_suffix(']')?;
    Some(Event::Advancement { name, title })
}

/// The player's name at the start, up to a space or a bracket, and what follows.
pub(super) fn leading_name(text: &str) -> Option<(&str, &str)> {
    let end = text.bytes().take(MAX_PLAYER + 2).position(|b| b == b' ' || b == b'[')?;
    let (name, rest) = text.split_at(end);
    is_player(name).then_some((name, rest))
}
