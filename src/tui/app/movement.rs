//! Moving in what has the focus.

use super::App;
use crate::{
    model::Snapshot,
    tui::{action::Action, panels::Step},
};

/// Moves in what has the focus.
pub fn go(app: &mut App, snapshot: &Snapshot, action: Action) {
    let Some(step) = step(action) else { return };
    let within = app.within(app.areas(snapshot).inside(app.focus), snapshot);
    app.pane_mut(app.focus).go(step, within);
}

fn step(action: Action) -> Option<Step> {
    Some(match action {
        Action::Up | Action::LogUp => Step::Up,
        Action::Down | Action::LogDown => Step::Down,
        Action::LogLeft => Step::Left,
        Action::LogRight => Step::Right,
        Action::PageUp => Step::PageUp,
        Action::PageDown => Step::PageDown,
        Action::First => Step::First,
        Action::Last | Action::LogTail => Step::Last,
        _ => return None,
    })
}
