//! Tokens, and the audit trail.

use super::super::{App, Asked, Effect};
use crate::{
    model::{Order, Snapshot},
    tui::{
        action::Action,
        overlays::{Confirm, Form, Message, Overlay},
        panels::{access, audit},
        safe,
    },
};

/// Does something with the chosen token or line; or asks first.
pub fn perform(app: &mut App, snapshot: &Snapshot, action: Action) -> Vec<Effect> {
    match action {
        Action::CreateToken => app.overlays.push(Overlay::Form(Box::new(Form::token(snapshot, app.now)))),
        Action::ShowAudit => {
            if let Some(entry) = app.audit.current() {
                let message = Message::new("What was done", audit::describe(entry));
                app.overlays.push(Overlay::Message(message));
            }
        }
        action => {
            let Some(token) = app.access.current(snapshot) else { return Vec::new() };
            let overlay = if action == Action::ShowToken {
                Overlay::Message(Message::new("Token", access::describe(token, snapshot, app.now)))
            } else {
                let note = safe::line(&token.plan.note).into_owned();
                let lines =
                    vec!["Whoever holds it is let in no more, and what is open with it is closed.".into()];
                let effects = vec![Effect::Order(Asked::Other, Order::RevokeToken(token.id))];
                Overlay::Confirm(Confirm::new(
                    format!("Revoke the token for {note}?"),
                    lines,
                    "revoke it",
                    effects,
                ))
            };
            app.overlays.push(overlay);
        }
    }
    Vec::new()
}
