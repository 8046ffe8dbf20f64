//! Who is told, on a real Docker, of a crash that only a dashboard saw, and of backups that fail.

use std::path::PathBuf;

use crate::{
    receiver::{about, receiver},
    screen::{Screen, Setting},
    stage::Stage,
    support::docker,
};

/// Settings with a target that is told of everything; `more` is before it.
fn configured(stage: &Stage, url: &str, more: &str) -> PathBuf {
    let folder = stage.program.folder.path();
    let config = folder.join("my.toml");
    let text = format!(
        "{more}[notices]\nprivate_hosts = [\"127.0.0.1\"]\n[notices.targets.ops]\nkind = \"json\"\nurl = \"{url}\"\n"
    );
    std::fs::write(&config, text).unwrap();
    config
}

#[test]
fn a_dashboard_alone_tells_of_a_crash_too() {
    let stage = Stage::new("told");
    let (url, got) = receiver();
    let config = configured(&stage, &url, "");
    let mut screen =
        Screen::open(&stage.program, &["--config", config.to_str().unwrap()], &Setting::default());
    screen.shows("No servers yet");
    let name = stage.program.create("a", &[]);
    docker(&["exec", &name, "mc-practice", "crash"]);
    let (crashed, _) = about(&got, "server-crashed", Some(&name));
    assert_eq!(crashed["text"], format!("{name} crashed"));
    screen.press("q");
    assert!(screen.ended().success());
}

#[test]
fn a_backup_that_fails_and_one_that_rots_are_told() {
    let stage = Stage::new("rot");
    let (url, got) = receiver();
    let folder = stage.program.folder.path().join("copies");
    let config = configured(&stage, &url, &format!("[backups]\nfolder = \"{}\"\n", folder.display()));
    let going = stage.serve(&["--listen", "127.0.0.1:0", "--config", config.to_str().unwrap()]);
    let name = stage.program.create("a", &[]);
    stage.program.run(&["backup", "create", &name]).ends(0);
    let archive = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let archive = archive.into_iter().find(|path| path.to_string_lossy().ends_with(".tar.gz")).unwrap();
    let mut bytes = std::fs::read(&archive).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x10;
    std::fs::write(&archive, bytes).unwrap();
    let listed = stage.program.run(&["backup", "list", "--json"]).ends(0).json();
    stage.program.run(&["backup", "verify", listed[0]["id"].as_str().unwrap()]).ends(1);
    let (rotten, _) = about(&got, "proof-failed", Some(&name));
    assert!(rotten["text"].as_str().unwrap().contains(&name), "{rotten}");

    // There is no folder any more, and none can be made.
    std::fs::remove_dir_all(&folder).unwrap();
    std::fs::write(&folder, "in the way").unwrap();
    stage.program.run(&["backup", "create", &name]).ends(1);
    let (failed, _) = about(&got, "backup-failed", Some(&name));
    assert!(failed["text"].as_str().unwrap().starts_with(&format!("backup of {name} failed")), "{failed}");
    going.signal("TERM");
    assert_eq!(going.ended().code, Some(0));
}
