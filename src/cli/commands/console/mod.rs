//! `console`

mod screen;

use std::time::Duration;

use serde::Serialize;
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until, timeout},
};

use super::{
    logs::{self, Printer},
    reach,
};
use crate::{
    cli::{
        args::ConsoleArgs,
        exit::{Failure, Outcome},
        io::Io,
        typed::{Input, Lines},
    },
    engine::{From, Handle},
    model::{Answer, Fault, FaultKind, Order, Server, ServerId, Via, console::Batch},
};

/// Longest command, in bytes.
const LINE_MAX: usize = 8 * 1024;
/// How long a server may take to answer a command.
const ANSWER: Duration = Duration::from_secs(60);
/// Lines of the log that an interactive console begins with.
const CONTEXT: usize = 20;
/// What is said after the last command of a file is waited for until it was silent for so long,
const SILENCE: Duration = Duration::from_millis(300);
/// and at the longest for so long.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// Lines of a console have no times: they are read as they come.
const PRINTER: Printer = Printer { timestamps: false };

#[derive(Serialize)]
struct Reply<'a> {
    via: Via,
    reply: Option<&'a str>,
}

/// Sends one command, or opens the console.
///
/// # Errors
/// That there is no such server, or nothing that takes its commands; that the output is closed; an interrupt.
pub async fn run(handle: &Handle, io: &mut Io, args: &ConsoleArgs) -> Outcome {
    let line = args.command.join(" ");
    if !args.command.is_empty() {
        checked(&line)?;
    }
    let server = reach::find(handle, io, &args.name).await?;
    if args.command.is_empty() {
        interactive(handle, io, &server).await
    } else {
        once(handle, io, &server, line).await
    }
}

/// One line, and nothing that could become a second one.
fn checked(line: &str) -> Result<(), Fault> {
    if line.trim().is_empty() {
        return Err(Fault::invalid("command", "must not be empty"));
    }
    if line.len() > LINE_MAX {
        return Err(Fault::invalid("command", format!("must have at most {LINE_MAX} bytes")));
    }
    if line.chars().any(char::is_control) {
        return Err(Fault::invalid("command", "must be one line without control characters"));
    }
    Ok(())
}

async fn send(handle: &Handle, io: &Io, server: ServerId, line: String, reply: bool) -> Outcome<Answer> {
    let order = Order::Console { server, line, reply };
    let answer = io.interrupt.guard(async { timeout(ANSWER, handle.run(order)).await.ok().transpose() });
    answer.await?.ok_or_else(|| {
        Fault::new(
            FaultKind::Failed,
            format!("The server did not answer within {} seconds.", ANSWER.as_secs()),
            "The command may have been carried out all the same.",
            "`mineclifford logs NAME` shows what the server is doing.",
        )
        .into()
    })
}

async fn once(handle: &Handle, io: &mut Io, server: &Server, line: String) -> Outcome {
    let Answer::Sent { via, reply } = send(handle, io, server.id(), line, true).await? else {
        return Ok(());
    };
    if io.json {
        return io.document(&Reply { via, reply: reply.as_deref() });
    }
    print_reply(io, reply.as_deref())?;
    match reply {
        Some(_) => io.remark(&format!("(by {})", via.word())),
        None => io.remark(&format!("(by {}; what it says to that is in the log)", via.word())),
    }
    Ok(())
}

fn print_reply(io: &mut Io, reply: Option<&str>) -> Outcome {
    for line in reply.unwrap_or_default().lines() {
        let text = logs::shown(line, io.facts.colour).into_owned();
        writeln!(io.out, "{text}")?;
    }
    Ok(io.out.flush()?)
}

/// The log goes by, and each line that is typed is sent.
async fn interactive(handle: &Handle, io: &mut Io, server: &Server) -> Outcome {
    let mut log = io.interrupt.guard(handle.watch(server.id(), From::Tail(CONTEXT))).await?;
    if io.facts.in_terminal && io.facts.out_terminal && !io.json {
        return screen::run(handle, io, server.id(), &mut log).await;
    }
    let input = std::mem::replace(&mut io.input, Box::new(tokio::io::empty()));
    let mut typed = Lines::new(input, LINE_MAX);
    let interrupt = io.interrupt.clone();
    loop {
        tokio::select! {
            () = interrupt.raised() => return Err(Failure::Told(interrupt.exit())),
            batch = log.recv() => match batch {
                Some(batch) => PRINTER.batch(io, &batch)?,
                None => return ended(io),
            },
            line = typed.next() => match line? {
                Some(Input::Line(line)) => command(handle, io, server.id(), line).await?,
                Some(Input::TooLong) => {
                    let rule = format!("must have at most {LINE_MAX} bytes");
                    io.tell(&Fault::invalid("command", rule), None);
                }
                None => break,
            },
        }
    }
    last_words(io, &mut log).await
}

fn ended(io: &mut Io) -> Outcome {
    io.remark("The console has ended: the server is no longer known.");
    Ok(())
}

/// Sends a line that was typed; what is against it is told, and the console goes on.
async fn command(handle: &Handle, io: &mut Io, server: ServerId, line: String) -> Outcome {
    if line.trim().is_empty() {
        return Ok(());
    }
    // What stdin is told shows in the log; the other ways answer apart from it.
    // Not told yet means nothing: a line that goes by standard input is answered in the log.
    let via = handle.now().server(server).and_then(|server| server.via);
    let reply = via.is_some_and(|via| via != Via::Stdin);
    let sent = match checked(&line) {
        Ok(()) => send(handle, io, server, line, reply).await,
        Err(fault) => Err(fault.into()),
    };
    match sent {
        Ok(Answer::Sent { reply, .. }) => print_reply(io, reply.as_deref()),
        Ok(_) => Ok(()),
        Err(Failure::Fault(fault)) => {
            io.tell(&fault, None);
            Ok(())
        }
        Err(other) => Err(other),
    }
}

/// After the last command of a file or pipe, what the server says to it.
async fn last_words(io: &mut Io, log: &mut mpsc::Receiver<Batch>) -> Outcome {
    let end = Instant::now() + LAST_WORDS;
    let interrupt = io.interrupt.clone();
    loop {
        let quiet = (Instant::now() + SILENCE).min(end);
        tokio::select! {
            () = interrupt.raised() => return Err(Failure::Told(interrupt.exit())),
            () = sleep_until(quiet) => return Ok(()),
            batch = log.recv() => match batch {
                Some(batch) => PRINTER.batch(io, &batch)?,
                None => return Ok(()),
            },
        }
        if Instant::now() >= end {
            return Ok(());
        }
    }
}
