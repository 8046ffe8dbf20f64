//! `backup create`, `backup patterns`

use serde::Serialize;

use super::view::{BackupView, stillness};
use crate::{
    cli::{
        args::backup::{CreateArgs, PatternsArgs},
        commands::reach,
        exit::Outcome,
        io::Io,
        output::{clean, human},
    },
    engine::Handle,
    model::{Answer, BackupId, BackupWish, Order, Patterns},
};

/// Backs a server up.
///
/// # Errors
/// Whatever stood against it; then there is no backup.
pub async fn create(handle: &Handle, io: &mut Io, args: &CreateArgs) -> Outcome {
    let server = reach::find(handle, io, &args.name).await?;
    let wish = BackupWish { label: args.label.clone(), locked: args.lock, packing: args.packing };
    let answer = reach::follow_aloud(handle, io, Order::Backup(server.id(), wish)).await?;
    let Answer::Started { job, .. } = answer else { return Ok(()) };
    let id = BackupId(job.0);
    // It is in the world before its job has ended.
    let world = handle.now();
    let Some(backup) = world.backup(id) else { return Ok(()) };
    if io.json {
        return io.document(&BackupView::from(&**backup));
    }
    let text = format!(
        "{}: backed up, {} files, {}, {}",
        clean::plain(server.name()),
        backup.file_count,
        human::bytes(backup.size_bytes),
        stillness(backup.stillness),
    );
    io.confirm(&format!("{text}\n{}", clean::plain(&backup.path)))?;
    if backup.torn_files > 0 {
        let torn = backup.torn_files;
        io.remark(&format!("{torn} files changed each time that they were read; `backup files` marks them."));
    }
    Ok(())
}

#[derive(Serialize)]
struct View<'a> {
    exclude: &'a [String],
    include: &'a [String],
}

/// Sets or shows what of a server's data goes into its backups.
///
/// # Errors
/// That a pattern is none; whatever the engine has against it.
pub async fn patterns(handle: &Handle, io: &mut Io, args: &PatternsArgs) -> Outcome {
    let server = reach::find(handle, io, &args.name).await?;
    let mut patterns = server.about.patterns.clone();
    if args.clear {
        patterns = Patterns::default();
    }
    if !args.exclude.is_empty() {
        patterns.exclude.clone_from(&args.exclude);
    }
    if !args.include.is_empty() {
        patterns.include.clone_from(&args.include);
    }
    if patterns != server.about.patterns {
        handle.run(Order::SetPatterns(server.id(), patterns.clone())).await?;
    }
    if io.json {
        return io.document(&View { exclude: &patterns.exclude, include: &patterns.include });
    }
    if patterns == Patterns::default() {
        return io.say("Only what is always left out is left out.");
    }
    for pattern in &patterns.exclude {
        io.say(&format!("left out: {}", clean::plain(pattern)))?;
    }
    for pattern in &patterns.include {
        io.say(&format!("taken in: {}", clean::plain(pattern)))?;
    }
    Ok(())
}
