//! The command line: the same engine as the dashboard's, for scripts and for people in a hurry.
//!
//! [`args`] reads it, [`launch`] starts what a command needs, [`commands`] does the work through the engine's handle,
//! [`output`] writes the result, [`exit`] holds the promise about exit codes.

pub mod args;
pub mod commands;
pub mod editor;
pub mod exit;
pub mod io;
pub mod launch;
pub mod logging;
pub mod output;
pub mod terminal;
pub mod typed;

#[cfg(test)]
mod tests;

use std::{process::ExitCode, time::Duration};

use clap::Parser;
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::broadcast,
};

use self::{
    args::{Cli, Command, ServeArgs},
    exit::{Exit, Outcome},
    io::{Interrupt, Io},
};
use crate::model::{Event, Fault, FaultKind, Severity};

/// How long tasks that are still at work may hold up the end of the program.
const LEAVE: Duration = Duration::from_secs(1);

/// The program: reads the command line, does what it asks for, and says how that went.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            return ExitCode::from(refused(&error, std::env::args().any(|arg| arg == "--json")).code());
        }
    };
    let threads = threads(&cli);
    let runtime =
        match tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => {
                eprintln!("error: This machine gives no threads to work with: {error}");
                return ExitCode::from(Exit::Failed.code());
            }
        };
    let exit = runtime.block_on(Box::pin(run(cli)));
    // A read of the terminal cannot be given up; it must not hold up the end.
    runtime.shutdown_timeout(LEAVE);
    ExitCode::from(exit.code())
}

/// Threads of the runtime beside this one, which draws. One carries a thousand servers; a service that many look at at
/// once has two. More would only cost memory, and wake each other.
fn threads(cli: &Cli) -> usize {
    if cli.serve_metrics.is_some() || matches!(cli.command, Some(Command::Serve(_))) { 2 } else { 1 }
}

/// Says what is wrong with the command line, or gives the help that was asked for.
fn refused(error: &clap::Error, json: bool) -> Exit {
    if !error.use_stderr() {
        // A closed pipe (`--help | head`) is no failure.
        let _ = error.print();
        return Exit::Done;
    }
    if json {
        eprintln!(
            "{}",
            output::json::line(&output::json::Told::new(&usage(error), None)).unwrap_or_default()
        );
    } else {
        let _ = error.print();
    }
    Exit::Usage
}

/// An error of the command line as the faults of the engine are.
pub fn usage(error: &clap::Error) -> Fault {
    let text = error.render().to_string();
    let what: Vec<_> = text.lines().take_while(|line| !line.is_empty()).map(str::trim).collect();
    let what = what.join(" ");
    Fault::new(
        FaultKind::Invalid,
        what.strip_prefix("error: ").unwrap_or(&what),
        "Nothing was done.",
        "`mineclifford --help` lists commands and options.",
    )
}

async fn run(cli: Cli) -> Exit {
    let interrupt = Interrupt::default();
    let mut io = Io::of_process(&cli.global, interrupt.clone());
    if cli.serve_metrics.is_some() && cli.command.is_some() {
        return io.finish(Err(twice().into()));
    }
    let outcome = match &cli.command {
        None if cli.serve_metrics.is_some() => {
            let serve = ServeArgs { listen: cli.serve_metrics, ..ServeArgs::default() };
            launch::serve(&cli.global, &serve, &mut io).await
        }
        None => Box::pin(launch::dashboard(&cli.global, cli.look.clone(), &mut io)).await,
        Some(Command::Demo(demo)) => Box::pin(launch::demo(&cli.global, &cli.look, demo, &mut io)).await,
        Some(Command::Serve(serve)) => launch::serve(&cli.global, serve, &mut io).await,
        Some(Command::LinkStdio(stdio)) => launch::link_stdio(&cli.global, stdio).await,
        Some(Command::Api(api)) => launch::api(&cli.global, api, &mut io).await,
        Some(Command::Notify(notify)) => launch::notify(&cli.global, notify, &mut io).await,
        Some(Command::Completions { shell }) => commands::pages::completions(&mut io, *shell),
        Some(Command::Man) => commands::pages::man(&mut io),
        Some(command) => {
            logging::to_stderr(cli.global.verbose);
            listen(&interrupt);
            with_engine(&cli, command, &mut io).await
        }
    };
    io.finish(outcome)
}

fn twice() -> Fault {
    Fault::new(
        FaultKind::Invalid,
        "--serve-metrics is a command by itself.",
        "Nothing was done.",
        "Leave the other command out, or use `serve` with its options.",
    )
}

async fn with_engine(cli: &Cli, command: &Command, io: &mut Io) -> Outcome {
    if matches!(command, Command::Doctor) {
        return launch::doctor(&cli.global, io).await;
    }
    let running = launch::engine(&cli.global, io).await?;
    let mut events = running.handle.events();
    let outcome = commands::run(&running.handle, io, command, &running.base).await;
    running.end().await;
    mended(io, &mut events);
    outcome
}

/// Tells what was done about jobs that an earlier run of the program left unfinished.
fn mended(io: &mut Io, events: &mut broadcast::Receiver<Event>) {
    loop {
        match events.try_recv() {
            Ok(Event::Notice(notice)) if notice.severity == Severity::Warning && notice.server.is_none() => {
                io.remark(&notice.text);
            }
            Ok(_) | Err(broadcast::error::TryRecvError::Lagged(_)) => {}
            Err(_) => return,
        }
    }
}

/// Ctrl-c asks a command to end; a second one ends it at once.
pub(crate) fn listen(interrupt: &Interrupt) {
    for (kind, exit) in
        [(SignalKind::interrupt(), Exit::Interrupted), (SignalKind::terminate(), Exit::Terminated)]
    {
        let Ok(mut signals) = signal(kind) else { continue };
        let interrupt = interrupt.clone();
        tokio::spawn(async move {
            while signals.recv().await.is_some() {
                if interrupt.is_raised() {
                    // Whatever hangs, a person who asks twice is obeyed. Servers go on running in Docker.
                    terminal::restore();
                    std::process::exit(exit.code().into());
                }
                interrupt.raise(exit);
            }
        });
    }
}
