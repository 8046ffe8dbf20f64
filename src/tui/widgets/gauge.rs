//! A value against its limit in one row: label, bar, numbers.

use ratatui::{buffer::Buffer, layout::Rect, style::Style};

use super::sgr::{ColourDepth, draw, put, width};
use crate::model::Units;

/// What a number counts, and so how it is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unit {
    /// Bytes: `1.5 GiB`.
    Bytes(Units),
    /// Bytes a second: `12 KiB/s`.
    BytesPerSecond(Units),
    /// Hundredths; one core is 100: `153 %`.
    Percent,
    /// Milliseconds: `49.8 ms`.
    Milliseconds,
    /// Things: `12`.
    Count,
}

impl Unit {
    /// The number as people read it. What is no number is written `?`; below zero is written as zero.
    pub fn write(self, value: f64) -> String {
        if !value.is_finite() {
            return "?".into();
        }
        let value = value.max(0.0);
        match self {
            Self::Bytes(units) => units.write(value.round() as u64),
            Self::BytesPerSecond(units) => units.write(value.round() as u64) + "/s",
            Self::Percent if value < 9.95 => format!("{value:.1} %"),
            Self::Percent => format!("{value:.0} %"),
            Self::Milliseconds => format!("{value:.1} ms"),
            Self::Count => format!("{value:.0}"),
        }
    }
}

/// How a gauge looks.
#[derive(Clone, Copy, Debug)]
pub struct GaugeStyles {
    /// The label.
    pub label: Style,
    /// The numbers.
    pub numbers: Style,
    /// The part of the bar that is not filled.
    pub track: Style,
    /// The bar below the first threshold.
    pub low: Style,
    /// The bar from the first threshold on.
    pub high: Style,
    /// The bar from the second threshold on.
    pub full: Style,
    /// Only ASCII signs.
    pub ascii: bool,
}

impl Default for GaugeStyles {
    fn default() -> Self {
        let plain = Style::new();
        Self {
            label: plain,
            numbers: plain,
            track: plain,
            low: plain,
            high: plain,
            full: plain,
            ascii: false,
        }
    }
}

/// A value against its limit.
#[derive(Clone, Copy, Debug)]
pub struct Gauge<'a> {
    /// What is measured; may hold anything.
    pub label: &'a str,
    /// Columns kept for the label, so that the bars of several gauges begin together.
    pub label_width: u16,
    /// How much; `None` when it is not known.
    pub value: Option<f64>,
    /// At most; without one there is no bar, only the number.
    pub max: Option<f64>,
    /// What the numbers count.
    pub unit: Unit,
    /// The shares of the limit, 0 to 1, from which the bar has its second and third style.
    pub thresholds: (f64, f64),
}

impl<'a> Gauge<'a> {
    /// A gauge that warns at three quarters and at nine tenths.
    pub fn new(label: &'a str, value: Option<f64>, max: Option<f64>, unit: Unit) -> Self {
        Self { label, label_width: width(label) as u16 + 1, value, max, unit, thresholds: (0.75, 0.9) }
    }

    /// The value's share of the limit, 0 to 1; `None` when one of them is not known or makes no sense.
    pub fn share(&self) -> Option<f64> {
        let (value, max) = (self.value?, self.max?);
        (value.is_finite() && max.is_finite() && max > 0.0).then(|| (value / max).clamp(0.0, 1.0))
    }

    fn numbers(&self, room: u16) -> String {
        let Some(value) = self.value else { return "–".into() };
        let short = self.unit.write(value);
        let Some(max) = self.max else { return short };
        let long = format!("{short} / {}", self.unit.write(max));
        // The bar says the rest where both numbers do not fit beside a bar of some use.
        if width(&long) as u16 + 8 <= room { long } else { short }
    }

    /// Draws it into the first row of `area`. The numbers are the last to go when there is no room.
    pub fn render(&self, area: Rect, buf: &mut Buffer, styles: &GaugeStyles) {
        let area = Rect { height: area.height.min(1), ..area }.intersection(buf.area);
        if area.is_empty() {
            return;
        }
        let label = self.label_width.min(area.width);
        let mut numbers = self.numbers(area.width - label);
        if styles.ascii && numbers == "–" {
            numbers = "-".into();
        }
        let taken = (width(&numbers) as u16).min(area.width);
        let place = Rect { x: area.right() - taken, width: taken, ..area };
        draw(buf, place, &numbers, styles.numbers, ColourDepth::TrueColour, 0);
        let room = area.width - taken;
        let label = label.min(room);
        let mono = ColourDepth::TrueColour;
        draw(buf, Rect { width: label.saturating_sub(1), ..area }, self.label, styles.label, mono, 0);
        let bar = Rect { x: area.x + label, width: (room - label).saturating_sub(1), ..area };
        if self.max.is_some() && bar.width >= 3 {
            self.draw_bar(bar, buf, styles);
        }
    }

    fn draw_bar(&self, area: Rect, buf: &mut Buffer, styles: &GaugeStyles) {
        let share = self.share().unwrap_or(0.0);
        let style = match share {
            share if share >= self.thresholds.1 => styles.full,
            share if share >= self.thresholds.0 => styles.high,
            _ => styles.low,
        };
        let (open, close) = if styles.ascii { (1, 1) } else { (0, 0) };
        if styles.ascii {
            put(buf, area.x, area.y, "[", 1, styles.track);
            put(buf, area.right() - 1, area.y, "]", 1, styles.track);
        }
        let cells = area.width - open - close;
        let eighths = (share * f64::from(cells) * 8.0).round() as u32;
        for cell in 0..cells {
            let filled = eighths.saturating_sub(u32::from(cell) * 8).min(8);
            let x = area.x + open + cell;
            let (sign, style) = match (styles.ascii, filled) {
                (true, 4..) => ("#", style),
                (true, _) => ("-", styles.track),
                (false, 0) => ("─", styles.track),
                (false, filled) => (EIGHTHS[filled as usize - 1], style),
            };
            put(buf, x, area.y, sign, 1, style);
        }
    }
}

const EIGHTHS: [&str; 8] = ["▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ratatui::style::Color;

    use super::super::testing::{blank, screen};
    use super::*;

    fn styles(ascii: bool) -> GaugeStyles {
        GaugeStyles {
            low: Style::new().fg(Color::Green),
            high: Style::new().fg(Color::Yellow),
            full: Style::new().fg(Color::Red),
            ascii,
            ..GaugeStyles::default()
        }
    }

    fn drawn(gauge: Gauge<'_>, width: u16, ascii: bool) -> (String, Buffer) {
        let (mut buf, area) = blank(width, 1);
        gauge.render(area, &mut buf, &styles(ascii));
        (screen(&buf), buf)
    }

    const GIB: f64 = 1024.0 * 1024.0 * 1024.0;

    #[test]
    fn label_bar_and_numbers() {
        let memory = Gauge::new("MEM", Some(1.5 * GIB), Some(3.0 * GIB), Unit::Bytes(Units::Binary));
        assert_eq!(drawn(memory, 40, false).0, "MEM ██████████────────── 1.5 GiB / 3 GiB");
        assert_eq!(drawn(memory, 40, true).0, "MEM [#########---------] 1.5 GiB / 3 GiB");
        assert_eq!(drawn(memory, 18, true).0, "MEM [##--] 1.5 GiB");
        assert_eq!(drawn(memory, 7, true).0, "1.5 GiB");
        let cpu = Gauge::new("CPU", Some(3.13), None, Unit::Percent);
        assert_eq!(drawn(cpu, 20, false).0, "CPU            3.1 %");
        let none = Gauge::new("CPU", None, Some(400.0), Unit::Percent);
        assert_eq!(drawn(none, 14, true).0, "CPU [------] -");
    }

    #[test]
    fn the_bar_changes_its_style_at_the_thresholds() {
        for (value, colour) in
            [(74.0, Color::Green), (75.0, Color::Yellow), (90.0, Color::Red), (250.0, Color::Red)]
        {
            let (_, buf) = drawn(Gauge::new("CPU", Some(value), Some(100.0), Unit::Percent), 40, false);
            assert_eq!(buf[(4, 0)].fg, colour, "{value}");
        }
    }

    #[test]
    fn numbers_as_people_read_them() {
        assert_eq!(Unit::Bytes(Units::Binary).write(1536.0), "1.5 KiB");
        assert_eq!(Unit::BytesPerSecond(Units::Decimal).write(1_500_000.0), "1.5 MB/s");
        assert_eq!(Unit::Percent.write(153.4), "153 %");
        assert_eq!(Unit::Milliseconds.write(49.84), "49.8 ms");
        assert_eq!(Unit::Count.write(-3.0), "0");
        assert_eq!(Unit::Bytes(Units::Binary).write(f64::NAN), "?");
    }

    proptest! {
        #[test]
        fn draws_in_any_area(value: f64, max: f64, width in 0u16..60, label in "\\PC{0,12}", ascii: bool) {
            let mut buf = Buffer::filled(Rect::new(0, 0, 60, 3), ratatui::buffer::Cell::new("~"));
            let area = Rect::new(4, 1, width, 2);
            Gauge::new(&label, Some(value), Some(max), Unit::Bytes(Units::Binary)).render(area, &mut buf, &styles(ascii));
            for (index, cell) in buf.content.iter().enumerate() {
                let (x, y) = (index as u16 % 60, index as u16 / 60);
                prop_assert!((y == 1 && x >= 4 && x < 4 + width) || cell.symbol() == "~");
            }
        }
    }
}
