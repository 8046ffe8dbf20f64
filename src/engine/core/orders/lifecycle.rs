//! Starting, stopping, killing; and cancelling a job.

use jiff::Timestamp;

use super::{busy, no_server};
use crate::{
    docker::Phase,
    engine::{core::Core, servers::lifecycle},
    model::{Answer, Fault, FaultKind, JobId, JobKind, Origin, ServerId},
    store::Wanted,
};

impl Core {
    pub(super) fn start(&mut self, origin: Origin, id: ServerId) -> Result<Answer, Fault> {
        let (record, docker) = self.free(id)?;
        let container = Self::container_of(&record)?;
        let Some(entry) = self.entry(id) else { return Err(no_server()) };
        if entry.phase() == Some(Phase::Running) {
            return Ok(Answer::Done);
        }
        let frozen = entry.phase() == Some(Phase::Paused);
        let port = entry.port().filter(|_| !frozen);
        if let Some(port) = port {
            self.taken(&record.spec).without(&record.container_name).check(record.spec.bind, port)?;
        }
        let Some(entry) = self.entry(id) else { return Err(no_server()) };
        entry.forgive();
        (entry.record.wanted, entry.record.looping, entry.end_asked) = (Wanted::Running, None, None);
        self.keep(id);
        Ok(self.begin(JobKind::Start, id, origin, docker, |context| async move {
            lifecycle::start(&context, &container).await
        }))
    }

    pub(super) fn stop(&mut self, origin: Origin, id: ServerId, kind: JobKind) -> Result<Answer, Fault> {
        let (record, docker) = match kind {
            JobKind::Stop => self.free_as_it_is(id)?,
            _ => self.free(id)?,
        };
        let container = Self::container_of(&record)?;
        let grace = self.grace_of(id);
        let Some(entry) = self.entry(id) else { return Err(no_server()) };
        let live = entry.phase().is_some_and(|phase| phase.is_alive() || phase == Phase::Restarting);
        if !live && kind == JobKind::Stop {
            return Ok(Answer::Done);
        }
        entry.forgive();
        entry.end_asked = live.then(Timestamp::now);
        entry.record.wanted = if kind == JobKind::Stop { Wanted::Stopped } else { Wanted::Running };
        entry.record.looping = None;
        self.keep(id);
        Ok(self.begin(kind, id, origin, docker, move |context| async move {
            match kind {
                JobKind::Restart => lifecycle::restart(&context, &container, grace).await,
                _ => lifecycle::stop(&context, &container, grace).await,
            }
        }))
    }

    pub(super) fn kill(&mut self, origin: Origin, id: ServerId) -> Result<Answer, Fault> {
        let record = self.managed(id)?;
        // A stop that takes its time is just what a kill is for; other jobs must not be torn.
        match self.entries.get(&id).and_then(|entry| entry.job) {
            None | Some((_, JobKind::Stop | JobKind::Restart | JobKind::Start)) => {}
            Some((_, kind)) => return Err(busy(&format!("a {} of it", kind.word()))),
        }
        let docker = self.docker_of(&record.spec.host)?;
        let container = Self::container_of(&record)?;
        let Some(entry) = self.entry(id) else { return Err(no_server()) };
        entry.forgive();
        (entry.record.wanted, entry.end_asked) = (Wanted::Stopped, Some(Timestamp::now()));
        entry.kill_asked = true;
        self.keep(id);
        Ok(self.begin(JobKind::Kill, id, origin, docker, |context| async move {
            lifecycle::kill(&context, &container).await
        }))
    }

    pub(super) fn cancel(&mut self, id: JobId) -> Result<Answer, Fault> {
        let job = self.jobs.iter().find(|job| job.id == id).filter(|job| job.is_running());
        let job = job.ok_or_else(|| {
            Fault::new(
                FaultKind::NotFound,
                "There is no such job, or it has ended.",
                "",
                "Look at the list of jobs.",
            )
        })?;
        if !job.can_cancel {
            return Err(Fault::new(
                FaultKind::Conflict,
                format!("A {} cannot be cancelled at this point.", job.kind.word()),
                "It goes on.",
                "Wait until it has ended.",
            ));
        }
        if let Some(cancel) = self.cancels.get(&id) {
            cancel.cancel();
        }
        Ok(Answer::Done)
    }
}
