//! Draws everything. Changes nothing.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};

use super::{App, Areas, Panel, perform};
use crate::{
    model::{HostState, Snapshot},
    tui::{
        action::{Action, Place},
        overlays::which_key,
        paint,
        panels::{console, details, gauges, jobs, servers},
        safe,
        terminal::Frame,
        theme::{Role, Theme},
    },
};

/// Draws everything into cells that look like [`Role::Text`].
pub fn view(app: &App, snapshot: &Snapshot, theme: &Theme, frame: &mut Frame<'_>) {
    let buf = &mut *frame.buffer;
    let screen = buf.area;
    let areas = app.areas(snapshot);
    if areas.too_small {
        too_small(screen, buf, theme);
        return;
    }
    if let Some(area) = areas.header {
        header(app, snapshot, area, buf, theme);
    }
    let mut cursor = panels(app, snapshot, &areas, buf, theme);
    footer(app, snapshot, areas.footer, buf, theme);
    app.toasts.view(app.now, areas.body, buf, theme);
    for overlay in &app.overlays {
        cursor = overlay.view(areas.body, buf, snapshot, theme);
    }
    if !app.chord.is_empty() {
        which_key::view(&app.keymap, app.place(), &app.chord, areas.body, buf, theme);
    }
    frame.cursor = cursor;
}

fn panels(
    app: &App,
    snapshot: &Snapshot,
    areas: &Areas,
    buf: &mut Buffer,
    theme: &Theme,
) -> Option<Position> {
    let focused = |panel| app.focus == panel && app.overlays.is_empty();
    let selected = app.selected(snapshot).map(|server| &**server);
    let mut cursor = None;
    if let Some(area) = areas.of(Panel::Servers) {
        let create_key = app.keymap.keys_of(Action::Create, Place::Servers).unwrap_or_default();
        let context = servers::Context {
            snapshot,
            theme,
            now: app.now,
            focused: focused(Panel::Servers),
            create_key: &create_key,
        };
        cursor = servers::view(&app.servers, area, buf, context).or(cursor);
    }
    if let Some(area) = areas.of(Panel::Console) {
        let closed = perform::available(app, snapshot, Action::Send).err();
        let context = console::Context {
            server: selected,
            job: selected.and_then(|server| snapshot.job(server.job?)).map(|job| &**job),
            theme,
            focused: focused(Panel::Console),
            closed: closed.as_deref(),
        };
        cursor = console::view(&app.console, area, buf, context).or(cursor);
    }
    if let Some(area) = areas.of(Panel::Gauges) {
        let host =
            selected.and_then(|server| snapshot.hosts.iter().find(|host| host.id == server.about.host));
        let cores = host.map_or(0, |host| host.cpus);
        gauges::view(&app.gauges, selected, cores, area, buf, focused(Panel::Gauges), theme);
    }
    if let Some(area) = areas.of(Panel::Details) {
        details::view(app.details, selected, app.now, area, buf, focused(Panel::Details), theme);
    }
    if let Some(area) = areas.of(Panel::Jobs) {
        jobs::view(&app.jobs, snapshot, area, buf, focused(Panel::Jobs), theme);
    }
    cursor
}

fn too_small(area: Rect, buf: &mut Buffer, theme: &Theme) {
    let text = format!("The screen is too small: {}x{}. 40x10 is enough.", area.width, area.height);
    for (y, line) in (0..area.height).zip(paint::wrap(&text, area.width)) {
        paint::text(buf, area, 0, y, &line, theme.style(Role::Text));
    }
}

/// Name, hosts, and what holds for the session.
fn header(app: &App, snapshot: &Snapshot, area: Rect, buf: &mut Buffer, theme: &Theme) {
    buf.set_style(area, theme.style(Role::Bar));
    let bar = theme.style(Role::Bar);
    let mut x = paint::text(buf, area, 1, 0, "Mineclifford", bar);
    for host in &snapshot.hosts {
        let (glyph, role) = match host.state {
            HostState::Up => (theme.symbols.ready, Role::Good),
            HostState::Connecting => (theme.symbols.busy, Role::Busy),
            HostState::Down(_) => (theme.symbols.failed, Role::Error),
        };
        x = paint::text(buf, area, x + 2, 0, glyph, bar.patch(theme.style(role)));
        let engine = match host.state {
            HostState::Up => safe::line(&host.engine).into_owned(),
            HostState::Connecting => "connecting".into(),
            HostState::Down(_) => "no answer".into(),
        };
        x = paint::text(buf, area, x + 1, 0, &format!("{} {engine}", safe::line(&host.id.0)), bar);
    }
    let mut right = String::new();
    if app.settings.demo || snapshot.hosts.iter().any(|host| host.demo) {
        right.push_str("demo  ");
    }
    if app.is_read_only(snapshot) {
        right.push_str("read-only  ");
    }
    right.push_str(&format!("{} of {} run ", app.servers.running(), snapshot.servers.len()));
    if x + 2 + paint::width(&right) <= area.width {
        paint::text_right(buf, area, 0, &right, bar);
    }
}

/// The keys that matter most where the person is.
fn footer(app: &App, snapshot: &Snapshot, area: Rect, buf: &mut Buffer, theme: &Theme) {
    let place = app.place();
    let mut x = 1;
    for action in hints(place) {
        let Some(keys) = app.keymap.keys_of(*action, place) else { continue };
        let title = action.info().title;
        let wide = paint::width(&keys) + 1 + paint::width(title);
        if x + wide > area.width {
            break;
        }
        let open = perform::available(app, snapshot, *action).is_ok();
        let (key, text) = if open { (Role::Key, Role::Text) } else { (Role::Disabled, Role::Disabled) };
        x = paint::text(buf, area, x, 0, &keys, theme.style(key)) + 1;
        x = paint::text(buf, area, x, 0, title, theme.style(text)) + 2;
    }
}

fn hints(place: Place) -> &'static [Action] {
    use Action::*;
    match place {
        Place::Servers => {
            &[Help, Create, Open, Start, Stop, Restart, Edit, Delete, Filter, Sort, Palette, NextPanel, Quit]
        }
        Place::Console => &[Send, Leave, Older, PageUp, NextPanel, Palette],
        Place::Log => &[Help, Type, Up, PageUp, First, Last, ClearLog, NextPanel, Zoom, Quit],
        Place::Jobs => &[Help, CancelJob, ShowJob, NextPanel, Palette, Quit],
        Place::Details => &[Help, Up, Down, Start, Stop, Edit, NextPanel, Zoom, Quit],
        Place::Gauges | Place::Everywhere => &[Help, NextPanel, Zoom, Create, Palette, Quit],
        Place::Filter => &[Accept, Dismiss],
        Place::Dialog => &[Accept, Dismiss, NextField],
    }
}
