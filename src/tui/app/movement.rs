//! Moving in what has the focus.

use super::{App, Panel};
use crate::{model::Snapshot, tui::action::Action};

/// Moves in what has the focus.
pub fn go(app: &mut App, snapshot: &Snapshot, action: Action) {
    match app.focus {
        Panel::Servers => {
            let page = page(app, snapshot);
            match action {
                Action::Up => app.servers.step(-1, snapshot),
                Action::Down => app.servers.step(1, snapshot),
                Action::PageUp => app.servers.step(-page, snapshot),
                Action::PageDown => app.servers.step(page, snapshot),
                Action::First => app.servers.select_row(0, snapshot),
                Action::Last => app.servers.select_row(usize::MAX, snapshot),
                _ => {}
            }
        }
        Panel::Console => log(app, action),
        Panel::Details => {
            let page = page(app, snapshot);
            let offset = app.details.offset;
            app.details.offset = match action {
                Action::Up => offset.saturating_sub(1),
                Action::Down => offset + 1,
                Action::PageUp => offset.saturating_add_signed(-page),
                Action::PageDown => offset.saturating_add_signed(page),
                Action::First => 0,
                Action::Last => usize::from(u16::MAX),
                _ => offset,
            };
        }
        Panel::Jobs => {
            let page = page(app, snapshot);
            let at = app.jobs.cursor(snapshot);
            let at = match action {
                Action::Up => at.saturating_sub(1),
                Action::Down => at + 1,
                Action::PageUp => at.saturating_add_signed(-page),
                Action::PageDown => at.saturating_add_signed(page),
                Action::First => 0,
                Action::Last => usize::MAX,
                _ => at,
            };
            app.jobs.select_row(at, snapshot);
        }
        Panel::Gauges => {}
    }
}

/// Moves in the console's log.
fn log(app: &mut App, action: Action) {
    let super::Console { log, ring, .. } = &mut app.console;
    match action {
        Action::Up | Action::LogUp => log.scroll_lines(ring, -1),
        Action::Down | Action::LogDown => log.scroll_lines(ring, 1),
        Action::PageUp => log.scroll_pages(ring, -1),
        Action::PageDown => log.scroll_pages(ring, 1),
        Action::First => log.to_top(ring),
        Action::Last | Action::LogTail => log.to_bottom(),
        _ => {}
    }
}

/// Rows of a page in what has the focus.
fn page(app: &App, snapshot: &Snapshot) -> isize {
    let height = app.areas(snapshot).inside(app.focus).height;
    isize::try_from(height.saturating_sub(2).max(1)).unwrap_or(1)
}
