//! Several lines of text: of any kind, or of `NAME=value`.

use std::collections::BTreeMap;

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::Style,
    widgets::Widget,
};
use tui_textarea::{CursorMove, TextArea};

use crate::tui::widgets::{sgr::is_hostile, text_input::Edited};

/// Most bytes in all; more than [`crate::model::field`] would ever let through in lines that a person reads.
const BYTES_MAX: usize = 128 * 1024;

/// Lines of text; of `NAME=value` those too that cannot be written in a line, which are kept as they are.
#[derive(Clone, Debug)]
pub struct Pairs {
    area: TextArea<'static>,
    kept: BTreeMap<String, String>,
}

impl Pairs {
    /// With these values. Those with line breaks or control characters are kept and do not show.
    pub fn new(values: &BTreeMap<String, String>) -> Self {
        let (kept, shown): (BTreeMap<_, _>, BTreeMap<_, _>) =
            values.iter().map(|(name, value)| (name.clone(), value.clone())).partition(|(name, value)| {
                name.contains('=') || name.contains(is_hostile) || value.contains(is_hostile)
            });
        let lines = shown.iter().map(|(name, value)| format!("{name}={value}")).collect();
        Self { kept, ..Self::of_lines(lines) }
    }

    /// With these lines; control characters in them are dropped.
    pub fn of_lines(mut lines: Vec<String>) -> Self {
        lines.iter_mut().for_each(|line| line.retain(|c| !is_hostile(c)));
        let mut area = TextArea::new(if lines.is_empty() { vec![String::new()] } else { lines });
        area.set_max_histories(50);
        area.set_cursor_line_style(Style::new());
        Self { area, kept: BTreeMap::new() }
    }

    /// The lines, without spaces at their ends and without empty ones.
    pub fn lines(&self) -> Vec<String> {
        let lines = self.area.lines().iter().map(|line| line.trim().to_owned());
        lines.filter(|line| !line.is_empty()).collect()
    }

    /// The lines as they stand.
    pub fn text(&self) -> String {
        self.area.lines().join("\n")
    }

    /// How many values are kept that do not show.
    pub fn kept(&self) -> usize {
        self.kept.len()
    }

    /// How many rows it wants.
    pub fn rows(&self) -> usize {
        self.area.lines().len().clamp(2, 6)
    }

    /// The values. Empty lines are passed over.
    ///
    /// # Errors
    /// Says which line is no pair, or which name is there twice.
    pub fn read(&self) -> Result<BTreeMap<String, String>, String> {
        let mut values = self.kept.clone();
        for (index, line) in self.area.lines().iter().enumerate().filter(|(_, line)| !line.trim().is_empty())
        {
            let Some((name, value)) = line.split_once('=') else {
                return Err(format!("line {} must be written NAME=value", index + 1));
            };
            let name = name.trim();
            if values.insert(name.to_owned(), value.to_owned()).is_some() {
                return Err(format!("{name} is there twice"));
            }
        }
        Ok(values)
    }

    /// What a key does. Tab and Esc are never taken, nor Enter on an empty line, Up on the first line and Down on
    /// the last.
    pub fn key(&mut self, key: KeyEvent) -> Edited {
        let line = self.area.cursor().0;
        let last = self.area.lines().len() - 1;
        let empty = self.area.lines().get(line).is_none_or(String::is_empty);
        match key.code {
            KeyCode::Tab | KeyCode::BackTab | KeyCode::Esc => return Edited::Ignored,
            KeyCode::Enter if empty => return Edited::Ignored,
            KeyCode::Up if line == 0 => return Edited::Ignored,
            KeyCode::Down if line == last => return Edited::Ignored,
            KeyCode::Char(c) if is_hostile(c) => return Edited::Moved,
            KeyCode::Char(_) | KeyCode::Enter if self.is_full(4) => return Edited::Moved,
            _ => {}
        }
        if self.area.input(key) { Edited::Changed } else { Edited::Moved }
    }

    fn is_full(&self, more: usize) -> bool {
        self.area.lines().iter().map(|line| line.len() + 1).sum::<usize>() + more > BYTES_MAX
    }

    /// Puts text in at the cursor, line by line; control characters are dropped. Nothing is put in when there is
    /// no room for all of it.
    pub fn paste(&mut self, text: &str) -> Edited {
        if self.is_full(text.len()) {
            return Edited::Moved;
        }
        let text: String = text
            .replace("\r\n", "\n")
            .chars()
            .map(|c| match c {
                '\r' => '\n',
                '\t' => ' ',
                c => c,
            })
            .filter(|&c| c == '\n' || !is_hostile(c))
            .collect();
        if self.area.insert_str(&text) { Edited::Changed } else { Edited::Moved }
    }

    /// Puts the cursor where somebody clicked, in an area of this size.
    pub fn click(&mut self, column: u16, row: u16, area: Rect) {
        let (drawn, _) = self.drawn(area, Style::new());
        let (top, left) = drawn.scroll_offset();
        let place = drawn.screen_to_data(usize::from(top + row), usize::from(left + column));
        let cell = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
        self.area.move_cursor(CursorMove::Jump(cell(place.0), cell(place.1)));
    }

    /// A copy that knows its area: the original stays as it is while it is drawn.
    fn drawn(&self, area: Rect, text: Style) -> (TextArea<'static>, Buffer) {
        let mut copy = self.area.clone();
        copy.set_style(text);
        copy.set_cursor_style(text);
        let mut buf = Buffer::empty(area);
        buf.set_style(area, text);
        (&copy).render(area, &mut buf);
        (copy, buf)
    }

    /// Draws it; with focus, the cursor's place is returned.
    pub fn view(&self, area: Rect, buf: &mut Buffer, text: Style, focused: bool) -> Option<Position> {
        let area = area.intersection(buf.area);
        if area.is_empty() {
            return None;
        }
        let (copy, drawn) = self.drawn(area, text);
        for place in area.positions() {
            buf[place] = drawn[place].clone();
        }
        let ((top, left), cursor) = (copy.scroll_offset(), copy.screen_cursor());
        let offset = |at: usize, first: u16, room: u16| {
            u16::try_from(at.saturating_sub(first.into())).unwrap_or(u16::MAX).min(room - 1)
        };
        let (x, y) = (offset(cursor.col, left, area.width), offset(cursor.row, top, area.height));
        focused.then(|| Position::new(area.x + x, area.y + y))
    }
}
