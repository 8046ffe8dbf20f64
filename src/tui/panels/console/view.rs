//! Draws the console.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    text::{Line, Span},
};

use super::{Console, status};
use crate::{
    model::{Server, State},
    tui::{action::Action, paint, panels::Context, safe, theme::Role},
};

/// Where the log's lines are, inside the panel's border: above what is said of them, and above the command line.
pub fn log_area(console: &Console, inner: Rect) -> Rect {
    let below = 1 + u16::from(status::is_shown(console));
    Rect { height: inner.height.saturating_sub(below), ..inner }
}

/// Draws the console. Gives the cursor's place while a command is typed.
pub fn view(console: &Console, area: Rect, buf: &mut Buffer, context: &Context<'_>) -> Option<Position> {
    let Context { server, theme, .. } = *context;
    let mut title = vec![Span::raw("Console ")];
    if let Some(server) = server {
        let (glyph, style) = theme.state(server.state);
        title.push(Span::raw(format!("{} ", safe::line(server.name()))));
        title.push(Span::styled(format!("{glyph} {} ", server.state.word()), style));
    }
    let status = console.log.status(&console.ring);
    if !status.following {
        let text = format!("{} paused, {} new ", theme.symbols.down, status.new);
        title.push(Span::styled(text, theme.style(Role::Warning)));
    }
    if let Some(word) = console.times_word() {
        title.push(Span::styled(format!("{word} "), theme.style(Role::Muted)));
    }
    if console.missed > 0 {
        let text = format!("{} lines lost ", console.missed);
        title.push(Span::styled(text, theme.style(Role::Warning)));
    }
    let inner = context.frame(area, buf, Line::from(title));
    let Some(server) = server else {
        paint::text(buf, inner, 0, 0, "No server is selected.", theme.style(Role::Muted));
        return None;
    };
    let log = log_area(console, inner);
    if status.total == 0 {
        nothing(server, log, buf, context);
    } else if status.shown == 0 {
        let text =
            if status.filtered { "No line passes the filter. Esc shows all again." } else { "Cleared." };
        paint::text(buf, log, 0, 0, text, theme.style(Role::Muted));
    } else {
        console.log.view(&console.ring, log, buf, &theme.log());
    }
    let line = Rect { y: inner.bottom().saturating_sub(1), height: inner.height.min(1), ..inner };
    let mut cursor = None;
    if status::is_shown(console) && inner.height > 1 {
        let said = Rect { y: line.y - 1, ..line };
        cursor = status::view(console, &status, said, buf, theme).filter(|_| context.focused);
    }
    command_line(console, server, line, buf, context).or(cursor)
}

fn command_line(
    console: &Console,
    server: &Server,
    area: Rect,
    buf: &mut Buffer,
    context: &Context<'_>,
) -> Option<Position> {
    let Context { theme, focused, .. } = *context;
    if let Some(why) = (context.refusal)(Action::Send) {
        paint::text(buf, area, 0, 0, &why, theme.style(Role::Disabled));
        return None;
    }
    let way = server.via.map_or("", |via| via.word());
    let tag = paint::width(way) + 1;
    paint::text_right(buf, area, 0, way, theme.style(Role::Muted));
    let x = paint::text(buf, area, 0, 0, "> ", theme.style(Role::Key));
    let field = Rect { x: area.x + x, width: area.width.saturating_sub(x + tag), ..area };
    let typing = focused && console.is_typing();
    console.line.view(field, buf, &theme.input(), "", typing)
}

/// What is to be said where there is no line yet.
fn nothing(server: &Server, area: Rect, buf: &mut Buffer, context: &Context<'_>) {
    let Context { theme, snapshot, .. } = *context;
    let job = server.job.and_then(|job| snapshot.job(job));
    let mut y = 0;
    let mut say = |text: &str, role: Role| {
        for line in paint::wrap(&safe::clean(text), area.width) {
            paint::text(buf, area, 0, y, &line, theme.style(role));
            y += 1;
        }
    };
    if let Some(job) = job.filter(|job| job.is_running()) {
        say(&job.progress.step, Role::Busy);
        if let Some(fraction) = job.progress.fraction() {
            say(&format!("{:.0} %", fraction * 100.0), Role::Busy);
        }
        return;
    }
    if let Some(why) = &server.explanation {
        say(&why.what, Role::Error);
        say(&why.means, Role::Text);
        say(&why.next, Role::Warning);
        return;
    }
    match server.state {
        State::Stopped => say("It is stopped. Its log shows here when it runs.", Role::Muted),
        State::Missing => say("Its container is gone.", Role::Muted),
        State::Unknown => say("Its host does not answer.", Role::Muted),
        _ => say("No line yet.", Role::Muted),
    }
}
