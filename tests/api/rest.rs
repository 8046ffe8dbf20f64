//! The paths: what is made, run, changed and removed through them, and by whom.

use crate::{http::Service, program::until, stage::Stage};

fn create(service: &Service, name: &str, headers: &[(&str, &str)]) -> crate::http::Answer {
    let body = format!(
        "{{\"name\": \"{name}\", \"eula\": true, \"memory\": \"256M\", \"port\": 0, \"gamemode\": \"creative\"}}"
    );
    service.send("POST", "/api/servers/", &service.token, headers, &body)
}

#[test]
fn a_server_is_made_run_changed_and_removed() {
    let service = Service::new("rest");
    let answer = create(&service, "made-here", &[]).is(202);
    let job = answer.json()["job"].as_str().unwrap().to_owned();
    assert_eq!(answer.header("location"), Some(format!("/api/jobs/{job}").as_str()));
    assert_eq!(service.job_ends(&job)["state"], "done");
    until("it to be ready", || service.get("/api/servers/made-here").json()["status"] == "ready");
    let server = service.get("/api/servers/made-here").is(200).json();
    assert_eq!(server["spec"]["mode"], "creative");
    let sent = service.post("/api/servers/made-here/command", "{\"command\": \"list\"}").is(200).json();
    assert!(sent["reply"].as_str().unwrap().contains("players online"), "{sent}");
    until("a measurement", || !service.get("/api/servers/made-here/stats").json()["sample"].is_null());
    let history = service.get("/api/servers/made-here/stats/history?per_page=1").is(200).json();
    assert_eq!(history["items"].as_array().unwrap().len(), 1);
    let lines = service.get("/api/servers/made-here/console?tail=5").is(200).json();
    assert!(!lines["lines"].as_array().unwrap().is_empty(), "{lines}");

    for (verb, status) in [("restart", "ready"), ("stop", "stopped"), ("start", "ready"), ("kill", "stopped")]
    {
        let answer = service.post(&format!("/api/servers/made-here/{verb}"), "").is(202).json();
        service.job_ends(answer["job"].as_str().unwrap());
        until(status, || service.get("/api/servers/made-here").json()["status"] == status);
    }
    let changed =
        service.send("PATCH", "/api/servers/made-here", &service.token, &[], "{\"motd\": \"hi\"}").is(202);
    let job = service.job_ends(changed.json()["job"].as_str().unwrap());
    assert_eq!(job["state"], "done", "{job}");
    assert_eq!(service.get("/api/servers/made-here").json()["spec"]["motd"], "hi");
    let wrong =
        service.send("DELETE", "/api/servers/made-here?data=true&confirm=other", &service.token, &[], "");
    assert!((400..500).contains(&wrong.status), "{wrong:#?}");
    let gone = service.send("DELETE", "/api/servers/made-here", &service.token, &[], "").is(202);
    service.job_ends(gone.json()["job"].as_str().unwrap());
    service.get("/api/servers/made-here").is(404);
    let trail = service.get("/api/audit?limit=50").is(200).json();
    let done: Vec<_> = trail["items"].as_array().unwrap().iter().map(|line| &line["action"]).collect();
    for action in ["create", "restart", "stop", "kill", "edit", "delete"] {
        assert!(done.iter().any(|line| line.as_str().unwrap().starts_with(action)), "{action}: {done:?}");
    }
    let api = trail["items"].as_array().unwrap().iter().find(|line| line["action"] == "stop").unwrap();
    assert_eq!((&api["origin"]["face"], &api["origin"]["note"]), (&"api".into(), &"test".into()), "{api}");
}

#[test]
fn the_same_request_twice_is_done_once() {
    let service = Service::new("twice");
    let key = [("Idempotency-Key", "k-1")];
    let (one, two) = (create(&service, "only-one", &key).is(202), create(&service, "only-one", &key).is(202));
    assert_eq!(one.json(), two.json());
    assert_eq!(two.header("idempotency-replayed"), Some("true"));
    create(&service, "another", &key).is(422);
    let other = service.make_token("admin", &[]).1;
    let body = "{\"name\": \"only-one\", \"eula\": true}";
    service.send("POST", "/api/servers/", &other, &key, body).is(409);
    // What holds a secret is told once.
    let token = "{\"role\": \"viewer\", \"note\": \"n\"}";
    let key = [("Idempotency-Key", "k-2")];
    service.send("POST", "/api/tokens/", &service.token, &key, token).is(201);
    let again = service.send("POST", "/api/tokens/", &service.token, &key, token).is(409);
    assert!(!again.body.contains("mcl_"), "{again:#?}");
}

#[test]
fn what_is_wrong_is_said_as_problem_details() {
    let service = Service::new("wrong");
    let problem = |answer: crate::http::Answer, status: u16| {
        let answer = answer.is(status);
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{answer:#?}");
        let problem = answer.json();
        assert_eq!(problem["status"], status);
        assert!(problem["type"].as_str().unwrap().starts_with("urn:mineclifford:problem:"));
        problem
    };
    let eula = problem(service.post("/api/servers/", "{\"name\": \"a1\"}"), 422);
    assert_eq!(eula["field"], "eula");
    problem(service.post("/api/servers/", "{\"name\": \"a1\", \"colour\": 1}"), 400);
    problem(service.post("/api/servers/", &"[".repeat(100_000)), 400);
    problem(service.post("/api/servers/", &format!("\"{}\"", "x".repeat(300_000))), 413);
    problem(service.get("/api/servers/nobody"), 404);
    problem(service.get("/api/nothing"), 404);
    problem(service.send("DELETE", "/api/health", &service.token, &[], ""), 405);
    problem(service.get("/api/servers/?page=0"), 400);
    problem(service.get("/api/servers/?per_page=501"), 400);
    problem(service.get("/api/servers/?pages=1"), 400);
    problem(service.get("/api/jobs/not-an-id"), 404);
    problem(service.send("GET", "/api/servers/", "", &[], ""), 401);
}

#[test]
fn a_token_for_one_server_knows_of_no_other() {
    let service = Service::on(Stage::new("scoped"), &[]);
    let mine = service.stage.ready();
    let all = service.get("/api/servers/?per_page=500").is(200).json();
    let other = all["items"].as_array().unwrap().iter().find(|one| one["name"] != *mine).unwrap().clone();
    let (other_id, other_name) = (other["id"].as_str().unwrap(), other["name"].as_str().unwrap());
    let (_, token) = service.make_token("admin", &[&mine]);
    let get = |path: &str| service.send("GET", path, &token, &[], "");
    let post = |path: &str| service.send("POST", path, &token, &[], "");
    let seen = get("/api/servers/").is(200).json();
    assert_eq!(seen["total"], 1, "{seen}");
    let nobody = get("/api/servers/01a21375-c34e-728a-8a2d-3cb91814142b").is(404);
    for named in [other_id, other_name] {
        let answer = get(&format!("/api/servers/{named}")).is(404);
        // In the very words that answer for one that is not there, but for its name.
        let words = |body: &str, name: &str| body.replace(name, "X");
        assert_eq!(words(&answer.body, named), words(&nobody.body, "01a21375-c34e-728a-8a2d-3cb91814142b"));
        for verb in ["start", "stop", "kill", "backup", "restart"] {
            post(&format!("/api/servers/{named}/{verb}")).is(404);
        }
        get(&format!("/api/servers/{named}/stats/history")).is(404);
        get(&format!("/api/servers/{named}/console")).is(404);
        get(&format!("/api/servers/console/{named}")).is(404);
    }
    get("/api/audit").is(403);
    get("/metrics").is(403);
    service.send("POST", "/api/servers/", &token, &[], "{\"name\": \"a1\", \"eula\": true}").is(403);
    service.send("POST", "/api/tokens/", &token, &[], "{\"role\": \"admin\", \"note\": \"mine\"}").is(403);
}

#[test]
fn each_role_may_do_its_own() {
    let service = Service::on(Stage::new("roles"), &[]);
    let name = service.stage.ready();
    let (_, viewer) = service.make_token("viewer", &[]);
    let (_, operator) = service.make_token("operator", &[]);
    let command = format!("/api/servers/{name}/command");
    service.send("POST", &command, &viewer, &[], "{\"command\": \"list\"}").is(403);
    service.send("POST", &command, &operator, &[], "{\"command\": \"list\"}").is(200);
    service.send("GET", "/api/tokens/", &operator, &[], "").is(403);
    service.send("DELETE", &format!("/api/servers/{name}"), &operator, &[], "").is(403);
    service.send("GET", "/metrics", &viewer, &[], "").is(200);
    // A line break makes no second command of one.
    for line in ["say a\\nop evil", "say a\\rop evil"] {
        service.send("POST", &command, &operator, &[], &format!("{{\"command\": \"{line}\"}}")).is(422);
    }
}

#[test]
fn whoever_saw_a_change_finds_it_in_the_audit_trail() {
    let service = Service::new("trail");
    for round in 0..100 {
        let body = format!("{{\"role\": \"viewer\", \"note\": \"round {round}\"}}");
        let made = service.post("/api/tokens/", &body).is(201).json();
        let done = format!("done: token {}", made["id"].as_str().unwrap());
        let trail = service.get("/api/audit?limit=1").is(200).json();
        let told = trail["items"].as_array().unwrap().last().unwrap();
        assert_eq!(told["outcome"], done, "round {round}: {trail}");
    }
}

#[test]
fn the_command_line_is_a_client() {
    let service = Service::new("client");
    let program = &service.stage.program;
    let ran = program.run(&["api", "GET", "/api/servers/"]).ends(0);
    assert!(ran.json()["total"].as_u64().unwrap() > 0);
    program.run(&["api", "GET", "/api/servers/nobody"]).ends(3);
    program.run(&["api", "POST", "/api/servers/", "--data", "{\"name\": \"a1\"}"]).ends(2);
    let ran = program
        .feed(&["api", "post", "/api/tokens/", "--data", "-"], "{\"role\": \"viewer\", \"note\": \"x\"}")
        .ends(0);
    let id = ran.json()["id"].as_str().unwrap().to_owned();
    program.run(&["token", "revoke", &id]).ends(0);
    program.run(&["token", "revoke", &id]).ends(3);
    let url = format!("http://{}", service.address);
    // A pass of this data folder is never shown to a service that somebody named.
    let ran = program.run(&["api", "GET", "/api/servers/", "--url", &url]).ends(1);
    assert!(ran.err.contains("MINECLIFFORD_TOKEN"), "{ran:#?}");
    let mut command = program.command(&["api", "GET", "/api/servers/", "--url", &url]);
    command.env("MINECLIFFORD_TOKEN", &service.token);
    crate::program::finish(command, "").ends(0);
    let audit = program.run(&["audit", "--json"]).ends(0).json();
    let actions: Vec<_> =
        audit.as_array().unwrap().iter().map(|line| line["action"].as_str().unwrap()).collect();
    assert!(actions.iter().any(|action| action.starts_with("revoke token")), "{actions:?}");
    let listed = program.run(&["token", "list"]).ends(0);
    assert!(listed.out.contains("admin") && !listed.out.contains(&service.token), "{listed:#?}");
}

#[test]
fn no_secret_is_in_the_log_or_on_the_disk() {
    let stage = Stage::new("leaks");
    let service = Service::on(stage, &["-v", "-v"]);
    service.get("/api/servers/").is(200);
    let secret = service.token.clone();
    service.send("GET", &format!("/api/events?ticket={secret}"), "", &[], "").is(401);
    service.going.signal("TERM");
    let Service { going, stage, .. } = service;
    let ended = going.ended();
    assert!(ended.out.contains("answered"), "the log is open wide");
    assert!(!ended.out.contains(&secret) && !ended.err.contains(&secret));
    let mut looked = 0;
    let mut folders = vec![stage.program.folder.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.is_file() {
                let bytes = std::fs::read(&path).unwrap();
                let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
                assert!(!found, "{}", path.display());
                looked += 1;
            }
        }
    }
    assert!(looked > 0);
}

#[test]
fn what_a_new_server_can_be_is_told() {
    let service = Service::new("versions");
    service.stage.ready();
    let known = service.get("/api/versions").is(200).json();
    let types: Vec<_> = known["server_types"].as_array().unwrap().iter().map(|kind| &kind["name"]).collect();
    assert!(types.contains(&&"PAPER".into()) && types.contains(&&"VANILLA".into()), "{types:?}");
    let versions = known["versions"].as_array().unwrap();
    let latest = versions.iter().find(|version| version["version"] == "LATEST").unwrap();
    assert!(latest["wanted"].is_u64());
    // What runs here is among them.
    let ran: u64 = versions.iter().map(|version| version["ran"].as_u64().unwrap()).sum();
    assert!(ran > 0, "{known}");
}

#[test]
fn who_is_attached_is_known_to_those_who_may_see_everything() {
    let service = Service::new("faces");
    let name = service.stage.ready();
    let watch = service.stage.program.start(&["logs", "-f", &name]);
    watch.says("INFO");
    let stream = service.connect();
    let mut asking = &stream;
    let request = format!(
        "GET /api/events HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n\r\n",
        service.address, service.token
    );
    std::io::Write::write_all(&mut asking, request.as_bytes()).unwrap();
    until("both to be counted", || {
        let text = service.send("GET", "/metrics", "", &[], "").body;
        text.contains("mineclifford_faces{look=\"attached\"} 1\n")
            && text.contains("mineclifford_faces{look=\"events\"} 1\n")
    });
    drop(stream);
    watch.signal("INT");
    until("both to be gone", || {
        let text = service.send("GET", "/metrics", "", &[], "").body;
        text.contains("mineclifford_faces{look=\"attached\"} 0\n")
            && text.contains("mineclifford_faces{look=\"events\"} 0\n")
    });
}
