//! Lists: filters and sorting.

use super::super::App;
use crate::{
    model::Snapshot,
    tui::{action::Action, panels::Find},
};

/// Filters or sorts.
pub fn perform(app: &mut App, snapshot: &Snapshot, action: Action) {
    match action {
        Action::Filter => app.find(snapshot, Find::Begin),
        Action::ClearFilter => {
            // Esc takes the messages first: they lie over the list.
            if !app.toasts.dismiss(app.now) {
                app.find(snapshot, Find::Clear);
            }
        }
        Action::Sort => {
            app.servers.sort = app.servers.sort.next();
            app.servers.refresh(snapshot);
        }
        _ => {
            app.servers.reversed = !app.servers.reversed;
            app.servers.refresh(snapshot);
        }
    }
}

/// Ends typing what a panel is filtered or searched by: it holds, or all is as before.
pub fn end_typing(app: &mut App, snapshot: &Snapshot, action: Action) {
    match action {
        Action::Accept => app.find(snapshot, Find::Accept),
        Action::Dismiss => app.find(snapshot, Find::Dismiss),
        _ => {}
    }
}
