//! A history in a few cells, the newest value at the right.

use ratatui::{buffer::Buffer, layout::Rect, style::Style};

use super::sgr::put;

/// What a sparkline is made of.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum SparkSymbols {
    /// Eighths of a cell, one value a column.
    #[default]
    Blocks,
    /// Dots of the Braille patterns: quarters of a cell, two values a column.
    Braille,
    /// ASCII, one value a column.
    Ascii,
}

impl SparkSymbols {
    /// How many values one column shows.
    pub fn values_per_column(self) -> usize {
        if self == Self::Braille { 2 } else { 1 }
    }

    /// Into how many steps one cell's height is cut.
    fn steps(self) -> u32 {
        match self {
            Self::Blocks => 8,
            Self::Braille => 4,
            Self::Ascii => ASCII.len() as u32 - 1,
        }
    }
}

const BLOCKS: [&str; 9] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
const ASCII: [&str; 5] = [" ", "_", ".", ":", "|"];

/// How a sparkline is drawn.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Sparkline {
    /// What it is made of.
    pub symbols: SparkSymbols,
    /// Its style.
    pub style: Style,
    /// The value that fills the whole height; `None` takes the greatest of those that show.
    pub max: Option<f64>,
}

impl Sparkline {
    /// Draws the last values (oldest first) that fit into `area`; a value above zero always shows, and one that is
    /// no number leaves a gap. Asks for no more values than it shows. Returns the greatest that it has shown, for a
    /// label.
    pub fn render<I>(&self, values: I, area: Rect, buf: &mut Buffer) -> f64
    where
        I: IntoIterator<Item = f64>,
        I::IntoIter: DoubleEndedIterator,
    {
        let area = area.intersection(buf.area);
        let per_column = self.symbols.values_per_column();
        let newest_first: Vec<f64> =
            values.into_iter().rev().take(usize::from(area.width) * per_column).collect();
        let greatest = newest_first.iter().copied().filter(|value| value.is_finite()).fold(0.0, f64::max);
        let max = self.max.filter(|max| max.is_finite() && *max > 0.0).unwrap_or(greatest);
        if area.is_empty() {
            return greatest;
        }
        let all_steps = u32::from(area.height) * self.symbols.steps();
        let height =
            |index: usize| newest_first.get(index).map_or(0, |&value| steps_of(value, max, all_steps));
        for column in 0..area.width {
            let newest = usize::from(column) * per_column;
            if newest >= newest_first.len() {
                break;
            }
            let (right, left) = (height(newest), height(newest + per_column - 1));
            self.draw_column(area.right() - 1 - column, area, (left, right), buf);
        }
        greatest
    }

    fn draw_column(&self, x: u16, area: Rect, (left, right): (u32, u32), buf: &mut Buffer) {
        let steps = self.symbols.steps();
        for row in 0..area.height {
            let below = u32::from(row) * steps;
            let part = |height: u32| height.saturating_sub(below).min(steps);
            let y = area.bottom() - 1 - row;
            let mut encoded = [0; 4];
            let symbol = match self.symbols {
                SparkSymbols::Blocks => BLOCKS[part(right) as usize],
                SparkSymbols::Ascii => ASCII[part(right) as usize],
                SparkSymbols::Braille => braille(part(left), part(right)).encode_utf8(&mut encoded),
            };
            if symbol != " " {
                put(buf, x, y, symbol, 1, self.style);
            }
        }
    }
}

fn steps_of(value: f64, max: f64, all: u32) -> u32 {
    if !value.is_finite() || value <= 0.0 || max <= 0.0 {
        return 0;
    }
    ((value / max * f64::from(all)).round() as u32).clamp(1, all)
}

/// The pattern with so many dots from the bottom in its left and right column (Unicode chapter 21.1: dots 7, 3, 2,
/// 1 and 8, 6, 5, 4, each a bit from U+2800 on).
fn braille(left: u32, right: u32) -> char {
    const LEFT: [u32; 5] = [0, 0x40, 0x44, 0x46, 0x47];
    const RIGHT: [u32; 5] = [0, 0x80, 0xa0, 0xb0, 0xb8];
    match LEFT[left.min(4) as usize] | RIGHT[right.min(4) as usize] {
        0 => ' ',
        dots => char::from_u32(0x2800 | dots).unwrap_or(' '),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::testing::{blank, screen};
    use super::*;

    fn drawn(symbols: SparkSymbols, max: Option<f64>, values: &[f64], width: u16, height: u16) -> String {
        let (mut buf, area) = blank(width, height);
        Sparkline { symbols, max, ..Sparkline::default() }.render(values.iter().copied(), area, &mut buf);
        screen(&buf)
    }

    #[test]
    fn the_newest_is_at_the_right() {
        let values: Vec<f64> = (0..=8).map(f64::from).collect();
        assert_eq!(drawn(SparkSymbols::Blocks, None, &values, 12, 1), "    ▁▂▃▄▅▆▇█");
        assert_eq!(drawn(SparkSymbols::Blocks, None, &values, 3, 1), "▆▇█");
        assert_eq!(drawn(SparkSymbols::Ascii, Some(8.0), &values, 9, 1), " __..::||");
        assert_eq!(drawn(SparkSymbols::Braille, Some(8.0), &values, 6, 1), "  ⣀⣤⣶⣿");
    }

    #[test]
    fn several_rows_share_the_height() {
        assert_eq!(
            drawn(SparkSymbols::Blocks, Some(16.0), &[4.0, 8.0, 12.0, 16.0, 99.0], 5, 2),
            "  ▄██\n▄████"
        );
        assert_eq!(drawn(SparkSymbols::Ascii, Some(4.0), &[1.0, 4.0], 2, 2), " |\n.|");
    }

    #[test]
    fn little_shows_and_nonsense_leaves_a_gap() {
        assert_eq!(drawn(SparkSymbols::Blocks, Some(1e9), &[1.0, f64::NAN, -5.0, 0.0, 1.0], 5, 1), "▁   ▁");
        assert_eq!(drawn(SparkSymbols::Blocks, Some(0.0), &[1.0, 2.0], 2, 1), "▄█");
        assert_eq!(drawn(SparkSymbols::Braille, None, &[0.0, 0.0, 0.0], 2, 1), "");
        let (mut buf, area) = blank(2, 1);
        let greatest = Sparkline::default().render([9.0, f64::INFINITY, 3.0], area, &mut buf);
        assert_eq!(greatest, 3.0, "of those that show");
    }

    proptest! {
        #[test]
        fn stays_in_any_area(
            values in proptest::collection::vec(any::<f64>(), 0..80),
            max in proptest::option::of(any::<f64>()),
            size in (0u16..50, 0u16..6),
            kind in 0..3,
        ) {
            let symbols = [SparkSymbols::Blocks, SparkSymbols::Braille, SparkSymbols::Ascii][kind as usize];
            let mut buf = Buffer::filled(Rect::new(0, 0, 40, 4), ratatui::buffer::Cell::new("~"));
            let area = Rect::new(2, 1, size.0, size.1);
            Sparkline { symbols, max, ..Sparkline::default() }.render(values, area, &mut buf);
            for (index, cell) in buf.content.iter().enumerate() {
                let place = ratatui::layout::Position::new(index as u16 % 40, index as u16 / 40);
                prop_assert!(area.contains(place) || cell.symbol() == "~");
            }
        }
    }
}
