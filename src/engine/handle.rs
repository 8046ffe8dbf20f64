//! How every face reaches the engine.

mod backups;
mod request;

use std::{net::IpAddr, sync::Arc};

use jiff::Timestamp;
use tokio::sync::{broadcast, mpsc, oneshot, watch};

pub use request::{From, Request};

use super::access::Grant;
use crate::model::{
    Answer, AuditEntry, Command, Credential, Event, Fault, FaultKind, History, JobId, JobState, Order,
    Origin, Purpose, Role, Secret, ServerId, Snapshot, Standing, State, Tally, console::Batch, face::Look,
};

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
    /// What whoever holds this may do; `None` is everything.
    grant: Option<Arc<Grant>>,
}

impl Handle {
    /// Puts the three together. The engine and the link make handles; faces are given one.
    pub fn new(
        requests: mpsc::Sender<Request>,
        snapshot: watch::Receiver<Arc<Snapshot>>,
        events: broadcast::Sender<Event>,
        origin: Origin,
    ) -> Self {
        Self { requests, snapshot, events, origin, standing: None, grant: None }
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
    /// That the engine ended; [`FaultKind::Denied`] for somebody from elsewhere, who is not to pass by what they may do.
    pub async fn room(&self) -> Result<mpsc::OwnedPermit<Request>, Fault> {
        if self.grant.is_some() {
            return Err(Fault::new(FaultKind::Denied, "Requests of others are not passed on.", "", ""));
        }
        self.requests.clone().reserve_owned().await.map_err(|_| gone())
    }

    /// The same way in, for another face.
    pub fn with_origin(&self, origin: Origin) -> Self {
        Self { origin, ..self.clone() }
    }

    /// A way in for somebody from elsewhere: through it they see and do what they may, and nothing else.
    ///
    /// # Errors
    /// [`FaultKind::Unauthenticated`]; that the engine ended.
    pub async fn admit(&self, credential: Credential, address: Option<IpAddr>) -> Result<Self, Fault> {
        let (reply, answer) = oneshot::channel();
        self.requests.send(Request::Admit { credential, address, reply }).await.map_err(|_| gone())?;
        let grant = answer.await.map_err(|_| gone())??;
        let origin = Origin::Api(Box::new(grant.caller.clone()));
        Ok(Self { origin, grant: Some(grant), ..self.clone() })
    }

    /// Waits until whoever holds this may no longer do anything: revoked or expired. For ever for those on this machine.
    pub async fn ended(&self) {
        match &self.grant {
            Some(grant) => grant.ended().await,
            None => std::future::pending().await,
        }
    }

    /// Whether whoever holds this has at least this role.
    ///
    /// # Errors
    /// [`FaultKind::Denied`]; [`FaultKind::Unauthenticated`] when it was revoked meanwhile.
    pub fn needs(&self, role: Role) -> Result<(), Fault> {
        let Some(grant) = &self.grant else { return Ok(()) };
        grant.check()?;
        if grant.role >= role {
            return Ok(());
        }
        Err(Fault::new(
            FaultKind::Denied,
            format!("This needs the role {role}; the token has {}.", grant.role),
            "Nothing was shown or changed.",
            "Ask for a token with that role.",
        ))
    }

    /// Whether whoever holds this may see all servers.
    ///
    /// # Errors
    /// [`FaultKind::Denied`] for a token that is limited to some.
    pub fn sees_all(&self) -> Result<(), Fault> {
        if self.grant.as_ref().is_none_or(|grant| grant.sees_all()) {
            return Ok(());
        }
        Err(Fault::new(
            FaultKind::Denied,
            "The token is limited to some servers, and this is of all.",
            "Nothing was shown.",
            "Ask for a token that is not limited.",
        ))
    }

    /// Who holds this: the token's id where it came by one, for limits that are counted by holder.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Whether whoever holds this may hear of an event.
    pub fn hears(&self, event: &Event) -> bool {
        self.grant.as_ref().is_none_or(|grant| grant.check().is_ok() && grant.hears(event, &self.now()))
    }

    /// A ticket: good once, within a minute, for this purpose and server.
    ///
    /// # Errors
    /// [`FaultKind::NotFound`] for a server that whoever holds this does not know of; that they need none.
    pub async fn ticket(
        &self,
        purpose: Purpose,
        server: Option<ServerId>,
    ) -> Result<(Secret, Timestamp), Fault> {
        let Some(grant) = self.grant.clone() else {
            return Err(Fault::new(FaultKind::Denied, "Nobody on this machine needs a ticket.", "", ""));
        };
        if let Some(server) = server
            && self.now().server(server).is_none()
        {
            return Err(no_server());
        }
        let (reply, answer) = oneshot::channel();
        self.requests.send(Request::Ticket { grant, purpose, server, reply }).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }

    /// The last lines of the audit trail, oldest first; only those before the line of the number `before`, where one is
    /// given.
    ///
    /// # Errors
    /// [`FaultKind::Denied`] for whoever may not see all of it; the database's; that the engine ended.
    pub async fn audit(&self, limit: usize, before: Option<u64>) -> Result<Vec<AuditEntry>, Fault> {
        self.needs(Role::Admin)?;
        self.sees_all()?;
        let (reply, answer) = oneshot::channel();
        self.requests.send(Request::Audit { limit, before, reply }).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }

    /// Word of each change of the world. What it holds is the whole world: whoever was admitted looks at [`Self::now`]
    /// instead, when there is word.
    pub fn snapshots(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.snapshot.clone()
    }

    /// The world as last seen.
    pub fn now(&self) -> Arc<Snapshot> {
        self.seen(&self.snapshot.borrow())
    }

    fn seen(&self, world: &Arc<Snapshot>) -> Arc<Snapshot> {
        match &self.grant {
            Some(grant) => grant.view(world),
            None => world.clone(),
        }
    }

    /// Whether whoever holds this knows of a server.
    fn sees(&self, server: ServerId) -> bool {
        self.grant.as_ref().is_none_or(|grant| grant.check().is_ok() && grant.sees(server))
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
        let request = match self.grant.clone() {
            None => Request::Run { command, reply },
            Some(grant) => Request::RunFor { grant, command, reply },
        };
        self.requests.send(request).await.map_err(|_| gone())?;
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
            let world = self.seen(&snapshots.borrow_and_update());
            if let Some(found) = look(&world) {
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
        if !self.sees(server) {
            return Ok(receiver);
        }
        self.requests.send(Request::Watch { server, from, lines }).await.map_err(|_| gone())?;
        Ok(receiver)
    }

    /// What was measured of a server over the last day; nothing for an unknown one.
    ///
    /// # Errors
    /// That the engine ended.
    pub async fn history(&self, server: ServerId) -> Result<History, Fault> {
        if !self.sees(server) {
            return Ok(History::default());
        }
        let (reply, answer) = oneshot::channel();
        self.requests.send(Request::History { server, reply }).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())
    }

    /// What the engine has counted since it began.
    ///
    /// # Errors
    /// [`FaultKind::Denied`] for a token that is limited to some servers; that the engine ended.
    pub async fn tally(&self) -> Result<Tally, Fault> {
        self.needs(Role::Viewer)?;
        self.sees_all()?;
        let (reply, answer) = oneshot::channel();
        self.requests.send(Request::Tally { reply }).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }

    /// Shows that somebody is attached, until what is returned is dropped. For whoever lets them in.
    pub async fn attend(&self, look: Look) -> oneshot::Sender<()> {
        let (stay, gone) = oneshot::channel();
        // An engine that is ending shows nobody any more.
        let _ = self.requests.send(Request::Attend { look, gone }).await;
        stay
    }

    /// The commands that were typed into a server's console, oldest first; none for an unknown one.
    ///
    /// # Errors
    /// That the engine ended.
    pub async fn typed(&self, server: ServerId) -> Result<Vec<String>, Fault> {
        self.needs(Role::Operator)?;
        if !self.sees(server) {
            return Ok(Vec::new());
        }
        let (reply, answer) = oneshot::channel();
        self.requests.send(Request::Typed { server, reply }).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())
    }
}

fn no_server() -> Fault {
    Fault::new(FaultKind::NotFound, "There is no such server.", "", "Look at the list of servers.")
}

fn gone() -> Fault {
    Fault::new(
        FaultKind::Failed,
        "The engine has ended.",
        "Servers go on running in Docker.",
        "Start mineclifford again.",
    )
}
