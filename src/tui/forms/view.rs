//! Drawing a form.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::Style,
};

use crate::tui::widgets::{
    sgr::{ColourDepth, draw, put, width},
    text_input::InputStyles,
};

use super::{
    field::{Choices, Field, Input},
    form::Form,
    geometry::{Geometry, Row, Tone},
    styles::FormStyles,
};

const DEPTH: ColourDepth = ColourDepth::TrueColour;

struct Signs {
    corners: [&'static str; 4],
    across: &'static str,
    down: &'static str,
    up_arrow: &'static str,
    down_arrow: &'static str,
    on: &'static str,
    error: &'static str,
    warning: &'static str,
    drop: &'static str,
    dash: &'static str,
}

const PRETTY: Signs = Signs {
    corners: ["╭", "╮", "╰", "╯"],
    across: "─",
    down: "│",
    up_arrow: "▲",
    down_arrow: "▼",
    on: "[✔] ",
    error: "✗ ",
    warning: "! ",
    drop: "▾",
    dash: "·",
};

const ASCII: Signs = Signs {
    corners: ["+", "+", "+", "+"],
    across: "-",
    down: "|",
    up_arrow: "^",
    down_arrow: "v",
    on: "[x] ",
    error: "x ",
    warning: "! ",
    drop: "v",
    dash: "-",
};

fn frame(buf: &mut Buffer, area: Rect, style: Style, signs: &Signs) {
    if area.width < 2 || area.height < 2 {
        return;
    }
    let (right, bottom) = (area.right() - 1, area.bottom() - 1);
    for x in area.x..area.right() {
        put(buf, x, area.y, signs.across, 1, style);
        put(buf, x, bottom, signs.across, 1, style);
    }
    for y in area.y..area.bottom() {
        put(buf, area.x, y, signs.down, 1, style);
        put(buf, right, y, signs.down, 1, style);
    }
    let places = [(area.x, area.y), (right, area.y), (area.x, bottom), (right, bottom)];
    for ((x, y), sign) in places.into_iter().zip(signs.corners) {
        put(buf, x, y, sign, 1, style);
    }
}

fn blank(buf: &mut Buffer, area: Rect, style: Style) {
    for place in area.intersection(buf.area).positions() {
        buf[place].reset();
        buf[place].set_style(style);
    }
}

impl Form {
    /// Draws it over all of `area` and returns where the cursor belongs. Changes nothing.
    pub fn view(&self, area: Rect, buf: &mut Buffer, styles: &FormStyles) -> Option<Position> {
        let area = area.intersection(buf.area);
        let signs = if styles.ascii { &ASCII } else { &PRETTY };
        let geometry = Geometry::of(self, area);
        blank(buf, geometry.area, styles.text);
        if geometry.framed {
            self.draw_frame(&geometry, buf, styles, signs);
        }
        let mut cursor = None;
        for (y, row) in geometry.shown() {
            let line = Rect { y, height: 1, ..geometry.body };
            match row {
                Row::Blank => {}
                Row::Heading(heading) => {
                    draw(buf, line, heading, styles.heading, DEPTH, 0);
                }
                Row::Message(_, tone, first, text) => {
                    draw_message(&geometry, line, (*tone, *first), text, buf, styles);
                }
                Row::Value(index, 0) => self.draw_label(&geometry, line, *index, buf, styles),
                Row::Value(..) => {}
            }
        }
        for (index, field) in self.fields.iter().enumerate() {
            if let Some(place) = geometry.value_area(index) {
                let focused = self.focus == index && self.list.is_none() && !self.asking;
                cursor = cursor.or(draw_value(field, place, buf, styles, signs, focused));
            }
        }
        self.draw_bottom(&geometry, buf, styles, signs);
        if let Some((place, first)) = geometry.list_area(self) {
            self.draw_list(place, first, buf, styles, signs);
        }
        cursor
    }

    fn draw_frame(&self, geometry: &Geometry, buf: &mut Buffer, styles: &FormStyles, signs: &Signs) {
        let area = geometry.area;
        frame(buf, area, styles.border, signs);
        let title = Rect { x: area.x + 2, width: area.width - 4, height: 1, ..area };
        draw(buf, title, &format!(" {} ", self.title), styles.title, DEPTH, 0);
        let edge = area.right() - 1;
        if geometry.scroll > 0 {
            put(buf, edge, geometry.body.y, signs.up_arrow, 1, styles.border);
        }
        if geometry.scroll + usize::from(geometry.body.height) < geometry.rows.len()
            && geometry.body.height > 0
        {
            put(buf, edge, geometry.body.bottom() - 1, signs.down_arrow, 1, styles.border);
        }
    }

    fn draw_label(
        &self,
        geometry: &Geometry,
        line: Rect,
        index: usize,
        buf: &mut Buffer,
        styles: &FormStyles,
    ) {
        let field = &self.fields[index];
        let style = if self.focus == index { styles.label_focused } else { styles.label };
        let place = Rect { width: geometry.label_width.saturating_sub(1), ..line };
        draw(buf, place, field.label, style, DEPTH, 0);
        if let Some(note) = field.note.as_deref().filter(|note| geometry.fits_beside(note)) {
            let x = line.x + geometry.label_width + geometry.value_width + 2;
            let place = Rect { x, width: line.right().saturating_sub(x), ..line };
            draw(buf, place, note, styles.note, DEPTH, 0);
        }
    }

    fn draw_bottom(&self, geometry: &Geometry, buf: &mut Buffer, styles: &FormStyles, signs: &Signs) {
        let buttons = geometry.buttons;
        let top = buttons.y.saturating_sub(geometry.refusal.len() as u16);
        for (y, text) in (top..).zip(&geometry.refusal) {
            draw(buf, Rect { y, ..buttons }, text, styles.error, DEPTH, 0);
        }
        if self.asking {
            let question = "Throw away what you typed? [y/N]";
            draw(buf, buttons, question, styles.warning, DEPTH, 0);
            return;
        }
        let [submit, cancel] = geometry.button_areas(self);
        for (place, word, index) in
            [(submit, self.submit, self.submit_button()), (cancel, "Cancel", self.cancel_button())]
        {
            let style = if self.focus == index { styles.button_focused } else { styles.button };
            draw(buf, place, &format!("[ {word} ]"), style, DEPTH, 0);
        }
        let dash = signs.dash;
        let action = self.submit.to_lowercase();
        for keys in [
            format!("Tab next {dash} PgDn section {dash} ^S {action} {dash} Esc cancel"),
            format!("^S {action} {dash} Esc cancel"),
            "^S ok".to_owned(),
        ] {
            let columns = width(&keys) as u16;
            if cancel.right() + 2 + columns <= buttons.right() {
                let place = Rect { x: buttons.right() - columns, width: columns, ..buttons };
                draw(buf, place, &keys, styles.help, DEPTH, 0);
                break;
            }
        }
    }

    fn draw_list(&self, area: Rect, first: usize, buf: &mut Buffer, styles: &FormStyles, signs: &Signs) {
        let Some(Input::Choice(choices)) = self.fields.get(self.focus).map(|field| &field.input) else {
            return;
        };
        blank(buf, area, styles.list);
        frame(buf, area, styles.border, signs);
        let lines = area.y + 1..area.bottom().saturating_sub(1);
        for (y, (index, choice)) in lines.zip(choices.all.iter().enumerate().skip(first)) {
            let chosen = self.list == Some(index);
            let style = if chosen { styles.list_selected } else { styles.list };
            let line = Rect { x: area.x + 1, y, width: area.width.saturating_sub(2), height: 1 };
            buf.set_style(line.intersection(buf.area), style);
            let text = Rect { x: line.x + 1, width: line.width.saturating_sub(1), ..line };
            draw(buf, text, &choice.label, style, DEPTH, 0);
        }
        if first > 0 {
            put(buf, area.right() - 1, area.y + 1, signs.up_arrow, 1, styles.border);
        }
        if first + usize::from(area.height.saturating_sub(2)) < choices.all.len() {
            put(buf, area.right() - 1, area.bottom() - 2, signs.down_arrow, 1, styles.border);
        }
    }
}

fn draw_message(
    geometry: &Geometry,
    line: Rect,
    (tone, first): (Tone, bool),
    text: &str,
    buf: &mut Buffer,
    styles: &FormStyles,
) {
    let indent = geometry.indent();
    let place = Rect { x: line.x + indent, width: line.width - indent, ..line };
    let style = match tone {
        Tone::Error => styles.error,
        Tone::Warning => styles.warning,
        Tone::Note => styles.note,
        Tone::Help => styles.help,
    };
    draw(buf, place, text, style, DEPTH, 0);
    let signs = if styles.ascii { &ASCII } else { &PRETTY };
    let sign = match tone {
        Tone::Error => signs.error,
        Tone::Warning => signs.warning,
        Tone::Note | Tone::Help => return,
    };
    // The sign stands in the margin, so that messages line up with values.
    if first && indent >= 2 {
        draw(buf, Rect { x: place.x - 2, width: 2, ..line }, sign, style, DEPTH, 0);
    }
}

fn draw_value(
    field: &Field,
    area: Rect,
    buf: &mut Buffer,
    styles: &FormStyles,
    signs: &Signs,
    focused: bool,
) -> Option<Position> {
    let style = if focused { styles.value_focused } else { styles.value };
    if area.is_empty() {
        return None;
    }
    let start = Position::new(area.x, area.y);
    match &field.input {
        Input::Text(input) | Input::Number(input) | Input::List(input) => {
            let input_styles = InputStyles { text: style, placeholder: styles.placeholder };
            input.view(area, buf, &input_styles, &field.placeholder, focused)
        }
        Input::Pairs(pairs) => {
            let cursor = pairs.view(area, buf, style, focused);
            if pairs.text().is_empty() {
                draw(buf, area, &field.placeholder, styles.placeholder, DEPTH, 0);
            }
            cursor
        }
        Input::Toggle(on) => {
            draw(buf, area, if *on { signs.on } else { "[ ] " }, style, DEPTH, 0);
            focused.then(|| Position::new(start.x + 1.min(area.width.saturating_sub(1)), start.y))
        }
        Input::Choice(choices) => {
            draw_choice(choices, area, buf, style, signs);
            focused.then_some(start)
        }
        Input::Fixed(value) => {
            draw(buf, area, value, styles.fixed, DEPTH, 0);
            None
        }
    }
}

fn draw_choice(choices: &Choices, area: Rect, buf: &mut Buffer, style: Style, signs: &Signs) {
    let label = choices.all.get(choices.selected).map_or("", |choice| choice.label.as_str());
    let room = Rect { width: area.width.saturating_sub(2), ..area };
    let used = draw(buf, room, label, style, DEPTH, 0);
    let arrow = Rect { x: area.x + used + 1, width: 1.min(area.width), ..area };
    draw(buf, arrow.intersection(area), signs.drop, style, DEPTH, 0);
}
