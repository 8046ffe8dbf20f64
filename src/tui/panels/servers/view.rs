//! Draws the server list: only the rows that show.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};

use super::{Column, Servers};
use crate::{
    model::{HostState, Server},
    tui::{
        action::Action,
        paint,
        panels::Context,
        safe,
        theme::{Role, Theme},
    },
};

/// Draws the list. Gives the cursor's place while the filter is typed.
pub fn view(servers: &Servers, area: Rect, buf: &mut Buffer, context: &Context<'_>) -> Option<Position> {
    let Context { snapshot, theme, .. } = *context;
    let (all, shown) = (snapshot.servers.len(), servers.rows().len());
    let count = if all == shown { format!("{all}") } else { format!("{shown} of {all}") };
    let inner = context.frame(area, buf, format!("Servers ({count}) "));
    let (body, cursor) = servers.filter.view(inner, buf, theme);
    if shown == 0 {
        empty(body, buf, context, all);
        return cursor;
    }
    let columns = Column::fit(body.width.saturating_sub(2));
    header(servers, body, buf, theme, &columns);
    let rows = Rect { y: body.y + 1, height: body.height.saturating_sub(1), ..body };
    for y in 0..rows.height {
        let index = servers.offset() + usize::from(y);
        let Some(server) = servers.rows().get(index).and_then(|row| snapshot.servers.get(*row as usize))
        else {
            break;
        };
        let line = Rect { y: rows.y + y, height: 1, ..rows };
        row(server, index == servers.cursor(), line, buf, context, &columns);
    }
    cursor
}

fn header(servers: &Servers, area: Rect, buf: &mut Buffer, theme: &Theme, columns: &[(Column, u16, u16)]) {
    let style = theme.style(Role::Header);
    for (column, x, width) in columns {
        let cell = Rect { x: area.x + 2 + x, width: *width, height: area.height.min(1), ..area };
        let title = match (*column == servers.sort, servers.reversed) {
            (false, _) => column.title().to_owned(),
            (true, true) => format!("{}{}", column.title(), theme.symbols.ascending),
            (true, false) => format!("{}{}", column.title(), theme.symbols.descending),
        };
        match column.is_number() {
            true => paint::text_right(buf, cell, 0, &title, style),
            false => _ = paint::text(buf, cell, 0, 0, &title, style),
        }
    }
}

fn row(
    server: &Server,
    chosen: bool,
    area: Rect,
    buf: &mut Buffer,
    context: &Context<'_>,
    columns: &[(Column, u16, u16)],
) {
    let Context { theme, now, units, .. } = *context;
    let over = context.chosen(chosen, area, buf);
    let (glyph, state) = theme.state(server.state);
    for (column, x, width) in columns {
        let x = x + 2;
        match column {
            Column::State => {
                let style = state.patch(over);
                paint::text(buf, area, x, 0, glyph, style);
                paint::column(buf, area, x + 2, width - 2, &column.text(server, now, units), style, theme);
            }
            Column::Name => {
                let mut style = theme.style(Role::Text).patch(over);
                if !server.about.ownership.is_managed() && !chosen {
                    style = theme.style(Role::Muted);
                }
                paint::column(buf, area, x, *width, &safe::line(server.name()), style, theme);
            }
            column => {
                let cell = Rect { x: area.x + x, width: *width, ..area };
                paint::text_right(
                    buf,
                    cell,
                    0,
                    &column.text(server, now, units),
                    theme.style(Role::Text).patch(over),
                );
            }
        }
    }
}

/// What to do where there is nothing to list.
fn empty(area: Rect, buf: &mut Buffer, context: &Context<'_>, all: usize) {
    let Context { snapshot, theme, .. } = *context;
    let mut y = 0;
    let mut say = |text: &str, role: Role| {
        for line in paint::wrap(&safe::clean(text), area.width) {
            paint::text(buf, area, 0, y, &line, theme.style(role));
            y += 1;
        }
    };
    if all > 0 {
        return say("No server contains this. Esc shows all again.", Role::Muted);
    }
    let mut up = false;
    for host in &snapshot.hosts {
        match &host.state {
            HostState::Down(fault) => {
                say(&format!("{}: {}", host.id, fault.what), Role::Error);
                say(&fault.means, Role::Text);
                say(&fault.next, Role::Warning);
                say("Trying again by itself.", Role::Muted);
            }
            HostState::Connecting => {
                say(&format!("{}: connecting to {}", host.id, host.endpoint), Role::Muted)
            }
            HostState::Up => up = true,
        }
    }
    match (up, snapshot.settled) {
        (true, true) => {
            let key = (context.keys)(Action::Create);
            say(&format!("No servers yet. Press {key} to create one."), Role::Text);
        }
        (true, false) | (false, false) if snapshot.hosts.is_empty() || up => {
            say("Looking for servers", Role::Muted)
        }
        _ => {}
    }
}
