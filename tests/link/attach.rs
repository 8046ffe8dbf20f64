//! Commands find the engine that runs, and only those who may.

use std::{
    os::unix::{
        fs::PermissionsExt,
        net::{UnixListener, UnixStream},
        process::CommandExt,
    },
    process::Command,
};

use crate::{
    program::{Program, finish, until},
    stage::Stage,
};

#[test]
fn commands_use_the_engine_that_runs() {
    let stage = Stage::new("attach");
    let service = stage.serve(&[]);
    let name = stage.ready();
    // None of these could start an engine of its own: the service holds the database.
    stage.program.run(&["server", "show", &name]).ends(0);
    let ran = stage.program.run(&["console", &name, "list"]).ends(0);
    assert!(ran.out.contains("players online"), "{ran:#?}");
    let going = stage.program.start(&["logs", "-f", &name]);
    stage.program.run(&["console", &name, "say", "over", "the", "wall"]).ends(0);
    going.says("over the wall");
    let ran = stage.program.run(&["doctor"]);
    assert!(ran.out.contains("attached to its engine"), "{ran:#?}");
    let ran = stage.program.run(&["--read-only", "server", "stop", &name]).ends(1);
    assert!(ran.err.contains("read-only"), "{ran:#?}");
    let ran = stage.program.run(&["--docker", "unix:///elsewhere", "server", "list"]).ends(4);
    assert!(ran.err.contains("--docker"), "{ran:#?}");
    let ran = stage.program.run(&["server", "stop", "nobody"]).ends(3);
    assert!(ran.err.contains("nobody"), "{ran:#?}");
    let ran = stage.program.run(&["--connect", &stage.url(), "server", "list"]).ends(0);
    assert!(ran.out.contains(&name), "{ran:#?}");
    service.signal("TERM");
    service.ended();
    let ended = going.ended();
    assert!(ended.code.is_some_and(|code| code != 0), "{ended:#?}");
}

#[test]
fn no_other_user_gets_in_unless_a_group_is_allowed() {
    if !rustix_is_root() {
        eprintln!("not root: another user cannot be played here");
        return;
    }
    let stage = Stage::new("foreign");
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let socket = folder.path().join("open/engine.sock");
    let config = folder.path().join("config.toml");
    let write = |group: &str| {
        let text = format!("[attach]\nsocket = \"{}\"\ngroup = \"{group}\"\n", socket.display());
        std::fs::write(&config, text).unwrap();
    };
    // The program where nobody can run it.
    let program = folder.path().join("mineclifford");
    std::fs::copy(env!("CARGO_BIN_EXE_mineclifford"), &program).unwrap();
    let url = format!("unix://{}", socket.display());
    let as_nobody = |groups: &str| {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", groups]).arg(&program);
        command.args(["--connect", &url, "server", "list"]);
        command.env_clear().env("HOME", "/nonexistent").env("PATH", "/usr/bin:/bin");
        finish(command, "")
    };
    let config_flag = config.to_str().unwrap();
    write("");
    let service = stage.serve(&["--config", config_flag]);
    let ran = as_nobody("--clear-groups");
    assert_ne!(ran.code, Some(0), "the folder lets nobody through: {ran:#?}");
    // Even where the file system would let them, the peer's user is looked at.
    std::fs::set_permissions(socket.parent().unwrap(), std::fs::Permissions::from_mode(0o755)).unwrap();
    std::fs::set_permissions(&socket, std::fs::Permissions::from_mode(0o666)).unwrap();
    let ran = as_nobody("--clear-groups").ends(1);
    assert!(ran.err.contains("belongs to another user"), "{ran:#?}");
    service.signal("TERM");
    service.ended();

    std::fs::remove_dir(socket.parent().unwrap()).unwrap();
    write("games");
    let service = stage.serve(&["--config", config_flag]);
    let ran = as_nobody("--clear-groups");
    assert_ne!(ran.code, Some(0), "{ran:#?}");
    // Group 60 is games on Debian; elsewhere it is looked up.
    let games = std::fs::read_to_string("/etc/group").unwrap();
    let games = games.lines().find(|line| line.starts_with("games:")).unwrap();
    let number = games.split(':').nth(2).unwrap();
    let ran = as_nobody(&format!("--groups={number}")).ends(0);
    assert!(ran.out.contains("NAME"), "{ran:#?}");
    drop(service);
}

fn rustix_is_root() -> bool {
    let output = Command::new("id").arg("-u").output().unwrap();
    output.stdout == b"0\n"
}

#[test]
fn what_a_killed_engine_leaves_is_replaced() {
    let stage = Stage::new("stale");
    let service = stage.serve(&[]);
    service.killed();
    assert!(stage.socket().exists(), "a killed engine takes nothing away");
    assert!(UnixStream::connect(stage.socket()).is_err());
    // A command starts an engine of its own, and a service takes the name again.
    stage.program.run(&["server", "list"]).ends(0);
    let service = stage.serve(&[]);
    UnixStream::connect(stage.socket()).expect("somebody listens");
    service.signal("TERM");
    assert_eq!(service.ended().code, Some(0));
    assert!(!stage.socket().exists());
}

#[test]
fn a_live_socket_of_something_else_is_not_taken() {
    let stage = Stage::new("taken");
    std::fs::create_dir_all(stage.socket().parent().unwrap()).unwrap();
    let listener = UnixListener::bind(stage.socket()).unwrap();
    let mut command = stage.program.command(&["serve", "--listen", "none"]);
    command.process_group(0);
    let ran = finish(command, "").ends(4);
    assert!(ran.err.contains("Another engine listens"), "{ran:#?}");
    drop(listener);
}

#[test]
fn of_two_that_start_at_once_one_wins() {
    let stage = Stage::new("twice");
    for _ in 0..3 {
        let (one, two) = (
            stage.program.start(&["serve", "--listen", "none"]),
            stage.program.start(&["serve", "--listen", "none"]),
        );
        // Whichever it was, a command finds it.
        until("an engine", || UnixStream::connect(stage.socket()).is_ok());
        stage.program.run(&["server", "list"]).ends(0);
        for going in [&one, &two] {
            going.signal("TERM");
        }
        let (one, two) = (one.ended(), two.ended());
        let codes = [one.code, two.code];
        assert!(codes.contains(&Some(0)), "{one:#?} {two:#?}");
        let loser = if one.code == Some(0) { &two } else { &one };
        // It was refused, or told to end before it had begun.
        assert!(loser.code != Some(1), "{loser:#?}");
    }
    // Two commands at once, without any service: the second waits a moment for the first, or says who is at work.
    let stage: &Program = &stage.program;
    let (one, two) = (stage.start(&["server", "list"]), stage.start(&["server", "list"]));
    let codes = [one.ended().code, two.ended().code];
    assert!(codes.contains(&Some(0)) && codes.iter().all(|code| matches!(code, Some(0 | 4))), "{codes:?}");
}

#[test]
fn where_there_is_no_engine_it_says_how_to_start_one() {
    let stage = Stage::new("none");
    let mut command = stage.program.command(&["--connect", "unix:///nowhere/engine.sock", "server", "list"]);
    command.env_remove("MINECLIFFORD_DATA_DIR");
    let ran = finish(command, "").ends(1);
    assert!(ran.err.contains("No engine runs") && ran.err.contains("mineclifford serve"), "{ran:#?}");
    let ran = stage.program.run(&["link-stdio"]).ends(3);
    assert!(ran.out.is_empty() && ran.err.contains("mineclifford serve"), "{ran:#?}");
    for url in ["ssh://-oProxyCommand=id", "ssh://host/$(id)", "tcp://host"] {
        let mut command = stage.program.command(&["--connect", url, "server", "list"]);
        command.env_remove("MINECLIFFORD_DATA_DIR");
        finish(command, "").ends(2);
    }
}
