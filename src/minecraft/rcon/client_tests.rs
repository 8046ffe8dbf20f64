//! The client against servers that keep the protocol to the letter, and against hostile ones.

use bytes::Buf;
use tokio::io::DuplexStream;

use super::*;

const PASSWORD: &str = "correcthorse";

fn limits() -> Limits {
    Limits { deadline: Duration::from_secs(5), reply: 100_000 }
}

/// The server's end.
struct Server {
    stream: DuplexStream,
}

impl Server {
    /// Reads what one `read` of the real server would see, and requires exactly one packet in it.
    async fn request(&mut self) -> Packet {
        let mut buffer = [0u8; 1460];
        let n = self.stream.read(&mut buffer).await.unwrap();
        let mut input = BytesMut::from(&buffer[..n]);
        let packet = decode(&mut input).unwrap().expect("a whole packet in one read");
        assert!(input.is_empty(), "one packet in one read");
        packet
    }

    async fn answer(&mut self, id: i32, kind: i32, body: &[u8]) {
        let mut wire = Vec::new();
        wire.extend_from_slice(&(10 + body.len() as i32).to_le_bytes());
        wire.extend_from_slice(&id.to_le_bytes());
        wire.extend_from_slice(&kind.to_le_bytes());
        wire.extend_from_slice(body);
        wire.extend_from_slice(&[0, 0]);
        self.stream.write_all(&wire).await.unwrap();
    }

    async fn accept(&mut self) {
        let login = self.request().await;
        assert_eq!((login.kind, &login.body[..]), (kind::LOGIN, PASSWORD.as_bytes()));
        self.answer(login.id, kind::COMMAND, b"").await;
    }

    /// Answers one command as Minecraft does: in pieces of 4096 units.
    async fn reply(&mut self, text: &str) {
        let command = self.request().await;
        assert_eq!(command.kind, kind::COMMAND);
        let units: Vec<u16> = text.encode_utf16().collect();
        let mut pieces = units.chunks(4096).map(String::from_utf16_lossy).collect::<Vec<_>>();
        if pieces.is_empty() {
            pieces.push(String::new());
        }
        for piece in pieces {
            self.answer(command.id, kind::RESPONSE, piece.as_bytes()).await;
        }
    }

    async fn mark(&mut self) {
        let probe = self.request().await;
        assert_eq!((probe.kind, &probe.body[..]), (kind::RESPONSE, &b""[..]));
        self.answer(probe.id, kind::RESPONSE, b"Unknown request 0").await;
    }
}

fn pair() -> (DuplexStream, Server) {
    let (client, server) = tokio::io::duplex(64 * 1024);
    (client, Server { stream: server })
}

async fn log_in(stream: DuplexStream) -> Result<Client<DuplexStream>, Error> {
    Client::login(stream, &SecretString::from(PASSWORD), limits()).await
}

/// A deadline that is meant to pass.
const SHORT: Duration = Duration::from_millis(50);

/// Runs one command against a scripted server that has accepted the login.
async fn ask<F: Future<Output = ()>>(script: impl FnOnce(Server) -> F) -> Result<String, Error> {
    let (stream, mut server) = pair();
    let client = async {
        let mut client = log_in(stream).await?;
        let answer = client.command("list").await;
        assert_eq!(client.is_usable(), answer.is_ok());
        if answer.is_err() {
            assert!(matches!(client.command("list").await, Err(Error::Abandoned)));
        }
        answer
    };
    let server = async {
        server.accept().await;
        script(server).await;
    };
    tokio::join!(client, server).0
}

#[tokio::test]
async fn replies_of_every_length_come_whole() {
    for text in ["", "Saved the game", &"x".repeat(4095)] {
        let reply = ask(|mut server| async move { server.reply(text).await }).await;
        assert_eq!(reply.unwrap(), text);
    }
    // Exact multiples, and text of two and three bytes a unit, need the mark to tell the end.
    for text in ["x".repeat(4096), "y".repeat(8192), "z".repeat(10_000), "é".repeat(4095), "世".repeat(9000)]
    {
        let sent = text.clone();
        let reply = ask(|mut server| async move {
            server.reply(&sent).await;
            server.mark().await;
        });
        assert_eq!(reply.await.unwrap(), text);
    }
}

#[tokio::test]
async fn a_wrong_password_is_told_from_everything_else() {
    let (stream, mut server) = pair();
    let refuse = async {
        server.request().await;
        server.answer(-1, kind::COMMAND, b"").await;
    };
    let error = tokio::join!(log_in(stream), refuse).0.unwrap_err();
    assert!(matches!(error, Error::Refused), "{error}");
    assert!(!format!("{error:?}{error}").contains(PASSWORD));
}

#[tokio::test]
async fn a_reply_in_single_bytes_is_put_together() {
    let reply = ask(|mut server| async move {
        let id = server.request().await.id.to_le_bytes();
        let wire = [&[12, 0, 0, 0][..], &id[..], &[0, 0, 0, 0], b"hi", &[0, 0]].concat();
        for byte in wire {
            server.stream.write_all(&[byte]).await.unwrap();
            tokio::task::yield_now().await;
        }
    });
    assert_eq!(reply.await.unwrap(), "hi");
}

#[tokio::test]
async fn foreign_and_reordered_ids_are_errors() {
    let foreign = ask(|mut server| async move {
        let id = server.request().await.id;
        server.answer(id + 7, kind::RESPONSE, b"not yours").await;
    });
    assert!(matches!(foreign.await, Err(Error::Foreign { .. })));
    let wrong_type = ask(|mut server| async move {
        let id = server.request().await.id;
        server.answer(id, 5, b"").await;
    });
    assert!(matches!(wrong_type.await, Err(Error::Foreign { got_kind: 5, .. })));
    let mark_lies = ask(|mut server| async move {
        server.reply(&"x".repeat(4096)).await;
        let probe = server.request().await;
        server.answer(probe.id, kind::RESPONSE, b"something else").await;
    });
    assert!(matches!(mark_lies.await, Err(Error::Foreign { .. })));
    let logged_out = ask(|mut server| async move {
        server.request().await;
        server.answer(-1, kind::COMMAND, b"").await;
    });
    assert!(matches!(logged_out.await, Err(Error::Refused)));
}

#[tokio::test]
async fn an_uncalled_for_packet_spoils_the_next_command() {
    let (stream, mut server) = pair();
    let client = async {
        let mut client = log_in(stream).await.unwrap();
        assert_eq!(client.command("list").await.unwrap(), "first");
        client.command("list").await
    };
    let script = async {
        server.accept().await;
        let id = server.request().await.id;
        server.answer(id, kind::RESPONSE, b"first").await;
        server.answer(id, kind::RESPONSE, b"again").await;
        server
    };
    let (second, _open) = tokio::join!(client, script);
    assert!(matches!(second, Err(Error::Foreign { .. } | Error::Abandoned)), "{second:?}");
}

#[tokio::test]
async fn lengths_that_lie_are_errors() {
    for length in [-1i32, i32::MIN, 0, 9, 70_000, i32::MAX] {
        let answer = ask(|mut server| async move {
            server.request().await;
            server.stream.write_all(&length.to_le_bytes()).await.unwrap();
        });
        assert!(matches!(answer.await, Err(Error::Malformed(_))), "{length}");
    }
}

#[tokio::test]
async fn an_endless_reply_is_cut_off() {
    let answer = ask(|mut server| async move {
        let id = server.request().await.id;
        let piece = [b'x'; 4096];
        let mut wire = Vec::new();
        encode_any(id, &piece, &mut wire);
        // Until the client hangs up.
        while server.stream.write_all(&wire).await.is_ok() {}
    });
    assert!(matches!(answer.await, Err(Error::ReplyTooLong(100_000))));
}

fn encode_any(id: i32, body: &[u8], wire: &mut Vec<u8>) {
    wire.extend_from_slice(&(10 + body.len() as i32).to_le_bytes());
    wire.extend_from_slice(&id.to_le_bytes());
    wire.extend_from_slice(&[0; 4]);
    wire.extend_from_slice(body);
    wire.extend_from_slice(&[0, 0]);
}

#[tokio::test]
async fn a_server_that_never_answers_meets_the_deadline() {
    let (stream, silent) = pair();
    let short = Limits { deadline: SHORT, ..limits() };
    let login = Client::login(stream, &SecretString::from(PASSWORD), short).await;
    assert!(matches!(login, Err(Error::Deadline(SHORT))), "at login");
    drop(silent);
    let (stream, mut server) = pair();
    let client = async {
        let mut client = log_in(stream).await.unwrap();
        client.command_within("list", SHORT).await
    };
    let script = async {
        server.accept().await;
        server
    };
    let (answer, _open) = tokio::join!(client, script);
    assert!(matches!(answer, Err(Error::Deadline(SHORT))), "at a command");
}

#[tokio::test]
async fn a_trickle_does_not_stretch_the_deadline() {
    let (stream, mut server) = pair();
    let client = async {
        let mut client = log_in(stream).await.unwrap();
        client.command_within("list", SHORT).await
    };
    let script = async {
        server.accept().await;
        server.request().await;
        let mut head = &[0u8, 250, 0, 0][..];
        loop {
            let byte = if head.has_remaining() { head.get_u8() } else { b'x' };
            server.stream.write_all(&[byte]).await.unwrap();
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    let answer = tokio::select! { answer = client => answer, () = script => unreachable!() };
    assert!(matches!(answer, Err(Error::Deadline(SHORT))));
}

#[tokio::test]
async fn a_server_that_hangs_up_is_closed() {
    let closed = ask(|mut server| async move {
        server.request().await;
    });
    assert!(matches!(closed.await, Err(Error::Closed)));
}

#[tokio::test]
async fn a_bad_command_is_not_sent_and_spoils_nothing() {
    let (stream, mut server) = pair();
    let client = async {
        let mut client = log_in(stream).await.unwrap();
        for bad in ["", "a\nb", "a\rb", "a\0b", &"x".repeat(1447)] {
            assert!(matches!(client.command(bad).await, Err(Error::Command(_))));
        }
        client.command(&format!("/{}", "x".repeat(1446))).await
    };
    let script = async {
        server.accept().await;
        let command = server.request().await;
        assert_eq!(command.body.len(), 1446);
        server.answer(command.id, kind::RESPONSE, b"ok").await;
    };
    assert_eq!(tokio::join!(client, script).0.unwrap(), "ok");
}

#[tokio::test]
async fn a_cancelled_command_leaves_the_connection_unusable() {
    let (stream, mut server) = pair();
    let (client, ()) = tokio::join!(log_in(stream), server.accept());
    let mut client = client.unwrap();
    assert!(tokio::time::timeout(SHORT, client.command("list")).await.is_err());
    assert!(matches!(client.command("list").await, Err(Error::Abandoned)));
}

#[tokio::test]
async fn over_tcp() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serve = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        for body in [&b""[..], b"pong"] {
            let mut buffer = [0u8; 1460];
            let n = stream.read(&mut buffer).await.unwrap();
            let packet = decode(&mut BytesMut::from(&buffer[..n])).unwrap().unwrap();
            let mut wire = Vec::new();
            let answer = if packet.kind == kind::LOGIN { kind::COMMAND } else { kind::RESPONSE };
            encode(packet.id, answer, body, &mut wire).unwrap();
            stream.write_all(&wire).await.unwrap();
        }
    };
    let client = async {
        let mut client = connect(address, &SecretString::from(PASSWORD), limits()).await.unwrap();
        assert!(client.stream.nodelay().unwrap());
        client.command("ping").await.unwrap()
    };
    assert_eq!(tokio::join!(client, serve).0, "pong");
    drop(listener);
    let refused = connect(address, &SecretString::from(PASSWORD), limits()).await;
    assert!(matches!(refused, Err(Error::Connect(_))));
}

/// Against the practice server's side of the protocol, which is strict about what one read may hold.
#[tokio::test]
async fn the_practice_server_understands_and_is_understood() {
    use practice::rcon::{Session, Step, reply};
    let long = "§a世".repeat(3000);
    let (stream, Server { stream: mut server }) = pair();
    let client = async {
        let mut client = log_in(stream).await.unwrap();
        assert_eq!(client.command("empty").await.unwrap(), "");
        assert_eq!(client.command("/long").await.unwrap(), long);
        assert_eq!(client.command("save-on").await.unwrap(), "save-on");
        drop(client);
    };
    let serve = async {
        let mut session = Session::new();
        let mut buffer = [0u8; 1460];
        loop {
            let n = server.read(&mut buffer).await.unwrap();
            match session.read(&buffer[..n], PASSWORD) {
                Step::Write(bytes) => server.write_all(&bytes).await.unwrap(),
                Step::Run { id, line } => {
                    let text = match line.as_str() {
                        "empty" => "",
                        "long" => &long,
                        other => other,
                    };
                    for packet in reply(id, text) {
                        server.write_all(&packet).await.unwrap();
                    }
                }
                Step::Close => break assert_eq!(n, 0, "closed for a packet that it did not like"),
            }
        }
    };
    tokio::join!(client, serve);
}
