//! Drawing a console.

use std::ops::Range;

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::Style,
};

use crate::{
    model::console::{Level, Line, LineKind, Ring},
    tui::widgets::sgr::{ColourDepth, Glyph, Glyphs, draw, draw_glyphs, plain, put, width},
};

use super::{
    LogView,
    rows::{Columns, RowAt, placed},
};

/// How a console looks.
#[derive(Clone, Copy, Debug, Default)]
pub struct LogStyles {
    /// What the server says, where nothing else applies.
    pub text: Style,
    /// The time and thread that the server writes before a line of level info.
    pub head: Style,
    /// Lines of level debug and below.
    pub debug: Style,
    /// Lines of level warn.
    pub warn: Style,
    /// Lines of level error.
    pub error: Style,
    /// What players say.
    pub chat: Style,
    /// Commands sent from here.
    pub command: Style,
    /// Remarks of this program.
    pub remark: Style,
    /// The time before a line.
    pub stamp: Style,
    /// The sign of a mark.
    pub mark: Style,
    /// The line with the cursor. Laid over the line's own.
    pub cursor: Style,
    /// Selected lines. Laid over the line's own.
    pub selection: Style,
    /// Text that was looked for.
    pub found: Style,
    /// The same, in the current line.
    pub found_current: Style,
    /// The notice that there are new lines.
    pub notice: Style,
    /// The most colours that may be sent.
    pub depth: ColourDepth,
    /// Only ASCII signs.
    pub ascii: bool,
}

impl LogStyles {
    fn of(&self, line: &Line<'_>) -> Style {
        match (line.kind, line.level) {
            (LineKind::Command, _) => self.command,
            (LineKind::Remark, _) => self.remark,
            (_, Level::Error) => self.error,
            (_, Level::Warn) => self.warn,
            (LineKind::Chat, _) => self.chat,
            (_, Level::Trace | Level::Debug) => self.debug,
            (LineKind::Output, Level::Info) => self.text,
        }
    }
}

/// How long the part is that the server writes before each message (`[12:00:00] [Server thread/INFO]: `), in bytes.
pub(super) fn head_length(text: &str) -> usize {
    let near = text.len().min(120);
    let found = text.as_bytes()[..near].windows(3).position(|window| window == b"]: ");
    if text.starts_with('[') { found.map_or(0, |at| at + 3) } else { 0 }
}

/// What of one line is drawn how.
struct Paint<'a> {
    line: Line<'a>,
    base: Style,
    head: usize,
    head_style: Style,
    places: Vec<Range<usize>>,
    place_style: Style,
}

impl<'a> Paint<'a> {
    fn glyphs(&self, depth: ColourDepth) -> impl Iterator<Item = Glyph<'a>> {
        Glyphs::new(self.line.text, self.base, depth).map(|mut glyph| {
            if glyph.at < self.head && glyph.style == self.base {
                glyph.style = self.head_style;
            }
            if self.places.iter().any(|place| place.contains(&glyph.at)) {
                glyph.style = glyph.style.patch(self.place_style);
            }
            glyph
        })
    }
}

impl LogView {
    /// Draws the lines that show. Changes nothing.
    pub fn view(&self, ring: &Ring, area: Rect, buf: &mut Buffer, styles: &LogStyles) {
        let area = area.intersection(buf.area);
        if area.is_empty() {
            return;
        }
        let columns = self.columns(area.width);
        let rows = self.rows(ring, area.width, area.height);
        let mut stamp = String::new();
        let mut y = 0;
        for rows in rows.chunk_by(|a, b| a.seq == b.seq) {
            let place = Rect { y: area.y + y, height: rows.len() as u16, ..area };
            if let Some(line) = rows.first().and_then(|row| ring.get(row.seq)) {
                self.draw_line(buf, place, columns, rows, line, styles, &mut stamp);
            }
            y += rows.len() as u16;
        }
        self.draw_notice(ring, area, buf, styles);
    }

    #[allow(clippy::too_many_arguments)]
    fn draw_line(
        &self,
        buf: &mut Buffer,
        area: Rect,
        columns: Columns,
        rows: &[RowAt],
        line: Line<'_>,
        styles: &LogStyles,
        stamp: &mut String,
    ) {
        let begins = rows.first().is_some_and(|row| row.row == 0);
        let paint = self.paint(line, styles);
        if columns.gutter > 0 {
            self.draw_gutter(buf, area, &line, begins, styles);
        }
        if columns.time > 0 && begins {
            self.stamps.write(line.at, stamp);
            let time = Rect { x: area.x + columns.gutter, width: columns.time, ..area };
            draw(buf, time, stamp, styles.stamp, styles.depth, 0);
        }
        let body = Rect { x: area.x + columns.gutter + columns.time, width: columns.body, ..area };
        if self.wrap {
            let first = rows.first().map_or(0, |row| row.row);
            let glyphs = placed(paint.glyphs(styles.depth), Some(columns.body));
            for (row, column, glyph) in glyphs.skip_while(|(row, ..)| *row < first) {
                if row >= first + rows.len() {
                    break;
                }
                if column + usize::from(glyph.width) <= usize::from(body.width) {
                    let (x, y) = (body.x + column as u16, body.y + (row - first) as u16);
                    put(buf, x, y, glyph.symbol, glyph.width, glyph.style);
                }
            }
        } else {
            draw_glyphs(buf, body, paint.glyphs(styles.depth), self.column);
        }
        if self.selection().is_some_and(|(from, to)| (from..=to).contains(&line.seq)) {
            buf.set_style(area, styles.selection);
        }
        if self.cursor == Some(line.seq) {
            buf.set_style(area, styles.cursor);
        }
    }

    fn paint<'a>(&self, line: Line<'a>, styles: &LogStyles) -> Paint<'a> {
        let base = styles.depth.quantise_style(styles.of(&line));
        let plain_info = line.level == Level::Info && matches!(line.kind, LineKind::Output | LineKind::Chat);
        let clean = plain(line.text);
        let (places, current) = match &self.search {
            Some(search) => (search.needle.places(&clean).collect(), search.current == Some(line.seq)),
            None => (Vec::new(), false),
        };
        Paint {
            line,
            base,
            head: if plain_info { head_length(&clean) } else { 0 },
            head_style: styles.depth.quantise_style(styles.head),
            places,
            place_style: if current { styles.found_current } else { styles.found },
        }
    }

    fn draw_gutter(&self, buf: &mut Buffer, area: Rect, line: &Line<'_>, begins: bool, styles: &LogStyles) {
        let (sign, style) = if self.cursor == Some(line.seq) {
            (if styles.ascii { ">" } else { "▸" }, styles.cursor)
        } else if self.marks.contains(&line.seq) {
            (if styles.ascii { "*" } else { "◆" }, styles.mark)
        } else {
            match line.level {
                Level::Error => ("E", styles.error),
                Level::Warn => ("W", styles.warn),
                _ => return,
            }
        };
        if begins {
            put(buf, area.x, area.y, sign, 1, style);
        }
    }

    fn draw_notice(&self, ring: &Ring, area: Rect, buf: &mut Buffer, styles: &LogStyles) {
        let new = self.status(ring).new;
        if new == 0 {
            return;
        }
        let arrow = if styles.ascii { "v" } else { "▼" };
        let text = format!(" {arrow} {new} new ");
        let columns = width(&text) as u16;
        if columns <= area.width {
            let place = Rect::new(area.right() - columns, area.bottom() - 1, columns, 1);
            draw(buf, place, &text, styles.notice, styles.depth, 0);
        }
    }

    /// The line at a place on the screen, where the view was drawn into `area`.
    pub fn line_at(&self, ring: &Ring, area: Rect, place: Position) -> Option<u64> {
        if !area.contains(place) {
            return None;
        }
        let rows = self.rows(ring, area.width, area.height);
        rows.get(usize::from(place.y - area.y)).map(|row| row.seq)
    }
}
