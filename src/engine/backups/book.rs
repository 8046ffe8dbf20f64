//! What is known of every backup, and which are being worked on.

use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::Timestamp;

use super::shelf::Seen;
use crate::{
    model::{Backup, BackupId, BackupState, Fault, FaultKind, JobId, ServerId, backup::Proof},
    store::SavingOff,
};

/// What became of a backup.
#[derive(Clone, PartialEq, Debug)]
pub enum Change {
    /// It was made, or found in the folder.
    There(Box<Backup>),
    /// It was read back as a whole.
    Verified(Timestamp),
    /// It was read, and is not what was written.
    Damaged(Box<Fault>),
    /// Its file is gone.
    Missing,
    /// It was booted, and this came of it.
    Proven(Proof),
    /// Whether it is kept from being removed.
    Locked(bool),
    /// It was removed.
    Gone,
}

/// What is known of every backup.
#[derive(Default)]
pub struct Book {
    backups: HashMap<BackupId, Arc<Backup>>,
    /// All of them as the snapshot shows them, as long as nothing changed.
    shown: Option<Vec<Arc<Backup>>>,
    /// Which are being read or removed, by the job that does.
    uses: HashMap<JobId, Vec<BackupId>>,
    /// Servers whose saving is off, or was left off by an earlier run.
    saving_off: HashMap<ServerId, SavingOff>,
}

impl Book {
    /// From what the database remembers.
    pub fn new(backups: Vec<Backup>, saving_off: Vec<SavingOff>) -> Self {
        Self {
            backups: backups.into_iter().map(|backup| (backup.id, Arc::new(backup))).collect(),
            saving_off: saving_off.into_iter().map(|off| (off.server, off)).collect(),
            ..Self::default()
        }
    }

    /// One backup.
    pub fn get(&self, id: BackupId) -> Option<&Arc<Backup>> {
        self.backups.get(&id)
    }

    /// One backup.
    ///
    /// # Errors
    /// [`FaultKind::NotFound`].
    pub fn find(&self, id: BackupId) -> Result<&Arc<Backup>, Fault> {
        self.get(id).ok_or_else(no_backup)
    }

    /// One that can be read.
    ///
    /// # Errors
    /// [`FaultKind::NotFound`]; [`FaultKind::Conflict`] for one that is damaged or missing.
    pub fn usable(&self, id: BackupId) -> Result<&Arc<Backup>, Fault> {
        let backup = self.find(id)?;
        if backup.is_good() {
            return Ok(backup);
        }
        let fault = Fault::new(
            FaultKind::Conflict,
            format!("The backup is {}.", backup.state.word()),
            "It is not used: no world was touched.",
            "Use another one (`mineclifford backup list`).",
        );
        Err(match &backup.state {
            BackupState::Damaged(why) => Fault { chain: vec![why.what.clone()], ..fault },
            _ => fault,
        })
    }

    /// Every backup, newest first.
    pub fn all(&mut self) -> &[Arc<Backup>] {
        self.shown.get_or_insert_with(|| {
            let mut all: Vec<_> = self.backups.values().cloned().collect();
            all.sort_by_key(|backup| std::cmp::Reverse((backup.created_at, backup.id)));
            all
        })
    }

    /// The backups of one server, newest first.
    pub fn of(&mut self, server: ServerId) -> Vec<Arc<Backup>> {
        self.all().iter().filter(|backup| backup.server == server).cloned().collect()
    }

    /// What a scan of the folder needs to know: where each backup is, and whether it was thought to be gone.
    pub fn places(&self) -> HashMap<PathBuf, (BackupId, bool)> {
        let place = |backup: &Arc<Backup>| {
            (PathBuf::from(&backup.path), (backup.id, backup.state == BackupState::Missing))
        };
        self.backups.values().map(place).collect()
    }

    /// Notes what became of a backup; what is to be remembered of it now, where that differs from before. `Some(None)`
    /// is that it is to be forgotten.
    pub fn change(&mut self, id: BackupId, change: Change) -> Option<Option<Arc<Backup>>> {
        if change == Change::Gone {
            self.shown = None;
            return self.backups.remove(&id).map(|_| None);
        }
        if let Change::There(backup) = change {
            let backup = Arc::new(*backup);
            self.backups.insert(id, backup.clone());
            self.shown = None;
            return Some(Some(backup));
        }
        let backup = self.backups.get_mut(&id)?;
        let mut new = Backup::clone(backup);
        match change {
            Change::Verified(at) => (new.state, new.verified_at) = (BackupState::Good, Some(at)),
            Change::Damaged(fault) => new.state = BackupState::Damaged(fault),
            Change::Missing => new.state = BackupState::Missing,
            Change::Proven(proof) => new.proof = Some(proof),
            Change::Locked(locked) => new.locked = locked,
            Change::There(_) | Change::Gone => {}
        }
        if new == **backup {
            return None;
        }
        *backup = Arc::new(new);
        self.shown = None;
        Some(Some(backup.clone()))
    }

    /// What a look at the folder changes.
    pub fn changes(&self, seen: Seen) -> Vec<(BackupId, Change)> {
        let there: HashSet<_> = seen.there.into_iter().collect();
        let mut changes = Vec::new();
        for backup in self.backups.values() {
            let path = Path::new(&backup.path);
            // One that was made while the folder was being looked at was not looked for.
            if !seen.looked_for.contains(path) || self.is_used(backup.id) {
                continue;
            }
            match (there.contains(path), backup.state == BackupState::Missing) {
                (false, false) => changes.push((backup.id, Change::Missing)),
                // It is back. What is in it was not read again, so when it was verified does not change.
                (true, true) => {
                    let back = Backup { state: BackupState::Good, ..(**backup).clone() };
                    changes.push((backup.id, Change::There(Box::new(back))));
                }
                _ => {}
            }
        }
        let known = self.places();
        for found in seen.new {
            let path = PathBuf::from(&found.path);
            match self.backups.get(&found.id) {
                // Moved to another name by somebody, while its old place is empty.
                Some(old) if !there.contains(Path::new(&old.path)) && !known.contains_key(&path) => {
                    let moved = Backup { path: found.path, state: BackupState::Good, ..(**old).clone() };
                    changes.retain(|(id, _)| *id != moved.id);
                    changes.push((moved.id, Change::There(Box::new(moved))));
                }
                // A copy of one that is known.
                Some(_) => {}
                None if known.contains_key(&path) => {}
                None => changes.push((found.id, Change::There(Box::new(found)))),
            }
        }
        changes
    }

    /// A job works on a backup from now on, until [`Self::end_use`].
    pub fn begin_use(&mut self, job: JobId, backup: BackupId) {
        self.uses.entry(job).or_default().push(backup);
    }

    /// A job has ended.
    pub fn end_use(&mut self, job: JobId) {
        self.uses.remove(&job);
    }

    /// Whether a job works on a backup.
    pub fn is_used(&self, id: BackupId) -> bool {
        self.uses.values().any(|used| used.contains(&id))
    }

    /// A server's saving is off from now on, or on again.
    pub fn saving(&mut self, server: ServerId, off: Option<SavingOff>) {
        match off {
            Some(off) => self.saving_off.insert(server, off),
            None => self.saving_off.remove(&server),
        };
    }

    /// Every server whose saving is off.
    pub fn all_saving_off(&self) -> impl Iterator<Item = &SavingOff> {
        self.saving_off.values()
    }

    /// Whether this program has switched a server's saving off.
    pub fn saving_off(&self, server: ServerId) -> Option<&SavingOff> {
        self.saving_off.get(&server)
    }
}

fn no_backup() -> Fault {
    Fault::new(
        FaultKind::NotFound,
        "There is no such backup.",
        "",
        "`mineclifford backup list` shows those that there are.",
    )
}

#[cfg(test)]
#[path = "book_tests.rs"]
mod tests;
