//! Backups over the API, on a real Docker: made, looked into, restored; and a service that is told to end in the middle of
//! one.

use std::{path::PathBuf, process::Command};

use serde_json::{Value, json};

use crate::{
    http::{Script, Service},
    program::{IMAGE, until},
    stage::Stage,
    support::{docker, port},
    verbs::{create, ends, reaches},
};

/// Asks for long work and waits until it is done.
#[track_caller]
fn does(service: &Script, path: &str, body: &str) -> Value {
    let job = service.post(path, body).is(202).json();
    let ended = ends(service, &job);
    assert_eq!(ended["state"], "done", "{path}: {ended}");
    ended
}

fn exec(container: &str, script: &str) -> String {
    docker(&["exec", container, "sh", "-c", script])
}

#[test]
fn a_world_is_backed_up_looked_into_and_restored() {
    let service = Service::on(Stage::new("copies"), &[]);
    let name = service.stage.program.name("a");
    create(&service, &name);
    exec(&name, "echo as it was > /data/notes.txt; echo secret > /data/left.txt");
    let patterns = format!("/api/servers/{name}/backup-patterns");
    let set = |body: &str| service.send("PUT", &patterns, &service.token, &[], body);
    assert_eq!(set("{\"exclude\": [\"\"]}").is(422).json()["field"], "patterns");
    set("{\"exclude\": [\"/left.txt\"]}").is(204);
    assert_eq!(service.get(&patterns).is(200).json(), json!({ "exclude": ["/left.txt"], "include": [] }));

    let job = does(&service, &format!("/api/servers/{name}/backup"), "{\"label\": \"by a script\"}");
    let id = job["id"].as_str().unwrap().to_owned();
    let page = service.get(&format!("/api/servers/{name}/backups")).is(200).json();
    assert_eq!((&page["total"], &page["items"][0]["id"]), (&json!(1), &json!(id)), "{page}");
    let backup = service.get(&format!("/api/backups/{id}")).is(200).json();
    assert_eq!(backup["state"], "good", "{backup}");
    assert_eq!(
        (&backup["stillness"], &backup["label"]),
        (&json!("quiesced"), &json!("by a script")),
        "{backup}"
    );

    // What is in it.
    let contents = service.get(&format!("/api/backups/{id}/contents")).is(200).json();
    assert_eq!(contents["worlds"][0]["folder"], "world", "{contents}");
    let files = service.get(&format!("/api/backups/{id}/files?per_page=500")).is(200).json();
    let paths: Vec<_> =
        files["items"].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap()).collect();
    assert!(paths.contains(&"notes.txt") && !paths.contains(&"left.txt"), "{paths:?}");
    assert_eq!(files["total"], paths.len());
    let taken = service.get(&format!("/api/backups/{id}/extract?path=notes.txt")).is(200);
    assert_eq!(taken.header("content-type"), Some("application/x-tar"));
    let tar = taken.body;
    assert!(tar.starts_with("notes.txt\0") && tar.contains("as it was\n"), "{tar:?}");
    service.get(&format!("/api/backups/{id}/extract?path=left.txt")).is(404);
    // A viewer sees that there is one, and nothing of what is in it.
    let (_, viewer) = service.make_token("viewer", &[]);
    let by_viewer = |method: &str, path: &str, body: &str| service.send(method, path, &viewer, &[], body);
    by_viewer("GET", &format!("/api/backups/{id}"), "").is(200);
    for path in ["contents", "files", "extract?path=notes.txt"] {
        by_viewer("GET", &format!("/api/backups/{id}/{path}"), "").is(403);
    }
    by_viewer("PUT", &patterns, "{}").is(403);

    // It is kept, checked, and booted.
    service.post(&format!("/api/backups/{id}/lock"), "").is(204);
    assert_eq!(
        service.send("DELETE", &format!("/api/backups/{id}"), &service.token, &[], "").is(409).status,
        409
    );
    service.post(&format!("/api/backups/{id}/unlock"), "").is(204);
    does(&service, &format!("/api/backups/{id}/verify"), "");
    does(&service, &format!("/api/backups/{id}/test-restore"), "");
    let backup = service.get(&format!("/api/backups/{id}")).is(200).json();
    assert!(backup["verified_at"].is_string() && backup["proven_at"].is_string(), "{backup}");

    // Restored into the same server: the file is as it was, and what no backup holds is still there.
    exec(&name, "echo spoilt > /data/notes.txt; echo newer > /data/left.txt");
    let server = service.get(&format!("/api/servers/{name}")).json()["id"].clone();
    let question = json!({ "server": server }).to_string();
    let plan = service.post(&format!("/api/backups/{id}/restore-plan"), &question).is(200).json();
    assert!(plan["files"].as_u64().unwrap() > 0 && !plan["steps"].as_array().unwrap().is_empty(), "{plan}");
    let file = backup["file"].as_str().unwrap();
    does(&service, &format!("/api/servers/{name}/restore?backup_name={file}"), "");
    reaches(&service, &name, "ready");
    assert_eq!(exec(&name, "cat /data/notes.txt /data/left.txt"), "as it was\nnewer");
    let kept = service.get(&format!("/api/servers/{name}/retention")).is(200).json();
    assert_eq!(kept["total"], 2, "the backup and the safety backup: {kept}");
    assert!(kept["items"].as_array().unwrap().iter().all(|one| one["kept"] == true), "{kept}");

    // And into a new one; only a part of it.
    let other = service.stage.program.name("b");
    let body = json!({ "name": other, "port": port() });
    does(&service, &format!("/api/backups/{id}/restore"), &body.to_string());
    reaches(&service, &other, "ready");
    assert_eq!(exec(&other, "cat /data/notes.txt"), "as it was");
    exec(&other, "echo spoilt > /data/notes.txt");
    let part = "{\"part\": {\"paths\": [\"notes.txt\"]}}";
    does(&service, &format!("/api/servers/{other}/restore?backup_name={id}"), part);
    reaches(&service, &other, "ready");
    assert_eq!(exec(&other, "cat /data/notes.txt"), "as it was");
}

#[test]
fn told_to_end_during_a_backup_it_leaves_a_server_that_saves_and_no_half_archive() {
    let stage = Stage::new("ending");
    let config = stage.program.folder.path().join("my.toml");
    std::fs::write(&config, "[backups]\nrate = \"2 MiB\"\n").unwrap();
    let more = ["--config", config.to_str().unwrap()];
    let service = Service::on(stage, &more);
    let name = service.stage.program.name("a");
    let body = json!({ "name": name, "eula": true, "memory": "256M", "port": port(), "image": IMAGE,
        "env": { "PRACTICE_WORLD_MB": "60" } });
    let job = service.post("/api/servers/", &body.to_string()).is(202).json();
    assert_eq!(ends(&service, &job)["state"], "done");
    reaches(&service, &name, "ready");
    let job = service.post(&format!("/api/servers/{name}/backup"), "").is(202).json();
    let path = format!("/api/jobs/{}", job["job"].as_str().unwrap());
    until("the copy to be under way", || {
        let job = service.get(&path).is(200).json();
        assert_eq!(job["state"], "running", "{job}");
        job["unit"] == "bytes" && job["done"].as_u64() > Some(1024 * 1024)
    });
    let folder: PathBuf = service.stage.program.folder.path().join("data/backups");
    let archives = || std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(archives().count() > 0, "a part of an archive is there already");
    service.going.signal("TERM");
    let Service { going, stage, .. } = service;
    assert_eq!(going.ended().code, Some(0));
    // The practice server says which of the two it was before.
    assert!(exec(&name, "rcon-cli save-on").contains("already"), "saving was off");
    assert_eq!(archives().collect::<Vec<_>>(), Vec::<std::ffi::OsString>::new());

    // The next service lists none, and makes one where it is let.
    std::fs::write(&config, "").unwrap();
    let service = Service::on(stage, &more);
    service.server(&name);
    assert_eq!(service.get(&format!("/api/servers/{name}/backups")).is(200).json()["total"], 0);
    does(&service, &format!("/api/servers/{name}/backup"), "");
    let archive = archives().find(|name| name.to_string_lossy().ends_with(".tar.gz")).expect("an archive");
    let tested = Command::new("gzip").arg("-t").arg(folder.join(archive)).status().unwrap();
    assert!(tested.success());
}
