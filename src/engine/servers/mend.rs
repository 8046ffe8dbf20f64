//! Looks after jobs that ended with the program in the middle of them.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::{edit::stage, halt, labels, lifecycle};
use crate::{
    docker::{Docker, Error},
    engine::backups::restore,
    model::JobKind,
    store::JobRecord,
};

/// What became of the server of a job that was mended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// It is as it was before the job, or as the job wanted it.
    Kept,
    /// What the job had made is gone, and with it the server.
    Undone,
}

/// Finishes or undoes one job, and says in words what it did.
///
/// # Errors
/// Docker's: then the job's record stays, and it is tried again when the host is back.
pub async fn mend(docker: &Docker, engine: Uuid, job: &JobRecord) -> Result<(Outcome, String), Error> {
    let note = |name: &str| job.notes.get(name).map(String::as_str).filter(|note| !note.is_empty());
    match job.kind {
        JobKind::Create | JobKind::Clone => mend_create(docker, job).await,
        // One that makes a server from a backup goes the steps of a create.
        JobKind::Restore if !restore::at::is_one(&job.stage) => mend_create(docker, job).await,
        JobKind::Restore => Ok((Outcome::Kept, restore::mend::mend(docker, engine, job).await?)),
        JobKind::Edit => {
            let did = mend_edit(docker, &job.stage, &job.notes).await?;
            Ok((Outcome::Kept, format!("Changing {} was interrupted. {did}", job.server_name)))
        }
        JobKind::Restart => {
            if let Some(container) = note("container") {
                docker.start(container).await?;
            }
            Ok((
                Outcome::Kept,
                format!("Restarting {} was interrupted. It was started again.", job.server_name),
            ))
        }
        JobKind::Backup => Ok((
            Outcome::Kept,
            format!("A backup of {} was interrupted. What was begun of it is removed.", job.server_name),
        )),
        JobKind::TestRestore => Ok((
            Outcome::Kept,
            format!(
                "A test-restore of {} was interrupted. What it had made was removed; it proved nothing.",
                job.server_name
            ),
        )),
        kind => Ok((
            Outcome::Kept,
            format!(
                "A {} of {} was interrupted; the server is as Docker shows it.",
                kind.word(),
                job.server_name
            ),
        )),
    }
}

async fn mend_create(docker: &Docker, job: &JobRecord) -> Result<(Outcome, String), Error> {
    let note = |name: &str| job.notes.get(name).map(String::as_str).filter(|note| !note.is_empty());
    if has_lived(docker, &job.server.to_string()).await? {
        let did = format!("Making {} was interrupted; it had started already.", job.server_name);
        return Ok((Outcome::Kept, did));
    }
    undo_create(docker, job, note("container"), note("new_volume")).await?;
    let did = format!("Making {} was interrupted. What had been made was removed.", job.server_name);
    Ok((Outcome::Undone, did))
}

/// Whether a container of this server was ever started: then there may be a world that somebody played on.
async fn has_lived(docker: &Docker, server: &str) -> Result<bool, Error> {
    for container in docker.list().await? {
        if container.labels.get(labels::SERVER).is_some_and(|label| label == server)
            && docker.inspect(&container.id).await?.started_at.is_some()
        {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn undo_create(
    docker: &Docker,
    job: &JobRecord,
    container: Option<&str>,
    volume: Option<&str>,
) -> Result<(), Error> {
    // A container may have been made whose id was not written down any more: its label tells whose it is.
    let id = job.server.to_string();
    let labelled = docker.list().await?;
    let labelled = labelled.iter().filter(|container| container.labels.get(labels::SERVER) == Some(&id));
    for container in labelled.map(|container| container.id.as_str()).chain(container) {
        lifecycle::remove(docker, container).await?;
    }
    match volume {
        Some(volume) => match docker.volume_remove(volume).await {
            Err(error) if !error.is_gone() => Err(error),
            _ => Ok(()),
        },
        None => Ok(()),
    }
}

async fn mend_edit(
    docker: &Docker,
    at: &str,
    notes: &BTreeMap<String, String>,
) -> Result<&'static str, Error> {
    let note = |name: &str| notes.get(name).map(String::as_str).unwrap_or_default();
    let old = note("old");
    if at == stage::SWAPPED {
        lifecycle::remove(docker, old).await?;
        return Ok("The new container is in its place.");
    }
    let name = note("name");
    let old_detail = docker.inspect(old).await?;
    // Whatever has the old one's name and its label and is not the old one is what the edit had begun to make.
    let server = old_detail.labels.get(labels::SERVER);
    for container in docker.list().await? {
        if container.id != old_detail.id
            && container.name == name
            && container.labels.get(labels::SERVER) == server
        {
            lifecycle::remove(docker, &container.id).await?;
        }
    }
    if old_detail.name != name {
        docker.rename(old, name).await?;
    }
    if note("ran") == "yes" {
        // Where it still runs, Docker is stopping it, as the edit had asked: a start would come too early.
        if old_detail.phase.is_alive() {
            halt::halt(docker, old, super::plan::grace(&old_detail.env)).await?;
        }
        docker.start(old).await?;
    }
    Ok("It is back as it was.")
}
