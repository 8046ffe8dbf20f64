//! `/metrics`: names, formats, who may read them, and that what is gone has no series.

use std::process::Command;

use crate::{
    http::Service,
    program::{finish, until},
    stage::Stage,
};

pub fn scrape(service: &Service) -> String {
    service.send("GET", "/metrics", "", &[], "").is(200).body
}

/// The names of all families.
pub fn families(text: &str) -> Vec<String> {
    let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    types.map(|line| line.split(' ').next().unwrap().to_owned()).collect()
}

#[test]
fn every_family_is_described_and_keeps_the_conventions() {
    let service = Service::on(Stage::new("conventions"), &[]);
    let name = service.stage.ready();
    let job = service.post(&format!("/api/servers/{name}/stop"), "").is(202).json();
    service.job_ends(job["job"].as_str().unwrap());
    until("the operation to be counted", || {
        scrape(&service)
            .contains("mineclifford_server_operations_total{operation=\"stop\",status=\"success\"} 1")
    });
    let text = scrape(&service);
    let mut command = Command::new("promtool");
    command.args(["check", "metrics"]);
    let ran = finish(command, &text).ends(0);
    assert_eq!((ran.out.as_str(), ran.err.as_str()), ("", ""), "promtool has a remark");
    for named in [
        "mineclifford_app_info",
        "mineclifford_servers_by_status",
        "mineclifford_active_containers",
        "mineclifford_server_operations_total",
        "mineclifford_container_memory_bytes",
        "mineclifford_container_cpu_percent",
        "mineclifford_backup_duration_seconds",
        "mineclifford_http_requests_total",
        "mineclifford_players_online",
        "mineclifford_host_up",
        "mineclifford_log_lines_total",
    ] {
        until(named, || families(&scrape(&service)).iter().any(|family| family == named));
    }
    assert!(text.contains("endpoint=\"/api/servers/{id}/stop\""), "the route and not the path is the label");
    // Whoever guesses paths makes no series of them.
    for number in 0..20 {
        service.get(&format!("/guess/{number}"));
    }
    let text = scrape(&service);
    assert!(!text.contains("guess") && text.contains("endpoint=\"unknown\",status=\"404\"} 20"), "{text}");
}

#[test]
fn both_formats_are_spoken() {
    let service = Service::new("formats");
    // What was not counted yet is left out.
    service.get("/api/health").is(200);
    let accept = "application/openmetrics-text;version=1.0.0;q=0.9,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
    let open = service.send("GET", "/metrics", "", &[("Accept", accept)], "").is(200);
    assert!(
        open.header("content-type").unwrap().starts_with("application/openmetrics-text"),
        "{}",
        open.head
    );
    assert!(open.body.ends_with("# EOF\n"));
    assert!(open.body.contains("# TYPE mineclifford_http_requests counter\n"));
    let text = service.send("GET", "/metrics", "", &[], "").is(200);
    assert!(text.header("content-type").unwrap().starts_with("text/plain; version=0.0.4"));
    assert!(text.body.contains("# TYPE mineclifford_http_requests_total counter\n"));
    assert!(!text.body.contains("# EOF"));
}

#[test]
fn a_server_that_is_gone_has_no_series() {
    let service = Service::new("gone");
    let body = "{\"name\": \"short-lived\", \"eula\": true, \"memory\": \"256M\", \"port\": 0}";
    let job = service.post("/api/servers/", body).is(202).json();
    service.job_ends(job["job"].as_str().unwrap());
    until("its series", || {
        scrape(&service).contains("mineclifford_container_memory_bytes{server_id=\"")
            && scrape(&service).contains("server_name=\"short-lived\"")
    });
    let job = service.send("DELETE", "/api/servers/short-lived", &service.token, &[], "").is(202).json();
    let ended = service.job_ends(job["job"].as_str().unwrap());
    assert_eq!(ended["state"], "done", "{ended}");
    until("its series to be gone", || !scrape(&service).contains("short-lived"));
    assert!(scrape(&service).contains("operation=\"delete\",status=\"success\"} 1"));
    assert!(
        scrape(&service).contains("mineclifford_deployment_duration_seconds_count{provider=\"local\"} 1")
    );
}

#[test]
fn they_can_have_a_token_of_their_own() {
    let stage = Stage::new("scraper");
    let folder = stage.program.folder.path().to_owned();
    let (config, token) = (folder.join("my.toml"), folder.join("scraper"));
    std::fs::write(&token, "a-word-of-its-own\n").unwrap();
    std::fs::write(&config, format!("[metrics]\ntoken_file = \"{}\"\n", token.display())).unwrap();
    let service = Service::on(stage, &["--config", config.to_str().unwrap()]);
    let get = |token: &str| service.send("GET", "/metrics", token, &[], "").status;
    assert_eq!((get(""), get("another"), get("a-word-of-its-own")), (401, 401, 200));
    assert_eq!(get(&service.token), 200, "a token of the API serves as well");
    assert_eq!(service.send("GET", "/api/servers/", "a-word-of-its-own", &[], "").status, 401);
}
