//! `stats --history`: what the dashboard's charts show, as a table.

use std::time::Duration;

use jiff::{Timestamp, tz::TimeZone};

use super::stats;
use crate::{
    cli::{
        exit::Outcome,
        io::Io,
        output::{
            clean, human,
            json::PastView,
            table::{Cell, Column, Table},
        },
    },
    engine::Handle,
    model::{Extent, Figure, Past, Point, ServerId, Span, Units},
};

/// Shows what was measured of servers in a span of time up to now.
///
/// # Errors
/// That the engine ended; that the output is closed.
pub async fn run(handle: &Handle, io: &mut Io, ids: &[ServerId], span: Span) -> Outcome {
    let snapshot = handle.now();
    let mut documents = Vec::new();
    for (n, server) in stats::wanted(&snapshot, ids).into_iter().enumerate() {
        let history = handle.history(server.id()).await?;
        let past = history.past(span, history.measured_at().unwrap_or_else(Timestamp::now));
        if io.json {
            documents.push(PastView::new(server, span, &past));
            continue;
        }
        if n > 0 {
            io.say("")?;
        }
        let seconds = past.step.as_secs();
        io.say(&format!(
            "{}: {}, in steps of {}",
            clean::plain(server.name()),
            span.word(),
            human::duration(seconds)
        ))?;
        if past.points.iter().all(Point::is_empty) {
            io.remark("Nothing was measured in this time, or no engine ran that could remember it.");
            continue;
        }
        let text = table(&past, io.units).render(io.facts.width, io.facts.colour);
        io.say(text.trim_end_matches('\n'))?;
    }
    if io.json { io.document(&documents) } else { Ok(()) }
}

fn table(past: &Past, units: Units) -> Table {
    let mut table = Table::new([
        Column::text("TIME"),
        Column::number("CPU"),
        Column::number("MOST"),
        Column::number("MEMORY"),
        Column::number("MOST"),
        Column::number("RECEIVED"),
        Column::number("SENT"),
        Column::number("READ"),
        Column::number("WRITTEN"),
        Column::number("PLAYERS"),
        Column::number("TICK"),
        Column::number("MOST"),
    ]);
    let known = past.points.iter().enumerate().filter(|(_, point)| !point.is_empty());
    for (at, point) in known {
        table.row(row(past.begin(at), past.step, point, units));
    }
    table
}

fn row(at: Timestamp, step: Duration, point: &Point, units: Units) -> Vec<Cell> {
    let time = at.to_zoned(TimeZone::system());
    let form = if step >= Duration::from_secs(60) { "%m-%d %H:%M" } else { "%H:%M:%S" };
    let cell = |figure, part: fn(Extent) -> f32, write: &dyn Fn(f64) -> String| {
        let text = point.get(figure).map(|extent| write(f64::from(part(extent))));
        Cell::from(text.unwrap_or_else(|| human::NOTHING.to_owned()))
    };
    let mean: fn(Extent) -> f32 = |extent| extent.mean;
    let most: fn(Extent) -> f32 = |extent| extent.max;
    let percent = |value: f64| format!("{value:.1} %");
    let bytes = |value: f64| units.write(value.round() as u64);
    let rate = |value: f64| format!("{}/s", units.write(value.round() as u64));
    let milliseconds = |value: f64| format!("{value:.1} ms");
    vec![
        Cell::from(time.strftime(form).to_string()),
        cell(Figure::Cpu, mean, &percent),
        cell(Figure::Cpu, most, &percent),
        cell(Figure::Memory, mean, &bytes),
        cell(Figure::Memory, most, &bytes),
        cell(Figure::NetRx, mean, &rate),
        cell(Figure::NetTx, mean, &rate),
        cell(Figure::BlockRead, mean, &rate),
        cell(Figure::BlockWrite, mean, &rate),
        cell(Figure::Players, most, &|value| format!("{value:.0}")),
        cell(Figure::Tick, mean, &milliseconds),
        cell(Figure::Tick, most, &milliseconds),
    ]
}
