//! Edit, rename, clone.

use crate::{
    program::Program,
    support::{docker, port},
};

fn world(container: &str) -> String {
    docker(&["exec", container, "mc-practice", "hash", "/data/world/session.lock"])
}

#[test]
fn an_edit_keeps_the_world_and_changes_the_rest() {
    let program = Program::new("edit");
    let name = program.create("a", &["--env", "PVP=false", "--cpus", "1"]);
    let before = program.server(&name);
    docker(&["exec", &name, "rcon-cli", "save-all flush"]);
    let level = |name: &str| docker(&["exec", name, "mc-practice", "cat", "/data/server.properties"]);
    assert!(level(&name).contains("pvp=false"));
    let ran = program
        .run(&[
            "server",
            "edit",
            &name,
            "--memory",
            "300M",
            "--motd",
            "changed",
            "--unset",
            "cpus",
            "--env-unset",
            "PVP",
            "-e",
            "HARDCORE=true",
            "--wait",
        ])
        .ends(0);
    assert!(ran.out.starts_with(&format!("{name}: changed, ready")), "{ran:#?}");
    let after = program.server(&name);
    assert_ne!(before["container_id"], after["container_id"]);
    assert_eq!(before["id"], after["id"]);
    let inspect = |format: &str| docker(&["inspect", "-f", format, &name]);
    assert_eq!(inspect("{{.HostConfig.NanoCpus}}"), "0");
    assert_eq!(inspect("{{.HostConfig.Memory}}"), ((300 + 384) << 20).to_string());
    assert!(level(&name).contains("motd=changed") && level(&name).contains("hardcore=true"));
    assert!(!inspect("{{.Config.Env}}").contains("PVP="));
    assert_eq!(docker(&["ps", "-aq", "--filter", &format!("name={}", program.prefix)]).lines().count(), 1);

    let ran = program.run(&["server", "edit", &name]).ends(2);
    assert!(ran.err.contains("nothing to change"), "{ran:#?}");
    program.run(&["server", "edit", &name, "--motd", "x", "--unset", "motd"]).ends(2);
    program.run(&["server", "edit", &program.name("nobody"), "--motd", "x"]).ends(3);
    assert_eq!(
        program.server(&name)["container_id"],
        after["container_id"],
        "what was refused changed nothing"
    );
}

#[test]
fn a_stopped_server_is_edited_renamed_and_cloned() {
    let program = Program::new("copy");
    let name = program.create("a", &[]);
    let seed = world(&name);
    let port = port().to_string();
    let copy = program.name("copy");
    let ran = program.run(&["server", "clone", &name, &copy]).ends(4);
    assert!(ran.err.contains("running"), "{ran:#?}");
    program.run(&["server", "stop", &name]).ends(0);
    program.run(&["server", "edit", &name, "--max-players", "3"]).ends(0);
    assert_eq!(program.server(&name)["state"], "stopped", "an edit starts nothing that did not run");

    let other = program.name("b");
    let ran = program.run(&["server", "rename", &name, &other]).ends(0);
    assert!(ran.out.starts_with(&format!("{other}: was {name}")), "{ran:#?}");
    assert!(program.listed(&name).is_none());
    assert_eq!(docker(&["ps", "-a", "--filter", &format!("name={other}"), "--format", "{{.Names}}"]), other);

    let ran = program.run(&["server", "clone", &other, &copy, "--port", &port]).ends(0);
    assert!(ran.out.starts_with(&format!("{copy}: copied from {other}")), "{ran:#?}");
    let made = program.reaches(&copy, "ready");
    assert_eq!((made["port"].to_string(), &made["players_max"]), (port, &3.into()));
    assert_eq!(world(&copy), seed);
    program.run(&["server", "rename", &copy, &other]).ends(4);
}
