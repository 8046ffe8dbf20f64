//! Create, start, stop, restart, kill, delete.

use crate::{
    program::{IMAGE, Program},
    support::{docker, port},
};

#[test]
fn a_server_is_created_used_and_deleted() {
    let program = Program::new("life");
    let (name, port) = (program.name("a"), port().to_string());
    let ran = program
        .run(&[
            "server", "create", &name, "--eula", "--image", IMAGE, "--memory", "256M", "--port", &port,
            "--wait",
        ])
        .ends(0);
    assert_eq!(ran.out, format!("{name}: created, ready, port {port}\n"));
    assert!(ran.err.contains(&format!("{name}: creating the container\n")), "{ran:#?}");
    assert_eq!(program.server(&name)["state"], "ready");

    let ran = program.run(&["server", "stop", &name]).ends(0);
    assert_eq!(ran.out, format!("{name}: stopped\n"));
    assert_eq!(docker(&["inspect", "-f", "{{.State.Status}}", &name]), "exited");
    assert_eq!(program.server(&name)["state"], "stopped");
    let ran = program.run(&["server", "start", &name, "--wait"]).ends(0);
    assert_eq!(ran.out, format!("{name}: started (ready)\n"));
    let started = docker(&["inspect", "-f", "{{.State.StartedAt}}", &name]);
    program.run(&["server", "restart", &name, "--wait"]).ends(0);
    assert_ne!(docker(&["inspect", "-f", "{{.State.StartedAt}}", &name]), started);
    program.run(&["server", "kill", &name, "--wait"]).ends(0);
    assert_eq!(docker(&["inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", &name]), "exited 137");
    let ran = program.run(&["server", "kill", &name, "--json"]).ends(4);
    assert_eq!(ran.json()[0]["error"]["kind"], "conflict");

    let data = program.run(&["server", "show", &name, "--json"]).ends(0).json()["data"].clone();
    let data = data.as_str().expect("a volume");
    let ran = program.run(&["server", "delete", &name]).ends(0);
    assert_eq!(ran.out, format!("{name}: deleted; its world is kept in {data}\n"));
    assert_eq!(docker(&["ps", "-aq", "--filter", &format!("name={name}")]), "");
    assert_eq!(docker(&["volume", "ls", "-q", "--filter", &format!("name={data}")]), data);
    assert!(program.listed(&name).is_none());
    program.run(&["server", "start", &name]).ends(3);
}

#[test]
fn a_create_answers_at_once_without_wait_and_takes_every_option() {
    let program = Program::new("options");
    let (name, port) = (program.name("a"), port().to_string());
    let line = [
        "server",
        "create",
        &name,
        "--eula",
        "--image",
        IMAGE,
        "--json",
        "--port",
        &port,
        "--memory",
        "512M",
        "--type",
        "paper",
        "--version",
        "1.21.4",
        "--cpus",
        "1.5",
        "--pids-limit",
        "300",
        "--bind",
        "127.0.0.1",
        "--motd",
        "A message",
        "--mode",
        "creative",
        "--difficulty",
        "hard",
        "--max-players",
        "7",
        "--seed",
        "-42",
        "--ops",
        "alice,bob",
        "--whitelist",
        "carol",
        "--view-distance",
        "6",
        "--time-zone",
        "Europe/Berlin",
        "--env",
        "PVP=false",
        "--env",
        "PRACTICE_START_SECONDS=2",
    ];
    let made = program.run(&line).ends(0).json();
    assert!(["starting", "loading"].contains(&made["state"].as_str().expect("a state")), "{made}");
    assert_eq!(made["port"].to_string(), port);

    let env = docker(&["inspect", "-f", "{{range .Config.Env}}{{println .}}{{end}}", &name]);
    for line in [
        "EULA=true",
        "TYPE=PAPER",
        "VERSION=1.21.4",
        "MOTD=A message",
        "MODE=creative",
        "DIFFICULTY=hard",
        "MAX_PLAYERS=7",
        "SEED=-42",
        "VIEW_DISTANCE=6",
        "TZ=Europe/Berlin",
        "PVP=false",
    ] {
        assert!(env.lines().any(|there| there.eq_ignore_ascii_case(line)), "{line} is not in {env}");
    }
    let shown = program.run(&["server", "show", &name, "--json"]).ends(0).json();
    for (field, value) in [
        ("/type", "\"PAPER\""),
        ("/spec/cpus", "1.5"),
        ("/spec/pids_limit", "300"),
        ("/spec/max_players", "7"),
        ("/spec/view_distance", "6"),
        ("/spec/seed", "\"-42\""),
        ("/spec/ops", "[\"alice\",\"bob\"]"),
        ("/spec/whitelist", "[\"carol\"]"),
        ("/spec/bind", "\"127.0.0.1\""),
        ("/spec/env/PVP", "\"false\""),
        ("/spec/eula", "true"),
    ] {
        let found = shown.pointer(field).map(ToString::to_string);
        assert_eq!(found.as_deref(), Some(value), "{field} of {shown:#}");
    }
    let people = program.run(&["server", "show", &name]).ends(0).out;
    for part in ["A message", "alice, bob", "1.21.4", "127.0.0.1", IMAGE] {
        assert!(people.contains(part), "{part} is not in {people}");
    }
    // Nothing that is shown holds the password.
    let password = docker(&["exec", &name, "mc-practice", "cat", "/mineclifford/rcon-password"]);
    assert!(password.len() >= 16 && !people.contains(&password) && !shown.to_string().contains(&password));
}

#[test]
fn port_0_takes_a_free_one_and_a_world_can_be_deleted() {
    let program = Program::new("free");
    let name = program.create("a", &["--port", "0"]);
    let server = program.run(&["server", "show", &name, "--json"]).ends(0).json();
    assert!(server["port"].as_u64().expect("a port") > 0);
    let volume = server["data"].as_str().expect("a volume").to_owned();

    let ran = program.run(&["server", "delete", &name, "--data"]).ends(2);
    assert!(ran.err.contains("--yes"), "{ran:#?}");
    assert_eq!(program.server(&name)["state"], "ready", "nothing was deleted");
    let told = program.run(&["server", "delete", &name, "--data", "--yes", "--json"]).ends(0).json();
    assert_eq!((&told["deleted"], &told["data_deleted"]), (&true.into(), &true.into()));
    assert_eq!(docker(&["volume", "ls", "-q", "--filter", &format!("name={volume}")]), "");
}

#[test]
fn several_servers_are_all_tried_and_the_highest_code_is_returned() {
    let program = Program::new("many");
    let (a, b) = (program.create("a", &[]), program.create("b", &[]));
    let nobody = program.name("nobody");
    let told = program.run(&["server", "stop", &a, &nobody, &b, &a, "--wait", "--json"]).ends(3).json();
    let told = told.as_array().expect("an array");
    let names: Vec<_> = told.iter().map(|one| one["name"].as_str().expect("a name")).collect();
    assert_eq!(names, [&a, &nobody, &b], "each once, in the order in which they were named");
    for (at, ok, state) in [(0, true, "stopped"), (2, true, "stopped")] {
        assert_eq!((&told[at]["ok"], &told[at]["state"]), (&ok.into(), &state.into()));
        assert_eq!(told[at]["action"], "stop");
    }
    assert_eq!((&told[1]["ok"], &told[1]["error"]["kind"]), (&false.into(), &"not_found".into()));
    let ran = program.run(&["server", "start", &a, &b, "--wait"]).ends(0);
    assert_eq!(ran.out.lines().count(), 2, "{ran:#?}");
    for name in [&a, &b] {
        assert_eq!(program.server(name)["state"], "ready");
    }
}

#[test]
fn a_wait_for_a_server_that_crashes_fails_and_says_why() {
    let program = Program::new("crash");
    let (name, port) = (program.name("a"), port().to_string());
    let line = [
        "server",
        "create",
        &name,
        "--eula",
        "--image",
        IMAGE,
        "--memory",
        "256M",
        "--port",
        &port,
        "--env",
        "PRACTICE_FAIL=bind",
        "--wait",
    ];
    let ran = program.run(&line).ends(1);
    assert!(ran.err.contains("port"), "{ran:#?}");
    // It was made, and is there to be looked at.
    assert!(program.listed(&name).is_some());
}
