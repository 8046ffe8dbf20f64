//! `audit`

use jiff::Timestamp;
use serde::Serialize;

use crate::{
    cli::{
        args::AuditArgs,
        exit::Outcome,
        io::Io,
        output::{
            clean, human,
            table::{Cell, Column, Table},
        },
    },
    engine::Handle,
    model::{AuditEntry, Origin},
};

/// Lines that are read at once.
const AT_ONCE: usize = 1_000;

#[derive(Serialize)]
struct Line<'a> {
    seq: Option<u64>,
    at: Timestamp,
    origin: &'a Origin,
    action: &'a str,
    server: Option<String>,
    server_name: &'a str,
    outcome: &'a str,
}

/// Shows the last lines of the audit trail.
///
/// # Errors
/// That it cannot be read; that the output is closed.
pub async fn run(handle: &Handle, io: &mut Io, args: &AuditArgs) -> Outcome {
    let entries = read(handle, args).await?;
    if io.json {
        let views: Vec<_> = entries.iter().map(view).collect();
        io.document(&views)?;
        return Ok(());
    }
    if entries.is_empty() {
        io.remark("Nothing was written down yet.");
        return Ok(());
    }
    let columns = vec![
        Column::text("TIME"),
        Column::elastic("WHO"),
        Column::elastic("WHAT"),
        Column::elastic("SERVER"),
        Column::elastic("OUTCOME"),
    ];
    let mut table = Table::new(columns);
    for AuditEntry { line, .. } in &entries {
        table.row(vec![
            Cell::from(human::moment(line.at)),
            Cell::from(clean::plain(&line.origin.words()).into_owned()),
            Cell::from(clean::plain(&line.action)),
            Cell::from(clean::plain(&line.server_name)),
            Cell::from(clean::plain(&line.outcome)),
        ]);
    }
    io.say(table.render(io.facts.width, io.facts.colour).trim_end_matches('\n'))?;
    Ok(())
}

/// Reads backwards until there are enough lines that fit, or no more.
async fn read(handle: &Handle, args: &AuditArgs) -> Outcome<Vec<AuditEntry>> {
    let wanted = args.tail as usize;
    let fits =
        |entry: &AuditEntry| args.server.as_ref().is_none_or(|server| *server == entry.line.server_name);
    let mut found: Vec<AuditEntry> = Vec::new();
    let mut before = None;
    loop {
        let limit = if args.server.is_some() { AT_ONCE } else { (wanted - found.len()).min(AT_ONCE) };
        let part = handle.audit(limit, before).await?;
        let (oldest, count) = (part.iter().find_map(|entry| entry.seq), part.len());
        found.splice(0..0, part.into_iter().filter(fits));
        let more = oldest.filter(|oldest| *oldest > 0 && count >= limit && found.len() < wanted);
        let Some(oldest) = more else { break };
        before = Some(oldest);
    }
    found.drain(..found.len().saturating_sub(wanted));
    Ok(found)
}

fn view(entry: &AuditEntry) -> Line<'_> {
    let line = &entry.line;
    Line {
        seq: entry.seq,
        at: line.at,
        origin: &line.origin,
        action: &line.action,
        server: line.server.map(|id| id.to_string()),
        server_name: &line.server_name,
        outcome: &line.outcome,
    }
}
