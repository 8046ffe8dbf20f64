//! Lists: filters and sorting.

use super::super::App;
use crate::{model::Snapshot, tui::action::Action};

/// Filters or sorts.
pub fn perform(app: &mut App, snapshot: &Snapshot, action: Action) {
    match action {
        Action::Filter => app.servers.type_filter(true),
        Action::ClearFilter => {
            // Esc takes the messages first: they lie over the list.
            if !app.toasts.dismiss(app.now) {
                app.servers.clear_filter(snapshot);
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

/// Ends typing a filter: it holds, or everything shows again.
pub fn end_typing(app: &mut App, snapshot: &Snapshot, action: Action) {
    match action {
        Action::Accept => app.servers.type_filter(false),
        Action::Dismiss => app.servers.dismiss_filter(snapshot),
        _ => {}
    }
}
