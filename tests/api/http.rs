//! A service with its API, and requests to it as a program from outside sends them: by hand, over a plain socket.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use serde_json::Value;

use crate::{
    program::{Going, Program, until},
    stage::Stage,
};

/// A service of this test's own, and a script that uses it.
pub struct Service {
    script: Script,
    pub going: Going,
    pub stage: Stage,
}

/// Whoever uses an API: its address, and a token that may do everything.
pub struct Script {
    pub address: SocketAddr,
    pub token: String,
}

impl std::ops::Deref for Service {
    type Target = Script;

    fn deref(&self) -> &Script {
        &self.script
    }
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self:#?}");
        self
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

impl Service {
    pub fn new(name: &str) -> Self {
        Self::on(Stage::new(name), &[])
    }

    pub fn on(stage: Stage, more: &[&str]) -> Self {
        let mut line = vec!["--listen", "127.0.0.1:0"];
        line.extend(more);
        let going = stage.serve(&line);
        let post = stage.program.folder.path().join("data/run/api.json");
        let post: Value = serde_json::from_slice(&std::fs::read(post).unwrap()).unwrap();
        let url = post["url"].as_str().unwrap();
        let address = url.rsplit('/').next().unwrap().parse().unwrap();
        let script = Script::new(&stage.program, address);
        Self { script, going, stage }
    }

    /// Makes a token; its id and the token.
    pub fn make_token(&self, role: &str, servers: &[&str]) -> (String, String) {
        let mut line = vec!["token", "create", "test", "--role", role, "--json"];
        for server in servers {
            line.extend(["--server", server]);
        }
        let made = self.stage.program.run(&line).ends(0).json();
        (made["id"].as_str().unwrap().to_owned(), made["token"].as_str().unwrap().to_owned())
    }
}

impl Script {
    /// For the service on this data folder.
    pub fn new(program: &Program, address: SocketAddr) -> Self {
        let made = program.run(&["token", "create", "test", "--role", "admin", "--quiet"]).ends(0);
        Self { address, token: made.out.trim().to_owned() }
    }

    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &self.token, &[], "")
    }

    pub fn post(&self, path: &str, body: &str) -> Answer {
        self.send("POST", path, &self.token, &[], body)
    }

    /// A request with this token, these headers and this body, which is JSON.
    pub fn send(
        &self,
        method: &str,
        path: &str,
        token: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let mut text = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            text += &format!("Host: {}\r\n", self.address);
        }
        if !token.is_empty() {
            text += &format!("Authorization: Bearer {token}\r\n");
        }
        for (name, value) in headers {
            text += &format!("{name}: {value}\r\n");
        }
        if !body.is_empty() {
            text += &format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len());
        }
        self.raw(&format!("{text}\r\n{body}"))
    }

    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        stream
    }

    /// These very bytes.
    pub fn raw(&self, text: &str) -> Answer {
        let mut stream = self.connect();
        // A service that refuses early may close before all is written.
        let _ = stream.write_all(text.as_bytes());
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {answer:?}"));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        let chunked = head.to_ascii_lowercase().contains("transfer-encoding: chunked");
        let body = if chunked { unchunked(body) } else { body.to_owned() };
        Answer { status, head: head.to_owned(), body }
    }

    /// Waits until the world is known, and gives a server's id.
    pub fn server(&self, name: &str) -> String {
        let mut found = None;
        until("the server", || {
            let answer = self.get(&format!("/api/servers/{name}"));
            found = (answer.status == 200).then(|| answer.json()["id"].as_str().unwrap().to_owned());
            found.is_some()
        });
        found.unwrap()
    }

    /// Waits until a job has ended, and gives it.
    pub fn job_ends(&self, id: &str) -> Value {
        let mut job = Value::Null;
        until("the job to end", || {
            job = self.get(&format!("/api/jobs/{id}")).is(200).json();
            job["state"] != "running"
        });
        job
    }
}

fn unchunked(body: &str) -> String {
    let (mut rest, mut whole) = (body, String::new());
    while let Some((size, after)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size.trim(), 16).expect("a size");
        if size == 0 {
            break;
        }
        whole.push_str(&after[..size]);
        rest = &after[size + 2..];
    }
    whole
}
