//! One RCON connection: logs in once, then one command after the other.

use std::io;
use std::time::Duration;

use bytes::BytesMut;
use secrecy::{ExposeSecret, SecretString, zeroize::Zeroize};
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, ToSocketAddrs};
use tokio::time::{Instant, timeout_at};

use super::codec::{CodecError, Packet, decode, encode, kind};
use crate::minecraft::command::{CommandError, validate};

/// A reply is split every so many UTF-16 units, each at least a byte of UTF-8: a shorter piece is the last one.
const SPLIT: usize = 4096;

/// What the server answers to a packet of type 0, and so the mark after a split reply.
const MARK: &[u8] = b"Unknown request 0";

/// How long to wait and how much to take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For a login, and for a command with its whole reply.
    pub deadline: Duration,
    /// For a whole reply, in bytes.
    pub reply: usize,
}

impl Default for Limits {
    /// Ten seconds, 1 MiB.
    fn default() -> Self {
        Self { deadline: Duration::from_secs(10), reply: 1024 * 1024 }
    }
}

/// Why RCON did not work. After every error but [`Error::Command`] the connection is of no use: make a new one.
#[derive(Debug, Error)]
pub enum Error {
    /// The command breaks a rule and was not sent. The connection is as good as before.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// The address does not answer.
    #[error(
        "RCON cannot be reached; the server may still be starting, or RCON is off; wait until it is ready, or check \
         ENABLE_RCON"
    )]
    Connect(#[source] io::Error),
    /// The server refused the password.
    #[error(
        "the server refused the RCON password; it makes a new one at every start unless RCON_PASSWORD is set; read \
         it again from /data/.rcon-cli.env"
    )]
    Refused,
    /// The password is longer than one packet holds.
    #[error("the RCON password is longer than 1446 bytes, which no server can read; set a shorter one")]
    PasswordTooLong,
    /// No answer in time. A command may have run all the same.
    #[error(
        "the server did not answer over RCON within {} s; a command may still run; look at the console before \
         sending it again", .0.as_secs_f32()
    )]
    Deadline(Duration),
    /// The server closed the connection. A command may have run all the same.
    #[error("the server closed the RCON connection; it may be stopping; reconnect when it is ready")]
    Closed,
    /// An earlier call ended in the middle of an exchange, so that replies can no longer be told apart.
    #[error("this RCON connection was left in the middle of a reply and is not used again; reconnect")]
    Abandoned,
    /// The reply is over [`Limits::reply`].
    #[error("the reply is longer than {0} bytes; the command ran; ask for less")]
    ReplyTooLong(usize),
    /// An answer to something that was not asked.
    #[error(
        "the server answered with packet {got_id} of type {got_kind} where {want_id} was due; this is no Minecraft \
         server, or something between alters the stream; check the address and reconnect"
    )]
    Foreign {
        /// The id that was due.
        want_id: i32,
        /// The id that came.
        got_id: i32,
        /// The type that came.
        got_kind: i32,
    },
    /// The bytes are no RCON.
    #[error("what answers is not RCON; check the address and the port (25575 by default)")]
    Malformed(#[from] CodecError),
    /// The connection broke.
    #[error("the RCON connection broke; a command may have run; reconnect and look at the console")]
    Io(#[source] io::Error),
}

/// Connects with TCP_NODELAY (the server takes a packet only whole) and logs in, both within `limits.deadline`.
///
/// # Errors
/// [`Error::Connect`], or any error of [`Client::login`].
pub async fn connect(
    address: impl ToSocketAddrs,
    password: &SecretString,
    limits: Limits,
) -> Result<Client<TcpStream>, Error> {
    let until = Instant::now() + limits.deadline;
    let stream = timeout_at(until, TcpStream::connect(address))
        .await
        .map_err(|_| Error::Deadline(limits.deadline))?
        .map_err(Error::Connect)?;
    stream.set_nodelay(true).map_err(Error::Connect)?;
    let mut client = Client::new(stream, limits);
    client.authenticate(password, until).await?;
    Ok(client)
}

/// A connection that is logged in. Hold one for each server: each login shows in its log.
pub struct Client<S> {
    stream: S,
    limits: Limits,
    input: BytesMut,
    next_id: i32,
    /// An exchange has begun and not ended; stays set when a call is cancelled or fails.
    busy: bool,
}

impl<S> std::fmt::Debug for Client<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("limits", &self.limits)
            .field("usable", &!self.busy)
            .finish_non_exhaustive()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    fn new(stream: S, limits: Limits) -> Self {
        Self { stream, limits, input: BytesMut::new(), next_id: 1, busy: false }
    }

    /// Logs in over a stream that is connected.
    ///
    /// # Errors
    /// [`Error::Refused`] for a wrong password; [`Error::Deadline`], [`Error::Closed`], [`Error::Malformed`],
    /// [`Error::Foreign`] or [`Error::Io`] for a server that does not behave.
    pub async fn login(stream: S, password: &SecretString, limits: Limits) -> Result<Self, Error> {
        let mut client = Self::new(stream, limits);
        client.authenticate(password, Instant::now() + limits.deadline).await?;
        Ok(client)
    }

    /// Sends one command and returns its whole reply, as the server wrote it: with `§` codes, with lines joined by
    /// line feeds or by nothing, and not yet safe for a terminal.
    ///
    /// # Errors
    /// [`Error::Command`] when the command was not sent; any other when the connection is to be dropped.
    pub async fn command(&mut self, command: &str) -> Result<String, Error> {
        self.command_within(command, self.limits.deadline).await
    }

    /// Like [`Client::command`], for commands that take long, such as `save-all flush`.
    ///
    /// # Errors
    /// As [`Client::command`].
    pub async fn command_within(&mut self, command: &str, deadline: Duration) -> Result<String, Error> {
        let command = validate(command)?;
        if self.busy {
            return Err(Error::Abandoned);
        }
        self.busy = true;
        let reply = timeout_at(Instant::now() + deadline, self.exchange(command))
            .await
            .map_err(|_| Error::Deadline(deadline))??;
        self.busy = false;
        Ok(reply)
    }

    /// Whether the next command can be sent; `false` after an error or a cancelled call.
    pub fn is_usable(&self) -> bool {
        !self.busy
    }

    async fn authenticate(&mut self, password: &SecretString, until: Instant) -> Result<(), Error> {
        let id = self.fresh_id();
        self.busy = true;
        let mut wire = Vec::new();
        encode(id, kind::LOGIN, password.expose_secret().as_bytes(), &mut wire)
            .map_err(|_| Error::PasswordTooLong)?;
        let answer = timeout_at(until, async {
            let sent = self.write(&wire).await;
            wire.zeroize();
            sent?;
            self.read().await
        })
        .await
        .map_err(|_| Error::Deadline(self.limits.deadline))??;
        match (answer.id, answer.kind) {
            (got, kind::COMMAND) if got == id => {
                self.busy = false;
                Ok(())
            }
            (-1, kind::COMMAND) => Err(Error::Refused),
            (got_id, got_kind) => Err(Error::Foreign { want_id: id, got_id, got_kind }),
        }
    }

    async fn exchange(&mut self, command: &str) -> Result<String, Error> {
        if !self.input.is_empty() {
            // Something came that nobody asked for: whatever follows cannot be trusted to be the reply.
            return Err(Error::Abandoned);
        }
        let id = self.fresh_id();
        self.send(id, kind::COMMAND, command.as_bytes()).await?;
        let mut reply = self.read_response(id).await?.body;
        if reply.len() > self.limits.reply {
            return Err(Error::ReplyTooLong(self.limits.reply));
        }
        if reply.len() >= SPLIT {
            self.collect(id, &mut reply).await?;
        }
        Ok(String::from_utf8(reply)
            .unwrap_or_else(|bad| String::from_utf8_lossy(bad.as_bytes()).into_owned()))
    }

    /// Gathers the rest of a reply that may be split. A reply whose length is an exact multiple of the split has no
    /// shorter last piece, so only the mark tells the end. The mark is asked for after the first piece: the server
    /// has read the command by then, and two packets in one read would make it close the connection.
    async fn collect(&mut self, id: i32, reply: &mut Vec<u8>) -> Result<(), Error> {
        let mark = self.fresh_id();
        self.send(mark, kind::RESPONSE, b"").await?;
        loop {
            let packet = self.read().await?;
            match (packet.id, packet.kind) {
                (got, kind::RESPONSE) if got == mark && packet.body == MARK => return Ok(()),
                (got, kind::RESPONSE) if got == id => {
                    if reply.len() + packet.body.len() > self.limits.reply {
                        return Err(Error::ReplyTooLong(self.limits.reply));
                    }
                    reply.extend_from_slice(&packet.body);
                }
                (got_id, got_kind) => return Err(Error::Foreign { want_id: id, got_id, got_kind }),
            }
        }
    }

    async fn read_response(&mut self, id: i32) -> Result<Packet, Error> {
        let packet = self.read().await?;
        match (packet.id, packet.kind) {
            (got, kind::RESPONSE) if got == id => Ok(packet),
            // What a server says to a command from somebody who is not logged in (any more).
            (-1, kind::COMMAND) => Err(Error::Refused),
            (got_id, got_kind) => Err(Error::Foreign { want_id: id, got_id, got_kind }),
        }
    }

    async fn send(&mut self, id: i32, kind: i32, body: &[u8]) -> Result<(), Error> {
        let mut wire = Vec::new();
        encode(id, kind, body, &mut wire)?;
        self.write(&wire).await
    }

    /// One write for one packet: the server refuses a packet in pieces.
    async fn write(&mut self, wire: &[u8]) -> Result<(), Error> {
        self.stream.write_all(wire).await.map_err(broken)?;
        self.stream.flush().await.map_err(broken)
    }

    async fn read(&mut self) -> Result<Packet, Error> {
        loop {
            if let Some(packet) = decode(&mut self.input)? {
                return Ok(packet);
            }
            if self.stream.read_buf(&mut self.input).await.map_err(broken)? == 0 {
                return Err(Error::Closed);
            }
        }
    }

    /// Positive and growing, so that no two exchanges of a connection are mixed up; −1 means "refused".
    fn fresh_id(&mut self) -> i32 {
        let id = self.next_id;
        self.next_id = if id == i32::MAX { 1 } else { id + 1 };
        id
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
#[path = "client_tests.rs"]
mod tests;
