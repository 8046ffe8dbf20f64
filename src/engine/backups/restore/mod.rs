//! Restores a backup into a server that is there: staged beside its data, put in place by renames, kept only after it was
//! seen to work. Whatever goes wrong, and wherever the program ends, the old data is back as it was.

pub mod helper;
pub mod mend;
mod plan;
pub mod script;
#[cfg(test)]
mod script_tests;
mod stage;
#[cfg(test)]
mod tests;
mod units;

use std::{path::PathBuf, sync::Arc, time::Duration};

use helper::{Failure, Helper, Source};
use script::{Ground, Verb};
use units::Units;

pub use plan::{Known, plan};
pub use stage::counted;

use super::ready;
use crate::{
    archive::{self, Manifest, Meter, Selection},
    engine::{jobs::Context, servers::lifecycle},
    model::{BackupId, Fault, FaultKind, Progress, backup::Scope, job::Unit},
};

/// How far a restore is; written durably before each step, read by [`mend`].
pub mod at {
    /// The server is being stopped; its data is as it was.
    pub const STOPPING: &str = "stopping";
    /// Files are brought beside the data.
    pub const STAGING: &str = "staging";
    /// Old and new are changing places.
    pub const SWAPPING: &str = "swapping";
    /// The new is in its place, and the server is being started on it.
    pub const TRIAL: &str = "trial";
    /// It works: the old is being removed.
    pub const KEPT: &str = "kept";
}

/// What a file takes on a disk beside its content, at the most.
const BLOCK: u64 = 4096;
/// How often the progress of reading an archive is shown.
const GLANCE: Duration = Duration::from_millis(250);

/// What is restored, and into which server.
pub struct Work {
    /// The backup.
    pub backup: BackupId,
    /// Its archive.
    pub archive: PathBuf,
    /// How much of it.
    pub scope: Scope,
    /// The server's container.
    pub container: String,
    /// How long its stop may take.
    pub grace: Duration,
}

/// What came of reading the backup: all that is needed to unpack it.
pub struct Checked {
    /// Its archive.
    pub archive: PathBuf,
    /// What it holds.
    pub manifest: Arc<Manifest>,
    /// What of it is meant.
    pub selection: Selection,
}

/// Reads the whole archive, compares it with its manifest, and finds what a scope means in it.
///
/// # Errors
/// The archive's, or that the job was cancelled.
pub async fn check(context: &Context, archive: PathBuf, scope: &Scope) -> Result<Checked, Fault> {
    let meter = Meter::new();
    let total = std::fs::metadata(&archive).map(|meta| meta.len()).ok();
    let read = async {
        let mut verify = std::pin::pin!(archive::verify(&archive, &meter));
        loop {
            if let Ok(verified) = tokio::time::timeout(GLANCE, &mut verify).await {
                return verified.map_err(|error| error.fault());
            }
            let step = "verifying the backup".to_owned();
            context.progress(Progress { step, done: meter.read_back(), total, unit: Unit::Bytes });
        }
    };
    context.step("verifying the backup");
    let manifest =
        context.cancel.run_until_cancelled(read).await.unwrap_or_else(|| Err(super::cancelled()))?;
    let selection = archive::select(&archive, &manifest, scope).await.map_err(|error| error.fault())?;
    Ok(Checked { archive, manifest: Arc::new(manifest), selection })
}

/// Restores into a server that is there. `safety` makes the safety backup, when all else was found to be well.
///
/// # Errors
/// Whatever stood in the way; the server and its data are then as they were, running if it ran.
pub async fn run(
    context: &Context,
    work: Work,
    safety: impl Future<Output = Result<(), Fault>>,
) -> Result<(), Fault> {
    let docker = &context.docker;
    let checked = check(context, work.archive.clone(), &work.scope).await?;
    let units = Units::of(&checked.manifest, &checked.selection, &work.scope);
    let detail = docker.inspect(&work.container).await.map_err(|error| error.fault())?;
    let source = Source::of(&detail)?;
    context.step("looking at the server's data");
    let helper = Helper::begin(docker, context.engine, context.job, &detail.name, &source)
        .await
        .map_err(|error| no_helper(&error))?;
    let prepared = async {
        let ground = helper.ground().await.map_err(|failure| failure.fault())?;
        room(&checked, ground)?;
        context.check_cancel()?;
        safety.await?;
        context.check_cancel()?;
        Ok(ground)
    };
    let ground = match prepared.await {
        Ok(ground) => ground,
        Err(fault) => {
            // Should this fail too, the next start looks for what is left.
            let _ = helper.end().await;
            return Err(fault);
        }
    };
    let running = docker.inspect(&work.container).await.map_err(|error| error.fault())?.phase.is_alive();
    let journal = Journal { context, work: &work, source: &source, name: &detail.name, running };
    let done = forward(&journal, &helper, &checked, &units, ground).await;
    let ended = helper.end().await;
    let Err(fault) = done else {
        if let Err(error) = ended {
            tracing::warn!(%error, "the container that restored is still there; it is removed at the next start");
        }
        return context.settled().await;
    };
    let back = match ended {
        Ok(()) => journal.back().await,
        Err(error) => Err(error.fault()),
    };
    match back {
        Ok(()) => {
            context.settled().await?;
            Err(as_before(fault))
        }
        Err(undo) => Err(not_back(fault, &undo)),
    }
}

/// What is noted durably of a restore, and the way back.
struct Journal<'a> {
    context: &'a Context,
    work: &'a Work,
    source: &'a Source,
    /// The container's.
    name: &'a str,
    running: bool,
}

impl Journal<'_> {
    async fn at(&self, stage: &str) -> Result<(), Fault> {
        let backup = self.work.backup.to_string();
        let ran = if self.running { "yes" } else { "no" };
        let mut notes = vec![
            ("container", self.work.container.as_str()),
            ("name", self.name),
            ("ran", ran),
            ("backup", &backup),
        ];
        notes.extend(self.source.notes());
        self.context.stage(stage, &notes).await
    }

    /// Everything as it was before.
    async fn back(&self) -> Result<(), Fault> {
        let context = self.context;
        context.cancellable(false).await?;
        context.step("putting everything back as it was");
        let docker = &context.docker;
        let job = mend::Left {
            job: context.job,
            container: &self.work.container,
            name: self.name,
            source: self.source,
            ran: self.running,
        };
        job.undo(docker, context.engine).await.map_err(|failure| failure.fault())?;
        context.look(&self.work.container).await?;
        context.phase(None).await
    }
}

async fn forward(
    journal: &Journal<'_>,
    helper: &Helper,
    checked: &Checked,
    units: &Units,
    ground: Ground,
) -> Result<(), Fault> {
    let (context, work) = (journal.context, journal.work);
    let docker = &context.docker;
    let did = |failure: Failure| failure.fault();
    journal.at(at::STOPPING).await?;
    if journal.running {
        context.step("stopping: the world is being saved");
        lifecycle::halt(docker, &work.container, work.grace).await.map_err(|error| error.fault())?;
        context.look(&work.container).await?;
    }
    context.check_cancel()?;
    journal.at(at::STAGING).await?;
    context.step("unpacking the backup beside the data");
    helper.run(Verb::Prepare).await.map_err(did)?;
    let Checked { archive, manifest, selection } = checked;
    stage::stage(context, helper, archive, manifest, selection, units, ground).await?;
    context.check_cancel()?;
    context.step("taking over what the backup does not hold");
    helper.run(Verb::Ready).await.map_err(did)?;

    context.cancellable(false).await?;
    context.check_cancel()?;
    journal.at(at::SWAPPING).await?;
    context.step("putting the restored data in its place");
    let told = helper.run(Verb::Swap).await.map_err(did)?;
    let took = script::moved(&told).unwrap_or_default();
    tracing::info!(server = %context.server, milliseconds = took, "old and new data changed places");
    if journal.running {
        journal.at(at::TRIAL).await?;
        context.step(format!("starting on the restored data, which took its place in {took} ms"));
        docker.start(&work.container).await.map_err(|error| error.fault())?;
        context.look(&work.container).await?;
        context.step("waiting until the server is ready");
        // When this program is ended now, the next one sees whether the server came up.
        match context.cancel.run_until_cancelled(ready::ready(docker, &work.container)).await {
            Some(Ok(())) => {}
            Some(Err(why)) => return Err(why.fault()),
            None => return Err(super::cancelled()),
        }
    }
    journal.at(at::KEPT).await?;
    context.step("removing what was there before");
    // What cannot be removed now is removed at the next start: the record says so.
    if let Err(failure) = helper.run(Verb::Drop).await {
        tracing::warn!(?failure, "what was there before a restore could not be removed yet");
    }
    Ok(())
}

/// There must be room for what is unpacked before anything is stopped.
fn room(checked: &Checked, ground: Ground) -> Result<(), Fault> {
    let files = checked.selection.files.len() as u64;
    let needed = checked.selection.bytes(&checked.manifest) + files * BLOCK;
    if ground.free == 0 || ground.free >= needed {
        return Ok(());
    }
    let mib = |bytes: u64| bytes.div_ceil(1 << 20);
    Err(Fault::new(
        FaultKind::Failed,
        format!(
            "The disk of the server's data has {} MiB free; the restored files need {} MiB beside the old ones.",
            mib(ground.free),
            mib(needed)
        ),
        "Nothing was changed: the old data is kept until the restored one was seen to work.",
        "Free space on the Docker host, or restore a part of the backup.",
    ))
}

fn no_helper(error: &crate::docker::Error) -> Fault {
    Fault {
        means: "Nothing was changed: the container that would put the files in place could not be started."
            .into(),
        ..error.fault()
    }
}

/// A fault of a restore that was undone.
fn as_before(mut fault: Fault) -> Fault {
    fault.means = "The server and its data are as they were before the restore.".into();
    fault
}

/// A fault of a restore that could not be undone yet.
fn not_back(mut fault: Fault, undo: &Fault) -> Fault {
    if fault.kind == FaultKind::Cancelled {
        fault.kind = FaultKind::Failed;
    }
    fault.means = "The old data is kept, but could not be put back yet: do not start the server.".into();
    fault.next =
        "It is put back as soon as Docker answers, at the next start of mineclifford at the latest.".into();
    fault.chain.push(undo.what.clone());
    fault
}
