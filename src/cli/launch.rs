//! Starting what a command stands on: the settings, the engine, the dashboard. The only file of this room that knows
//! more of the engine than its handle.

use super::{args::Global, exit::Outcome, io::Io};
use crate::{
    cli::commands::doctor::{self, Ground},
    engine::Handle,
    model::{Fault, FaultKind},
};

/// An engine inside this process, and the way into it.
#[derive(Debug)]
pub struct Running {
    /// The way in.
    pub handle: Handle,
}

impl Running {
    /// Ends the engine in order. Servers go on running in Docker.
    pub async fn end(self) {}
}

/// Starts an engine for a command.
///
/// # Errors
/// A configuration that cannot be read, a database that cannot be opened.
pub async fn engine(_global: &Global, _io: &Io) -> Result<Running, Fault> {
    Err(absent())
}

/// Opens the dashboard.
///
/// # Errors
/// That there is no terminal; as [`engine`].
pub async fn dashboard(_global: &Global, io: &Io) -> Outcome {
    on_a_terminal(io)?;
    Err(absent().into())
}

/// Opens the dashboard on an embedded engine of practice servers.
///
/// # Errors
/// That there is no terminal.
pub async fn demo(_global: &Global, io: &Io) -> Outcome {
    on_a_terminal(io)?;
    Err(absent().into())
}

/// Checks what is there, the engine included, and ends it again.
///
/// # Errors
/// As [`doctor::run`].
pub async fn doctor(global: &Global, io: &mut Io) -> Outcome {
    let ground = Ground { data_dir: global.data_dir.clone(), ..Ground::default() };
    let variable = |name: &str| std::env::var(name).ok();
    match engine(global, io).await {
        Ok(running) => {
            let outcome = doctor::run(&ground, Ok(&running.handle), io, &variable).await;
            running.end().await;
            outcome
        }
        Err(fault) => doctor::run(&ground, Err(&fault), io, &variable).await,
    }
}

/// The dashboard draws on a terminal; a script that opens it by mistake is told what it may have meant.
fn on_a_terminal(io: &Io) -> Result<(), Fault> {
    if io.facts.in_terminal && io.facts.out_terminal && !io.json {
        return Ok(());
    }
    Err(Fault::new(
        FaultKind::Invalid,
        "The dashboard needs a terminal.",
        "Nothing was started.",
        "`mineclifford server list` and the other commands work without one; `mineclifford --help` lists them.",
    ))
}

fn absent() -> Fault {
    Fault::new(
        FaultKind::Failed,
        "This build has no engine yet.",
        "Nothing was done.",
        "Build the program from a newer commit.",
    )
}
