//! `backup list`, `backup show`, `backup files`

use jiff::Timestamp;
use serde::Serialize;

use super::{
    find, known, server,
    view::{BackupView, ago, colour, reason, short, stillness},
};
use crate::{
    cli::{
        args::backup::{FilesArgs, ListArgs, OneArgs},
        exit::Outcome,
        io::Io,
        output::{
            clean, human,
            json::FaultView,
            table::{Cell, Column, Table},
        },
    },
    engine::Handle,
    model::{
        Backup, BackupState, Origin,
        backup::{BackupFile, FileQuery, LeftOut, WorldInside},
    },
};

/// Things that could not be taken, as far as they are named to people; scripts get more of them.
const LEFT_OUT: usize = 10;
/// So many files are asked for at once.
const PAGE: usize = 1_000;

/// Lists backups.
///
/// # Errors
/// That there is no such server.
pub async fn list(handle: &Handle, io: &mut Io, args: &ListArgs) -> Outcome {
    known(handle, io).await?;
    let world = handle.now();
    let of = args.name.as_deref().map(|name| server(&world, name)).transpose()?;
    let shown: Vec<_> =
        world.backups.iter().filter(|backup| of.is_none_or(|of| backup.server == of)).collect();
    if io.json {
        return io.document(&shown.iter().map(|backup| BackupView::from(&***backup)).collect::<Vec<_>>());
    }
    if shown.is_empty() {
        io.remark("There are no backups. `mineclifford backup create NAME` makes one.");
        return Ok(());
    }
    let now = Timestamp::now();
    let mut table = Table::new([
        Column::text("ID"),
        Column::elastic("SERVER"),
        Column::text("AGE"),
        Column::number("SIZE"),
        Column::text("STATE"),
        Column::text("WHY"),
        Column::text("VERIFIED"),
        Column::text("PROVEN"),
        Column::text("LOCKED"),
        Column::elastic("LABEL"),
    ]);
    for backup in shown {
        table.row([
            Cell::from(short(backup.id)),
            Cell::from(&backup.server_name),
            Cell::from(ago(Some(backup.created_at), now)),
            Cell::from(human::bytes(backup.size_bytes)),
            Cell::coloured(backup.state.word(), colour(&backup.state)),
            Cell::from(reason(backup.reason)),
            Cell::from(ago(backup.verified_at, now)),
            Cell::from(proven(backup, now)),
            Cell::from(if backup.locked { "yes" } else { "" }),
            Cell::from(backup.label.as_deref().unwrap_or_default()),
        ]);
    }
    io.say(table.render(io.facts.width, io.facts.colour).trim_end_matches('\n'))
}

fn proven(backup: &Backup, now: Timestamp) -> String {
    match &backup.proof {
        Some(proof) if proof.fault.is_some() => "failed".into(),
        _ => ago(backup.proven_at(), now),
    }
}

#[derive(Serialize)]
struct Details<'a> {
    #[serde(flatten)]
    view: BackupView<'a>,
    fault: Option<FaultView<'a>>,
    proof_fault: Option<FaultView<'a>>,
    origin: &'a Origin,
    worlds: Option<&'a [WorldInside]>,
    left_out: Option<&'a [LeftOut]>,
    left_out_count: Option<u64>,
}

/// Shows what is known of a backup.
///
/// # Errors
/// That there is no such backup.
pub async fn show(handle: &Handle, io: &mut Io, args: &OneArgs) -> Outcome {
    known(handle, io).await?;
    let backup = find(&handle.now(), &args.id)?;
    let fault = match &backup.state {
        BackupState::Damaged(fault) => Some(&**fault),
        BackupState::Good | BackupState::Missing => None,
    };
    let proof = backup.proof.as_ref().and_then(|proof| proof.fault.as_deref());
    // What is in one that is not what was written is nothing to go by; and the rest is shown also where it cannot be read.
    let inside = if backup.is_good() { handle.contents(backup.id).await.ok() } else { None };
    if io.json {
        return io.document(&Details {
            view: BackupView::from(&*backup),
            fault: fault.map(Into::into),
            proof_fault: proof.map(Into::into),
            origin: &backup.origin,
            worlds: inside.as_ref().map(|inside| inside.worlds.as_slice()),
            left_out: inside.as_ref().map(|inside| inside.left_out.as_slice()),
            left_out_count: inside.as_ref().map(|inside| inside.left_out_count),
        });
    }
    let now = Timestamp::now();
    let mut say = |name: &str, text: &str| io.say(&format!("{name:<11} {}", clean::plain(text)));
    say("id", &backup.id.to_string())?;
    say("server", &backup.server_name)?;
    say("made", &format!("{}, {}", human::moment(backup.created_at), ago(Some(backup.created_at), now)))?;
    say("why", reason(backup.reason))?;
    if let Some(label) = &backup.label {
        say("label", label)?;
    }
    say("state", backup.state.word())?;
    say("locked", if backup.locked { "yes" } else { "no" })?;
    say("archive", &backup.path)?;
    let sizes = (human::bytes(backup.size_bytes), human::bytes(backup.content_bytes));
    say("size", &format!("{}; {} in {} files", sizes.0, sizes.1, backup.file_count))?;
    let off = match backup.saving_off_ms {
        0 => String::new(),
        off => format!("; saving was off for {off} ms"),
    };
    say("the server", &format!("{}{off}", stillness(backup.stillness)))?;
    say("took", &format!("{} ms", backup.duration_ms))?;
    say("torn files", &backup.torn_files.to_string())?;
    say("version", backup.version.as_deref().unwrap_or("not known"))?;
    say("verified", &ago(backup.verified_at, now))?;
    say("proven", &proven(&backup, now))?;
    for world in inside.iter().flat_map(|inside| &inside.worlds) {
        say("world", &format!("{}: {}", world.folder, world.dimensions.join(", ")))?;
    }
    for one in inside.iter().flat_map(|inside| &inside.left_out).take(LEFT_OUT) {
        say("left out", &format!("{}: {}", one.path, one.why))?;
    }
    if let Some(more) =
        inside.map(|inside| inside.left_out_count.saturating_sub(LEFT_OUT as u64)).filter(|more| *more > 0)
    {
        say("", &format!("and {more} more"))?;
    }
    for fault in [fault, proof].into_iter().flatten() {
        say("", &fault.what)?;
    }
    Ok(())
}

#[derive(Serialize)]
struct FileView<'a> {
    path: &'a str,
    folder: bool,
    size: u64,
    modified: Option<Timestamp>,
    torn: bool,
}

/// Lists what is in a folder of a backup.
///
/// # Errors
/// That there is no such backup or path; that the backup is damaged.
pub async fn files(handle: &Handle, io: &mut Io, args: &FilesArgs) -> Outcome {
    known(handle, io).await?;
    let backup = find(&handle.now(), &args.id)?;
    let mut all: Vec<BackupFile> = Vec::new();
    loop {
        let (folder, name) = (args.path.clone(), args.find.clone());
        let asked = handle.files(backup.id, FileQuery { folder, name, from: all.len(), most: PAGE });
        let page = io.interrupt.guard(asked).await?;
        let done = page.files.is_empty();
        all.extend(page.files);
        if done || all.len() >= page.total {
            break;
        }
    }
    if io.json {
        let views = all.iter().map(|file| FileView {
            path: &file.path,
            folder: file.folder,
            size: file.size,
            modified: file.modified,
            torn: file.torn,
        });
        return io.document(&views.collect::<Vec<_>>());
    }
    let mut table = Table::new([
        Column::number("SIZE"),
        Column::text("CHANGED"),
        Column::text("TORN"),
        Column::elastic("PATH"),
    ]);
    for file in &all {
        table.row([
            Cell::from(human::bytes(file.size)),
            Cell::from(file.modified.map_or_else(|| human::NOTHING.to_owned(), human::moment)),
            Cell::from(if file.torn { "torn" } else { "" }),
            Cell::from(format!("{}{}", file.path, if file.folder { "/" } else { "" })),
        ]);
    }
    io.say(table.render(io.facts.width, io.facts.colour).trim_end_matches('\n'))
}
