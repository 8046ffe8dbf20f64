//! What a line of the log tells.

use super::figures::{TickQuery, TickTimes, Tps};
use super::line::{Level, Line, Source};
use super::problem::{Problem, problem};
use super::server;
use crate::minecraft::command::{PlayerList, number};

/// What happened. Borrows from the line, so that a line which tells nothing costs no memory.
#[derive(Debug, Clone, PartialEq)]
pub enum Event<'a> {
    /// The image's scripts prepare the start.
    Init {
        /// What they say.
        text: &'a str,
    },
    /// Something is being fetched or unpacked.
    DownloadProgress {
        /// What the line says.
        what: &'a str,
        /// 0 to 100, where the line tells.
        percent: Option<u8>,
    },
    /// The game's own code runs.
    StartingServer {
        /// The Minecraft version, as the server names itself.
        version: &'a str,
    },
    /// The world is being loaded.
    PreparingLevel,
    /// How much of the spawn area is there.
    SpawnProgress {
        /// 0 to 100.
        percent: u8,
    },
    /// The server can be joined.
    Done {
        /// How long it took, in seconds.
        seconds: f32,
    },
    /// RCON can be used: on Paper before [`Event::Done`], on vanilla after it.
    RconRunning,
    /// The server is stopping.
    Stopping,
    /// The world was written on request.
    Saved,
    /// All chunks are written: the last of a stop, or of a flush.
    AllSaved,
    /// Saving was turned off.
    SavingDisabled,
    /// Saving was turned on.
    SavingEnabled,
    /// A player came. Servers tell twice, once with the address.
    Join {
        /// Who.
        name: &'a str,
        /// From where, as the server writes it. Personal data.
        address: Option<&'a str>,
    },
    /// A player left.
    Leave {
        /// Who.
        name: &'a str,
    },
    /// A player's connection ended. [`Event::Leave`] follows if they were in the game.
    LostConnection {
        /// Who.
        name: &'a str,
        /// Why.
        reason: &'a str,
    },
    /// A player's id.
    Uuid {
        /// Who.
        name: &'a str,
        /// The id.
        uuid: uuid::Uuid,
    },
    /// A player said something. Both parts are as players chose them.
    Chat {
        /// Who, perhaps with a rank.
        name: &'a str,
        /// What.
        message: &'a str,
    },
    /// A player reached something.
    Advancement {
        /// Who.
        name: &'a str,
        /// Its title.
        title: &'a str,
    },
    /// The server ticks too slowly.
    CantKeepUp {
        /// Milliseconds behind.
        millis: u32,
        /// Ticks behind.
        ticks: u32,
    },
    /// The answer to `list`.
    PlayerList(PlayerList),
    /// Nobody is online, so the world stands still.
    PausedEmpty,
    /// Paper's `tps`.
    Tps(Tps),
    /// Paper's `mspt`.
    TickTimes(TickTimes),
    /// A line of vanilla's `tick query`.
    TickQuery(TickQuery),
    /// A sign of trouble.
    Problem(Problem),
}

/// What the line tells, if anything. Deaths need to know who is online: see [`death`](super::death()).
pub fn event<'a>(line: &Line<'a>) -> Option<Event<'a>> {
    // Most lines of a flood are these; they tell of hardly any problem.
    if line.source == Source::Server && matches!(line.level, Level::Info | Level::Debug | Level::Trace) {
        let found = server::event(line.text);
        let may_be_problem = || line.text.starts_with(['Y', 'U', 'S']);
        return found.or_else(|| may_be_problem().then(|| problem(line)).flatten().map(Event::Problem));
    }
    if let Some(problem) = problem(line) {
        return Some(Event::Problem(problem));
    }
    let text = line.text;
    match line.source {
        Source::Server => server::warning(text),
        Source::Init if text.contains("ownloading ") || text.contains("ownloaded ") => download(text),
        Source::Init => Some(Event::Init { text }),
        Source::Helper if line.level <= Level::Info && text.contains("ownload") => download(text),
        Source::Helper => None,
        Source::Runner => text.starts_with("gracefully stopping server").then_some(Event::Stopping),
        Source::Raw => {
            let starts = ["Downloading ", "Unpacking ", "Applying patches"];
            if starts.iter().any(|start| text.starts_with(start)) { download(text) } else { None }
        }
    }
}

fn download(what: &str) -> Option<Event<'_>> {
    let percent = what.split_once('%').and_then(|(before, _)| {
        let digits = before.len() - before.bytes().rev().take_while(u8::is_ascii_digit).count();
        Some(u8::try_from(number(&before[digits..])?.0.min(100)).unwrap_or(100))
    });
    Some(Event::DownloadProgress { what, percent })
}

#[cfg(test)]
#[path = "event_tests.rs"]
mod tests;
