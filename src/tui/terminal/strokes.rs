//! The strokes of a frame, in the order in which they cost the fewest bytes.
//!
//! A log that moves up by a line changes a digit or two in each of its rows. Drawn row by row, each digit costs a move
//! of the cursor by its full address and often a change of colour; drawn column by column and one colour after the
//! other, it costs a step down.

use std::fmt::Write as _;

use ratatui::layout::Position;
use unicode_width::UnicodeWidthStr;

use super::screen::Pen;

/// Up to so many plain cells side by side count as short: what is longer is drawn where it comes.
const SHORT: usize = 4;

/// One stroke: cells side by side in one row that look the same.
#[derive(Clone, Copy, Debug)]
struct Stroke {
    at: Position,
    pen: Pen,
    start: usize,
    end: usize,
    plain: bool,
}

/// What is to be drawn in one frame.
#[derive(Debug, Default)]
pub(super) struct Strokes {
    strokes: Vec<Stroke>,
    text: String,
    pens: Vec<Pen>,
    /// Rows with characters that are not one cell wide: they are drawn as they come, since such a character also
    /// takes away what is beside it.
    uneven: Vec<u16>,
}

impl Strokes {
    /// Adds a cell. Cells come row by row.
    pub(super) fn add(&mut self, at: Position, pen: Pen, symbol: &str) {
        let plain = symbol.len() == 1;
        if !plain && symbol.width() != 1 && self.uneven.last() != Some(&at.y) {
            self.uneven.push(at.y);
        }
        let start = self.text.len();
        self.text.push_str(symbol);
        let end = self.text.len();
        if let Some(last) = self.strokes.last_mut()
            && (last.plain && plain && last.pen == pen && last.at.y == at.y)
            && usize::from(last.at.x) + (last.end - last.start) == usize::from(at.x)
        {
            last.end = end;
            return;
        }
        self.strokes.push(Stroke { at, pen, start, end, plain });
    }

    /// All of them: first the long ones as they came, then the short ones, colour by colour and column by column.
    pub(super) fn in_order(&mut self) -> impl Iterator<Item = (Position, Pen, &str)> {
        let Self { strokes, text, pens, uneven } = self;
        pens.clear();
        strokes.sort_by_cached_key(|stroke| {
            let short = stroke.plain
                && stroke.end - stroke.start <= SHORT
                && uneven.binary_search(&stroke.at.y).is_err();
            if !short {
                return None;
            }
            let pen = pens.iter().position(|pen| *pen == stroke.pen).unwrap_or_else(|| {
                pens.push(stroke.pen);
                pens.len() - 1
            });
            Some((pen, stroke.at.x, stroke.at.y))
        });
        strokes.iter().map(|stroke| (stroke.at, stroke.pen, &text[stroke.start..stroke.end]))
    }

    /// Forgets all, and keeps the memory.
    pub(super) fn clear(&mut self) {
        self.strokes.clear();
        self.text.clear();
        self.uneven.clear();
    }
}

/// Moves the cursor, in the fewest bytes. `from` is where it stands, where that is certain.
pub(super) fn move_to(bytes: &mut String, from: Option<Position>, to: Position) {
    if from == Some(to) {
        return;
    }
    let begun = bytes.len();
    // Writing to a String cannot fail.
    let _ = write!(bytes, "\x1b[{};{}H", to.y + 1, to.x + 1);
    let Some(from) = from else { return };
    let address = bytes.len();
    if to.y > from.y {
        step(bytes, to.y - from.y, 'B');
    } else {
        step(bytes, from.y - to.y, 'A');
    }
    match from.x.abs_diff(to.x) {
        back @ 1..=3 if to.x < from.x => (0..back).for_each(|_| bytes.push('\x08')),
        back if to.x < from.x => step(bytes, back, 'D'),
        forth => step(bytes, forth, 'C'),
    }
    if bytes.len() - address < address - begun {
        bytes.replace_range(begun..address, "");
    } else {
        bytes.truncate(address);
    }
}

fn step(bytes: &mut String, count: u16, direction: char) {
    match count {
        0 => {}
        1 => _ = write!(bytes, "\x1b[{direction}"),
        count => _ = write!(bytes, "\x1b[{count}{direction}"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ratatui::{
        Terminal,
        buffer::Buffer,
        layout::Size,
        style::{Color, Style},
    };

    use super::super::Screen;

    const SIZE: Size = Size { width: 24, height: 6 };

    fn paint(buffer: &mut Buffer, strokes: &[(u16, u16, u8, u8)]) {
        for (x, y, text, color) in strokes {
            let text = ["7", "42", "a longer word", "世", "é", " ", "x世y", "─"][usize::from(*text % 8)];
            let style = Style::new().fg([Color::Reset, Color::DarkGray, Color::Red][usize::from(*color % 3)]);
            buffer.set_stringn(
                x % SIZE.width,
                y % SIZE.height,
                text,
                usize::from(SIZE.width - x % SIZE.width),
                style,
            );
        }
    }

    proptest! {
        /// Frame after frame, a terminal shows the same as one on which everything is drawn anew.
        #[test]
        fn order_changes_nothing(frames in prop::collection::vec(
            prop::collection::vec((0u16..24, 0u16..6, any::<u8>(), any::<u8>()), 0..12), 1..6))
        {
            let mut terminal = Terminal::new(Screen::new(SIZE)).unwrap();
            let mut shown = vt100::Parser::new(SIZE.height, SIZE.width, 0);
            for strokes in &frames {
                terminal.draw(|frame| paint(frame.buffer_mut(), strokes)).unwrap();
                shown.process(terminal.backend_mut().take_frame(String::new()).unwrap_or_default().as_bytes());
                let mut anew = Terminal::new(Screen::new(SIZE)).unwrap();
                anew.draw(|frame| paint(frame.buffer_mut(), strokes)).unwrap();
                let mut wanted = vt100::Parser::new(SIZE.height, SIZE.width, 0);
                wanted.process(anew.backend_mut().take_frame(String::new()).unwrap_or_default().as_bytes());
                for (x, y) in (0..SIZE.height).flat_map(|y| (0..SIZE.width).map(move |x| (x, y))) {
                    let cell = |parser: &vt100::Parser| {
                        let cell = parser.screen().cell(y, x).unwrap();
                        let text = cell.contents().trim().to_owned();
                        // Nobody sees what colour nothing has.
                        let color = (!text.is_empty()).then(|| cell.fgcolor());
                        (text, color)
                    };
                    prop_assert_eq!(cell(&shown), cell(&wanted), "at {}, {}", x, y);
                }
            }
        }
    }

    /// A log that moves up by one: two digits a row, in two colours.
    #[test]
    fn a_log_that_moves_is_cheap() {
        let mut terminal = Terminal::new(Screen::new(Size::new(60, 30))).unwrap();
        let mut frame = |first: u16| {
            terminal
                .draw(|frame| {
                    for y in 0..30u16 {
                        let line = format!("[12:00:{:02}]", (first + y) % 60);
                        frame.buffer_mut().set_string(0, y, line, Style::new().fg(Color::DarkGray));
                        frame.buffer_mut().set_string(12, y, format!("line {:04}", first + y), Style::new());
                    }
                })
                .unwrap();
            terminal.backend_mut().take_frame(String::new()).unwrap().len()
        };
        frame(1_000);
        let bytes = frame(1_001);
        assert!(bytes < 30 * 14, "{bytes} bytes for 60 digits in 30 rows");
    }
}
