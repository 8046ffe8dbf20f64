//! Removes a server; its data only when that was asked for and confirmed.

use std::time::Duration;

use super::halt;
use crate::{
    engine::jobs::Context,
    model::{Fault, State},
    store::ServerRecord,
};

/// Stops the server in peace, removes its container, then (when `data`) its volume, then forgets it. A failure
/// leaves what was not yet removed, and the server in the list.
///
/// # Errors
/// Docker's and the database's.
pub async fn run(context: &Context, record: &ServerRecord, grace: Duration, data: bool) -> Result<(), Fault> {
    let docker = &context.docker;
    if let Some(container) = &record.container_id {
        context.phase(Some(State::Stopping)).await?;
        match halt::step(context, container, grace).await {
            Ok(()) => {}
            Err(error) if error.is_gone() => {}
            Err(error) => return Err(error.fault()),
        }
        context.step("removing the container");
        docker.remove(container, true).await.map_err(|error| error.fault())?;
    }
    if data && let Some(volume) = &record.data {
        context.step("removing the data");
        match docker.volume_remove(volume).await {
            Ok(()) => {}
            Err(error) if error.is_gone() => {}
            Err(error) => return Err(error.fault()),
        }
    }
    context.forget(record.id).await
}
