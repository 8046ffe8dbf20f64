//! `stats`

use std::{collections::HashMap, sync::Arc, time::Duration};

use jiff::Timestamp;

use super::{past, reach};
use crate::{
    cli::{
        args::StatsArgs,
        exit::{Failure, Outcome},
        io::Io,
        output::{
            clean, human,
            json::SampleView,
            table::{Cell, Column, Table},
        },
    },
    engine::Handle,
    model::{Server, ServerId, Snapshot, Units},
};

/// Shown at most so often with `--follow`: measurements of many servers come in one after the other.
const PACE: Duration = Duration::from_millis(500);

/// Shows what servers cost their machine.
///
/// # Errors
/// That there is no such server; that Docker cannot be reached; that the output is closed; an interrupt.
pub async fn run(handle: &Handle, io: &mut Io, args: &StatsArgs) -> Outcome {
    let mut ids = Vec::new();
    for name in &args.names {
        ids.push(reach::find(handle, io, name).await?.id());
    }
    if let Some(down) = reach::settle(handle, io).await? {
        return Err(down.into());
    }
    let named = |server: &Server| ids.is_empty() || ids.contains(&server.id());
    if let Some(span) = args.history {
        return past::run(handle, io, &ids, span).await;
    }
    reach::measured(handle, io, reach::MEASURE_ALONE, named).await?;
    if args.follow {
        return follow(handle, io, &ids).await;
    }
    let snapshot = handle.now();
    let servers = wanted(&snapshot, &ids);
    if io.json {
        let views: Vec<_> = servers.iter().map(|server| SampleView::new(server)).collect();
        return io.document(&views);
    }
    if servers.is_empty() {
        io.remark("No server is running.");
        return Ok(());
    }
    let text = table(&servers, io.units).render(io.facts.width, io.facts.colour);
    io.say(text.trim_end_matches('\n'))
}

pub(super) fn wanted<'a>(snapshot: &'a Snapshot, ids: &[ServerId]) -> Vec<&'a Arc<Server>> {
    let fits = |server: &&Arc<Server>| {
        if ids.is_empty() { server.state.is_running() } else { ids.contains(&server.id()) }
    };
    snapshot.servers.iter().filter(fits).collect()
}

fn table(servers: &[&Arc<Server>], units: Units) -> Table {
    let mut table = Table::new([
        Column::elastic("NAME"),
        Column::number("CPU"),
        Column::number("MEMORY"),
        Column::number("RECEIVED"),
        Column::number("SENT"),
        Column::number("READ"),
        Column::number("WRITTEN"),
        Column::number("PIDS"),
    ]);
    for server in servers {
        let mut cells = vec![Cell::from(clean::plain(server.name()))];
        match &server.sample {
            Some(sample) => {
                cells.extend([Cell::from(human::cpu(sample)), Cell::from(human::memory(sample, units))]);
                cells.extend(
                    [
                        sample.net_rx_bytes,
                        sample.net_tx_bytes,
                        sample.block_read_bytes,
                        sample.block_write_bytes,
                    ]
                    .map(|bytes| Cell::from(units.write(bytes))),
                );
                cells.push(Cell::from(sample.pids.to_string()));
            }
            None => cells.extend(std::iter::repeat_n(Cell::from(human::NOTHING), 7)),
        }
        table.row(cells);
    }
    table
}

/// Each new measurement, until an interrupt.
async fn follow(handle: &Handle, io: &mut Io, ids: &[ServerId]) -> Outcome {
    let mut snapshots = handle.snapshots();
    let mut shown: HashMap<ServerId, Timestamp> = HashMap::new();
    let interrupt = io.interrupt.clone();
    loop {
        let snapshot = snapshots.borrow_and_update().clone();
        let servers = wanted(&snapshot, ids);
        let new: Vec<_> = servers
            .iter()
            .copied()
            .filter(|server| server.sample.is_some_and(|sample| shown.get(&server.id()) != Some(&sample.at)))
            .collect();
        if !new.is_empty() {
            write(io, &servers, &new)?;
            shown.retain(|id, _| servers.iter().any(|server| server.id() == *id));
            shown.extend(new.iter().filter_map(|server| Some((server.id(), server.sample?.at))));
        }
        tokio::select! {
            () = interrupt.raised() => return Err(Failure::Told(interrupt.exit())),
            changed = next(&mut snapshots) => if changed.is_err() {
                io.remark("The engine has ended.");
                return Ok(());
            },
        }
    }
}

async fn next(
    snapshots: &mut tokio::sync::watch::Receiver<Arc<Snapshot>>,
) -> Result<(), tokio::sync::watch::error::RecvError> {
    tokio::time::sleep(PACE).await;
    snapshots.changed().await
}

fn write(io: &mut Io, all: &[&Arc<Server>], new: &[&Arc<Server>]) -> Outcome {
    if io.json {
        new.iter().try_for_each(|server| io.line_of_json(&SampleView::new(server)))?;
        return Ok(io.out.flush()?);
    }
    if io.facts.out_terminal {
        // To the top left, then what was below is cleared: nothing flickers, and the last table stays readable.
        let text = table(all, io.units).render(io.facts.width, io.facts.colour);
        write!(io.out, "\x1b[H\x1b[J{text}")?;
        return Ok(io.out.flush()?);
    }
    for server in new {
        if let Some(sample) = &server.sample {
            let name = clean::plain(server.name());
            writeln!(
                io.out,
                "{name}\t{}\t{}\t{}",
                sample.at,
                human::cpu(sample),
                human::memory(sample, io.units)
            )?;
        }
    }
    Ok(io.out.flush()?)
}
