//! Turns cells into bytes: one buffer a frame, wrapped in synchronized output, empty when nothing changed.

use std::fmt::Write as _;

use ratatui::{
    buffer::{Buffer, Cell, CellWidth},
    layout::{Position, Rect, Size},
    style::{Color, Modifier, Style},
};
use unicode_width::UnicodeWidthChar;

use super::strokes::{Strokes, move_to};

/// Begins a frame that the terminal shows at once when it is whole (mode 2026); others ignore it.
const BEGIN: &str = "\x1b[?2026h";
const END: &str = "\x1b[?2026l";

/// What is drawn into: cells, and where the cursor shows.
#[derive(Debug)]
pub struct Frame<'a> {
    /// The cells.
    pub buffer: &'a mut Buffer,
    /// Where the cursor shows; nowhere when there is no place.
    pub cursor: Option<Position>,
}

/// The terminal's cells as they were drawn last, and the bytes that lead to the next ones.
#[derive(Debug)]
pub struct Screen {
    /// What is being drawn.
    next: Buffer,
    /// What the terminal shows.
    shown: Buffer,
    /// Whether what the terminal shows is not known.
    unknown: bool,
    bytes: String,
    /// Sequences that are no picture, sent after the next frame.
    said: String,
    /// Where the terminal shows its cursor.
    cursor: Option<Position>,
    /// Where the terminal's cursor stands, where that is certain.
    stands: Option<Position>,
    pen: Pen,
    strokes: Strokes,
    total: u64,
    frames: u64,
}

/// How a cell looks.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Pen {
    pub(super) fg: Color,
    pub(super) bg: Color,
    pub(super) modifier: Modifier,
}

impl Default for Pen {
    fn default() -> Self {
        Self { fg: Color::Reset, bg: Color::Reset, modifier: Modifier::empty() }
    }
}

impl Screen {
    /// A screen of this size; nothing is on it, and its cursor is hidden.
    pub fn new(size: Size) -> Self {
        let area = Rect::new(0, 0, size.width, size.height);
        Self {
            next: Buffer::empty(area),
            shown: Buffer::empty(area),
            unknown: false,
            bytes: String::new(),
            said: String::new(),
            cursor: None,
            stands: None,
            pen: Pen::default(),
            strokes: Strokes::default(),
            total: 0,
            frames: 0,
        }
    }

    /// Sends the terminal a sequence that changes nothing of what it shows, after the next frame. Only such as were made
    /// here: it goes out as it is.
    pub fn say(&mut self, sequence: &str) {
        self.said.push_str(sequence);
    }

    /// Whatever the terminal shows is cleared away with the next frame, which has this size.
    pub fn begin_anew(&mut self, size: Size) {
        let area = Rect::new(0, 0, size.width, size.height);
        self.next = Buffer::empty(area);
        self.shown = Buffer::empty(area);
        self.unknown = true;
    }

    /// Draws a frame; gives the bytes that bring the terminal there, none when nothing changed. `ground` is
    /// how cells look that nothing is drawn into, `spare` memory that is used again.
    pub fn draw(
        &mut self,
        spare: String,
        ground: Style,
        view: impl FnOnce(&mut Frame<'_>),
    ) -> Option<String> {
        self.bytes = spare;
        self.bytes.clear();
        let mut blank = Cell::EMPTY;
        blank.set_style(ground);
        self.next.content.fill(blank);
        let mut frame = Frame { buffer: &mut self.next, cursor: None };
        view(&mut frame);
        let cursor = frame.cursor;
        let area = self.next.area;
        let cursor = cursor.filter(|place| area.contains(*place));
        if self.unknown {
            self.begin();
            self.bytes.push_str("\x1b[?25l\x1b[0m\x1b[2J");
            self.pen = Pen::default();
            self.cursor = None;
            self.unknown = false;
        }
        for y in 0..area.height {
            self.compare_row(y);
        }
        self.draw_strokes();
        self.place_cursor(cursor);
        self.stands = None;
        std::mem::swap(&mut self.next, &mut self.shown);
        if !self.bytes.is_empty() {
            self.bytes.push_str(END);
        }
        self.bytes.push_str(&std::mem::take(&mut self.said));
        if self.bytes.is_empty() {
            return None;
        }
        self.total += self.bytes.len() as u64;
        self.frames += 1;
        Some(std::mem::take(&mut self.bytes))
    }

    /// Notes the cells of a row that are not as they were.
    fn compare_row(&mut self, y: u16) {
        let width = self.next.area.width;
        let row = usize::from(y) * usize::from(width);
        // How many of the next cells a wide character covers now, and covered before.
        let (mut covered, mut uncovered) = (0_u16, 0_u16);
        for x in 0..width {
            let index = row + usize::from(x);
            let cell = &self.next.content[index];
            let same = *cell == self.shown.content[index];
            if same && covered == 0 && uncovered == 0 && cell.symbol().len() <= 1 {
                continue;
            }
            let was_wide = extra_cells(&self.shown.content[index]);
            if covered > 0 {
                covered -= 1;
                uncovered = was_wide.max(uncovered.saturating_sub(1));
                continue;
            }
            let changed = !same;
            covered = extra_cells(cell);
            if changed || uncovered > 0 {
                let pen = Pen { fg: cell.fg, bg: cell.bg, modifier: cell.modifier };
                let symbol = if is_harmless(cell.symbol()) { cell.symbol() } else { " " };
                let even = covered == 0 && was_wide == 0 && uncovered == 0;
                self.strokes.add(Position { x, y }, pen, symbol, is_one_cell(symbol), even);
            }
            // What a wide character leaves behind when half of it goes differs from terminal to terminal.
            uncovered = if changed { was_wide.max(uncovered.saturating_sub(1)) } else { 0 };
        }
    }

    /// Draws what was noted.
    fn draw_strokes(&mut self) {
        let mut strokes = std::mem::take(&mut self.strokes);
        for (at, pen, text, end) in strokes.in_order() {
            self.begin();
            self.go_to(at.x, at.y);
            self.set_pen(pen);
            self.bytes.push_str(text);
            // Behind the last column terminals differ in where the cursor stands.
            self.stands =
                end.filter(|end| *end < self.next.area.width).map(|end| Position { x: end, y: at.y });
        }
        strokes.clear();
        self.strokes = strokes;
    }

    fn place_cursor(&mut self, cursor: Option<Position>) {
        match (cursor, self.cursor) {
            (None, None) => {}
            (None, Some(_)) => {
                self.begin();
                self.bytes.push_str("\x1b[?25l");
            }
            // Drawing has moved it.
            (Some(place), before) => {
                if !self.bytes.is_empty() || before != cursor {
                    self.begin();
                    self.go_to(place.x, place.y);
                }
                if before.is_none() {
                    self.bytes.push_str("\x1b[?25h");
                }
            }
        }
        self.cursor = cursor;
    }

    /// Bytes of all frames so far.
    pub fn total_bytes(&self) -> u64 {
        self.total
    }

    /// Frames that changed something so far.
    pub fn frames(&self) -> u64 {
        self.frames
    }

    fn begin(&mut self) {
        if self.bytes.is_empty() {
            self.bytes.push_str(BEGIN);
        }
    }

    fn go_to(&mut self, x: u16, y: u16) {
        move_to(&mut self.bytes, self.stands.take(), Position { x, y });
    }

    fn set_pen(&mut self, pen: Pen) {
        if pen == self.pen {
            return;
        }
        self.bytes.push_str("\x1b[");
        let mut separator = "";
        if pen.modifier != self.pen.modifier {
            // Taking one away differs from terminal to terminal (22 ends bold and dim); a reset does not.
            if !(self.pen.modifier - pen.modifier).is_empty() {
                self.bytes.push('0');
                separator = ";";
                self.pen = Pen::default();
            }
            for (modifier, code) in [
                (Modifier::BOLD, "1"),
                (Modifier::DIM, "2"),
                (Modifier::ITALIC, "3"),
                (Modifier::UNDERLINED, "4"),
                (Modifier::REVERSED, "7"),
                (Modifier::CROSSED_OUT, "9"),
            ] {
                if (pen.modifier - self.pen.modifier).contains(modifier) {
                    self.bytes.push_str(separator);
                    self.bytes.push_str(code);
                    separator = ";";
                }
            }
        }
        if pen.fg != self.pen.fg {
            self.bytes.push_str(separator);
            color(&mut self.bytes, pen.fg, 30);
            separator = ";";
        }
        if pen.bg != self.pen.bg {
            self.bytes.push_str(separator);
            color(&mut self.bytes, pen.bg, 40);
        }
        self.bytes.push('m');
        self.pen = pen;
    }
}

/// The SGR parameters of a colour; `base` is 30 for the text and 40 for the ground.
fn color(bytes: &mut String, color: Color, base: u8) {
    let plain = |n: u8| base + n;
    let bright = |n: u8| base + 60 + n;
    let code = match color {
        Color::Reset => plain(9),
        Color::Black => plain(0),
        Color::Red => plain(1),
        Color::Green => plain(2),
        Color::Yellow => plain(3),
        Color::Blue => plain(4),
        Color::Magenta => plain(5),
        Color::Cyan => plain(6),
        Color::Gray => plain(7),
        Color::DarkGray => bright(0),
        Color::LightRed => bright(1),
        Color::LightGreen => bright(2),
        Color::LightYellow => bright(3),
        Color::LightBlue => bright(4),
        Color::LightMagenta => bright(5),
        Color::LightCyan => bright(6),
        Color::White => bright(7),
        Color::Indexed(n) => {
            let _ = write!(bytes, "{};5;{n}", plain(8));
            return;
        }
        Color::Rgb(r, g, b) => {
            let _ = write!(bytes, "{};2;{r};{g};{b}", plain(8));
            return;
        }
    };
    let _ = write!(bytes, "{code}");
}

/// The last wall: whatever came so far, no control character passes.
fn is_harmless(symbol: &str) -> bool {
    match symbol.as_bytes() {
        [byte] => (0x20..0x7f).contains(byte),
        _ => !symbol.is_empty() && !symbol.chars().any(char::is_control),
    }
}

/// Cells that a cell's character takes beside its own.
fn extra_cells(cell: &Cell) -> u16 {
    let symbol = cell.symbol();
    if symbol.len() <= 1 { 0 } else { symbol.cell_width().saturating_sub(1) }
}

/// Whether every terminal moves its cursor by one after this. They disagree about what is joined or wide.
fn is_one_cell(symbol: &str) -> bool {
    let mut characters = symbol.chars();
    match (characters.next(), characters.next()) {
        (Some(' '..='~'), None) => true,
        (Some(c), None) => c.width() == Some(1),
        _ => false,
    }
}

#[cfg(test)]
#[path = "screen_tests.rs"]
mod tests;
