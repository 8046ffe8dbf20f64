//! The list: until it is seen, what it costs while nothing is done, how soon it answers to keys.

use std::time::Duration;

use anyhow::{Result, bail};
use vt100::Screen;

use crate::{
    Bench,
    figures::{Figure, Spread},
    ground::{Containers, Demo},
    program::{COLUMNS, Program},
};

const PATIENCE: Duration = Duration::from_secs(20);
/// How long a program runs before it counts as idle, and how long it is then watched.
const SETTLE: Duration = Duration::from_secs(15);
const IDLE: Duration = Duration::from_secs(30);

const STATES: &[&str] =
    &["ready", "loading", "starting", "stopped", "crashed", "unhealthy", "running", "healthy"];

/// The screen, row by row.
pub fn rows(screen: &Screen) -> impl Iterator<Item = String> {
    screen.rows(0, COLUMNS)
}

/// How many rows show a server whose name begins so, with a state.
pub fn listed(screen: &Screen, prefix: &str) -> usize {
    let stated = |row: &String| row.contains(prefix) && STATES.iter().any(|state| row.contains(state));
    rows(screen).filter(stated).count()
}

/// From exec until the list is seen with its states.
pub fn start(bench: &mut Bench) -> Result<()> {
    let containers = Containers::start("s", 20, 1)?;
    let seen = |program: &mut Program, least: usize, prefix: &str| {
        let at = program.shows(PATIENCE, |screen| listed(screen, prefix) >= least)?;
        anyhow::Ok(at.duration_since(program.begun))
    };
    let (mut first, mut again, mut theirs, mut demo) =
        (Spread::default(), Spread::default(), Spread::default(), Spread::default());
    for round in 0..12 {
        let database = if round < 5 { format!("start-{round}") } else { "start-0".into() };
        let mut program = Program::start(&bench.ours, &bench.arguments(&database, None))?;
        let time = seen(&mut program, 20, containers.prefix())?;
        if round < 5 {
            first.add(time)
        } else {
            again.add(time)
        }
        leave(program);
    }
    if let Some(path) = &bench.theirs {
        for _ in 0..5 {
            // Its list is not as high as ours: what fits of it counts.
            let mut program = Program::start(path, &[])?;
            theirs.add(seen(&mut program, 7, "✓ running")?);
        }
    }
    for _ in 0..10 {
        let arguments = ["demo", "--servers", "50", "--running", "50"].map(Into::into);
        let mut program = Program::start(&bench.ours, &arguments)?;
        // All rows that fit, and the count of those that do not.
        let whole = |screen: &Screen| {
            listed(screen, "server-00") >= 20 && rows(screen).any(|row| row.contains("Servers (50)"))
        };
        let at = program.shows(PATIENCE, whole)?;
        demo.add(at.duration_since(program.begun));
    }
    let beside = (theirs.len() > 0).then(|| Figure::p50(&theirs));
    let what = "start to list, 20 containers on Docker";
    bench.table.add(what, "<100 ms", Figure::p50(&again).under(100.0), beside);
    bench.table.add("the same, first start ever", "<100 ms", Figure::p50(&first).under(100.0), None);
    bench.table.add("start to list, demo with 50", "<50 ms", Figure::p50(&demo).under(50.0), None);
    Ok(())
}

/// Leaves as a person does, so that the database is closed.
pub fn leave(mut program: Program) {
    let _ = program.press("q");
    program.watch(Duration::from_millis(500));
    program.end();
}

/// Twenty containers that log a line a second, and nobody does anything.
pub fn idle(bench: &mut Bench) -> Result<()> {
    let containers = Containers::start("i", 20, 1)?;
    let measure = |program: &mut Program, least: usize| -> Result<(f64, f64, f64, f64)> {
        program.shows(PATIENCE, |screen| listed(screen, containers.prefix()) >= least)?;
        program.watch(SETTLE);
        let (cpu, bytes) = program.load(IDLE)?;
        let cost = program.cost()?;
        eprintln!("  {cost:?}");
        Ok((cpu, bytes, cost.resident as f64 / 1024.0, cost.anonymous as f64 / 1024.0))
    };
    let mut program = Program::start(&bench.ours, &bench.arguments("idle", None))?;
    let ours = measure(&mut program, 20)?;
    program.end();
    let theirs = match &bench.theirs {
        Some(path) => Some(measure(&mut Program::start(path, &[])?, 1)?),
        None => None,
    };
    let table = &mut bench.table;
    let beside =
        |of: fn((f64, f64, f64, f64)) -> f64, unit: &str| theirs.map(|all| Figure::of(of(all), unit));
    table.add("CPU, 20 running", "<0.5 %", Figure::of(ours.0, "%").under(0.5), beside(|all| all.0, "%"));
    let kilobytes = |bytes: f64| bytes / 1000.0;
    table.add(
        "bytes to the terminal, 20 running",
        "<1 KB/s",
        Figure::of(kilobytes(ours.1), "KB/s").under(1.0),
        theirs.map(|all| Figure::of(kilobytes(all.1), "KB/s")),
    );
    table.add(
        "resident, 20 running",
        "<20 MB",
        Figure::of(ours.2, "MiB").under(19.07),
        beside(|all| all.2, "MiB"),
    );
    table.add("of it not of files", "", Figure::of(ours.3, "MiB"), beside(|all| all.3, "MiB"));
    Ok(())
}

/// Fifty servers, none of which runs: nothing changes, so nothing is drawn.
pub fn still(bench: &mut Bench) -> Result<()> {
    let demo = Demo::start(&bench.ours, bench.folder.path(), 50, 0)?;
    let mut program = Program::start(&bench.ours, &bench.arguments("still", Some(&demo.address())))?;
    program.shows(PATIENCE, |screen| listed(screen, "server-00") >= 20)?;
    program.watch(Duration::from_secs(8));
    let (cpu, bytes) = program.load(Duration::from_secs(20))?;
    let text = format!("{:.0} bytes in 20 s, {cpu:.2} % CPU", bytes * 20.0);
    bench.table.add("nothing changes: drawn", "0", Figure::words(text, Some(bytes == 0.0)), None);
    Ok(())
}

/// How soon a list of a thousand answers to keys.
pub fn keys(bench: &mut Bench) -> Result<()> {
    for running in [100, 1_000] {
        let demo = Demo::start(&bench.ours, bench.folder.path(), 1_000, running)?;
        let database = format!("keys-{running}");
        let mut program = Program::start(&bench.ours, &bench.arguments(&database, Some(&demo.address())))?;
        program.shows(PATIENCE, |screen| rows(screen).any(|row| row.contains("Servers (1000)")))?;
        program.watch(Duration::from_secs(10));
        let [mut scroll, mut sort, mut filter] = [(); 3].map(|()| Spread::default());
        for (key, times) in
            [("\x1b[B", 100), ("\x1b[6~", 30), ("\x1b[5~", 20), ("\x1b[F", 1), ("\x1b[H", 1), ("\x1b[B", 50)]
        {
            for _ in 0..times {
                scroll.add(answer(&mut program, key, pointer)?);
            }
        }
        for _ in 0..3 {
            for _ in 0..8 {
                sort.add(answer(&mut program, "o", header)?);
            }
            sort.add(answer(&mut program, "O", header)?);
        }
        for _ in 0..10 {
            for key in ["/", "0", "7", "3", "\x7f", "5", "\x1b"] {
                filter.add(answer(&mut program, key, filtered)?);
            }
        }
        let cost = program.cost()?;
        let (cpu, _) = program.load(Duration::from_secs(10))?;
        eprintln!("  {running} of 1000 run: {cpu:.2} % CPU, {cost:?}");
        for (what, spread) in [("scroll", scroll), ("sort", sort), ("filter", filter)] {
            let met = spread.percentile(100.0) < 50.0;
            let what = format!("1,000 servers ({running} run), key to answer: {what}");
            bench.table.add(
                &what,
                "max <50 ms",
                Figure::words(Figure::p99(&spread).text_only(), Some(met)),
                None,
            );
        }
    }
    Ok(())
}

/// Presses a key, and waits until what it should change has changed. Then a moment, as between repeats of a held key.
fn answer(program: &mut Program, key: &str, of: fn(&Screen) -> String) -> Result<Duration> {
    program.watch(Duration::from_millis(35));
    let before = of(program.screen());
    let pressed = program.press(key)?;
    match program.until(Duration::from_secs(3), |screen| of(screen) != before) {
        Some(at) => Ok(at.duration_since(pressed)),
        None => bail!("{key:?} is never answered:\n{}", program.text()),
    }
}

fn pointer(screen: &Screen) -> String {
    rows(screen)
        .find(|row| row.contains('▶'))
        .map(|row| row.split("││").next().map(str::to_owned).unwrap_or_default())
        .unwrap_or_default()
}

/// The titles of the columns, and the names in their order.
fn header(screen: &Screen) -> String {
    let mut text = rows(screen).nth(2).unwrap_or_default();
    for row in rows(screen) {
        let left = row.split("││").next().unwrap_or_default();
        text.push_str(left.split(' ').find(|word| word.starts_with("server-")).unwrap_or_default());
    }
    text
}

/// The title with the count, and the line in which the filter is typed.
fn filtered(screen: &Screen) -> String {
    let is_line = |row: &String| row.starts_with("│/");
    let line = rows(screen).find(is_line).unwrap_or_default();
    let field = line.split("││").next().unwrap_or_default().to_owned();
    format!("{}{field}{:?}", rows(screen).nth(1).unwrap_or_default(), screen.cursor_position())
}
