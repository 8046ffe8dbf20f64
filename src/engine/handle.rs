//! How every face reaches the engine.

use std::sync::Arc;

use tokio::sync::{broadcast, mpsc, oneshot, watch};

use crate::model::{
    Answer, Command, Event, Fault, FaultKind, JobId, JobState, Order, Origin, Sample, ServerId, Snapshot,
    Standing, State, console::Batch,
};

/// What travels from a face to the engine.
#[derive(Debug)]
pub enum Request {
    /// Do this.
    Run {
        /// What.
        command: Command,
        /// Told whether it was accepted.
        reply: oneshot::Sender<Result<Answer, Fault>>,
    },
    /// Send a console's lines until the receiver is dropped.
    Watch {
        /// Whose.
        server: ServerId,
        /// From where on.
        from: From,
        /// To here. A full channel holds back only this watcher.
        lines: mpsc::Sender<Batch>,
    },
    /// Send the measurements that are kept of a server, oldest first.
    History {
        /// Whose.
        server: ServerId,
        /// To here.
        reply: oneshot::Sender<Vec<Sample>>,
    },
    /// Send the commands that were typed into a console, oldest first.
    Typed {
        /// Whose.
        server: ServerId,
        /// To here.
        reply: oneshot::Sender<Vec<String>>,
    },
}

/// Where a watcher of a console begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum From {
    /// With the last so many lines.
    Tail(usize),
    /// With this number: what a watcher that was interrupted asks for.
    Seq(u64),
}

/// Batches that may wait for one slow watcher.
pub const WATCH_DEPTH: usize = 8;

/// A way into an engine, in this process or at the other end of a link. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Handle {
    requests: mpsc::Sender<Request>,
    snapshot: watch::Receiver<Arc<Snapshot>>,
    events: broadcast::Sender<Event>,
    origin: Origin,
    /// `None` where that never changes and nobody needs to know.
    standing: Option<watch::Receiver<Standing>>,
}

impl Handle {
    /// Puts the three together. The engine and the link make handles; faces are given one.
    pub fn new(
        requests: mpsc::Sender<Request>,
        snapshot: watch::Receiver<Arc<Snapshot>>,
        events: broadcast::Sender<Event>,
        origin: Origin,
    ) -> Self {
        Self { requests, snapshot, events, origin, standing: None }
    }

    /// The same way in, which also tells how it stands.
    pub fn with_standing(self, standing: watch::Receiver<Standing>) -> Self {
        Self { standing: Some(standing), ..self }
    }

    /// How this face stands to its engine, now.
    pub fn standing(&self) -> Standing {
        self.standing.as_ref().map(|standing| standing.borrow().clone()).unwrap_or_default()
    }

    /// How this face stands to its engine, and word of each change; `None` where it never changes.
    pub fn standings(&self) -> Option<watch::Receiver<Standing>> {
        self.standing.clone()
    }

    /// Waits until the engine can take a request. For whoever passes requests on; faces have the calls below.
    ///
    /// # Errors
    /// That the engine ended.
    pub async fn room(&self) -> Result<mpsc::OwnedPermit<Request>, Fault> {
        self.requests.clone().reserve_owned().await.map_err(|_| gone())
    }

    /// The same way in, for another face.
    pub fn with_origin(&self, origin: Origin) -> Self {
        Self { origin, ..self.clone() }
    }

    /// The world as last seen, and word of each change.
    pub fn snapshots(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.snapshot.clone()
    }

    /// The world as last seen.
    pub fn now(&self) -> Arc<Snapshot> {
        self.snapshot.borrow().clone()
    }

    /// What happens from now on. A receiver that falls behind loses the oldest; the snapshot has the state.
    pub fn events(&self) -> broadcast::Receiver<Event> {
        self.events.subscribe()
    }

    /// Asks for something; answers when it was accepted, not when a job has done it.
    ///
    /// # Errors
    /// Whatever stands against it. Nothing was changed then.
    pub async fn run(&self, order: Order) -> Result<Answer, Fault> {
        let (reply, answer) = oneshot::channel();
        let command = Command { origin: self.origin.clone(), order };
        self.requests.send(Request::Run { command, reply }).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }

    /// Asks for something and waits until its job has ended.
    ///
    /// # Errors
    /// Whatever stands against it, the job's fault, or that it was cancelled.
    pub async fn run_to_end(&self, order: Order) -> Result<Answer, Fault> {
        let answer = self.run(order).await?;
        if let Answer::Started { job, .. } = answer {
            self.job_end(job).await?;
        }
        Ok(answer)
    }

    /// Waits until a job has ended.
    ///
    /// # Errors
    /// The job's fault, or that it was cancelled.
    pub async fn job_end(&self, id: JobId) -> Result<(), Fault> {
        let state = self
            .wait(|snapshot| snapshot.job(id).filter(|job| !job.is_running()).map(|job| job.state.clone()))
            .await?;
        match state {
            JobState::Failed(fault) => Err(*fault),
            JobState::Cancelled => Err(Fault::new(
                FaultKind::Cancelled,
                "It was cancelled.",
                "What it had made was undone.",
                "Ask for it again when you want it.",
            )),
            JobState::Done | JobState::Running => Ok(()),
        }
    }

    /// Waits until a server's state is one of those that `wanted` accepts, and returns it.
    ///
    /// # Errors
    /// [`FaultKind::NotFound`] when the server goes away; that the engine ended.
    pub async fn state(&self, server: ServerId, wanted: impl Fn(State) -> bool) -> Result<State, Fault> {
        let found = self
            .wait(|snapshot| match snapshot.server(server) {
                None => Some(None),
                Some(server) => Some(server.state).filter(|state| wanted(*state)).map(Some),
            })
            .await?;
        found.ok_or_else(|| {
            Fault::new(
                FaultKind::NotFound,
                "The server is gone.",
                "",
                "`mineclifford server list` shows those that there are.",
            )
        })
    }

    /// Waits until `look` finds something in the snapshot.
    ///
    /// # Errors
    /// That the engine ended.
    pub async fn wait<T>(&self, mut look: impl FnMut(&Snapshot) -> Option<T>) -> Result<T, Fault> {
        let mut snapshots = self.snapshot.clone();
        loop {
            if let Some(found) = look(&snapshots.borrow_and_update()) {
                return Ok(found);
            }
            snapshots.changed().await.map_err(|_| gone())?;
        }
    }

    /// The lines of a console, from where `from` says, until the receiver is dropped.
    ///
    /// # Errors
    /// That the engine ended. An unknown server gives a receiver that ends at once.
    pub async fn watch(&self, server: ServerId, from: From) -> Result<mpsc::Receiver<Batch>, Fault> {
        let (lines, receiver) = mpsc::channel(WATCH_DEPTH);
        self.requests.send(Request::Watch { server, from, lines }).await.map_err(|_| gone())?;
        Ok(receiver)
    }

    /// The measurements that are kept of a server, oldest first; none for an unknown one.
    ///
    /// # Errors
    /// That the engine ended.
    pub async fn history(&self, server: ServerId) -> Result<Vec<Sample>, Fault> {
        let (reply, answer) = oneshot::channel();
        self.requests.send(Request::History { server, reply }).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())
    }

    /// The commands that were typed into a server's console, oldest first; none for an unknown one.
    ///
    /// # Errors
    /// That the engine ended.
    pub async fn typed(&self, server: ServerId) -> Result<Vec<String>, Fault> {
        let (reply, answer) = oneshot::channel();
        self.requests.send(Request::Typed { server, reply }).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())
    }
}

fn gone() -> Fault {
    Fault::new(
        FaultKind::Failed,
        "The engine has ended.",
        "Servers go on running in Docker.",
        "Start mineclifford again.",
    )
}
