//! `server start`, `stop`, `restart`, `kill`

use futures_util::{StreamExt, stream};

use super::reach::{self, Goal, Show};
use crate::{
    cli::{
        args::{Wait, server::LifecycleArgs},
        exit::{Exit, Failure, Outcome},
        io::{Interrupt, Io},
        output::{clean, human, json::OutcomeView},
    },
    engine::Handle,
    model::{Fault, FaultKind, Order, ServerId},
};

/// Servers that are worked on at the same time.
const AT_ONCE: usize = 8;

/// What is done to servers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Verb {
    Start,
    Stop,
    Restart,
    Kill,
}

impl Verb {
    /// As it is typed.
    pub fn word(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Stop => "stop",
            Self::Restart => "restart",
            Self::Kill => "kill",
        }
    }

    fn done(self) -> &'static str {
        match self {
            Self::Start => "started",
            Self::Stop => "stopped",
            Self::Restart => "restarted",
            Self::Kill => "killed",
        }
    }

    fn order(self, server: ServerId) -> Order {
        match self {
            Self::Start => Order::Start(server),
            Self::Stop => Order::Stop(server),
            Self::Restart => Order::Restart(server),
            Self::Kill => Order::Kill(server),
        }
    }

    fn goal(self) -> Goal {
        match self {
            Self::Start | Self::Restart => Goal::Joinable,
            Self::Stop | Self::Kill => Goal::Ended,
        }
    }
}

/// Does it to each server that is named; all are tried, each outcome is told, the highest exit code is returned.
///
/// # Errors
/// `Told` when any of them failed.
pub async fn run(handle: &Handle, io: &mut Io, verb: Verb, args: &LifecycleArgs) -> Outcome {
    let mut names: Vec<&str> = Vec::new();
    for name in &args.names {
        // Named twice is meant once.
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    let down = reach::settle(handle, io).await?;
    let mut ended = Vec::new();
    if let [name] = names.as_slice() {
        let one = alone(handle, io, verb, name, &args.wait, down).await;
        tell(io, handle, verb, name, &one, false);
        ended.push((*name, one));
    } else {
        let interrupt = io.interrupt.clone();
        let mut work = stream::iter(names.iter().map(|name| {
            let (interrupt, down) = (&interrupt, down.clone());
            async move { (*name, one(handle, interrupt, verb, name, &args.wait, down, &mut |_| {}).await) }
        }))
        .buffer_unordered(AT_ONCE);
        while let Some((name, one)) = work.next().await {
            tell(io, handle, verb, name, &one, true);
            ended.push((name, one));
        }
    }
    if io.json {
        ended.sort_by_key(|(name, _)| names.iter().position(|asked| asked == name));
        write_json(io, handle, verb, &ended)?;
    }
    let worst = ended.iter().filter_map(|(_, one)| one.result.as_ref().err().map(code)).max();
    worst.map_or(Ok(()), |exit| Err(Failure::Told(exit)))
}

/// What became of one server.
struct One {
    server: Option<ServerId>,
    result: Outcome,
}

async fn alone(
    handle: &Handle,
    io: &mut Io,
    verb: Verb,
    name: &str,
    wait: &Wait,
    down: Option<Fault>,
) -> One {
    let mut meter = reach::meter(io);
    let interrupt = io.interrupt.clone();
    let err = &mut io.err;
    let one = one(handle, &interrupt, verb, name, wait, down, &mut |seen| seen.on(&mut meter, err)).await;
    meter.clear(&mut io.err);
    one
}

async fn one(
    handle: &Handle,
    interrupt: &Interrupt,
    verb: Verb,
    name: &str,
    wait: &Wait,
    down: Option<Fault>,
    show: &mut Show<'_>,
) -> One {
    let found = handle.now().find(name).map(|server| server.id());
    let server = match (found, down) {
        (Ok(server), _) => server,
        (Err(fault), Some(down)) if fault.kind == FaultKind::NotFound => {
            return One { server: None, result: Err(down.into()) };
        }
        (Err(fault), _) => return One { server: None, result: Err(fault.into()) },
    };
    let work = async {
        reach::follow(handle, interrupt, verb.order(server), show).await?;
        if wait.wait {
            reach::reached(handle, interrupt, server, verb.goal(), wait.timeout, show).await?;
        }
        Ok(())
    };
    One { server: Some(server), result: work.await }
}

fn code(failure: &Failure) -> Exit {
    match failure {
        Failure::Fault(fault) => fault.kind.into(),
        Failure::Told(exit) => *exit,
        Failure::Output(_) => Exit::Failed,
    }
}

fn tell(io: &mut Io, handle: &Handle, verb: Verb, name: &str, one: &One, several: bool) {
    match &one.result {
        Ok(()) => {
            let snapshot = handle.now();
            let server = one.server.and_then(|id| snapshot.server(id));
            let shown = clean::plain(server.map_or(name, |server| server.name()));
            let state = server.map(|server| human::state(server.state));
            let state = state.filter(|state| state != verb.done()).map(|state| format!(" ({state})"));
            // A closed output must not keep the other servers from being told about on the error output.
            let _ = io.confirm(&format!("{shown}: {}{}", verb.done(), state.unwrap_or_default()));
        }
        Err(Failure::Fault(fault)) => io.tell(fault, several.then_some(name)),
        Err(Failure::Told(_)) => io.remark(&format!("{name}: interrupted")),
        Err(Failure::Output(_)) => {}
    }
}

fn write_json(io: &mut Io, handle: &Handle, verb: Verb, ended: &[(&str, One)]) -> Outcome {
    let snapshot = handle.now();
    let views: Vec<_> = ended
        .iter()
        .map(|(name, one)| {
            let server = one.server.and_then(|id| snapshot.server(id));
            OutcomeView {
                name: server.map_or(name, |server| server.name()),
                id: one.server,
                action: verb.word(),
                ok: one.result.is_ok(),
                state: server.map(|server| server.state.word()),
                error: match &one.result {
                    Err(Failure::Fault(fault)) => Some(fault.into()),
                    _ => None,
                },
            }
        })
        .collect();
    io.document(&views)
}
