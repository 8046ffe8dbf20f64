//! Asks a server something and hears its answer, by whichever way it can be asked: RCON, `rcon-cli`, its console.

use std::time::Duration;

use futures_util::StreamExt;
use jiff::Timestamp;
use tokio::{
    io::AsyncWriteExt,
    net::TcpStream,
    time::{Instant, sleep, timeout, timeout_at},
};

use crate::{
    docker::{LogPiece, LogQuery},
    engine::console::{self, Source},
    minecraft::{
        command::reply,
        log, rcon,
        text::{self, LineAssembler, Stream},
    },
};

/// How often the log is looked at for the answer to what was typed into the console.
const LOOK: Duration = Duration::from_millis(250);
/// So many of its last lines are looked through.
const LINES: u32 = 1_000;
/// How long the console may take to be typed into, or its log to be read once.
const TYPE: Duration = Duration::from_secs(10);
/// Most characters of what went wrong that are kept.
const SAID: usize = 200;

/// A way to a server's ear and mouth, for commands that may be given twice: each way is tried until one gives an answer.
pub struct Voice {
    source: Source,
    rcon: Option<rcon::Client<TcpStream>>,
}

/// No answer came.
#[derive(Debug, Default)]
pub struct Mute {
    /// Whether the command may have run all the same.
    pub perhaps: bool,
    /// What each way said.
    pub tried: Vec<String>,
}

impl Mute {
    fn no(&mut self, way: &str, why: impl std::fmt::Display) {
        self.tried.push(format!("{way}: {}", text::plain(&why.to_string(), SAID)));
    }

    fn perhaps(&mut self, way: &str, why: impl std::fmt::Display) {
        self.perhaps = true;
        self.no(way, why);
    }
}

impl Voice {
    /// To the server in a container that runs.
    pub fn new(source: Source) -> Self {
        Self { source, rcon: None }
    }

    /// Gives a command and waits for its answer, for as long as one way may take.
    ///
    /// # Errors
    /// [`Mute`].
    pub async fn ask(&mut self, command: &str, within: Duration) -> Result<String, Mute> {
        let mut mute = Mute::default();
        let until = Instant::now() + within;
        if let Some(reply) = Box::pin(self.by_rcon(command, within, &mut mute)).await {
            return Ok(reply);
        }
        // A server that thinks for so long is not asked once more: it has heard.
        if mute.perhaps && Instant::now() >= until {
            return Err(mute);
        }
        if let Some(reply) = Box::pin(self.by_rcon_cli(command, within, &mut mute)).await {
            return Ok(reply);
        }
        if self.source.open_stdin
            && let Some(reply) = Box::pin(self.by_console(command, within, &mut mute)).await
        {
            return Ok(reply);
        }
        Err(mute)
    }

    async fn by_rcon(&mut self, command: &str, within: Duration, mute: &mut Mute) -> Option<String> {
        let held = self.rcon.take().filter(rcon::Client::is_usable);
        let mut client = match held {
            Some(client) => client,
            None => match console::dial(&self.source).await {
                Ok(client) => client,
                Err(error) => {
                    mute.no("rcon", error);
                    return None;
                }
            },
        };
        match client.command_within(command, within).await {
            Ok(reply) => {
                self.rcon = Some(client);
                Some(reply)
            }
            Err(error) => {
                mute.perhaps("rcon", error);
                None
            }
        }
    }

    async fn by_rcon_cli(&self, command: &str, within: Duration, mute: &mut Mute) -> Option<String> {
        let words: Vec<&str> = std::iter::once("rcon-cli").chain(command.split(' ')).collect();
        let output = match self.source.docker.exec(&self.source.container, &words, None, within).await {
            Ok(output) => output,
            Err(error) => {
                mute.perhaps("rcon-cli", error);
                return None;
            }
        };
        match output.code {
            // It ends with 0 also when it could not read the answer.
            0 if !output.stdout.is_empty() => Some(String::from_utf8_lossy(&output.stdout).into_owned()),
            0 => {
                mute.perhaps("rcon-cli", String::from_utf8_lossy(&output.stderr));
                None
            }
            code => {
                let said = String::from_utf8_lossy(&output.stderr);
                mute.no("rcon-cli", format!("ended with {code}: {said}"));
                None
            }
        }
    }

    /// Types it, and reads the log until the answer is there.
    async fn by_console(&self, command: &str, within: Duration, mute: &mut Mute) -> Option<String> {
        let (docker, container) = (&self.source.docker, self.source.container.as_str());
        let before = match timeout(TYPE, self.latest()).await {
            Ok(Ok(before)) => before,
            Ok(Err(error)) => {
                mute.no("console", error);
                return None;
            }
            Err(_) => {
                mute.no("console", "its log cannot be read");
                return None;
            }
        };
        let typed = async {
            let mut stdin = docker.stdin(container).await.map_err(|error| (false, error.to_string()))?;
            let line = format!("{command}\n");
            let write = async {
                stdin.write_all(line.as_bytes()).await?;
                stdin.flush().await
            };
            write.await.map_err(|error: std::io::Error| (true, error.to_string()))
        };
        match timeout(TYPE, typed).await {
            Ok(Ok(())) => {}
            Ok(Err((false, why))) => {
                mute.no("console", why);
                return None;
            }
            Ok(Err((true, why))) => {
                mute.perhaps("console", why);
                return None;
            }
            Err(_) => {
                mute.perhaps("console", "its input takes nothing");
                return None;
            }
        }
        let until = Instant::now() + within;
        while Instant::now() < until {
            sleep(LOOK).await;
            if let Ok(Some(reply)) = timeout_at(until, self.overheard(before)).await {
                return Some(reply);
            }
        }
        mute.perhaps("console", "no answer was seen in the log");
        None
    }

    /// When the last line of the log was written.
    async fn latest(&self) -> Result<Option<Timestamp>, crate::docker::Error> {
        let query = LogQuery { tty: self.source.tty, tail: Some(1), ..LogQuery::default() };
        let mut log = std::pin::pin!(self.source.docker.logs(&self.source.container, query));
        let mut last = None;
        while let Some(piece) = log.next().await {
            last = Some(piece?.at);
        }
        Ok(last)
    }

    /// The server's own answer among the lines that were written after a moment.
    async fn overheard(&self, after: Option<Timestamp>) -> Option<String> {
        let query = LogQuery { tty: self.source.tty, tail: Some(LINES), ..LogQuery::default() };
        let mut log = std::pin::pin!(self.source.docker.logs(&self.source.container, query));
        let mut ear = Ear::default();
        while let Some(Ok(piece)) = log.next().await {
            if after.is_none_or(|after| piece.at > after) {
                ear.take(&piece);
            }
        }
        ear.heard
    }
}

/// Listens for the server's own answer about saving. Lines of players begin otherwise, whatever they write.
#[derive(Default)]
struct Ear {
    assembler: LineAssembler,
    heard: Option<String>,
}

impl Ear {
    fn take(&mut self, piece: &LogPiece) {
        let heard = &mut self.heard;
        let stream = if piece.stderr { Stream::Err } else { Stream::Out };
        self.assembler.push(stream, &piece.data, |raw| {
            let mut line = String::new();
            text::console_line_cut(raw.bytes, raw.cut, &mut line);
            let bare = text::strip_sgr(&line);
            let parsed = log::parse(&bare);
            if parsed.source == log::Source::Server && reply::is_about_saving(parsed.text) {
                *heard = Some(parsed.text.to_owned());
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(line: &str) -> Option<String> {
        let mut ear = Ear::default();
        let data = format!("{line}\n").into();
        ear.take(&LogPiece { at: Timestamp::UNIX_EPOCH, stderr: false, data });
        ear.heard
    }

    #[test]
    fn only_the_server_itself_answers() {
        for text in ["Saved the game", "System chat: Automatic saving is now disabled"] {
            for prefix in ["[12:34:56] [Server thread/INFO]: ", "[12:34:56 INFO]: "] {
                assert!(heard(&format!("{prefix}{text}")).is_some(), "{prefix}{text}");
            }
        }
        for text in [
            "<Eve> Saved the game",
            "[Not Secure] <Eve> Saved the game",
            "[Eve: Saved the game]",
            "* Eve Saved the game",
            "Saving the game (this may take a moment!)",
        ] {
            assert_eq!(heard(&format!("[12:34:56] [Server thread/INFO]: {text}")), None, "{text}");
        }
        assert_eq!(heard("Saved the game"), None, "a line without the server's prefix is nobody's");
    }
}
