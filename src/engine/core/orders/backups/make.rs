//! New backups, and what goes into them.

use crate::{
    archive::Filter,
    engine::{
        backups::make::{self, Work},
        core::{Core, HostEntry, orders::busy},
    },
    model::{
        Answer, BackupWish, Fault, JobKind, Origin, Patterns, ServerId, Spec, State, backup::Reason, secrecy,
    },
    store::ServerRecord,
};

/// Longest label, in bytes.
const LABEL_MAX: usize = 200;

impl Core {
    pub(super) fn back_up(
        &mut self,
        origin: Origin,
        id: ServerId,
        wish: BackupWish,
    ) -> Result<Answer, Fault> {
        let (record, docker) = self.free(id)?;
        let reason = if origin == Origin::Schedule { Reason::Scheduled } else { Reason::Asked };
        let work = self.backup_work(&record, wish, reason)?;
        Ok(self.begin(JobKind::Backup, id, origin, docker, |context| async move {
            Box::pin(make::job(&context, work)).await
        }))
    }

    /// All that the making of a backup needs to know; whoever begins the job has seen that the server is free.
    ///
    /// # Errors
    /// That the server has no container, or the wish is none.
    pub(in crate::engine::core) fn backup_work(
        &mut self,
        record: &ServerRecord,
        wish: BackupWish,
        reason: Reason,
    ) -> Result<Work, Fault> {
        let container = Self::container_of(record)?;
        let label = wish.label.as_deref().unwrap_or_default();
        if label.len() > LABEL_MAX || label.chars().any(char::is_control) {
            return Err(Fault::invalid("label", "must have at most 200 bytes and no control characters"));
        }
        let id = record.id;
        // From now on the backup sees to saving.
        self.leave_saving(id);
        let host = self.hosts.get(&record.spec.host);
        let (here, up) = (host.is_some_and(HostEntry::is_here), host.is_some_and(HostEntry::is_up));
        let state = self.entries.get(&id).map(|entry| entry.state(up, jiff::Timestamp::now()));
        let last = self.book.of(id).into_iter().find(|backup| backup.is_good());
        Ok(Work {
            container,
            spec: without_secrets(&record.spec),
            version: record.version.clone(),
            password: record.rcon_password.clone(),
            here,
            loading: matches!(state, Some(State::Starting | State::Loading(_))),
            left_off: self.book.saving_off(id).cloned(),
            patterns: record.patterns.clone(),
            reason,
            wish,
            folder: self.backups.folder.clone(),
            tuning: self.backups.tuning,
            last,
        })
    }

    pub(super) fn set_patterns(&mut self, id: ServerId, patterns: Patterns) -> Result<Answer, Fault> {
        self.managed(id)?;
        if let Some((_, kind)) = self.entries.get(&id).and_then(|entry| entry.job) {
            // It may keep what it knew of the server when it began.
            return Err(busy(&format!("a {} of it", kind.word())));
        }
        patterns.check().map_err(|rule| Fault::invalid("patterns", rule))?;
        Filter::new(&patterns.include, &patterns.exclude).map_err(|error| error.fault())?;
        if let Some(entry) = self.entry(id) {
            entry.record.patterns = patterns;
            entry.touch_about();
        }
        self.keep(id);
        self.publisher.soon();
        Ok(Answer::Done)
    }
}

/// Archives are copied to other places, and lie there for years: a key in a variable is not to be among that.
fn without_secrets(spec: &Spec) -> Spec {
    let mut spec = spec.clone();
    spec.env.retain(|name, _| !secrecy::sounds_secret(name));
    spec
}
