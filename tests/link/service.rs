//! `serve`: what a service manager tells it and is told.

use std::{os::unix::net::UnixDatagram, time::Duration};

use crate::{program::finish, stage::Stage};

#[test]
fn it_says_when_it_is_ready_and_when_it_ends() {
    let stage = Stage::new("notify");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notify");
    let manager = UnixDatagram::bind(&path).unwrap();
    manager.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let heard = || {
        let mut buffer = [0; 512];
        let length = manager.recv(&mut buffer).expect("a word");
        String::from_utf8_lossy(&buffer[..length]).into_owned()
    };
    let mut command = stage.program.command(&["serve", "--log-format", "json", "--listen", "127.0.0.1:0"]);
    command.env("NOTIFY_SOCKET", &path);
    let serving = std::thread::spawn(move || finish(command, ""));
    assert!(heard().contains("READY=1"));
    // Ready means that one can attach.
    stage.program.run(&["server", "list"]).ends(0);
    let pid =
        std::fs::read_to_string(stage.program.folder.path().join("data/mineclifford.redb.lock")).unwrap();
    let signal = |name: &str| {
        let sent = std::process::Command::new("kill").args([name, pid.trim()]).status();
        assert!(sent.unwrap().success());
    };
    signal("-HUP");
    assert!(heard().contains("RELOADING=1"));
    assert!(heard().contains("READY=1"));
    signal("-TERM");
    assert!(heard().contains("STOPPING=1"));
    let ran = serving.join().unwrap().ends(0);
    for line in ran.out.lines() {
        let line: serde_json::Value = serde_json::from_str(line).expect("JSON on each line");
        assert!(line["message"].is_string() && line["level"].is_string(), "{line}");
    }
}

#[test]
fn settings_are_read_again_and_it_says_what_needs_a_restart() {
    let stage = Stage::new("reload");
    let config = stage.program.folder.path().join("my.toml");
    std::fs::write(&config, "").unwrap();
    let service = stage.serve(&["--config", config.to_str().unwrap()]);
    let name = stage.ready();
    std::fs::write(&config, "read_only = true\n[attach]\ngroup = \"games\"\n").unwrap();
    service.signal("HUP");
    assert!(service.says("these hold now").contains("read_only"));
    assert!(service.says("after a restart").contains("attach"));
    let ran = stage.program.run(&["server", "stop", &name]).ends(1);
    assert!(ran.err.contains("read-only"), "{ran:#?}");
    std::fs::write(&config, "read_only = maybe\n").unwrap();
    service.signal("HUP");
    assert!(service.says("cannot be read again").contains("my.toml:1"));
    std::fs::write(&config, "").unwrap();
    service.signal("HUP");
    service.says("these hold now");
    stage.program.run(&["server", "stop", &name]).ends(0);
    service.signal("TERM");
    assert_eq!(service.ended().code, Some(0));
}

#[test]
fn a_job_under_way_is_brought_to_its_end_or_undone() {
    let stage = Stage::new("term");
    let service = stage.serve(&[]);
    let going =
        stage.program.start(&["server", "create", "half-made", "--eula", "--memory", "256M", "--port", "0"]);
    service.says("half-made");
    service.signal("TERM");
    let ended = service.ended();
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    assert!(ended.out.contains("ended; servers go on running"), "{ended:#?}");
    going.ended();
    // Whatever came of it, it is whole: a server that is there, or none.
    let all = stage.program.run(&["server", "list", "--json", "--no-stats"]).ends(0).json();
    let made = all.as_array().unwrap().iter().find(|server| server["name"] == "half-made").cloned();
    if let Some(made) = made {
        assert!(made["state"] != "missing" && made["state"] != "creating", "{made}");
    }
}
