//! Reaching servers: waiting until the world is known, finding one, following a job, waiting for a state.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, sleep_until, timeout};

use crate::{
    cli::{
        exit::{Failure, Outcome},
        io::{Interrupt, Io},
        output::progress::Meter,
    },
    engine::Handle,
    model::{
        Answer, Fault, FaultKind, HostState, Job, JobId, JobState, Order, Server, ServerId, Snapshot, State,
    },
};

/// How long hosts have to answer for the first time.
pub const SETTLE: Duration = Duration::from_secs(10);
/// How long interrupted jobs of an earlier run may take to be looked after: a server may have to be stopped in peace.
const MEND: Duration = Duration::from_secs(100);
/// How long running servers have to be measured for the first time. Docker measures once a second, and the first
/// measurement has nothing to compare with.
pub const MEASURE: Duration = Duration::from_millis(2_500);
/// The same for who asks for nothing else: a busy machine's Docker takes its time.
pub const MEASURE_ALONE: Duration = Duration::from_secs(10);
/// How long an order that was interrupted is waited for until it is known whether it was accepted.
const ACCEPT: Duration = Duration::from_secs(2);
/// How long a job that was cancelled has to undo what it made.
const UNDO: Duration = Duration::from_secs(60);

/// What is seen while something is waited for.
#[derive(Clone, Copy, Debug)]
pub enum Seen<'a> {
    /// A job that runs.
    Job(&'a Job),
    /// A server on its way to the state that is waited for.
    Server(&'a Server),
    /// A job that is being cancelled.
    Cancelling,
}

impl Seen<'_> {
    /// Shows it.
    pub fn on(self, meter: &mut Meter, err: &mut dyn std::io::Write) {
        match self {
            Self::Job(job) => meter.show(err, job),
            Self::Server(server) => meter.state(err, server.name(), server.state),
            Self::Cancelling => meter.note(err, "cancelling; ctrl-c again ends at once"),
        }
    }
}

/// Told what is seen while something is waited for.
pub type Show<'a> = dyn FnMut(Seen<'_>) + Send + 'a;

fn down(snapshot: &Snapshot) -> Option<Fault> {
    snapshot.hosts.iter().find_map(|host| match &host.state {
        HostState::Down(fault) => Some(Fault::clone(fault)),
        HostState::Up | HostState::Connecting => None,
    })
}

/// Waits until every host was asked once. The fault of a host that does not answer, if there is one: what is known of
/// its servers is then what was stored.
///
/// # Errors
/// [`FaultKind::Unreachable`] when no answer came in [`SETTLE`]; that the engine ended; an interrupt.
pub async fn settle(handle: &Handle, io: &mut Io) -> Outcome<Option<Fault>> {
    let known = || {
        handle.wait(|snapshot| {
            let all_down = !snapshot.hosts.is_empty()
                && snapshot.hosts.iter().all(|host| matches!(host.state, HostState::Down(_)));
            (snapshot.settled || all_down).then(|| down(snapshot))
        })
    };
    let answers = || handle.now().hosts.iter().any(|host| host.state == HostState::Up);
    let mut settled = io.interrupt.guard(async { timeout(SETTLE, known()).await.ok().transpose() }).await?;
    if settled.is_none() && answers() {
        io.remark("Looking after what an earlier run left unfinished; that may take a minute.");
        settled = io.interrupt.guard(async { timeout(MEND, known()).await.ok().transpose() }).await?;
    }
    match settled {
        Some(down) => Ok(down),
        None => Err(down(&handle.now()).unwrap_or_else(silent).into()),
    }
}

fn silent() -> Fault {
    Fault::new(
        FaultKind::Unreachable,
        format!("Docker did not answer within {} seconds.", SETTLE.as_secs()),
        "Nothing is known about the servers; nothing was changed.",
        "See whether `docker version` answers; `mineclifford doctor` checks the rest.",
    )
}

/// Waits until the world is known, and finds a server in it.
///
/// # Errors
/// As [`settle`] and [`Snapshot::find`]. Where Docker cannot be reached, a server that is not known is no proof that
/// there is none, so that is the error then.
pub async fn find(handle: &Handle, io: &mut Io, name: &str) -> Outcome<Arc<Server>> {
    let down = settle(handle, io).await?;
    match handle.now().find(name) {
        Ok(server) => Ok(server.clone()),
        Err(fault) if fault.kind == FaultKind::NotFound => Err(down.unwrap_or(fault).into()),
        Err(fault) => Err(fault.into()),
    }
}

/// Waits for the first measurement of each running server that `wanted` names, `limit` at the longest.
///
/// # Errors
/// That the engine ended; an interrupt.
pub async fn measured(
    handle: &Handle,
    io: &Io,
    limit: Duration,
    wanted: impl Fn(&Server) -> bool,
) -> Outcome {
    let all = handle.wait(|snapshot| {
        let open =
            |server: &Arc<Server>| server.state.is_running() && server.sample.is_none() && wanted(server);
        (!snapshot.servers.iter().any(open)).then_some(())
    });
    io.interrupt.guard(async { timeout(limit, all).await.unwrap_or(Ok(())) }).await
}

/// Asks for something and waits until its job has ended; shows how far it is. An interrupt cancels the job, and what
/// it had made is undone before this returns.
///
/// # Errors
/// Whatever stands against it, the job's fault, an interrupt.
pub async fn follow(
    handle: &Handle,
    interrupt: &Interrupt,
    order: Order,
    show: &mut Show<'_>,
) -> Outcome<Answer> {
    let mut accepted = std::pin::pin!(handle.run(order));
    let answer = tokio::select! {
        answer = &mut accepted => answer?,
        // It may have been accepted at this very moment: a job that nobody knows of could not be cancelled.
        () = interrupt.raised() => match timeout(ACCEPT, accepted).await {
            Ok(answer) => answer?,
            Err(_) => return Err(Failure::Told(interrupt.exit())),
        },
    };
    if let Answer::Started { job, .. } = &answer {
        end_of(handle, interrupt, *job, show).await?;
    }
    Ok(answer)
}

async fn end_of(handle: &Handle, interrupt: &Interrupt, id: JobId, show: &mut Show<'_>) -> Outcome {
    let mut snapshots = handle.snapshots();
    let mut deadline = None;
    let mut seen = false;
    let state = loop {
        let job = snapshots.borrow_and_update().job(id).cloned();
        match job {
            Some(job) if job.is_running() => {
                show(if deadline.is_some() { Seen::Cancelling } else { Seen::Job(&job) });
            }
            Some(job) => break job.state.clone(),
            // Only a job that has ended is let go from the snapshot.
            None if seen => break JobState::Done,
            None => {}
        }
        seen |= snapshots.borrow().job(id).is_some();
        let now = Instant::now();
        tokio::select! {
            changed = snapshots.changed() => changed.map_err(|_| engine_gone())?,
            () = interrupt.raised(), if deadline.is_none() => {
                deadline = Some(now + UNDO);
                // Refused where it has just ended, or cannot be cancelled any more: its end tells.
                let _ = timeout(UNDO, handle.run(Order::Cancel(id))).await;
            }
            () = sleep_until(deadline.unwrap_or(now)), if deadline.is_some() => {
                return Err(Failure::Told(interrupt.exit()));
            }
        }
    };
    match state {
        JobState::Failed(fault) => Err((*fault).into()),
        JobState::Cancelled if deadline.is_some() => Err(Failure::Told(interrupt.exit())),
        JobState::Cancelled => Err(cancelled().into()),
        JobState::Done | JobState::Running => Ok(()),
    }
}

fn engine_gone() -> Fault {
    Fault::new(
        FaultKind::Failed,
        "The engine ended before the job did.",
        "Servers go on running in Docker; the job may be half done.",
        "Start mineclifford again: it mends what was left.",
    )
}

fn cancelled() -> Fault {
    Fault::new(
        FaultKind::Cancelled,
        "It was cancelled.",
        "What it had made was undone.",
        "Ask for it again when you want it.",
    )
}

/// [`follow`] for one order, with its progress on the error output.
///
/// # Errors
/// As [`follow`].
pub async fn follow_aloud(handle: &Handle, io: &mut Io, order: Order) -> Outcome<Answer> {
    let mut meter = meter(io);
    let interrupt = io.interrupt.clone();
    let err = &mut io.err;
    let ended = follow(handle, &interrupt, order, &mut |seen| seen.on(&mut meter, err)).await;
    meter.clear(&mut io.err);
    if interrupt.is_raised() && matches!(ended, Err(Failure::Told(_))) {
        io.remark("Cancelled.");
    }
    ended
}

/// A meter for the error output.
pub fn meter(io: &Io) -> Meter {
    Meter::new(io.facts.err_terminal, io.quiet || io.json, io.facts.width)
}

/// What is waited for after a job.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Goal {
    /// That the server can be joined.
    Joinable,
    /// That its container has ended.
    Ended,
}

/// Waits until a server can be joined, or has ended.
///
/// # Errors
/// Its explanation when it ends instead; that it took longer than `limit`; an interrupt, which changes nothing about
/// the server.
pub async fn reached(
    handle: &Handle,
    interrupt: &Interrupt,
    server: ServerId,
    goal: Goal,
    limit: Duration,
    show: &mut Show<'_>,
) -> Outcome {
    let settled = |state| match goal {
        Goal::Joinable => !matches!(
            state,
            State::Pulling
                | State::Creating
                | State::Starting
                | State::Loading(_)
                | State::Stopping
                | State::Unhealthy
                | State::Unknown
        ),
        Goal::Ended => matches!(state, State::Stopped | State::Crashed | State::Looping | State::Missing),
    };
    let found = handle.wait(|snapshot| match snapshot.server(server) {
        None => Some(None),
        Some(server) => {
            if settled(server.state) {
                return Some(Some(server.clone()));
            }
            show(Seen::Server(server));
            None
        }
    });
    let found = interrupt.guard(async { timeout(limit, found).await.ok().transpose() }).await?;
    match found {
        None => Err(late(goal, limit).into()),
        Some(None) => Err(Fault::new(
            FaultKind::NotFound,
            "The server is gone.",
            "Somebody removed it while it was waited for.",
            "`mineclifford server list` shows those that there are.",
        )
        .into()),
        Some(Some(server)) if goal == Goal::Ended || server.state == State::Ready => Ok(()),
        Some(Some(server)) => Err(ended_instead(&server).into()),
    }
}

fn late(goal: Goal, limit: Duration) -> Fault {
    let wanted = if goal == Goal::Joinable { "joined" } else { "seen to have ended" };
    Fault::new(
        FaultKind::Failed,
        format!("After {} it can still not be {wanted}.", humantime::format_duration(limit)),
        "It goes on as it is; only the waiting ended.",
        "`mineclifford logs NAME` shows what it is doing; --timeout allows it more time.",
    )
}

fn ended_instead(server: &Server) -> Fault {
    match &server.explanation {
        Some(why) => Fault::new(FaultKind::Failed, &why.what, &why.means, &why.next),
        None => Fault::new(
            FaultKind::Failed,
            format!("It is {} and cannot be joined.", server.state.word()),
            "Its world is kept.",
            format!("`mineclifford logs {}` shows its last words.", server.name()),
        ),
    }
}
