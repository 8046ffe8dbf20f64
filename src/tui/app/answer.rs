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
    match (asked, result) {
        (Asked::Create | Asked::Clone, Ok(Answer::Started { server, .. })) => {
            app.servers.select(server, snapshot);
            app.focus = Panel::Console;
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
