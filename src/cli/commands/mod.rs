//! What each command does. All of them reach the engine through a [`Handle`] and the person through [`Io`].

pub mod audit;
pub mod backup;
pub mod console;
pub mod create;
pub mod delete;
pub mod doctor;
pub mod edit;
pub mod lifecycle;
pub mod list;
pub mod logs;
mod meant;
pub mod pages;
pub mod past;
pub mod reach;
pub mod schedule;
pub mod show;
pub mod stats;
pub mod token;

use super::{
    args::{Command, ServerCommand},
    exit::Outcome,
    io::Io,
};
use crate::{engine::Handle, model::Spec};

/// Does what a command that needs an engine asks for. A new server is as `base` is where nothing else is said.
///
/// # Errors
/// Whatever stood against it; `Told` where it was said already.
pub async fn run(handle: &Handle, io: &mut Io, command: &Command, base: &Spec) -> Outcome {
    match command {
        Command::Server(server) => run_server(handle, io, server, base).await,
        Command::Backup(command) => backup::run(handle, io, command).await,
        Command::Schedule(command) => schedule::run(handle, io, command).await,
        Command::Logs(args) => logs::run(handle, io, args).await,
        Command::Console(args) => console::run(handle, io, args).await,
        Command::Stats(args) => stats::run(handle, io, args).await,
        Command::Token(token) => token::run(handle, io, token).await,
        Command::Audit(args) => audit::run(handle, io, args).await,
        // These need no engine, or make one of their own; the caller has seen to them.
        Command::Demo(_)
        | Command::Serve(_)
        | Command::LinkStdio(_)
        | Command::Api(_)
        | Command::Notify(_)
        | Command::Doctor
        | Command::Completions { .. }
        | Command::Man => Ok(()),
    }
}

async fn run_server(handle: &Handle, io: &mut Io, command: &ServerCommand, base: &Spec) -> Outcome {
    use lifecycle::Verb;
    match command {
        ServerCommand::Create(args) => create::run(handle, io, args, base).await,
        ServerCommand::List(args) => list::run(handle, io, args).await,
        ServerCommand::Show(args) => show::run(handle, io, args).await,
        ServerCommand::Start(args) => lifecycle::run(handle, io, Verb::Start, args).await,
        ServerCommand::Stop(args) => lifecycle::run(handle, io, Verb::Stop, args).await,
        ServerCommand::Restart(args) => lifecycle::run(handle, io, Verb::Restart, args).await,
        ServerCommand::Kill(args) => lifecycle::run(handle, io, Verb::Kill, args).await,
        ServerCommand::Edit(args) => edit::edit(handle, io, args).await,
        ServerCommand::Rename(args) => edit::rename(handle, io, args).await,
        ServerCommand::Clone(args) => edit::copy(handle, io, args).await,
        ServerCommand::Delete(args) => delete::delete(handle, io, args).await,
        ServerCommand::Adopt(args) => edit::adopt(handle, io, args).await,
        ServerCommand::Forget(args) => delete::forget(handle, io, args).await,
    }
}
