//! Which console is watched, its lines, and what is being typed.

use std::collections::HashMap;

use jiff::Timestamp;

use super::{History, look::Look};
use crate::{
    model::{
        ServerId,
        console::{Batch, Ring},
    },
    tui::widgets::{log_view::LogView, text_input::TextInput},
};

/// Lines that are asked for when a console is opened.
pub const TAIL: usize = 10_000;
/// Bounds of the lines that are kept here, of the one console that shows.
const MAX_LINES: usize = 10_000;
const MAX_BYTES: usize = 2 * 1024 * 1024;
/// Longest command, in bytes: what fits into one packet of RCON (1460 bytes with its frame).
const COMMAND_MAX: usize = 1446;
/// Most servers for which an unfinished command is kept.
const DRAFTS_MAX: usize = 100;

/// The console.
#[derive(Debug)]
pub struct Console {
    /// Whose it is.
    pub server: Option<ServerId>,
    /// Its lines.
    pub ring: Ring,
    /// How they are looked at.
    pub log: LogView,
    /// What is being typed.
    pub line: TextInput,
    /// What was typed before.
    pub history: History,
    /// What is searched, which lines show, whose times stand before them.
    pub look: Look,
    /// Lines that were lost before they came here.
    pub missed: u64,
    /// When its lines are to be asked for, where that is not now.
    pub watch_at: Option<Timestamp>,
    /// When another console was last opened.
    pub opened_at: Timestamp,
    reading: bool,
    drafts: HashMap<ServerId, String>,
}

impl Default for Console {
    fn default() -> Self {
        Self {
            server: None,
            ring: Ring::new(MAX_LINES, MAX_BYTES),
            log: LogView::new(),
            line: TextInput::new(COMMAND_MAX),
            history: History::default(),
            look: Look::default(),
            missed: 0,
            watch_at: None,
            opened_at: Timestamp::UNIX_EPOCH,
            reading: false,
            drafts: HashMap::new(),
        }
    }
}

impl Console {
    /// Whether the command line takes what is typed.
    pub fn is_typing(&self) -> bool {
        !self.reading
    }

    /// Goes to the command line, or to the log.
    pub fn type_command(&mut self, typing: bool) {
        self.reading = !typing;
        if typing {
            self.accept_typed();
        }
    }

    /// Changes to another server's console. What was being typed stays with its server.
    pub fn open(&mut self, server: Option<ServerId>) {
        if let Some(before) = self.server {
            let text = self.line.text();
            if text.is_empty() {
                self.drafts.remove(&before);
            } else if self.drafts.len() < DRAFTS_MAX {
                self.drafts.insert(before, text.to_owned());
            }
        }
        let draft = server.and_then(|server| self.drafts.get(&server));
        self.line.set(draft.map_or("", String::as_str));
        self.accept_typed();
        self.server = server;
        self.ring = Ring::new(MAX_LINES, MAX_BYTES);
        self.log.forget_places();
        self.log.to_bottom();
        self.history = History::default();
        self.missed = 0;
        self.watch_at = None;
    }

    /// Takes lines that came.
    pub fn extend(&mut self, batch: &Batch) {
        self.missed += batch.skipped;
        self.ring.extend(&batch.lines);
    }
}
