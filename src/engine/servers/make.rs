//! What making a container takes: its image, its volume, the container itself, its secret; and undoing it.

use futures_util::StreamExt;

use super::{image, labels, lifecycle, plan, secret};
use crate::{
    docker::Error,
    engine::jobs::Context,
    model::{Fault, FaultKind, Progress, Spec},
    store::ServerRecord,
};

/// Sees to it that the image is there, pulling it with progress where it is not.
///
/// # Errors
/// Docker's, or that the job was cancelled.
pub async fn image(context: &Context, spec: &Spec) -> Result<(), Fault> {
    let reference = image::choose(spec);
    context.step(format!("looking for the image {reference}"));
    if context.unless_cancelled(context.docker.image(&reference)).await?.is_some() {
        return Ok(());
    }
    let pull = async {
        let mut pull = std::pin::pin!(context.docker.pull(&reference));
        while let Some(progress) = pull.next().await {
            let progress = progress?;
            let layers = format!("{} of {} layers", progress.layers_done, progress.layers.max(1));
            context.progress(Progress::bytes(
                format!("pulling {reference}, {layers}"),
                progress.done,
                progress.total,
            ));
        }
        Ok::<_, Error>(())
    };
    context.unless_cancelled(pull).await
}

/// The volume for a server's data: the one that its spec names, or a new one. Returns its name and whether it is new.
///
/// # Errors
/// Docker's; that the named volume does not exist.
pub async fn volume(context: &Context, spec: &Spec) -> Result<(String, bool), Fault> {
    if let Some(name) = &spec.volume {
        let there = context.unless_cancelled(context.docker.volume(name)).await?;
        return match there {
            Some(volume) => Ok((volume.name, false)),
            None => Err(Fault::invalid("volume", format!("there is no volume called {name} on this host"))),
        };
    }
    let name = new_volume_name(context, spec);
    context.stage("volume", &[("new_volume", &name)]).await?;
    let labels = labels::volume(context.server, context.engine);
    context.docker.volume_create(&name, &labels).await.map_err(|error| error.fault())?;
    Ok((name, true))
}

fn new_volume_name(context: &Context, spec: &Spec) -> String {
    format!("mineclifford-{}-{}", spec.name, context.server.short())
}

/// Makes a server's container under `name`, with its secret in it, not started. A container that is only half made
/// is removed again.
///
/// # Errors
/// Docker's.
pub async fn container(
    context: &Context,
    record: &ServerRecord,
    name: &str,
    volume: &str,
) -> Result<String, Fault> {
    let docker = &context.docker;
    let plan = plan::container(record.id, context.engine, &record.spec, name, volume);
    let id = docker.create(&plan).await.map_err(|error| error.fault())?;
    if let Some(password) = &record.rcon_password {
        let number = |name: &str| record.spec.env.get(name).and_then(|text| text.parse().ok());
        if let Err(error) = secret::put(docker, &id, password, number("UID"), number("GID")).await {
            // What was made is taken away; should that fail too, the first error is the one to tell, and the job's
            // record makes the next start look again.
            let _ = docker.remove(&id, true).await;
            return Err(error.fault());
        }
    }
    Ok(id)
}

/// Takes away what a making left: the containers, then the volume when it was new.
///
/// # Errors
/// Docker's: then something may be left, and is mended when the host is back.
pub async fn undo(context: &Context, containers: &[&str], new_volume: Option<&str>) -> Result<(), Fault> {
    for container in containers {
        lifecycle::remove(&context.docker, container).await.map_err(|error| error.fault())?;
    }
    if let Some(volume) = new_volume {
        match context.docker.volume_remove(volume).await {
            Ok(()) => {}
            Err(error) if error.is_gone() => {}
            Err(error) => return Err(error.fault()),
        }
    }
    Ok(())
}

/// A fault that also says that undoing did not work.
pub fn half_made(fault: Fault, undo: &Fault) -> Fault {
    let mut fault = fault;
    fault.means =
        "What was made could not be removed yet; it is listed, and removed as soon as Docker answers.".into();
    fault.chain.push(undo.what.clone());
    if fault.kind == FaultKind::Cancelled {
        fault.kind = FaultKind::Failed;
    }
    fault
}
