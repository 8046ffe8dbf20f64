//! Notices, end to end: a service, a receiver on this machine, and what happens to servers and disks.

use std::{path::PathBuf, process::Command};

use serde_json::Value;

use crate::{
    http::Service,
    program::until,
    receiver::{about, receiver},
    stage::Stage,
};

fn configured(stage: &Stage, text: &str) -> PathBuf {
    let config = stage.program.folder.path().join("my.toml");
    std::fs::write(&config, text).unwrap();
    config
}

#[test]
fn crashes_loops_and_players_are_told() {
    let stage = Stage::new("notices");
    let (url, got) = receiver();
    let folder = stage.program.folder.path().to_owned();
    std::fs::write(folder.join("url"), format!("{url}\n")).unwrap();
    std::fs::write(folder.join("secret"), "hunter3\n").unwrap();
    let config = configured(
        &stage,
        "[notices]\nprivate_hosts = [\"127.0.0.1\"]\n[notices.targets.ops]\nurl_file = \"url\"\nsecret_file = \"secret\"\n\
         events = [\"server-crashed\", \"server-looping\", \"player-joined\"]\n[looping]\nexits = 2\n",
    );
    let service = Service::on(stage, &["--config", config.to_str().unwrap()]);
    let name = service.stage.ready();
    let say = |line: &str| {
        let body = format!("{{\"command\": \"{line}\", \"reply\": false}}");
        service.post(&format!("/api/servers/{name}/command"), &body).is(200);
    };
    say("practice join Steve");
    let joined = format!("Steve joined {name}");
    let signature = loop {
        let (told, signature) = about(&got, "player-joined", Some(&name));
        if told["text"] == joined {
            break signature;
        }
    };
    assert!(signature.starts_with("sha256=") && signature.len() == 71, "{signature}");
    for _ in 0..2 {
        until("it to be ready", || service.get(&format!("/api/servers/{name}")).json()["status"] == "ready");
        say("practice crash");
        let (crashed, _) = about(&got, "server-crashed", Some(&name));
        assert_eq!(
            (&crashed["severity"], &crashed["text"]),
            (&"error".into(), &format!("{name} crashed").into())
        );
        assert!(!crashed["details"].as_str().unwrap().is_empty());
    }
    about(&got, "server-looping", Some(&name));
    service.going.signal("TERM");
    let ended = service.going.ended();
    let log = format!("{}{}", ended.out, ended.err);
    assert!(!log.contains("hunter"), "a secret is in the log: {log}");
}

#[test]
fn a_disk_without_room_and_a_docker_that_is_gone_are_told() {
    let stage = Stage::new("disklow");
    let (url, got) = receiver();
    if Command::new("id").arg("-u").output().unwrap().stdout != b"0\n" {
        eprintln!("not root: a small disk cannot be mounted here");
        return;
    }
    // A small disk where the backups will be.
    let backups = stage.program.folder.path().join("data/backups");
    std::fs::create_dir_all(&backups).unwrap();
    let mut mount = Command::new("mount");
    mount.args(["-t", "tmpfs", "-o", "size=16m", "mineclifford-test"]).arg(&backups);
    assert!(mount.status().unwrap().success(), "this test needs the right to mount");
    let _mount = Mount(backups.clone());
    let config = configured(
        &stage,
        &format!("[notices]\nprivate_hosts = [\"127.0.0.1\"]\n[notices.targets.ops]\nurl = \"{url}\"\n"),
    );
    let service = Service::on(stage, &["--config", config.to_str().unwrap()]);
    let (low, signature) = about(&got, "disk-low", None);
    assert!(low["text"].as_str().unwrap().contains("of 16 MiB are free"), "{low}");
    assert_eq!((&low["server"], signature.as_str()), (&Value::Null, ""));
    let disks = service.get("/api/disks/").is(200).json();
    let disk = disks["items"].as_array().unwrap().iter().find(|disk| disk["of"] == "backups").unwrap();
    assert_eq!((&disk["low"], &disk["total_bytes"]), (&true.into(), &(16 << 20).into()), "{disk}");
    until("the metric", || {
        let text = service.send("GET", "/metrics", "", &[], "").body;
        text.contains("mineclifford_backup_disk_size_bytes 16777216\n")
    });
    service.stage.end_docker();
    let (gone, _) = about(&got, "host-unreachable", None);
    assert!(
        gone["text"].as_str().unwrap().starts_with("The Docker engine of local does not answer"),
        "{gone}"
    );
}

struct Mount(PathBuf);

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn targets_are_listed_and_tried_by_hand() {
    let stage = Stage::new("notify");
    let (url, got) = receiver();
    let config = configured(
        &stage,
        &format!(
            "[notices]\nprivate_hosts = [\"localhost\"]\n[notices.targets.good]\nurl = \"{}\"\n\
             [notices.targets.inner]\nkind = \"discord\"\nurl = \"{url}\"\n\
             [notices.targets.lost]\nkind = \"slack\"\nurl_variable = \"NOT_SET_ANYWHERE\"\n",
            url.replace("127.0.0.1", "localhost")
        ),
    );
    let config = config.to_str().unwrap();
    let ran = stage.program.run(&["notify", "list", "--config", config]).ends(2);
    assert!(ran.err.contains("notices.targets.lost.url") && ran.err.contains("NOT_SET_ANYWHERE"), "{ran:#?}");
    let text = std::fs::read_to_string(config).unwrap();
    std::fs::write(config, text.split("[notices.targets.lost]").next().unwrap()).unwrap();
    let ran = stage.program.run(&["notify", "list", "--json", "--config", config]).ends(0);
    let listed = ran.json();
    assert_eq!((&listed[0]["name"], &listed[0]["private"]), (&"good".into(), &true.into()), "{listed}");
    assert!(!ran.out.contains("hunter2"), "{ran:#?}");
    // One is at a name that was allowed; the other is the same machine, by an address that was not.
    let ran = stage.program.run(&["notify", "test", "--config", config]).ends(1);
    assert!(ran.out.contains("good: arrived at localhost"), "{ran:#?}");
    assert!(
        ran.out.contains("inner: not delivered to 127.0.0.1: it is at 127.0.0.1, on this machine"),
        "{ran:#?}"
    );
    assert_eq!(about(&got, "test", None).0["severity"], "info");
    stage.program.run(&["notify", "test", "good", "--config", config]).ends(0);
    stage.program.run(&["notify", "test", "nobody", "--config", config]).ends(3);
    about(&got, "test", None);
    assert!(got.try_recv().is_err(), "the one that is not allowed was never asked");
}
