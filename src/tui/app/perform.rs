//! What each action does.

use super::{App, Asked, Effect, Panel, movement, servers};
use crate::{
    model::{Order, Server, Severity, Snapshot},
    tui::{
        action::{ALL, Action, Impact},
        overlays::{Confirm, Form, Help, Message, Overlay, Palette},
        panels::jobs,
    },
};

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
            app.overlays.push(Overlay::Palette(Palette::new(closed, snapshot, &app.keymap)));
        }
        Action::Messages => {
            app.toasts.dismiss(app.now);
            app.overlays.push(Overlay::Message(Message::new("Messages", app.toasts.all())));
        }
        Action::NextPanel => focus(app, app.focus.step(true)),
        Action::PreviousPanel => focus(app, app.focus.step(false)),
        Action::FocusServers => focus(app, Panel::Servers),
        Action::FocusConsole | Action::Open => {
            app.console.type_command(true);
            focus(app, Panel::Console);
        }
        Action::FocusGauges => focus(app, Panel::Gauges),
        Action::FocusDetails => focus(app, Panel::Details),
        Action::FocusJobs => focus(app, Panel::Jobs),
        Action::Create => {
            app.overlays.push(Overlay::Form(Box::new(Form::create(&app.settings.defaults, snapshot))))
        }
        Action::Zoom => app.zoom = !app.zoom,
        Action::Grow => app.split = (app.split + 5).min(80),
        Action::Shrink => app.split = app.split.saturating_sub(5).max(20),
        action => return more(app, snapshot, action),
    }
    Vec::new()
}

fn focus(app: &mut App, panel: Panel) {
    app.focus = panel;
    app.servers.type_filter(false);
}

fn more(app: &mut App, snapshot: &Snapshot, action: Action) -> Vec<Effect> {
    match action {
        Action::Filter => app.servers.type_filter(true),
        Action::ClearFilter => {
            // Esc takes the messages first: they lie over the list.
            if !app.toasts.dismiss(app.now) {
                app.servers.clear_filter(snapshot);
            }
        }
        Action::Accept => app.servers.type_filter(false),
        Action::Dismiss => app.servers.dismiss_filter(snapshot),
        Action::Sort => {
            app.servers.sort = app.servers.sort.next();
            app.servers.refresh(snapshot);
        }
        Action::ReverseSort => {
            app.servers.reversed = !app.servers.reversed;
            app.servers.refresh(snapshot);
        }
        Action::Send | Action::Leave | Action::Type | Action::Older | Action::Newer => {
            return command_line(app, snapshot, action);
        }
        Action::ClearLog => app.console.log.clear(&app.console.ring),
        Action::ShowJob => {
            if let Some(job) = app.jobs.current(snapshot) {
                let title = format!("Job {}", job.id.short());
                app.overlays.push(Overlay::Message(Message::new(title, jobs::describe(job))));
            }
        }
        Action::CancelJob => {
            return app.jobs.current(snapshot).map(|job| order(Order::Cancel(job.id))).into_iter().collect();
        }
        action if movement::is_movement(action) => movement::go(app, snapshot, action),
        action => return on_server(app, snapshot, action),
    }
    Vec::new()
}

fn command_line(app: &mut App, snapshot: &Snapshot, action: Action) -> Vec<Effect> {
    let console = &mut app.console;
    match action {
        Action::Leave => console.type_command(false),
        Action::Type => {
            console.type_command(true);
            console.log.to_bottom();
        }
        Action::Older => {
            let typed = console.line.text().to_owned();
            if let Some(command) = console.history.older(&typed) {
                let command = command.to_owned();
                console.line.set(&command);
            }
        }
        Action::Newer => {
            if let Some(command) = console.history.newer() {
                console.line.set(&command);
            }
        }
        _ => {
            let line = console.line.text().trim().to_owned();
            let Some(server) = app.selected(snapshot).map(|server| server.id()).filter(|_| !line.is_empty())
            else {
                return Vec::new();
            };
            app.console.line.set("");
            app.console.history.push(&line);
            app.console.log.to_bottom();
            let order = Order::Console { server, line, reply: false };
            return vec![Effect::Order(Asked::Console(server), order)];
        }
    }
    Vec::new()
}

fn order(order: Order) -> Effect {
    Effect::Order(Asked::Other, order)
}

fn on_server(app: &mut App, snapshot: &Snapshot, action: Action) -> Vec<Effect> {
    let Some(server) = app.selected(snapshot) else { return Vec::new() };
    let id = server.id();
    let players = server.players.as_ref().map_or(0, |players| players.online);
    let overlay = match action {
        Action::Start => return vec![order(Order::Start(id))],
        Action::Stop if players == 0 => return vec![order(Order::Stop(id))],
        Action::Restart if players == 0 => return vec![order(Order::Restart(id))],
        Action::Adopt => return vec![order(Order::Adopt(id))],
        Action::Edit => Overlay::Form(Box::new(Form::edit(server, snapshot))),
        Action::Rename => Overlay::Form(Box::new(Form::rename(server, snapshot))),
        Action::Clone => Overlay::Form(Box::new(Form::copy(server, snapshot))),
        Action::Stop
        | Action::Restart
        | Action::Kill
        | Action::Delete
        | Action::DeleteData
        | Action::Forget => Overlay::Confirm(question(action, server, players)),
        _ => return Vec::new(),
    };
    app.overlays.push(overlay);
    Vec::new()
}

/// What is asked before something is done that can lose something, or throw players out.
fn question(action: Action, server: &Server, players: u32) -> Confirm {
    let (id, name) = (server.id(), server.name());
    let mut lines = Vec::new();
    match players {
        0 => {}
        1 => lines.push("1 player is on it.".to_owned()),
        n => lines.push(format!("{n} players are on it.")),
    }
    let data = server.about.data.as_deref().unwrap_or("its data");
    let (title, text, verb, order_) = match action {
        Action::Stop => {
            (format!("Stop {name}?"), "Its world is saved first.".to_owned(), "stop it", Order::Stop(id))
        }
        Action::Restart => (
            format!("Restart {name}?"),
            "Its world is saved first.".to_owned(),
            "restart it",
            Order::Restart(id),
        ),
        Action::Kill => (
            format!("Kill {name}?"),
            "It ends at once. What it has not saved is lost. Stopping it would save its world.".to_owned(),
            "kill it",
            Order::Kill(id),
        ),
        Action::Forget => (
            format!("Forget {name}?"),
            format!("Its container is gone already. Its world ({data}) is kept."),
            "forget it",
            Order::Forget(id),
        ),
        Action::DeleteData => (
            format!("Delete {name} and its world?"),
            format!("Its container and its world ({data}) are removed. This cannot be undone."),
            "delete both",
            Order::Delete { server: id, data: true, confirm: Some(name.to_owned()) },
        ),
        _ => (
            format!("Delete {name}?"),
            format!("Its container is removed. Its world ({data}) is kept."),
            "delete it",
            Order::Delete { server: id, data: false, confirm: None },
        ),
    };
    lines.push(text);
    let confirm = Confirm::new(title, lines, verb, vec![order(order_)]);
    if action == Action::DeleteData { confirm.with_name(name) } else { confirm }
}
