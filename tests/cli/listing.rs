//! What scripts read of servers: `server list`, `show`, `stats`.

use std::collections::BTreeSet;

use crate::program::Program;

fn fields(value: &serde_json::Value) -> BTreeSet<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

#[test]
fn a_list_has_every_field_that_scripts_rely_on() {
    let program = Program::new("list");
    let name = program.create("a", &["--env", "PRACTICE_PLAYERS=Alex,Noor", "--max-players", "9"]);
    let list = program.run(&["server", "list", "--json"]).ends(0).json();
    let server = list.as_array().expect("an array").iter().find(|one| one["name"] == *name).expect("it");
    let promised = [
        "id",
        "name",
        "state",
        "explanation",
        "type",
        "version",
        "image",
        "host",
        "port",
        "container_id",
        "cpu_percent",
        "memory_bytes",
        "memory_limit_bytes",
        "players_online",
        "players_max",
        "uptime_seconds",
        "restarts",
        "managed",
        "ownership",
    ];
    assert_eq!(fields(server), BTreeSet::from(promised));
    assert_eq!(server["state"], "ready");
    assert_eq!(server["type"], "VANILLA");
    assert_eq!(server["host"], "local");
    assert_eq!(server["managed"], true);
    assert_eq!(server["ownership"], "created");
    assert_eq!(server["container_id"].as_str().expect("an id").len(), 64);
    assert!(server["cpu_percent"].is_f64(), "{server}");
    assert!(server["memory_bytes"].as_u64().expect("bytes") > 100_000);
    assert_eq!(server["memory_limit_bytes"], (256 + 384) << 20);
    assert_eq!((&server["players_online"], &server["players_max"]), (&2.into(), &9.into()));
    assert!(server["uptime_seconds"].as_u64().expect("seconds") < 600);
    assert!(server["version"].as_str().expect("a version").contains('.'), "what LATEST was resolved to");

    let people = program.run(&["server", "list"]).ends(0).out;
    let row = people.lines().find(|line| line.starts_with(&name)).expect("a row");
    assert!(row.contains("ready") && row.contains("2/9") && row.contains("yes"), "{row}");
    assert!(!people.contains('\x1b'), "a pipe gets no colours");
    let people = program.run(&["server", "ls", "--stats"]).ends(0).out;
    assert!(people.lines().next().expect("a head").contains("MEMORY"));

    // The beginning of the id is as good as the name.
    let id = server["id"].as_str().expect("an id");
    assert_eq!(program.run(&["server", "show", id, "--json"]).ends(0).json()["name"], *name);
}

#[test]
fn stats_are_of_the_servers_that_are_named() {
    let program = Program::new("stats");
    let (a, b) = (program.create("a", &[]), program.create("b", &[]));
    let told = program.run(&["stats", &a, "--json"]).ends(0).json();
    let told = told.as_array().expect("an array");
    assert_eq!(told.len(), 1);
    let promised = [
        "id",
        "name",
        "state",
        "at",
        "cpu_percent",
        "memory_bytes",
        "memory_limit_bytes",
        "net_rx_bytes",
        "net_tx_bytes",
        "block_read_bytes",
        "block_write_bytes",
        "pids",
    ];
    assert_eq!(fields(&told[0]), BTreeSet::from(promised));
    assert_eq!(told[0]["name"], *a);
    assert!(told[0]["pids"].as_u64().expect("processes") > 1);

    let all = program.run(&["stats"]).ends(0).out;
    assert!(all.contains(&a) && all.contains(&b), "{all}");
    program.run(&["stats", &program.name("nobody")]).ends(3);

    let going = program.start(&["stats", &b, "--follow", "--json"]);
    let first: serde_json::Value = serde_json::from_str(&going.says(&b)).expect("JSON");
    let second: serde_json::Value = serde_json::from_str(&going.says(&b)).expect("JSON");
    assert_ne!(first["at"], second["at"]);
    going.signal("INT");
    assert_eq!(going.ended().code, Some(130));
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let program = Program::new("head");
    let name = program.create("a", &["-e", "PRACTICE_FLOOD=100000", "-e", "PRACTICE_FLOOD_RATE=1000"]);
    for line in
        [&["logs", &name][..], &["logs", "-f", &name], &["logs", &name, "--json"], &["server", "list"]]
    {
        let mut shell = std::process::Command::new("bash");
        let script = r#"set -o pipefail; "$@" | head -1"#;
        shell.envs(program.surroundings()).args(["-c", script, "bash", env!("CARGO_BIN_EXE_mineclifford")]);
        shell.args(line);
        let ran = crate::program::finish(shell, "").ends(0);
        assert_eq!((ran.out.lines().count(), ran.err.as_str()), (1, ""), "{line:?}");
    }
}
