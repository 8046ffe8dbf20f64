//! The strokes of a frame, in the order in which they cost the fewest bytes.
//!
//! A log that moves up by a line changes a digit or two in each of its rows. Drawn row by row, each digit costs a move
//! of the cursor by its full address and often a change of colour; drawn column by column and one colour after the
//! other, it costs a step down.

use std::fmt::Write as _;

use super::screen::Pen;
use ratatui::layout::Position;

/// Up to so many plain cells side by side count as short: what is longer is drawn where it comes.
const SHORT: u16 = 4;

/// One stroke: cells side by side in one row that look the same.
#[derive(Clone, Copy, Debug)]
struct Stroke {
    at: Position,
    pen: Pen,
    start: usize,
    end: usize,
    /// Cells, where it is certain how many the terminal takes for it.
    cells: Option<u16>,
}

/// What is to be drawn in one frame.
#[derive(Debug, Default)]
pub(super) struct Strokes {
    strokes: Vec<Stroke>,
    text: String,
    pens: Vec<Pen>,
    /// Rows in which wide characters come or go: they are drawn as they come, since such a character also takes away
    /// what is beside it.
    uneven: Vec<u16>,
}

impl Strokes {
    /// Adds a cell; cells come row by row. `sure` says that every terminal takes one cell for it, `even` that no wide
    /// character comes or goes here.
    pub(super) fn add(&mut self, at: Position, pen: Pen, symbol: &str, sure: bool, even: bool) {
        if !even && self.uneven.last() != Some(&at.y) {
            self.uneven.push(at.y);
        }
        let start = self.text.len();
        self.text.push_str(symbol);
        let end = self.text.len();
        if let Some(last) = self.strokes.last_mut()
            && let Some(cells) = last.cells.filter(|_| sure)
            && (last.pen == pen && last.at.y == at.y && last.at.x + cells == at.x)
        {
            (last.end, last.cells) = (end, Some(cells + 1));
            return;
        }
        self.strokes.push(Stroke { at, pen, start, end, cells: sure.then_some(1) });
    }

    /// All of them, each with the column behind it where that is certain: first the long ones as they came, then the
    /// short ones, colour by colour and column by column.
    pub(super) fn in_order(&mut self) -> impl Iterator<Item = (Position, Pen, &str, Option<u16>)> {
        let Self { strokes, text, pens, uneven } = self;
        pens.clear();
        strokes.sort_by_cached_key(|stroke| {
            let short = stroke.cells.is_some_and(|cells| cells <= SHORT);
            if !short || uneven.binary_search(&stroke.at.y).is_ok() {
                return None;
            }
            let pen = pens.iter().position(|pen| *pen == stroke.pen).unwrap_or_else(|| {
                pens.push(stroke.pen);
                pens.len() - 1
            });
            Some((pen, stroke.at.x, stroke.at.y))
        });
        let text: &str = text;
        let behind = |stroke: &Stroke| stroke.cells.map(|cells| stroke.at.x + cells);
        strokes
            .iter()
            .map(move |stroke| (stroke.at, stroke.pen, &text[stroke.start..stroke.end], behind(stroke)))
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
            let mut screen = Screen::new(SIZE);
            let mut shown = vt100::Parser::new(SIZE.height, SIZE.width, 0);
            for strokes in &frames {
                let bytes = screen.draw(String::new(), Style::new(), |frame| paint(frame.buffer, strokes));
                shown.process(bytes.unwrap_or_default().as_bytes());
                let mut wanted = vt100::Parser::new(SIZE.height, SIZE.width, 0);
                let anew = Screen::new(SIZE).draw(String::new(), Style::new(), |frame| paint(frame.buffer, strokes));
                wanted.process(anew.unwrap_or_default().as_bytes());
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
        let mut screen = Screen::new(Size::new(60, 30));
        let mut frame = |first: u16| {
            let bytes = screen.draw(String::new(), Style::new(), |frame| {
                for y in 0..30u16 {
                    let line = format!("[12:00:{:02}]", (first + y) % 60);
                    frame.buffer.set_string(0, y, line, Style::new().fg(Color::DarkGray));
                    frame.buffer.set_string(12, y, format!("line {:04}", first + y), Style::new());
                }
            });
            bytes.unwrap_or_default().len()
        };
        frame(1_000);
        let bytes = frame(1_001);
        assert!(bytes < 30 * 14, "{bytes} bytes for 60 digits in 30 rows");
    }
}
