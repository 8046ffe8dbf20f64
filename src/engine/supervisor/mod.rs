//! Starts the engine's tasks, and ends them in order.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::Duration};

use tokio::sync::{broadcast, mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::{
    backups, console, core,
    fact::Fact,
    handle::Handle,
    hosts, identity,
    schedules::{self, Clock, Desk},
    servers::lives::LoopRule,
};
use crate::{
    docker::Endpoint,
    model::{Event, Fault, HostId, Origin, Snapshot, Way},
    store::{Flag, Store},
    tasks::Tasks,
};

/// Requests that may wait for the core.
const REQUESTS: usize = 256;
/// Facts that may wait for the core: tasks that tell more than it can hear wait for it.
const FACTS: usize = 1_024;
/// Events that a face may be behind before it loses the oldest.
const EVENTS: usize = 256;
/// The name of the key that tickets are signed with.
const TICKETS: &str = "tickets";
/// How long tasks may take to end.
const FAREWELL: Duration = Duration::from_secs(5);

/// Where an engine keeps what it knows.
pub enum Keep {
    /// In a database in this folder.
    Folder(PathBuf),
    /// In memory, under this id: for the demo, which leaves nothing behind.
    Memory(uuid::Uuid),
}

/// What an engine is started with.
pub struct Setup {
    /// Where it keeps what it knows.
    pub keep: Keep,
    /// Where the Docker engine of each host may be, in the order in which it is tried.
    pub hosts: BTreeMap<HostId, Vec<Endpoint>>,
    /// Whether every change is refused.
    pub read_only: bool,
    /// Whether the hosts are embedded engines of practice servers.
    pub demo: bool,
    /// How much each console keeps.
    pub console: console::Limits,
    /// When a server counts as looping.
    pub loop_rule: LoopRule,
    /// The least time that a stop is given before Docker kills the server; more where a server needs more.
    pub stop_grace: Duration,
    /// Whether it does by itself what schedules say. A command that starts an engine for a moment leaves that to those that
    /// stay.
    pub live: bool,
    /// Whether it begins with a schedule that backs up every day, where it never began before.
    pub first_schedule: bool,
    /// What its scheduler takes for the time.
    pub clock: Clock,
    /// Where backups lie and how they are made.
    pub backups: backups::Settings,
}

/// What can be set while the engine runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tuning {
    /// As [`Setup::read_only`].
    pub read_only: bool,
    /// As [`Setup::console`], for consoles that are opened from then on.
    pub console: console::Limits,
    /// As [`Setup::loop_rule`].
    pub loop_rule: LoopRule,
    /// As [`Setup::stop_grace`].
    pub stop_grace: Duration,
    /// As in [`Setup::backups`].
    pub backups: backups::Tuning,
}

/// A running engine.
pub struct Engine {
    handle: Handle,
    facts: mpsc::Sender<Fact>,
    stop: CancellationToken,
    core: tokio::task::JoinHandle<()>,
    tasks: Tasks,
    store: Store,
    /// What happened since the start, until somebody takes it.
    early: Option<broadcast::Receiver<Event>>,
}

impl Engine {
    /// Opens the database and starts the tasks. Hosts are connected to in the background: a Docker that does not
    /// answer is shown, and no reason not to start.
    ///
    /// # Errors
    /// That the database cannot be opened: locked, damaged, from a newer version, or its folder not writable.
    pub async fn start(setup: Setup) -> Result<Self, Fault> {
        let (store, identity) = match &setup.keep {
            Keep::Folder(folder) => {
                let store =
                    Store::open(&folder.join("mineclifford.redb")).await.map_err(|error| error.fault())?;
                (store, identity::load(folder).await?)
            }
            Keep::Memory(id) => (Store::in_memory().await.map_err(|error| error.fault())?, *id),
        };
        let mut loaded = store.load().await.map_err(|error| error.fault())?;
        let key = store.key(TICKETS, rand::random()).await.map_err(|error| error.fault())?;

        let (requests, incoming) = mpsc::channel(REQUESTS);
        let (facts, told) = mpsc::channel(FACTS);
        let (asks, asked) = mpsc::channel(schedules::ASKS);
        let (snapshot, seen) = watch::channel(Arc::new(Snapshot::default()));
        let (events, early) = broadcast::channel(EVENTS);
        let stop = CancellationToken::new();
        let tasks = Tasks::new();

        for (id, endpoints) in &setup.hosts {
            let host = hosts::Setup { id: id.clone(), endpoints: endpoints.clone() };
            tasks.spawn(hosts::run(host, facts.clone(), stop.child_token()));
        }
        let handle = Handle::new(requests, seen, events.clone(), Origin::Engine);
        let tell = facts.clone();
        let ground = schedules::Ground {
            handle: handle.with_origin(Origin::Schedule),
            store: store.clone(),
            facts: facts.clone(),
            tasks: tasks.clone(),
            stop: stop.clone(),
            clock: setup.clock.clone(),
            live: setup.live,
        };
        let records = std::mem::take(&mut loaded.schedules);
        let paused = loaded.flags.contains(&Flag::SchedulesPaused);
        let (mut desk, reports) = Desk::open(ground, records, paused).await;
        if setup.first_schedule && !setup.read_only && !loaded.flags.contains(&Flag::FirstSchedule) {
            desk.make_first().await;
        }
        let schedules = (desk.list(), paused);
        tasks.spawn(desk.run(asked, reports));
        let core = core::Core::new(
            setup,
            identity,
            store.clone(),
            loaded,
            key,
            core::Ways { facts, snapshot, events, asks, schedules, tasks: tasks.clone(), stop: stop.clone() },
        );
        let core = tokio::spawn(core.run(incoming, told));
        Ok(Self { handle, facts: tell, stop, core, tasks, store, early: Some(early) })
    }

    /// A way in for a face.
    pub fn handle(&self, origin: Origin) -> Handle {
        self.handle.with_origin(origin)
    }

    /// What happened since the start, and what happens from now on; of those that ask, the first gets what happened.
    pub fn events(&mut self) -> broadcast::Receiver<Event> {
        self.early.take().unwrap_or_else(|| self.handle.events())
    }

    /// Lets other settings hold from now on.
    pub async fn tune(&self, tuning: Tuning) {
        // An engine that is ending needs no settings any more.
        let _ = self.facts.send(Fact::Tuned(tuning)).await;
    }

    /// Shows that there is this way in.
    pub async fn open(&self, way: Way) {
        let _ = self.facts.send(Fact::WayOpen(Box::new(way))).await;
    }

    /// Ends everything in order: jobs are cancelled or brought to an end, consoles close, the database is closed.
    /// Servers go on running in Docker. Takes at most about twenty seconds, mostly none.
    pub async fn shutdown(self) {
        self.stop.cancel();
        let _ = tokio::time::timeout(super::jobs::FAREWELL + FAREWELL, self.core).await;
        self.tasks.close();
        let _ = tokio::time::timeout(FAREWELL, self.tasks.wait()).await;
        self.store.close().await;
    }
}

#[cfg(test)]
mod tests;
