//! `server create`

use super::reach::{self, Goal, Seen};
use crate::{
    cli::{
        args::{Wait, server::CreateArgs},
        exit::Outcome,
        io::Io,
        output::{clean, human, json::ServerView},
    },
    engine::Handle,
    model::{Answer, Order, Server, ServerId, Spec},
};

/// Makes a server, starts it, and waits for it where that is wanted.
///
/// # Errors
/// A field that breaks its rule, Docker unreachable, a clash, the job's fault, a crash while it was waited for.
pub async fn run(handle: &Handle, io: &mut Io, args: &CreateArgs, base: &Spec) -> Outcome {
    // Rules that need no host are checked first: a slip of the pen is told at once, without Docker.
    let spec = args.shared.to_spec(&args.name, &args.new, base)?;
    if let Some(down) = reach::settle(handle, io).await? {
        return Err(down.into());
    }
    let answer = reach::follow_aloud(handle, io, Order::Create(Box::new(spec))).await?;
    let Answer::Started { server, .. } = answer else {
        return Ok(());
    };
    finish(handle, io, server, &args.wait, "created").await
}

/// Waits for a server that a job has just started, where that is wanted, and shows it.
///
/// # Errors
/// That it cannot be joined after all; an interrupt.
pub async fn finish(handle: &Handle, io: &mut Io, id: ServerId, wait: &Wait, done: &str) -> Outcome {
    let waited = if wait.wait { joinable(handle, io, id, wait).await } else { Ok(()) };
    if let Some(server) = handle.now().server(id) {
        if io.json {
            io.document(&ServerView::new(server, jiff::Timestamp::now()))?;
        } else if waited.is_ok() {
            io.confirm(&told(server, done))?;
        }
    }
    waited
}

async fn joinable(handle: &Handle, io: &mut Io, id: ServerId, wait: &Wait) -> Outcome {
    let mut meter = reach::meter(io);
    let err = &mut io.err;
    let mut show = |seen: Seen<'_>| seen.on(&mut meter, err);
    let waited = reach::reached(handle, &io.interrupt, id, Goal::Joinable, wait.timeout, &mut show).await;
    meter.clear(&mut io.err);
    waited
}

/// `survival: created, ready, port 25565`.
fn told(server: &Server, done: &str) -> String {
    let mut text = format!("{}: {done}, {}", clean::plain(server.name()), human::state(server.state));
    if let Some(port) = server.about.port {
        text += &format!(", port {port}");
    }
    text
}
