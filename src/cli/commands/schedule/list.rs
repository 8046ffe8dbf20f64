//! `schedule list`, `schedule next`

use jiff::Timestamp;
use serde::Serialize;

use super::{find, view};
use crate::{
    cli::{
        args::schedule::NextArgs,
        exit::Outcome,
        io::Io,
        output::{
            clean, human,
            table::{Cell, Column, Table},
        },
    },
    engine::{Handle, schedules::plan},
    model::{Schedule, ScheduleId, Snapshot, schedule},
};

/// Lists schedules.
///
/// # Errors
/// That the output is closed.
pub fn list(handle: &Handle, io: &mut Io) -> Outcome {
    let world = handle.now();
    if io.json {
        let views: Vec<_> = world.schedules.iter().map(|one| view::ScheduleView::new(one, &world)).collect();
        return io.document(&views);
    }
    if world.schedules.is_empty() {
        io.remark("There are no schedules. `mineclifford schedule add --help` shows how one is made.");
        return Ok(());
    }
    let text = table(&world, Timestamp::now()).render(io.facts.width, io.facts.colour);
    io.say(text.trim_end_matches('\n'))?;
    if world.schedules_paused {
        io.remark("All of them rest; `mineclifford schedule resume --all` wakes them.");
    }
    for one in &world.schedules {
        let why = one.last.as_ref().and_then(|last| view::outcome(&last.outcome).1);
        if let Some(why) = why {
            io.remark(&format!("{}: {why}", one.plan.name));
        }
    }
    Ok(())
}

fn table(world: &Snapshot, now: Timestamp) -> Table {
    let mut table = Table::new([
        Column::elastic("NAME"),
        Column::text("TASK"),
        Column::elastic("SERVERS"),
        Column::elastic("WHEN"),
        Column::text("NEXT"),
        Column::text("LAST"),
        Column::number("SKIPPED"),
    ]);
    for one in &world.schedules {
        let (last, colour) = last(one, now);
        table.row([
            Cell::from(&one.plan.name),
            Cell::from(one.plan.task.word()),
            Cell::from(view::servers(&one.plan, world)),
            Cell::from(plan::when(&one.plan.when)),
            Cell::from(due(one, world, now)),
            Cell::coloured(last, colour),
            Cell::from(one.skips.to_string()),
        ]);
    }
    table
}

fn due(one: &Schedule, world: &Snapshot, now: Timestamp) -> String {
    match one.next {
        _ if one.plan.paused => "paused".into(),
        _ if world.schedules_paused => "all paused".into(),
        Some(next) => view::away(next, now),
        None => "never".into(),
    }
}

fn last(one: &Schedule, now: Timestamp) -> (String, Option<&'static str>) {
    if one.running {
        return ("under way".into(), Some("36"));
    }
    let Some(last) = &one.last else { return (human::NOTHING.into(), None) };
    let colour = match last.outcome {
        schedule::Outcome::Done => "32",
        schedule::Outcome::Skipped(_) => "33",
        schedule::Outcome::Failed(_) => "31",
    };
    let (word, _) = view::outcome(&last.outcome);
    (
        format!(
            "{word} {}",
            view::away(last.ended, now.max(last.ended + jiff::SignedDuration::from_secs(1)))
        ),
        Some(colour),
    )
}

#[derive(Serialize)]
struct Times<'a> {
    id: ScheduleId,
    name: &'a str,
    zone: String,
    times: Vec<Timestamp>,
}

/// Shows when schedules are due.
///
/// # Errors
/// That there is no such schedule; that the output is closed.
pub fn next(handle: &Handle, io: &mut Io, args: &NextArgs) -> Outcome {
    let world = handle.now();
    let mut chosen = Vec::new();
    for name in &args.names {
        chosen.push(find(&world, name)?);
    }
    if args.names.is_empty() {
        chosen.extend(&world.schedules);
    }
    let count = usize::try_from(args.count).unwrap_or(usize::MAX);
    let times = chosen.iter().map(|one| Times {
        id: one.id,
        name: &one.plan.name,
        zone: view::zone(&one.plan.when),
        times: one.next.map(|next| plan::coming(&one.plan.when, next, count)).unwrap_or_default(),
    });
    let times: Vec<_> = times.collect();
    if io.json {
        return io.document(&times);
    }
    for (one, times) in chosen.iter().zip(&times) {
        io.say(&format!("{}: {}", clean::plain(times.name), clean::plain(&view::words(&one.plan))))?;
        tell(io, &times.times, &times.zone)?;
        if times.times.is_empty() {
            let rests = one.plan.paused || world.schedules_paused;
            io.say(if rests { "  it rests" } else { "  never again" })?;
        }
    }
    Ok(())
}

/// Times, each on a line, in a zone.
///
/// # Errors
/// That the output is closed.
pub fn tell(io: &mut Io, times: &[Timestamp], zone: &str) -> Outcome {
    let now = Timestamp::now();
    for at in times {
        io.say(&format!("  {}  ({})", view::clock(*at, zone), view::away(*at, now)))?;
    }
    Ok(())
}
