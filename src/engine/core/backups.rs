//! The book of backups: what became of each, and what the folder shows.

use std::{sync::Arc, time::Duration};

use jiff::{Timestamp, tz::TimeZone};

use super::{Core, writes::Ack};
use crate::{
    archive,
    engine::{
        backups::{
            book::Change,
            library,
            retention::{Verdict, keep},
            shelf,
        },
        fact::{Fact, ShelfFact},
    },
    model::{Backup, BackupId, JobId, ServerId, Severity, backup::Kept},
};

/// How often the folder is looked at: somebody may copy archives into it, or remove some.
const AGAIN: Duration = Duration::from_secs(5 * 60);
/// How long the first look may keep the world from being called settled: the folder may be on a disk far away.
const FIRST: Duration = Duration::from_secs(5);

impl Core {
    /// Looks at the folder, in a task of its own.
    pub(super) fn look_at_shelf(&mut self) {
        let (folder, known) = (self.backups.folder.clone(), self.book.places());
        let told = self.refused.clone();
        let (facts, stop) = (self.ways.facts.clone(), self.ways.stop.clone());
        self.ways.tasks.spawn(async move {
            let mut look = tokio::task::spawn_blocking(move || shelf::look(&folder, &known, &told));
            let seen = match tokio::time::timeout(FIRST, &mut look).await {
                Ok(seen) => seen,
                Err(_) => {
                    let _ = facts.send(Fact::Shelf(ShelfFact::Slow)).await;
                    look.await
                }
            };
            let seen = seen.unwrap_or(Err(archive::Error::Gone)).map_err(|error| error.fault());
            if facts.send(Fact::Shelf(ShelfFact::Seen(seen))).await.is_ok()
                && stop.run_until_cancelled(tokio::time::sleep(AGAIN)).await.is_some()
            {
                let _ = facts.send(Fact::Shelf(ShelfFact::Due)).await;
            }
        });
    }

    /// The folder was looked at, or is to be.
    pub(super) fn shelf(&mut self, fact: ShelfFact) {
        match fact {
            ShelfFact::Due => return self.look_at_shelf(),
            ShelfFact::Slow => {}
            ShelfFact::Seen(Err(fault)) => {
                if !std::mem::replace(&mut self.shelf_failed, true) {
                    let text = format!("The backup folder cannot be looked at: {}", fault.what);
                    self.notice(Severity::Warning, None, text, fault.next);
                }
            }
            ShelfFact::Seen(Ok(mut seen)) => {
                self.shelf_failed = false;
                for (path, why) in seen.refused.drain(..) {
                    let text = format!("{} is not taken in as a backup.", path.display());
                    self.notice(Severity::Warning, None, text, why);
                    self.refused.insert(path);
                }
                for (id, change) in self.book.changes(seen) {
                    self.tell_of_shelf(id, &change);
                    self.backup_changed(id, change, None);
                }
            }
        }
        self.shelf_looked = true;
        self.publisher.soon();
    }

    fn tell_of_shelf(&self, id: BackupId, change: &Change) {
        if let (Change::Missing, Some(backup)) = (change, self.book.get(id)) {
            let text = format!("A backup of {} is gone: {}", backup.server_name, backup.path);
            let next = "Somebody removed it outside of this program. Look at the others; make a new one.";
            self.notice(Severity::Warning, None, text, next);
        }
    }

    /// What the rules keep of a server's backups now.
    pub(super) fn verdicts(&mut self, server: ServerId) -> Vec<(Arc<Backup>, Verdict)> {
        let backups = self.book.of(server);
        let rule = self.backups.tuning.retention;
        let used = |id| self.book.is_used(id);
        let backups_of = backups.iter().map(|backup| &**backup);
        let verdicts = keep(backups_of, &rule, used, Timestamp::now(), &TimeZone::system());
        backups.into_iter().zip(verdicts.into_iter().map(|(_, verdict)| verdict)).collect()
    }

    /// The same for people.
    pub(super) fn kept(&mut self, server: ServerId) -> Vec<Kept> {
        let told = |(backup, verdict): (Arc<Backup>, Verdict)| Kept {
            backup: backup.id,
            kept: verdict.is_kept(),
            why: verdict.words().to_owned(),
        };
        self.verdicts(server).into_iter().map(told).collect()
    }

    /// Passes a question on to whoever looks into backups. One that waits too long already drops it: who asked hears that
    /// there is no answer.
    pub(super) fn look_up(&self, ask: library::Ask) {
        if self.library.try_send(ask).is_err() {
            tracing::warn!("too many questions about files of backups wait already");
        }
    }

    /// Those that no rule keeps, for the job that removes them.
    pub(super) fn surplus(&mut self, job: JobId) -> Vec<Arc<Backup>> {
        let server = self.jobs.iter().rev().find(|known| known.id == job).and_then(|job| job.server);
        let Some(server) = server else { return Vec::new() };
        let gone: Vec<_> = self
            .verdicts(server)
            .into_iter()
            .filter(|(_, verdict)| !verdict.is_kept())
            .map(|(backup, _)| backup)
            .collect();
        gone.iter().for_each(|backup| self.book.begin_use(job, backup.id));
        gone
    }

    /// Something became of a backup; `ack` is told when that is durable.
    pub(super) fn backup_changed(&mut self, id: BackupId, change: Change, ack: Option<Ack>) {
        match self.book.change(id, change) {
            Some(record) => {
                self.publisher.soon();
                self.write_backup(id, record, ack);
            }
            None => {
                if let Some(ack) = ack {
                    let _ = ack.send(Ok(()));
                }
            }
        }
    }
}
