//! The line between log and command line: what is searched and filtered, while anything is.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};

use super::{Console, look::Prompt};
use crate::{
    model::console::Level,
    tui::{
        paint,
        theme::{Role, Theme},
        widgets::log_view::{LogStatus, Needle},
    },
};

/// Whether there is anything to say.
pub fn is_shown(console: &Console) -> bool {
    let log = &console.log;
    console.look.prompt.is_some()
        || log.searched().is_some()
        || !log.filter().is_off()
        || log.is_cleared(&console.ring)
        || log.marks().next().is_some()
}

/// Draws it; gives the cursor's place while something is typed in it.
pub fn view(
    console: &Console,
    status: &LogStatus,
    area: Rect,
    buf: &mut Buffer,
    theme: &Theme,
) -> Option<Position> {
    let count = count(console, status);
    let (count, role) = match &console.look.wrong {
        Some(why) => (why.as_str(), Role::Invalid),
        None => (count.as_str(), Role::Muted),
    };
    let room = area.width.saturating_sub(paint::width(count).min(area.width / 2) + 1);
    let left = Rect { width: room, ..area };
    let right = Rect { x: area.x + room, width: area.width - room, ..area };
    paint::text_right(buf, right, 0, count, theme.style(role));
    let Some(prompt) = console.look.prompt else {
        let text = summary(console).join("  ");
        paint::column(buf, left, 0, left.width, &text, theme.style(Role::Info), theme);
        return None;
    };
    let label = match prompt {
        Prompt::Search => "/".to_owned(),
        Prompt::Filter => format!("{} ", filter_word(console.log.filter().inverse, console.look.expressions)),
    };
    let x = paint::text(buf, left, 0, 0, &label, theme.style(Role::Key));
    let field = Rect { x: left.x + x, width: left.width.saturating_sub(x), ..left };
    console.look.line.view(field, buf, &theme.input(), "", true)
}

/// How many lines are found or shown.
fn count(console: &Console, status: &LogStatus) -> String {
    match (console.look.prompt, status.found) {
        (Some(Prompt::Search) | None, Some(found)) if found.total == 0 => "not found".to_owned(),
        (Some(Prompt::Search) | None, Some(found)) => format!("{} of {}", found.current, found.total),
        _ if status.filtered => format!("{} of {} lines", status.shown, status.total),
        _ => String::new(),
    }
}

fn filter_word(inverse: bool, expression: bool) -> &'static str {
    match (inverse, expression) {
        (false, false) => "only",
        (true, false) => "without",
        (false, true) => "only regex",
        (true, true) => "without regex",
    }
}

/// What is so, in words, the most important first.
fn summary(console: &Console) -> Vec<String> {
    let log = &console.log;
    let filter = log.filter();
    let mut parts = Vec::new();
    if let Some(text) = log.searched() {
        parts.push(format!("/{text}"));
    }
    if let Some(needle) = &filter.text {
        let word = filter_word(filter.inverse, needle.is_expression());
        parts.push(format!("{word} {}", Needle::text(needle)));
    }
    if let Some(level) = filter.level {
        let word = match level {
            Level::Trace => "trace",
            Level::Debug => "debug",
            Level::Info => "info",
            Level::Warn => "warnings",
            Level::Error => "errors",
        };
        parts.push(if level == Level::Error { "only errors".into() } else { format!("{word} and up") });
    }
    if filter.chat_only {
        parts.push("chat only".into());
    }
    match log.marks().count() {
        0 => {}
        1 => parts.push("1 mark".into()),
        n => parts.push(format!("{n} marks")),
    }
    if log.is_cleared(&console.ring) {
        parts.push("cleared".into());
    }
    parts
}
