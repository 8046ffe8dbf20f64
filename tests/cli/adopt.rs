//! Containers that somebody else made.

use crate::{
    program::{IMAGE, Program},
    support::{docker, port},
};

#[test]
fn a_container_is_found_adopted_commanded_and_forgotten() {
    let program = Program::new("adopt");
    let (name, port) = (program.name("theirs"), format!("{}:25565", port()));
    let id = docker(&["run", "-d", "--name", &name, "-e", "EULA=true", "-p", &port, IMAGE]);
    assert_eq!(id.len(), 64, "{id}");
    let found = program.reaches(&name, "ready");
    assert_eq!((&found["managed"], &found["ownership"]), (&false.into(), &"found".into()));
    assert_eq!(found["container_id"], *id);

    let ran = program.run(&["server", "adopt", &name]).ends(0);
    assert!(ran.out.starts_with(&format!("{name}: adopted")), "{ran:#?}");
    let adopted = program.server(&name);
    assert_eq!((&adopted["managed"], &adopted["ownership"]), (&true.into(), &"adopted".into()));
    assert_eq!(adopted["container_id"], *id, "it is not made anew");
    program.run(&["server", "adopt", &name]).ends(0);
    assert_eq!(program.server(&name)["id"], adopted["id"], "twice is once");

    // Its stdin is closed: the command goes another way, and that is said.
    let told = program.run(&["console", "--json", &name, "say", "hello"]).ends(0).json();
    assert_ne!(told["via"], "stdin");
    let going = program.start(&["logs", "-f", &name]);
    going.says("hello");
    drop(going);

    docker(&["rm", "-f", "-v", &name]);
    assert_eq!(program.server(&name)["state"], "missing");
    let ran = program.run(&["server", "forget", &name]).ends(0);
    assert_eq!(ran.out, format!("{name}: forgotten\n"));
    assert!(program.listed(&name).is_none());
    program.run(&["server", "adopt", &name]).ends(3);
}
