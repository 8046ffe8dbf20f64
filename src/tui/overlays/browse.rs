//! What is in a backup: its folders and files, from which one is taken out or restored.

use crossterm::event::{KeyCode, KeyEvent};
use jiff::Timestamp;
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};

use super::{Ask, Outcome, Overlay, ask::About};
use crate::{
    model::{
        BackupId, Fault, Units,
        backup::{BackupFile, FilePage, FileQuery},
    },
    tui::{
        action::Action,
        app::Effect,
        paint,
        panels::Filter,
        safe,
        theme::{Role, Theme},
    },
};

/// Entries that are asked for at once.
const PAGE: usize = 500;
/// Entries before the chosen one in what is asked for.
const BEFORE: usize = PAGE / 2;
/// Widest it gets; longer lines are hard to read.
const WIDE: u16 = 110;

/// A folder of a backup that is looked at.
#[derive(Debug)]
pub struct Browse {
    backup: BackupId,
    title: String,
    /// Empty is the data folder.
    folder: String,
    /// What names below the folder must contain; with none, what lies in the folder shows.
    filter: Filter,
    /// The chosen entry's place among all of the folder.
    cursor: usize,
    /// The first entry that shows.
    offset: usize,
    /// The place of the first entry that is known.
    first: usize,
    files: Vec<BackupFile>,
    /// How many entries the folder has; `None` until that is known.
    total: Option<usize>,
    /// The folder that one came up from, to be chosen when its name is known.
    from: Option<String>,
    /// Why the folder could not be read.
    fault: Option<String>,
    /// What came of something that was done here.
    said: Option<(Role, String)>,
    units: Units,
}

impl Browse {
    /// At the top of a backup. Its first page must be asked for: [`Self::wants`].
    pub fn new(backup: BackupId, title: String, units: Units) -> Self {
        Self {
            backup,
            title,
            folder: String::new(),
            filter: Filter::default(),
            cursor: 0,
            offset: 0,
            first: 0,
            files: Vec::new(),
            total: None,
            from: None,
            fault: None,
            said: None,
            units,
        }
    }

    /// Asks for what is around the chosen entry.
    pub fn wants(&self) -> Effect {
        let query = FileQuery {
            folder: self.folder.clone(),
            name: self.filter.text().to_owned(),
            from: self.cursor.saturating_sub(BEFORE),
            most: PAGE,
        };
        Effect::Files { backup: self.backup, query }
    }

    /// A page came, or could not be read. One of something else than what is looked at now is late.
    pub fn take(&mut self, backup: BackupId, asked: &FileQuery, page: Result<FilePage, Fault>) {
        if self.backup != backup || self.folder != asked.folder || self.filter.text() != asked.name {
            return;
        }
        match page {
            Ok(page) => {
                (self.first, self.files, self.total) = (asked.from, page.files, Some(page.total));
                let came = self.from.take();
                let found = came.and_then(|came| self.files.iter().position(|file| *file.path == *came));
                if let Some(at) = found {
                    self.cursor = self.first + at;
                }
                self.cursor = self.cursor.min(page.total.saturating_sub(1));
                self.fault = None;
            }
            Err(fault) => self.fault = Some(fault.to_string()),
        }
    }

    /// Says what came of something that was done here, until something else is.
    pub fn say(&mut self, role: Role, text: String) {
        self.said = Some((role, text));
    }

    fn entry(&self, at: usize) -> Option<&BackupFile> {
        self.files.get(at.checked_sub(self.first)?)
    }

    /// Goes to an entry; what is around it is asked for where it is not known.
    fn go_to(&mut self, at: usize) -> Outcome {
        self.cursor = at.min(self.total.unwrap_or(0).saturating_sub(1));
        match self.total {
            Some(total) if total > 0 && self.entry(self.cursor).is_none() => Outcome::Ask(self.wants()),
            _ => Outcome::Stay,
        }
    }

    fn enter(&mut self, folder: String, from: Option<String>) -> Outcome {
        (self.folder, self.from) = (folder, from);
        self.filter = Filter::default();
        self.anew()
    }

    /// Looks at something else from its top on.
    fn anew(&mut self) -> Outcome {
        (self.cursor, self.offset, self.first, self.total) = (0, 0, 0, None);
        self.files.clear();
        self.fault = None;
        Outcome::Ask(self.wants())
    }

    fn open(&mut self) -> Outcome {
        match self.entry(self.cursor) {
            Some(file) if file.folder => {
                let folder = file.path.to_string();
                self.enter(folder, None)
            }
            Some(_) => self.extract(),
            None => Outcome::Stay,
        }
    }

    fn up(&mut self) -> Outcome {
        if self.filter.is_on() {
            self.filter = Filter::default();
            return self.anew();
        }
        if self.folder.is_empty() {
            return Outcome::Stay;
        }
        let above = self.folder.rsplit_once('/').map_or("", |(above, _)| above).to_owned();
        let from = self.folder.clone();
        self.enter(above, Some(from))
    }

    /// Asks into which folder of this machine the chosen file or folder is written.
    fn extract(&mut self) -> Outcome {
        let Some(file) = self.entry(self.cursor) else { return Outcome::Stay };
        let about = About::Extract { backup: self.backup, path: file.path.to_string() };
        let text = format!(
            "Into which folder of this machine is {} ({}) written? What is there already is not touched.",
            name(file),
            self.units.write_short(file.size)
        );
        Outcome::Over(Box::new(Overlay::Ask(Ask::new(about, "Extract", text, "."))))
    }

    /// Wants the chosen file or folder restored.
    fn restore(&mut self) -> Outcome {
        match self.entry(self.cursor) {
            Some(file) => {
                let (backup, paths) = (self.backup, vec![file.path.to_string()]);
                Outcome::Ask(Effect::Contents { backup, paths })
            }
            None => Outcome::Stay,
        }
    }

    /// An action of the keymap.
    pub fn act(&mut self, action: Action) -> Outcome {
        self.said = None;
        match action {
            Action::Dismiss if self.filter.height() > 0 => {
                let was_on = self.filter.is_on();
                self.filter = Filter::default();
                if was_on { self.anew() } else { Outcome::Stay }
            }
            Action::Dismiss => Outcome::Close,
            Action::Accept if self.filter.is_typing() => {
                self.filter.type_it(false);
                Outcome::Stay
            }
            Action::Accept => self.open(),
            Action::Up => self.go_to(self.cursor.saturating_sub(1)),
            Action::Down => self.go_to(self.cursor + 1),
            Action::PageUp => self.go_to(self.cursor.saturating_sub(10)),
            Action::PageDown => self.go_to(self.cursor + 10),
            _ => Outcome::Stay,
        }
    }

    /// A key that means nothing in the keymap.
    pub fn key(&mut self, key: KeyEvent) -> Outcome {
        self.said = None;
        if self.filter.is_typing() {
            return if self.filter.key(key) { self.anew() } else { Outcome::Stay };
        }
        match key.code {
            KeyCode::Char('/') => {
                self.filter.type_it(true);
                Outcome::Stay
            }
            KeyCode::Left | KeyCode::Backspace | KeyCode::Char('h') => self.up(),
            KeyCode::Right | KeyCode::Char('l') => match self.entry(self.cursor) {
                Some(file) if file.folder => self.open(),
                _ => Outcome::Stay,
            },
            KeyCode::Char('j') => self.act(Action::Down),
            KeyCode::Char('k') => self.act(Action::Up),
            KeyCode::Home | KeyCode::Char('g') => self.go_to(0),
            KeyCode::End | KeyCode::Char('G') => self.go_to(usize::MAX),
            KeyCode::Char('x') => self.extract(),
            KeyCode::Char('r') => self.restore(),
            KeyCode::Char('q') => Outcome::Close,
            _ => Outcome::Stay,
        }
    }

    /// Pasted text.
    pub fn paste(&mut self, text: &str) -> Outcome {
        if !self.filter.is_typing() {
            return Outcome::Stay;
        }
        self.filter.paste(text);
        self.anew()
    }

    /// Where it is drawn.
    fn area(area: Rect) -> Rect {
        paint::dialog_area(area, area.width.min(WIDE), area.height)
    }

    /// The rows of entries.
    fn list(inner: Rect) -> Rect {
        Rect {
            x: inner.x + 1,
            y: inner.y + 1,
            width: inner.width.saturating_sub(2),
            height: inner.height.saturating_sub(3),
        }
    }

    /// Those of them that are left beside the filter.
    fn rows(&self, list: Rect) -> Rect {
        Rect { height: list.height.saturating_sub(self.filter.height()), ..list }
    }

    /// The first entry that shows in so many rows: the chosen one is among them.
    fn top(&self, rows: u16) -> usize {
        let rows = usize::from(rows.max(1));
        self.offset.min(self.cursor).max((self.cursor + 1).saturating_sub(rows))
    }

    /// A click, where it was drawn into `area`: chooses a row, or opens the one that is chosen.
    pub fn click(&mut self, area: Rect, place: Position) -> Outcome {
        let inner = crate::tui::app::inside(Self::area(area));
        let list = Self::list(inner);
        let (list, line) = (self.rows(list), list);
        let bottom = Rect { y: inner.bottom().saturating_sub(1), height: 1, ..line };
        if bottom.contains(place) {
            let mut x = bottom.x;
            for (word, key) in KEYS {
                let to = x + paint::width(word);
                if (x..to).contains(&place.x) {
                    return match key {
                        KeyCode::Enter => self.open(),
                        KeyCode::Esc => Outcome::Close,
                        key => self.key(KeyEvent::from(key)),
                    };
                }
                x = to + 2;
            }
            return Outcome::Stay;
        }
        if !list.contains(place) {
            return Outcome::Stay;
        }
        self.offset = self.top(list.height);
        let at = self.offset + usize::from(place.y - list.y);
        if Some(at) >= self.total {
            return Outcome::Stay;
        }
        if at == self.cursor { self.open() } else { self.go_to(at) }
    }

    /// Draws it; gives the cursor's place while the filter is typed.
    pub fn view(&self, area: Rect, buf: &mut Buffer, theme: &Theme) -> Option<Position> {
        let place = Self::area(area);
        let inner = paint::dialog(buf, area, place.width, place.height, &safe::line(&self.title), theme);
        let list = Self::list(inner);
        let head = Rect { y: inner.y, height: inner.height.min(1), ..list };
        let folder = if self.folder.is_empty() { "all of it".into() } else { safe::line(&self.folder) };
        let total = self.total.filter(|total| *total > 0);
        let count = total.map(|total| format!("{} of {total}", self.cursor + 1)).unwrap_or_default();
        paint::text_right(buf, head, 0, &count, theme.style(Role::Muted));
        let room = head.width.saturating_sub(paint::width(&count) + 1);
        paint::column(buf, head, 0, room, &folder, theme.style(Role::Header), theme);
        let (list, typed) = self.filter.view(list, buf, theme);
        let said = match (&self.fault, self.total) {
            (Some(fault), _) => Some((Role::Error, safe::line(fault).into_owned())),
            (None, None) => Some((Role::Muted, "It is being read.".into())),
            (None, Some(0)) if self.filter.is_on() => {
                Some((Role::Muted, "Nothing below has this in its name.".into()))
            }
            (None, Some(0)) => Some((Role::Muted, "Nothing is in it.".into())),
            _ => None,
        };
        if let Some((role, text)) = said {
            for (y, line) in (0..list.height).zip(paint::wrap(&text, list.width)) {
                paint::text(buf, list, 0, y, &line, theme.style(role));
            }
        } else {
            let top = self.top(list.height);
            for (y, at) in (0..list.height).zip(top..self.total.unwrap_or(0)) {
                let line = Rect { y: list.y + y, height: 1, ..list };
                match self.entry(at) {
                    Some(file) => {
                        row(file, self.label(file), at == self.cursor, line, buf, theme, self.units);
                    }
                    None => {
                        _ = paint::text(buf, line, 2, 0, theme.symbols.ellipsis, theme.style(Role::Muted))
                    }
                }
            }
        }
        self.bottom(inner, Self::list(inner), buf, theme);
        typed
    }

    /// What an entry is called here: by its name, or by its way from the folder where it may lie deeper.
    fn label<'f>(&self, file: &'f BackupFile) -> &'f str {
        let below = file.path.strip_prefix(&*self.folder).unwrap_or(&file.path);
        if self.filter.is_on() { below.trim_start_matches('/') } else { name(file) }
    }

    fn bottom(&self, inner: Rect, list: Rect, buf: &mut Buffer, theme: &Theme) {
        let line = Rect { y: inner.bottom().saturating_sub(1), height: inner.height.min(1), ..list };
        if let Some((role, text)) = &self.said {
            let above = Rect { y: list.bottom(), height: u16::from(list.height > 0), ..list };
            paint::column(buf, above, 0, above.width, &safe::line(text), theme.style(*role), theme);
        }
        let mut x = 0;
        for (word, _) in KEYS {
            let (key, rest) = word.split_once(' ').unwrap_or((word, ""));
            let after = paint::text(buf, line, x, 0, key, theme.style(Role::Key));
            x = paint::text(buf, line, after + 1, 0, rest, theme.style(Role::Text)) + 2;
        }
    }
}

/// What can be done here, each with the key that does it.
const KEYS: [(&str, KeyCode); 6] = [
    ("Enter open", KeyCode::Enter),
    ("Left up", KeyCode::Left),
    ("x extract", KeyCode::Char('x')),
    ("r restore", KeyCode::Char('r')),
    ("/ find", KeyCode::Char('/')),
    ("Esc close", KeyCode::Esc),
];

fn name(file: &BackupFile) -> &str {
    file.path.rsplit('/').next().unwrap_or_default()
}

fn row(
    file: &BackupFile,
    label: &str,
    chosen: bool,
    area: Rect,
    buf: &mut Buffer,
    theme: &Theme,
    units: Units,
) {
    let over = paint::chosen(buf, area, chosen.then_some(Role::Selection), theme);
    // Size and time at the right, as far as they fit beside a name.
    let size = if area.width >= 30 { 7 } else { 0 };
    let time = if area.width >= 60 { 17 } else { 0 };
    let torn = if file.torn { 5 } else { 0 };
    let wide = area.width.saturating_sub(2 + size + time + torn + 1);
    let text = format!("{}{}", safe::line(label), if file.folder { "/" } else { "" });
    let role = if file.folder { Role::Key } else { Role::Text };
    paint::column(buf, area, 2, wide, &text, theme.style(role).patch(over), theme);
    if file.torn {
        let x = area.width.saturating_sub(size + time + torn);
        paint::text(buf, area, x, 0, "torn", theme.style(Role::Warning).patch(over));
    }
    let muted = theme.style(Role::Muted).patch(over);
    if size > 0 {
        let cell = Rect { width: area.width.saturating_sub(time), ..area };
        paint::text_right(buf, cell, 0, &paint::bytes_short(file.size, units), muted);
    }
    if time > 0 {
        let text = file.modified.map(stamp).unwrap_or_default();
        paint::text_right(buf, area, 0, &text, muted);
    }
}

fn stamp(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M").to_string()
}
