//! Draws the details.

use jiff::Timestamp;
use ratatui::{buffer::Buffer, layout::Rect};

use super::{Details, lines::facts};
use crate::{
    model::Server,
    tui::{paint, panels::Context, theme::Role},
};

const LABEL: u16 = 11;

/// Draws the details of a server from the line that they are scrolled to.
pub fn view(details: Details, area: Rect, buf: &mut Buffer, context: &Context<'_>) {
    let Context { server, theme, now, .. } = *context;
    let inner = context.frame(area, buf, "Details ");
    let Some(server) = server else {
        paint::text(buf, inner, 0, 0, "No server is selected.", theme.style(Role::Muted));
        return;
    };
    let lines = layout(server, now, inner.width);
    let offset = details.offset.min(lines.len().saturating_sub(usize::from(inner.height)));
    for (y, (name, text, role)) in (0..inner.height).zip(&lines[offset..]) {
        paint::text(buf, inner, 0, y, name, theme.style(Role::Muted));
        paint::text(buf, inner, LABEL, y, text, theme.style(*role));
    }
}

/// How many lines there are at this width.
pub fn height(server: &Server, now: Timestamp, width: u16) -> usize {
    layout(server, now, width).len()
}

fn layout(server: &Server, now: Timestamp, width: u16) -> Vec<(&'static str, String, Role)> {
    let mut lines = Vec::new();
    for fact in facts(server, now) {
        for (n, text) in paint::wrap(&fact.text, width.saturating_sub(LABEL)).into_iter().enumerate() {
            lines.push((if n == 0 { fact.name } else { "" }, text, fact.role));
        }
    }
    lines
}
