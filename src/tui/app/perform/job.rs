//! Jobs.

use super::super::{App, Asked, Effect};
use crate::{
    model::{Order, Snapshot},
    tui::{
        action::Action,
        overlays::{Message, Overlay},
        panels::jobs,
    },
};

/// Shows or cancels the chosen job.
pub fn perform(app: &mut App, snapshot: &Snapshot, action: Action) -> Vec<Effect> {
    let Some(job) = app.jobs.current(snapshot) else { return Vec::new() };
    if action == Action::CancelJob {
        return vec![Effect::Order(Asked::Other, Order::Cancel(job.id))];
    }
    let title = format!("Job {}", job.id.short());
    app.overlays.push(Overlay::Message(Message::new(title, jobs::describe(job, app.settings.units))));
    Vec::new()
}
