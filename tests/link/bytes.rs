//! What a day of watching costs: the dashboard over a link, and the dashboard inside ssh, over the same real ssh. The
//! figures are printed, none is asserted. `LINK_SECONDS=60 cargo test --test link bytes -- --nocapture` measures longer.

use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use crate::{
    screen::{Screen, Setting},
    ssh::{Far, docker_of},
    stage::Stage,
};

const SERVERS: usize = 20;
const DAY: f64 = 86_400.0;

fn seconds() -> u64 {
    std::env::var("LINK_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(10)
}

/// Bytes over the wire in so many seconds.
fn measured(far: &Far, seconds: u64) -> f64 {
    let (before, begun) = (far.wire.load(Ordering::Relaxed), Instant::now());
    std::thread::sleep(Duration::from_secs(seconds));
    (far.wire.load(Ordering::Relaxed) - before) as f64 / begun.elapsed().as_secs_f64()
}

/// Bytes for one line of a console, beside what is idle.
fn a_line(far: &Far, stage: &Stage, server: &str, idle: f64) -> f64 {
    const LINES: u32 = 10;
    let (before, begun) = (far.wire.load(Ordering::Relaxed), Instant::now());
    for n in 0..LINES {
        stage.program.run(&["console", server, "say", &format!("line {n} of a console")]).ends(0);
    }
    std::thread::sleep(Duration::from_millis(500));
    let all = (far.wire.load(Ordering::Relaxed) - before) as f64;
    // Each leaves two lines: the command, and what the server says to it.
    (all - idle * begun.elapsed().as_secs_f64()).max(0.0) / f64::from(2 * LINES)
}

#[test]
fn a_day_of_watching() {
    let stage = Stage::fleet("bytes", SERVERS);
    let data = stage.program.folder.path().join("data");
    let far = Far::new(&data, &docker_of(&stage));
    let _service = stage.serve(&[]);
    let server = stage.ready();
    let setting = || Setting::sized(200, 50).with("PATH", &far.path());

    let open = |arguments: &[&str]| {
        let without = ["MINECLIFFORD_DATA_DIR", "DOCKER_HOST"];
        let mut screen = Screen::open_without(&stage.program, arguments, &setting(), &without);
        screen.shows("attached to");
        screen.press("/");
        screen.press(&server);
        screen.press("\r\x1b");
        screen.shows(&format!("2 Console {server}"));
        std::thread::sleep(Duration::from_secs(3));
        screen
    };
    let mut screen = open(&["--connect", "ssh://far"]);
    let link = measured(&far, seconds());
    let link_line = a_line(&far, &stage, &server, link);
    screen.signal("TERM");
    screen.ended();

    let ssh = far.folder.path().join("bin/ssh").display().to_string();
    let mut screen = Screen::other(&stage.program, &ssh, &["-tt", "far", "mineclifford"], &setting());
    screen.shows("attached to");
    screen.press("/");
    screen.press(&server);
    screen.press("\r\x1b");
    std::thread::sleep(Duration::from_secs(3));
    let inside = measured(&far, seconds());
    let inside_line = a_line(&far, &stage, &server, inside);
    screen.press("\x1b1");
    drop(screen);

    let megabytes = |rate: f64| rate * DAY / 1e6;
    println!(
        "{SERVERS} servers that run, idle, {} s each, bytes of TCP with ssh's own, both directions:",
        seconds()
    );
    println!(
        "  over a link:         {link:7.0} B/s  {:7.1} MB a day  {link_line:6.0} B a line",
        megabytes(link)
    );
    println!(
        "  dashboard in ssh:    {inside:7.0} B/s  {:7.1} MB a day  {inside_line:6.0} B a line",
        megabytes(inside)
    );
    println!("  in ssh : over a link {:7.1}", inside / link);
    assert!(link > 0.0 && inside > 0.0, "nothing was measured");
}
