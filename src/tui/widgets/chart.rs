//! A history over several rows: the average filled, the greatest above it faint, with a scale at the left and the time below.

use ratatui::{buffer::Buffer, layout::Rect, style::Style};

use super::{
    gauge::Unit,
    sgr::{ColourDepth, draw, put, width},
};

/// Average and greatest value of one column; `None` where nothing is known.
pub type Column = Option<(f64, f64)>;

const BLOCKS: [&str; 9] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
const ASCII: [&str; 3] = [" ", ".", "#"];

/// How a chart is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Chart<'a> {
    /// What the values count.
    pub unit: Unit,
    /// The value at the top; `None` takes the greatest of those that show.
    pub max: Option<f64>,
    /// The labels of the left and the right end of the time.
    pub time: (&'a str, &'a str),
    /// The average.
    pub mean: Style,
    /// What lies between the average and the greatest.
    pub peak: Style,
    /// Labels.
    pub label: Style,
    /// Only ASCII signs.
    pub ascii: bool,
}

/// The columns that a chart in `area` has room for.
pub fn columns(area: Rect) -> u16 {
    area.width.saturating_sub(SCALE)
}

/// Cells for the scale: `999.9 KiB/s `.
const SCALE: u16 = 12;

impl Chart<'_> {
    /// Draws as many columns as there is room for, the newest at the right.
    pub fn render(&self, values: &[Column], area: Rect, buf: &mut Buffer) {
        let area = area.intersection(buf.area);
        if area.width <= SCALE || area.height < 2 {
            return;
        }
        let plot = Rect { x: area.x + SCALE, width: area.width - SCALE, height: area.height - 1, ..area };
        let shown = &values[values.len().saturating_sub(usize::from(plot.width))..];
        let greatest = shown.iter().flatten().map(|(_, max)| *max).filter(|max| max.is_finite());
        let greatest = greatest.fold(0.0, f64::max);
        let top = self.max.filter(|max| max.is_finite() && *max > 0.0).unwrap_or(greatest);
        self.scale(top, plot, buf);
        let first = plot.right() - shown.len() as u16;
        for (x, column) in (first..).zip(shown) {
            if let Some((mean, max)) = column {
                self.column(x, (share(*mean, top), share(*max, top)), plot, buf);
            }
        }
        let (left, right) = self.time;
        let line = Rect { y: area.bottom() - 1, height: 1, ..plot };
        let mono = ColourDepth::TrueColour;
        draw(buf, line, left, self.label, mono, 0);
        let wide = (width(right) as u16).min(line.width);
        draw(buf, Rect { x: line.right() - wide, width: wide, ..line }, right, self.label, mono, 0);
    }

    fn scale(&self, top: f64, plot: Rect, buf: &mut Buffer) {
        let label = |value: f64, y: u16, buf: &mut Buffer| {
            let text = self.unit.write(value);
            let wide = (width(&text) as u16).min(SCALE - 1);
            let place = Rect { x: plot.x - 1 - wide, y, width: wide, height: 1 };
            draw(buf, place, &text, self.label, ColourDepth::TrueColour, 0);
        };
        label(top, plot.y, buf);
        if plot.height >= 5 {
            label(top / 2.0, plot.y + plot.height / 2, buf);
        }
        if plot.height >= 3 {
            label(0.0, plot.bottom() - 1, buf);
        }
    }

    fn column(&self, x: u16, (mean, max): (f64, f64), plot: Rect, buf: &mut Buffer) {
        let steps = if self.ascii { ASCII.len() } else { BLOCKS.len() } as u32 - 1;
        let all = u32::from(plot.height) * steps;
        // What is more than nothing shows.
        let high = |share: f64| match share {
            share if share <= 0.0 => 0,
            share => ((share * f64::from(all)).round() as u32).clamp(1, all),
        };
        let (mean, max) = (high(mean), high(max));
        for row in 0..plot.height {
            let below = u32::from(row) * steps;
            let part = mean.saturating_sub(below).min(steps) as usize;
            let y = plot.bottom() - 1 - row;
            let sign = if self.ascii { ASCII[part] } else { BLOCKS[part] };
            match part {
                // Half of a cell at least, so that a mean and its peak do not flicker into each other.
                0 if max.saturating_sub(below) * 2 >= steps => {
                    put(buf, x, y, if self.ascii { ":" } else { "░" }, 1, self.peak);
                }
                0 => {}
                _ => put(buf, x, y, sign, 1, self.mean),
            }
        }
    }
}

fn share(value: f64, top: f64) -> f64 {
    if value.is_finite() && top > 0.0 { (value / top).clamp(0.0, 1.0) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::widgets::testing::screen;

    fn chart(ascii: bool) -> Chart<'static> {
        let plain = Style::new();
        Chart {
            unit: Unit::Percent,
            max: None,
            time: ("-5m", "now"),
            mean: plain,
            peak: plain,
            label: plain,
            ascii,
        }
    }

    fn drawn(values: &[Column], width: u16, height: u16, chart: Chart<'_>) -> String {
        let mut buf = Buffer::empty(Rect::new(0, 0, width, height));
        chart.render(values, buf.area, &mut buf);
        screen(&buf)
    }

    #[test]
    fn averages_are_filled_peaks_faint_and_what_is_not_known_is_empty() {
        let values = [Some((50.0, 100.0)), None, Some((100.0, 100.0)), Some((25.0, 25.0)), Some((0.0, 0.0))];
        let ascii = drawn(&values, 22, 6, chart(true));
        let lines: Vec<_> = ascii.lines().map(|line| line.get(17..).unwrap_or_default()).collect();
        assert_eq!(lines, [": #", ": #", ". #", "# #.", "# ##", "  now"], "{ascii}");
        for (row, label) in [(0, "100 %"), (2, "50 %"), (4, "0.0 %"), (5, "-5m")] {
            assert!(ascii.lines().nth(row).unwrap().contains(label), "{ascii}");
        }
        let screen = drawn(&values, 22, 6, chart(false));
        assert!(screen.contains("░ █") && screen.contains("100 %"), "{screen}");
    }

    #[test]
    fn it_fits_anywhere_and_shows_the_newest() {
        for width in 0..30 {
            for height in 0..8 {
                let text = drawn(&vec![Some((1.0, 2.0)); 100], width, height, chart(false));
                assert!(text.lines().count() <= usize::from(height));
            }
        }
        let mut values = vec![Some((1.0, 1.0)); 50];
        values.push(Some((8.0, 8.0)));
        let screen = drawn(&values, 22, 4, Chart { max: Some(8.0), ..chart(true) });
        assert!(screen.lines().next().unwrap().ends_with('#'), "{screen}");
    }
}
