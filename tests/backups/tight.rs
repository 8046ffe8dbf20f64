//! Restores on a disk that fills up, at each call to Docker on the way.

use std::time::Duration;

use crate::{
    program::{IMAGE, Program},
    proxy::{Proxy, Stop},
    shelf::{back_up, list, restore},
    support::docker,
    world::{Tree, differences, throwaways, tree, write},
};

/// A volume in memory of this size, kept there by a container that does nothing else.
fn small_disk(program: &Program) -> (String, String) {
    let (volume, holder) = (program.name("small"), program.name("holder"));
    docker(&[
        "volume",
        "create",
        "--label",
        "mineclifford.test",
        "--opt",
        "type=tmpfs",
        "--opt",
        "device=tmpfs",
        "--opt",
        "o=size=24m,uid=1000,gid=1000",
        &volume,
    ]);
    let mount = format!("{volume}:/data");
    let line =
        ["run", "-d", "--name", &holder, "--label", "mineclifford.test", "--network", "none", "-v", &mount];
    let wait = ["--entrypoint", "sh", IMAGE, "-c", "trap 'exit 0' TERM; sleep 86400 & wait"];
    docker(&[&line[..], &wait].concat());
    (volume, holder)
}

/// All but what fills the disk.
fn without_filler(mut tree: Tree) -> Tree {
    tree.remove("filler");
    tree
}

#[test]
fn a_disk_that_fills_up_at_any_step_leaves_the_old_world_or_the_new_one() {
    let program = Program::new("tight");
    let (volume, holder) = small_disk(&program);
    let name = program.create("a", &["--volume", &volume, "--env", "PRACTICE_WORLD_SECONDS=100000"]);
    program.run(&["server", "stop", &name]).ends(0);
    // Small files, so that there is something for each step to run out of.
    let paths: Vec<String> = (0..60).map(|number| format!("world/region/r.{number}.5.mca")).collect();
    let state = |text: &'static [u8]| {
        let files = paths.iter().map(move |path| (path.as_str(), text));
        files.chain([("plugins/a.txt", text), ("ops.json", text)]).collect::<Vec<_>>()
    };
    write(&name, state(&[7; 30_000]));
    let new = back_up(&program, &name);
    let wanted = tree(&name);
    write(&name, state(&[9; 30_000]));
    let old = back_up(&program, &name);
    let before = tree(&name);

    let proxy = Proxy::new(program.folder.path());
    let line = ["--docker", &proxy.address, "backup", "restore", &new, "--yes", "--json"];
    proxy.count();
    program.run(&line).ends(0);
    let calls = proxy.count();
    assert_eq!(differences(&wanted, &tree(&name)), Vec::<String>::new());
    restore(&program, &old, &[]);
    let (mut failed, mut done) = (0, 0);
    // How often is asked whether something is done differs from run to run: each call is met, until a run has no more.
    for number in 0.. {
        assert!(number <= 2 * calls.len(), "there is no end of calls: {calls:?}");
        let call = calls.get(number).map_or("one more", String::as_str);
        let held = proxy.stop_after(Stop::Held, number);
        let mut going = program.start(&line);
        if !going.meets("the call", || held.within(Duration::from_millis(50))) {
            going.ended().ends(0);
            break;
        }
        docker(&["exec", &holder, "sh", "-c", "cat /dev/zero > /data/filler"]);
        drop(held);
        let ran = going.ended();
        docker(&["exec", &holder, "sh", "-c", "rm -f /data/filler"]);
        let now = without_filler(tree(&name));
        match ran.code {
            Some(0) => {
                assert_eq!(differences(&wanted, &now), Vec::<String>::new(), "{number} {call}");
                restore(&program, &old, &[]);
                done += 1;
            }
            _ => {
                assert_eq!(differences(&before, &now), Vec::<String>::new(), "{number} {call}: {ran:#?}");
                assert_eq!(ran.fault()["kind"], "failed", "{number} {call}");
                failed += 1;
            }
        }
        assert_eq!(throwaways(&program.prefix), Vec::<String>::new(), "{number} {call}");
        assert_eq!(program.server(&name)["state"], "stopped");
        for safety in list(&program).iter().filter(|one| one["reason"] == "safety") {
            program.run(&["backup", "delete", safety["id"].as_str().expect("an id")]).ends(0);
        }
    }
    println!(
        "about {} calls: {failed} restores failed and left the old world, {done} brought the new one",
        calls.len()
    );
    assert!(failed >= 4 && done >= 2, "{failed} {done} {calls:?}");
}
