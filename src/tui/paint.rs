//! Small strokes: text that is clipped where it must be, boxes, numbers as people read them.

use jiff::{Timestamp, tz::TimeZone};
use ratatui::{
    buffer::Buffer,
    layout::{Alignment, Rect},
    style::Style,
    text::Line,
    widgets::{Block, Clear, Widget},
};

use super::theme::{Role, Theme};
use crate::model::Units;

/// Writes text at a place of an area, clipped to it; gives the column after it. `y` counts from the area's top.
pub fn text(buf: &mut Buffer, area: Rect, x: u16, y: u16, text: &str, style: Style) -> u16 {
    let area = area.intersection(buf.area);
    let (left, top) = (area.x.saturating_add(x), area.y.saturating_add(y));
    if left >= area.right() || top >= area.bottom() {
        return x;
    }
    let (end, _) = buf.set_stringn(left, top, text, usize::from(area.right() - left), style);
    end - area.x
}

/// Marks a row as the chosen one, where it is that; gives what the styles of its words are patched with.
pub fn chosen(buf: &mut Buffer, row: Rect, role: Option<Role>, theme: &Theme) -> Style {
    let Some(role) = role else { return Style::new() };
    let style = theme.style(role);
    buf.set_style(row.intersection(buf.area), style);
    text(buf, row, 0, 0, theme.symbols.pointer, style);
    style
}

/// Writes text that ends at the area's right edge, or begins at its left where it is longer.
pub fn text_right(buf: &mut Buffer, area: Rect, y: u16, line: &str, style: Style) {
    let width = width(line).min(area.width);
    text(buf, area, area.width - width, y, line, style);
}

/// Cells that a text takes.
pub fn width(text: &str) -> u16 {
    u16::try_from(unicode_width::UnicodeWidthStr::width(text)).unwrap_or(u16::MAX)
}

/// Writes text in a column of this width; where it is too long its end becomes an ellipsis.
pub fn column(buf: &mut Buffer, area: Rect, x: u16, wide: u16, content: &str, style: Style, theme: &Theme) {
    let cell = Rect { x: area.x.saturating_add(x), width: wide.min(area.width.saturating_sub(x)), ..area };
    if width(content) <= cell.width {
        text(buf, cell, 0, 0, content, style);
    } else if cell.width > 0 {
        let cut = Rect { width: cell.width - 1, ..cell };
        let end = text(buf, cut, 0, 0, content, style);
        text(buf, cell, end, 0, theme.symbols.ellipsis, style);
    }
}

/// A panel's border and title; gives what is inside.
pub fn panel(buf: &mut Buffer, area: Rect, title: Line<'_>, focused: bool, theme: &Theme) -> Rect {
    let area = area.intersection(buf.area);
    let (border, style) = match focused {
        true => (Role::BorderFocused, Role::TitleFocused),
        false => (Role::Border, Role::Title),
    };
    let block = Block::bordered()
        .border_set(theme.symbols.border)
        .border_style(theme.style(border))
        .title_style(theme.style(style))
        .title(title);
    let inner = block.inner(area);
    block.render(area, buf);
    inner
}

/// Where a box in the middle of an area is.
pub fn dialog_area(within: Rect, wide: u16, high: u16) -> Rect {
    let (wide, high) = (wide.min(within.width), high.min(within.height));
    Rect {
        x: within.x + (within.width - wide) / 2,
        y: within.y + (within.height - high) / 2,
        width: wide,
        height: high,
    }
}

/// A box in the middle of an area over whatever was there; gives what is inside.
pub fn dialog(buf: &mut Buffer, within: Rect, wide: u16, high: u16, title: &str, theme: &Theme) -> Rect {
    let area = dialog_area(within, wide, high).intersection(buf.area);
    // A wide character half under the edge would be drawn over it.
    Clear.render(area, buf);
    buf.set_style(area, theme.style(Role::Overlay));
    let title = Line::from(format!(" {title} ")).alignment(Alignment::Left);
    panel(buf, area, title, true, theme)
}

/// Words broken into lines of at most so many cells; a word that is longer is broken too.
pub fn wrap(text: &str, wide: u16) -> Vec<String> {
    let wide = wide.max(1);
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        let mut used = 0;
        for word in paragraph.split(' ') {
            let needed = width(word);
            if used > 0 && used + 1 + needed > wide {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            if used > 0 {
                line.push(' ');
                used += 1;
            }
            if needed <= wide {
                line.push_str(word);
                used += needed;
                continue;
            }
            for c in word.chars() {
                let mut bytes = [0; 4];
                let cells = width(c.encode_utf8(&mut bytes));
                if used + cells > wide && used > 0 {
                    lines.push(std::mem::take(&mut line));
                    used = 0;
                }
                line.push(c);
                used += cells;
            }
        }
        lines.push(line);
    }
    lines
}

/// An amount of bytes in at most six cells: `812M`, `1.5G`.
pub fn bytes_short(bytes: u64, units: Units) -> String {
    let step = if units == Units::Binary { 1_024.0 } else { 1_000.0 };
    const UNITS: [&str; 6] = ["B", "K", "M", "G", "T", "P"];
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 1000.0 && unit < UNITS.len() - 1 {
        value /= step;
        unit += 1;
    }
    if unit > 0 && value < 10.0 {
        format!("{value:.1}{}", UNITS[unit])
    } else {
        format!("{value:.0}{}", UNITS[unit])
    }
}

/// A span of time in at most six cells: `42s`, `5m`, `3h 7m`, `12d`.
pub fn duration(seconds: u64) -> String {
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86400);
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{minutes}m"),
        3600..86400 => format!("{hours}h{:02}m", minutes % 60),
        _ if days < 10 => format!("{days}d{:02}h", hours % 24),
        _ => format!("{days}d"),
    }
}

/// A time on the wall clocks of a zone, to the minute; in UTC where there is no such zone.
pub fn clock(at: Timestamp, zone: &str) -> String {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    at.to_zoned(zone).strftime("%a %Y-%m-%d %H:%M %Z").to_string()
}

/// In how many seconds the text of [`duration`] changes.
pub fn duration_changes_in(seconds: u64) -> u64 {
    let step = match seconds {
        0..60 => 1,
        60..86400 => 60,
        864_000.. => 86400,
        _ => 3600,
    };
    step - seconds % step
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_stays_until_it_says_that_it_changes() {
        for seconds in (0..200).chain(3500..3800).chain(86_000..87_000).chain(863_000..870_000) {
            let change = duration_changes_in(seconds);
            assert_eq!(duration(seconds), duration(seconds + change - 1), "{seconds}");
            assert_ne!(duration(seconds), duration(seconds + change), "{seconds}");
            assert!(duration(seconds).len() <= 6);
        }
    }

    #[test]
    fn bytes_fit_their_column() {
        let sizes = [(0, "0B"), (999, "999B"), (1000, "1.0K"), (1536 << 20, "1.5G"), (812 << 20, "812M")];
        for (bytes, text) in sizes {
            assert_eq!(bytes_short(bytes, Units::Binary), text);
        }
        assert!(bytes_short(u64::MAX, Units::Binary).len() <= 6);
        assert_eq!(bytes_short(1_600_000_000, Units::Decimal), "1.6G");
        assert_eq!(Units::Binary.write_short(1536 << 20), "1.5 GiB");
    }

    #[test]
    fn words_are_wrapped_and_long_ones_broken() {
        assert_eq!(wrap("the quick brown fox", 9), ["the quick", "brown fox"]);
        assert_eq!(wrap("abcdefgh ij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(wrap("世界世界", 5), ["世界", "世界"]);
        assert_eq!(wrap("a\n\nb", 5), ["a", "", "b"]);
        assert!(wrap("abc", 0).len() == 3);
    }

    #[test]
    fn nothing_is_written_outside_of_the_buffer() {
        let mut buf = Buffer::empty(Rect::new(0, 0, 4, 2));
        for area in [Rect::new(0, 0, 4, 2), Rect::new(3, 1, 50, 50), Rect::new(9, 9, 1, 1), Rect::ZERO] {
            text(&mut buf, area, 1, 0, "long text", Style::new());
            text(&mut buf, area, 60000, 60000, "x", Style::new());
            text_right(&mut buf, area, 1, "long text", Style::new());
        }
    }
}
