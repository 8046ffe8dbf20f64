//! Turns cells into bytes: one buffer a frame, wrapped in synchronized output, empty when nothing changed.

use std::{convert::Infallible, fmt::Write as _};

use super::strokes::{Strokes, move_to};
use ratatui::{
    backend::{Backend, ClearType, WindowSize},
    buffer::Cell,
    layout::{Position, Size},
    style::{Color, Modifier},
};

/// Begins a frame that the terminal shows at once when it is whole (mode 2026); others ignore it.
const BEGIN: &str = "\x1b[?2026h";
const END: &str = "\x1b[?2026l";

/// What a frame is drawn on. It never fails, since it writes only into memory.
#[derive(Debug)]
pub struct Screen {
    size: Size,
    bytes: String,
    cursor: Option<Position>,
    shown: Option<Position>,
    /// Where the terminal's cursor stands, where that is certain.
    stands: Option<Position>,
    pen: Pen,
    strokes: Strokes,
    total: u64,
    frames: u64,
}

/// How one cell looks.
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
        Self {
            size,
            bytes: String::new(),
            cursor: None,
            shown: None,
            stands: None,
            pen: Pen::default(),
            strokes: Strokes::default(),
            total: 0,
            frames: 0,
        }
    }

    /// The terminal has another size now.
    pub fn resize(&mut self, size: Size) {
        self.size = size;
    }

    /// The terminal was given to somebody else: its cursor may be anywhere.
    pub fn forget(&mut self) {
        (self.shown, self.stands) = (None, None);
        self.pen = Pen::default();
    }

    /// The bytes of the frame that was drawn last; `None` when it changed nothing. `spare` is used again.
    pub fn take_frame(&mut self, spare: String) -> Option<String> {
        if self.cursor != self.shown {
            match self.cursor {
                Some(position) => {
                    self.begin();
                    self.go_to(position.x, position.y);
                    if self.shown.is_none() {
                        self.bytes.push_str("\x1b[?25h");
                    }
                }
                None => {
                    self.begin();
                    self.bytes.push_str("\x1b[?25l");
                }
            }
        } else if let (Some(position), false) = (self.cursor, self.bytes.is_empty()) {
            self.go_to(position.x, position.y);
        }
        self.shown = self.cursor;
        if self.bytes.is_empty() {
            return None;
        }
        self.bytes.push_str(END);
        self.total += self.bytes.len() as u64;
        self.frames += 1;
        self.stands = None;
        let mut next = spare;
        next.clear();
        Some(std::mem::replace(&mut self.bytes, next))
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

impl Backend for Screen {
    type Error = Infallible;

    fn draw<'a, I>(&mut self, content: I) -> Result<(), Infallible>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut strokes = std::mem::take(&mut self.strokes);
        for (x, y, cell) in content {
            let pen = Pen { fg: cell.fg, bg: cell.bg, modifier: cell.modifier };
            let symbol = cell.symbol();
            strokes.add(Position { x, y }, pen, if is_harmless(symbol) { symbol } else { " " });
        }
        for (at, pen, text) in strokes.in_order() {
            self.begin();
            self.go_to(at.x, at.y);
            self.set_pen(pen);
            self.bytes.push_str(text);
            // Only after plain cells is it certain where the terminal's cursor stands.
            let end = at.x.saturating_add(u16::try_from(text.len()).unwrap_or(u16::MAX));
            self.stands = (text.is_ascii() && end < self.size.width).then_some(Position { x: end, y: at.y });
        }
        strokes.clear();
        self.strokes = strokes;
        Ok(())
    }

    fn hide_cursor(&mut self) -> Result<(), Infallible> {
        self.cursor = None;
        Ok(())
    }

    fn show_cursor(&mut self) -> Result<(), Infallible> {
        Ok(())
    }

    fn get_cursor_position(&mut self) -> Result<Position, Infallible> {
        Ok(self.cursor.unwrap_or_default())
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> Result<(), Infallible> {
        self.cursor = Some(position.into());
        Ok(())
    }

    fn clear(&mut self) -> Result<(), Infallible> {
        self.begin();
        self.bytes.push_str("\x1b[0m\x1b[2J");
        self.pen = Pen::default();
        Ok(())
    }

    fn clear_region(&mut self, _: ClearType) -> Result<(), Infallible> {
        // ratatui draws every cell anew after it cleared any part.
        self.clear()
    }

    fn size(&self) -> Result<Size, Infallible> {
        Ok(self.size)
    }

    fn window_size(&mut self) -> Result<WindowSize, Infallible> {
        Ok(WindowSize { columns_rows: self.size, pixels: Size::default() })
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use ratatui::{Terminal, style::Style};

    use super::*;

    fn terminal() -> Terminal<Screen> {
        Terminal::new(Screen::new(Size::new(20, 3))).unwrap()
    }

    fn frame(terminal: &mut Terminal<Screen>, text: &str, style: Style) -> Option<String> {
        terminal
            .draw(|frame| {
                frame.buffer_mut().set_string(0, 0, text, style);
            })
            .unwrap();
        terminal.backend_mut().take_frame(String::new())
    }

    #[test]
    fn what_did_not_change_costs_no_byte() {
        let mut terminal = terminal();
        assert!(frame(&mut terminal, "hello", Style::new()).unwrap().contains("hello"));
        assert_eq!(frame(&mut terminal, "hello", Style::new()), None);
        let changed = frame(&mut terminal, "hellO", Style::new()).unwrap();
        assert_eq!(changed, format!("{BEGIN}\x1b[1;5HO{END}"));
        let screen = terminal.backend();
        assert_eq!(screen.frames(), 2);
    }

    #[test]
    fn a_terminal_shows_what_was_drawn() {
        let mut terminal = terminal();
        let mut parser = vt100::Parser::new(3, 20, 0);
        let bold = Style::new().fg(Color::Red).bg(Color::Indexed(17)).add_modifier(Modifier::BOLD);
        parser.process(frame(&mut terminal, "a世b", bold).unwrap().as_bytes());
        assert_eq!(parser.screen().contents(), "a世b");
        let cell = parser.screen().cell(0, 3).unwrap();
        assert!(
            cell.bold() && cell.fgcolor() == vt100::Color::Idx(1) && cell.bgcolor() == vt100::Color::Idx(17)
        );
        parser.process(frame(&mut terminal, "plain", Style::new()).unwrap().as_bytes());
        assert_eq!(parser.screen().contents(), "plain");
        assert!(!parser.screen().cell(0, 3).unwrap().bold());
    }

    #[test]
    fn the_cursor_is_moved_only_when_it_must() {
        let mut terminal = terminal();
        let mut at = |x: u16| {
            terminal.draw(|frame| frame.set_cursor_position((x, 1))).unwrap();
            terminal.backend_mut().take_frame(String::new())
        };
        assert!(at(3).unwrap().ends_with(&format!("\x1b[2;4H\x1b[?25h{END}")));
        assert_eq!(at(3), None);
        assert_eq!(at(4).unwrap(), format!("{BEGIN}\x1b[2;5H{END}"));
    }

    #[test]
    fn control_characters_do_not_pass() {
        let mut screen = Screen::new(Size::new(20, 3));
        let cells = ["\x1b", "\u{9b}31m", "a\x07"].map(|symbol| {
            let mut cell = Cell::EMPTY;
            cell.set_symbol(symbol);
            cell
        });
        screen.draw(cells.iter().enumerate().map(|(x, cell)| (x as u16, 0, cell))).unwrap();
        let bytes = screen.take_frame(String::new()).unwrap();
        assert!(!bytes.contains(['\u{9b}', '\u{7}']));
        let mut parser = vt100::Parser::new(3, 20, 0);
        parser.process(bytes.as_bytes());
        assert_eq!(parser.screen().contents().trim(), "");
    }
}
