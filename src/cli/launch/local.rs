//! The engine of this machine's data folder: attached to where one runs, started inside this process where none does.

use std::time::Duration;

use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep, timeout_at},
};
use uuid::Uuid;

use super::{notices, setup};
use crate::{
    config::Settings,
    engine::{Engine, Handle, Setup},
    link::{Backend, Error, HandOver, Joining, Listen, Server, Source, Target, default_path, group_id, join},
    model::{Fault, FaultKind, Job, Origin, Standing, Way, face::WayKind},
    notify::Notices,
};

/// How long an engine that is just starting or ending is waited for.
const PATIENCE: Duration = Duration::from_secs(3);
/// Between two looks.
const LOOK: Duration = Duration::from_millis(150);
/// Longest between two attempts at an engine that does not come about.
const SLOWEST: Duration = Duration::from_secs(5);
/// How long a hand-over waits for jobs.
const JOBS: Duration = Duration::from_secs(60);
/// How long the engine that took over has to be there.
const HEIR: Duration = Duration::from_secs(20);
/// Wishes for a hand-over that may wait.
const CALLS: usize = 4;

/// The socket of the engine that these settings are for.
pub(super) fn socket(settings: &Settings) -> std::path::PathBuf {
    settings.attach.socket.clone().unwrap_or_else(|| default_path(&settings.data_dir))
}

/// The same, as the dashboard shows it.
pub(super) fn way(settings: &Settings) -> Way {
    Way { kind: WayKind::Socket, address: socket(settings).display().to_string(), private: true }
}

/// The group that may attach.
///
/// # Errors
/// That there is no such group.
pub(super) fn group(settings: &Settings) -> Result<Option<u32>, Fault> {
    let Some(name) = &settings.attach.group else { return Ok(None) };
    let found = group_id(name).map(Some);
    found.ok_or_else(|| Fault::invalid("attach.group", format!("there is no group called {name}")))
}

/// Attaches to the engine that runs, where one does.
///
/// # Errors
/// That it refuses, or that the versions do not fit.
pub(super) async fn attach(settings: &Settings, joining: &Joining) -> Result<Option<Backend>, Fault> {
    let target = Target::Socket(socket(settings));
    let joined = async { join(target.dial().await?, joining).await };
    match joined.await {
        Ok(backend) => Ok(Some(backend)),
        // One that is just ending lets go of the database in a moment.
        Err(Error::Nobody(_) | Error::Closed) => Ok(None),
        Err(error) => Err(error.fault(&target.place())),
    }
}

/// How an engine was found.
pub(super) enum Found {
    /// It runs in another process.
    Attached(Backend),
    /// It was started in this one.
    Own(Box<Engine>),
}

/// Attaches, or starts an engine, with what `change` makes of its setup. Of two that start at once one wins, and the other attaches to it.
///
/// # Errors
/// That neither is possible: another process holds the database and offers no way in, or it cannot be opened.
pub(super) async fn find(
    settings: &Settings,
    joining: &Joining,
    change: impl Fn(&mut Setup),
) -> Result<Found, Fault> {
    let until = Instant::now() + PATIENCE;
    loop {
        if let Some(backend) = attach(settings, joining).await? {
            return Ok(Found::Attached(backend));
        }
        let mut setup = setup(settings)?;
        change(&mut setup);
        match Engine::start(setup).await {
            Ok(engine) => return Ok(Found::Own(Box::new(engine))),
            Err(fault) if fault.kind == FaultKind::Conflict && Instant::now() < until => sleep(LOOK).await,
            Err(fault) => return Err(fault),
        }
    }
}

/// As people read where an attached engine is.
fn place(backend: &Backend) -> String {
    format!("process {}", backend.pid)
}

/// An engine inside this process, the door through which others attach, and whoever is told what happens.
struct Inside {
    engine: Engine,
    run: Uuid,
    server: Option<Server>,
    notices: Notices,
}

impl Inside {
    fn new(mut engine: Engine, settings: &Settings) -> Self {
        // A target that is wrong is told by `notify list` and refused by a service; here it must not be in the way.
        let targets = notices::targets(settings)
            .inspect_err(|fault| tracing::warn!(%fault, "no notices are sent"))
            .unwrap_or_default();
        let notices = Notices::start(engine.handle(Origin::Engine), engine.events(), targets);
        Self { engine, run: Uuid::now_v7(), server: None, notices }
    }

    fn backend(&self) -> Backend {
        Backend::here(self.engine.handle(Origin::Dashboard), self.run)
    }

    /// Lets others attach. An engine without a door is better than none.
    async fn open(&mut self, settings: &Settings, calls: &mpsc::Sender<HandOver>) {
        let listen = Listen {
            path: socket(settings),
            group: group(settings).unwrap_or_default(),
            engine: self.engine.handle(Origin::Dashboard),
            run: self.run,
            hand_over: Some(calls.clone()),
        };
        self.server = Server::start(listen)
            .await
            .inspect_err(|fault| tracing::warn!(%fault, "other faces cannot attach"))
            .ok();
        if self.server.is_some() {
            self.engine.open(way(settings)).await;
        }
    }

    async fn close(&mut self) {
        if let Some(server) = self.server.take() {
            server.close().await;
        }
    }

    async fn end(mut self) {
        self.close().await;
        self.engine.shutdown().await;
        self.notices.close().await;
    }
}

/// A wish for a hand-over that was heard.
struct Call {
    wish: HandOver,
    until: Instant,
}

/// Where a dashboard's engines come from.
pub(super) struct Local {
    settings: Settings,
    joining: Joining,
    inside: Option<Inside>,
    calls: mpsc::Receiver<HandOver>,
    caller: mpsc::Sender<HandOver>,
    call: Option<Call>,
    place: String,
}

impl Local {
    /// With the first engine, and how the dashboard stands to it.
    ///
    /// # Errors
    /// As [`find`].
    pub(super) async fn open(
        settings: &Settings,
        joining: Joining,
    ) -> Result<(Self, Backend, Standing), Fault> {
        let found = find(settings, &joining, |_| {}).await?;
        let (caller, calls) = mpsc::channel(CALLS);
        let settings = settings.clone();
        let mut local =
            Self { settings, joining, inside: None, calls, caller, call: None, place: String::new() };
        let (backend, standing) = local.settle(found).await;
        Ok((local, backend, standing))
    }

    /// Ends the engine that is inside, where there is one.
    pub(super) async fn close(mut self) {
        if let Some(inside) = self.inside.take() {
            inside.end().await;
        }
    }

    async fn settle(&mut self, found: Found) -> (Backend, Standing) {
        match found {
            Found::Attached(backend) => {
                self.place = place(&backend);
                let standing = Standing::Attached { place: self.place.clone() };
                (backend, standing)
            }
            Found::Own(engine) => {
                let mut inside = Inside::new(*engine, &self.settings);
                inside.open(&self.settings, &self.caller).await;
                self.place = "this program".into();
                let backend = inside.backend();
                self.inside = Some(inside);
                (backend, Standing::Inside)
            }
        }
    }

    /// Gives the database away. `Err` is the engine that stays, because a job began at the last moment.
    async fn give(&mut self, call: Call, mut inside: Inside) -> Result<(), Backend> {
        // Nobody begins anything any more: not from here, and not through the door.
        inside.close().await;
        let handle = inside.engine.handle(Origin::Dashboard);
        if let Err(fault) = idle(&handle, Instant::now() + JOBS).await {
            let _ = call.wish.reply.send(Err(fault));
            inside.open(&self.settings, &self.caller).await;
            let backend = inside.backend();
            self.inside = Some(inside);
            return Err(backend);
        }
        inside.end().await;
        drop(call.wish.notes);
        let _ = call.wish.reply.send(Ok(()));
        Ok(())
    }
}

/// Waits until no job runs.
async fn idle(handle: &Handle, until: Instant) -> Result<(), Fault> {
    let idle = handle.wait(|world| (!world.jobs.iter().any(|job| job.is_running())).then_some(()));
    match timeout_at(until, idle).await {
        // One that has ended tears nothing either.
        Ok(_) => Ok(()),
        Err(_) => {
            let now = handle.now();
            let jobs: Vec<_> = running(&now.jobs).collect();
            Err(Fault::new(
                FaultKind::Conflict,
                format!("A dashboard holds the database, and jobs are under way there: {}.", jobs.join(", ")),
                "They go on; no second engine was started.",
                "Try again when they have ended.",
            ))
        }
    }
}

fn running(jobs: &[std::sync::Arc<Job>]) -> impl Iterator<Item = String> + '_ {
    let running = jobs.iter().filter(|job| job.is_running());
    running.map(|job| format!("{} of {}", job.kind.word(), job.server_name))
}

impl Source for Local {
    async fn next(&mut self, standing: &watch::Sender<Standing>) -> Backend {
        let place = self.place.clone();
        let tell = |why: String| {
            standing.send_replace(Standing::Reconnecting { place: place.clone(), why });
        };
        let mut heir_until = Instant::now();
        match (self.inside.take(), self.call.take()) {
            (Some(inside), Some(call)) => {
                tell("another engine takes over".into());
                match self.give(call, inside).await {
                    Ok(()) => heir_until = Instant::now() + HEIR,
                    Err(stays) => {
                        standing.send_replace(Standing::Inside);
                        return stays;
                    }
                }
            }
            (Some(inside), None) => {
                tell("it has ended".into());
                inside.end().await;
            }
            (None, _) => tell("it has ended".into()),
        }
        let mut pause = LOOK;
        loop {
            let heir = Instant::now() < heir_until;
            let found = match heir {
                true => attach(&self.settings, &self.joining).await.map(|found| found.map(Found::Attached)),
                false => find(&self.settings, &self.joining, |_| {}).await.map(Some),
            };
            match found {
                Ok(Some(found)) => {
                    let (backend, now) = self.settle(found).await;
                    standing.send_replace(now);
                    return backend;
                }
                Ok(None) => pause = LOOK,
                Err(fault) => {
                    tracing::warn!(%fault, "no engine yet");
                    tell(fault.what);
                    pause = (pause * 2).min(SLOWEST);
                }
            }
            sleep(pause).await;
        }
    }

    async fn recall(&mut self) {
        loop {
            if self.call.is_none() {
                // The sender is kept here, so this waits for ever when nobody calls.
                let Some(wish) = self.calls.recv().await else { return std::future::pending().await };
                self.call = Some(Call { wish, until: Instant::now() + JOBS });
                if let (Some(inside), Some(call)) = (&self.inside, &self.call) {
                    let now = inside.engine.handle(Origin::Dashboard).now();
                    let jobs: Vec<_> = running(&now.jobs).collect();
                    if !jobs.is_empty() {
                        let _ = call
                            .wish
                            .notes
                            .try_send(format!("jobs are under way there: {}", jobs.join(", ")));
                    }
                }
            }
            let Some(call) = &self.call else { continue };
            // Nothing is held: there is nothing to give away any more.
            let Some(inside) = &self.inside else {
                self.call = None;
                continue;
            };
            match idle(&inside.engine.handle(Origin::Dashboard), call.until).await {
                Ok(()) => return,
                Err(fault) => {
                    if let Some(call) = self.call.take() {
                        let _ = call.wish.reply.send(Err(fault));
                    }
                }
            }
        }
    }
}
