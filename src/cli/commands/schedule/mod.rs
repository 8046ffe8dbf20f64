//! `schedule …`

mod change;
mod list;
mod view;

use std::sync::Arc;

use super::meant;
use crate::{
    cli::{args::ScheduleCommand, exit::Outcome, io::Io},
    engine::Handle,
    model::{Fault, Schedule, ScheduleId, Snapshot},
};

/// Does what is asked for.
///
/// # Errors
/// Whatever stands against it.
pub async fn run(handle: &Handle, io: &mut Io, command: &ScheduleCommand) -> Outcome {
    // The first word of the engine holds all schedules; they need no Docker.
    io.interrupt.guard(handle.wait(|world| (world.sequence > 0).then_some(()))).await?;
    match command {
        ScheduleCommand::List => list::list(handle, io),
        ScheduleCommand::Next(args) => list::next(handle, io, args),
        ScheduleCommand::Add(args) => change::add(handle, io, args).await,
        ScheduleCommand::Edit(args) => change::edit(handle, io, args).await,
        ScheduleCommand::Run(args) => change::run(handle, io, args).await,
        ScheduleCommand::Pause(args) => change::rest(handle, io, args, true).await,
        ScheduleCommand::Resume(args) => change::rest(handle, io, args, false).await,
        ScheduleCommand::Delete(args) => change::delete(handle, io, args).await,
    }
}

/// The schedule that a person means: by name, by id, or by the beginning or end (six digits or more) of its id.
///
/// # Errors
/// Those of [`meant::one`].
fn find<'a>(world: &'a Snapshot, text: &str) -> Result<&'a Arc<Schedule>, Fault> {
    let named = |one: &Schedule| one.plan.name.to_lowercase() == text.to_lowercase();
    meant::one(&world.schedules, "schedule", text, named, |one| one.id.to_string())
}

/// Waits until the snapshot holds a schedule.
async fn shown(handle: &Handle, id: ScheduleId) -> Result<Arc<Schedule>, Fault> {
    handle.wait(|world| world.schedules.iter().find(|one| one.id == id).cloned()).await
}
