//! What is done with servers.

use super::super::{App, Asked, Effect};
use crate::{
    model::{Order, Server, Snapshot},
    tui::{
        action::Action,
        overlays::{Confirm, Form, Overlay},
    },
};

fn order(order: Order) -> Effect {
    Effect::Order(Asked::Other, order)
}

/// Does something with the chosen server, or asks first.
pub fn perform(app: &mut App, snapshot: &Snapshot, action: Action) -> Vec<Effect> {
    if action == Action::Create {
        let form = Form::create(&app.settings.defaults, snapshot);
        app.overlays.push(Overlay::Form(Box::new(form)));
        return Vec::new();
    }
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
