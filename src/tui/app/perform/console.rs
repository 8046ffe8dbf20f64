//! The console: its command line and its log.

use super::super::{App, Asked, Effect};
use crate::{
    model::{Order, Snapshot},
    tui::{
        action::Action,
        overlays::{Overlay, Recall},
    },
};

/// Does an action of the command line or of the log.
pub fn perform(app: &mut App, snapshot: &Snapshot, action: Action) -> Vec<Effect> {
    let console = &mut app.console;
    match action {
        Action::ClearLog => console.log.clear(&console.ring),
        Action::Leave => console.type_command(false),
        Action::Type => {
            console.type_command(true);
            console.log.to_bottom();
        }
        Action::Recall => {
            let recall = Recall::new(console.history.all());
            app.overlays.push(Overlay::Recall(recall));
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
