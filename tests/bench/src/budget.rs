//! What the dashboard may write and spend: nothing while nothing changes, little for a line, little for many lines.

use std::{io::Write, thread, time::Duration};

use anyhow::{Context, Result};

use crate::{
    Bench,
    console::{open_sized, shows},
    figures::Figure,
    ground::{Containers, Demo},
    lists::rows,
    program::Program,
};

const PATIENCE: Duration = Duration::from_secs(20);
/// The terminal of these figures: columns and rows.
const SIZE: (u16, u16) = (120, 40);
/// Lines of which the middle counts: figures that move each second are drawn with some of them.
const LINES: usize = 60;
/// Lines a second, and for how long they are watched.
const RATE: u64 = 10_000;
const WATCHED: Duration = Duration::from_secs(20);

/// All of it.
pub fn all(bench: &mut Bench) -> Result<()> {
    idle(bench)?;
    line(bench)?;
    flood(bench)
}

fn idle(bench: &mut Bench) -> Result<()> {
    let demo = Demo::start(&bench.ours, bench.folder.path(), 20, 0)?;
    let arguments = bench.arguments("budget-idle", Some(&demo.address()));
    let mut program = Program::start_sized(&bench.ours, &arguments, SIZE)?;
    program.shows(PATIENCE, |screen| rows(screen).any(|row| row.contains("Servers (20)")))?;
    program.watch(Duration::from_secs(8));
    let minute = Duration::from_secs(60);
    let (cpu, bytes) = program.load(minute)?;
    let written = bytes * minute.as_secs_f64();
    let text = format!("{written:.0} bytes, {cpu:.2} % CPU");
    let figure = Figure::words(text, Some(written == 0.0));
    bench.table.add("written in a minute in which nothing changes, 120x40", "0 bytes", figure, None);
    Ok(())
}

fn line(bench: &mut Bench) -> Result<()> {
    let containers = Containers::start("l", 1, 0)?;
    let name = containers.name(0);
    let mut pipe = containers.stdout(0)?;
    let mut program = open_sized(bench, "budget-line", &name, SIZE)?;
    let mut written = Vec::new();
    for number in 0..LINES {
        program.watch(Duration::from_millis(300 + (number as u64 * 37) % 100));
        let token = format!("line{number:04}");
        let before = program.bytes;
        pipe.write_all(format!("[12:00:00] [Server thread/INFO]: {token} it says\n").as_bytes())?;
        program.until(PATIENCE, shows(&token)).with_context(|| format!("{token} is never seen"))?;
        written.push(program.bytes - before);
    }
    written.sort_unstable();
    let (middle, most) = (written[LINES / 2], written[LINES - 1]);
    let text = format!("{middle} bytes, at most {most} ({LINES}x)");
    let figure = Figure::words(text, Some(middle < 2_000));
    bench.table.add("written for one new line of log, 120x40", "<2,000 bytes", figure, None);
    Ok(())
}

fn flood(bench: &mut Bench) -> Result<()> {
    let containers = Containers::start("r", 1, 0)?;
    let mut program = open_sized(bench, "budget-flood", &containers.name(0), SIZE)?;
    let lines = (RATE * (WATCHED.as_secs() + 10)).to_string();
    let rate = RATE.to_string();
    let command = ["flood", lines.as_str(), rate.as_str()];
    let (cpu, bytes) = thread::scope(|scope| {
        let flood = scope.spawn(|| containers.practice(0, &command));
        program.watch(Duration::from_secs(4));
        let load = program.load(WATCHED);
        let _ = flood.join();
        load
    })?;
    let table = &mut bench.table;
    table.add("CPU while 10,000 lines a second come", "<20 %", Figure::of(cpu, "%").under(20.0), None);
    let kilobytes = Figure::of(bytes / 1000.0, "KB/s");
    table.add("written meanwhile, 120x40", "", kilobytes, None);
    Ok(())
}
