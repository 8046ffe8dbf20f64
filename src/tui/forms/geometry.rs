//! Where everything of a form lies. The same for drawing and for the mouse.

use std::ops::Range;

use ratatui::layout::{Position, Rect};

use crate::tui::widgets::sgr::{Glyphs, width};

use super::{
    field::{Choices, Input},
    form::Form,
};

/// What sort of sentence is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Tone {
    Error,
    Warning,
    Note,
    Help,
}

/// One row of the form's body.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Row {
    Blank,
    Heading(&'static str),
    /// A row of a field's input, from 0.
    Value(usize, usize),
    /// A line of a message under a field; the first line of it or not.
    Message(usize, Tone, bool, String),
}

/// What is under the mouse.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Target {
    Submit,
    Cancel,
    /// A field, beside its value.
    Label(usize),
    /// A field's value, and where its rows lie.
    Value(usize, Rect),
}

/// Where everything lies.
#[derive(Clone, Debug)]
pub(super) struct Geometry {
    pub(super) area: Rect,
    /// Whether there is room for a frame.
    pub(super) framed: bool,
    /// Where rows are shown.
    pub(super) body: Rect,
    /// The row with the buttons.
    pub(super) buttons: Rect,
    /// What the engine said that is about no field, above the buttons.
    pub(super) refusal: Vec<String>,
    pub(super) label_width: u16,
    pub(super) value_width: u16,
    pub(super) rows: Vec<Row>,
    /// The first row that shows.
    pub(super) scroll: usize,
}

/// Widest form; longer lines are hard to read.
const WIDTH_MAX: u16 = 110;
/// Columns of a value that leave room for a note beside it.
const VALUE_WIDTH: u16 = 44;

/// Cuts a text into lines of at most so many columns, at spaces where there are any.
pub(super) fn wrapped(text: &str, columns: u16) -> Vec<String> {
    let columns = usize::from(columns.max(1));
    let (mut lines, mut line, mut used) = (Vec::new(), String::new(), 0usize);
    for word in text.split_whitespace() {
        let needed = width(word);
        if used > 0 && used + 1 + needed > columns {
            lines.push(std::mem::take(&mut line));
            used = 0;
        }
        if used > 0 {
            line.push(' ');
            used += 1;
        }
        for glyph in Glyphs::new(word, Default::default(), Default::default()) {
            if used + usize::from(glyph.width) > columns && used > 0 {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            line.push_str(glyph.symbol);
            used += usize::from(glyph.width);
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

impl Geometry {
    pub(super) fn of(form: &Form, area: Rect) -> Self {
        let spare = area.width.saturating_sub(WIDTH_MAX);
        let area = Rect { x: area.x + spare / 2, width: area.width - spare, ..area };
        let framed = area.width >= 8 && area.height >= 5;
        let inner =
            if framed { Rect::new(area.x + 2, area.y + 1, area.width - 4, area.height - 2) } else { area };
        let buttons = Rect { y: inner.bottom().saturating_sub(1), height: inner.height.min(1), ..inner };
        let mut refusal = form.refusal.as_deref().map_or(Vec::new(), |text| wrapped(text, inner.width));
        refusal.truncate(usize::from(inner.height / 3));
        let below = buttons.height + refusal.len() as u16;
        // A row of air above the buttons, where rows are not scarce.
        let air = u16::from(inner.height >= 16);
        let body = Rect { height: inner.height.saturating_sub(below + air), ..inner };
        let longest = form.fields.iter().map(|field| width(field.label) as u16).max().unwrap_or(0);
        let label_width = (longest + 2).min(inner.width / 2);
        let value_width = inner.width - label_width;
        let value_width = if value_width >= VALUE_WIDTH + 24 { VALUE_WIDTH } else { value_width };
        let mut geometry = Self {
            area,
            framed,
            body,
            buttons,
            refusal,
            label_width,
            value_width,
            rows: Vec::new(),
            scroll: 0,
        };
        geometry.rows = geometry.rows_of(form);
        geometry.scroll = geometry.scroll_of(form);
        geometry
    }

    /// Whether notes stand beside values rather than under them.
    pub(super) fn notes_beside(&self) -> bool {
        self.body.width > self.label_width + self.value_width
    }

    /// How far messages stand to the right.
    pub(super) fn indent(&self) -> u16 {
        if self.body.width - self.label_width >= 30 { self.label_width } else { 2.min(self.body.width) }
    }

    fn rows_of(&self, form: &Form) -> Vec<Row> {
        let mut rows = Vec::new();
        let mut section = "";
        let room = self.body.width - self.indent();
        for (index, field) in form.fields.iter().enumerate().filter(|(_, field)| !field.hidden) {
            if field.section != section {
                section = field.section;
                if !rows.is_empty() {
                    rows.push(Row::Blank);
                }
                rows.push(Row::Heading(section));
            }
            rows.extend((0..field.rows()).map(|row| Row::Value(index, row)));
            let mut say = |tone, text: &str| {
                let lines = text.lines().flat_map(|line| wrapped(line, room)).enumerate();
                rows.extend(lines.map(|(at, line)| Row::Message(index, tone, at == 0, line)));
            };
            let error = form.shown_error(index);
            if let Some(error) = error {
                say(Tone::Error, error);
            }
            if let Some(warning) = field.warning.as_deref().filter(|_| error.is_none()) {
                say(Tone::Warning, warning);
            }
            if let Some(note) = field.note.as_deref().filter(|note| !self.fits_beside(note)) {
                say(Tone::Note, note);
            }
            if !field.statement.is_empty() {
                say(Tone::Note, field.statement);
            }
            if form.focus == index && error.is_none() && !field.help.is_empty() {
                say(Tone::Help, field.help);
            }
        }
        rows
    }

    /// Whether a note has room to the right of the value.
    pub(super) fn fits_beside(&self, note: &str) -> bool {
        let room = self.body.width - self.label_width - self.value_width;
        self.notes_beside() && !note.contains('\n') && width(note) + 2 <= usize::from(room)
    }

    fn rows_with(&self, index: usize) -> Range<usize> {
        let of = |row: &Row| matches!(row, Row::Value(i, _) | Row::Message(i, ..) if *i == index);
        let start = self.rows.iter().position(of).unwrap_or(self.rows.len());
        start..start + self.rows[start..].iter().take_while(|row| of(row)).count()
    }

    /// The focus is in the middle, as far as the ends allow: no state is needed to know what shows.
    fn scroll_of(&self, form: &Form) -> usize {
        let height = usize::from(self.body.height);
        let last = self.rows.len().saturating_sub(height);
        let focus = self.rows_with(form.focus);
        let middle = if focus.is_empty() { self.rows.len() } else { (focus.start + focus.end) / 2 };
        let centred = middle.saturating_sub(height / 2).min(last);
        // A field that is taller than what shows shows its beginning.
        let centred = if focus.is_empty() { centred } else { centred.min(focus.start) };
        centred.saturating_add_signed(form.wheeled as isize).min(last)
    }

    /// The rows that show, with the place of each.
    pub(super) fn shown(&self) -> impl Iterator<Item = (u16, &Row)> {
        (self.body.top()..self.body.bottom()).zip(self.rows.iter().skip(self.scroll))
    }

    /// Where the rows of a field's value lie, as far as they show.
    pub(super) fn value_area(&self, index: usize) -> Option<Rect> {
        let mut shown = self.shown().filter(|(_, row)| matches!(row, Row::Value(i, _) if *i == index));
        let (y, _) = shown.next()?;
        let height = 1 + shown.count() as u16;
        let x = self.body.x + self.label_width;
        Some(Rect { x, y, width: self.value_width, height })
    }

    /// The two buttons.
    pub(super) fn button_areas(&self, form: &Form) -> [Rect; 2] {
        let wide = |word: &str| width(word) as u16 + 4;
        let first = Rect { width: wide(form.submit), ..self.buttons };
        let second = Rect { x: first.right() + 2, width: wide("Cancel"), ..self.buttons };
        [first.intersection(self.buttons), second.intersection(self.buttons)]
    }

    /// What is at a place.
    pub(super) fn target_at(&self, form: &Form, place: Position) -> Option<Target> {
        let [submit, cancel] = self.button_areas(form);
        if submit.contains(place) {
            return Some(Target::Submit);
        }
        if cancel.contains(place) {
            return Some(Target::Cancel);
        }
        let (_, row) = self.shown().find(|(y, _)| *y == place.y).filter(|_| self.body.contains(place))?;
        match row {
            Row::Value(index, _) => {
                let area = self.value_area(*index)?;
                Some(if area.contains(place) { Target::Value(*index, area) } else { Target::Label(*index) })
            }
            Row::Message(index, ..) => Some(Target::Label(*index)),
            Row::Blank | Row::Heading(_) => None,
        }
    }

    /// Where the list that has dropped down lies, with its frame, and the first of its lines that shows.
    pub(super) fn list_area(&self, form: &Form) -> Option<(Rect, usize)> {
        let at = form.list?;
        let Input::Choice(choices) = &form.fields.get(form.focus)?.input else { return None };
        let value = self.value_area(form.focus)?;
        let inside = self.body.union(self.buttons);
        let rows = choices.all.len() as u16;
        let (below, above) = (inside.bottom().saturating_sub(value.y + 1), value.y - inside.y);
        let wanted = rows.saturating_add(2).min(14);
        let (y, height) = if below >= wanted || below >= above {
            (value.y + 1, wanted.min(below))
        } else {
            (value.y - wanted.min(above), wanted.min(above))
        };
        let width = list_width(choices).min(self.body.right().saturating_sub(value.x));
        if height < 3 || width < 3 {
            return None;
        }
        let lines = usize::from(height - 2);
        let first = at.saturating_sub(lines / 2).min(choices.all.len().saturating_sub(lines));
        Some((Rect { x: value.x, y, width, height }, first))
    }

    /// The line of the list at a place.
    pub(super) fn list_line_at(&self, form: &Form, place: Position) -> Option<usize> {
        let (area, first) = self.list_area(form)?;
        let inner = Rect { x: area.x, y: area.y + 1, width: area.width, height: area.height - 2 };
        inner.contains(place).then(|| first + usize::from(place.y - inner.y))
    }
}

fn list_width(choices: &Choices) -> u16 {
    choices.all.iter().map(|choice| width(&choice.label) as u16).max().unwrap_or(0).saturating_add(4)
}
