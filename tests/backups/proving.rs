//! Backups are booted in containers that are thrown away.

use std::time::Duration;

use serde_json::Value;

use crate::{
    program::{Program, until},
    proxy::{Proxy, Stop},
    restoring::crashing,
    shelf::{back_up, show},
    support::docker,
    world::{differences, throwaways, tree, write},
};

/// The throw-away container of a test, while there is one.
fn test_server(program: &Program) -> Option<String> {
    throwaways(&program.prefix).into_iter().find(|name| name.contains("-test-"))
}

/// The next start removes what is left; and the one after that what Docker was still making for a program that was gone.
#[track_caller]
pub fn starts_tidily(program: &Program) {
    until("what was left to be gone", || {
        program.run(&["server", "list"]).ends(0);
        throwaways(&program.prefix).is_empty()
    });
}

#[test]
fn a_good_backup_is_proven_by_a_server_that_nobody_can_reach() {
    let program = Program::new("prove");
    let name =
        program.create("a", &["--env", "PRACTICE_START_SECONDS=8", "--env", "PRACTICE_WORLD_SECONDS=100000"]);
    program.run(&["server", "stop", &name]).ends(0);
    write(&name, [("plugins/a.txt", "then")]);
    let backup = back_up(&program, &name);
    assert_eq!(show(&program, &backup)["proven_at"], Value::Null);
    let before = tree(&name);

    let going = program.start(&["backup", "test", &backup]);
    let running = || {
        test_server(&program).filter(|test| docker(&["inspect", "-f", "{{.State.Running}}", test]) == "true")
    };
    let going = going.meanwhile("the test server", || {
        std::thread::sleep(Duration::from_millis(20));
        running().is_some()
    });
    let test = running().expect("it runs");
    assert!(docker(&["exec", &test, "cat", "/data/plugins/a.txt"]).contains("then"));
    assert_eq!(docker(&["port", &test]), "", "no port leads to it");
    assert_eq!(docker(&["inspect", "-f", "{{.HostConfig.RestartPolicy.Name}}", &test]), "no");
    let ran = going.ended();
    assert_eq!(ran.code, Some(0), "{ran:#?}");
    assert!(ran.out.contains("a server came up on the backup"), "{ran:#?}");

    assert_eq!(throwaways(&program.prefix), Vec::<String>::new());
    assert!(show(&program, &backup)["proven_at"].is_string());
    assert_eq!(differences(&before, &tree(&name)), Vec::<String>::new());
    // Also when the server that it is of is gone.
    program.run(&["server", "delete", &name, "--data", "--yes"]).ends(0);
    let told = program.run(&["backup", "test", &backup, "--json"]).ends(0).json();
    assert_eq!(told["proven"], true);
    assert_eq!(throwaways(&program.prefix), Vec::<String>::new());
}

#[test]
fn a_backup_on_which_no_server_comes_up_is_known_for_it() {
    let program = Program::new("unproven");
    let name = crashing(&program);
    write(&name, [(".practice-starts", "5")]);
    let good = back_up(&program, &name);
    write(&name, [(".practice-starts", "0")]);
    let bad = back_up(&program, &name);
    program.run(&["backup", "test", &good]).ends(0);
    let fault = program.run(&["backup", "test", &bad, "--json"]).ends(1).fault();
    assert!(fault["means"].as_str().expect("text").contains("no server came up on it"), "{fault}");
    assert_eq!(show(&program, &bad)["proven_at"], Value::Null);
    assert!(show(&program, &good)["proven_at"].is_string());
    assert_eq!(throwaways(&program.prefix), Vec::<String>::new());
    // Whoever wants to restore it is told.
    program.run(&["server", "stop", &name]).ends(0);
    write(&name, [(".practice-starts", "5")]);
    let ran = program.run(&["backup", "restore", &bad, "--yes"]).ends(0);
    assert!(ran.err.contains("When this backup was last booted for a test, it failed"), "{ran:#?}");
}

#[test]
fn wherever_a_test_is_killed_the_next_start_removes_what_it_made() {
    let program = Program::new("untested");
    let name = program.create("a", &[]);
    program.run(&["server", "stop", &name]).ends(0);
    let backup = back_up(&program, &name);
    let proxy = Proxy::new(program.folder.path());
    let line = ["--docker", &proxy.address, "backup", "test", &backup];
    proxy.count();
    program.run(&line).ends(0);
    let calls = proxy.count();
    assert!(calls.len() >= 7, "{calls:?}");
    let proven = show(&program, &backup)["proven_at"].clone();
    // How often is asked whether something is done differs from run to run: each call is met, until a run has no more.
    for number in 0.. {
        assert!(number <= 2 * calls.len(), "there is no end of calls: {calls:?}");
        let call = calls.get(number).map_or("one more", String::as_str);
        let stop = if number % 2 == 0 { Stop::After } else { Stop::Before };
        let sprung = proxy.stop_after(stop, number);
        let mut going = program.start(&line);
        if !going.meets("the call", || sprung.within(Duration::from_millis(50))) {
            going.ended().ends(0);
            break;
        }
        going.killed();
        starts_tidily(&program);
        assert_eq!(show(&program, &backup)["proven_at"], proven, "{call} {stop:?}");
        assert_eq!(program.server(&name)["state"], "stopped");
    }
    program.run(&["backup", "test", &backup]).ends(0);
}
