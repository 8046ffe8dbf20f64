//! `backup restore`, `backup test`

use serde::Serialize;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};

use super::find;
use crate::{
    cli::{
        args::restore::{RestoreArgs, TestArgs},
        commands::reach,
        exit::Outcome,
        io::Io,
        output::{clean, human},
    },
    engine::Handle,
    model::{
        Answer, Backup, BackupId, Fault, FaultKind, Order, ServerId, Snapshot,
        backup::{Reason, RestorePlan, Scope, Target},
    },
};

/// Nobody types a longer answer.
const TYPED_MAX: u64 = 64;
/// Most names of what is replaced that are shown.
const NAMES: usize = 12;

#[derive(Serialize)]
struct Restored<'a> {
    backup: BackupId,
    server: ServerId,
    server_name: &'a str,
    new: bool,
    safety_backup: Option<BackupId>,
    files: u64,
    bytes: u64,
}

/// Puts a backup back.
///
/// # Errors
/// Usage, when nobody can be asked; that the person said no; whatever the engine has against it.
pub async fn restore(handle: &Handle, io: &mut Io, args: &RestoreArgs) -> Outcome {
    let can_ask = io.facts.in_terminal && io.facts.err_terminal;
    if !args.yes && !can_ask {
        let mut fault = Fault::invalid("yes", "a restore needs --yes where nobody can be asked");
        fault.next = "Add --yes to restore without being asked.".into();
        return Err(fault.into());
    }
    let down = reach::settle(handle, io).await?;
    let world = handle.now();
    let backup = find(&world, &args.backup).map_err(|fault| down.clone().unwrap_or(fault))?;
    let target = target(&world, &backup, args)?;
    let scope = scope(args);
    let asked = handle.restore_plan(backup.id, target.clone(), scope.clone());
    let plan = io.interrupt.guard(asked).await?;
    if !args.yes || !(io.quiet || io.json) {
        tell(io, &plan);
    }
    if !args.yes {
        ask(io).await?;
    }
    let order = Order::Restore { backup: backup.id, target: target.clone(), scope };
    let answer = reach::follow_aloud(handle, io, order).await?;
    let Answer::Started { job, server } = answer else { return Ok(()) };
    let new = matches!(target, Target::New { .. });
    let world = handle.now();
    let name = world.server(server).map(|server| server.name().to_owned()).unwrap_or_default();
    if io.json {
        // It was made between the beginning of the job and its end.
        let began = world.job(job).map(|job| job.started_at);
        let safety = |one: &&std::sync::Arc<Backup>| {
            one.server == server
                && one.reason == Reason::Safety
                && began.is_some_and(|at| one.created_at >= at)
        };
        return io.document(&Restored {
            backup: backup.id,
            server,
            server_name: &name,
            new,
            safety_backup: world.backups.iter().find(safety).map(|one| one.id),
            files: plan.files,
            bytes: plan.bytes,
        });
    }
    let (name, files) = (clean::plain(&name), plan.files);
    let what =
        format!("{files} {} ({})", if files == 1 { "file" } else { "files" }, human::bytes(plan.bytes));
    io.confirm(&match new {
        true => format!("{name}: made from the backup, {what}"),
        false => format!("{name}: restored, {what}"),
    })
}

fn target(world: &Snapshot, backup: &Backup, args: &RestoreArgs) -> Result<Target, Fault> {
    match &args.to {
        Some(name) => match world.find(name) {
            Ok(server) => Ok(Target::Server(server.id())),
            Err(fault) if fault.kind == FaultKind::NotFound => {
                Ok(Target::New { name: name.clone(), port: args.port })
            }
            Err(fault) => Err(fault),
        },
        None if world.server(backup.server).is_some() => Ok(Target::Server(backup.server)),
        None => Err(Fault::new(
            FaultKind::NotFound,
            format!("The server that the backup is of, {}, is gone.", backup.server_name),
            "Nothing was changed.",
            "Say where to restore it: `--to NAME` makes a server of that name.",
        )),
    }
}

fn scope(args: &RestoreArgs) -> Scope {
    match (&args.world, &args.dimension, &args.player) {
        (Some(world), Some(dimension), _) => {
            Scope::Dimension { world: world.clone(), dimension: dimension.clone() }
        }
        (Some(world), None, _) => Scope::World(world.clone()),
        (None, _, Some(player)) => Scope::Player(player.clone()),
        (None, _, None) if !args.only.is_empty() => Scope::Paths(args.only.clone()),
        _ => Scope::Everything,
    }
}

/// Shows what will be done.
fn tell(io: &mut Io, plan: &RestorePlan) {
    let mut lines: Vec<String> =
        plan.steps.iter().zip(1..).map(|(step, number)| format!("{number}. {step}")).collect();
    lines.push(format!("{} files, {} unpacked.", plan.files, human::bytes(plan.bytes)));
    if !plan.replaced.is_empty() {
        let more = plan.replaced.len().saturating_sub(NAMES);
        let mut names = plan.replaced.iter().take(NAMES).cloned().collect::<Vec<_>>().join(", ");
        if more > 0 {
            names.push_str(&format!(" and {more} more"));
        }
        lines.push(format!("Replaced or made: {names}"));
    }
    lines.extend(plan.warnings.iter().map(|warning| format!("Note: {warning}")));
    for line in lines {
        let _ = writeln!(io.err, "{}", clean::plain(&line));
    }
}

async fn ask(io: &mut Io) -> Outcome {
    let _ = write!(io.err, "Restore it? [y/N] ");
    let _ = io.err.flush();
    let mut typed = Vec::new();
    let mut input = BufReader::new((&mut io.input).take(TYPED_MAX));
    io.interrupt.guard(input.read_until(b'\n', &mut typed)).await?;
    let typed = String::from_utf8_lossy(&typed).trim().to_lowercase();
    if matches!(typed.as_str(), "y" | "yes") {
        return Ok(());
    }
    Err(Fault::new(
        FaultKind::Cancelled,
        "The restore was not confirmed.",
        "Nothing was changed.",
        "Ask again, and answer y.",
    )
    .into())
}

#[derive(Serialize)]
struct Tested<'a> {
    backup: BackupId,
    server_name: &'a str,
    proven: bool,
    proven_at: Option<jiff::Timestamp>,
}

/// Boots a backup in a container that is thrown away.
///
/// # Errors
/// That no server came up on it; whatever the engine has against it.
pub async fn test(handle: &Handle, io: &mut Io, args: &TestArgs) -> Outcome {
    let down = reach::settle(handle, io).await?;
    let backup = find(&handle.now(), &args.backup).map_err(|fault| down.clone().unwrap_or(fault))?;
    reach::follow_aloud(handle, io, Order::TestRestore(backup.id)).await?;
    let proven_at = handle.now().backup(backup.id).and_then(|backup| backup.proven_at());
    if io.json {
        let (backup, server_name) = (backup.id, backup.server_name.as_str());
        return io.document(&Tested { backup, server_name, proven: proven_at.is_some(), proven_at });
    }
    io.confirm(&format!("{}: a server came up on the backup", clean::plain(&backup.server_name)))
}
