//! What lies over the panels.

pub mod ask;
mod browse;
pub mod confirm;
pub mod form;
pub mod fuzzy;
pub mod help;
pub mod message;
pub mod palette;
pub mod recall;
pub mod toasts;
pub mod which_key;

use crossterm::event::KeyEvent;
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};

use super::{action::Action, app::Effect, input::Keymap, theme::Theme};
use crate::model::{JobId, ServerId, Snapshot};

pub use ask::Ask;
pub use browse::Browse;
pub use confirm::Confirm;
pub use form::Form;
pub use help::Help;
pub use message::Message;
pub use palette::Palette;
pub use recall::Recall;

/// Something over the panels. Only the one on top gets keys.
#[derive(Debug)]
pub enum Overlay {
    /// Every key.
    Help(Help),
    /// Actions and servers by a part of their names.
    Palette(Palette),
    /// A question.
    Confirm(Confirm),
    /// A server's values.
    Form(Box<Form>),
    /// A longer text.
    Message(Message),
    /// A question that is answered by a short text.
    Ask(Ask),
    /// Commands that were typed before.
    Recall(Recall),
    /// What is in a backup.
    Browse(Browse),
}

/// What comes of a key.
#[derive(Debug)]
pub enum Outcome {
    /// It stays open.
    Stay,
    /// It is closed.
    Close,
    /// It is closed, and then this is done.
    Act(Action),
    /// It is closed, and this server is chosen.
    Select(ServerId),
    /// It stays open until the engine has answered this.
    Ask(Effect),
    /// It stays open, and this lies over it.
    Over(Box<Overlay>),
    /// It is closed, and this job is chosen.
    Job(JobId),
    /// It is closed, and this theme holds.
    Theme(String),
    /// It is closed, and this keymap holds.
    Keymap(String),
    /// It is closed, and this is the answer.
    Told(ask::About, String),
    /// It is closed, and this stands in the command line.
    Type(String),
    /// It is closed, and this is done outside.
    Effects(Vec<Effect>),
}

impl Overlay {
    /// An action of the keymap.
    pub fn act(&mut self, action: Action) -> Outcome {
        match self {
            Self::Help(help) => help.act(action),
            Self::Palette(palette) => palette.act(action),
            Self::Confirm(confirm) => confirm.act(action),
            Self::Form(form) => form.act(action),
            Self::Message(message) => message.act(action),
            Self::Ask(ask) => ask.act(action),
            Self::Recall(recall) => recall.act(action),
            Self::Browse(browse) => browse.act(action),
        }
    }

    /// Whether an action of the keymap means something here, so that the footer shows it.
    pub fn uses(&self, action: Action) -> bool {
        match self {
            // Enter goes on to the next field there; the form itself says what saves it.
            Self::Form(_) => matches!(action, Action::NextField | Action::Dismiss),
            Self::Ask(_) => matches!(action, Action::Accept | Action::Dismiss),
            Self::Palette(_) | Self::Recall(_) | Self::Browse(_) => {
                matches!(action, Action::Accept | Action::Dismiss | Action::Up | Action::Down)
            }
            Self::Help(_) | Self::Message(_) => !matches!(action, Action::Accept | Action::NextField),
            Self::Confirm(_) => matches!(action, Action::Accept | Action::Dismiss | Action::NextField),
        }
    }

    /// A key that means nothing in the keymap.
    pub fn key(&mut self, key: KeyEvent, snapshot: &Snapshot, keymap: &Keymap) -> Outcome {
        match self {
            Self::Help(help) => help.key(key, keymap),
            Self::Palette(palette) => palette.key(key, snapshot, keymap),
            Self::Confirm(confirm) => confirm.key(key),
            Self::Form(form) => form.key(key),
            Self::Message(message) => message.key(key),
            Self::Ask(ask) => ask.key(key),
            Self::Recall(recall) => recall.key(key),
            Self::Browse(browse) => browse.key(key),
        }
    }

    /// A click, where it was drawn into `area`: a row is chosen, a button pressed. Beside it, what holds nothing that
    /// could be lost is closed.
    pub fn click(&mut self, area: Rect, place: Position) -> Outcome {
        match self {
            Self::Form(form) => form.click(area, place),
            Self::Confirm(confirm) => confirm.click(area, place),
            Self::Palette(palette) => palette.click(area, place),
            Self::Recall(recall) => recall.click(area, place),
            Self::Help(help) => help.click(area, place),
            Self::Message(message) => message.click(area, place),
            Self::Ask(ask) => ask.click(area, place),
            Self::Browse(browse) => browse.click(area, place),
        }
    }

    /// Pasted text.
    pub fn paste(&mut self, text: &str, snapshot: &Snapshot, keymap: &Keymap) -> Outcome {
        match self {
            Self::Help(help) => help.paste(text, keymap),
            Self::Palette(palette) => palette.paste(text, snapshot, keymap),
            Self::Confirm(confirm) => confirm.paste(text),
            Self::Form(form) => form.paste(text),
            Self::Message(message) => message.paste(text),
            Self::Browse(browse) => return browse.paste(text),
            Self::Ask(ask) => ask.paste(text),
            Self::Recall(recall) => recall.paste(text),
        }
        Outcome::Stay
    }

    /// Draws it; gives the cursor's place.
    pub fn view(&self, area: Rect, buf: &mut Buffer, snapshot: &Snapshot, theme: &Theme) -> Option<Position> {
        match self {
            Self::Help(help) => help.view(area, buf, theme),
            Self::Palette(palette) => palette.view(area, buf, snapshot, theme),
            Self::Confirm(confirm) => confirm.view(area, buf, theme),
            Self::Form(form) => form.view(area, buf, theme),
            Self::Ask(ask) => ask.view(area, buf, theme),
            Self::Recall(recall) => recall.view(area, buf, theme),
            Self::Message(message) => message.view(area, buf, theme),
            Self::Browse(browse) => browse.view(area, buf, theme),
        }
    }
}
