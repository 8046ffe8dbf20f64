//! Moving in what has the focus.

use super::{App, Panel};
use crate::{
    model::Snapshot,
    tui::{action::Action, panels::Step},
};

/// Moves in what has the focus.
pub fn go(app: &mut App, snapshot: &Snapshot, action: Action) {
    go_in(app, snapshot, app.focus, action);
}

/// Moves in a panel, whether it has the focus or not.
pub fn go_in(app: &mut App, snapshot: &Snapshot, panel: Panel, action: Action) {
    let Some(step) = step(action) else { return };
    let within = app.within(app.areas(snapshot).inside(panel), snapshot);
    app.pane_mut(panel).go(step, within);
}

fn step(action: Action) -> Option<Step> {
    Some(match action {
        Action::Up | Action::LogUp => Step::Up,
        Action::Down | Action::LogDown => Step::Down,
        Action::PageUp => Step::PageUp,
        Action::PageDown => Step::PageDown,
        Action::First => Step::First,
        Action::Last | Action::LogTail => Step::Last,
        _ => return None,
    })
}
