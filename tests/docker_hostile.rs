//! The Docker room against daemons that are old, broken, endless, or gone: scripted ones in this process.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::StreamExt;
use mineclifford::docker::{Connector, Docker, Duplex, Endpoint, Error, LogQuery};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader, DuplexStream, ReadBuf};

/// Every wait of these tests; reached only when something is wrong.
const PATIENCE: Duration = Duration::from_secs(60);

/// How a daemon answers a request.
#[derive(Clone)]
enum Answer {
    /// These bytes, and the connection stays.
    Bytes(Vec<u8>),
    /// These bytes, and the connection breaks.
    Cut(Vec<u8>),
    /// The first bytes, then the others for ever.
    Endless(Vec<u8>, Vec<u8>),
    /// Nothing.
    Silence,
}

fn json(status: u16, body: &str) -> Answer {
    let head = format!(
        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    Answer::Bytes([head.as_bytes(), body.as_bytes()].concat())
}

/// The head of an answer in chunks, and one chunk.
fn chunked(body: &[u8]) -> Vec<u8> {
    let mut bytes = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    bytes.extend(chunk(body));
    bytes
}

fn chunk(body: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", body.len()).as_bytes(), body, b"\r\n"].concat()
}

const LAST: &[u8] = b"0\r\n\r\n";

/// A side of a connection that is counted as long as it lives.
struct Counted {
    stream: DuplexStream,
    live: Arc<AtomicUsize>,
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.live.fetch_sub(1, Ordering::SeqCst);
    }
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Counted {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// A daemon: `script` answers by the request's first line. The counts are of its live connections and of all.
fn daemon(script: fn(&str) -> Answer) -> (Endpoint, Arc<AtomicUsize>, Arc<AtomicUsize>) {
    let (live, all) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (alive, total) = (live.clone(), all.clone());
    let connector = Connector::new(move || {
        let (ours, theirs) = tokio::io::duplex(64 * 1024);
        alive.fetch_add(1, Ordering::SeqCst);
        total.fetch_add(1, Ordering::SeqCst);
        let stream = Counted { stream: ours, live: alive.clone() };
        tokio::spawn(serve(theirs, script));
        Box::pin(async move { Ok(Box::new(stream) as Box<dyn Duplex>) })
    });
    (Endpoint::InProcess(connector), live, all)
}

async fn serve(stream: DuplexStream, script: fn(&str) -> Answer) {
    let mut stream = BufReader::new(stream);
    loop {
        let mut first = String::new();
        if !matches!(stream.read_line(&mut first).await, Ok(read) if read > 0) {
            return;
        }
        let mut line = String::new();
        while matches!(stream.read_line(&mut line).await, Ok(read) if read > 2) {
            line.clear();
        }
        match script(&first) {
            Answer::Bytes(bytes) if stream.write_all(&bytes).await.is_ok() => {}
            Answer::Bytes(_) => return,
            Answer::Cut(bytes) => {
                let _ = stream.write_all(&bytes).await;
                return;
            }
            Answer::Endless(first, then) => {
                let mut sent = stream.write_all(&first).await;
                while sent.is_ok() {
                    sent = stream.write_all(&then).await;
                }
                return;
            }
            Answer::Silence => std::future::pending().await,
        }
    }
}

const VERSION: &str = r#"{"Version":"99.9","ApiVersion":"1.99","MinAPIVersion":"1.24"}"#;
const INFO: &str =
    r#"{"ID":"x","MemTotal":8589934592,"NCPU":4,"SecurityOptions":["name=seccomp","name=rootless"]}"#;

/// What every daemon here answers to the first questions.
fn greet(request: &str) -> Option<Answer> {
    if request.contains("/version ") {
        return Some(json(200, VERSION));
    }
    request.contains("/info ").then(|| json(200, INFO))
}

async fn connect(script: fn(&str) -> Answer) -> (Docker, Arc<AtomicUsize>, Arc<AtomicUsize>) {
    let (endpoint, live, all) = daemon(script);
    let (docker, _) = Docker::connect(&endpoint).await.unwrap();
    (docker, live, all)
}

#[tokio::test]
async fn the_version_is_agreed_upon_and_named_in_every_path() {
    let (docker, _, all) = connect(|request| {
        greet(request).unwrap_or_else(|| {
            let named = request.starts_with("GET /v1.51/") || request.starts_with("POST /v1.51/");
            if named { json(200, "[]") } else { json(400, r#"{"message":"no version"}"#) }
        })
    })
    .await;
    let info = docker.info().await.unwrap();
    assert_eq!((info.version.as_str(), info.api_version.as_str(), info.rootless), ("99.9", "1.51", true));
    assert_eq!((info.memory_bytes, info.cpus), (8 << 30, 4));
    for _ in 0..20 {
        assert!(docker.list().await.unwrap().is_empty());
    }
    docker.unpause("x").await.unwrap();
    assert_eq!(all.load(Ordering::SeqCst), 1, "one connection serves call after call");
}

#[tokio::test]
async fn an_old_daemon_is_told_apart_from_something_else() {
    let (old, ..) = daemon(|_| json(200, r#"{"Version":"18.09","ApiVersion":"1.39"}"#));
    let error = Docker::connect(&old).await.unwrap_err();
    assert!(matches!(&error, Error::TooOld { found, .. } if found == "1.39"), "{error:?}");
    let (web, ..) = daemon(|_| Answer::Bytes(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>".to_vec()));
    assert!(matches!(Docker::connect(&web).await, Err(Error::BadReply { .. })));
    let (noise, ..) = daemon(|_| Answer::Cut(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()));
    assert!(matches!(Docker::connect(&noise).await, Err(Error::Unreachable { .. })));
    let (gone, ..) = daemon(|_| Answer::Cut(Vec::new()));
    assert!(matches!(Docker::connect(&gone).await, Err(Error::Unreachable { .. })));
}

#[tokio::test(start_paused = true)]
async fn a_daemon_that_never_answers_is_not_waited_for() {
    let (silent, live, _) = daemon(|_| Answer::Silence);
    let before = tokio::time::Instant::now();
    assert!(matches!(Docker::connect(&silent).await, Err(Error::TimedOut { .. })));
    assert_eq!(before.elapsed().as_secs(), 5);
    none_left(&live, 0).await;

    let (docker, live, _) = connect(|request| greet(request).unwrap_or(Answer::Silence)).await;
    for (limit, error) in [
        (30, docker.list().await.unwrap_err()),
        (30, docker.inspect("x").await.unwrap_err()),
        (30, docker.start("x").await.unwrap_err()),
        (100, docker.stop("x", Duration::from_secs(70)).await.unwrap_err()),
        (30, docker.events(None).await.err().unwrap()),
        (30, Box::pin(docker.logs("x", LogQuery::default())).next().await.unwrap().unwrap_err()),
        (3, docker.exec("x", &["true"], None, Duration::from_secs(3)).await.unwrap_err()),
    ] {
        assert!(error.is_unreachable(), "{error:?}");
        assert!(
            matches!(error, Error::TimedOut { limit: found, .. } if found.as_secs() == limit),
            "{error:?}"
        );
    }
    none_left(&live, 0).await;
}

/// Waits until no more connections than `most` live.
async fn none_left(live: &AtomicUsize, most: usize) {
    let waiting = async {
        while live.load(Ordering::SeqCst) > most {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect("the connections end");
}

#[tokio::test]
async fn a_reply_without_end_is_cut_off() {
    let (docker, live, _) = connect(|request| {
        greet(request).unwrap_or_else(|| Answer::Endless(chunked(b"["), chunk(&[b' '; 30_000])))
    })
    .await;
    let list = tokio::time::timeout(PATIENCE, docker.list()).await.unwrap();
    assert!(matches!(&list, Err(Error::Unreachable { reason, .. }) if reason.contains("larger")), "{list:?}");
    // The library's own calls are bounded in the same way.
    let volumes = tokio::time::timeout(PATIENCE, docker.volumes("x")).await.unwrap();
    assert!(
        matches!(&volumes, Err(Error::Unreachable { reason, .. }) if reason.contains("larger")),
        "{volumes:?}"
    );
    none_left(&live, 0).await;
}

#[tokio::test]
async fn a_refusal_without_end_and_full_of_escapes_is_bounded() {
    let (docker, ..) = connect(|request| {
        greet(request).unwrap_or_else(|| {
            let head = b"HTTP/1.1 500 X\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
            Answer::Endless(head, chunk("\u{1b}]0;owned\u{7}".repeat(2000).as_bytes()))
        })
    })
    .await;
    let error = tokio::time::timeout(PATIENCE, docker.list()).await.unwrap().unwrap_err();
    let text = format!("{error} {}", error.fault());
    assert!(text.len() < 5000 && !text.contains('\u{1b}') && !text.contains('\u{7}'), "{text}");
}

#[tokio::test]
async fn a_line_without_end_in_a_stream_is_cut_off() {
    let (docker, ..) = connect(|request| {
        greet(request).unwrap_or_else(|| Answer::Endless(chunked(b"{\"a\":\""), chunk(&[b'x'; 30_000])))
    })
    .await;
    let mut events = std::pin::pin!(docker.events(None).await.unwrap());
    let event = tokio::time::timeout(PATIENCE, events.next()).await.unwrap();
    assert!(matches!(event, Some(Err(Error::BadReply { .. }))), "{event:?}");
    assert!(events.next().await.is_none());
    let mut stats = std::pin::pin!(docker.stats("x"));
    let sample = tokio::time::timeout(PATIENCE, stats.next()).await.unwrap();
    assert!(matches!(sample, Some(Err(Error::BadReply { .. }))), "{sample:?}");
}

fn frame(text: &str) -> Vec<u8> {
    let text = format!("2026-01-02T03:04:05.000000001Z {text}");
    [&[1, 0, 0, 0], &u32::try_from(text.len()).unwrap().to_be_bytes()[..], text.as_bytes()].concat()
}

#[tokio::test]
async fn a_stream_that_breaks_off_is_no_end() {
    let (docker, ..) = connect(|request| {
        greet(request).unwrap_or_else(|| {
            let event = br#"{"Type":"container","Action":"start","Actor":{"ID":"x"},"time":1}"#;
            match request {
                _ if request.contains("/x/logs") => Answer::Cut(chunked(&frame("one\n"))),
                // The end of the answer, but not of the frame.
                _ if request.contains("/y/logs") => {
                    let torn = [&frame("one\n")[..], &frame("two\n")[..20]].concat();
                    Answer::Bytes([&chunked(&torn)[..], LAST].concat())
                }
                _ if request.contains("/z/logs") => {
                    Answer::Bytes([&chunked(&frame("one\n"))[..], LAST].concat())
                }
                _ => Answer::Cut(chunked(&[&event[..], b"\n"].concat())),
            }
        })
    })
    .await;
    for (id, whole) in [("x", false), ("y", false), ("z", true)] {
        let pieces: Vec<_> = docker.logs(id, LogQuery::default()).collect().await;
        assert_eq!(&pieces[0].as_ref().unwrap().data[..], b"one\n");
        match &pieces[1..] {
            [] => assert!(whole),
            [Err(Error::Interrupted { .. })] => assert!(!whole, "{id}"),
            other => panic!("{id}: {other:?}"),
        }
    }
    let events: Vec<_> = docker.events(None).await.unwrap().collect().await;
    assert!(matches!(&events[..], [Ok(_), Err(Error::Interrupted { .. })]), "{events:?}");
}

#[tokio::test]
async fn a_pull_is_done_only_when_the_daemon_says_so() {
    let (docker, ..) = connect(|request| {
        greet(request).unwrap_or_else(|| {
            let fetch = "{\"status\":\"Pulling fs layer\",\"id\":\"a\"}\r\n{\"status\":\"Downloading\",\"id\":\"a\",\"progressDetail\":{\"current\":5,\"total\":10}}\r\n";
            let whole = |end: &str| [&chunked(format!("{fetch}{end}").as_bytes())[..], LAST].concat();
            match request {
                _ if request.contains("tag=cut") => Answer::Cut(chunked(fetch.as_bytes())),
                _ if request.contains("tag=early") => Answer::Bytes(whole("")),
                _ if request.contains("tag=bad") => {
                    Answer::Bytes(whole("{\"errorDetail\":{\"message\":\"unauthorized\"},\"error\":\"unauthorized\"}\r\n"))
                }
                _ if request.contains("fromImage=a%2Fb&tag=latest ") => {
                    Answer::Bytes(whole("{\"status\":\"Status: Downloaded newer image for a/b:latest\"}\r\n"))
                }
                _ => json(404, r#"{"message":"manifest for a/b not found: manifest unknown"}"#),
            }
        })
    })
    .await;
    let pull = async |reference: &str| -> Vec<_> { docker.pull(reference).collect().await };
    let good = pull("a/b").await;
    assert!(good.iter().all(Result::is_ok), "{good:?}");
    assert!(good.iter().flatten().any(|progress| (progress.done, progress.total) == (5, Some(10))));
    let last = |steps: Vec<Result<_, Error>>| steps.into_iter().last().unwrap().unwrap_err();
    assert!(matches!(last(pull("a/b:cut").await), Error::Interrupted { .. }));
    assert!(matches!(last(pull("a/b:early").await), Error::Interrupted { .. }));
    assert!(matches!(last(pull("a/b:bad").await), Error::PullDenied { .. }));
    assert!(matches!(last(pull("a/b:other").await), Error::NoSuchImage { .. }));
    assert!(matches!(last(pull("../etc?x=").await), Error::NoSuchImage { .. }));
}

#[tokio::test]
async fn a_dropped_stream_ends_its_connection() {
    let (docker, live, _) = connect(|request| {
        greet(request).unwrap_or_else(|| {
            if request.contains("/logs") || request.contains("/archive") {
                return Answer::Endless(chunked(&frame("one\n")), chunk(&frame("more\n")));
            }
            // Open, with nothing to say for now.
            let event =
                b"{\"Type\":\"container\",\"Action\":\"start\",\"Actor\":{\"ID\":\"x\"},\"time\":1}\n";
            Answer::Bytes(chunked(event))
        })
    })
    .await;
    let idle = live.load(Ordering::SeqCst);
    assert_eq!(idle, 1, "the one kept for calls");
    let mut logs = Box::pin(docker.logs("x", LogQuery { follow: true, ..LogQuery::default() }));
    let mut events = Box::pin(docker.events(None).await.unwrap());
    // Quiet streams, busy streams, and one that is not read at all.
    assert!(events.next().await.unwrap().is_ok());
    logs.next().await.unwrap().unwrap();
    let archive = docker.archive_get("x", "/data").await.unwrap();
    assert_eq!(live.load(Ordering::SeqCst), idle + 3);
    drop((logs, events, archive));
    none_left(&live, idle).await;
    drop(docker);
    none_left(&live, 0).await;
}

#[tokio::test]
async fn a_connection_closed_while_idle_costs_nothing() {
    let (docker, _, all) = connect(|request| {
        greet(request).unwrap_or_else(|| match json(200, "[]") {
            Answer::Bytes(bytes) => Answer::Cut(bytes),
            other => other,
        })
    })
    .await;
    for _ in 0..5 {
        assert!(docker.list().await.unwrap().is_empty());
    }
    assert!(all.load(Ordering::SeqCst) >= 5);
}

#[tokio::test]
async fn a_commands_output_is_read_in_both_ways_that_engines_have() {
    let (docker, ..) = connect(|request| {
        greet(request).unwrap_or_else(|| {
            let output = |text: &str| {
                [&[1, 0, 0, 0, 0, 0, 0, u8::try_from(text.len()).unwrap()][..], text.as_bytes()].concat()
            };
            let start = |head: &str, text: &str| Answer::Cut([head.as_bytes(), &output(text)].concat());
            match request {
                _ if request.contains("/docker/exec") => json(201, r#"{"Id":"d"}"#),
                _ if request.contains("/podman/exec") => json(201, r#"{"Id":"p"}"#),
                _ if request.contains("/exec/d/start") => start("HTTP/1.1 200 OK\r\n\r\n", "one"),
                _ if request.contains("/exec/p/start") => {
                    start("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n", "two")
                }
                _ => json(200, r#"{"Running":false,"ExitCode":7}"#),
            }
        })
    })
    .await;
    for (id, text) in [("docker", "one"), ("podman", "two")] {
        let done = docker.exec(id, &["x"], None, PATIENCE).await.unwrap();
        assert_eq!((done.code, &done.stdout[..]), (7, text.as_bytes()), "{id}");
    }
}

#[tokio::test]
async fn a_daemon_that_wants_tls_says_how() {
    let (endpoint, ..) = daemon(|_| {
        let text = "Client sent an HTTP request to an HTTPS server.\n";
        let head = "HTTP/1.0 400 Bad Request\r\n\r\n";
        Answer::Cut([head.as_bytes(), text.as_bytes()].concat())
    });
    let error = Docker::connect(&endpoint).await.unwrap_err();
    assert!(matches!(&error, Error::BadEndpoint { reason, .. } if reason.contains("TLS")), "{error:?}");
}
