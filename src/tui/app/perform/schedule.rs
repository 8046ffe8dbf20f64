//! Schedules.

use super::super::{App, Asked, Effect};
use crate::{
    model::{Order, Snapshot, schedule::Task},
    tui::{
        action::Action,
        overlays::{Confirm, Form, Message, Overlay},
        panels::schedules,
    },
};

/// Does something with the chosen schedule, or with all; or asks first.
pub fn perform(app: &mut App, snapshot: &Snapshot, action: Action) -> Vec<Effect> {
    let order = |order| vec![Effect::Order(Asked::Other, order)];
    match action {
        Action::SpanSchedules => {
            app.schedules.turn_span();
            return Vec::new();
        }
        Action::AddSchedule => {
            let form = Form::schedule(None, snapshot, app.now, &zone(app));
            app.overlays.push(Overlay::Form(Box::new(form)));
            return Vec::new();
        }
        Action::PauseSchedules => return order(Order::PauseSchedules(!snapshot.schedules_paused)),
        _ => {}
    }
    let Some(one) = app.schedules.current(snapshot) else { return Vec::new() };
    let (id, name) = (one.id, &one.plan.name);
    let confirm = match action {
        Action::PauseSchedule => return order(Order::PauseSchedule(id, !one.plan.paused)),
        Action::EditSchedule => {
            let form = Form::schedule(Some(one), snapshot, app.now, &zone(app));
            app.overlays.push(Overlay::Form(Box::new(form)));
            return Vec::new();
        }
        Action::ShowSchedule => {
            let message = Message::new(format!("Schedule {name}"), schedules::describe(one, snapshot));
            app.overlays.push(Overlay::Message(message));
            return Vec::new();
        }
        Action::RunSchedule => {
            let mut lines = vec!["Its next time stays.".to_owned()];
            if matches!(one.plan.task, Task::Restart | Task::Stop) {
                lines.push("Where players are on, they are warned for ten minutes first.".to_owned());
            }
            Confirm::new(format!("Do {name} now?"), lines, "do it", order(Order::RunSchedule(id)))
        }
        _ => {
            let lines = vec!["It is forgotten. What it has done stays.".to_owned()];
            Confirm::new(
                format!("Delete the schedule {name}?"),
                lines,
                "delete it",
                order(Order::DeleteSchedule(id)),
            )
        }
    };
    app.overlays.push(Overlay::Confirm(confirm));
    Vec::new()
}

/// This machine's time zone, by its name.
fn zone(app: &App) -> String {
    let zone = app.settings.zone.as_ref().and_then(|zone| zone.iana_name());
    zone.unwrap_or("UTC").to_owned()
}
