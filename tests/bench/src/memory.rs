//! Memory where much is said.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use crate::{
    Bench,
    console::{open, open_theirs},
    figures::Figure,
    ground::{Containers, Demo},
    lists::rows,
    program::{Cost, Program},
};

/// More than a console keeps.
const FILL: usize = 6_000;
const FLOOD: u64 = 3_000_000;

/// Fifty servers with full consoles.
pub fn fleet(bench: &mut Bench) -> Result<()> {
    let demo = Demo::start(&bench.ours, bench.folder.path(), 50, 50)?;
    let mut program = open(bench, "fleet", Some(&demo.address()), "server-0001")?;
    program.watch(Duration::from_secs(3));
    let before = program.cost()?;
    let lines: String = (0..FILL)
        .map(|number| format!("say line {number} of a console that is as full as it gets, and then some\n"))
        .collect();
    for server in 1..=50 {
        demo.type_lines(&format!("server-{server:04}"), &lines)?;
        program.watch(Duration::from_millis(200));
    }
    program.shows(Duration::from_secs(20), |screen| {
        rows(screen).any(|row| row.contains(&format!("line {} of", FILL - 1)))
    })?;
    program.watch(Duration::from_secs(15));
    let cost = program.cost()?;
    let (cpu, bytes) = program.load(Duration::from_secs(20))?;
    eprintln!("  before {before:?}\n  after {cost:?}\n  {cpu:.2} % CPU, {bytes:.0} bytes/s");
    let resident = |cost: Cost| cost.resident as f64 / 1024.0;
    let figure = Figure::of(resident(cost), "MiB").under(38.1);
    bench.table.add("resident, 50 running, all consoles full", "<40 MB", figure, None);
    Ok(())
}

/// Three million lines from one server.
pub fn flood(bench: &mut Bench) -> Result<()> {
    let ours = {
        let containers = Containers::start("f", 1, 0)?;
        let mut program = open(bench, "flood", None, &containers.name(0))?;
        let ours = take(&mut program, &containers)?;
        ensure!(ours.time.is_some(), "the last line is never seen:\n{}", program.text());
        ours
    };
    let containers = Containers::start("g", 1, 0)?;
    let theirs = match open_theirs(bench, &containers.name(0))? {
        Some(mut program) => Some(take(&mut program, &containers)?),
        None => None,
    };
    let megabytes = |kilobytes: u64| Figure::of(kilobytes as f64 / 1024.0, "MiB");
    let table = &mut bench.table;
    table.add(
        "resident after 3,000,000 lines from one",
        "<40 MB",
        megabytes(ours.cost.resident).under(38.1),
        theirs.as_ref().map(|theirs| megabytes(theirs.cost.resident)),
    );
    table.add(
        "most ever resident meanwhile",
        "",
        megabytes(ours.cost.peak),
        theirs.as_ref().map(|theirs| megabytes(theirs.cost.peak)),
    );
    table.add(
        "CPU for it",
        "",
        Figure::of(ours.cpu, "s"),
        theirs.as_ref().map(|theirs| Figure::of(theirs.cpu, "s")),
    );
    table.add(
        "until its last line is on the screen",
        "",
        Figure::of(ours.time.unwrap_or_default().as_secs_f64(), "s"),
        theirs.as_ref().map(|theirs| match theirs.time {
            Some(time) => Figure::of(time.as_secs_f64(), "s"),
            None => Figure::words("never", None),
        }),
    );
    Ok(())
}

struct Taken {
    cost: Cost,
    cpu: f64,
    /// Until the last line was seen; not every program keeps up to it.
    time: Option<Duration>,
}

fn take(program: &mut Program, containers: &Containers) -> Result<Taken> {
    let last = format!("flood line {FLOOD} of");
    let before = program.cost()?;
    let begun = Instant::now();
    let at = std::thread::scope(|scope| {
        let lines = FLOOD.to_string();
        let flood = scope.spawn(move || containers.practice(0, &["flood", &lines]));
        let at =
            program.until(Duration::from_secs(120), |screen| rows(screen).any(|row| row.contains(&last)));
        let _ = flood.join();
        at
    });
    let time = at.map(|at| at.duration_since(begun));
    program.watch(Duration::from_secs(10));
    let cost = program.cost()?;
    eprintln!("  {cost:?}");
    Ok(Taken { cost, cpu: (cost.cpu - before.cpu).as_secs_f64(), time })
}
