//! `backup verify`, `lock`, `unlock`, `delete`, `prune`

use jiff::Timestamp;
use serde::Serialize;

use super::{find, known, server, view::BackupView};
use crate::{
    cli::{
        args::backup::{OneArgs, PruneArgs, SomeArgs},
        commands::reach,
        exit::Outcome,
        io::Io,
        output::clean,
    },
    engine::Handle,
    model::{Backup, BackupId, Order, backup::Kept},
};

/// Reads a backup again as a whole.
///
/// # Errors
/// That it is damaged or gone; that there is no such backup.
pub async fn verify(handle: &Handle, io: &mut Io, args: &OneArgs) -> Outcome {
    known(handle, io).await?;
    let backup = find(&handle.now(), &args.id)?;
    reach::follow_aloud(handle, io, Order::Verify(backup.id)).await?;
    let now = handle.now();
    let backup = now.backup(backup.id).unwrap_or(&backup);
    if io.json {
        return io.document(&BackupView::from(&**backup));
    }
    io.confirm(&format!("{}: every byte is as it was written", file(backup)))
}

/// Locks or unlocks backups.
///
/// # Errors
/// That there is no such backup.
pub async fn lock(handle: &Handle, io: &mut Io, args: &SomeArgs, locked: bool) -> Outcome {
    known(handle, io).await?;
    let mut done = Vec::new();
    for id in &args.ids {
        let backup = find(&handle.now(), id)?;
        handle.run(Order::Lock(backup.id, locked)).await?;
        let id = backup.id;
        let shown = handle.wait(|world| match world.backup(id) {
            Some(now) if now.locked != locked => None,
            now => Some(now.cloned()),
        });
        let now = io.interrupt.guard(shown).await?;
        io.confirm(&format!("{}: {}", file(&backup), if locked { "locked" } else { "unlocked" }))?;
        done.extend(now);
    }
    if io.json {
        return io.document(&done.iter().map(|backup| BackupView::from(&**backup)).collect::<Vec<_>>());
    }
    Ok(())
}

#[derive(Serialize)]
struct Deleted {
    id: BackupId,
    deleted: bool,
}

/// Removes backups.
///
/// # Errors
/// That one is locked or in use; that there is no such backup.
pub async fn delete(handle: &Handle, io: &mut Io, args: &SomeArgs) -> Outcome {
    known(handle, io).await?;
    let mut gone = Vec::new();
    // All are found before the first is removed: a slip in the last one removes nothing.
    let mut wanted = Vec::new();
    for id in &args.ids {
        wanted.push(find(&handle.now(), id)?);
    }
    for backup in wanted {
        reach::follow_aloud(handle, io, Order::DeleteBackup(backup.id)).await?;
        io.confirm(&format!("{}: removed", file(&backup)))?;
        gone.push(Deleted { id: backup.id, deleted: true });
    }
    if io.json { io.document(&gone) } else { Ok(()) }
}

#[derive(Serialize)]
struct Line<'a> {
    id: BackupId,
    server: &'a str,
    created_at: Timestamp,
    kept: bool,
    why: &'a str,
    path: &'a str,
}

/// Removes those backups that no rule keeps, or says which those are.
///
/// # Errors
/// That there is no such server; the disk's.
pub async fn prune(handle: &Handle, io: &mut Io, args: &PruneArgs) -> Outcome {
    known(handle, io).await?;
    let world = handle.now();
    let mut servers: Vec<_> = match &args.name {
        Some(name) => vec![server(&world, name)?],
        None => world.backups.iter().map(|backup| backup.server).collect(),
    };
    servers.sort_unstable();
    servers.dedup();
    let mut verdicts: Vec<Kept> = Vec::new();
    for server in servers {
        let told = io.interrupt.guard(handle.verdicts(server)).await?;
        let surplus = told.iter().any(|kept| !kept.kept);
        verdicts.extend(told);
        if surplus && !args.dry_run {
            reach::follow_aloud(handle, io, Order::Prune(server)).await?;
        }
    }
    let lines: Vec<_> = verdicts
        .iter()
        .filter_map(|kept| {
            let backup = world.backup(kept.backup)?;
            Some(Line {
                id: kept.backup,
                server: &backup.server_name,
                created_at: backup.created_at,
                kept: kept.kept,
                why: &kept.why,
                path: &backup.path,
            })
        })
        .collect();
    if io.json {
        return io.document(&lines);
    }
    let removed = lines.iter().filter(|line| !line.kept).count();
    for line in lines.iter().filter(|line| args.dry_run || !line.kept) {
        let word = match (line.kept, args.dry_run) {
            (true, _) => "stays",
            (false, true) => "would be removed",
            (false, false) => "removed",
        };
        let name = line.path.rsplit('/').next().unwrap_or(line.path);
        io.say(&format!("{}: {word} ({})", clean::plain(name), line.why))?;
    }
    if removed == 0 {
        io.confirm("Nothing is to be removed.")?;
    }
    Ok(())
}

fn file(backup: &Backup) -> String {
    clean::plain(backup.path.rsplit('/').next().unwrap_or(&backup.path)).into_owned()
}
