//! Backups are put back: into their server, another one, a new one; as a whole and in parts; and never by halves.

use std::time::Duration;

use serde_json::Value;

use crate::{
    program::{Program, until},
    proxy::{Proxy, Stop},
    shelf::{back_up, id, list, restore, show},
    support::{docker, port},
    world::{Tree, differences, holds, remove, shell, throwaways, tree, write},
};

/// An archive, and the manifest beside it.
type Forged = (Vec<u8>, Vec<u8>);

const PLAYER: &str = "0197f3c2-7a51-7c3e-8000-0123456789ab";

/// A stopped server whose files are all ours.
fn stopped(program: &Program, name: &str) -> String {
    let name = program.create(name, &["--version", "1.21.4", "--env", "PRACTICE_WORLD_SECONDS=100000"]);
    program.run(&["server", "stop", &name]).ends(0);
    name
}

fn then() -> Vec<(&'static str, &'static str)> {
    vec![
        ("world/region/r.0.0.mca", "then"),
        ("world/region/r.3.3.mca", "then"),
        ("world/DIM-1/region/r.0.0.mca", "then"),
        ("world/playerdata/0197f3c2-7a51-7c3e-8000-0123456789ab.dat", "then"),
        ("plugins/Foo/config.yml", "then"),
        ("ops.json", "[]"),
        (
            "usercache.json",
            r#"[{"name":"Alice","uuid":"0197f3c2-7a51-7c3e-8000-0123456789ab","expiresOn":""}]"#,
        ),
    ]
}

/// Changes all of it, and makes more.
fn go_on(name: &str) {
    let path = format!("world/playerdata/{PLAYER}.dat");
    write(
        name,
        [
            ("world/region/r.0.0.mca", "since"),
            ("world/region/r.7.7.mca", "since"),
            ("world/cache/tiles.bin", "in no backup"),
            ("world_nether/DIM-1/region/r.0.0.mca", "since"),
            ("world/DIM-1/region/r.0.0.mca", "since"),
            (path.as_str(), "since"),
            ("plugins/Foo/config.yml", "since"),
            ("plugins/Foo/data.db", "since"),
            ("notes.txt", "since"),
        ],
    );
    remove(name, &["world/region/r.3.3.mca"]);
}

fn is_tidy(program: &Program, tree: &Tree) {
    assert_eq!(throwaways(&program.prefix), Vec::<String>::new());
    assert!(!tree.keys().any(|path| path.starts_with(".mineclifford")), "{:?}", tree.keys());
}

#[test]
fn a_whole_server_is_as_it_was_and_keeps_what_no_backup_holds() {
    let program = Program::new("whole");
    let name = stopped(&program, "a");
    write(&name, then());
    let first = tree(&name);
    let backup = back_up(&program, &name);
    go_on(&name);
    let later = tree(&name);
    let told = restore(&program, &backup, &[]);
    let now = tree(&name);
    is_tidy(&program, &now);
    // All that the backup holds is bit for bit as it was; what came later in the world is gone.
    let kept = ["notes.txt", "plugins/Foo/data.db", "world/cache", "world/cache/tiles.bin"];
    assert_eq!(differences(&first, &now), kept);
    holds(&now, "world/cache/tiles.bin", "in no backup");
    assert_eq!(program.server(&name)["state"], "stopped");

    // The safety backup has everything that was there, and brings it back.
    let safety = show(&program, told["safety_backup"].as_str().expect("a safety backup"));
    assert_eq!((&safety["reason"], &safety["server_id"]), (&Value::from("safety"), &told["server"]));
    restore(&program, &id(&safety), &[]);
    assert_eq!(differences(&later, &tree(&name)), Vec::<String>::new());
}

#[test]
fn parts_replace_nothing_but_themselves() {
    let program = Program::new("parts");
    let name = stopped(&program, "a");
    write(&name, then());
    let backup = back_up(&program, &name);
    go_on(&name);
    let mut wanted = tree(&name);
    let player = format!("world/playerdata/{PLAYER}.dat");
    let cases: [(&[&str], &str, &str); 3] = [
        (&["--only", "plugins/Foo/config.yml"], "plugins/Foo/config.yml", "then"),
        (&["--player", "alice"], &player, "then"),
        (&["--world", "world", "--dimension", "the_nether"], "world/DIM-1/region/r.0.0.mca", "then"),
    ];
    for (part, path, content) in cases {
        restore(&program, &backup, part);
        let now = tree(&name);
        holds(&now, path, content);
        wanted.insert(path.to_owned(), now[path].clone());
        assert_eq!(differences(&wanted, &now), Vec::<String>::new(), "{part:?}");
    }
    restore(&program, &backup, &["--world", "world"]);
    let now = tree(&name);
    is_tidy(&program, &now);
    holds(&now, "world/region/r.3.3.mca", "then");
    holds(&now, "notes.txt", "since");
    assert!(!now.contains_key("world/region/r.7.7.mca") && !now.contains_key("world_nether"));
    let fault = program.run(&["backup", "restore", &backup, "--yes", "--json", "--world", "nowhere"]).ends(3);
    assert!(fault.fault()["what"].as_str().expect("text").contains("no world nowhere"), "{fault:?}");
}

#[test]
fn a_running_server_comes_up_on_the_restored_world() {
    let program = Program::new("running");
    let name = program.create("a", &["--version", "1.21.4", "--env", "PRACTICE_PLAYERS=Bob"]);
    until("Bob", || program.server(&name)["players_online"] == 1);
    write(&name, [("world/region/r.9.9.mca", "then"), ("plugins/a.txt", "then")]);
    let backup = back_up(&program, &name);
    write(&name, [("world/region/r.9.9.mca", "since"), ("world/region/r.8.8.mca", "since")]);
    let ran = program.run(&["backup", "restore", &backup, "--yes"]).ends(0);
    for said in ["A safety backup of", "is stopped in peace", "watched until it is ready"] {
        assert!(ran.err.contains(said), "{said}: {ran:#?}");
    }
    // It is ready when the command returns, and not some time later.
    assert!(docker(&["logs", "--since", "60s", &name]).contains("Done ("));
    program.reaches(&name, "ready");
    let now = tree(&name);
    is_tidy(&program, &now);
    holds(&now, "world/region/r.9.9.mca", "then");
    assert!(!now.contains_key("world/region/r.8.8.mca"));
    // Docker brings it back after a reboot, as before.
    assert_eq!(
        docker(&["inspect", "--format", "{{.HostConfig.RestartPolicy.Name}}", &name]),
        "unless-stopped"
    );
}

/// A stopped server that crashes at its first start, which the practice server counts in its data.
pub fn crashing(program: &Program) -> String {
    let name = program.create("a", &["--version", "1.21.4"]);
    program.run(&["server", "stop", &name]).ends(0);
    let faults = ["--env", "PRACTICE_FAIL=crash:0:1", "--env", "PRACTICE_FAIL_TIMES=1"];
    program.run(&[&["server", "edit", &name][..], &faults].concat()).ends(0);
    name
}

#[test]
fn a_world_that_does_not_start_is_taken_back_and_the_old_one_runs() {
    let program = Program::new("failing");
    let name = crashing(&program);
    write(&name, [(".practice-starts", "0"), ("world/region/r.9.9.mca", "then")]);
    let backup = back_up(&program, &name);
    write(&name, [(".practice-starts", "5"), ("world/region/r.9.9.mca", "since")]);
    program.run(&["server", "start", &name, "--wait"]).ends(0);
    let ran = program.run(&["backup", "restore", &backup, "--yes", "--json"]).ends(1);
    let fault = ran.fault();
    let text = |field: &str| fault[field].as_str().expect("text").to_owned();
    assert!(text("what").contains("ended while it was loading the restored data"), "{fault}");
    assert!(text("means").contains("as they were before the restore"), "{fault}");
    program.reaches(&name, "ready");
    let now = tree(&name);
    is_tidy(&program, &now);
    holds(&now, "world/region/r.9.9.mca", "since");
}

#[test]
fn a_new_server_is_made_from_a_backup_and_the_old_one_is_not_touched() {
    let program = Program::new("new");
    let name = stopped(&program, "a");
    write(&name, then());
    let backup = back_up(&program, &name);
    go_on(&name);
    let before = tree(&name);
    let new = program.name("b");
    let told = restore(&program, &backup, &["--to", &new, "--port", &port().to_string()]);
    assert_eq!((&told["new"], &told["server_name"]), (&true.into(), &new.as_str().into()));
    let server = program.reaches(&new, "ready");
    assert_eq!(server["managed"], true);
    program.run(&["server", "stop", &new]).ends(0);
    let now = tree(&new);
    holds(&now, "world/region/r.3.3.mca", "then");
    holds(&now, "plugins/Foo/config.yml", "then");
    assert!(!now.contains_key("notes.txt"));
    assert_eq!((now["plugins"].2, now["world/region"].2), (1000, 1000));
    assert_eq!(differences(&before, &tree(&name)), Vec::<String>::new());

    // A name that is taken is that server; without one, and with the old server gone, it must be said where to.
    program.run(&["server", "delete", &name, "--data", "--yes"]).ends(0);
    let fault = program.run(&["backup", "restore", &backup, "--yes", "--json"]).ends(3).fault();
    assert!(fault["next"].as_str().expect("text").contains("--to NAME"), "{fault}");
    let told = restore(&program, &backup, &["--to", &new, "--only", "ops.json"]);
    assert_eq!(told["new"], false);
    assert!(list(&program).iter().any(|one| one["reason"] == "safety" && one["server_id"] == told["server"]));
    is_tidy(&program, &tree(&new));
}

#[test]
fn an_archive_that_is_not_what_was_written_is_refused_and_the_world_is_untouched() {
    let program = Program::new("forged");
    let name = stopped(&program, "a");
    write(&name, then());
    let backup = back_up(&program, &name);
    go_on(&name);
    let before = tree(&name);
    let archive = show(&program, &backup)["path"].as_str().expect("a path").to_owned();
    let sidecar = format!("{archive}.json");
    let (packed, manifest) = (std::fs::read(&archive).expect("it"), std::fs::read(&sidecar).expect("it"));
    let parsed: Value = serde_json::from_slice(&manifest).expect("JSON");
    let outside = program.folder.path().join("outside");
    std::fs::write(&outside, "untouched").expect("a file");

    let forged = |change: &dyn Fn(&mut Value)| {
        let mut forged = parsed.clone();
        change(&mut forged);
        (packed.clone(), serde_json::to_vec(&forged).expect("JSON"))
    };
    let first = |field: &'static str, value: Value| {
        move |manifest: &mut Value| manifest["files"][0][field] = value.clone()
    };
    let mut flipped = packed.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    let cases: Vec<(&str, Forged)> = vec![
        ("a bit flipped", (flipped, manifest.clone())),
        ("cut", (packed[..packed.len() - 7].to_vec(), manifest.clone())),
        ("empty", (Vec::new(), manifest.clone())),
        ("a path that climbs", forged(&first("path", "../../../etc/cron.d/x".into()))),
        ("an absolute path", forged(&first("path", "/etc/passwd".into()))),
        ("a setuid bit", forged(&first("mode", 0o4755.into()))),
        ("another checksum", forged(&first("sha256", "0".repeat(64).into()))),
        ("a size that lies", forged(&first("size", (1_u64 << 50).into()))),
        (
            "the same name twice",
            forged(&|manifest| {
                let again = manifest["files"][0].clone();
                manifest["files"].as_array_mut().expect("files").insert(0, again);
            }),
        ),
        (
            "a link out",
            forged(&|manifest| {
                let link = serde_json::json!({ "path": "aaa", "target": "../../etc" });
                manifest["links"] = Value::Array(vec![link]);
            }),
        ),
        (
            "a write through a link",
            forged(&|manifest| {
                let link = serde_json::json!({ "path": "world", "target": "plugins" });
                manifest["links"] = Value::Array(vec![link]);
            }),
        ),
        ("the staging folder", forged(&first("path", ".mineclifford/x".into()))),
        ("a newer format", forged(&|manifest| manifest["format_version"] = 99.into())),
        ("a tar of somebody else's", (hostile_tar(), manifest.clone())),
        ("no manifest at all", (packed.clone(), b"{".to_vec())),
    ];
    for (what, (bytes, json)) in cases {
        std::fs::write(&archive, bytes).expect("it is written");
        std::fs::write(&sidecar, json).expect("it is written");
        let ran = program.run(&["backup", "restore", &backup, "--yes", "--json"]);
        assert_eq!(ran.code, Some(1), "{what}: {ran:#?}");
        assert_eq!(differences(&before, &tree(&name)), Vec::<String>::new(), "{what}");
        assert_eq!(std::fs::read(&outside).expect("it"), b"untouched", "{what}");
        std::fs::write(&archive, &packed).expect("it is written");
        std::fs::write(&sidecar, &manifest).expect("it is written");
        program.run(&["backup", "verify", &backup]).ends(0);
    }
    is_tidy(&program, &tree(&name));
    assert_eq!(list(&program).len(), 1, "no safety backup was made for what is refused");
    restore(&program, &backup, &[]);
    holds(&tree(&name), "world/region/r.0.0.mca", "then");
}

/// An archive with all that an unpacker may fall for, as a plain `tar` makes it.
fn hostile_tar() -> Vec<u8> {
    use std::io::Write;
    let mut builder = tar::Builder::new(Vec::new());
    let mut add = |path: &str, kind: tar::EntryType, link: Option<&str>| {
        let mut header = tar::Header::new_gnu();
        header.as_gnu_mut().expect("a header").name[..path.len()].copy_from_slice(path.as_bytes());
        header.set_entry_type(kind);
        header.set_mode(0o4777);
        header.set_size(0);
        if let Some(link) = link {
            header.set_link_name(link).expect("a link");
        }
        header.set_cksum();
        builder.append(&header, std::io::empty()).expect("an entry");
    };
    add("world", tar::EntryType::Symlink, Some("/etc"));
    add("world/passwd", tar::EntryType::Regular, None);
    add("../../../etc/passwd", tar::EntryType::Regular, None);
    add("/etc/shadow", tar::EntryType::Regular, None);
    add("hard", tar::EntryType::Link, Some("/etc/passwd"));
    add("disk", tar::EntryType::Block, None);
    add("pipe", tar::EntryType::Fifo, None);
    let tar = builder.into_inner().expect("a tar stream");
    let mut child = std::process::Command::new("gzip")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("gzip");
    child.stdin.take().expect("its input").write_all(&tar).expect("it reads");
    child.wait_with_output().expect("its end").stdout
}

#[test]
fn a_server_whose_data_is_half_old_and_half_new_cannot_be_started() {
    let program = Program::new("half");
    let name = stopped(&program, "a");
    write(&name, then());
    let backup = back_up(&program, &name);
    go_on(&name);
    let before = tree(&name);
    let proxy = Proxy::new(program.folder.path());
    let line = [
        "--docker",
        &proxy.address,
        "backup",
        "restore",
        &backup,
        "--yes",
        "--only",
        "plugins/Foo/config.yml",
    ];
    // The name of the step is in the call that makes the command; it is run by the next one.
    let sprung = proxy.stop_after_saying(Stop::After, "\"swap\"");
    let going = program.start(&line);
    going.meanwhile("the swap", || sprung.within(Duration::from_millis(50))).killed();
    holds(&tree(&name), "plugins/Foo/config.yml", "then");
    // Somebody puts a link where the old file belongs: it cannot be put back.
    shell(&name, "cd /data && mv plugins aside && ln -s /etc plugins");

    let ran = program.run(&["server", "start", &name, "--json"]).ends(4);
    let text = ran.err.lines().find(|line| line.contains("error")).unwrap_or_default().to_owned();
    assert!(text.contains("was interrupted, and its data is not whole yet"), "{ran:#?}");
    for line in [
        &["server", "restart", &name][..],
        &["backup", "create", &name],
        &["backup", "restore", &backup, "--yes"],
        &["server", "clone", &name, "other"],
    ] {
        program.run(line).ends(4);
    }
    program.run(&["server", "stop", &name]).ends(0);
    assert_eq!(program.server(&name)["state"], "stopped");
    shell(&name, "cd /data && rm plugins && mv aside plugins");
    let ran = program.run(&["server", "list"]).ends(0);
    assert!(ran.err.contains("The old data is back as it was."), "{ran:#?}");
    let now = tree(&name);
    assert_eq!(differences(&before, &now), Vec::<String>::new());
    is_tidy(&program, &now);
    program.run(&["server", "start", &name, "--wait"]).ends(0);
}

#[test]
fn links_that_somebody_planted_in_the_data_lead_nowhere() {
    let program = Program::new("planted");
    let name = stopped(&program, "a");
    write(&name, then());
    let backup = back_up(&program, &name);
    shell(
        &name,
        "cd /data && mv plugins elsewhere && ln -s /etc plugins && rm -rf world && ln -s ../tmp world",
    );
    restore(&program, &backup, &[]);
    let now = tree(&name);
    holds(&now, "plugins/Foo/config.yml", "then");
    holds(&now, "world/region/r.0.0.mca", "then");
    shell(&name, "cd /data && rm -rf plugins && ln -s world plugins");
    let before = tree(&name);
    let ran = program
        .run(&["backup", "restore", &backup, "--yes", "--json", "--only", "plugins/Foo/config.yml"])
        .ends(1);
    assert!(ran.fault()["what"].as_str().expect("text").contains("a link stands in the way"), "{ran:#?}");
    assert_eq!(differences(&before, &tree(&name)), Vec::<String>::new());
    is_tidy(&program, &before);
}
