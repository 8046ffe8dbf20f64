//! What the engine said to an order.

use super::{App, Asked, Effect, Panel};
use crate::{
    model::{Answer, Fault, FaultKind, JobState, Snapshot},
    tui::overlays::{Message, Overlay},
};

/// Takes the engine's answer.
pub fn answered(
    app: &mut App,
    snapshot: &Snapshot,
    asked: Asked,
    result: Result<Answer, Fault>,
) -> Vec<Effect> {
    app.touch();
    // A form waits for this answer, and shows what stands against it.
    let form = app
        .overlays
        .iter()
        .rposition(|overlay| matches!(overlay, Overlay::Form(form) if form.asked() == asked));
    if let Some(at) = form {
        match (&result, app.overlays.get_mut(at)) {
            (Err(fault), Some(Overlay::Form(form))) => {
                form.refuse(fault);
                return Vec::new();
            }
            _ => _ = app.overlays.remove(at),
        }
    }
    match (asked, result) {
        (Asked::Create | Asked::Clone, Ok(Answer::Started { server, .. })) => {
            app.servers.select(server, snapshot);
            app.look_at(Panel::Console);
            app.console.type_command(true);
        }
        (_, Ok(_)) => {}
        (_, Err(fault)) => app.toasts.fault(app.now, &fault),
    }
    Vec::new()
}

/// A job ended: one that went wrong is told in full.
pub fn job_ended(app: &mut App, state: &JobState) {
    app.touch();
    if let JobState::Failed(fault) = state
        && fault.kind != FaultKind::Cancelled
    {
        if app.overlays.is_empty() && !fault.next.is_empty() {
            app.overlays.push(Overlay::Message(Message::fault("It did not work", fault)));
        } else {
            app.toasts.fault(app.now, fault);
        }
    }
}
