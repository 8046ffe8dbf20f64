//! What a script does over the API, and what is so on Docker then.

use serde_json::{Value, json};

use crate::{
    http::{Script, Service},
    program::{IMAGE, until},
    stage::Stage,
    support::{docker, port},
};

/// Makes a server and waits until it can be joined.
pub fn create(service: &Script, name: &str) -> Value {
    let body = json!({ "name": name, "eula": true, "memory": "256M", "port": port(), "image": IMAGE });
    let job = service.post("/api/servers/", &body.to_string()).is(202).json();
    assert_eq!(ends(service, &job)["state"], "done");
    reaches(service, name, "ready");
    service.get(&format!("/api/servers/{name}")).is(200).json()
}

/// How a job ended.
pub fn ends(service: &Script, job: &Value) -> Value {
    service.job_ends(job["job"].as_str().unwrap())
}

pub fn reaches(service: &Script, name: &str, status: &str) {
    until(status, || service.get(&format!("/api/servers/{name}")).json()["status"] == status);
}

fn verb(service: &Script, name: &str, verb: &str) {
    let job = service.post(&format!("/api/servers/{name}/{verb}"), "").is(202).json();
    let ended = ends(service, &job);
    assert_eq!(ended["state"], "done", "{verb}: {ended}");
}

#[test]
fn a_server_is_made_used_and_removed() {
    let service = Service::on(Stage::new("verbs"), &[]);
    let name = service.stage.program.name("a");
    let server = create(&service, &name);
    assert_eq!(docker(&["inspect", "-f", "{{.State.Status}}", &name]), "running");
    let command = format!("/api/servers/{name}/command");
    let told = service.post(&command, "{\"command\": \"say over the API\"}").is(200).json();
    assert_eq!(told["via"], "rcon", "{told}");
    until("the line in Docker's own log", || docker(&["logs", &name]).contains("[Rcon] over the API"));
    let lines = service.get(&format!("/api/servers/{name}/console?tail=20")).is(200).json();
    let lines: Vec<_> = lines["lines"].as_array().unwrap().iter().map(|line| line["text"].clone()).collect();
    assert!(lines.iter().any(|line| line.as_str().unwrap().contains("over the API")), "{lines:?}");
    let started = docker(&["inspect", "-f", "{{.State.StartedAt}}", &name]);
    verb(&service, &name, "restart");
    assert_ne!(docker(&["inspect", "-f", "{{.State.StartedAt}}", &name]), started);
    reaches(&service, &name, "ready");
    verb(&service, &name, "stop");
    reaches(&service, &name, "stopped");
    assert_eq!(docker(&["inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", &name]), "exited 0");
    verb(&service, &name, "start");
    reaches(&service, &name, "ready");
    until("its memory among the metrics", || {
        let text = service.send("GET", "/metrics", "", &[], "").body;
        let family = text.lines().filter(|line| line.starts_with("mineclifford_container_memory_bytes{"));
        family.into_iter().any(|line| line.contains(&name))
    });
    verb(&service, &name, "kill");
    reaches(&service, &name, "stopped");
    assert_eq!(docker(&["inspect", "-f", "{{.State.ExitCode}}", &name]), "137");
    let path = format!("/api/servers/{name}?data=true&confirm={name}");
    let job = service.send("DELETE", &path, &service.token, &[], "").is(202).json();
    assert_eq!(ends(&service, &job)["state"], "done");
    assert_eq!(docker(&["ps", "-aq", "--filter", &format!("name={name}")]), "");
    let volume = server["data"].as_str().unwrap_or(&name).to_owned();
    assert_eq!(docker(&["volume", "ls", "-q", "--filter", &format!("name={volume}")]), "");
}
