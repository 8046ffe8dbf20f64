//! Long work: with progress, a cancel, and a durable record of how far it is.

mod speed;

use std::{collections::BTreeMap, future::Future, ops::Deref, pin::Pin, sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub use speed::Speed;

use super::{
    backups::book::Change,
    fact::{Fact, JobFact},
};
use crate::{
    docker::{self, Docker},
    model::{
        Backup, BackupId, Fault, FaultKind, JobId, JobKind, Origin, Progress, ServerId, Severity, State,
    },
    store::{JobRecord, SavingOff, ServerRecord, Store},
};

/// What a job on a server has to work with: what every job has, and the server's Docker.
#[derive(Clone)]
pub struct Context {
    /// The server's host.
    pub docker: Docker,
    /// What needs no Docker.
    pub desk: Desk,
}

impl Context {
    /// Looks at a container now, so that whoever waits for the job sees what it did.
    ///
    /// # Errors
    /// Docker's.
    pub async fn look(&self, container: &str) -> Result<(), Fault> {
        let detail = self.docker.inspect(container).await.map_err(|error| error.fault())?;
        let (done, looked) = oneshot::channel();
        self.tell(JobFact::Look(Box::new(detail), done)).await?;
        looked.await.map_err(|_| ended())
    }
}

impl Deref for Context {
    type Target = Desk;

    fn deref(&self) -> &Desk {
        &self.desk
    }
}

/// What every job has to work with. It reaches the engine's state only by telling the core.
#[derive(Clone)]
pub struct Desk {
    /// Which job.
    pub job: JobId,
    /// What it does.
    pub kind: JobKind,
    /// Of which server.
    pub server: ServerId,
    /// That server's name.
    pub name: String,
    /// Who asked.
    pub origin: Origin,
    /// This engine's own id, for labels.
    pub engine: Uuid,
    /// The database, for the record of the job itself.
    pub store: Store,
    /// Called when somebody cancels the job, or the engine ends.
    pub cancel: CancellationToken,
    facts: mpsc::Sender<Fact>,
    began: Timestamp,
}

impl Desk {
    /// For one job.
    #[allow(clippy::too_many_arguments)]
    pub fn new(
        job: JobId,
        kind: JobKind,
        server: (ServerId, String),
        origin: Origin,
        engine: Uuid,
        store: Store,
        cancel: CancellationToken,
        facts: mpsc::Sender<Fact>,
    ) -> Self {
        let (server, name) = server;
        Self { job, kind, server, name, origin, engine, store, cancel, facts, began: Timestamp::now() }
    }

    async fn tell(&self, fact: JobFact) -> Result<(), Fault> {
        self.facts.send(Fact::Job(self.job, fact)).await.map_err(|_| ended())
    }

    /// Shows how far it is. What comes too fast is left out: only the latest matters.
    pub fn progress(&self, progress: Progress) {
        let _ = self.facts.try_send(Fact::Job(self.job, JobFact::Progress(progress)));
    }

    /// Shows what it is doing.
    pub fn step(&self, step: impl Into<String>) {
        self.progress(Progress::step(step));
    }

    /// From now on it can, or can no longer, be cancelled.
    ///
    /// # Errors
    /// That the engine has ended.
    pub async fn cancellable(&self, yes: bool) -> Result<(), Fault> {
        self.tell(JobFact::Cancellable(yes)).await
    }

    /// What the server is doing while no container can tell.
    ///
    /// # Errors
    /// That the engine has ended.
    pub async fn phase(&self, phase: Option<State>) -> Result<(), Fault> {
        self.tell(JobFact::Phase(phase)).await
    }

    /// Keeps this about the server; returns when it is durable.
    ///
    /// # Errors
    /// The database's.
    pub async fn save(&self, record: ServerRecord) -> Result<(), Fault> {
        let (done, saved) = oneshot::channel();
        self.tell(JobFact::Save(Box::new(record), done)).await?;
        saved.await.map_err(|_| ended())?
    }

    /// Something became of a backup; returns when that is durable.
    ///
    /// # Errors
    /// The database's.
    pub async fn backup(&self, backup: BackupId, change: Change) -> Result<(), Fault> {
        let (done, saved) = oneshot::channel();
        self.tell(JobFact::Backup(backup, change, done)).await?;
        saved.await.map_err(|_| ended())?
    }

    /// This server's saving is off from now on, or on again; returns when that is durable.
    ///
    /// # Errors
    /// The database's.
    pub async fn saving(&self, off: Option<SavingOff>) -> Result<(), Fault> {
        let written = match &off {
            Some(off) => self.store.put_saving_off(off.clone()).await,
            None => self.store.remove_saving_off(self.server).await,
        };
        written.map_err(|error| error.fault())?;
        self.tell(JobFact::Saving(self.server, off)).await
    }

    /// The backups of this server that no rule keeps any more. Until the job ends, nobody else works on them.
    ///
    /// # Errors
    /// That the engine has ended.
    pub async fn surplus(&self) -> Result<Vec<Arc<Backup>>, Fault> {
        let (reply, surplus) = oneshot::channel();
        self.tell(JobFact::Surplus(reply)).await?;
        surplus.await.map_err(|_| ended())
    }

    /// Tells people something about the server.
    ///
    /// # Errors
    /// That the engine has ended.
    pub async fn notice(
        &self,
        severity: Severity,
        text: impl Into<String>,
        details: impl Into<String>,
    ) -> Result<(), Fault> {
        self.tell(JobFact::Notice(severity, text.into(), details.into())).await
    }

    /// Forgets the server; returns when that is durable.
    ///
    /// # Errors
    /// The database's.
    pub async fn forget(&self, server: ServerId) -> Result<(), Fault> {
        let (done, saved) = oneshot::channel();
        self.tell(JobFact::Forget(server, done)).await?;
        saved.await.map_err(|_| ended())?
    }

    /// Notes durably how far the job is, so that a program that is killed now can be mended at its next start.
    ///
    /// # Errors
    /// The database's.
    pub async fn stage(&self, stage: &str, notes: &[(&str, &str)]) -> Result<(), Fault> {
        self.store.put_job(self.record(stage, notes)).await.map_err(|error| error.fault())
    }

    /// What the job did cannot be undone yet: it is looked after later as if the program had ended here.
    ///
    /// # Errors
    /// That the engine has ended.
    pub async fn leave(&self, stage: &str, notes: &[(&str, &str)]) -> Result<(), Fault> {
        self.tell(JobFact::Unfinished(Box::new(self.record(stage, notes)))).await
    }

    fn record(&self, stage: &str, notes: &[(&str, &str)]) -> JobRecord {
        JobRecord {
            id: self.job,
            kind: self.kind,
            server: self.server,
            server_name: self.name.clone(),
            origin: self.origin.clone(),
            started_at: self.began,
            stage: stage.to_owned(),
            notes: notes
                .iter()
                .map(|(name, note)| ((*name).to_owned(), (*note).to_owned()))
                .collect::<BTreeMap<_, _>>(),
        }
    }

    /// The job needs no mending any more.
    ///
    /// # Errors
    /// The database's.
    pub async fn settled(&self) -> Result<(), Fault> {
        self.store.remove_job(self.job).await.map_err(|error| error.fault())
    }

    /// Does something, unless the job is cancelled first.
    ///
    /// # Errors
    /// Docker's, or that it was cancelled.
    pub async fn unless_cancelled<T>(
        &self,
        work: impl Future<Output = Result<T, docker::Error>>,
    ) -> Result<T, Fault> {
        match self.cancel.run_until_cancelled(work).await {
            Some(done) => done.map_err(|error| error.fault()),
            None => Err(cancelled()),
        }
    }

    /// Fails when the job was cancelled.
    ///
    /// # Errors
    /// That it was.
    pub fn check_cancel(&self) -> Result<(), Fault> {
        if self.cancel.is_cancelled() { Err(cancelled()) } else { Ok(()) }
    }
}

/// The fault of a job that was cancelled; the core shows it as that and not as a failure.
pub fn cancelled() -> Fault {
    Fault::new(FaultKind::Cancelled, "It was cancelled.", "What it had made was undone.", "")
}

fn ended() -> Fault {
    Fault::new(
        FaultKind::Failed,
        "The engine is ending.",
        "What was begun is mended at the next start.",
        "Start mineclifford again.",
    )
}

/// How long jobs may take to come to an end when the engine ends.
pub const FAREWELL: Duration = Duration::from_secs(15);

/// What a job does.
pub type Work = Pin<Box<dyn Future<Output = Result<(), Fault>> + Send>>;

/// Runs a job's work and tells the core how it ended, also when the work itself breaks.
pub async fn run(desk: Desk, work: Work) {
    let ended = match tokio::spawn(work).await {
        Ok(ended) => ended,
        Err(error) => Err(Fault {
            chain: vec![error.to_string()],
            ..Fault::new(
                FaultKind::Failed,
                "The job broke off because of a mistake in this program.",
                "The server is as Docker shows it.",
                "Please report it with the details.",
            )
        }),
    };
    let _ = desk.facts.send(Fact::Job(desk.job, JobFact::Ended(ended))).await;
}
