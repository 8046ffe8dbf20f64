//! The console over WebSocket, with a client that others wrote at the other end.

use std::{collections::BTreeSet, time::Duration};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message, client::IntoClientRequest, protocol::CloseFrame},
};

use crate::{http::Service, stage::Stage};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

const PATIENCE: Duration = Duration::from_secs(60);

async fn open(service: &Service, path: &str, token: &str) -> Result<Socket, u16> {
    let mut request = format!("ws://{}{path}", service.address).into_client_request().unwrap();
    if !token.is_empty() {
        request.headers_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    }
    match connect_async(request).await {
        Ok((socket, _)) => Ok(socket),
        Err(Error::Http(answer)) => Err(answer.status().as_u16()),
        Err(error) => panic!("{error}"),
    }
}

async fn next(socket: &mut Socket) -> Result<Value, Option<CloseFrame>> {
    loop {
        match timeout(PATIENCE, socket.next()).await.expect("a message in time") {
            Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text).unwrap()),
            Some(Ok(Message::Close(frame))) => return Err(frame),
            Some(Ok(_)) => {}
            Some(Err(_)) | None => return Err(None),
        }
    }
}

/// Waits for a message of this type; lines that pass by are kept.
async fn wait(socket: &mut Socket, kind: &str, lines: &mut Vec<(u64, String)>) -> Value {
    loop {
        let message = next(socket).await.expect("open");
        if message["type"] == "lines" {
            for line in message["lines"].as_array().unwrap() {
                lines.push((line["seq"].as_u64().unwrap(), line["text"].as_str().unwrap().to_owned()));
            }
        }
        if message["type"] == kind {
            return message;
        }
    }
}

async fn type_line(socket: &mut Socket, id: &str, line: &str) {
    let message = json!({"type": "command", "id": id, "line": line}).to_string();
    socket.send(Message::Text(message.into())).await.unwrap();
}

/// Blocking requests, off the runtime's threads.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lines_come_commands_go_and_a_broken_one_goes_on_where_it_was() {
    let service = aside(|| Service::on(Stage::new("ws"), &[])).await;
    let name = tokio::task::block_in_place(|| service.stage.ready());
    let path = format!("/api/servers/console/{name}");
    let mut lines = Vec::new();
    let mut socket = open(&service, &path, &service.token).await.unwrap();
    let hello = next(&mut socket).await.unwrap();
    assert_eq!((&hello["type"], &hello["resumed"]), (&json!("hello"), &json!(false)));
    let run = hello["run"].as_str().unwrap().to_owned();
    type_line(&mut socket, "a", "list").await;
    let reply = wait(&mut socket, "reply", &mut lines).await;
    assert_eq!(reply["id"], "a");
    assert!(reply["reply"].as_str().unwrap().contains("players online"), "{reply}");
    type_line(&mut socket, "b", "say one\nop evil").await;
    assert_eq!(wait(&mut socket, "error", &mut lines).await["id"], "b");
    type_line(&mut socket, "c", "say before").await;
    while !lines.iter().any(|(_, text)| text.contains("before")) {
        wait(&mut socket, "lines", &mut lines).await;
    }
    let last = lines.last().unwrap().0;
    drop(socket);
    tokio::task::block_in_place(|| {
        service.post(&format!("/api/servers/{name}/command"), "{\"command\": \"say meanwhile\"}").is(200);
    });
    let mut socket =
        open(&service, &format!("{path}?from={}&run={run}", last + 1), &service.token).await.unwrap();
    assert_eq!(next(&mut socket).await.unwrap()["resumed"], true);
    let mut later = Vec::new();
    while !later.iter().any(|(_, text): &(u64, String)| text.contains("meanwhile")) {
        wait(&mut socket, "lines", &mut later).await;
    }
    let numbers: Vec<_> = later.iter().map(|(seq, _)| *seq).collect();
    let expected: Vec<_> = (last + 1..=last + numbers.len() as u64).collect();
    assert_eq!(numbers, expected, "no gap, nothing twice");
    // A number of another run means nothing here, and that is said.
    let other = "01a21375-c34e-728a-8a2d-3cb91814142b";
    let mut socket = open(&service, &format!("{path}?from=5&run={other}"), &service.token).await.unwrap();
    assert_eq!(next(&mut socket).await.unwrap()["resumed"], false);
    assert_eq!(next(&mut socket).await.unwrap()["type"], "gap");
    assert_eq!(open(&service, &format!("{path}?from=5"), &service.token).await.err(), Some(400));
    assert_eq!(open(&service, "/api/servers/console/nobody", &service.token).await.err(), Some(404));
    assert_eq!(open(&service, &path, "").await.err(), Some(401));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn revoking_a_token_closes_what_is_open() {
    let service = aside(|| Service::on(Stage::new("revoke"), &[])).await;
    let name = tokio::task::block_in_place(|| service.stage.ready());
    let (id, token) = tokio::task::block_in_place(|| service.make_token("operator", &[]));
    let path = format!("/api/servers/console/{name}");
    let mut socket = open(&service, &path, &token).await.unwrap();
    next(&mut socket).await.unwrap();
    tokio::task::block_in_place(|| {
        service.send("DELETE", &format!("/api/tokens/{id}"), &service.token, &[], "").is(204)
    });
    let frame = loop {
        if let Err(frame) = next(&mut socket).await {
            break frame.expect("a word of farewell");
        }
    };
    assert_eq!(u16::from(frame.code), 1008, "{frame:?}");
    assert_eq!(open(&service, &path, &token).await.err(), Some(401));
    // The service's end is said, too.
    let mut socket = open(&service, &path, &service.token).await.unwrap();
    next(&mut socket).await.unwrap();
    service.going.signal("TERM");
    let frame = loop {
        if let Err(frame) = next(&mut socket).await {
            break frame.expect("a word of farewell");
        }
    };
    assert_eq!(u16::from(frame.code), 1001, "{frame:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ticket_opens_one_console_once() {
    let service = aside(|| Service::on(Stage::new("ticket"), &[])).await;
    let name = tokio::task::block_in_place(|| service.stage.ready());
    let id = tokio::task::block_in_place(|| service.server(&name));
    let ticket = |purpose: &str, server: &str| {
        let body = match server {
            "" => format!("{{\"purpose\": \"{purpose}\"}}"),
            server => format!("{{\"purpose\": \"{purpose}\", \"server\": \"{server}\"}}"),
        };
        tokio::task::block_in_place(|| {
            service.post("/api/tickets", &body).is(201).json()["ticket"].as_str().unwrap().to_owned()
        })
    };
    let path = format!("/api/servers/console/{id}");
    let console = ticket("console", &id);
    assert_eq!(open(&service, &format!("/api/events?ticket={console}"), "").await.err(), Some(401));
    let mut socket = open(&service, &format!("{path}?ticket={console}"), "").await.unwrap();
    assert_eq!(next(&mut socket).await.unwrap()["type"], "hello");
    assert_eq!(
        open(&service, &format!("{path}?ticket={console}"), "").await.err(),
        Some(401),
        "a second time"
    );
    let events = ticket("events", "");
    assert_eq!(open(&service, &format!("{path}?ticket={events}"), "").await.err(), Some(401));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_messages_and_a_message_too_large_end_it() {
    let service = aside(|| Service::on(Stage::new("wsflood"), &[])).await;
    let name = tokio::task::block_in_place(|| service.stage.ready());
    let path = format!("/api/servers/console/{name}");
    let mut socket = open(&service, &path, &service.token).await.unwrap();
    for _ in 0..200 {
        if socket.send(Message::Text("{}".into())).await.is_err() {
            break;
        }
    }
    let frame = loop {
        if let Err(frame) = next(&mut socket).await {
            break frame;
        }
    };
    assert!(frame.is_none_or(|frame| u16::from(frame.code) == 1008));
    let mut socket = open(&service, &path, &service.token).await.unwrap();
    let _ = socket.send(Message::Text("x".repeat(1 << 20).into())).await;
    while next(&mut socket).await.is_ok() {}
    // The service is as well as before.
    assert!(open(&service, &path, &service.token).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_viewers_miss_nothing() {
    let service = aside(|| Service::on(Stage::new("viewers"), &[])).await;
    let name = tokio::task::block_in_place(|| service.stage.ready());
    let path = format!("/api/servers/console/{name}?tail=0");
    let mut sockets = Vec::new();
    for _ in 0..20 {
        let mut socket = open(&service, &path, &service.token).await.unwrap();
        next(&mut socket).await.unwrap();
        sockets.push(socket);
    }
    let metrics = tokio::task::block_in_place(|| service.send("GET", "/metrics", "", &[], "").is(200));
    assert!(metrics.body.contains("mineclifford_console_viewers 20\n"), "{}", metrics.body);
    let readers = sockets.into_iter().map(|mut socket| {
        tokio::spawn(async move {
            let mut lines = Vec::new();
            while !lines.iter().any(|(_, text): &(u64, String)| text.contains("the last of them")) {
                let message = next(&mut socket).await.expect("open");
                assert_ne!(message["type"], "gap");
                for line in message["lines"].as_array().into_iter().flatten() {
                    lines.push((line["seq"].as_u64().unwrap(), line["text"].as_str().unwrap().to_owned()));
                }
            }
            let numbers: BTreeSet<_> = lines.iter().map(|(seq, _)| *seq).collect();
            let span = numbers.last().unwrap() - numbers.first().unwrap() + 1;
            assert_eq!((numbers.len(), lines.len()), (span as usize, span as usize));
        })
    });
    let readers: Vec<_> = readers.collect();
    let command = format!("/api/servers/{name}/command");
    tokio::task::block_in_place(|| {
        for number in 0..30 {
            service
                .post(&command, &format!("{{\"command\": \"say line {number}\", \"reply\": false}}"))
                .is(200);
        }
        service.post(&command, "{\"command\": \"say the last of them\", \"reply\": false}").is(200);
    });
    for reader in readers {
        reader.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_are_a_stream() {
    let service = aside(|| Service::on(Stage::new("sse"), &[])).await;
    let name = tokio::task::block_in_place(|| service.stage.ready());
    let (limited_id, limited) = tokio::task::block_in_place(|| {
        let all = service.get("/api/servers/").json();
        let other = all["items"].as_array().unwrap().iter().find(|one| one["name"] != *name).unwrap().clone();
        let other = other["name"].as_str().unwrap().to_owned();
        service.make_token("viewer", &[&other])
    });
    let read = |token: String| {
        let address = service.address;
        tokio::task::spawn_blocking(move || {
            use std::io::{Read, Write};
            let mut stream = std::net::TcpStream::connect(address).unwrap();
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            let request = format!(
                "GET /api/events HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\r\n"
            );
            stream.write_all(request.as_bytes()).unwrap();
            let (mut text, mut buffer) = (String::new(), [0; 4096]);
            while !(text.contains("event: job") && text.contains("event: server")) {
                match stream.read(&mut buffer) {
                    Ok(0) | Err(_) => break,
                    Ok(read) => text.push_str(&String::from_utf8_lossy(&buffer[..read])),
                }
            }
            text
        })
    };
    let (all, some) = (read(service.token.clone()), read(limited));
    tokio::task::block_in_place(|| {
        let job = service.post(&format!("/api/servers/{name}/stop"), "").is(202).json();
        service.job_ends(job["job"].as_str().unwrap());
        let job = service.post(&format!("/api/servers/{name}/start"), "").is(202).json();
        service.job_ends(job["job"].as_str().unwrap());
    });
    let heard = all.await.unwrap();
    assert!(heard.contains("event: server") && heard.contains("event: job"), "{heard}");
    assert!(heard.contains("text/event-stream"), "{heard}");
    // Revoked, the stream ends; it never heard of what it may not see.
    tokio::task::block_in_place(|| {
        service.send("DELETE", &format!("/api/tokens/{limited_id}"), &service.token, &[], "").is(204)
    });
    let heard = some.await.unwrap();
    assert!(!heard.contains(&name) && !heard.contains("event: job"), "{heard}");
}
