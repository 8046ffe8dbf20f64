//! Actions, servers, jobs, themes and keymaps, found by a part of their names. A theme shows as one comes to it.

use crossterm::event::KeyEvent;
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};

use super::{Outcome, fuzzy};
use crate::{
    model::{JobId, ServerId, Snapshot},
    tui::{
        action::{ALL, Action, Scene},
        app::{Effect, Looks, inside},
        input::Keymap,
        paint, safe,
        theme::{Role, Theme},
        widgets::text_input::{Edited, TextInput},
    },
};

/// Most entries that are kept of what fits.
const MAX: usize = 200;

/// How much more a fit in an action's title counts than one in its sentence, and one in a server's name.
const BY_TITLE: i32 = 30;
const BY_NAME: i32 = 25;

/// Its size, in cells, with its border.
const WIDE: u16 = 76;
const HIGH: u16 = 20;

/// What is inside of it, where it is drawn into an area.
fn body(area: Rect) -> Rect {
    let inner = inside(paint::dialog_area(area, WIDE, HIGH));
    Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner }
}

/// Where the entries are, below what is typed.
fn rows(body: Rect) -> Rect {
    Rect { y: body.y + 1, height: body.height.saturating_sub(1), ..body }
}

#[derive(Clone, PartialEq, Debug)]
enum Target {
    Action(Action),
    Server(ServerId),
    Job(JobId),
    Theme(String),
    Keymap(String),
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

/// Actions, servers, jobs, themes and keymaps, found by a part of their names.
#[derive(Debug)]
pub struct Palette {
    search: TextInput,
    entries: Vec<Entry>,
    chosen: usize,
    /// Actions that cannot be done now.
    closed: Vec<Action>,
    /// The themes and keymaps that there are, and which of them hold.
    looks: Looks,
    /// The theme that shows only because one came to it.
    preview: Option<String>,
}

impl Palette {
    /// Everything there is; `closed` cannot be done now.
    pub fn new(closed: Vec<Action>, looks: Looks, snapshot: &Snapshot, keymap: &Keymap) -> Self {
        let search = TextInput::new(128);
        let mut palette = Self { search, entries: Vec::new(), chosen: 0, closed, looks, preview: None };
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
        let other = |target: Target, text: String| {
            let score = fuzzy::score(wanted, &text)?;
            Some(Entry { target, score, text, keys: String::new(), closed: false })
        };
        let jobs = snapshot.jobs.iter().rev().filter_map(|job| {
            let text = format!("job {} {}", job.kind.word(), safe::line(&job.server_name));
            other(Target::Job(job.id), text)
        });
        let now = |holds: bool| if holds { " (now)" } else { "" };
        let themes = self.looks.themes.iter().filter_map(|theme| {
            let holds = now(theme.name == self.looks.theme);
            let text = format!("theme {}{holds}: {}", theme.name, theme.about);
            other(Target::Theme(theme.name.clone()), text)
        });
        let keymaps = self.looks.keymaps.iter().filter_map(|map| {
            let holds = now(map.name == keymap.name());
            other(Target::Keymap(map.name.clone()), format!("keymap {}{holds}: {}", map.name, map.about))
        });
        let entries: Vec<_> = actions.chain(servers).chain(jobs).chain(themes).chain(keymaps).collect();
        self.entries = entries;
        if !wanted.is_empty() {
            self.entries.sort_by_key(|entry| (entry.closed, -entry.score));
        }
        self.entries.truncate(MAX);
    }

    /// An action of the keymap.
    pub fn act(&mut self, action: Action) -> Outcome {
        let last = self.entries.len().saturating_sub(1);
        self.chosen = match action {
            Action::Dismiss => {
                let back = self.preview.take().map(|_| Effect::Theme(self.looks.theme.clone()));
                return Outcome::Effects(back.into_iter().collect());
            }
            Action::Accept => return self.accept(),
            Action::Up | Action::PreviousField => self.chosen.saturating_sub(1),
            Action::Down | Action::NextField => (self.chosen + 1).min(last),
            Action::PageUp => self.chosen.saturating_sub(10),
            Action::PageDown => (self.chosen + 10).min(last),
            _ => self.chosen,
        };
        self.show()
    }

    fn accept(&self) -> Outcome {
        match self.entries.get(self.chosen) {
            Some(Entry { closed: false, target, .. }) => match target {
                Target::Action(action) => Outcome::Act(*action),
                Target::Server(server) => Outcome::Select(*server),
                Target::Job(job) => Outcome::Job(*job),
                Target::Theme(name) => Outcome::Theme(name.clone()),
                Target::Keymap(name) => Outcome::Keymap(name.clone()),
            },
            _ => Outcome::Stay,
        }
    }

    /// Shows the theme that one came to, or the one that holds where one came to something else.
    fn show(&mut self) -> Outcome {
        let wanted = match self.entries.get(self.chosen) {
            Some(Entry { target: Target::Theme(name), .. }) if *name != self.looks.theme => {
                Some(name.clone())
            }
            _ => None,
        };
        if wanted == self.preview {
            return Outcome::Stay;
        }
        self.preview.clone_from(&wanted);
        Outcome::Ask(Effect::Theme(wanted.unwrap_or_else(|| self.looks.theme.clone())))
    }

    /// A click, where it was drawn into `area`.
    pub fn click(&mut self, area: Rect, place: Position) -> Outcome {
        let list = rows(body(area));
        if !paint::dialog_area(area, WIDE, HIGH).contains(place) {
            return self.act(Action::Dismiss);
        }
        let offset = (self.chosen + 1).saturating_sub(usize::from(list.height.max(1)));
        let at = usize::from(place.y.saturating_sub(list.y)) + offset;
        if !list.contains(place) || at >= self.entries.len() {
            return Outcome::Stay;
        }
        self.chosen = at;
        self.accept()
    }

    /// A key that is typed.
    pub fn key(&mut self, key: KeyEvent, snapshot: &Snapshot, keymap: &Keymap) -> Outcome {
        if self.search.key(key) == Edited::Changed {
            self.find(snapshot, keymap);
        }
        self.show()
    }

    /// Pasted text.
    pub fn paste(&mut self, text: &str, snapshot: &Snapshot, keymap: &Keymap) {
        self.search.paste(text, " ");
        self.find(snapshot, keymap);
    }

    /// Draws it; gives the cursor's place.
    pub fn view(&self, area: Rect, buf: &mut Buffer, _: &Snapshot, theme: &Theme) -> Option<Position> {
        paint::dialog(buf, area, WIDE, HIGH, "Commands", theme);
        let body = body(area).intersection(buf.area);
        let x = paint::text(buf, body, 0, 0, ": ", theme.style(Role::Key));
        let field =
            Rect { x: body.x + x, width: body.width.saturating_sub(x), height: body.height.min(1), ..body };
        let cursor = self.search.view(
            field,
            buf,
            &theme.input(),
            "an action, a server, a job, a theme, a keymap",
            true,
        );
        let list = rows(body);
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
