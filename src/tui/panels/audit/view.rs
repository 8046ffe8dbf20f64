//! Draws the audit trail.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};

use super::Audit;
use crate::{
    model::{AuditEntry, AuditLine},
    tui::{
        paint,
        panels::Context,
        safe,
        theme::{Role, Theme},
    },
};

/// Cells of the time.
const TIME: u16 = 11;

/// Draws the lines, the newest first. Gives the cursor's place while the filter is typed.
pub fn view(audit: &Audit, area: Rect, buf: &mut Buffer, context: &Context<'_>) -> Option<Position> {
    let Context { theme, focused, .. } = *context;
    let count = audit.rows().count();
    let inner = context.frame(area, buf, format!("Audit trail ({count}) "));
    let muted = theme.style(Role::Muted);
    match &audit.lines {
        None => {
            paint::text(buf, inner, 0, 0, "Asking the engine …", muted);
            return None;
        }
        Some(Err(fault)) => {
            for (y, line) in (0..inner.height).zip(paint::wrap(&safe::clean(&fault.to_string()), inner.width))
            {
                paint::text(buf, inner, 0, y, &line, theme.style(Role::Error));
            }
            return None;
        }
        Some(Ok(lines)) if lines.is_empty() => {
            paint::text(buf, inner, 0, 0, "Nothing was written down yet.", muted);
            return None;
        }
        Some(Ok(_)) => {}
    }
    let (body, typed) = audit.filter.view(inner, buf, theme);
    if count == 0 {
        paint::text(buf, body, 0, 0, "No line contains this. Esc shows all again.", muted);
    }
    let shown = audit.rows().enumerate().skip(audit.offset).take(usize::from(body.height));
    for (y, (at, entry)) in (0..).zip(shown) {
        let line = Rect { y: body.y + y, height: 1, ..body };
        draw(entry, focused && at == audit.cursor, line, buf, theme);
    }
    typed
}

fn draw(entry: &AuditEntry, chosen: bool, area: Rect, buf: &mut Buffer, theme: &Theme) {
    let over = paint::chosen(buf, area, chosen.then_some(Role::Selection), theme);
    let line = &entry.line;
    let text = theme.style(Role::Text).patch(over);
    let rest = area.width.saturating_sub(TIME + 3);
    let (by, what) = (rest / 4, rest * 2 / 5);
    let at = line.at.strftime("%m-%d %H:%M").to_string();
    paint::column(buf, area, 2, TIME, &at, theme.style(Role::Muted).patch(over), theme);
    let x = TIME + 3;
    paint::column(buf, area, x, by.saturating_sub(1), &safe::line(&line.origin.words()), text, theme);
    paint::column(buf, area, x + by, what.saturating_sub(1), &safe::line(&deed(line)), text, theme);
    let x = x + by + what;
    let style = theme.style(role(line)).patch(over);
    paint::column(buf, area, x, area.width.saturating_sub(x), &safe::line(&line.outcome), style, theme);
}

/// What was done, and with which server.
fn deed(line: &AuditLine) -> String {
    match line.server_name.as_str() {
        "" => line.action.clone(),
        name if line.action.contains(name) => line.action.clone(),
        name => format!("{} {name}", line.action),
    }
}

fn role(line: &AuditLine) -> Role {
    match line.outcome.as_str() {
        outcome if outcome.starts_with("done") => Role::Good,
        outcome if outcome.starts_with("cancelled") || outcome.starts_with("skipped") => Role::Warning,
        _ => Role::Error,
    }
}

/// A line in full. Harmless to draw.
pub fn describe(entry: &AuditEntry) -> Vec<(Role, String)> {
    let line = &entry.line;
    let at = line.at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
    let number = entry.seq.map(|seq| format!(" (line {seq})"));
    let number = number.unwrap_or_else(|| " (waits for the disk)".into());
    vec![
        (Role::Muted, format!("{at}{number}")),
        (Role::Text, format!("By: {}", safe::line(&line.origin.words()))),
        (Role::Text, format!("What: {}", safe::clean(&deed(line)))),
        (role(line), format!("Outcome: {}", safe::clean(&line.outcome))),
    ]
}
