//! Draws everything. Changes nothing.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};

use super::{App, Areas, Panel, bars, perform};
use crate::{
    model::Snapshot,
    tui::{
        action::{Action, Place, Scene},
        overlays::which_key,
        paint,
        panels::{console, details, gauges, jobs, servers},
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
        bars::header(app, snapshot, area, buf, theme);
    }
    let mut cursor = panels(app, snapshot, &areas, buf, theme);
    bars::footer(app, snapshot, areas.footer, buf, theme);
    app.toasts.view(app.now, areas.body, buf, theme);
    for overlay in &app.overlays {
        cursor = overlay.view(areas.body, buf, snapshot, theme);
    }
    if !app.chord.is_empty() {
        which_key::view(&app.keymap, app.scene(snapshot), &app.chord, areas.body, buf, theme);
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
        let create_key = app.keymap.keys_of(Action::Create, Scene::plain(Place::Servers)).unwrap_or_default();
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
