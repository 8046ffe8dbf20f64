//! Makes a backup: the server holds still, its data folder is copied as one stream, what changed meanwhile is read again,
//! the server is let go, and only then the archive is ended, read back and given its name.

mod copy;
pub mod saving;
mod still;
mod torn;
mod voice;

use std::{path::PathBuf, sync::Arc};

use jiff::Timestamp;
use secrecy::SecretString;

use super::{book::Change, cancelled, keep, settings::Tuning, shelf};
use crate::{
    archive::{self, About, Filter, Manifest, Meter, Packer, Plan, STANDARD, place},
    docker::Detail,
    engine::jobs::Context,
    model::{
        Backup, BackupId, BackupWish, Fault, FaultKind, Patterns, Progress, Severity, Spec,
        backup::{BackupKind, Place, Reason, Stillness},
    },
    store::SavingOff,
};

/// How far a backup is; written durably, so that the next start can tell that it was interrupted.
const COPYING: &str = "copying";
/// Backups of one server that may begin within the same second.
const ATTEMPTS: u32 = 100;

/// What is backed up, and how.
#[derive(Clone)]
pub struct Work {
    /// The server's container.
    pub container: String,
    /// What the server should be.
    pub spec: Spec,
    /// Its Minecraft version, where it is known.
    pub version: Option<String>,
    /// Its RCON password, where it is known.
    pub password: Option<SecretString>,
    /// Whether addresses of its host's containers lead somewhere from here.
    pub here: bool,
    /// Whether it is still loading its world, so that it answers nobody yet.
    pub loading: bool,
    /// That an earlier backup has left its saving off.
    pub left_off: Option<SavingOff>,
    /// What is left out, and what is taken all the same.
    pub patterns: Patterns,
    /// Why it is made.
    pub reason: Reason,
    /// What a person wishes for it.
    pub wish: BackupWish,
    /// Where archives lie.
    pub folder: PathBuf,
    /// How they are made.
    pub tuning: Tuning,
    /// The last good backup of the server, which tells about how large this one will be.
    pub last: Option<Arc<Backup>>,
}

impl Work {
    /// Patterns of all that is left out.
    fn exclude(&self) -> Vec<String> {
        let standard = STANDARD.iter().map(|pattern| (*pattern).to_owned());
        standard.chain(self.patterns.exclude.iter().cloned()).collect()
    }
}

/// Makes a backup as a job of its own; its id is the job's.
///
/// # Errors
/// Whatever stood in the way. No archive is there then, and the server's saving is on again or will be soon.
pub async fn job(context: &Context, work: Work) -> Result<(), Fault> {
    context.stage(COPYING, &[("container", &work.container)]).await?;
    let made = Box::pin(run(context, BackupId(context.job.0), work)).await;
    context.settled().await?;
    made.map(drop)
}

/// Makes a backup, within any job on its server, and removes those that its retention does not keep any more.
///
/// # Errors
/// As [`job`].
pub async fn run(context: &Context, id: BackupId, work: Work) -> Result<Arc<Backup>, Fault> {
    let detail = context.docker.inspect(&work.container).await.map_err(|error| error.fault())?;
    let (created, meter) = (Timestamp::now(), Meter::new());
    let filter = Filter::new(&work.patterns.include, &work.exclude()).map_err(|error| error.fault())?;
    let (packer, path) = begin(&work, created, &meter, &filter).await?;
    let ground = Ground { work: &work, detail: &detail, filter: &filter, meter: &meter, id, created };
    let made = Box::pin(pack(context, packer, &ground)).await?;
    let mut backup = shelf::record(&made, &path).ok_or_else(no_record)?;
    backup.verified_at = Some(Timestamp::now());
    let backup = Arc::new(backup);
    if let Err(fault) = context.backup(id, Change::There(Box::new((*backup).clone()))).await {
        // It is there all the same: the next look at the folder finds it.
        tracing::warn!(%fault, "a new backup could not be noted");
    }
    if backup.torn_files > 0 {
        let text =
            format!("{} files of {} changed each time that they were read.", backup.torn_files, context.name);
        let details = "They are in the backup as they were read last, and marked. `mineclifford backup files` shows them.";
        context.notice(Severity::Warning, text, details).await?;
    }
    keep::tidy(context).await;
    Ok(backup)
}

/// Begins the archive under a name that is free.
async fn begin(
    work: &Work,
    created: Timestamp,
    meter: &Meter,
    filter: &Filter,
) -> Result<(Packer, PathBuf), Fault> {
    let packing = work.wish.packing.unwrap_or(work.tuning.packing);
    let last = work.last.as_ref().filter(|last| last.packing == packing);
    let mut attempt = 1;
    loop {
        let path = work.folder.join(place::name(&work.spec.name, created, packing, attempt));
        let plan = Plan {
            path: path.clone(),
            packing,
            filter: filter.clone(),
            rate: work.tuning.rate,
            leave_free: work.tuning.leave_free,
            expected: last.map_or(0, |last| last.size_bytes),
            threads: work.tuning.threads,
        };
        match Packer::begin(plan, meter.clone()).await {
            Ok(packer) => return Ok((packer, path)),
            Err(archive::Error::Exists { .. }) if attempt < ATTEMPTS => attempt += 1,
            Err(error) => return Err(error.fault()),
        }
    }
}

/// What the work on an archive stands on.
struct Ground<'a> {
    work: &'a Work,
    /// The container as it was before.
    detail: &'a Detail,
    filter: &'a Filter,
    meter: &'a Meter,
    id: BackupId,
    created: Timestamp,
}

/// From the first question to the server to the archive under its name.
async fn pack(context: &Context, mut packer: Packer, ground: &Ground<'_>) -> Result<Manifest, Fault> {
    let Ground { work, detail, filter, meter, id, created } = *ground;
    let settings = still::Settings::read(context, &work.container).await;
    let copied = async {
        let mut hold = Box::pin(still::hold(context, work, detail, &settings)).await?;
        let total = work.last.as_ref().map(|last| last.content_bytes);
        let tell = || {
            let done = meter.kept();
            // How much there is in all is a guess from the last backup: no promise once it proves wrong.
            context.progress(Progress::bytes("copying", done, total.filter(|total| *total >= done)));
        };
        let copy =
            keep::shown(tell, Box::pin(copy::copy(context, &mut packer, &work.container, hold.live, filter)));
        let copied = context.cancel.run_until_cancelled(copy).await.unwrap_or_else(|| Err(cancelled()));
        hold.release(context, work).await;
        let torn = copied?;
        let stillness = stirred(context, detail, &hold).await?;
        Ok::<_, Fault>((torn, stillness, hold.off_ms()))
    };
    let copied = Box::pin(copied).await;
    let (torn, stillness, saving_off_ms) = match copied {
        Ok(copied) => copied,
        Err(fault) => {
            packer.abandon().await;
            return Err(fault);
        }
    };
    let about = About {
        backup: id,
        kind: BackupKind::Full,
        place: Place::Folder,
        server: context.server,
        server_name: work.spec.name.clone(),
        spec: Some(work.spec.clone()),
        version: work.version.clone(),
        level: settings.level,
        reason: work.reason,
        origin: context.origin.clone(),
        label: work.wish.label.clone(),
        locked: work.wish.locked,
        created_at: created,
        saving_off_ms,
        stillness,
        exclude: work.exclude(),
        include: work.patterns.include.clone(),
    };
    let written = meter.written();
    let tell = || {
        context.progress(Progress::bytes(
            "reading it back",
            meter.read_back(),
            Some(meter.written().max(written)),
        ));
    };
    let finish = keep::shown(tell, Box::pin(packer.finish(about, torn)));
    match context.cancel.run_until_cancelled(finish).await {
        Some(made) => made.map_err(|error| error.fault()),
        None => Err(cancelled()),
    }
}

/// How still the server was after all: one that was at rest may have been started or woken while it was copied.
async fn stirred(context: &Context, before: &Detail, hold: &still::Hold) -> Result<Stillness, Fault> {
    if hold.live {
        return Ok(hold.stillness);
    }
    let now = context.docker.inspect(&before.id).await.map_err(|error| error.fault())?;
    let woken = now.phase == crate::docker::Phase::Running
        && !saving::is_asleep(&context.docker, &before.id).await.map_err(|error| error.fault())?;
    if now.started_at == before.started_at && !woken {
        return Ok(hold.stillness);
    }
    let text = format!("{} began to run while it was backed up.", context.name);
    let details = "Files in the backup may be from different moments. Back it up once more.";
    context.notice(Severity::Warning, text, details).await?;
    Ok(Stillness::NotQuiesced)
}

fn no_record() -> Fault {
    Fault::new(
        FaultKind::Failed,
        "The archive was made, but its manifest says nothing of it.",
        "It is not listed as a backup.",
        "Please report this: it should not happen.",
    )
}
