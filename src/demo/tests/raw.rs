//! What our own `docker/` does not ask for, byte by byte.

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;
use crate::demo::server;

/// Sends a request and gives the status and the body.
async fn ask(demo: &Demo, method: &str, path: &str, body: &str) -> (u16, String) {
    let mut stream = server::connect(&demo.shared);
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: d\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    limited(stream.read_to_end(&mut answer)).await.unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

fn said(message: &str) -> String {
    format!("{}\n", serde_json::json!({ "message": message }))
}

#[tokio::test]
async fn refusals_word_by_word() {
    let (demo, docker) = empty().await;
    let id = ready(&docker, &plan("one", &[])).await;
    let cases = [
        ("GET", "/v1.41/containers/nope/json", "", 404, "No such container: nope".to_owned()),
        ("GET", "/nothing", "", 404, "page not found".to_owned()),
        (
            "GET",
            "/containers/one/logs",
            "",
            400,
            "Bad parameters: you must choose at least one stream".to_owned(),
        ),
        (
            "DELETE",
            "/v1.30/containers/one",
            "",
            409,
            format!(
                "You cannot remove a running container {id}. Stop the container before attempting removal or force remove"
            ),
        ),
        ("DELETE", "/volumes/one-data", "", 409, format!("remove one-data: volume is in use - [{id}]")),
        ("GET", "/volumes/nope", "", 404, "get nope: no such volume".to_owned()),
        ("GET", "/images/nope:1/json", "", 404, "no such image: nope:1: No such image: nope:1".to_owned()),
        (
            "POST",
            "/containers/create?name=a%20b",
            r#"{"Image":"itzg/minecraft-server:java21"}"#,
            400,
            "Invalid container name (a b), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed".to_owned(),
        ),
        ("POST", "/containers/create", r#"{"Image":"x/y:1"}"#, 404, "No such image: x/y:1".to_owned()),
        ("POST", "/containers/one/exec", r#"{"Cmd":[]}"#, 400, "No exec command specified".to_owned()),
        ("GET", "/exec/nope/json", "", 404, "No such exec instance: nope".to_owned()),
        (
            "POST",
            "/containers/one/rename?name=one",
            "",
            400,
            "Renaming a container with the same name as its current name".to_owned(),
        ),
        ("POST", "/containers/one/unpause", "", 500, format!("Container {id} is not paused")),
        (
            "GET",
            "/containers/one/archive?path=/data/no",
            "",
            404,
            "Could not find the file /data/no in container one".to_owned(),
        ),
    ];
    for (method, path, body, status, message) in cases {
        assert_eq!(ask(&demo, method, path, body).await, (status, said(&message)), "{method} {path}");
    }
    demo.faults().set(|trouble| trouble.api = Some("1.24".into()));
    let new = "client version 1.41 is too new. Maximum supported API version is 1.24";
    assert_eq!(ask(&demo, "GET", "/v1.41/info", "").await, (400, said(new)));
}

#[tokio::test]
async fn filters_wait_top_and_one_shot_statistics() {
    let (demo, docker) = empty().await;
    let id = ready(&docker, &plan("one", &[])).await;
    docker.create(&plan("two", &[])).await.unwrap();
    let listed = |body: String| -> Vec<String> {
        let list: Vec<serde_json::Value> = serde_json::from_str(&body).unwrap();
        list.iter().map(|container| container["Names"][0].as_str().unwrap().to_owned()).collect()
    };
    let json = |path: &'static str| ask(&demo, "GET", path, "");
    assert_eq!(listed(json("/containers/json").await.1), ["/one"]);
    assert_eq!(listed(json("/containers/json?all=1").await.1), ["/two", "/one"]);
    assert_eq!(listed(json("/containers/json?filters={%22status%22:[%22created%22]}").await.1), ["/two"]);
    assert_eq!(
        listed(json("/containers/json?all=1&filters={%22label%22:{%22who=nobody%22:true}}").await.1).len(),
        0
    );
    assert_eq!(listed(json("/containers/json?all=1&limit=1").await.1), ["/two"]);
    assert!(json("/containers/one/top").await.1.contains("java -Xmx1G"));
    let stats: serde_json::Value =
        serde_json::from_str(&json("/containers/one/stats?stream=false&one-shot=true").await.1).unwrap();
    assert_eq!(stats["id"], id);
    assert_eq!(stats["precpu_stats"]["cpu_usage"]["total_usage"], 0);
    let blank: serde_json::Value =
        serde_json::from_str(&json("/containers/two/stats?stream=false").await.1).unwrap();
    assert_eq!(blank["read"], "0001-01-01T00:00:00Z");
    let waiting = ask(&demo, "POST", "/containers/one/wait", "");
    let (waited, killed) = tokio::join!(waiting, docker.kill(&id));
    killed.unwrap();
    assert!(waited.1.contains("{\"StatusCode\":137}\n"), "{}", waited.1);
    let events = json("/events?since=1&until=1&filters={%22type%22:[%22volume%22]}").await;
    assert_eq!(events, (200, "0\r\n\r\n".to_owned()));
    assert_eq!(ask(&demo, "HEAD", "/_ping", "").await, (200, String::new()));
    let up = ask(&demo, "POST", "/containers/one/start", "").await;
    assert_eq!(up.0, 204);
    assert_eq!(ask(&demo, "POST", "/containers/one/start", "").await.0, 304);
}

#[tokio::test]
async fn an_attached_connection_carries_both_ways() {
    let (demo, docker) = empty().await;
    ready(&docker, &plan("one", &[])).await;
    let mut stream = server::connect(&demo.shared);
    stream
        .write_all(
            b"POST /v1.41/containers/one/attach?stream=1&stdin=1&stdout=1&stderr=1 HTTP/1.1\r\nHost: d\r\n\
              Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n",
        )
        .await
        .unwrap();
    let mut seen = Vec::new();
    let mut read = async |wanted: &str| {
        limited(async {
            while !String::from_utf8_lossy(&seen).contains(wanted) {
                assert!(stream.read_buf(&mut seen).await.unwrap() > 0);
            }
        })
        .await;
        stream.write_all(b"say both ways\n").await.unwrap();
    };
    read("HTTP/1.1 101 Switching Protocols").await;
    read("[Server] both ways\n").await;
}

#[tokio::test]
async fn whatever_is_sent_the_engine_lives() {
    let (demo, docker) = empty().await;
    for junk in [
        "\0\0\0",
        "GET",
        "GET / HTTP/9.9\r\n\r\n",
        "POST /containers/create HTTP/1.1\r\nContent-Length: 9\r\n\r\n{",
        "{}",
    ] {
        let mut stream = server::connect(&demo.shared);
        stream.write_all(junk.as_bytes()).await.unwrap();
        drop(stream);
    }
    for body in ["[", "[]", "null", "{\"HostConfig\":5}", &"[".repeat(100_000)] {
        let (status, _) = ask(&demo, "POST", "/containers/create?name=x1", body).await;
        assert!((400..=404).contains(&status), "{status}");
    }
    for path in
        ["/containers//json", "/containers/%00/json", "/events?since=soon", "/images//json", "/v1./x", "//"]
    {
        assert!((400..500).contains(&ask(&demo, "GET", path, "").await.0), "{path}");
    }
    assert_eq!(docker.list().await.unwrap().len(), 0);
}

#[tokio::test]
async fn one_that_removes_itself_is_read_to_its_last_word() {
    let (demo, docker) = empty().await;
    let plan = r#"{"Image":"itzg/minecraft-server:java21","Env":["EULA=true","PRACTICE_FAIL=crash:0:3"],
        "HostConfig":{"AutoRemove":true}}"#;
    assert_eq!(ask(&demo, "POST", "/containers/create?name=brief", plan).await.0, 201);
    let mut events = server::connect(&demo.shared);
    events.write_all(b"GET /events HTTP/1.1\r\nHost: d\r\n\r\n").await.unwrap();
    // As `docker run --rm` does: attached and waiting before the start.
    let attached = ask(&demo, "POST", "/containers/brief/attach?stream=1&stdout=1&stderr=1", "");
    let waiting = ask(&demo, "POST", "/containers/brief/wait?condition=removed", "");
    let started = async {
        let mut said = String::new();
        let mut piece = [0; 4096];
        while !said.contains("\"attach\"") {
            let read = limited(events.read(&mut piece)).await.unwrap();
            said.push_str(&String::from_utf8_lossy(&piece[..read]));
        }
        ask(&demo, "POST", "/containers/brief/start", "").await.0
    };
    let (attached, waiting, started) = tokio::join!(attached, waiting, started);
    assert_eq!(started, 204);
    assert!(attached.1.contains("mc-server-runner\tDone\n"), "{}", attached.1);
    assert!(waiting.1.contains("\"StatusCode\":3"), "{}", waiting.1);
    assert!(docker.inspect("brief").await.unwrap_err().is_gone());
}
