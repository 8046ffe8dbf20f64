//! Changes a server: its container is made anew beside the old one, on the same data, and takes its place.

use std::time::Duration;

use super::{halt, lifecycle, make};
use crate::{
    engine::jobs::Context,
    model::{Fault, Spec, State},
    store::ServerRecord,
};

/// Where a half-done edit stands; written durably before each step, read by [`super::mend`].
pub mod stage {
    /// The old container is moved aside; the new one may exist.
    pub const ASIDE: &str = "aside";
    /// The new container has taken the old one's place.
    pub const SWAPPED: &str = "swapped";
}

/// What the old container is called while the new one is made.
pub fn aside_name(context: &Context, name: &str) -> String {
    let short = context.server.short();
    format!("{}-old-{}", name.chars().take(40).collect::<String>(), &short[short.len().saturating_sub(6)..])
}

/// Makes the server what `spec` says. When anything goes wrong the old container is back as it was, running if it
/// ran. The data is never touched.
///
/// # Errors
/// Docker's and the database's; that it was cancelled.
pub async fn run(
    context: &Context,
    record: ServerRecord,
    spec: Spec,
    grace: Duration,
    running: bool,
) -> Result<(), Fault> {
    let Some(old) = record.container_id.clone() else {
        // Nothing runs and nothing can be replaced: only what is remembered changes.
        return context.save(ServerRecord { spec, ..record }).await;
    };
    let Some(volume) = record.data.clone() else {
        return Err(Fault::invalid("volume", "the server has no volume that a new container could use"));
    };
    make::image(context, &spec).await?;
    context.check_cancel()?;
    context.cancellable(false).await?;

    let aside = aside_name(context, &record.container_name);
    let ran = if running { "yes" } else { "no" };
    let notes = [("old", old.as_str()), ("name", record.container_name.as_str()), ("ran", ran)];
    context.stage(stage::ASIDE, &notes).await?;
    let mut new = None;
    let result = swap(context, &record, spec, &old, &aside, &volume, grace, running, &mut new).await;
    let Err(fault) = result else { return context.settled().await };

    context.step("going back to the old container");
    match back(context, &record, &old, new.as_deref(), running).await {
        Ok(()) => {
            context.settled().await?;
            Err(fault)
        }
        Err(undo) => Err(make::half_made(fault, &undo)),
    }
}

#[allow(clippy::too_many_arguments)]
async fn swap(
    context: &Context,
    record: &ServerRecord,
    spec: Spec,
    old: &str,
    aside: &str,
    volume: &str,
    grace: Duration,
    running: bool,
    new: &mut Option<String>,
) -> Result<(), Fault> {
    let docker = &context.docker;
    if running {
        halt::step(context, old, grace).await.map_err(|error| error.fault())?;
    }
    context.phase(Some(State::Creating)).await?;
    context.step("creating the new container");
    docker.rename(old, aside).await.map_err(|error| error.fault())?;
    let mut changed = ServerRecord { spec, ..record.clone() };
    let id = make::container(context, &changed, &record.container_name, volume).await?;
    *new = Some(id.clone());
    if running {
        context.step("starting");
        docker.start(&id).await.map_err(|error| error.fault())?;
    }
    changed.container_id = Some(id.clone());
    changed.image = super::image::choose(&changed.spec);
    changed.looping = None;
    let notes = [("old", old), ("new", id.as_str())];
    context.stage(stage::SWAPPED, &notes).await?;
    context.save(changed).await?;
    // From here on the new one is the server's. An old one that cannot be removed now is removed when it can be.
    context.look(&id).await?;
    context.phase(None).await?;
    lifecycle::remove(docker, old).await.map_err(|error| error.fault()).or_else(|fault| {
        tracing::warn!(%fault, "the old container is still there");
        Ok(())
    })
}

async fn back(
    context: &Context,
    record: &ServerRecord,
    old: &str,
    new: Option<&str>,
    running: bool,
) -> Result<(), Fault> {
    let docker = &context.docker;
    if let Some(new) = new {
        lifecycle::remove(docker, new).await.map_err(|error| error.fault())?;
    }
    if docker.inspect(old).await.map_err(|error| error.fault())?.name != record.container_name {
        docker.rename(old, &record.container_name).await.map_err(|error| error.fault())?;
    }
    context.save(record.clone()).await?;
    if running {
        docker.start(old).await.map_err(|error| error.fault())?;
    }
    context.look(old).await?;
    context.phase(None).await
}
