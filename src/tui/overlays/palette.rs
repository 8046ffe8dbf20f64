//! Actions and servers, found by a part of their names.

use crossterm::event::KeyEvent;
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};

use super::{Outcome, fuzzy};
use crate::{
    model::{ServerId, Snapshot},
    tui::{
        action::{ALL, Action, Scene},
        input::Keymap,
        paint, safe,
        theme::{Role, Theme},
        widgets::text_input::TextInput,
    },
};

/// Most entries that are kept of what fits.
const MAX: usize = 200;

/// How much more a fit in an action's title counts than one in its sentence, and one in a server's name.
const BY_TITLE: i32 = 30;
const BY_NAME: i32 = 25;

#[derive(Clone, Copy, PartialEq, Debug)]
enum Target {
    Action(Action),
    Server(ServerId),
}

#[derive(Clone, Debug)]
struct Entry {
    target: Target,
    text: String,
    keys: String,
    score: i32,
    /// Why it cannot be done now.
    closed: bool,
}

/// Actions and servers, found by a part of their names.
#[derive(Debug)]
pub struct Palette {
    search: TextInput,
    entries: Vec<Entry>,
    chosen: usize,
    /// Actions that cannot be done now.
    closed: Vec<Action>,
}

impl Palette {
    /// Everything there is; `closed` cannot be done now.
    pub fn new(closed: Vec<Action>, snapshot: &Snapshot, keymap: &Keymap) -> Self {
        let mut palette = Self { search: TextInput::new(128), entries: Vec::new(), chosen: 0, closed };
        palette.find(snapshot, keymap);
        palette
    }

    fn find(&mut self, snapshot: &Snapshot, keymap: &Keymap) {
        let wanted = self.search.text();
        self.chosen = 0;
        self.entries.clear();
        let actions = ALL.iter().filter(|info| info.action.is_offered()).filter_map(|info| {
            let text = format!("{}: {}", info.title, info.about);
            let score = fuzzy::score(wanted, info.title).map(|score| score + BY_TITLE);
            let keys = info.places.iter().find_map(|place| keymap.keys_of(info.action, Scene::plain(*place)));
            Some(Entry {
                target: Target::Action(info.action),
                score: score.max(fuzzy::score(wanted, &text))?,
                text,
                keys: keys.unwrap_or_default(),
                closed: self.closed.contains(&info.action),
            })
        });
        let servers = snapshot.servers.iter().filter_map(|server| {
            let score = fuzzy::score(wanted, server.name())?;
            Some(Entry {
                target: Target::Server(server.id()),
                score: score + BY_NAME,
                text: format!("server {}: {}", safe::line(server.name()), server.state.word()),
                keys: String::new(),
                closed: false,
            })
        });
        self.entries.extend(actions.chain(servers));
        if !wanted.is_empty() {
            self.entries.sort_by_key(|entry| (entry.closed, -entry.score));
        }
        self.entries.truncate(MAX);
    }

    /// An action of the keymap.
    pub fn act(&mut self, action: Action) -> Outcome {
        let last = self.entries.len().saturating_sub(1);
        self.chosen = match action {
            Action::Dismiss => return Outcome::Close,
            Action::Accept => {
                return match self.entries.get(self.chosen) {
                    Some(Entry { closed: false, target, .. }) => match target {
                        Target::Action(action) => Outcome::Act(*action),
                        Target::Server(server) => Outcome::Select(*server),
                    },
                    _ => Outcome::Stay,
                };
            }
            Action::Up | Action::PreviousField => self.chosen.saturating_sub(1),
            Action::Down | Action::NextField => (self.chosen + 1).min(last),
            Action::PageUp => self.chosen.saturating_sub(10),
            Action::PageDown => (self.chosen + 10).min(last),
            _ => self.chosen,
        };
        Outcome::Stay
    }

    /// A key that is typed.
    pub fn key(&mut self, key: KeyEvent, snapshot: &Snapshot, keymap: &Keymap) -> Outcome {
        self.search.key(key);
        self.find(snapshot, keymap);
        Outcome::Stay
    }

    /// Pasted text.
    pub fn paste(&mut self, text: &str, snapshot: &Snapshot, keymap: &Keymap) {
        self.search.paste(text, " ");
        self.find(snapshot, keymap);
    }

    /// Draws it; gives the cursor's place.
    pub fn view(&self, area: Rect, buf: &mut Buffer, _: &Snapshot, theme: &Theme) -> Option<Position> {
        let high = area.height.min(20);
        let inner = paint::dialog(buf, area, 76, high, "Commands", theme);
        let body = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
        let x = paint::text(buf, body, 0, 0, ": ", theme.style(Role::Key));
        let field =
            Rect { x: body.x + x, width: body.width.saturating_sub(x), height: body.height.min(1), ..body };
        let cursor =
            self.search.view(field, buf, &theme.input(), "type a part of an action or a server", true);
        let list = Rect { y: body.y + 1, height: body.height.saturating_sub(1), ..body };
        let room = usize::from(list.height.max(1));
        let offset = (self.chosen + 1).saturating_sub(room);
        for (y, (index, entry)) in (0..list.height).zip(self.entries.iter().enumerate().skip(offset)) {
            let row = Rect { y: list.y + y, height: 1, ..list };
            let mut style = theme.style(if entry.closed { Role::Disabled } else { Role::Text });
            if index == self.chosen {
                style = style.patch(theme.style(Role::Selection));
                buf.set_style(row.intersection(buf.area), theme.style(Role::Selection));
                paint::text(buf, row, 0, 0, theme.symbols.pointer, style);
            }
            let keys = paint::width(&entry.keys);
            paint::column(buf, row, 2, row.width.saturating_sub(keys + 3), &entry.text, style, theme);
            paint::text_right(buf, row, 0, &entry.keys, style);
        }
        if self.entries.is_empty() {
            paint::text(buf, list, 0, 0, "Nothing contains this.", theme.style(Role::Muted));
        }
        cursor
    }
}
