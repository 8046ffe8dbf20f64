//! What the tests of several widgets need.

use ratatui::{buffer::Buffer, layout::Rect};

/// The characters of a buffer as lines, without spaces at their ends.
pub(crate) fn screen(buf: &Buffer) -> String {
    let mut lines = Vec::new();
    for y in buf.area.top()..buf.area.bottom() {
        let (mut line, mut covered) = (String::new(), 0);
        for x in buf.area.left()..buf.area.right() {
            if covered > 0 {
                covered -= 1;
                continue;
            }
            let symbol = buf[(x, y)].symbol();
            covered = super::sgr::width(symbol).saturating_sub(1);
            line.push_str(symbol);
        }
        lines.push(line.trim_end().to_owned());
    }
    lines.join("\n")
}

/// An empty buffer of so many columns and rows, and its area.
pub(crate) fn blank(width: u16, height: u16) -> (Buffer, Rect) {
    let area = Rect::new(0, 0, width, height);
    (Buffer::empty(area), area)
}
