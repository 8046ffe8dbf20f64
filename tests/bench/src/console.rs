//! The console: from the container's write to the frame, from the key to the server and back, everything in order.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Command, Stdio},
    sync::mpsc::channel,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use vt100::Screen;

use crate::{
    Bench,
    figures::{Figure, Spread},
    ground::Containers,
    lists::{listed, rows},
    program::Program,
};

const PATIENCE: Duration = Duration::from_secs(20);
/// Lines after a quiet moment each, and lines of the steady part.
const QUIET: usize = 300;
const STEADY: usize = 1_500;

/// Whether a text is on the screen.
pub fn shows(text: &str) -> impl FnMut(&Screen) -> bool + use<> {
    let text = text.to_owned();
    move |screen| rows(screen).any(|row| row.contains(&text))
}

/// Starts the dashboard and chooses a server of that name.
pub fn open(bench: &Bench, database: &str, docker: Option<&str>, name: &str) -> Result<Program> {
    chosen(Program::start(&bench.ours, &bench.arguments(database, docker))?, name)
}

/// The same on a terminal of another size.
pub fn open_sized(bench: &Bench, database: &str, name: &str, size: (u16, u16)) -> Result<Program> {
    chosen(Program::start_sized(&bench.ours, &bench.arguments(database, None), size)?, name)
}

fn chosen(mut program: Program, name: &str) -> Result<Program> {
    program.shows(PATIENCE, |screen| listed(screen, "") >= 1)?;
    program.press("/")?;
    program.watch(Duration::from_millis(200));
    program.press(name)?;
    program.shows(PATIENCE, shows(&format!("Console {name}")))?;
    program.press("\r")?;
    program.watch(Duration::from_secs(3));
    Ok(program)
}

/// Starts oxker and chooses a container of that name.
pub fn open_theirs(bench: &Bench, name: &str) -> Result<Option<Program>> {
    let Some(path) = &bench.theirs else { return Ok(None) };
    let mut program = Program::start(path, &[])?;
    program.shows(PATIENCE, |screen| listed(screen, name) >= 1)?;
    program.watch(Duration::from_secs(1));
    program.press("/")?;
    program.watch(Duration::from_millis(500));
    program.press(name)?;
    program.watch(Duration::from_secs(1));
    program.press("\r")?;
    program.watch(Duration::from_secs(3));
    Ok(Some(program))
}

/// From the container's write to the drawn frame.
pub fn latency(bench: &mut Bench) -> Result<()> {
    let containers = Containers::start("c", 1, 0)?;
    let name = containers.name(0);
    let mut pipe = containers.stdout(0)?;
    let mut program = open(bench, "console", None, &name)?;
    let quiet = after_quiet(&mut program, &mut pipe, QUIET)?;
    let steady = steadily(&mut program, pipe.try_clone()?)?;
    program.end();
    let mut beside = None;
    if let Some(mut theirs) = open_theirs(bench, &name)? {
        beside = after_quiet(&mut theirs, &mut pipe, 20).ok();
    }
    bench.table.add(
        "container's write to frame, after quiet",
        "p99 <5 ms",
        Figure::p99(&quiet).under(5.0),
        beside.as_ref().map(Figure::p99),
    );
    bench.table.add("the same at 100 lines/s", "p99 <=33 ms", Figure::p99(&steady).under(33.0), None);
    Ok(())
}

fn after_quiet(program: &mut Program, pipe: &mut impl Write, times: usize) -> Result<Spread> {
    let mut spread = Spread::default();
    for number in 0..times {
        // Not in step with anything that goes by the second.
        program.watch(Duration::from_millis(150 + (number as u64 * 37) % 100));
        let token = format!("quiet{number:05}");
        let written = Instant::now();
        pipe.write_all(format!("[12:00:00] [Server thread/INFO]: {token} it says\n").as_bytes())?;
        match program.until(Duration::from_secs(10), shows(&token)) {
            Some(at) => spread.add(at.duration_since(written)),
            None => bail!("{token} is never seen:\n{}", program.text()),
        }
    }
    Ok(spread)
}

fn steadily(program: &mut Program, mut pipe: impl Write + Send + 'static) -> Result<Spread> {
    let (times, written) = channel();
    let writer = thread::spawn(move || -> Result<()> {
        for number in 0..STEADY {
            let line = format!("[12:00:00] [Server thread/INFO]: steady{number:05} it says\n");
            times.send(Instant::now())?;
            pipe.write_all(line.as_bytes())?;
            thread::sleep(Duration::from_micros(9_900));
        }
        Ok(())
    });
    let mut spread = Spread::default();
    let mut next = 0;
    while next < STEADY {
        let mut newest = 0;
        let wanted = next;
        let at = program.until(Duration::from_secs(10), |screen| {
            let of = |row: String| row.split_once("steady")?.1.get(..5)?.parse::<usize>().ok();
            newest = rows(screen).filter_map(of).max().map_or(0, |newest| newest + 1);
            newest > wanted
        });
        let at = at.with_context(|| format!("steady{next:05} is never seen:\n{}", program.text()))?;
        while next < newest {
            spread.add(at.duration_since(written.recv()?));
            next += 1;
        }
    }
    writer.join().map_err(|_| anyhow::anyhow!("the writer failed"))??;
    Ok(spread)
}

/// From a key to its letter on the screen, from Enter to the echo, and to the server's answer: it went to the server's
/// standard input and came back through its log.
pub fn typed(bench: &mut Bench) -> Result<()> {
    let containers = Containers::start("t", 1, 0)?;
    let name = containers.name(0);
    let mut adopt = Command::new(&bench.ours);
    adopt.args(bench.arguments("typed", None)).args(["--quiet", "server", "adopt", &name]);
    ensure!(adopt.status()?.success(), "the container cannot be adopted");
    let mut program = open(bench, "typed", None, &name)?;
    program.press("\r")?;
    program.shows(PATIENCE, shows("send"))?;
    program.watch(Duration::from_secs(1));
    let [mut key, mut echo, mut answer] = [(); 3].map(|()| Spread::default());
    for number in 0..200 {
        program.watch(Duration::from_millis(150 + (number * 37) % 100));
        let word = format!("word{number:04}");
        let command = format!("say {word}");
        let (head, last) = command.split_at(command.len() - 1);
        program.press(head)?;
        program.watch(Duration::from_millis(150));
        let pressed = program.press(last)?;
        let at = program.until(PATIENCE, shows(&command)).context("a key is never seen")?;
        key.add(at.duration_since(pressed));
        let prompt = rows(program.screen()).position(|row| row.contains(&command)).unwrap_or_default();
        program.watch(Duration::from_millis(150));
        let pressed = program.press("\r")?;
        let echoed = |screen: &Screen| {
            rows(screen).enumerate().any(|(row, text)| row != prompt && text.contains(&command))
        };
        let at = program.until(PATIENCE, echoed).context("the echo is never seen")?;
        echo.add(at.duration_since(pressed));
        let said = format!("[Server] {word}");
        let at = program.shows(PATIENCE, shows(&said))?;
        answer.add(at.duration_since(pressed));
    }
    let table = &mut bench.table;
    table.add("key to letter in the command line", "", Figure::p99(&key), None);
    table.add("Enter to echo on the screen", "p99 <5 ms", Figure::p99(&echo).under(5.0), None);
    table.add("Enter to the server's answer on the screen", "", Figure::p99(&answer), None);
    Ok(())
}

/// A hundred thousand lines at full speed, counted.
pub fn order(bench: &mut Bench) -> Result<()> {
    const LINES: u64 = 100_000;
    let containers = Containers::start("o", 1, 0)?;
    let name = containers.name(0);
    let mut follower = Command::new(&bench.ours)
        .args(bench.arguments("order", None))
        .args(["logs", "--follow", "--tail", "5", &name])
        .stdout(Stdio::piped())
        .spawn()?;
    let output = follower.stdout.take().context("no output")?;
    let (lines, read) = channel();
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if lines.send(line).is_err() {
                return;
            }
        }
    });
    // It follows once it has printed the last lines of the past.
    let followed = read.recv_timeout(PATIENCE);
    thread::sleep(Duration::from_secs(1));
    let begun = Instant::now();
    containers.practice(0, &["flood", &LINES.to_string()])?;
    let (mut next, mut wrong) = (1, 0u64);
    while followed.is_ok() && next <= LINES {
        let Ok(line) = read.recv_timeout(Duration::from_secs(10)) else { break };
        let Some((_, rest)) = line.split_once("flood line ") else { continue };
        let number: u64 = rest.split(' ').next().unwrap_or_default().parse()?;
        if number != next {
            wrong += 1;
        }
        next = number + 1;
    }
    let time = begun.elapsed();
    let _ = follower.kill();
    let _ = follower.wait();
    let whole = next == LINES + 1 && wrong == 0;
    let text = format!("{} of {LINES}, {wrong} gaps, {:.1} s", next - 1, time.as_secs_f64());
    bench.table.add("100,000 lines at full speed, in order", "all", Figure::words(text, Some(whole)), None);
    Ok(())
}
