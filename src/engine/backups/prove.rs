//! Boots a backup in a container that is thrown away: that it can be read is one thing, that the game loads it another.

use std::path::PathBuf;

use jiff::Timestamp;

use super::{book::Change, cancelled, ready, restore};
use crate::{
    archive::Owner,
    docker::{Docker, Plan},
    engine::{
        jobs::Context,
        servers::{labels, make, plan, secret},
    },
    model::{
        BackupId, Fault, FaultKind, Spec,
        backup::{Proof, Scope},
        secrecy,
    },
};

/// Seconds that it may take to end when it is thrown away: nothing in it is worth saving.
const STOP_SECONDS: u32 = 1;

/// What is tried.
pub struct Trial {
    /// Which backup.
    pub backup: BackupId,
    /// Its archive.
    pub archive: PathBuf,
    /// What its server is now, where it is still there: for a backup that does not say what it was.
    pub spec: Option<Spec>,
}

/// How a boot went.
enum Boot {
    /// It can be joined.
    Ready,
    /// It cannot: that is the backup's fault.
    Not(Fault),
}

/// Boots a backup and notes what came of it. Nothing of what it makes stays.
///
/// # Errors
/// That the backup cannot be read, or that its server did not become ready, which is noted of it; Docker's, which says
/// nothing of the backup; that the job was cancelled.
pub async fn run(context: &Context, trial: Trial) -> Result<(), Fault> {
    let checked = restore::check(context, trial.backup, trial.archive, &Scope::Everything).await?;
    let spec = spec(checked.manifest.about.spec.clone(), trial.spec)?;
    let short: String = spec.name.chars().take(40).collect();
    let name = format!("{short}-test-{}", context.job.short());
    // Whatever is made from here on is removed by the next start when this one does not come to it.
    context.stage("testing", &[("container", &name)]).await?;
    let booted = boot(context, &checked, &spec, &name).await;
    context.step("throwing the test server away");
    let gone = throw_away(&context.docker, &name).await;
    if let Err(error) = &gone {
        tracing::warn!(%error, "what served a test-restore is removed at the next start");
    } else {
        context.settled().await?;
    }
    let fault = match booted? {
        Boot::Ready => None,
        Boot::Not(fault) => Some(fault),
    };
    let proof = Proof { at: Timestamp::now(), fault: fault.clone().map(Box::new) };
    context.backup(trial.backup, Change::Proven(proof)).await?;
    fault.map_or(Ok(()), Err)
}

async fn boot(context: &Context, checked: &restore::Checked, spec: &Spec, name: &str) -> Result<Boot, Fault> {
    let docker = &context.docker;
    make::image(context, spec).await?;
    context.check_cancel()?;
    context.step("making a server to be thrown away");
    let labels = labels::throwaway(context.job, context.engine);
    docker.volume_create(name, &labels).await.map_err(|error| error.fault())?;
    let plan = Plan {
        labels,
        // The image may have to fetch its game, so it has a network; nobody can reach it from outside.
        ports: Vec::new(),
        stop_timeout_seconds: STOP_SECONDS,
        restart: false,
        ..plan::container(context.server, context.engine, spec, name, name)
    };
    let container = docker.create(&plan).await.map_err(|error| error.fault())?;
    let (uid, gid) = plan::user(&plan.env);
    let password = secret::generate();
    secret::put(docker, &container, &password, Some(uid.into()), Some(gid.into()))
        .await
        .map_err(|error| error.fault())?;
    restore::fill(context, &container, checked, Owner { uid, gid }).await?;
    context.step("booting it");
    context.unless_cancelled(docker.start(&container)).await?;
    match context.cancel.run_until_cancelled(ready::ready(docker, &container)).await {
        None => Err(cancelled()),
        Some(Ok(())) => Ok(Boot::Ready),
        Some(Err(ready::Why::Docker(error))) => Err(error.fault()),
        Some(Err(why)) => Ok(Boot::Not(Fault {
            means: "The backup can be read, but no server came up on it. Nothing else was touched.".into(),
            next: "Test an older backup; read the lines in the details for the cause.".into(),
            ..why.fault()
        })),
    }
}

async fn throw_away(docker: &Docker, name: &str) -> Result<(), crate::docker::Error> {
    docker.remove(name, true).await?;
    match docker.volume_remove(name).await {
        Err(error) if !error.is_gone() => Err(error),
        _ => Ok(()),
    }
}

/// What a backup's server was, as the backup says it, with the secrets that no backup holds from what the server is now.
///
/// # Errors
/// That neither is known.
pub fn spec(then: Option<Spec>, now: Option<Spec>) -> Result<Spec, Fault> {
    let (mut spec, now) = match (then, now) {
        (Some(then), now) => (then, now),
        (None, Some(now)) => (now, None),
        (None, None) => return Err(no_spec()),
    };
    let secrets = now.into_iter().flat_map(|now| now.env).filter(|(name, _)| secrecy::sounds_secret(name));
    secrets.for_each(|(name, value)| _ = spec.env.entry(name).or_insert(value));
    Ok(spec)
}

/// The fault of a backup that does not say what its server was, when that one is gone too.
fn no_spec() -> Fault {
    Fault::new(
        FaultKind::Failed,
        "The backup does not say which settings its server had, and that server is gone.",
        "Nothing was made.",
        "Create a server of the same version and restore into that one (`--to NAME`).",
    )
}
