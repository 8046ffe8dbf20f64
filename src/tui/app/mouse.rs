//! What the mouse does: choose, scroll, give the focus, move borders.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};

use ratatui::layout::Position;

use super::{App, Areas, Effect, bars, keys};
use crate::{
    model::Snapshot,
    tui::{action::Action, overlays::which_key},
};

/// Lines by which one step of the wheel scrolls.
const WHEEL: i32 = 3;

/// The mouse did something.
pub fn mouse(app: &mut App, snapshot: &Snapshot, event: MouseEvent) -> Vec<Effect> {
    let areas = app.areas(snapshot);
    let place = Position { x: event.column, y: event.row };
    if event.kind == MouseEventKind::Down(MouseButton::Left) && areas.footer.contains(place) {
        let action = bars::footer_at(app, snapshot, areas.footer, event.column);
        return action.map_or_else(Vec::new, |action| keys::act(app, snapshot, action));
    }
    if event.kind == MouseEventKind::Down(MouseButton::Left) {
        if !app.chord.is_empty() {
            let action = which_key::at(&app.keymap, app.scene(snapshot), &app.chord, areas.body, place);
            app.chord.clear();
            app.touch();
            return action.map_or_else(Vec::new, |action| keys::act(app, snapshot, action));
        }
        if app.overlays.is_empty() && app.toasts.click(app.now, areas.body, place) {
            app.touch();
            return Vec::new();
        }
    }
    if let Some(overlay) = app.overlays.last_mut() {
        let outcome = match (overlay, event.kind) {
            (overlay, MouseEventKind::Down(MouseButton::Left)) => overlay.click(areas.body, place),
            (overlay, MouseEventKind::ScrollUp) => overlay.act(Action::Up),
            (overlay, MouseEventKind::ScrollDown) => overlay.act(Action::Down),
            _ => return Vec::new(),
        };
        app.touch();
        return keys::finish(app, snapshot, outcome);
    }
    match event.kind {
        MouseEventKind::Down(MouseButton::Left) => press(app, snapshot, &areas, place),
        MouseEventKind::Drag(MouseButton::Left) => match app.dragged {
            Some(split) => app.shares = areas.dragged(split, place, app.shares),
            None => {
                let inner = areas.inside(app.focus);
                let at = Position {
                    x: place.x.clamp(inner.x, inner.right().saturating_sub(1).max(inner.x)),
                    y: place.y.clamp(inner.y, inner.bottom().saturating_sub(1).max(inner.y)),
                };
                let within = app.within(inner, snapshot);
                app.pane_mut(app.focus).drag(at, within);
            }
        },
        MouseEventKind::Up(MouseButton::Left) => app.dragged = None,
        MouseEventKind::ScrollUp => wheel(app, snapshot, &areas, place, -WHEEL),
        MouseEventKind::ScrollDown => wheel(app, snapshot, &areas, place, WHEEL),
        _ => return Vec::new(),
    }
    app.touch();
    Vec::new()
}

/// A tab, a border that can be moved, or what is inside of a panel.
fn press(app: &mut App, snapshot: &Snapshot, areas: &Areas, place: Position) {
    app.dragged = None;
    if let Some((panel, ..)) = areas.tabs().into_iter().find(|(_, tab, _)| tab.contains(place)) {
        return app.look_at(panel);
    }
    if let Some(split) = areas.split_at(place) {
        app.dragged = Some(split);
        return;
    }
    let Some(panel) = areas.at(place) else { return };
    app.look_at(panel);
    let inner = areas.inside(panel);
    if inner.contains(place) {
        let within = app.within(inner, snapshot);
        app.pane_mut(panel).click(place, within);
    }
}

/// Scrolls what is under the mouse; the focus stays.
fn wheel(app: &mut App, snapshot: &Snapshot, areas: &Areas, place: Position, rows: i32) {
    if let Some(panel) = areas.at(place) {
        let within = app.within(areas.inside(panel), snapshot);
        app.pane_mut(panel).wheel(rows, within);
    }
}
