//! Draws everything. Changes nothing.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};

use super::{App, Areas, bars, perform};
use crate::{
    model::Snapshot,
    tui::{
        action::Scene,
        overlays::which_key,
        paint,
        panels::Context,
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
    let server = app.selected(snapshot).map(|server| &**server);
    let tabs: Vec<_> = areas.tabs().into_iter().map(|(_, place, name)| (place.x, name)).collect();
    let mut cursor = None;
    for (panel, area) in areas.shown() {
        let keys = |action| {
            let scene = Scene::plain(panel.place());
            app.keymap.keys_of(action, scene).unwrap_or_default()
        };
        let context = Context {
            snapshot,
            server,
            theme,
            now: app.now,
            units: app.settings.units,
            focused: app.focus == panel && app.overlays.is_empty(),
            number: panel.number(),
            tabs: if areas.main == Some(panel) { &tabs } else { &[] },
            keys: &keys,
            refusal: &|action| perform::available(app, snapshot, action).err(),
        };
        cursor = app.pane(panel).view(area, buf, &context).or(cursor);
    }
    cursor
}

fn too_small(area: Rect, buf: &mut Buffer, theme: &Theme) {
    let text = format!("The screen is too small: {}x{}. 40x10 is enough.", area.width, area.height);
    for (y, line) in (0..area.height).zip(paint::wrap(&text, area.width)) {
        paint::text(buf, area, 0, y, &line, theme.style(Role::Text));
    }
}
