//! Whoever speaks the link wrongly is shown the door, and nobody else notices.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{UnixListener, UnixStream},
};

use super::fake::*;
use crate::{
    link::{
        Error, Target, join,
        protocol::{Hello, Welcome},
    },
    model::{Answer, Order},
};

fn framed(bytes: &[u8]) -> Vec<u8> {
    let mut frame = (bytes.len() as u32).to_be_bytes()[1..].to_vec();
    frame.extend_from_slice(bytes);
    frame
}

fn hello() -> Vec<u8> {
    framed(&serde_json::to_vec(&Hello::ours()).unwrap())
}

/// Sends this and reads until the engine's side hangs up.
async fn hung_up(engine: &Fake, bytes: &[u8]) {
    let mut stream = UnixStream::connect(engine.socket()).await.unwrap();
    // It may hang up before all of it is taken.
    let _ = stream.write_all(bytes).await;
    let mut rest = Vec::new();
    within(stream.read_to_end(&mut rest)).await.ok();
}

#[tokio::test]
async fn garbage_ends_the_connection_and_nothing_else() {
    let engine = Fake::new();
    let _server = engine.listen().await;
    let face = engine.face().await;
    let mut state = 88_172_645_463_325_252u64;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    // Before the greeting, in its place, after it; a frame that is too large, and one that lies about its length.
    hung_up(&engine, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    hung_up(&engine, &framed(b"{\"mineclifford\":\"link\"")).await;
    hung_up(&engine, &framed(&vec![b'['; 100_000])).await;
    hung_up(&engine, &[0xff, 0xff, 0xff, 0, 0]).await;
    let after = |bytes: &[u8]| [hello(), framed(bytes)].concat();
    hung_up(&engine, &after(b"")).await;
    hung_up(&engine, &after(&[0xff; 64])).await;
    hung_up(&engine, &[hello(), vec![0xff, 0xff, 0xff]].concat()).await;
    for _ in 0..50 {
        // The first byte is the kind: more of a window than there is, numbers twice, orders that are none.
        let mut bytes: Vec<u8> = (0..40).map(|_| random()).collect();
        bytes[0] %= 7;
        hung_up(&engine, &[after(&bytes), framed(&[0xff])].concat()).await;
    }
    assert_eq!(within(face.handle.run(Order::Start(id()))).await, Ok(Answer::Done));
}

#[tokio::test(start_paused = true)]
async fn whoever_says_nothing_loses_the_seat() {
    let engine = Fake::new();
    let _server = engine.listen().await;
    let mut silent = UnixStream::connect(engine.socket()).await.unwrap();
    let mut slow = UnixStream::connect(engine.socket()).await.unwrap();
    slow.write_all(&hello()[..5]).await.unwrap();
    let mut stuck = UnixStream::connect(engine.socket()).await.unwrap();
    stuck.write_all(&hello()).await.unwrap();
    let mut rest = Vec::new();
    for stream in [&mut silent, &mut slow, &mut stuck] {
        let ended = tokio::time::timeout(Duration::from_secs(120), stream.read_to_end(&mut rest)).await;
        assert!(ended.is_ok(), "it still has its seat");
    }
}

#[tokio::test]
async fn versions_that_do_not_fit_are_said_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.sock");
    let listener = UnixListener::bind(&path).unwrap();
    let other = Hello { protocol: 99, program: "9.8.7\u{1b}[2J".into(), ..Hello::ours() };
    let welcome = Welcome { hello: other, pid: 1, run: uuid::Uuid::nil(), refused: None };
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.write_all(&framed(&serde_json::to_vec(&welcome).unwrap())).await;
            let _ = stream.read_u8().await;
        }
    });
    let error = join(Target::Socket(path).dial().await.unwrap(), &joining()).await.unwrap_err();
    assert!(matches!(error, Error::Version { .. }) && !error.passes(), "{error}");
    let fault = error.fault("here");
    assert!(fault.what.contains("9.8.7[2J") && fault.what.contains(env!("CARGO_PKG_VERSION")), "{fault}");
    assert!(fault.next.contains("same version"), "{fault}");

    // The other way round: a face of another version reads from the greeting why nothing follows.
    let engine = Fake::new();
    let _server = engine.listen().await;
    let mut stream = UnixStream::connect(engine.socket()).await.unwrap();
    let old =
        serde_json::json!({"mineclifford": "link", "protocol": 0, "shape": 0, "program": "0.0.1", "more": 1});
    stream.write_all(&framed(old.to_string().as_bytes())).await.unwrap();
    let mut said = Vec::new();
    within(stream.read_to_end(&mut said)).await.unwrap();
    let welcome: Welcome = serde_json::from_slice(&said[3..]).unwrap();
    assert_eq!(welcome.hello, Hello::ours());
}

#[tokio::test]
async fn what_is_no_engine_is_told_from_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.sock");
    let listener = UnixListener::bind(&path).unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"Welcome to this machine!\nLast login: yesterday\n").await.unwrap();
    });
    let error = join(Target::Socket(path).dial().await.unwrap(), &joining()).await.unwrap_err();
    assert!(matches!(error, Error::Nonsense(_)), "{error}");
    let nobody = Target::Socket(folder.path().join("none")).dial().await;
    assert!(matches!(nobody, Err(Error::Nobody(_))));
}

/// Frames do not say what is in them: the hash must cover every value that travels.
#[test]
fn every_file_of_the_model_is_in_the_shape() {
    let protocol = include_str!("../protocol.rs");
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/model");
    // Rules and logic that do not travel.
    let beside =
        ["mod.rs", "field.rs", "history_tests.rs", "resume.rs", "secrecy.rs", "standing.rs", "tally.rs"];
    for file in std::fs::read_dir(folder).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        let named = protocol.contains(&format!("\"../model/{name}\""));
        assert!(named || beside.contains(&name.as_str()), "link/protocol.rs does not name model/{name}");
    }
}
