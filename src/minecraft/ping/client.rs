//! One ping over a connection of its own.

use std::io;
use std::time::Duration;

use bytes::BytesMut;
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

use super::codec::{CodecError, Frame, decode, echo, request, string};
use super::status::{Status, status};

/// Why a ping did not work.
#[derive(Debug, Error)]
pub enum Error {
    /// The address does not answer.
    #[error("the server does not accept connections; it may still be starting; wait until it is ready")]
    Connect(#[source] io::Error),
    /// No answer in time.
    #[error("the server did not answer a ping within {} s; it may be starting, overloaded or hung; look at its \
             console", .0.as_secs_f32())]
    Deadline(Duration),
    /// The connection ended before the answer.
    #[error(
        "the server closed the connection before it answered a ping; it may be starting or stopping; try again"
    )]
    Closed,
    /// The connection broke.
    #[error("the connection broke during a ping; try again")]
    Io(#[source] io::Error),
    /// The bytes are no answer to a ping.
    #[error("what answers is not a Minecraft server; check the port")]
    Malformed(#[from] CodecError),
    /// A frame came that is not the one due.
    #[error(
        "the server answered a ping with packet {0}; what answers is not a Minecraft server; check the port"
    )]
    Foreign(i32),
    /// The status is no JSON object.
    #[error("the server answered a ping with something that is no status; a plugin or proxy may alter it")]
    NotJson,
}

/// Connects to `address`, asks for the status and measures the latency, all within `deadline`. `host` is the name
/// that the server is told it was called by.
///
/// # Errors
/// When the server cannot be reached or does not answer as a Minecraft server does.
pub async fn ping(address: std::net::SocketAddr, host: &str, deadline: Duration) -> Result<Status, Error> {
    let until = Instant::now() + deadline;
    let connect = timeout_at(until, TcpStream::connect(address)).await;
    let stream = connect.map_err(|_| Error::Deadline(deadline))?.map_err(Error::Connect)?;
    stream.set_nodelay(true).map_err(Error::Connect)?;
    query(stream, host, address.port(), until - Instant::now()).await
}

/// Like [`ping`], over a stream that is connected.
///
/// # Errors
/// As [`ping`].
pub async fn query<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    host: &str,
    port: u16,
    deadline: Duration,
) -> Result<Status, Error> {
    let until = Instant::now() + deadline;
    let mut input = BytesMut::new();
    let mut answer = timeout_at(until, exchange(&mut stream, &mut input, host, port))
        .await
        .map_err(|_| Error::Deadline(deadline))??;
    // A server may hang up after its status, and a proxy may never answer the echo: the status is as good as before.
    let patience = until.min(Instant::now() + Duration::from_secs(1));
    answer.latency = timeout_at(patience, measure(&mut stream, &mut input)).await.ok().flatten();
    Ok(answer)
}

async fn exchange<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    input: &mut BytesMut,
    host: &str,
    port: u16,
) -> Result<Status, Error> {
    stream.write_all(&request(host, port)).await.map_err(broken)?;
    stream.flush().await.map_err(broken)?;
    let frame = read(stream, input).await?;
    if frame.id != 0 {
        return Err(Error::Foreign(frame.id));
    }
    status(string(&frame.body)?).ok_or(Error::NotJson)
}

async fn measure<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    input: &mut BytesMut,
) -> Option<Duration> {
    const VALUE: i64 = 0x6D63;
    let started = Instant::now();
    stream.write_all(&echo(VALUE)).await.ok()?;
    stream.flush().await.ok()?;
    let frame = read(stream, input).await.ok()?;
    (frame.id == 1 && frame.body == VALUE.to_be_bytes()).then(|| started.elapsed())
}

async fn read<S: AsyncRead + Unpin>(stream: &mut S, input: &mut BytesMut) -> Result<Frame, Error> {
    loop {
        if let Some(frame) = decode(input)? {
            return Ok(frame);
        }
        if stream.read_buf(input).await.map_err(broken)? == 0 {
            return Err(Error::Closed);
        }
    }
}

fn broken(error: io::Error) -> Error {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    match error.kind() {
        BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof => Error::Closed,
        _ => Error::Io(error),
    }
}

#[cfg(test)]
mod tests {
    use super::super::codec::{MAX_FRAME, put_varint};
    use super::*;
    use tokio::io::DuplexStream;

    const SHORT: Duration = Duration::from_millis(50);

    fn frame(id: u8, body: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        put_varint(&mut out, body.len() as i32 + 1);
        out.push(id);
        out.extend_from_slice(body);
        out
    }

    fn text(json: &str) -> Vec<u8> {
        let mut out = Vec::new();
        put_varint(&mut out, json.len() as i32);
        out.extend_from_slice(json.as_bytes());
        out
    }

    /// Pings a server that reads the request and then does as `script` says.
    async fn against<F: Future<Output = ()>>(
        deadline: Duration,
        script: impl FnOnce(DuplexStream) -> F,
    ) -> Result<Status, Error> {
        let (client, mut server) = tokio::io::duplex(4096);
        let serve = async {
            let mut asked = vec![0; request("mc", 25565).len()];
            server.read_exact(&mut asked).await.unwrap();
            assert_eq!(asked, request("mc", 25565));
            script(server).await;
        };
        tokio::join!(query(client, "mc", 25565, deadline), serve).0
    }

    #[tokio::test]
    async fn status_and_latency() {
        let answer = against(Duration::from_secs(5), |mut server| async move {
            // A big favicon, byte by byte at first.
            let json = format!(r#"{{"players":{{"online":1,"max":5}},"favicon":"{}"}}"#, "x".repeat(90_000));
            let wire = frame(0, &text(&json));
            for byte in &wire[..20] {
                server.write_all(&[*byte]).await.unwrap();
            }
            server.write_all(&wire[20..]).await.unwrap();
            let mut asked = [0; 10];
            server.read_exact(&mut asked).await.unwrap();
            server.write_all(&asked).await.unwrap();
        });
        let answer = answer.await.unwrap();
        assert_eq!((answer.online, answer.max), (Some(1), Some(5)));
        assert!(answer.latency.is_some());
    }

    #[tokio::test]
    async fn a_server_that_starts_and_hangs_up() {
        let answer = against(Duration::from_secs(5), |mut server| async move {
            server.write_all(&frame(0, &text("{}"))).await.unwrap();
        });
        let answer = answer.await.unwrap();
        assert!(answer.is_starting());
        assert_eq!(answer.latency, None);
    }

    #[tokio::test]
    async fn hostile_servers() {
        let send = |bytes: Vec<u8>| async move {
            against(Duration::from_secs(5), |mut server| async move {
                let _ = server.write_all(&bytes).await;
            })
            .await
        };
        assert!(matches!(send(vec![0xFF; 9]).await, Err(Error::Malformed(CodecError::VarInt))));
        let mut long = Vec::new();
        put_varint(&mut long, MAX_FRAME as i32 + 1);
        assert!(matches!(send(long).await, Err(Error::Malformed(CodecError::Length(_)))));
        assert!(matches!(send(frame(5, b"")).await, Err(Error::Foreign(5))));
        assert!(matches!(send(frame(0, &text("[]"))).await, Err(Error::NotJson)));
        assert!(matches!(send(vec![9, 0]).await, Err(Error::Closed)));
    }

    #[tokio::test]
    async fn a_missing_echo_costs_only_the_latency() {
        let answer = against(SHORT, |mut server| async move {
            server.write_all(&frame(0, &text(r#"{"players":{"online":1}}"#))).await.unwrap();
            let mut rest = Vec::new();
            server.read_to_end(&mut rest).await.unwrap();
            assert_eq!(rest.len(), 10);
        });
        let answer = answer.await.unwrap();
        assert_eq!((answer.online, answer.latency), (Some(1), None));
    }

    #[tokio::test]
    async fn a_server_that_never_answers() {
        let (client, _server) = tokio::io::duplex(4096);
        let answer = query(client, "mc", 25565, SHORT).await;
        assert!(matches!(answer, Err(Error::Deadline(SHORT))));
    }
}
