//! What each action does. The match in [`perform`] leaves none out.

mod access;
mod backup;
mod console;
mod job;
mod list;
mod log;
mod schedule;
mod server;

pub use backup::{contents, extracted, prune_plan, restore_plan};
pub use log::told;

use super::{App, Effect, Panel, Split, movement, servers};
use crate::{
    model::{Severity, Snapshot},
    tui::{
        action::{ALL, Action, Impact, Place},
        overlays::{Help, Message, Overlay, Palette},
    },
};

/// By how many percent a key moves a border.
const STEP: i16 = 5;

/// Whether an action can be done now.
///
/// # Errors
/// Why not, as a sentence.
pub fn available(app: &App, snapshot: &Snapshot, action: Action) -> Result<(), String> {
    if action.info().impact != Impact::Looks && app.is_read_only(snapshot) {
        return Err("Nothing can be changed: this is read-only.".into());
    }
    match action {
        Action::Start
        | Action::Stop
        | Action::Restart
        | Action::Kill
        | Action::Edit
        | Action::Rename
        | Action::Clone
        | Action::Delete
        | Action::DeleteData
        | Action::Adopt
        | Action::Forget => match app.selected(snapshot) {
            Some(server) => servers::fits(action, server),
            None => Err("No server is selected.".into()),
        },
        Action::Open => app.selected(snapshot).map(drop).ok_or_else(|| "No server is selected.".into()),
        Action::Send => match app.selected(snapshot) {
            None => Err("No server is selected.".into()),
            Some(server) if !server.about.ownership.is_managed() => servers::fits(action, server),
            Some(server) if server.via.is_none() => {
                Err(format!("No command can reach {}: it is {}.", server.name(), server.state.word()))
            }
            Some(_) => Ok(()),
        },
        Action::CancelJob => match app.jobs.current(snapshot) {
            Some(job) if job.can_cancel => Ok(()),
            Some(_) => Err("This job cannot be cancelled now.".into()),
            None => Err("There is no job.".into()),
        },
        Action::Search
        | Action::FilterLog
        | Action::Copy
        | Action::CopyLast
        | Action::Save
        | Action::Select
        | Action::Mark
            if app.console.ring.is_empty() =>
        {
            Err("The log has no line yet.".into())
        }
        Action::NextMatch | Action::PreviousMatch if app.console.log.searched().is_none() => {
            Err("Nothing is looked for.".into())
        }
        Action::Inverse | Action::Expression
            if app.place() == Place::Filter && app.focus != Panel::Console =>
        {
            Err("This list is filtered by plain text.".into())
        }
        Action::Unclear if !app.console.log.is_cleared(&app.console.ring) => {
            Err("Nothing was cleared away.".into())
        }
        Action::RunSchedule if app.schedules.current(snapshot).is_some_and(|one| one.running) => {
            Err("It is being done already.".into())
        }
        Action::RunSchedule
        | Action::EditSchedule
        | Action::PauseSchedule
        | Action::DeleteSchedule
        | Action::ShowSchedule
            if snapshot.schedules.is_empty() =>
        {
            Err("There is no schedule.".into())
        }
        Action::CreateBackup => match app.selected(snapshot) {
            Some(server) if server.about.ownership.is_managed() => Ok(()),
            Some(server) => servers::fits(action, server),
            None => Err("No server is selected.".into()),
        },
        Action::ShowBackup
        | Action::RestoreBackup
        | Action::VerifyBackup
        | Action::TestBackup
        | Action::BrowseBackup
        | Action::LockBackup
        | Action::DeleteBackup => backup::fits(app, snapshot, action),
        Action::PruneBackups
            if app.backups.current(snapshot, app.selected(snapshot).map(|server| server.id())).is_none() =>
        {
            Err("There is no backup.".into())
        }
        Action::RevokeToken | Action::ShowToken if snapshot.tokens.is_empty() => {
            Err("There is no token.".into())
        }
        Action::ShowAudit if app.audit.current().is_none() => Err("There is no line.".into()),
        Action::ShowJob if snapshot.jobs.is_empty() => Err("There is no job.".into()),
        _ => Ok(()),
    }
}

/// Does an action, or says why not.
pub fn perform(app: &mut App, snapshot: &Snapshot, action: Action) -> Vec<Effect> {
    app.touch();
    if let Err(why) = available(app, snapshot, action) {
        app.toasts.show(app.now, Severity::Warning, &why, "");
        return Vec::new();
    }
    match action {
        Action::Quit
        | Action::Suspend
        | Action::Redraw
        | Action::Mouse
        | Action::Help
        | Action::Palette
        | Action::Messages => session(app, snapshot, action),
        Action::NextPanel
        | Action::PreviousPanel
        | Action::FocusServers
        | Action::FocusConsole
        | Action::FocusGauges
        | Action::FocusDetails
        | Action::FocusJobs
        | Action::FocusSchedules
        | Action::FocusBackups
        | Action::FocusAccess
        | Action::FocusAudit
        | Action::Open
        | Action::Zoom
        | Action::Grow
        | Action::Shrink
        | Action::Taller
        | Action::Lower => {
            layout(app, snapshot, action);
            Vec::new()
        }
        Action::Create
        | Action::Start
        | Action::Stop
        | Action::Restart
        | Action::Kill
        | Action::Edit
        | Action::Rename
        | Action::Clone
        | Action::Delete
        | Action::DeleteData
        | Action::Adopt
        | Action::Forget => server::perform(app, snapshot, action),
        Action::Up
        | Action::Down
        | Action::PageUp
        | Action::PageDown
        | Action::First
        | Action::Last
        | Action::LogUp
        | Action::LogDown
        | Action::LogTail
        | Action::LogLeft
        | Action::LogRight => {
            movement::go(app, snapshot, action);
            Vec::new()
        }
        Action::Filter | Action::ClearFilter | Action::Sort | Action::ReverseSort => {
            list::perform(app, snapshot, action);
            Vec::new()
        }
        Action::Send
        | Action::Leave
        | Action::Type
        | Action::Older
        | Action::Newer
        | Action::Recall
        | Action::ClearLog => console::perform(app, snapshot, action),
        Action::Search
        | Action::NextMatch
        | Action::PreviousMatch
        | Action::FilterLog
        | Action::Inverse
        | Action::Expression
        | Action::Level
        | Action::Chat
        | Action::Wrap
        | Action::Times
        | Action::Pause
        | Action::Select
        | Action::Mark
        | Action::NextMark
        | Action::PreviousMark
        | Action::Copy
        | Action::CopyLast
        | Action::Save
        | Action::Unclear
        | Action::ResetLog => log::perform(app, snapshot, action),
        Action::CancelJob | Action::ShowJob => job::perform(app, snapshot, action),
        Action::OneGauge => {
            app.gauges.turn();
            Vec::new()
        }
        Action::LongerSpan | Action::ShorterSpan => {
            app.gauges.span = app.gauges.span.step(action == Action::LongerSpan);
            Vec::new()
        }
        Action::AddSchedule
        | Action::EditSchedule
        | Action::RunSchedule
        | Action::PauseSchedule
        | Action::PauseSchedules
        | Action::DeleteSchedule
        | Action::ShowSchedule
        | Action::SpanSchedules => schedule::perform(app, snapshot, action),
        Action::CreateBackup
        | Action::ShowBackup
        | Action::RestoreBackup
        | Action::VerifyBackup
        | Action::TestBackup
        | Action::BrowseBackup
        | Action::LockBackup
        | Action::DeleteBackup
        | Action::PruneBackups
        | Action::AllBackups => backup::perform(app, snapshot, action),
        Action::CreateToken | Action::RevokeToken | Action::ShowToken | Action::ShowAudit => {
            access::perform(app, snapshot, action)
        }
        // Outside of a dialog these belong to the filter's line.
        Action::Accept | Action::Dismiss | Action::NextField | Action::PreviousField => {
            list::end_typing(app, snapshot, action);
            Vec::new()
        }
    }
}

/// What concerns the whole session.
fn session(app: &mut App, snapshot: &Snapshot, action: Action) -> Vec<Effect> {
    match action {
        Action::Quit => return vec![Effect::Quit],
        Action::Suspend => return vec![Effect::Suspend],
        Action::Redraw => return vec![Effect::Redraw],
        Action::Mouse => {
            app.settings.mouse = !app.settings.mouse;
            let text = if app.settings.mouse {
                "The mouse is on."
            } else {
                "The mouse is off: the terminal selects."
            };
            app.toasts.show(app.now, Severity::Info, text, "");
            return vec![Effect::Mouse(app.settings.mouse)];
        }
        Action::Help => app.overlays.push(Overlay::Help(Help::new(&app.keymap))),
        Action::Palette => {
            let closed = ALL.iter().map(|info| info.action);
            let closed = closed.filter(|action| available(app, snapshot, *action).is_err()).collect();
            app.overlays.push(Overlay::Palette(Palette::new(
                closed,
                app.settings.looks.clone(),
                snapshot,
                &app.keymap,
            )));
        }
        _ => {
            app.toasts.dismiss(app.now);
            app.overlays.push(Overlay::Message(Message::new("Messages", app.toasts.all())));
        }
    }
    Vec::new()
}

/// Which panel has the focus, and how much room the panels have.
fn layout(app: &mut App, snapshot: &Snapshot, action: Action) {
    match action {
        Action::NextPanel => app.look_at(app.focus.step(true)),
        Action::PreviousPanel => app.look_at(app.focus.step(false)),
        Action::Zoom => app.zoom = !app.zoom,
        Action::Grow => nudge(app, snapshot, Split::List, STEP),
        Action::Shrink => nudge(app, snapshot, Split::List, -STEP),
        Action::Taller => nudge(app, snapshot, Split::Strip, STEP),
        Action::Lower => nudge(app, snapshot, Split::Strip, -STEP),
        action => {
            let panel = Panel::of_action(action).unwrap_or(Panel::Console);
            if panel == Panel::Console {
                app.console.type_command(true);
            }
            app.look_at(panel);
        }
    }
}

fn nudge(app: &mut App, snapshot: &Snapshot, split: Split, by: i16) {
    app.shares = app.areas(snapshot).nudged(split, by, app.shares);
}
