//! The program is killed in the middle, and started again.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use crate::{
    program::{Going, Program, until},
    support::docker,
};

/// What the list says of a schedule.
fn schedule(program: &Program, name: &str) -> Value {
    let all = program.run(&["schedule", "list", "--json"]).ends(0).json();
    let all = all.as_array().expect("an array");
    all.iter().find(|one| one["name"] == name).unwrap_or_else(|| panic!("no {name}: {all:?}")).clone()
}

fn serve(program: &Program) -> Going {
    let going = program.start(&["serve", "--listen", "none"]);
    going.says("the engine runs");
    going
}

/// When a line with this text was written.
fn written(container: &str, text: &str) -> Vec<Timestamp> {
    let log = docker(&["logs", "--timestamps", container]);
    let lines = log.lines().filter(|line| line.contains(text));
    lines.filter_map(|line| line.split(' ').next()?.parse().ok()).collect()
}

#[test]
fn killed_again_and_again_nothing_is_done_twice_and_nothing_stands_still() {
    let program = Program::new("tick");
    let name = program.create("a", &[]);
    let mut service = serve(&program);
    let add =
        ["schedule", "add", "tick", "--command", "say tick", "--server", &name, "--cron", "*/10 * * * * *"];
    program.run(&add).ends(0);
    for round in 1..=3 {
        until("a tick", || written(&name, "[Server] tick").len() >= round);
        // Most likely while the run's end is being written down.
        service.killed();
        service = serve(&program);
    }
    until("one more", || written(&name, "[Server] tick").len() >= 5);
    service.killed();
    let mut slots: BTreeMap<i64, usize> = BTreeMap::new();
    for at in written(&name, "[Server] tick") {
        *slots.entry(at.as_second() / 10).or_default() += 1;
    }
    assert!(slots.values().all(|count| *count == 1), "{slots:?}");
    let one = schedule(&program, "tick");
    assert!(one["next"].is_string() && one["running"] == false, "{one}");
}

#[test]
fn a_run_that_was_asked_for_and_killed_is_told_and_not_done_again() {
    let program = Program::new("asked");
    let name = program.create("a", &[]);
    let service = serve(&program);
    // Only the console itself knows this command, and a schedule types there.
    let join =
        ["schedule", "add", "join", "--command", "practice join Alice", "--server", &name, "--every", "24h"];
    program.run(&join).ends(0);
    program.run(&["schedule", "run", "join"]).ends(0);
    until("Alice", || program.server(&name)["players_online"] == 1);
    let started = docker(&["inspect", "--format", "{{.State.StartedAt}}", &name]);
    let add = ["schedule", "add", "night", "--do", "restart", "--server", &name, "--every", "24h"];
    program.run(&add).ends(0);
    let before = schedule(&program, "night")["next"].clone();
    let going = program.start(&["schedule", "run", "night"]);
    until("the warning", || !written(&name, "[Server] The server restarts in 10 minutes.").is_empty());
    service.killed();
    going.killed();

    let service = serve(&program);
    let one = schedule(&program, "night");
    assert_eq!((&one["running"], &one["next"]), (&false.into(), &before));
    assert_eq!(one["last"]["outcome"], "failed");
    assert_eq!(one["last"]["why"], "The program ended in the middle of it.");
    assert_eq!(docker(&["inspect", "--format", "{{.State.StartedAt}}", &name]), started, "not restarted");
    service.killed();
}

#[test]
fn a_command_does_now_what_a_schedule_does_without_a_service() {
    let program = Program::new("alone");
    let name = program.create("a", &[]);
    let add =
        ["schedule", "add", "hello", "--command", "say hello there", "--server", &name, "--every", "24h"];
    program.run(&add).ends(0);
    let ran = program.run(&["schedule", "run", "hello"]).ends(0);
    assert_eq!(ran.out, "hello: done\n");
    until("the line", || written(&name, "[Server] hello there").len() == 1);
    // Paused as a whole, over the end of each of these programs.
    program.run(&["schedule", "pause", "--all"]).ends(0);
    let one = schedule(&program, "hello");
    assert_eq!((&one["all_paused"], &one["next"]), (&true.into(), &Value::Null));
    program.run(&["schedule", "resume", "--all"]).ends(0);
    assert!(schedule(&program, "hello")["next"].is_string());
    program.run(&["server", "stop", &name]).ends(0);
    let ran = program.run(&["schedule", "run", "hello"]).ends(0);
    assert_eq!(ran.out, format!("hello: skipped: {name}: does not run.\n"));
    program.run(&["schedule", "delete", "hello"]).ends(0);
    assert_eq!(program.run(&["schedule", "list", "--json"]).ends(0).json(), Value::Array(Vec::new()));
}
