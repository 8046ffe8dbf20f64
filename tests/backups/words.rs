//! Backups on the command line, as a person or a script types it, and after the program was killed.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    program::Program,
    support::{docker, port},
};

/// What a promise to scripts names.
const FIELDS: [&str; 12] = [
    "id",
    "server",
    "kind",
    "state",
    "created_at",
    "size_bytes",
    "file_count",
    "verified_at",
    "proven_at",
    "locked",
    "path",
    "torn_files",
];

fn list(program: &Program) -> Vec<Value> {
    program.run(&["backup", "list", "--json"]).ends(0).json().as_array().expect("an array").clone()
}

#[test]
fn a_backup_is_made_listed_looked_into_checked_kept_and_removed() {
    let program = Program::new("words");
    let name = program.create("a", &["--version", "1.21.4"]);
    let made = program.run(&["backup", "create", &name, "--label", "first", "--json"]).ends(0).json();
    for field in FIELDS {
        assert!(made.get(field).is_some(), "{field} is missing: {made}");
    }
    assert_eq!(
        (&made["server"], &made["state"], &made["kind"]),
        (&name.as_str().into(), &"good".into(), &"full".into())
    );
    assert_eq!((&made["stillness"], &made["torn_files"]), (&"quiesced".into(), &0.into()));
    assert_eq!(list(&program), std::slice::from_ref(&made));
    let id = made["id"].as_str().expect("an id");
    let short = &id[id.len() - 8..];
    let told = program.run(&["backup", "list", &name]).ends(0);
    assert!(told.out.contains(short) && told.out.contains("first"), "{told:#?}");
    let shown = program.run(&["backup", "show", short]).ends(0).out;
    assert!(shown.contains("held still") && shown.contains("world: overworld"), "{shown}");
    let shown = program.run(&["backup", "show", short, "--json"]).ends(0).json();
    assert_eq!(shown["worlds"][0]["folder"], "world", "{shown}");
    assert_eq!((&shown["left_out"], &shown["left_out_count"]), (&json!([]), &json!(0)), "{shown}");
    program.run(&["backup", "verify", short]).ends(0);

    let files = program.run(&["backup", "files", short, "world", "--json"]).ends(0).json();
    let files = files.as_array().expect("an array");
    assert!(
        files.iter().any(|file| file["path"] == "world/level.dat" && file["size"].as_u64() > Some(0)),
        "{files:#?}"
    );
    let out = program.folder.path().join("out");
    let out = out.to_str().expect("text");
    program.run(&["backup", "extract", short, "world/level.dat", "--out", out]).ends(0);
    program.run(&["backup", "extract", short, "world/region", "--out", out]).ends(0);
    let level = std::fs::read(program.folder.path().join("out/level.dat")).expect("the file");
    assert!(level.starts_with(&[0x1f, 0x8b]), "a level.dat is gzip");
    assert!(program.folder.path().join("out/region").is_dir());
    let again = program.run(&["backup", "extract", short, "world/level.dat", "--out", out]).ends(1);
    assert!(again.err.contains("level.dat is there"), "{again:#?}");
    program.run(&["backup", "extract", short, "nothing", "--out", out]).ends(3);

    program.run(&["backup", "lock", short]).ends(0);
    program.run(&["backup", "delete", short]).ends(4);
    program.run(&["backup", "unlock", short]).ends(0);
    let dry = program.run(&["backup", "prune", &name, "--dry-run", "--json"]).ends(0).json();
    assert_eq!((&dry[0]["kept"], &dry[0]["why"]), (&true.into(), &"the newest good one".into()), "{dry}");
    program.run(&["backup", "patterns", &name, "--exclude", "*.yml", "--json"]).ends(0);
    let shown = program.run(&["backup", "patterns", &name, "--json"]).ends(0).json();
    assert_eq!(shown["exclude"], serde_json::json!(["*.yml"]));
    program.run(&["backup", "delete", short]).ends(0);
    assert!(list(&program).is_empty());
    program.run(&["backup", "show", short]).ends(3);
}

#[test]
fn a_program_that_was_killed_in_a_backup_leaves_no_half_one_and_its_next_start_switches_saving_on() {
    let program = Program::new("killed");
    let config = program.folder.path().join("config/mineclifford");
    std::fs::create_dir_all(&config).expect("a folder");
    std::fs::write(config.join("config.toml"), "[backups]\nrate = \"256 KiB\"\n").expect("settings");
    let port = port().to_string();
    let name = program.create("a", &["--port", &port, "--env", "PRACTICE_WORLD_MB=8"]);
    let going = program.start(&["backup", "create", &name]);
    let going = going.meanwhile("saving to be off", || {
        std::thread::sleep(Duration::from_millis(20));
        docker(&["logs", &name]).contains("Automatic saving is now disabled")
    });
    going.killed();
    let after = program.run(&["backup", "list", "--json"]).ends(0);
    assert_eq!(after.json(), Value::Array(Vec::new()), "{after:#?}");
    let log = docker(&["logs", &name]);
    assert!(log.contains("Automatic saving is now enabled"), "{log}");
    let left: Vec<_> =
        std::fs::read_dir(program.folder.path().join("data/backups")).expect("a folder").collect();
    assert!(left.is_empty(), "{left:?}");
    assert!(program.run(&["console", &name, "save-on"]).ends(0).out.contains("already"), "it is on");
}
