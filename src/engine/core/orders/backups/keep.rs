//! Backups that are there: read again, locked, removed.

use std::path::Path;

use crate::{
    engine::{
        backups::{book::Change, keep},
        core::{
            Core,
            orders::{busy, no_server},
        },
    },
    model::{Answer, BackupId, Fault, FaultKind, JobKind, Origin, ServerId},
};

impl Core {
    pub(super) fn verify_backup(&mut self, origin: Origin, id: BackupId) -> Result<Answer, Fault> {
        let backup = self.book.find(id)?.clone();
        let server = (backup.server, backup.server_name.clone());
        let answer = self.begin_apart(JobKind::Verify, server, origin, |desk| async move {
            keep::verify(&desk, backup.id, Path::new(&backup.path), "reading it back").await.map(drop)
        });
        self.uses(&answer, id);
        Ok(answer)
    }

    pub(super) fn lock_backup(&mut self, id: BackupId, locked: bool) -> Result<Answer, Fault> {
        let backup = self.book.find(id)?.clone();
        if backup.locked == locked {
            return Ok(Answer::Done);
        }
        self.backup_changed(id, Change::Locked(locked), None);
        self.ways.tasks.spawn(keep::note_lock(backup, locked));
        Ok(Answer::Done)
    }

    pub(super) fn delete_backup(&mut self, origin: Origin, id: BackupId) -> Result<Answer, Fault> {
        let backup = self.book.find(id)?.clone();
        if backup.locked {
            return Err(Fault::new(
                FaultKind::Conflict,
                "The backup is locked.",
                "It was not removed.",
                "Unlock it first (`mineclifford backup unlock`), if it is really not needed any more.",
            ));
        }
        if self.book.is_used(id) {
            return Err(busy("a job that reads this backup"));
        }
        let server = (backup.server, backup.server_name.clone());
        let answer = self.begin_apart(JobKind::Prune, server, origin, |desk| async move {
            keep::delete(&desk, &backup).await
        });
        self.uses(&answer, id);
        Ok(answer)
    }

    pub(super) fn prune(&mut self, origin: Origin, id: ServerId) -> Result<Answer, Fault> {
        // The server itself may be gone: its backups are not.
        let verdicts = self.verdicts(id);
        let name = match (self.entries.get(&id), verdicts.first()) {
            (Some(entry), _) => entry.name().to_owned(),
            (None, Some((backup, _))) => backup.server_name.clone(),
            (None, None) => return Err(no_server()),
        };
        if verdicts.iter().all(|(_, verdict)| verdict.is_kept()) {
            return Ok(Answer::Done);
        }
        Ok(self.begin_apart(JobKind::Prune, (id, name), origin, |desk| async move {
            keep::prune(&desk).await.map(drop)
        }))
    }

    /// The job that was begun works on a backup, which is not removed before it ends.
    pub(super) fn uses(&mut self, begun: &Answer, backup: BackupId) {
        if let Answer::Started { job, .. } = begun {
            self.book.begin_use(*job, backup);
        }
    }
}
