//! Changes to a server that is there.

use jiff::Timestamp;

use super::no_server;
use crate::{
    docker::Phase,
    engine::{
        core::Core,
        servers::{delete, edit, labels, rename},
    },
    model::{Answer, Changes, Fault, FaultKind, JobKind, Origin, Ownership, ServerId, Spec, field},
};

impl Core {
    pub(super) fn edit(&mut self, origin: Origin, id: ServerId, changes: &Changes) -> Result<Answer, Fault> {
        let (record, docker) = self.free(id)?;
        if record.ownership != Ownership::Created {
            return Err(Fault::new(
                FaultKind::Conflict,
                format!(
                    "{} was made elsewhere, and changing it would mean to make its container anew.",
                    record.spec.name
                ),
                "Nothing was changed.",
                "Change it where it was made (its compose file, say), or clone it: the copy can be changed here.",
            ));
        }
        let mut spec = changes.applied_to(&record.spec);
        if spec == record.spec {
            return Ok(Answer::Done);
        }
        self.check(&spec)?;
        let entry = self.entries.get(&id).ok_or_else(no_server)?;
        let running = entry.phase().is_some_and(Phase::is_alive);
        if spec.port == 0 {
            spec.port = entry.port().unwrap_or(record.spec.port);
        }
        if spec.port != record.spec.port || spec.bind != record.spec.bind {
            let taken = self.taken(&spec).without(&record.container_name);
            if running && Some(spec.port) == entry.port() {
                // The same port on another address: its own container holds it now, which proves nothing.
            } else {
                taken.check(spec.bind, spec.port)?;
            }
        }
        let grace = self.grace_of(id);
        if let Some(entry) = self.entry(id) {
            entry.forgive();
            entry.end_asked = running.then(Timestamp::now);
        }
        Ok(self.begin(JobKind::Edit, id, origin, docker, move |context| async move {
            edit::run(&context, record, spec, grace, running).await
        }))
    }

    pub(super) fn rename(&mut self, origin: Origin, id: ServerId, name: String) -> Result<Answer, Fault> {
        let (record, docker) = self.free(id)?;
        let name = name.trim().to_owned();
        field::name(&name).map_err(|rule| Fault::invalid("name", rule))?;
        if name == record.spec.name {
            return Ok(Answer::Done);
        }
        self.check_name(&Spec { name: name.clone(), ..record.spec.clone() }, Some(id))?;
        Ok(self.begin(JobKind::Rename, id, origin, docker, move |context| async move {
            rename::run(&context, record, &name).await
        }))
    }

    pub(super) fn delete(
        &mut self,
        origin: Origin,
        id: ServerId,
        data: bool,
        confirm: Option<&str>,
    ) -> Result<Answer, Fault> {
        let (record, docker) = self.free_as_it_is(id)?;
        if data && confirm != Some(record.spec.name.as_str()) {
            return Err(Fault::invalid(
                "confirm",
                format!(
                    "must be the server's name, {}: its world would be deleted for good",
                    record.spec.name
                ),
            ));
        }
        let folder = record.data.as_deref().is_some_and(|data| data.starts_with('/'));
        if data && folder {
            return Err(Fault::new(
                FaultKind::Conflict,
                "Its data is in a folder of the host, which this program did not make.",
                "Nothing was deleted.",
                "Delete the server without its data, then remove the folder yourself.",
            ));
        }
        let grace = self.grace_of(id);
        if let Some(entry) = self.entry(id) {
            entry.end_asked = Some(Timestamp::now());
        }
        Ok(self.begin(JobKind::Delete, id, origin, docker, move |context| async move {
            delete::run(&context, &record, grace, data).await
        }))
    }

    pub(super) fn adopt(&mut self, origin: Origin, id: ServerId) -> Result<Answer, Fault> {
        let mut record = self.record(id).ok_or_else(no_server)?;
        if record.ownership.is_managed() {
            return Ok(Answer::Done);
        }
        let docker = self.docker_of(&record.spec.host)?;
        let detail = self.entries.get(&id).and_then(|entry| entry.detail.as_ref());
        let labels = detail.map(|detail| detail.labels.clone()).unwrap_or_default();
        // Made by another engine of this kind: its labels tell all that is needed to make it anew.
        let ours = labels::read(&labels, &Default::default()).is_some_and(|known| known.spec.is_some());
        record.ownership = if ours { Ownership::Created } else { Ownership::Adopted };
        Ok(self.begin(
            JobKind::Adopt,
            id,
            origin,
            docker,
            |context| async move { context.save(record).await },
        ))
    }

    pub(super) fn forget_missing(&mut self, origin: Origin, id: ServerId) -> Result<Answer, Fault> {
        let (record, docker) = self.free(id)?;
        if record.container_id.is_some() {
            return Err(Fault::new(
                FaultKind::Conflict,
                format!("{} still has a container.", record.spec.name),
                "Nothing was changed.",
                "Delete it instead; its data is kept unless you ask otherwise.",
            ));
        }
        Ok(self.begin(
            JobKind::Delete,
            id,
            origin,
            docker,
            move |context| async move { context.forget(id).await },
        ))
    }
}
