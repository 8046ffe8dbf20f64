//! Players are told before a server goes away under them.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::{Errand, choose};
use crate::model::{
    Order, Server, ServerId, Snapshot, State,
    schedule::{Outcome, Plan, Task},
};

/// When they are told, before the time, and in which words.
const WARNINGS: [(SignedDuration, &str); 4] = [
    (SignedDuration::from_mins(10), "10 minutes"),
    (SignedDuration::from_mins(5), "5 minutes"),
    (SignedDuration::from_mins(1), "1 minute"),
    (SignedDuration::from_secs(10), "10 seconds"),
];

/// How late a warning may still be said.
const LATE: SignedDuration = SignedDuration::from_secs(3);

/// Whether somebody is, or may be, on it.
fn is_visited(server: &Server) -> bool {
    matches!(server.state, State::Ready | State::Unhealthy)
        && server.players.as_ref().is_none_or(|players| players.online > 0)
}

/// Those whose players are to be warned, as things are now.
fn warned(plan: &Plan, world: &Snapshot) -> Vec<ServerId> {
    let (servers, _) = choose::all(plan, world);
    servers.iter().filter(|server| is_visited(server)).map(|server| server.id()).collect()
}

/// Whether anybody is to be warned.
pub fn anybody(plan: &Plan, world: &Snapshot) -> bool {
    !warned(plan, world).is_empty()
}

/// Waits until the time has come, and tells players meanwhile.
///
/// # Errors
/// That it was called off; then whoever was warned is told so.
pub async fn countdown(errand: &Errand, at: Timestamp) -> Result<(), Outcome> {
    let mut told = BTreeSet::new();
    for (before, words) in WARNINGS {
        let when = at - before;
        // What is past already is not said any more: the next one tells. A run always begins a moment after its time.
        if when + LATE < errand.clock.now() {
            continue;
        }
        wait(errand, when, &told).await?;
        let servers = warned(&errand.plan, &errand.handle.now());
        let verb = if errand.plan.task == Task::Stop { "stops" } else { "restarts" };
        say(errand, &servers, &format!("The server {verb} in {words}.")).await;
        told.extend(servers);
    }
    wait(errand, at, &told).await
}

async fn wait(errand: &Errand, when: Timestamp, told: &BTreeSet<ServerId>) -> Result<(), Outcome> {
    while errand.clock.now() < when {
        tokio::select! {
            () = errand.halt.cancelled() => break,
            () = errand.clock.until(when) => {
                // A clock that was set back far would hold a countdown for ever.
                if when.duration_since(errand.clock.now()) > super::LEAD * 2 {
                    break;
                }
            }
        }
    }
    if !errand.halt.is_cancelled() {
        return Ok(());
    }
    let what = if errand.plan.task == Task::Stop { "stop" } else { "restart" };
    let told: Vec<_> = told.iter().copied().collect();
    say(errand, &told, &format!("The {what} was called off.")).await;
    Err(Outcome::Skipped("It was called off while players were being warned.".into()))
}

/// Says something to everybody on these servers. One that cannot be told is no reason to leave the others.
async fn say(errand: &Errand, servers: &[ServerId], text: &str) {
    let orders = servers.iter().map(|server| {
        let line = format!("say {text}");
        errand.handle.run(Order::Console { server: *server, line, reply: false })
    });
    for fault in futures_util::future::join_all(orders).await.into_iter().filter_map(Result::err) {
        tracing::warn!(%fault, schedule = errand.plan.name, "players were not warned");
    }
}
