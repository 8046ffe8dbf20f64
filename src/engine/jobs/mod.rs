//! Long work: with progress, a cancel, and a durable record of how far it is.

use std::{collections::BTreeMap, future::Future, sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::fact::{Fact, JobFact};
use crate::{
    docker::{self, Docker},
    model::{Fault, FaultKind, JobId, JobKind, Origin, Progress, ServerId, State},
    store::{JobRecord, ServerRecord, Store},
};

/// What a job has to work with. It reaches the engine's state only by telling the core.
#[derive(Clone)]
pub struct Context {
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
    /// The server's host.
    pub docker: Docker,
    /// This engine's own id, for labels.
    pub engine: Uuid,
    /// The database, for the record of the job itself.
    pub store: Store,
    /// Called when somebody cancels the job, or the engine ends.
    pub cancel: CancellationToken,
    facts: mpsc::Sender<Fact>,
    began: Timestamp,
}

impl Context {
    /// For one job.
    #[allow(clippy::too_many_arguments)]
    pub fn new(
        job: JobId,
        kind: JobKind,
        server: (ServerId, String),
        origin: Origin,
        docker: Docker,
        engine: Uuid,
        store: Store,
        cancel: CancellationToken,
        facts: mpsc::Sender<Fact>,
    ) -> Self {
        let (server, name) = server;
        Self {
            job,
            kind,
            server,
            name,
            origin,
            docker,
            engine,
            store,
            cancel,
            facts,
            began: Timestamp::now(),
        }
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

    /// Forgets the server; returns when that is durable.
    ///
    /// # Errors
    /// The database's.
    pub async fn forget(&self, server: ServerId) -> Result<(), Fault> {
        let (done, saved) = oneshot::channel();
        self.tell(JobFact::Forget(server, done)).await?;
        saved.await.map_err(|_| ended())?
    }

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

    /// Notes durably how far the job is, so that a program that is killed now can be mended at its next start.
    ///
    /// # Errors
    /// The database's.
    pub async fn stage(&self, stage: &str, notes: &[(&str, &str)]) -> Result<(), Fault> {
        let record = JobRecord {
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
        };
        self.store.put_job(record).await.map_err(|error| error.fault())
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

/// Runs a job's work and tells the core how it ended, also when the work itself breaks.
pub async fn run<F>(context: Arc<Context>, work: F)
where
    F: Future<Output = Result<(), Fault>> + Send + 'static,
{
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
    let _ = context.facts.send(Fact::Job(context.job, JobFact::Ended(ended))).await;
}
