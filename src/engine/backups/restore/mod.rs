//! Restores a backup into a server that is there: staged beside its data, put in place by renames, kept only after it was
//! seen to work. Whatever goes wrong, and wherever the program ends, the old data is back as it was.

pub mod helper;
mod keep;
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

use futures_util::stream;
use helper::{Failure, Helper, Source};
use keep::{Gather, Keeper};
use script::{Ground, Verb};
use units::Units;

pub use plan::{Known, plan};
use stage::counted;

use super::ready;
use crate::{
    archive::{self, Manifest, Meter, Owner, Selection},
    docker::Phase,
    engine::{jobs::Context, servers::halt},
    model::{BackupId, Fault, FaultKind, Patterns, backup::Scope},
};

/// How far a restore is; written durably before each step, read by [`mend`].
pub mod at {
    /// Files are brought beside the data, and the safety backup is made; the server goes on.
    pub const STAGING: &str = "staging";
    /// The server is being stopped; its data is as it was.
    pub const STOPPING: &str = "stopping";
    /// Old and new are changing places.
    pub const SWAPPING: &str = "swapping";
    /// The new is in its place, and the server is being started on it.
    pub const TRIAL: &str = "trial";
    /// It works: the old is being removed.
    pub const KEPT: &str = "kept";

    /// Whether it is one of these.
    pub fn is_one(stage: &str) -> bool {
        [STAGING, STOPPING, SWAPPING, TRIAL, KEPT].contains(&stage)
    }
}

/// What a file takes on a disk beside its content, at the most.
const BLOCK: u64 = 4096;

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
    /// What its own backups leave out, and take all the same.
    pub patterns: Patterns,
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

/// Reads the whole archive, compares it with its manifest, and finds what a scope means in it. Of one that is not what was
/// written that is noted.
///
/// # Errors
/// The archive's, or that the job was cancelled.
pub async fn check(
    context: &Context,
    backup: BackupId,
    archive: PathBuf,
    scope: &Scope,
) -> Result<Checked, Fault> {
    let manifest = super::keep::verify(context, backup, &archive, "verifying the backup").await?;
    let selection = archive::select(&archive, &manifest, scope).await.map_err(|error| error.fault())?;
    Ok(Checked { archive, manifest: Arc::new(manifest), selection })
}

/// Restores into a server that is there. `safety` makes the safety backup, when all else was found to be well and the
/// files lie ready: the server is down for the change of places alone, and the safety backup is as new as can be.
///
/// # Errors
/// Whatever stood in the way; the server and its data are then as they were, running if it ran.
pub async fn run(
    context: &Context,
    work: Work,
    safety: impl Future<Output = Result<(), Fault>>,
) -> Result<(), Fault> {
    let docker = &context.docker;
    let checked = Box::pin(check(context, work.backup, work.archive.clone(), &work.scope)).await?;
    let units = Units::of(&checked.manifest, &checked.selection, &work.scope);
    let keeper = Keeper::new(&checked.manifest, &work.patterns)?;
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
        Ok(ground)
    };
    let ground = match prepared.await {
        Ok(prepared) => prepared,
        Err(fault) => {
            // Should this fail too, the next start looks for what is left.
            let _ = helper.end().await;
            return Err(fault);
        }
    };
    let (name, backup) = (detail.name.as_str(), work.backup.to_string());
    let mut journal =
        Journal { context, work: &work, source: &source, name, running: false, backup, stage: at::STAGING };
    let bring = async |journal: &mut Journal<'_>| {
        stage(journal, &helper, &checked, &units, ground).await?;
        safety.await?;
        Box::pin(forward(journal, &helper, (&units, &keeper), ground)).await
    };
    let done = bring(&mut journal).await;
    let ended = helper.end().await;
    let fault = match done {
        Ok(tidy) => {
            if let Err(error) = ended {
                tracing::warn!(%error, "the container that restored is still there; it is removed at the next start");
            }
            return if tidy { context.settled().await } else { journal.leave().await };
        }
        Err(fault) => fault,
    };
    let back = match ended {
        Ok(()) => Box::pin(journal.back()).await,
        Err(error) => Err(error.fault()),
    };
    match back {
        Ok(()) => {
            context.settled().await?;
            Err(as_before(fault))
        }
        Err(undo) => {
            // Should the engine be ending, the next start finds the record.
            let _ = journal.leave().await;
            Err(not_back(fault, &undo))
        }
    }
}

/// Unpacks what was chosen of a backup into a container that was made and not yet started.
///
/// # Errors
/// Docker's, the archive's, or that the job was cancelled.
pub async fn fill(context: &Context, container: &str, checked: &Checked, owner: Owner) -> Result<(), Fault> {
    let Checked { archive, manifest, selection } = checked;
    let docker = &context.docker;
    let put = async {
        let folders = stage::folders(manifest, selection, owner);
        docker.archive_put(container, helper::DATA, stream::iter(folders.map(Ok))).await?;
        let (manifest, selection) = (manifest.clone(), selection.clone());
        let total = selection.bytes(&manifest);
        let tar = archive::unpack(archive, manifest, selection, owner, str::to_owned, &Meter::new());
        let tar = counted(context, "unpacking the backup", total, tar);
        docker.archive_put(container, helper::DATA, tar).await
    };
    context.unless_cancelled(put).await
}

/// What is noted durably of a restore, and the way back.
struct Journal<'a> {
    context: &'a Context,
    work: &'a Work,
    source: &'a Source,
    /// The container's.
    name: &'a str,
    /// Whether the server ran when it was to be stopped.
    running: bool,
    backup: String,
    /// How far it is.
    stage: &'static str,
}

impl Journal<'_> {
    async fn at(&mut self, stage: &'static str) -> Result<(), Fault> {
        self.stage = stage;
        self.context.stage(stage, &self.notes()).await
    }

    /// It could not be undone.
    async fn leave(&self) -> Result<(), Fault> {
        self.context.leave(self.stage, &self.notes()).await
    }

    fn notes(&self) -> Vec<(&str, &str)> {
        let ran = if self.running { "yes" } else { "no" };
        let mut notes = vec![
            ("container", self.work.container.as_str()),
            ("name", self.name),
            ("ran", ran),
            ("backup", self.backup.as_str()),
        ];
        notes.extend(self.source.notes());
        notes
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
            stage: self.stage,
        };
        job.undo(docker, context.engine).await.map_err(|failure| failure.fault())?;
        context.look(&self.work.container).await?;
        context.phase(None).await
    }
}

/// Brings the files beside the data, while the server goes on.
async fn stage(
    journal: &mut Journal<'_>,
    helper: &Helper,
    checked: &Checked,
    units: &Units,
    ground: Ground,
) -> Result<(), Fault> {
    let context = journal.context;
    journal.at(at::STAGING).await?;
    context.step("unpacking the backup beside the data");
    helper.run(Verb::Prepare).await.map_err(|failure| failure.fault())?;
    let Checked { archive, manifest, selection } = checked;
    stage::stage(context, helper, archive, manifest, selection, units, ground).await?;
    context.check_cancel()
}

/// Puts them in the data's place; gives whether what was there before could be removed.
async fn forward(
    journal: &mut Journal<'_>,
    helper: &Helper,
    (units, keeper): (&Units, &Keeper),
    ground: Ground,
) -> Result<bool, Fault> {
    let (context, work) = (journal.context, journal.work);
    let docker = &context.docker;
    let did = |failure: Failure| failure.fault();
    context.check_cancel()?;
    let phase = docker.inspect(&work.container).await.map_err(|error| error.fault())?.phase;
    // One that Docker is about to start again counts as running: it must not come up in the middle of this.
    journal.running = phase.is_alive() || phase == Phase::Restarting;
    journal.at(at::STOPPING).await?;
    if journal.running {
        halt::step(context, &work.container, work.grace).await.map_err(|error| error.fault())?;
        context.look(&work.container).await?;
    }
    context.check_cancel()?;
    context.step("taking over what the backup does not hold");
    let mut gather = Gather::new(units, keeper);
    helper.listed(|entry| gather.take(entry)).await.map_err(did)?;
    let marks = keep::marks(gather.kept(), ground);
    helper.put(stream::iter(marks.map(Ok))).await.map_err(|error| error.fault())?;
    helper.run(Verb::Ready).await.map_err(did)?;

    context.cancellable(false).await?;
    context.check_cancel()?;
    if docker.inspect(&work.container).await.map_err(|error| error.fault())?.phase.is_alive() {
        return Err(started_meanwhile());
    }
    journal.at(at::SWAPPING).await?;
    context.step("putting the restored data in its place");
    let told = helper.run(Verb::Swap).await.map_err(did)?;
    let took = script::moved(&told);
    tracing::info!(server = %context.server, milliseconds = took, "old and new data changed places");
    if journal.running {
        journal.at(at::TRIAL).await?;
        let within = took.map(|took| format!(" in {took} ms")).unwrap_or_default();
        context.step(format!("starting on the restored data, which took its place{within}"));
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
    // What cannot be removed now is removed later: the record says so.
    let dropped = helper.run(Verb::Drop).await;
    if let Err(failure) = &dropped {
        tracing::warn!(?failure, "what was there before a restore could not be removed yet");
    }
    Ok(dropped.is_ok())
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

fn started_meanwhile() -> Fault {
    Fault::new(
        FaultKind::Conflict,
        "Somebody started the server's container while its data was being restored.",
        "",
        "Leave the container alone while a restore is under way, and try again.",
    )
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
