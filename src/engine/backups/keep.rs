//! Looks after backups that are there: reads them again, removes them.

use std::{path::Path, sync::Arc, time::Duration};

use jiff::Timestamp;

use super::{book::Change, cancelled};
use crate::{
    archive::{self, Error, Manifest, Meter, place},
    engine::jobs::Desk,
    model::{Backup, BackupId, Fault, Progress, Severity},
};

/// How often the progress is shown.
pub(super) const GLANCE: Duration = Duration::from_millis(250);

/// Reads a backup again as a whole, and notes what came of it; what it holds.
///
/// # Errors
/// That it is damaged or gone; the disk's; that the job was cancelled.
pub async fn verify(desk: &Desk, id: BackupId, path: &Path, step: &'static str) -> Result<Manifest, Fault> {
    let meter = Meter::new();
    let total = tokio::fs::metadata(path).await.map(|meta| meta.len()).ok();
    let tell = || desk.progress(Progress::bytes(step, meter.read_back(), total));
    let read = shown(tell, archive::verify(path, &meter));
    let Some(read) = desk.cancel.run_until_cancelled(read).await else {
        return Err(cancelled());
    };
    let gone = read.is_err() && !tokio::fs::try_exists(path).await.unwrap_or(true);
    let change = match &read {
        Ok(_) => Change::Verified(Timestamp::now()),
        Err(_) if gone => Change::Missing,
        Err(error @ (Error::Damaged { .. } | Error::Refused { .. })) => {
            Change::Damaged(Box::new(error.fault()))
        }
        // The disk could not be read, or a newer program made it: that says nothing of the backup.
        Err(error) => return Err(error.fault()),
    };
    let noted = desk.backup(id, change).await;
    // What is wrong with it matters more than that it could not be noted.
    let manifest = read.map_err(|error| error.fault())?;
    noted.map(|()| manifest)
}

/// Removes a backup: its file, then what is known of it.
///
/// # Errors
/// The disk's, or the database's.
pub async fn delete(desk: &Desk, backup: &Backup) -> Result<(), Fault> {
    let path = backup.path.clone();
    let removed = tokio::task::spawn_blocking(move || place::remove(Path::new(&path))).await;
    removed.unwrap_or(Err(Error::Gone)).map_err(|error| Fault {
        means: "The backup is still there, or a part of it.".into(),
        ..error.fault()
    })?;
    desk.backup(backup.id, Change::Gone).await
}

/// Notes in the manifest, too, whether a backup is locked: so that it is still known when the database is lost.
pub async fn note_lock(backup: Arc<Backup>, locked: bool) {
    let noted = tokio::task::spawn_blocking(move || {
        let path = Path::new(&backup.path);
        let mut manifest = archive::read_manifest(path)?;
        manifest.about.locked = locked;
        archive::replace_manifest(path, &manifest)?;
        // It may have been removed meanwhile: then its manifest goes, too.
        if path.is_file() { Ok(()) } else { place::remove(path) }
    });
    if let Err(error) = noted.await.unwrap_or(Err(Error::Gone)) {
        tracing::warn!(%error, "whether a backup is locked could not be noted in its manifest");
    }
}

/// Removes those backups of the job's server that its retention does not keep; how many.
///
/// # Errors
/// As [`delete`]; those before are gone then.
pub async fn prune(desk: &Desk) -> Result<usize, Fault> {
    let surplus = desk.surplus().await?;
    for backup in &surplus {
        delete(desk, backup).await?;
    }
    Ok(surplus.len())
}

/// The same after a backup was made: that it is there does not depend on it.
pub async fn tidy(desk: &Desk) {
    desk.step("removing old backups");
    if let Err(fault) = prune(desk).await {
        let text = format!("Old backups of {} could not be removed: {}", desk.name, fault.what);
        // An engine that is ending has nobody who hears it.
        let _ = desk.notice(Severity::Warning, text, fault.next).await;
    }
}

/// Does something, and shows again and again how far it is.
pub(super) async fn shown<T>(tell: impl Fn(), work: impl Future<Output = T>) -> T {
    let mut work = std::pin::pin!(work);
    loop {
        tell();
        if let Ok(done) = tokio::time::timeout(GLANCE, &mut work).await {
            tell();
            return done;
        }
    }
}
