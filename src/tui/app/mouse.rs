//! What the mouse does: choose, scroll, and give the focus.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};

use ratatui::layout::Position;

use super::{App, Effect, Panel, bars, keys, movement};
use crate::{
    model::Snapshot,
    tui::{action::Action, overlays::Overlay},
};

/// Lines by which one step of the wheel scrolls.
const WHEEL: usize = 3;

/// The mouse did something.
pub fn mouse(app: &mut App, snapshot: &Snapshot, event: MouseEvent) -> Vec<Effect> {
    let areas = app.areas(snapshot);
    let place = Position { x: event.column, y: event.row };
    if event.kind == MouseEventKind::Down(MouseButton::Left) && areas.footer.contains(place) {
        let action = bars::footer_at(app, snapshot, areas.footer, event.column);
        return action.map_or_else(Vec::new, |action| keys::act(app, snapshot, action));
    }
    if let Some(overlay) = app.overlays.last_mut() {
        let outcome = match (overlay, event.kind) {
            (Overlay::Form(form), MouseEventKind::Down(MouseButton::Left)) => form.click(areas.body, place),
            (overlay, MouseEventKind::ScrollUp) => overlay.act(Action::Up),
            (overlay, MouseEventKind::ScrollDown) => overlay.act(Action::Down),
            _ => return Vec::new(),
        };
        app.touch();
        return keys::finish(app, snapshot, outcome);
    }
    let Some(panel) = areas.at(event.column, event.row) else { return Vec::new() };
    match event.kind {
        MouseEventKind::Down(MouseButton::Left) => {
            app.focus = panel;
            app.servers.type_filter(false);
            let inner = areas.inside(panel);
            let row = usize::from(event.row.saturating_sub(inner.y));
            match panel {
                Panel::Servers if event.row > inner.y => {
                    let row = app.servers.offset() + row - 1;
                    if row < app.servers.rows().len() {
                        app.servers.select_row(row, snapshot);
                    }
                }
                Panel::Jobs => app.jobs.select_row(app.jobs.offset + row, snapshot),
                Panel::Console => {
                    let command_line = event.row + 1 >= inner.bottom();
                    app.console.type_command(command_line);
                }
                _ => {}
            }
        }
        MouseEventKind::ScrollUp => wheel(app, snapshot, panel, Action::Up),
        MouseEventKind::ScrollDown => wheel(app, snapshot, panel, Action::Down),
        _ => return Vec::new(),
    }
    app.touch();
    Vec::new()
}

/// Scrolls what is under the mouse; the focus stays.
fn wheel(app: &mut App, snapshot: &Snapshot, panel: Panel, action: Action) {
    let focus = std::mem::replace(&mut app.focus, panel);
    (0..WHEEL).for_each(|_| movement::go(app, snapshot, action));
    app.focus = focus;
}
