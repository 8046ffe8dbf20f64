//! What is done to one server: the same orders that a face gives.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::{Errand, choose, tally::Did};
use crate::{
    engine::handle::Handle,
    model::{Answer, BackupWish, Fault, FaultKind, JobId, JobState, Order, ServerId, State, schedule::Task},
};

/// How long a server that is busy with something else is waited for.
const BUSY: Duration = Duration::from_secs(30 * 60);
/// How long one job may take: the largest worlds take hours.
const JOB: Duration = Duration::from_secs(24 * 60 * 60);
/// How long the save before a restart or stop is waited for; the stop itself saves too.
const SAVE: Duration = Duration::from_secs(60);
/// How long a server may take until it can be joined.
const READY: Duration = Duration::from_secs(15 * 60);
/// Before an order is repeated that met a job which the snapshot did not show yet.
const AGAIN: Duration = Duration::from_millis(200);

/// Works on one server.
pub async fn one(errand: &Errand, server: ServerId) -> Did {
    let handle = &errand.handle;
    let world = handle.now();
    // Time has passed while others were worked on.
    let Some(now) = world.server(server) else { return Did::Left("is not there any more".into()) };
    if let Err(did) = choose::fits(&errand.plan, now, &world) {
        return did;
    }
    match task(handle, &errand.plan.task, &errand.plan.name, server).await {
        Ok(()) => Did::Done,
        Err(fault) => Did::Wrong(fault.what),
    }
}

async fn task(handle: &Handle, task: &Task, name: &str, server: ServerId) -> Result<(), Fault> {
    match task {
        Task::Backup => {
            let wish = BackupWish { label: Some(name.to_owned()), ..BackupWish::default() };
            obey(handle, server, Order::Backup(server, wish)).await?;
            obey(handle, server, Order::Prune(server)).await.map_err(|fault| Fault {
                what: format!("It was backed up, but what is too old was not removed: {}", fault.what),
                ..fault
            })
        }
        Task::Restart => {
            save(handle, server).await;
            obey(handle, server, Order::Restart(server)).await?;
            joinable(handle, server).await
        }
        Task::Stop => {
            save(handle, server).await;
            obey(handle, server, Order::Stop(server)).await
        }
        Task::Start => {
            obey(handle, server, Order::Start(server)).await?;
            joinable(handle, server).await
        }
        Task::Commands(lines) => {
            for line in lines {
                handle.run(Order::Console { server, line: line.clone(), reply: false }).await?;
            }
            Ok(())
        }
        Task::Verify => obey(handle, server, Order::Verify(newest(handle, server)?)).await,
        Task::TestRestore => obey(handle, server, Order::TestRestore(newest(handle, server)?)).await,
        Task::Prune => obey(handle, server, Order::Prune(server)).await,
    }
}

fn newest(handle: &Handle, server: ServerId) -> Result<crate::model::BackupId, Fault> {
    let world = handle.now();
    let newest = choose::newest(&world, server).map(|backup| backup.id);
    newest.ok_or_else(|| Fault::new(FaultKind::NotFound, "It has no good backup.", "", ""))
}

/// Has the world written, so that a stop is quick.
async fn save(handle: &Handle, server: ServerId) {
    if handle.now().server(server).is_none_or(|server| server.state != State::Ready) {
        return;
    }
    let order = Order::Console { server, line: "save-all".into(), reply: true };
    match timeout(SAVE, handle.run(order)).await {
        Ok(Ok(_)) => {}
        Ok(Err(fault)) => tracing::warn!(%fault, "the save before a stop could not be asked for"),
        Err(_) => tracing::warn!("the save before a stop did not answer in time"),
    }
}

/// Waits until no job works on it.
async fn idle(handle: &Handle, server: ServerId, until: Instant) -> Result<(), Fault> {
    let idle = handle.wait(|world| match world.server(server) {
        Some(server) if server.job.is_some() => None,
        _ => Some(()),
    });
    match timeout_at(until, idle).await {
        Ok(idle) => idle,
        Err(_) => {
            Err(Fault::new(FaultKind::Conflict, "It was busy with something else for half an hour.", "", ""))
        }
    }
}

/// Gives an order when the server is free for it, and waits until it was carried out.
async fn obey(handle: &Handle, server: ServerId, order: Order) -> Result<(), Fault> {
    let until = Instant::now() + BUSY;
    loop {
        idle(handle, server, until).await?;
        match handle.run(order.clone()).await {
            Ok(Answer::Started { job, .. }) => return ended(handle, job).await,
            Ok(_) => return Ok(()),
            Err(fault) if fault.kind == FaultKind::Conflict => {
                // Somebody else may have been quicker: then the snapshot shows it in a moment.
                sleep(AGAIN).await;
                let busy = handle.now().server(server).is_some_and(|server| server.job.is_some());
                if !busy || Instant::now() >= until {
                    return Err(fault);
                }
            }
            Err(fault) => return Err(fault),
        }
    }
}

/// Waits until a job has ended.
async fn ended(handle: &Handle, id: JobId) -> Result<(), Fault> {
    let mut seen = false;
    let state = handle.wait(|world| match world.job(id) {
        Some(job) => {
            seen = true;
            (!job.is_running()).then(|| job.state.clone())
        }
        // Only a job that has ended is let go of.
        None => seen.then_some(JobState::Done),
    });
    match timeout(JOB, state).await {
        Ok(Ok(JobState::Failed(fault))) => Err(*fault),
        Ok(Ok(JobState::Cancelled)) => Err(Fault::new(FaultKind::Cancelled, "It was cancelled.", "", "")),
        Ok(ended) => ended.map(drop),
        Err(_) => Err(Fault::new(FaultKind::Failed, "It had not ended after a day.", "", "")),
    }
}

/// Waits until players can come again.
async fn joinable(handle: &Handle, server: ServerId) -> Result<(), Fault> {
    let wrong = |what: String| Err(Fault::new(FaultKind::Failed, what, "", ""));
    let reached = handle.wait(|world| {
        let Some(server) = world.server(server) else {
            return Some(wrong("It went away while it started.".into()));
        };
        match server.state {
            State::Ready | State::Paused => Some(Ok(())),
            State::Crashed | State::Looping => {
                let why = server.explanation.as_ref().map(|why| format!(": {}", why.what));
                Some(wrong(format!("It crashed when it was started{}", why.unwrap_or_default())))
            }
            State::Stopped | State::Missing => Some(wrong("Somebody stopped it while it started.".into())),
            _ => None,
        }
    });
    match timeout(READY, reached).await {
        Ok(reached) => reached?,
        Err(_) => wrong("It was started, but cannot be joined after 15 minutes.".into()),
    }
}
