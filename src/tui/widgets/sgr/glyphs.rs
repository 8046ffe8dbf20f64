//! Text cut into what takes cells, and put into cells.

use std::borrow::Cow;

use ratatui::{
    buffer::{Buffer, CellWidth},
    layout::Rect,
    style::Style,
    text::Span,
};
use unicode_segmentation::UnicodeSegmentation;

use super::{
    depth::ColourDepth,
    state::{apply, read_sequence},
};

/// Longest grapheme drawn whole, in bytes: an emoji of a family takes 25, a pile of accents has no end.
const GRAPHEME_MAX: usize = 32;

/// Whether a character must never reach the terminal as it is: control characters, and those that turn the order
/// of text round, hide text or break lines (Unicode's bidirectional controls, tags, separators, annotations).
pub fn is_hostile(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    c.is_control()
        || matches!(c,
            '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// One thing that takes cells.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Glyph<'a> {
    /// What is put into the cell; never a control character, never empty.
    pub symbol: &'a str,
    /// Cells that it takes: 1 or 2, rarely more.
    pub width: u16,
    /// Its style: the base, changed by the sequences before it.
    pub style: Style,
    /// Where it begins in the text as [`plain`] gives it, in bytes.
    pub at: usize,
    /// Where it begins in the text as it was given, in bytes.
    source: usize,
}

/// The glyphs of a text, in order. Allocates nothing.
#[derive(Clone, Debug)]
pub struct Glyphs<'a> {
    rest: &'a str,
    length: usize,
    at: usize,
    style: Style,
    base: Style,
    depth: ColourDepth,
}

impl<'a> Glyphs<'a> {
    /// Those of `text`, where nothing sets another style in `base`.
    pub fn new(text: &'a str, base: Style, depth: ColourDepth) -> Self {
        Self { rest: text, length: text.len(), at: 0, style: base, base, depth }
    }

    fn take(&mut self, bytes: usize, symbol: &'a str, width: u16) -> Glyph<'a> {
        let source = self.length - self.rest.len();
        let glyph = Glyph { symbol, width, style: self.style, at: self.at, source };
        self.rest = &self.rest[bytes..];
        self.at += bytes;
        glyph
    }
}

impl<'a> Iterator for Glyphs<'a> {
    type Item = Glyph<'a>;

    fn next(&mut self) -> Option<Glyph<'a>> {
        loop {
            let bytes = self.rest.as_bytes();
            match (*bytes.first()?, bytes.get(1)) {
                // Printable ASCII that nothing can combine with: nearly all of a log.
                (0x20..=0x7e, None | Some(..=0x7f)) => return Some(self.take(1, &self.rest[..1], 1)),
                (b'\t', _) => return Some(self.take(1, " ", 1)),
                _ => {}
            }
            let first = self.rest.chars().next()?;
            if first == '\u{1b}' || first == '\u{9b}' {
                let sequence = read_sequence(self.rest);
                if let Some(parameters) = sequence.sgr {
                    apply(&mut self.style, self.base, parameters, self.depth);
                }
                self.rest = self.rest.get(sequence.bytes..).unwrap_or_default();
                continue;
            }
            if is_hostile(first) {
                self.rest = &self.rest[first.len_utf8()..];
                continue;
            }
            let whole = self.rest.graphemes(true).next()?;
            let harmless = whole.find(is_hostile).unwrap_or(whole.len());
            let symbol =
                if harmless > GRAPHEME_MAX { &whole[..first.len_utf8()] } else { &whole[..harmless] };
            match symbol.cell_width() {
                0 => {
                    self.rest = &self.rest[harmless..];
                    self.at += harmless;
                }
                width => return Some(self.take(harmless, symbol, width)),
            }
        }
    }
}

/// The text without any sequence or hostile character; a tab becomes a space. Borrowed where there is none.
pub fn plain(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hostile) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(is_hostile) {
        clean.push_str(&rest[..at]);
        rest = &rest[at..];
        let Some(first) = rest.chars().next() else { break };
        let bytes = match first {
            '\u{1b}' | '\u{9b}' => read_sequence(rest).bytes,
            '\t' => {
                clean.push(' ');
                1
            }
            other => other.len_utf8(),
        };
        rest = rest.get(bytes..).unwrap_or_default();
    }
    clean.push_str(rest);
    Cow::Owned(clean)
}

/// How many columns the text takes.
pub fn width(text: &str) -> usize {
    Glyphs::new(text, Style::new(), ColourDepth::Mono).map(|glyph| usize::from(glyph.width)).sum()
}

/// Puts one glyph at `x`, `y`, over as many cells as it takes. Does nothing where it would leave the buffer.
pub fn put(buf: &mut Buffer, x: u16, y: u16, symbol: &str, width: u16, style: Style) {
    if width == 1 {
        if let Some(cell) = buf.cell_mut((x, y)) {
            cell.set_symbol(symbol).set_style(style);
        }
        return;
    }
    let whole = Rect::new(x, y, width, 1);
    if width == 0 || buf.area.intersection(whole) != whole {
        return;
    }
    buf[(x, y)].set_symbol(symbol).set_style(style);
    for covered in x + 1..x + width {
        buf[(covered, y)].reset();
        buf[(covered, y)].set_style(style);
    }
}

/// Draws glyphs into the first row of `area`, without the first `skip` columns. A wide one that either edge cuts
/// becomes spaces. Returns how many columns were used.
pub fn draw_glyphs<'a>(
    buf: &mut Buffer,
    area: Rect,
    glyphs: impl Iterator<Item = Glyph<'a>>,
    skip: usize,
) -> u16 {
    let area = area.intersection(buf.area);
    if area.is_empty() {
        return 0;
    }
    let end = usize::from(area.width);
    let (mut column, mut used) = (0usize, 0usize);
    for glyph in glyphs {
        let start = column;
        column += usize::from(glyph.width);
        if column <= skip {
            continue;
        }
        let (from, to) = (start.saturating_sub(skip), column - skip);
        if from >= end {
            break;
        }
        if start < skip || to > end {
            for x in from..to.min(end) {
                put(buf, area.x + x as u16, area.y, " ", 1, glyph.style);
            }
        } else {
            put(buf, area.x + from as u16, area.y, glyph.symbol, glyph.width, glyph.style);
        }
        used = to.min(end);
        if to >= end {
            break;
        }
    }
    used as u16
}

/// Draws a text into the first row of `area`, without its first `skip` columns; see [`draw_glyphs`].
pub fn draw(buf: &mut Buffer, area: Rect, text: &str, base: Style, depth: ColourDepth, skip: usize) -> u16 {
    draw_glyphs(buf, area, Glyphs::new(text, base, depth), skip)
}

/// The part of a text from column `skip` on, at most `width` columns, as spans that borrow from it.
pub fn spans(text: &str, base: Style, depth: ColourDepth, skip: usize, width: usize) -> Vec<Span<'_>> {
    let mut spans: Vec<Span<'_>> = Vec::new();
    // The span that grows: its bytes in the text, and its style.
    let mut open: Option<(usize, usize, Style)> = None;
    let close = |open: &mut Option<(usize, usize, Style)>, spans: &mut Vec<_>| {
        if let Some((from, to, style)) = open.take() {
            spans.push(Span::styled(&text[from..to], style));
        }
    };
    let mut column = 0;
    for glyph in Glyphs::new(text, base, depth) {
        let start = column;
        column += usize::from(glyph.width);
        if column <= skip {
            continue;
        }
        if start >= skip.saturating_add(width) {
            break;
        }
        let to = glyph.source + glyph.symbol.len();
        if start < skip || column - skip > width {
            close(&mut open, &mut spans);
            let cells = column.min(skip.saturating_add(width)) - start.max(skip);
            spans.push(Span::styled(" ".repeat(cells), glyph.style));
        } else if text.get(glyph.source..to) != Some(glyph.symbol) {
            close(&mut open, &mut spans);
            spans.push(Span::styled(glyph.symbol, glyph.style));
        } else {
            match &mut open {
                Some((_, end, style)) if *end == glyph.source && *style == glyph.style => *end = to,
                _ => {
                    close(&mut open, &mut spans);
                    open = Some((glyph.source, to, glyph.style));
                }
            }
        }
    }
    close(&mut open, &mut spans);
    spans
}

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use tests::hostile_text;
