//! A byte stream through ssh: the other side runs `docker system dial-stdio`, which copies to its engine's socket.
//!
//! The user's own ssh is used, so its configuration, agent, jump hosts and known hosts count.

use std::io;
use std::pin::Pin;
use std::process::Stdio;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::task::JoinHandle;

use super::connector::{Connector, Duplex};
use super::error::clean;

/// Most bytes of what ssh says on its standard error.
const SAID: u64 = 4096;

/// The arguments of ssh. `host` and `user` were checked when the address was read; `--` is the second lock, so that a
/// host can never be taken for an option.
fn arguments(user: Option<&str>, host: &str, port: Option<u16>) -> Vec<String> {
    let mut arguments = vec!["-T".to_owned()];
    for option in ["BatchMode=yes", "ConnectTimeout=5", "ServerAliveInterval=15", "ServerAliveCountMax=4"] {
        arguments.extend(["-o".to_owned(), option.to_owned()]);
    }
    if let Some(user) = user {
        arguments.extend(["-l".to_owned(), user.to_owned()]);
    }
    if let Some(port) = port {
        arguments.extend(["-p".to_owned(), port.to_string()]);
    }
    arguments.push("--".to_owned());
    arguments.push(host.to_owned());
    arguments.extend(["docker", "system", "dial-stdio"].map(str::to_owned));
    arguments
}

/// A connector through the program `program` (`ssh`; tests put another in its place).
pub(super) fn connector(program: &str, user: Option<&str>, host: &str, port: Option<u16>) -> Connector {
    let program = program.to_owned();
    let arguments = arguments(user, host, port);
    Connector::new(move || {
        let stream = spawn(&program, &arguments);
        Box::pin(async move { Ok(Box::new(stream?) as Box<dyn Duplex>) })
    })
}

fn spawn(program: &str, arguments: &[String]) -> io::Result<Tunnel> {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // A Ctrl-C at the terminal is for this program alone to deal with.
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| io::Error::other(format!("ssh cannot be run: {error}")))?;
    let missing = || io::Error::other("ssh has no pipes");
    let input = child.stdin.take().ok_or_else(missing)?;
    let output = child.stdout.take().ok_or_else(missing)?;
    let mut errors = child.stderr.take().ok_or_else(missing)?;
    let said = tokio::spawn(async move {
        let mut said = Vec::new();
        // What cannot be read was not said.
        let _ = (&mut errors).take(SAID).read_to_end(&mut said).await;
        let text = clean(&String::from_utf8_lossy(&said));
        // The rest is thrown away, so that ssh never waits for us.
        (text, errors)
    });
    Ok(Tunnel { _child: child, input, output, said: Some(said), answered: false })
}

type Said = JoinHandle<(String, tokio::process::ChildStderr)>;

/// The process and its pipes; dropping it ends the process.
struct Tunnel {
    _child: Child,
    input: ChildStdin,
    output: ChildStdout,
    said: Option<Said>,
    answered: bool,
}

impl AsyncRead for Tunnel {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.output).poll_read(cx, buf))?;
        if buf.filled().len() > before {
            self.answered = true;
            return Poll::Ready(Ok(()));
        }
        // It ended without a word from the engine: what ssh said is the reason.
        if !self.answered
            && let Some(said) = &mut self.said
        {
            let said = ready!(Pin::new(said).poll(cx));
            self.said = None;
            let text = said.map(|(text, _)| text).unwrap_or_default();
            let text = if text.is_empty() { "it ended without a word".to_owned() } else { text };
            return Poll::Ready(Err(io::Error::new(
                io::ErrorKind::ConnectionAborted,
                format!("ssh: {text}"),
            )));
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Tunnel {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.input).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.input).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.input).poll_shutdown(cx)
    }
}
