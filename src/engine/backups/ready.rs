//! Waits until a server that was just started reports that it is ready.

use std::{pin::pin, time::Duration};

use futures_util::StreamExt;
use jiff::Timestamp;

use crate::{
    docker::{Docker, Error, Health, LogPiece, LogQuery, Phase},
    engine::servers::milestones::EARLY,
    minecraft::{
        log::{self, Event},
        text::{self, LineAssembler, Stream},
    },
    model::{Fault, FaultKind},
};

/// How long a server may take to load its world. Large packs of mods need many minutes.
pub const LIMIT: Duration = Duration::from_secs(30 * 60);
/// How often its container is looked at.
const LOOK: Duration = Duration::from_millis(500);
/// Its last lines that are told when it did not come up.
const LINES: usize = 12;
/// Most characters of each.
const LINE: usize = 200;

/// Why a server did not become ready.
#[derive(Debug)]
pub enum Why {
    /// It ended, with this code; its last lines.
    Ended(Option<i64>, Vec<String>),
    /// It went on loading for longer than it may; its last lines.
    TooLong(Vec<String>),
    /// Docker cannot say.
    Docker(Error),
}

impl Why {
    /// As a person is told; what it means is said by whoever knows.
    pub fn fault(&self) -> Fault {
        let next = "Read its last lines in the details: they tell the cause.";
        match self {
            Self::Ended(code, lines) => {
                let code = code.map(|code| format!(", with exit code {code}")).unwrap_or_default();
                let what = format!("The server ended while it was loading the restored data{code}.");
                Fault { chain: lines.clone(), ..Fault::new(FaultKind::Failed, what, "", next) }
            }
            Self::TooLong(lines) => {
                let what = format!("The server was not ready after {} minutes.", LIMIT.as_secs() / 60);
                Fault { chain: lines.clone(), ..Fault::new(FaultKind::Failed, what, "", next) }
            }
            Self::Docker(error) => error.fault(),
        }
    }
}

/// Waits until a container that runs says that its server can be joined, or its health check does.
///
/// # Errors
/// That it ended or was restarted by Docker, took longer than [`LIMIT`], or Docker's.
pub async fn ready(docker: &Docker, container: &str) -> Result<(), Why> {
    let mut lines = Vec::new();
    match tokio::time::timeout(LIMIT, wait(docker, container, &mut lines)).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(Gone::Ended(code))) => Err(Why::Ended(code, lines)),
        Ok(Err(Gone::Docker(error))) => Err(Why::Docker(error)),
        Err(_) => Err(Why::TooLong(lines)),
    }
}

/// Whether a container runs and has said since its last start that its server can be joined.
///
/// # Errors
/// Docker's.
pub async fn is_ready(docker: &Docker, container: &str) -> Result<bool, Error> {
    let detail = docker.inspect(container).await?;
    if detail.phase != Phase::Running {
        return Ok(false);
    }
    let since = detail.started_at.map(|at| at - EARLY);
    let mut reader = Reader::new(detail.started_at);
    let mut log = pin!(docker.logs(container, LogQuery { since, tty: detail.tty, ..LogQuery::default() }));
    while let Some(piece) = log.next().await {
        let piece = piece?;
        reader.take(&piece);
    }
    Ok(reader.done || detail.health == Some(Health::Healthy))
}

enum Gone {
    Ended(Option<i64>),
    Docker(Error),
}

impl From<Error> for Gone {
    fn from(error: Error) -> Self {
        Self::Docker(error)
    }
}

async fn wait(docker: &Docker, container: &str, lines: &mut Vec<String>) -> Result<(), Gone> {
    let first = docker.inspect(container).await?;
    let query = |since: Option<Timestamp>| LogQuery { since, follow: true, tty: first.tty, tail: None };
    let since = first.started_at.map(|at| at - EARLY);
    let mut log = Box::pin(docker.logs(container, query(since)));
    let mut reader = Reader::new(first.started_at);
    let mut open = true;
    let mut look = tokio::time::interval(LOOK);
    loop {
        tokio::select! {
            piece = log.next(), if open => match piece {
                Some(Ok(piece)) => {
                    reader.take(&piece);
                    lines.clone_from(&reader.last);
                    if reader.done {
                        return Ok(());
                    }
                }
                // It is opened again at the next look; the health check tells as well.
                Some(Err(_)) | None => open = false,
            },
            _ = look.tick() => {
                let now = docker.inspect(container).await?;
                if now.restart_count > first.restart_count || now.started_at != first.started_at {
                    return Err(Gone::Ended(now.exit_code.filter(|_| now.phase != Phase::Running)));
                }
                match now.phase {
                    Phase::Running if now.health == Some(Health::Healthy) => return Ok(()),
                    Phase::Running | Phase::Paused | Phase::Created => {}
                    _ => return Err(Gone::Ended(now.exit_code)),
                }
                if !open {
                    (log, reader, open) = (Box::pin(docker.logs(container, query(since))), Reader::new(first.started_at), true);
                }
            }
        }
    }
}

/// Reads a log for the one line.
struct Reader {
    /// When this run began: the word of an earlier one, which may be among what is read, does not count.
    began: Timestamp,
    assembler: LineAssembler,
    last: Vec<String>,
    done: bool,
}

impl Reader {
    fn new(began: Option<Timestamp>) -> Self {
        let began = began.unwrap_or(Timestamp::MIN);
        Self { began, assembler: LineAssembler::default(), last: Vec::new(), done: false }
    }

    fn take(&mut self, piece: &LogPiece) {
        let (last, done) = (&mut self.last, &mut self.done);
        let of_this_run = piece.at >= self.began;
        self.assembler.push(if piece.stderr { Stream::Err } else { Stream::Out }, &piece.data, |raw| {
            let mut line = String::new();
            text::console_line_cut(raw.bytes, raw.cut, &mut line);
            let bare = text::strip_sgr(&line);
            *done |= of_this_run && matches!(log::event(&log::parse(&bare)), Some(Event::Done { .. }));
            if last.len() == LINES {
                last.remove(0);
            }
            last.push(text::plain(&bare, LINE));
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_run_can_say_that_it_is_ready() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let line = "[12:34:56] [Server thread/INFO]: Done (1.0s)! For help, type \"help\"\n";
        let piece = |second| LogPiece { at: at(second), stderr: false, data: line.into() };
        let mut reader = Reader::new(Some(at(20)));
        reader.take(&piece(19));
        assert!(!reader.done, "that was the run before");
        reader.take(&piece(20));
        assert!(reader.done);
    }
}
