//! How the log is looked at: what is searched, which lines show, which times stand before them.

use crossterm::event::KeyEvent;
use jiff::tz::{TimeZone, TimeZoneDatabase};

use super::Console;
use crate::{
    model::console::Level,
    tui::widgets::{
        log_view::{Filter, Needle, Stamps},
        text_input::{Edited, TextInput},
    },
};

/// Longest text that is searched or filtered by, in bytes.
const TEXT_MAX: usize = 1024;

/// What is being typed for the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Prompt {
    /// What is looked for.
    Search,
    /// What lines must contain, or must not.
    Filter,
}

/// Whose time stands before each line.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Times {
    /// Nobody's; many servers write their own into the line.
    #[default]
    Off,
    /// This machine's.
    Local,
    /// That of the server's time zone.
    Server,
}

/// How the log is looked at, beside what [`crate::tui::widgets::log_view::LogView`] knows.
#[derive(Debug)]
pub struct Look {
    /// What is being typed, if anything is.
    pub prompt: Option<Prompt>,
    /// What is typed.
    pub line: TextInput,
    /// Whether filters are regular expressions.
    pub expressions: bool,
    /// What is wrong with the filter that is typed; the one before it holds.
    pub wrong: Option<String>,
    /// Whose time stands before each line.
    pub times: Times,
    /// This machine's time zone.
    pub zone: TimeZone,
    /// The time zone of the server, by its name, as it was last looked up.
    server_zone: Option<String>,
    /// What held before the filter that is being typed.
    before: (Filter, bool),
    /// The line on which the mouse was pressed.
    pub pressed: Option<u64>,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            prompt: None,
            line: TextInput::new(TEXT_MAX),
            expressions: false,
            wrong: None,
            times: Times::Off,
            zone: TimeZone::UTC,
            server_zone: None,
            before: (Filter::default(), false),
            pressed: None,
        }
    }
}

impl Console {
    /// Begins to type what is looked for, or what lines must contain.
    pub fn begin(&mut self, prompt: Prompt) {
        self.type_command(false);
        self.look.prompt = Some(prompt);
        self.look.wrong = None;
        match prompt {
            Prompt::Search => self.look.line.set(""),
            Prompt::Filter => {
                self.look.before = (self.log.filter().clone(), self.look.expressions);
                let text = self.log.filter().text.as_ref().map_or("", Needle::text).to_owned();
                self.look.line.set(&text);
                self.look.line.pick();
            }
        }
    }

    /// A key for what is being typed.
    pub fn type_key(&mut self, key: KeyEvent) {
        if self.look.line.key(key) == Edited::Changed {
            self.typed();
        }
    }

    /// Text that is pasted into what is being typed.
    pub fn type_text(&mut self, text: &str) {
        self.look.line.paste(text, " ");
        self.typed();
    }

    /// What is typed has changed.
    fn typed(&mut self) {
        match self.look.prompt {
            Some(Prompt::Search) => {
                let text = self.look.line.text().to_owned();
                self.log.search(&self.ring, &text);
            }
            Some(Prompt::Filter) => {
                let text = self.look.line.text().to_owned();
                self.filter_by(&text);
            }
            None => {}
        }
    }

    /// Shows only lines that contain a text, or match it where that is how filters are read.
    fn filter_by(&mut self, text: &str) {
        let needle = match self.look.expressions {
            true => Needle::expression(text),
            false => Ok(Needle::new(text)),
        };
        match needle {
            Ok(needle) => {
                self.look.wrong = None;
                let filter = Filter { text: needle, ..self.log.filter().clone() };
                self.log.set_filter(&self.ring, filter);
            }
            Err(why) => self.look.wrong = Some(why),
        }
    }

    /// What is typed is meant.
    pub fn accept_typed(&mut self) {
        match self.look.prompt.take() {
            Some(Prompt::Search) if self.look.line.text().is_empty() => self.log.cancel_search(),
            Some(Prompt::Search) => self.log.accept_search(),
            Some(Prompt::Filter) if self.look.wrong.take().is_some() => self.before_filter(),
            _ => {}
        }
    }

    /// What is typed is given up, and all is as it was before it.
    pub fn dismiss_typed(&mut self) {
        match self.look.prompt.take() {
            Some(Prompt::Search) => self.log.cancel_search(),
            Some(Prompt::Filter) => self.before_filter(),
            None => {}
        }
        self.look.wrong = None;
    }

    fn before_filter(&mut self) {
        let (filter, expressions) = std::mem::take(&mut self.look.before);
        self.look.expressions = expressions;
        // What else was switched while the text was typed stays.
        let filter = Filter { text: filter.text, ..self.log.filter().clone() };
        self.log.set_filter(&self.ring, filter);
    }

    /// Reads filters as regular expressions, or as plain text again.
    pub fn toggle_expressions(&mut self) {
        self.look.expressions = !self.look.expressions;
        let text = match self.look.prompt {
            Some(Prompt::Filter) => self.look.line.text().to_owned(),
            _ => self.log.filter().text.as_ref().map_or("", Needle::text).to_owned(),
        };
        self.filter_by(&text);
        if self.look.prompt.is_none() && self.look.wrong.take().is_some() {
            self.look.expressions = false;
        }
    }

    /// Changes which lines show.
    pub fn refilter(&mut self, change: impl FnOnce(&mut Filter)) {
        let mut filter = self.log.filter().clone();
        change(&mut filter);
        self.log.set_filter(&self.ring, filter);
    }

    /// Shows only graver lines than before, and after the gravest all again.
    pub fn next_level(&mut self) {
        self.refilter(|filter| {
            filter.level = match filter.level {
                None => Some(Level::Info),
                Some(Level::Trace | Level::Debug | Level::Info) => Some(Level::Warn),
                Some(Level::Warn) => Some(Level::Error),
                Some(Level::Error) => None,
            };
        });
    }

    /// Takes back the last thing by which not all is as it is at first: the selection, then the search, then the filters.
    pub fn reset(&mut self) {
        if self.log.cursor().is_some() {
            self.log.drop_cursor();
        } else if self.log.searched().is_some() {
            self.log.cancel_search();
        } else if !self.log.filter().is_off() || self.log.filter().inverse {
            self.refilter(|filter| *filter = Filter::default());
        }
    }

    /// Shows another one's time before each line, or none.
    pub fn next_times(&mut self) {
        self.look.times = match self.look.times {
            Times::Off => Times::Local,
            Times::Local => Times::Server,
            Times::Server => Times::Off,
        };
        self.look.server_zone = None;
        let stamps = match self.look.times {
            Times::Off => Stamps::Off,
            _ => Stamps::Time(self.look.zone.clone()),
        };
        self.log.set_stamps(&self.ring, stamps);
    }

    /// Follows the server's time zone, where its time is shown. The names come from the program, not from the disk.
    pub fn settle_times(&mut self, zone: Option<&str>) {
        let zone = zone.unwrap_or("UTC");
        if self.look.times != Times::Server || self.look.server_zone.as_deref() == Some(zone) {
            return;
        }
        let found = TimeZoneDatabase::bundled().get(zone).unwrap_or(TimeZone::UTC);
        self.look.server_zone = Some(zone.to_owned());
        self.log.set_stamps(&self.ring, Stamps::Time(found));
    }

    /// Whose time stands before each line, in a word.
    pub fn times_word(&self) -> Option<&str> {
        match self.look.times {
            Times::Off => None,
            Times::Local => Some("local"),
            Times::Server => Some(self.look.server_zone.as_deref().unwrap_or("UTC")),
        }
    }
}
