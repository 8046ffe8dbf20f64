//! Draws the backups.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::Style,
};

use super::{Backups, Lines, words};
use crate::{
    model::{Backup, Server, Units},
    tui::{
        action::Action,
        paint,
        panels::{Context, jobs},
        safe,
        theme::{Role, Theme},
    },
};

/// A column, and what of a backup it shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Column {
    Server,
    Age,
    Size,
    State,
    Proven,
    Verified,
    Marks,
    Kind,
    Made,
    Label,
}

impl Column {
    fn title(self) -> &'static str {
        match self {
            Self::Server => "Server",
            Self::Age => "Age",
            Self::Size => "Size",
            Self::State => "State",
            Self::Proven => "Proven",
            Self::Verified => "Verified",
            Self::Marks => "",
            Self::Kind => "Kind",
            Self::Made => "By",
            Self::Label => "Label",
        }
    }
}

/// Which columns a list of this width has, where each begins and how wide it is.
fn columns(width: u16, all: bool) -> Vec<(Column, u16, u16)> {
    // In the order in which they are given room.
    let server = (width / 5).clamp(6, 20);
    let wanted = [
        (Column::Age, 6),
        (Column::Size, 6),
        (Column::State, 7),
        (Column::Server, if all { server } else { 0 }),
        (Column::Proven, 7),
        (Column::Marks, 13),
        (Column::Verified, 8),
        (Column::Made, 8),
        (Column::Label, 10),
        (Column::Kind, 4),
    ];
    let (mut left, mut shown) = (width.saturating_sub(4), Vec::new());
    for (column, wide) in wanted.into_iter().filter(|(_, wide)| *wide > 0) {
        if wide + 1 > left {
            break;
        }
        left -= wide + 1;
        shown.push((column, wide));
    }
    let order = [
        Column::Server,
        Column::Age,
        Column::Size,
        Column::Kind,
        Column::State,
        Column::Proven,
        Column::Verified,
        Column::Marks,
        Column::Made,
        Column::Label,
    ];
    shown.sort_by_key(|(column, _)| order.iter().position(|other| other == column));
    let mut x = 4;
    let place = |(column, wide): (Column, u16)| {
        // What is left over is the label's.
        let wide = if column == Column::Label { wide + left } else { wide };
        let from = x;
        x += wide + 1;
        (column, from, wide)
    };
    shown.into_iter().map(place).collect()
}

/// Draws the backups, the newest first, with what is being done above them and what is to be said of the chosen one below.
/// Gives the cursor's place while the filter is typed.
pub fn view(backups: &Backups, area: Rect, buf: &mut Buffer, context: &Context<'_>) -> Option<Position> {
    let Context { snapshot, server, theme, .. } = *context;
    let id = server.map(|server| server.id());
    let rows: Vec<_> = backups.rows(snapshot, id).collect();
    let inner = context.frame(area, buf, title(backups, &rows, server, context.units));
    let (body, typed) = backups.filter.view(inner, buf, theme);
    let lines = backups.lines(inner, snapshot, id);
    for (y, job) in (0..lines.busy).zip(backups.working(snapshot, id)) {
        jobs::draw(job, false, Rect { y: body.y + y, height: 1, ..body }, buf, context);
    }
    let list = Rect { y: body.y + lines.busy, height: body.height.saturating_sub(lines.busy), ..body };
    if rows.is_empty() {
        nothing(backups, list, buf, context);
        return typed;
    }
    let columns = columns(list.width, backups.of(id).is_none());
    if lines.head > 0 {
        for (column, x, wide) in &columns {
            paint::column(buf, list, *x, *wide, column.title(), theme.style(Role::Header), theme);
        }
    }
    let cursor = backups.cursor(snapshot, id);
    let first = list.y + lines.head;
    for (y, (at, backup)) in (0..lines.rows).zip(rows.iter().enumerate().skip(backups.choice.offset())) {
        let line = Rect { y: first + y, height: 1, ..list };
        row(backup, &columns, at == cursor, line, buf, context);
    }
    if let Some(backup) = rows.get(cursor) {
        let below = Rect { y: first + lines.rows, height: lines.details, ..list };
        details(backup, lines, below, buf, context);
    }
    typed
}

fn title(
    backups: &Backups,
    rows: &[&std::sync::Arc<Backup>],
    server: Option<&Server>,
    units: Units,
) -> String {
    let size: u64 = rows.iter().map(|backup| backup.size_bytes).sum();
    let size = if rows.is_empty() { String::new() } else { format!(", {}", paint::bytes_short(size, units)) };
    match server.filter(|_| !backups.all) {
        Some(server) => format!("Backups of {} ({}{size}) ", safe::line(server.name()), rows.len()),
        None => format!("Backups of all ({}{size}) ", rows.len()),
    }
}

fn nothing(backups: &Backups, area: Rect, buf: &mut Buffer, context: &Context<'_>) {
    let Context { snapshot, server, theme, keys, .. } = *context;
    let text = if backups.filter.is_on() {
        "No backup contains this. Esc shows all again.".to_owned()
    } else {
        let make = format!("{} makes one", keys(Action::CreateBackup));
        match server.filter(|_| !backups.all) {
            Some(server) if !snapshot.backups.is_empty() => format!(
                "{} has no backup. {make}; {} shows those of all servers.",
                safe::line(server.name()),
                keys(Action::AllBackups)
            ),
            Some(server) => format!("{} has no backup. {make}.", safe::line(server.name())),
            None => format!("There is no backup. {make} of the server that is selected."),
        }
    };
    for (y, line) in (0..area.height).zip(paint::wrap(&text, area.width)) {
        paint::text(buf, area, 0, y, &line, theme.style(Role::Muted));
    }
}

fn row(
    backup: &Backup,
    columns: &[(Column, u16, u16)],
    chosen: bool,
    area: Rect,
    buf: &mut Buffer,
    context: &Context<'_>,
) {
    let Context { theme, now, units, .. } = *context;
    let over = context.chosen(chosen, area, buf);
    let (glyph, word, role) = words::state(backup, theme.symbols);
    paint::text(buf, area, 2, 0, glyph, theme.style(role).patch(over));
    for (column, x, wide) in columns {
        let (text, role) = match column {
            Column::Server => (safe::line(&backup.server_name).into_owned(), Role::Text),
            Column::Age => (paint::duration(words::seconds(backup.created_at, now)), Role::Text),
            Column::Size => (paint::bytes_short(backup.size_bytes, units), Role::Text),
            Column::State => (word.to_owned(), role),
            Column::Proven => words::proven(backup, now),
            Column::Verified => words::verified(backup, now),
            Column::Kind => (words::kind(backup).to_owned(), Role::Text),
            Column::Made => (words::reason(backup).to_owned(), Role::Muted),
            Column::Label => {
                (safe::line(backup.label.as_deref().unwrap_or_default()).into_owned(), Role::Text)
            }
            Column::Marks => {
                marks(backup, Rect { x: area.x + x, width: *wide, ..area }, over, buf, theme);
                continue;
            }
        };
        paint::column(buf, area, *x, *wide, &text, theme.style(role).patch(over), theme);
    }
}

fn marks(backup: &Backup, area: Rect, over: Style, buf: &mut Buffer, theme: &Theme) {
    let mut x = 0;
    for (text, role) in words::marks(backup) {
        let room = area.width.saturating_sub(x);
        paint::column(buf, area, x, room, &text, theme.style(role).patch(over), theme);
        x += paint::width(&text) + 1;
    }
}

/// What is said of the chosen one below the list.
fn details(backup: &Backup, lines: Lines, area: Rect, buf: &mut Buffer, context: &Context<'_>) {
    let Context { theme, now, .. } = *context;
    if lines.details == 0 {
        return;
    }
    let rule = theme.symbols.horizontal.repeat(usize::from(area.width));
    paint::text(buf, area, 0, 0, &rule, theme.style(Role::Border));
    for (y, (role, text)) in (1..lines.details).zip(words::describe(backup, now, context.units)) {
        let line = Rect { y: area.y + y, height: 1, ..area };
        paint::column(buf, line, 0, line.width, &text, theme.style(role), theme);
    }
}
