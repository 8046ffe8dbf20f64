//! The demo engine beside a real one: the same calls, and the answers compared word by word, with only ids, times and the
//! like made equal. Needs Docker with the practice image (`crates/practice/image/build.sh` makes it).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use mineclifford::demo::{Demo, Options};
use mineclifford::docker::Endpoint;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

const IMAGE: &str = "itzg/minecraft-server:practice";
const PATIENCE: Duration = Duration::from_secs(60);

/// One engine and what is to be made equal in its answers.
struct Side {
    socket: PathBuf,
    real: bool,
    prefix: String,
}

impl Drop for Side {
    fn drop(&mut self) {
        if self.real {
            for name in ["one", "two", "three"] {
                let name = format!("{}-{name}", self.prefix);
                // Gone already, in most cases.
                let _ = Command::new("docker").args(["rm", "-f", &name]).output();
            }
            let _ = Command::new("docker").args(["volume", "rm", &format!("{}-data", self.prefix)]).output();
        }
    }
}

fn decode(mut body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    while let Some(end) = body.windows(2).position(|pair| pair == b"\r\n") {
        let size = usize::from_str_radix(std::str::from_utf8(&body[..end]).unwrap().trim(), 16).unwrap();
        if size == 0 {
            break;
        }
        out.extend_from_slice(&body[end + 2..end + 2 + size]);
        body = &body[end + 4 + size..];
    }
    out
}

impl Side {
    async fn ask(&self, method: &str, path: &str, body: &str) -> (u16, Vec<u8>) {
        let path = path.replace('@', &self.prefix);
        let body = body.replace('@', &self.prefix);
        let request = format!(
            "{method} /v1.41{path} HTTP/1.1\r\nHost: d\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut answer = Vec::new();
        let asking = async {
            let mut stream = UnixStream::connect(&self.socket).await.unwrap();
            stream.write_all(request.as_bytes()).await.unwrap();
            stream.read_to_end(&mut answer).await.unwrap();
        };
        tokio::time::timeout(PATIENCE, asking)
            .await
            .unwrap_or_else(|_| panic!("{method} {path} takes too long"));
        let split = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        let head = String::from_utf8_lossy(&answer[..split]).to_ascii_lowercase();
        let body = answer[split + 4..].to_vec();
        let body = if head.contains("transfer-encoding: chunked") { decode(&body) } else { body };
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body)
    }

    /// The text with this side's own names, ids and numbers made equal.
    fn level(&self, text: &str) -> String {
        let text = text.trim_end().replace(&self.prefix, "@");
        let mut out = String::new();
        let mut run = String::new();
        let flush = |run: &mut String, out: &mut String| {
            let hex = run.bytes().all(|byte| byte.is_ascii_hexdigit());
            out.push_str(if hex && (run.len() == 64 || run.len() == 12) { "<id>" } else { run });
            run.clear();
        };
        for letter in text.chars() {
            if letter.is_ascii_alphanumeric() {
                run.push(letter);
            } else {
                flush(&mut run, &mut out);
                out.push(letter);
            }
        }
        flush(&mut run, &mut out);
        out
    }

    async fn wait_for(&self, name: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let waiting = async {
            loop {
                let (_, body) = self.ask("GET", &format!("/containers/{name}/json"), "").await;
                let value: Value = serde_json::from_slice(&body).unwrap();
                if fits(&value) {
                    return value;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.expect("it never comes about")
    }

    async fn log(&self, name: &str, wanted: &str) -> String {
        let waiting = async {
            loop {
                let path = format!("/containers/{name}/logs?stdout=1&stderr=1");
                let log = String::from_utf8_lossy(&self.ask("GET", &path, "").await.1).into_owned();
                if log.contains(wanted) {
                    return log;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.expect("no such line")
    }
}

/// A value's shape: its keys and kinds, and the words that must be the same.
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            Value::Object(map.iter().map(|(name, value)| (name.clone(), shape(value))).collect())
        }
        Value::Array(list) => json!(list.iter().map(shape).collect::<Vec<_>>()),
        Value::String(_) => json!("text"),
        Value::Number(_) => json!(0),
        other => other.clone(),
    }
}

/// Removes what no two engines have in common: storage, paths, and what only one kernel has.
fn strip(mut value: Value) -> Value {
    if let Some(map) = value.as_object_mut() {
        for name in ["GraphDriver", "Driver", "AppArmorProfile"] {
            map.remove(name);
        }
        for (outer, inner) in [("HostConfig", "CgroupnsMode"), ("NetworkSettings", "Ports")] {
            if let Some(map) = map.get_mut(outer).and_then(Value::as_object_mut) {
                map.remove(inner);
            }
        }
        if let Some(labels) =
            map.get_mut("Config").and_then(|config| config.get_mut("Labels")?.as_object_mut())
        {
            labels.remove("mineclifford.practice");
        }
        if let Some(labels) = map.get_mut("Labels").and_then(Value::as_object_mut) {
            labels.remove("mineclifford.practice");
        }
        if let Some(health) = map.get_mut("State").and_then(|state| state.get_mut("Health")?.as_object_mut())
        {
            health.remove("Log");
        }
    }
    value
}

/// A port that is free here, the same for both engines.
fn port() -> u16 {
    static PORT: std::sync::LazyLock<u16> = std::sync::LazyLock::new(|| {
        let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        free.map_or(25998, |address| address.port())
    });
    *PORT
}

fn create(restart: &str, more: &str) -> String {
    let port = port();
    format!(
        r#"{{"Image":"{IMAGE}","Env":["EULA=TRUE","VERSION=1.21.4","PRACTICE_START_SECONDS=0.1","CREATE_CONSOLE_IN_PIPE=true"{more}],
        "Labels":{{"mineclifford.test":"@"}},"OpenStdin":true,"StopTimeout":75,"ExposedPorts":{{"25565/tcp":{{}}}},
        "HostConfig":{{"Mounts":[{{"Type":"volume","Source":"@-data","Target":"/data"}}],
        "PortBindings":{{"25565/tcp":[{{"HostIp":"127.0.0.1","HostPort":"{port}"}}]}},"Memory":268435456,
        "MemorySwap":268435456,"NanoCpus":1500000000,"PidsLimit":512,"RestartPolicy":{{"Name":"{restart}"}},
        "LogConfig":{{"Type":"json-file","Config":{{"max-size":"1m","max-file":"2"}}}},"NetworkMode":"bridge",
        "SecurityOpt":["no-new-privileges"]}}}}"#
    )
}

/// Plays the whole piece on one side and tells what came back, step by step.
async fn play(side: &Side) -> Vec<(String, String)> {
    let mut told = Vec::new();
    let mut step = async |method: &str, path: &str, body: &str| {
        let (status, answer) = side.ask(method, path, body).await;
        let text = side.level(&String::from_utf8_lossy(&answer));
        told.push((format!("{method} {path}"), format!("{status} {text}")));
    };
    let one = create("unless-stopped", "");
    step("GET", "/containers/@-one/json", "").await;
    step("POST", "/containers/create?name=@-one", &one).await;
    step("POST", "/containers/create?name=@-one", &one).await;
    step("POST", "/containers/create?name=@%20one", &one).await;
    step("POST", "/containers/create?name=@-three", &one.replace(IMAGE, "itzg/nothing:1")).await;
    step("POST", "/containers/create?name=@-two", &one).await;
    step("POST", "/containers/@-one/kill", "").await;
    step("POST", "/containers/@-one/stop", "").await;
    step("POST", "/containers/@-one/pause", "").await;
    step("POST", "/containers/@-one/start", "").await;
    step("POST", "/containers/@-one/start", "").await;
    side.log("@-one", "For help, type").await;
    side.log("@-one", "RCON running").await;
    step("POST", "/containers/@-two/exec", r#"{"Cmd":["ls"]}"#).await;
    step("DELETE", "/containers/@-one", "").await;
    step("DELETE", "/volumes/@-nothing", "").await;
    step("GET", "/volumes/@-nothing", "").await;
    step("GET", "/images/nope:1/json", "").await;
    step("GET", "/containers/@-one/logs", "").await;
    step("GET", "/containers/@-one/archive?path=/data/none", "").await;
    step("GET", "/containers/@-one/archive", "").await;
    step("PUT", "/containers/@-one/archive?path=/data/none", "").await;
    step("PUT", "/containers/@-one/archive?path=/data/eula.txt", "").await;
    step("PUT", "/containers/@-one/archive?path=/data", &"\0".repeat(1024)).await;
    step("POST", "/containers/@-one/pause", "").await;
    step("POST", "/containers/@-one/pause", "").await;
    step("POST", "/containers/@-one/exec", r#"{"Cmd":["rcon-cli","list"]}"#).await;
    step("DELETE", "/containers/@-one", "").await;
    step("POST", "/containers/@-one/unpause", "").await;
    step("POST", "/containers/@-one/unpause", "").await;
    step("POST", "/containers/@-one/rename?name=@-two", "").await;
    step("POST", "/containers/@-one/rename?name=@-one", "").await;
    step("POST", "/containers/@-one/rename?name=a%20b", "").await;
    step("POST", "/containers/@-one/rename?name=@-three", "").await;
    step("POST", "/containers/@-three/update", r#"{"Memory":1000}"#).await;
    step(
        "POST",
        "/containers/@-three/update",
        r#"{"Memory":536870912,"MemorySwap":536870912,"PidsLimit":200}"#,
    )
    .await;
    step("POST", "/containers/@-three/exec", r#"{"Cmd":[]}"#).await;
    step("GET", "/exec/nope/json", "").await;
    step("POST", "/containers/@-three/stop?t=30", "").await;
    step("POST", "/containers/@-three/stop?t=30", "").await;
    step("POST", "/containers/@-three/start", "").await;
    step("POST", "/containers/@-three/kill", "").await;
    step("POST", "/containers/@-three/kill", "").await;
    step("POST", "/containers/@-three/kill?signal=SIGNOTHING", "").await;
    step("DELETE", "/containers/@-two?v=1", "").await;
    step("DELETE", "/containers/@-three", "").await;
    step("DELETE", "/containers/@-three", "").await;
    step("DELETE", "/volumes/@-data", "").await;
    told
}

/// Listens to an engine's events until this side's volume is gone. Not asked for afterwards: Docker remembers 256 events
/// only, and others use the same engine.
async fn listen(side: &Side) -> tokio::task::JoinHandle<String> {
    let mut stream = UnixStream::connect(&side.socket).await.unwrap();
    stream.write_all(b"GET /v1.41/events HTTP/1.1\r\nHost: d\r\n\r\n").await.unwrap();
    let mut heard = Vec::new();
    while !heard.windows(4).any(|four| four == b"\r\n\r\n") {
        assert!(stream.read_buf(&mut heard).await.unwrap() > 0);
    }
    let last = format!(r#""Action":"destroy","Actor":{{"ID":"{}-data""#, side.prefix);
    tokio::spawn(async move {
        loop {
            let text = String::from_utf8_lossy(&heard).into_owned();
            if text.contains(&last) {
                return text;
            }
            assert!(stream.read_buf(&mut heard).await.unwrap() > 0);
        }
    })
}

/// What an engine said happened, in order. What one engine may tell at another time (health checks and commands inside) is
/// left out. Each event is a line of its own, between the sizes of the chunks.
fn events(side: &Side, heard: &str) -> Vec<String> {
    let mut told = Vec::new();
    for line in heard.lines().filter(|line| line.starts_with('{') && line.ends_with('}')) {
        let event: Value = serde_json::from_str(line).unwrap();
        let (kind, action) = (event["Type"].as_str().unwrap(), event["Action"].as_str().unwrap());
        let own = line.contains(&side.prefix) || kind == "network";
        if !own || action.starts_with("exec_") || action.starts_with("health") || kind == "network" {
            continue;
        }
        let mut attributes: BTreeMap<String, Value> =
            serde_json::from_value(event["Actor"]["Attributes"].clone()).unwrap();
        attributes.remove("mineclifford.practice");
        let name = attributes.get("name").and_then(Value::as_str).unwrap_or_default();
        let more: Vec<_> = attributes
            .iter()
            .filter(|(name, _)| *name != "container" && *name != "name")
            .map(|(name, value)| format!("{name}={}", value.as_str().unwrap_or_default()))
            .collect();
        told.push(side.level(&format!("{kind} {action} {name} {}", more.join(" "))));
    }
    told
}

async fn sides(name: &str) -> (Side, Side, Demo, mineclifford::demo::Listening, tempfile::TempDir) {
    let endpoints = Endpoint::discover(None, &|name| std::env::var(name).ok()).expect("an address");
    let Some(Endpoint::Unix(real)) = endpoints.first().cloned() else {
        panic!("this test speaks to a socket, not to {endpoints:?}");
    };
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("demo.sock");
    // Its own images are the real engine's.
    let demo = Demo::start(Options { health_interval: Duration::from_secs(1), ..Options::fleet(0, 0) });
    let listening = demo.listen(&socket).unwrap();
    let side = |socket: PathBuf, real: bool| Side {
        socket,
        real,
        prefix: format!("like{}-{name}", std::process::id()),
    };
    let (real, mock) = (side(real, true), side(socket, false));
    let found = real.ask("GET", &format!("/images/{IMAGE}/json"), "").await.0;
    assert_eq!(found, 200, "{IMAGE} is missing: run crates/practice/image/build.sh");
    let pulled = mock.ask("POST", "/images/create?fromImage=itzg/minecraft-server&tag=practice", "").await.0;
    assert_eq!(pulled, 200);
    (real, mock, demo, listening, folder)
}

#[tokio::test]
async fn the_same_calls_get_the_same_answers_and_events() {
    let (real, mock, _demo, _listening, _folder) = sides("a").await;
    let (real_ear, mock_ear) = (listen(&real).await, listen(&mock).await);
    let (theirs, ours) = (play(&real).await, play(&mock).await);
    for (theirs, ours) in theirs.iter().zip(&ours) {
        assert_eq!(theirs, ours);
    }
    let heard = tokio::time::timeout(PATIENCE, async { (real_ear.await.unwrap(), mock_ear.await.unwrap()) });
    let (theirs, ours) = heard.await.expect("an event is missing");
    let (theirs, ours) = (events(&real, &theirs), events(&mock, &ours));
    assert_eq!(theirs, ours);
    assert!(theirs.len() > 20);
}

#[tokio::test]
async fn the_same_container_looks_the_same() {
    let (real, mock, _demo, _listening, _folder) = sides("b").await;
    let mut seen = Vec::new();
    for side in [&real, &mock] {
        let body = create("no", "").replace(&port().to_string(), "");
        let mut looks = Vec::new();
        assert_eq!(side.ask("POST", "/containers/create?name=@-one", &body).await.0, 201);
        looks.push(("created", side.wait_for("@-one", |_| true).await));
        assert_eq!(side.ask("POST", "/containers/@-one/start", "").await.0, 204);
        side.log("@-one", "RCON running").await;
        let healthy = |value: &Value| value["State"]["Health"]["Status"] == "healthy";
        if side.real {
            // The image may have been built with the real interval.
            looks.push(("running", side.wait_for("@-one", |value| value["State"]["Running"] == true).await));
        } else {
            side.wait_for("@-one", healthy).await;
            looks.push(("running", side.wait_for("@-one", |_| true).await));
        }
        let list =
            side.ask("GET", "/containers/json?filters={%22label%22:[%22mineclifford.test=@%22]}", "").await.1;
        looks.push(("listed", serde_json::from_slice::<Value>(&list).unwrap()[0].clone()));
        let stats = side.ask("GET", "/containers/@-one/stats?stream=false", "").await.1;
        looks.push(("stats", serde_json::from_slice(&stats).unwrap()));
        let volume = side.ask("GET", "/volumes/@-data", "").await.1;
        looks.push(("volume", serde_json::from_slice(&volume).unwrap()));
        let create = r#"{"Cmd":["rcon-cli","list"],"AttachStdout":true,"AttachStderr":true}"#;
        let made: Value =
            serde_json::from_slice(&side.ask("POST", "/containers/@-one/exec", create).await.1).unwrap();
        let exec = made["Id"].as_str().unwrap();
        let output = side.ask("POST", &format!("/exec/{exec}/start"), r#"{"Detach":false}"#).await.1;
        looks.push(("output", json!(String::from_utf8_lossy(&output))));
        let ended: Value =
            serde_json::from_slice(&side.ask("GET", &format!("/exec/{exec}/json"), "").await.1).unwrap();
        looks.push((
            "exec",
            json!({ "shape": shape(&ended), "code": ended["ExitCode"], "running": ended["Running"] }),
        ));
        assert_eq!(side.ask("POST", "/containers/@-one/stop?t=30", "").await.0, 204);
        looks.push(("stopped", side.wait_for("@-one", |_| true).await));
        assert_eq!(side.ask("DELETE", "/containers/@-one?v=1", "").await.0, 204);
        seen.push(looks);
    }
    for ((what, theirs), (_, ours)) in seen[0].iter().zip(&seen[1]) {
        compare(what, theirs, ours);
    }
}

fn compare(what: &str, theirs: &Value, ours: &Value) {
    match what {
        "output" | "exec" => assert_eq!(theirs, ours, "{what}"),
        // Kernels count differently: what ours has must be there and be alike.
        "stats" => {
            for part in ["read", "preread", "name", "id", "pids_stats", "networks"] {
                assert_eq!(shape(&theirs[part]), shape(&ours[part]), "{what} {part}");
            }
            for part in ["total_usage", "usage_in_kernelmode", "usage_in_usermode"] {
                assert!(
                    theirs["cpu_stats"]["cpu_usage"][part].is_u64()
                        && ours["cpu_stats"]["cpu_usage"][part].is_u64()
                );
            }
        }
        _ => {
            let (theirs, ours) = (strip(theirs.clone()), strip(ours.clone()));
            differences(what, &shape(&theirs), &shape(&ours));
            for part in ["Status", "Running", "Paused", "Restarting", "OOMKilled", "ExitCode", "Error"] {
                assert_eq!(theirs["State"][part], ours["State"][part], "{what} {part}");
            }
            assert_eq!(theirs["HostConfig"], ours["HostConfig"], "{what}");
        }
    }
}

/// Says where two shapes differ.
fn differences(place: &str, theirs: &Value, ours: &Value) {
    if let (Value::Object(theirs), Value::Object(ours)) = (theirs, ours) {
        let names = |map: &serde_json::Map<String, Value>| map.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(theirs), names(ours), "{place}");
        for (name, value) in theirs {
            differences(&format!("{place}.{name}"), value, &ours[name]);
        }
    } else {
        assert_eq!(theirs, ours, "{place}");
    }
}
