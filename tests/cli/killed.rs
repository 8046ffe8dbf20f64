//! The program is cancelled or killed in the middle of a job, at each call to Docker, and started again.

use std::{net::TcpListener, time::Duration};

use crate::{
    program::{Going, IMAGE, Program, until},
    proxy::{Proxy, Sprung, Stop},
    support::{docker, port},
};

fn containers(program: &Program) -> Vec<String> {
    let filter = format!("name={}", program.prefix);
    docker(&["ps", "-a", "--filter", &filter, "--format", "{{.Names}}"]).lines().map(str::to_owned).collect()
}

fn volumes(program: &Program) -> usize {
    docker(&["volume", "ls", "-q", "--filter", &format!("name={}", program.prefix)]).lines().count()
}

/// An image whose registry takes connections and never answers.
fn silent() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let image = format!("{}/slow/image:1", listener.local_addr().expect("an address"));
    (listener, image)
}

#[test]
fn ctrl_c_cancels_a_create_and_leaves_nothing() {
    let program = Program::new("ctrlc");
    let (_listener, image) = silent();
    let name = program.name("a");
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let going = program.start(&["server", "create", &name, "--eula", "--port", "0", "--image", &image]);
        going.remarks("looking for the image");
        going.signal(signal);
        let ran = going.ended();
        assert_eq!(ran.code, Some(code), "{ran:#?}");
        assert!(ran.err.contains("Cancelled."), "{ran:#?}");
        assert!(program.listed(&name).is_none());
    }
    assert_eq!((containers(&program).len(), volumes(&program)), (0, 0));
}

#[test]
fn a_create_that_was_killed_while_pulling_is_undone_and_said_so() {
    let program = Program::new("pull");
    let (_listener, image) = silent();
    let name = program.name("a");
    let going = program.start(&["server", "create", &name, "--eula", "--port", "0", "--image", &image]);
    going.remarks("looking for the image");
    going.killed();
    let ran = program.run(&["server", "list"]).ends(0);
    assert!(ran.err.contains(&format!("Making {name} was interrupted.")), "{ran:#?}");
    assert!(program.listed(&name).is_none());
    assert!(!program.run(&["server", "list"]).ends(0).err.contains("interrupted"), "it is said once");
}

/// Waits until the request that is waited for comes by.
#[track_caller]
fn comes_by(going: Going, sprung: &Sprung) -> Going {
    going.meanwhile("the request", || sprung.within(Duration::from_millis(50)))
}

/// Begins a create through the proxy and kills the program where that stops.
fn killed_create(program: &Program, proxy: &Proxy, name: &str, at: (&'static str, &'static str), stop: Stop) {
    let sprung = proxy.stop_at(stop, at.0, at.1);
    let port = port().to_string();
    let line = [
        "--docker",
        &proxy.address,
        "server",
        "create",
        name,
        "--eula",
        "--image",
        IMAGE,
        "--memory",
        "256M",
        "--port",
        &port,
    ];
    let going = program.start(&line);
    let going = comes_by(going, &sprung);
    going.killed();
}

#[test]
fn a_create_that_was_killed_before_the_start_is_undone_and_said_so() {
    let program = Program::new("create");
    let proxy = Proxy::new(program.folder.path());
    for at in [("POST", "/volumes/create"), ("POST", "/containers/create"), ("PUT", "/archive")] {
        for stop in [Stop::Before, Stop::After] {
            let name = program.name("a");
            killed_create(&program, &proxy, &name, at, stop);
            let ran = program.run(&["server", "list"]).ends(0);
            let said = format!("Making {name} was interrupted.");
            assert!(ran.err.contains(&said), "{at:?} {stop:?}: {ran:#?}");
            assert!(program.listed(&name).is_none(), "{at:?} {stop:?}");
            assert_eq!((containers(&program).len(), volumes(&program)), (0, 0), "{at:?} {stop:?}");
        }
    }
    // The way is free for another try.
    program.create("a", &[]);
}

#[test]
fn a_create_that_was_killed_at_the_start_is_a_server() {
    let program = Program::new("begun");
    let proxy = Proxy::new(program.folder.path());
    for (name, stop) in [("a", Stop::Before), ("b", Stop::After)] {
        let name = program.name(name);
        killed_create(&program, &proxy, &name, ("POST", "/start"), stop);
        let server = program.server(&name);
        assert_eq!(server["managed"], true);
        if stop == Stop::Before {
            assert_eq!(server["state"], "stopped");
            program.run(&["server", "start", &name]).ends(0);
        }
        program.reaches(&name, "ready");
        program.run(&["server", "delete", &name, "--data", "--yes"]).ends(0);
        assert_eq!((containers(&program).len(), volumes(&program)), (0, 0), "{stop:?}");
    }
}

#[test]
fn an_edit_that_was_killed_at_any_call_to_docker_leaves_the_server_as_it_was() {
    let program = Program::new("edit");
    let name = program.create("a", &["--env", "PRACTICE_STOP_SECONDS=0.5"]);
    let proxy = Proxy::new(program.folder.path());
    docker(&["exec", &name, "rcon-cli", "save-all flush"]);
    let world = || docker(&["exec", &name, "mc-practice", "cat", "/data/server.properties"]);
    let before = program.server(&name);
    let properties = world();
    for (method, path) in [
        ("POST", "/stop"),
        ("POST", "/rename"),
        ("POST", "/containers/create"),
        ("PUT", "/archive"),
        ("POST", "/start"),
    ] {
        for stop in [Stop::Before, Stop::After] {
            let sprung = proxy.stop_at(stop, method, path);
            let going =
                program.start(&["--docker", &proxy.address, "server", "edit", &name, "--motd", "new"]);
            let going = comes_by(going, &sprung);
            if (path, stop) == ("/start", Stop::After) {
                // Before its runner listens, a container does not hear that it should stop, and Docker waits in vain.
                until("the new container's server", || docker(&["logs", &name]).contains("Done ("));
            }
            going.killed();

            let ran = program.run(&["server", "list"]).ends(0);
            let said = format!("Changing {name} was interrupted. It is back as it was.");
            assert!(ran.err.contains(&said), "{method} {path} {stop:?}: {ran:#?}");
            let after = program.reaches(&name, "ready");
            assert_eq!(after["container_id"], before["container_id"], "{method} {path} {stop:?}");
            assert_eq!((containers(&program), volumes(&program)), (vec![name.clone()], 1));
            assert_eq!(
                program.run(&["server", "show", &name, "--json"]).json()["spec"]["motd"],
                before["motd"]
            );
        }
    }
    let level = |text: &str| {
        text.lines().filter(|line| line.starts_with("level")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(level(&world()), level(&properties));
    program.run(&["server", "edit", &name, "--motd", "new", "--wait"]).ends(0);
    assert!(world().contains("motd=new"));
}

#[test]
fn an_edit_that_was_killed_after_the_swap_is_finished() {
    let program = Program::new("swap");
    let name = program.create("a", &[]);
    let proxy = Proxy::new(program.folder.path());
    for (stop, motd) in [(Stop::Before, "first"), (Stop::After, "second")] {
        let before = program.server(&name);
        let sprung = proxy.stop_at(stop, "DELETE", "/containers/");
        let going = program.start(&["--docker", &proxy.address, "server", "edit", &name, "--motd", motd]);
        let going = comes_by(going, &sprung);
        going.killed();
        let ran = program.run(&["server", "list"]).ends(0);
        assert!(ran.err.contains(&format!("Changing {name} was interrupted.")), "{ran:#?}");
        let after = program.reaches(&name, "ready");
        assert_ne!(after["container_id"], before["container_id"]);
        assert_eq!((containers(&program), volumes(&program)), (vec![name.clone()], 1));
        let properties = docker(&["exec", &name, "mc-practice", "cat", "/data/server.properties"]);
        assert!(properties.contains(&format!("motd={motd}")));
    }
}

#[test]
fn a_delete_that_was_killed_can_be_asked_for_again() {
    let program = Program::new("delete");
    let proxy = Proxy::new(program.folder.path());
    for (at, (path, stop)) in [
        ("/containers/", Stop::Before),
        ("/containers/", Stop::After),
        ("/volumes/", Stop::Before),
        ("/volumes/", Stop::After),
    ]
    .into_iter()
    .enumerate()
    {
        let name = program.create(&at.to_string(), &[]);
        let sprung = proxy.stop_at(stop, "DELETE", path);
        let line = ["--docker", &proxy.address, "server", "delete", &name, "--data", "--yes"];
        let going = program.start(&line);
        let going = comes_by(going, &sprung);
        going.killed();
        assert!(program.listed(&name).is_some(), "{path} {stop:?}: it is listed until all of it is gone");
        program.run(&["server", "delete", &name, "--data", "--yes"]).ends(0);
        assert_eq!((containers(&program).len(), volumes(&program)), (0, 0), "{path} {stop:?}");
        assert!(program.listed(&name).is_none());
    }
}
