//! A Docker daemon of its own, in a network of its own, that is killed and started again under a dashboard.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

#[path = "../support/program.rs"]
mod program;
#[path = "../support/screen.rs"]
mod screen;
#[path = "../support/mod.rs"]
mod support;

mod daemon;

use std::collections::HashSet;

use daemon::Daemon;
use program::{IMAGE, Program, until};
use screen::{Screen, Setting};

#[test]
fn a_daemon_that_was_killed_and_comes_back_is_no_crash_of_its_servers() {
    let mut daemon = Daemon::start();
    daemon.load(IMAGE);
    let mut program = Program::at("restart", &daemon.address());
    program.by = daemon.inside();
    let create = |name: &str| {
        let line = ["server", "create", name, "--eula", "--image", IMAGE, "--memory", "256M", "--port", "0"];
        program.run(&[&line[..], &["--wait"]].concat()).ends(0);
    };
    create("alpha");
    create("beta");
    create("gamma");
    program.run(&["server", "stop", "gamma"]).ends(0);

    // A second program has a console open all the time.
    let mut reader = Program::at("reader", &daemon.address());
    reader.by = daemon.inside();
    let log = reader.start(&["logs", "-f", "alpha", "--json"]);
    log.says("Done (");

    let mut screen = Screen::open(&program, &[], &Setting::default());
    screen.is_taken();
    let states = |screen: &Screen| {
        screen.look(|seen| {
            let text = seen.parser.screen().contents();
            ["alpha", "beta", "gamma"].map(|name| {
                let row = text.lines().find(|line| line.starts_with('│') && line.contains(name));
                row.map(|row| row.split('│').nth(1).unwrap_or_default().to_owned()).unwrap_or_default()
            })
        })
    };
    let are = |states: [String; 3], words: [&str; 3]| {
        states.iter().zip(words).all(|(row, word)| row.contains(word))
    };
    until("the servers to be shown", || are(states(&screen), ["ready", "ready", "stopped"]));
    screen.press("\r");
    // The way that commands go is known.
    screen.shows("stdin");
    screen.press("say before\r");
    screen.shows("[Server] before");

    daemon.kill();
    until("the servers to be unknown", || are(states(&screen), ["unknown", "unknown", "unknown"]));
    daemon.again();
    // A daemon that finds containers of a dead one ends them in peace. Whether it starts them again is its own affair
    // (20.10 does not); the dashboard says what is so, and does not hold it against the servers.
    let running = |name: &str| daemon.docker(&["inspect", "-f", "{{.State.Running}}", name]) == "true";
    until("the servers to be known again", || {
        ["alpha", "beta", "gamma"]
            .iter()
            .zip(states(&screen))
            .all(|(name, state)| state.contains(if running(name) { "ready" } else { "stopped" }))
    });
    assert!(!screen.text().contains("stopped by itself"), "{}", screen.text());
    daemon.docker(&["start", "alpha", "beta"]);
    until("the servers to be back", || are(states(&screen), ["ready", "ready", "stopped"]));

    // An orderly end: Docker stops them, and starts them again when it comes back.
    daemon.stop();
    until("the servers to be unknown", || are(states(&screen), ["unknown", "unknown", "unknown"]));
    daemon.again();
    until("the servers to be back", || are(states(&screen), ["ready", "ready", "stopped"]));
    screen.shows("stdin");
    screen.press("say after\r");
    screen.shows("[Server] after");
    let written = String::from_utf8_lossy(&screen.bytes()).into_owned();
    assert!(!written.contains("crashed"), "a server was said to have crashed");

    // What was heard is whole: numbered without a gap, each line once, both runs of the server in it.
    let last = log.says("[Server] after");
    let mut lines: Vec<serde_json::Value> = log.heard();
    lines.push(serde_json::from_str(&last).expect("JSON"));
    let numbers: Vec<_> = lines.iter().map(|line| line["seq"].as_u64().expect("a number")).collect();
    assert!(numbers.windows(2).all(|pair| pair[0] + 1 == pair[1]), "{numbers:?}");
    let mut once = HashSet::new();
    for line in &lines {
        assert!(once.insert((line["at"].to_string(), line["text"].to_string())), "{line} came twice");
    }
    let done = lines.iter().filter(|line| line["text"].as_str().expect("text").contains("Done (")).count();
    assert_eq!(done, 3, "{lines:#?}");

    screen.press("\x1b");
    screen.press("1");
    screen.press("q");
    assert!(screen.ended().success(), "{}", screen.text());
    screen.is_given_back();
    assert_eq!(program.run(&["server", "stop", "alpha", "beta"]).ends(0).out.lines().count(), 2);
}
