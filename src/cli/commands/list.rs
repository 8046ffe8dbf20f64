//! `server list`

use jiff::Timestamp;

use super::reach;
use crate::{
    cli::{
        args::server::ListArgs,
        exit::{Exit, Failure, Outcome},
        io::Io,
        output::{
            clean, human,
            json::ServerView,
            table::{Cell, Column, Table},
        },
    },
    engine::Handle,
    model::{Server, Snapshot, Units},
};

/// Lists the servers of every host. Where a host does not answer, what is stored is listed, the fault is told, and the
/// exit code says so.
///
/// # Errors
/// That Docker cannot be reached; that the output is closed.
pub async fn run(handle: &Handle, io: &mut Io, args: &ListArgs) -> Outcome {
    let down = reach::settle(handle, io).await?;
    let stats = args.stats || (io.json && !args.no_stats);
    if stats {
        reach::measured(handle, io, reach::MEASURE, |_| true).await?;
    }
    let snapshot = handle.now();
    let now = Timestamp::now();
    if io.json {
        let views: Vec<_> = snapshot.servers.iter().map(|server| ServerView::new(server, now)).collect();
        io.document(&views)?;
    } else {
        people(io, &snapshot, args.stats, now)?;
    }
    match down {
        None => Ok(()),
        Some(fault) => {
            io.tell(&fault, None);
            Err(Failure::Told(Exit::from(fault.kind)))
        }
    }
}

fn people(io: &mut Io, snapshot: &Snapshot, stats: bool, now: Timestamp) -> Outcome {
    if snapshot.servers.is_empty() {
        io.remark("There are no servers yet. `mineclifford server create NAME --eula` makes one.");
        return Ok(());
    }
    let text = table(snapshot, stats, now, io.units).render(io.facts.width, io.facts.colour);
    io.say(text.trim_end_matches('\n'))?;
    for server in &snapshot.servers {
        if let Some(why) = server.explanation.as_deref() {
            io.remark(&format!("{}: {}", server.name(), human::explanation(why)));
        }
    }
    Ok(())
}

/// The list as people see it.
pub fn table(snapshot: &Snapshot, stats: bool, now: Timestamp, units: Units) -> Table {
    let mut columns = vec![
        Column::elastic("NAME"),
        Column::text("STATE"),
        Column::text("TYPE"),
        Column::elastic("VERSION"),
        Column::number("PORT"),
        Column::number("PLAYERS"),
    ];
    if stats {
        columns.extend([Column::number("CPU"), Column::number("MEMORY")]);
    }
    columns.extend([Column::number("UPTIME"), Column::text("MANAGED"), Column::elastic("HOST")]);
    let mut table = Table::new(columns);
    for server in &snapshot.servers {
        table.row(row(server, stats, now, units));
    }
    table
}

fn row(server: &Server, stats: bool, now: Timestamp, units: Units) -> Vec<Cell> {
    let about = &server.about;
    let nothing = || human::NOTHING.to_owned();
    let mut cells = vec![
        Cell::from(clean::plain(&about.name)),
        Cell::coloured(human::state(server.state), human::colour(server.state)),
        Cell::from(about.spec.server_type.as_str().to_ascii_lowercase()),
        Cell::from(human::version(server)),
        Cell::from(about.port.map_or_else(nothing, |port| port.to_string())),
        Cell::from(human::players(server)),
    ];
    if stats {
        let sample = server.sample.as_ref();
        cells.push(Cell::from(sample.map_or_else(nothing, human::cpu)));
        cells.push(Cell::from(sample.map_or_else(nothing, |sample| human::memory(sample, units))));
    }
    cells.push(Cell::from(human::uptime(server, now)));
    cells.push(Cell::from(if about.ownership.is_managed() { "yes" } else { "no" }));
    cells.push(Cell::from(&about.host.0));
    cells
}
