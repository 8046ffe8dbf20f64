//! The jobs: begun, followed, ended, and mended after an interruption.

use std::{collections::BTreeSet, future::Future, sync::Arc};

use jiff::Timestamp;

use super::Core;
use crate::{
    docker::Docker,
    engine::{
        backups::restore::helper,
        fact::{Fact, JobFact},
        jobs::{self, Context, Desk},
        servers::{lifecycle, mend},
    },
    model::{
        Answer, Event, Explanation, Fault, FaultKind, HostId, Job, JobId, JobKind, JobState, Origin,
        Progress, ServerId, Severity, Topic, job::Unit,
    },
    store::{JobRecord, ServerRecord, Wanted},
};

/// What the failure of such a job is about.
fn failure_topic(kind: JobKind) -> Topic {
    match kind {
        JobKind::Backup => Topic::BackupFailed,
        JobKind::Verify | JobKind::TestRestore => Topic::ProofFailed,
        _ => Topic::Other,
    }
}

/// How long a looping server may take to stop that has not loaded its world.
const SHORT_GRACE: std::time::Duration = std::time::Duration::from_secs(10);
/// Deleted servers that are remembered: a look at a container is late by seconds, not by a thousand deletes.
const FORGOTTEN: usize = 1_000;
/// When what could not be mended is tried again.
const MEND_AGAIN: std::time::Duration = std::time::Duration::from_secs(30);
/// Jobs that ended and are still shown.
const ENDED_SHOWN: usize = 100;

impl Core {
    /// Begins a job for a server.
    pub(super) fn begin<F, Fut>(
        &mut self,
        kind: JobKind,
        server: ServerId,
        origin: Origin,
        docker: Docker,
        work: F,
    ) -> Answer
    where
        F: FnOnce(Arc<Context>) -> Fut,
        Fut: Future<Output = Result<(), Fault>> + Send + 'static,
    {
        let name = self.entries.get(&server).map(|entry| entry.name().to_owned()).unwrap_or_default();
        let desk = self.new_desk(kind, (server, name), origin);
        if let Some(entry) = self.entry(server) {
            entry.job = Some((desk.job, kind));
            entry.touch();
        }
        let work = work(Arc::new(Context { docker, desk: desk.clone() }));
        self.run_job(desk, work)
    }

    /// Begins a job that needs neither the server nor its Docker: it is about a server's backups, and others may work on
    /// the server meanwhile. The server may even be gone.
    pub(super) fn begin_apart<F, Fut>(
        &mut self,
        kind: JobKind,
        server: (ServerId, String),
        origin: Origin,
        work: F,
    ) -> Answer
    where
        F: FnOnce(Arc<Desk>) -> Fut,
        Fut: Future<Output = Result<(), Fault>> + Send + 'static,
    {
        let desk = self.new_desk(kind, server, origin);
        let work = work(Arc::new(desk.clone()));
        self.run_job(desk, work)
    }

    fn new_desk(&self, kind: JobKind, server: (ServerId, String), origin: Origin) -> Desk {
        Desk::new(
            JobId::new(),
            kind,
            server,
            origin,
            self.engine,
            self.store.clone(),
            tokio_util::sync::CancellationToken::new(),
            self.ways.facts.clone(),
        )
    }

    fn run_job(
        &mut self,
        desk: Desk,
        work: impl Future<Output = Result<(), Fault>> + Send + 'static,
    ) -> Answer {
        use JobKind::{Backup, Clone as Copy, Create, Edit, Restore, TestRestore, Verify};
        let (job, server) = (desk.job, desk.server);
        self.jobs.push_back(Arc::new(Job {
            id: job,
            kind: desk.kind,
            server: Some(server),
            server_name: desk.name.clone(),
            origin: desk.origin.clone(),
            state: JobState::Running,
            progress: Progress::default(),
            can_cancel: matches!(desk.kind, Create | Copy | Edit | Backup | Restore | Verify | TestRestore),
            started_at: Timestamp::now(),
            ended_at: None,
        }));
        self.cancels.insert(job, desk.cancel.clone());
        self.publisher.soon();
        self.ways.tasks.spawn(jobs::run(desk, Box::pin(work)));
        Answer::Started { job, server }
    }

    fn change_job(&mut self, id: JobId, change: impl FnOnce(&mut Job)) -> Option<Arc<Job>> {
        let job = self.jobs.iter_mut().rev().find(|job| job.id == id)?;
        change(Arc::make_mut(job));
        self.publisher.soon();
        Some(job.clone())
    }

    /// A job has news.
    pub(super) fn job(&mut self, id: JobId, fact: JobFact) {
        match fact {
            JobFact::Progress(mut progress) => {
                if progress.unit == Unit::Bytes {
                    let now = std::time::Instant::now();
                    progress.rate =
                        self.speeds.entry(id).or_default().note(&progress.step, progress.done, now);
                }
                self.change_job(id, |job| job.progress = progress);
            }
            JobFact::Cancellable(yes) => {
                self.change_job(id, |job| job.can_cancel = yes);
            }
            JobFact::Phase(phase) => {
                if let Some(entry) = self.job_entry(id) {
                    entry.job_phase = phase;
                    entry.touch();
                    self.publisher.soon();
                }
            }
            JobFact::Save(record, ack) => {
                self.adopt_record(&record);
                self.write(record.id, Some(record), Some(ack));
            }
            JobFact::Forget(server, ack) => {
                self.forget(server);
                self.write(server, None, Some(ack));
            }
            JobFact::Look(detail, looked) => {
                let host = self.job_entry(id).map(|entry| entry.record.spec.host.clone());
                if let Some(host) = host {
                    self.detail(&host, *detail);
                }
                let _ = looked.send(());
            }
            JobFact::Backup(backup, change, ack) => self.backup_changed(backup, change, Some(ack)),
            JobFact::Saving(server, off) => self.book.saving(server, off),
            JobFact::Surplus(reply) => {
                let _ = reply.send(self.surplus(id));
            }
            JobFact::Notice(severity, text, details) => {
                let server = self.jobs.iter().rev().find(|job| job.id == id).and_then(|job| job.server);
                self.notice(severity, server.filter(|id| self.entries.contains_key(id)), text, details);
            }
            JobFact::Unfinished(record) => self.unfinished.push(*record),
            JobFact::Ended(result) => self.job_ended(id, result),
        }
    }

    fn job_entry(&mut self, id: JobId) -> Option<&mut super::Entry> {
        self.entries.values_mut().find(|entry| entry.job.is_some_and(|(job, _)| job == id))
    }

    /// A server is no longer known.
    pub(super) fn forget(&mut self, server: ServerId) {
        if let Some(entry) = self.entries.remove(&server)
            && let Some(container) = &entry.record.container_id
        {
            self.by_container.remove(container);
        }
        if self.forgotten.len() >= FORGOTTEN {
            self.forgotten.pop_front();
        }
        self.forgotten.push_back(server);
        self.publisher.reorder();
    }

    fn job_ended(&mut self, id: JobId, result: Result<(), Fault>) {
        self.cancels.remove(&id);
        self.speeds.remove(&id);
        self.book.end_use(id);
        let failed = result.as_ref().err().cloned();
        let state = match result {
            Ok(()) => JobState::Done,
            Err(fault) if fault.kind == FaultKind::Cancelled => JobState::Cancelled,
            Err(fault) => JobState::Failed(Box::new(fault)),
        };
        let mut ended = None;
        if let Some(entry) = self.job_entry(id) {
            let kind = entry.job.take().map(|(_, kind)| kind);
            entry.job_phase = None;
            entry.touch();
            ended = Some((entry.id(), kind));
        }
        let ended_at = Some(Timestamp::now());
        let job = self.change_job(id, |job| {
            (job.state, job.ended_at, job.can_cancel) = (state.clone(), ended_at, false)
        });
        if let Some((server, kind)) = ended {
            self.after(server, kind, failed.is_none());
            if let Some(host) = self.entries.get(&server).map(|entry| entry.record.spec.host.clone())
                && self.unfinished.iter().any(|job| job.id == id)
            {
                self.mend_later(host);
            }
        }
        self.mend_saving_after(id);
        // Faces that wait for the job find its end in the snapshot; it must be there before the event is.
        self.publish();
        let _ = self.ways.events.send(Event::JobEnded { job: id, state });
        if let Some(job) = job {
            self.count_job(&job);
            self.audit_job(&job, failed.as_ref());
            // What changes nothing that a person would see at once is said.
            let done = match job.kind {
                JobKind::Adopt => "is managed here now",
                JobKind::Rename => "has its new name",
                JobKind::Edit => "was changed",
                JobKind::Delete => "was deleted",
                JobKind::Restore => "has the restored data",
                JobKind::TestRestore => "came up on its backup, in a test",
                _ => "",
            };
            if failed.is_none() && !done.is_empty() {
                let server = job.server.filter(|id| self.entries.contains_key(id));
                self.notice(Severity::Success, server, format!("{} {done}", job.server_name), "");
            }
            if let Some(fault) = failed.filter(|fault| fault.kind != FaultKind::Cancelled) {
                let text = format!("{} of {} failed: {}", job.kind.word(), job.server_name, fault.what);
                let details = format!("{} {}", fault.means, fault.next);
                self.alert(
                    failure_topic(job.kind),
                    Severity::Error,
                    job.server.filter(|id| self.entries.contains_key(id)),
                    text,
                    details,
                );
            }
        }
        let surplus = self.jobs.iter().filter(|job| !job.is_running()).count().saturating_sub(ENDED_SHOWN);
        for _ in 0..surplus {
            if let Some(oldest) = self.jobs.iter().position(|job| !job.is_running()) {
                self.jobs.remove(oldest);
            }
        }
    }

    /// What a job's end means for its server.
    fn after(&mut self, server: ServerId, kind: Option<JobKind>, done: bool) {
        let Some(entry) = self.entry(server) else { return };
        if kind == Some(JobKind::Stop) && done && entry.stopping_loop {
            entry.stopping_loop = false;
            let explanation = loop_explanation(entry);
            entry.record.looping = Some(explanation);
            entry.touch();
            self.keep(server);
        }
        self.tend(server);
    }

    fn audit_job(&mut self, job: &Job, failed: Option<&Fault>) {
        let outcome = match failed {
            None => "done".to_owned(),
            Some(fault) if fault.kind == FaultKind::Cancelled => "cancelled".to_owned(),
            Some(fault) => format!("failed: {}", fault.what),
        };
        self.audit(
            job.origin.clone(),
            job.kind.word().to_owned(),
            job.server,
            job.server_name.clone(),
            outcome,
        );
    }

    /// A server ended again and again: it is stopped for good, by the engine itself.
    pub(super) fn stop_looping(&mut self, id: ServerId) {
        let Some(docker) = self.host_of(id).and_then(|host| host.docker.clone()) else { return };
        let grace = self.grace_of(id);
        let Some(entry) = self.entry(id) else { return };
        // One that Docker started a moment ago may not hear yet that it is to stop, and has no world to save.
        let grace = if entry.log.done { grace } else { grace.min(SHORT_GRACE) };
        if entry.job.is_some() || entry.record.looping.is_some() {
            return;
        }
        let Some(container) = entry.record.container_id.clone() else { return };
        entry.stopping_loop = true;
        entry.record.wanted = Wanted::Stopped;
        self.begin(JobKind::Stop, id, Origin::Engine, docker, move |context| async move {
            lifecycle::stop(&context, &container, grace).await
        });
    }

    /// Looks after the jobs that an earlier run left unfinished on this host.
    pub(super) fn mend(&mut self, host: &HostId) {
        let Some(docker) = self.hosts.get(host).and_then(|host| host.docker.clone()) else { return };
        let here = |core: &Self, job: &JobRecord| {
            core.entries
                .get(&job.server)
                .is_none_or(|entry| entry.record.spec.host == *host && entry.job.is_none())
        };
        let jobs: Vec<_> = self.unfinished.iter().filter(|job| here(self, job)).cloned().collect();
        // What served a job of an earlier run is of no use any more; a step of it may even still be going on in there.
        let (engine, born) = (self.engine, self.born);
        let stray = self.hosts.get(host).is_some_and(|host| {
            host.containers.values().any(|container| helper::is_stray(&container.labels, engine, born))
        });
        // A volume is seen by nobody until it is asked for: once.
        let first = self.hosts.get_mut(host).is_some_and(|host| !std::mem::replace(&mut host.swept, true));
        if jobs.is_empty() && !stray && !first {
            return;
        }
        self.unfinished.retain(|job| !jobs.iter().any(|other| other.id == job.id));
        self.in_mending.extend(jobs.iter().map(|job| job.server));
        let (facts, store) = (self.ways.facts.clone(), self.store.clone());
        self.mending += 1;
        self.ways.tasks.spawn(async move {
            let (mut mended, mut left) = (Vec::new(), Vec::new());
            if let Err(error) = helper::sweep(&docker, engine, born).await {
                tracing::warn!(%error, "what served jobs of an earlier run is not removed yet");
            }
            for job in jobs {
                match mend::mend(&docker, engine, &job).await {
                    Ok((outcome, did)) if store.remove_job(job.id).await.is_ok() => {
                        mended.push((job, outcome, did));
                    }
                    // To do it again does no harm.
                    Ok(_) => left.push(job),
                    Err(error) => {
                        tracing::warn!(%error, job = %job.id, "an interrupted job could not be mended yet");
                        left.push(job);
                    }
                }
            }
            let _ = facts.send(Fact::Mended(mended, left)).await;
        });
    }

    fn mend_later(&self, host: HostId) {
        let (facts, stop) = (self.ways.facts.clone(), self.ways.stop.clone());
        self.ways.tasks.spawn(async move {
            if stop.run_until_cancelled(tokio::time::sleep(MEND_AGAIN)).await.is_some() {
                let _ = facts.send(Fact::MendAgain(host)).await;
            }
        });
    }

    /// Interrupted jobs were looked after; `left` are tried again when their host is listed again.
    pub(super) fn mended(&mut self, jobs: Vec<(JobRecord, mend::Outcome, String)>, left: Vec<JobRecord>) {
        self.mending = self.mending.saturating_sub(1);
        for server in jobs.iter().map(|(job, ..)| job.server).chain(left.iter().map(|job| job.server)) {
            // One for each job: a server may have had several.
            if let Some(at) = self.in_mending.iter().position(|one| *one == server) {
                self.in_mending.swap_remove(at);
            }
        }
        let hosts = left.iter().filter_map(|job| self.entries.get(&job.server));
        let hosts: BTreeSet<_> = hosts.map(|entry| entry.record.spec.host.clone()).collect();
        hosts.into_iter().for_each(|host| self.mend_later(host));
        for job in &left {
            if !self.told_unmended.insert(job.id) {
                continue;
            }
            let text = format!(
                "A {} of {} was interrupted, and is not mended yet.",
                job.kind.word(),
                job.server_name
            );
            self.notice(
                Severity::Warning,
                None,
                text,
                "It is tried again in half a minute, and when its host is looked at the next time.",
            );
        }
        self.unfinished.extend(left);
        self.publisher.soon();
        for (job, outcome, did) in jobs {
            if outcome == mend::Outcome::Undone {
                self.forget(job.server);
                self.write(job.server, None, None);
            }
            let origin = job.origin;
            self.audit(
                origin,
                job.kind.word().to_owned(),
                Some(job.server),
                job.server_name,
                format!("interrupted: {did}"),
            );
            self.notice(Severity::Warning, None, did, "");
        }
    }

    /// What a job wants to know of its server's record.
    pub(super) fn record(&self, id: ServerId) -> Option<ServerRecord> {
        self.entries.get(&id).map(|entry| entry.record.clone())
    }
}

fn loop_explanation(entry: &super::Entry) -> Explanation {
    let times = entry.lives.ended();
    let seconds = entry.lives.typical().as_secs();
    let cause = entry.last_end.as_ref();
    let why = cause.map(|cause| format!(" Each time: {}", cause.what)).unwrap_or_default();
    Explanation {
        code: cause.map_or_else(|| "loop".to_owned(), |cause| cause.code.clone()),
        what: format!("It ended by itself {times} times in a row, each time after about {seconds} s.{why}"),
        means: "It was stopped, so that it does not wear out its world and its machine by starting over and over.".into(),
        next: cause.map_or_else(
            || "Read the console for the cause, mend it, then start the server again.".to_owned(),
            |cause| cause.next.clone(),
        ),
    }
}
