//! A byte stream through ssh: to what a command on the other side reads and writes.

use std::io;
use std::pin::Pin;
use std::process::Stdio;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::task::JoinHandle;

use super::{Address, clean};

/// Most bytes of what ssh says on its standard error.
const SAID: u64 = 4096;

/// The arguments of ssh. The address was checked when it was read; `--` is the second lock, so that a host can never be
/// taken for an option.
fn arguments(address: &Address, command: &[&str]) -> Vec<String> {
    let Address { user, host, port } = address;
    let mut arguments = vec!["-T".to_owned()];
    for option in ["BatchMode=yes", "ConnectTimeout=5", "ServerAliveInterval=15", "ServerAliveCountMax=4"] {
        arguments.extend(["-o".to_owned(), option.to_owned()]);
    }
    if let Some(user) = user {
        arguments.extend(["-l".to_owned(), user.clone()]);
    }
    if let Some(port) = port {
        arguments.extend(["-p".to_owned(), port.to_string()]);
    }
    arguments.push("--".to_owned());
    arguments.push(host.clone());
    arguments.extend(command.iter().map(|word| (*word).to_owned()));
    arguments
}

/// Opens a byte stream to what `command` reads and writes on that machine. `command` is passed to a shell there: its
/// words must be harmless. `program` is `ssh`; tests put another in its place.
///
/// # Errors
/// That ssh cannot be run. What it says itself is the error of the first read.
pub fn open(program: &str, address: &Address, command: &[&str]) -> io::Result<Tunnel> {
    spawn(program, &arguments(address, command))
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
        // The rest is thrown away, so that ssh never waits for us.
        let _ = tokio::io::copy(&mut errors, &mut tokio::io::sink()).await;
        clean(&String::from_utf8_lossy(&said))
    });
    Ok(Tunnel { _child: child, input, output, said: Some(said), answered: false })
}

/// The process and its pipes; dropping it ends the process.
pub struct Tunnel {
    _child: Child,
    input: ChildStdin,
    output: ChildStdout,
    said: Option<JoinHandle<String>>,
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
            let text = said.unwrap_or_default();
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

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt;

    use super::*;

    #[test]
    fn the_host_stands_behind_the_end_of_options() {
        let arguments =
            arguments(&Address::parse("mc@host:2222").unwrap(), &["docker", "system", "dial-stdio"]);
        let end = arguments.iter().position(|argument| argument == "--").unwrap();
        assert_eq!(arguments[end + 1..], ["host", "docker", "system", "dial-stdio"]);
        let before = arguments[..end].join(" ");
        assert!(before.contains("-o BatchMode=yes") && before.ends_with("-l mc -p 2222"), "{before}");
    }

    /// A program in ssh's place.
    fn program(folder: &tempfile::TempDir, text: &str) -> String {
        use std::os::unix::fs::PermissionsExt;
        let path = folder.path().join("ssh");
        std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path.to_str().unwrap().to_owned()
    }

    #[tokio::test]
    async fn bytes_go_through_and_the_process_ends_with_the_stream() {
        let folder = tempfile::tempdir().unwrap();
        let pid = folder.path().join("pid");
        let program = program(&folder, &format!("echo $$ > {}; exec cat", pid.display()));
        let mut stream = open(&program, &Address::parse("host").unwrap(), &["x"]).unwrap();
        stream.write_all(b"hello").await.unwrap();
        let mut back = [0; 5];
        stream.read_exact(&mut back).await.unwrap();
        assert_eq!(&back, b"hello");
        let pid = std::fs::read_to_string(&pid).unwrap();
        let process = std::path::PathBuf::from("/proc").join(pid.trim()).join("stat");
        // Killed, and a moment later collected by the runtime.
        let alive = || std::fs::read_to_string(&process).is_ok_and(|stat| !stat.contains(") Z "));
        assert!(alive());
        drop(stream);
        let ending = async {
            while alive() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(30), ending).await.unwrap();
    }

    #[tokio::test]
    async fn what_ssh_says_is_the_reason_safe_to_show() {
        let folder = tempfile::tempdir().unwrap();
        let program =
            program(&folder, r"printf 'mc@host: Permission denied \033[2J(publickey).\n' >&2; exit 255");
        let mut stream = open(&program, &Address::parse("host").unwrap(), &["x"]).unwrap();
        let error = stream.read_u8().await.unwrap_err();
        assert_eq!(error.to_string(), "ssh: mc@host: Permission denied [2J(publickey).");
        let missing = open("/nowhere/ssh", &Address::parse("host").unwrap(), &["x"]);
        assert!(missing.is_err_and(|error| error.to_string().contains("ssh cannot be run")));
    }
}
