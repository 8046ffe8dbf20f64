//! Starts, stops, restarts and kills.

use std::time::Duration;

use super::halt;
use crate::{
    docker::{Docker, Error, Phase},
    engine::jobs::Context,
    model::{Fault, FaultKind},
};

/// Starts a container, or thaws one that is paused.
///
/// # Errors
/// Docker's; that the port is taken.
pub async fn start(context: &Context, container: &str) -> Result<(), Fault> {
    context.step("starting");
    let detail = context.docker.inspect(container).await.map_err(|error| error.fault())?;
    let started = match detail.phase {
        Phase::Paused => context.docker.unpause(container).await,
        _ => context.docker.start(container).await,
    };
    started.map_err(|error| error.fault())?;
    context.look(container).await
}

/// Stops a container in peace, within its grace.
///
/// # Errors
/// Docker's.
pub async fn stop(context: &Context, container: &str, grace: Duration) -> Result<(), Fault> {
    halt::step(context, container, grace).await.map_err(|error| error.fault())?;
    context.look(container).await
}

/// Stops it in peace and starts it again.
///
/// # Errors
/// Docker's.
pub async fn restart(context: &Context, container: &str, grace: Duration) -> Result<(), Fault> {
    // A program that ends between the two must not leave the server stopped: the next one starts it.
    context.stage("stopping", &[("container", container)]).await?;
    let restarted = match stop(context, container, grace).await {
        Ok(()) => start(context, container).await,
        stopped => stopped,
    };
    context.settled().await?;
    restarted
}

/// Ends a container at once.
///
/// # Errors
/// Docker's; that it did not run.
pub async fn kill(context: &Context, container: &str) -> Result<(), Fault> {
    context.step("killing");
    context.docker.kill(container).await.map_err(|error| match error {
        Error::Conflict { .. } => Fault::new(
            FaultKind::Conflict,
            "The server is not running.",
            "There is nothing to kill.",
            "Start it first, if that is what you want.",
        ),
        error => error.fault(),
    })?;
    context.look(container).await
}

/// Removes a container; when it runs it is stopped in peace first, because its world is loaded.
///
/// # Errors
/// Docker's. One that is gone already is no error.
pub async fn remove(docker: &Docker, container: &str) -> Result<(), Error> {
    let detail = match docker.inspect(container).await {
        Ok(detail) => detail,
        Err(error) if error.is_gone() => return Ok(()),
        Err(error) => return Err(error),
    };
    if detail.phase.is_alive() {
        halt::halt(docker, container, super::plan::grace(&detail.env)).await?;
    }
    docker.remove(container, true).await
}
