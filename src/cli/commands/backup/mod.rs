//! `backup …`

mod extract;
mod keep;
mod list;
mod make;
mod restore;
mod view;

use std::sync::Arc;

use super::meant;
use crate::{
    cli::{args::BackupCommand, exit::Outcome, io::Io},
    engine::Handle,
    model::{Backup, Fault, FaultKind, ServerId, Snapshot},
};

/// Does what is asked for.
///
/// # Errors
/// Whatever stands against it.
pub async fn run(handle: &Handle, io: &mut Io, command: &BackupCommand) -> Outcome {
    match command {
        BackupCommand::Create(args) => make::create(handle, io, args).await,
        BackupCommand::Patterns(args) => make::patterns(handle, io, args).await,
        BackupCommand::List(args) => list::list(handle, io, args).await,
        BackupCommand::Show(args) => list::show(handle, io, args).await,
        BackupCommand::Files(args) => list::files(handle, io, args).await,
        BackupCommand::Extract(args) => extract::extract(handle, io, args).await,
        BackupCommand::Verify(args) => keep::verify(handle, io, args).await,
        BackupCommand::Lock(args) => keep::lock(handle, io, args, true).await,
        BackupCommand::Unlock(args) => keep::lock(handle, io, args, false).await,
        BackupCommand::Delete(args) => keep::delete(handle, io, args).await,
        BackupCommand::Restore(args) => restore::restore(handle, io, args).await,
        BackupCommand::Test(args) => restore::test(handle, io, args).await,
        BackupCommand::Prune(args) => keep::prune(handle, io, args).await,
    }
}

/// Waits until the folder with the backups was looked at. Docker is not needed for what only concerns backups, and is not
/// waited for when it does not answer.
async fn known(handle: &Handle, io: &mut Io) -> Outcome {
    super::reach::settle(handle, io).await.map(drop)
}

/// The backup that a person means: by its id, by a part of it, or by its archive's name.
///
/// # Errors
/// [`FaultKind::NotFound`], or [`FaultKind::Conflict`] when several fit.
pub fn find(world: &Snapshot, text: &str) -> Result<Arc<Backup>, Fault> {
    let named = |one: &Backup| one.path == text || one.path.rsplit('/').next() == Some(text);
    meant::one(&world.backups, "backup", text, named, |one| one.id.to_string()).cloned()
}

/// The server whose backups a person means; one that is gone is known by its backups.
///
/// # Errors
/// [`FaultKind::NotFound`].
fn server(world: &Snapshot, name: &str) -> Result<ServerId, Fault> {
    match world.find(name) {
        Ok(server) => Ok(server.id()),
        Err(fault) if fault.kind == FaultKind::NotFound => {
            let of = |backup: &&Arc<Backup>| backup.server_name == name || backup.server.to_string() == name;
            world.backups.iter().find(of).map(|backup| backup.server).ok_or(fault)
        }
        Err(fault) => Err(fault),
    }
}
