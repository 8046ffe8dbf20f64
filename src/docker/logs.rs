//! A container's log as a stream of pieces, each with the time it was written.

use std::collections::VecDeque;

use futures_util::{Stream, stream};
use jiff::Timestamp;

use super::connect::Docker;
use super::containers::segment;
use super::error::{About, Error, chain};
use super::log_frames::Decoder;
use super::transport::{Call, Reply, Transport, query};
use super::types::{LogPiece, LogQuery};

impl Docker {
    /// The log of a container, oldest first. Ends when the container ends (with `follow`), or at the log's end.
    ///
    /// To resume after a stream broke off, ask again with `since` at the last piece's time: all pieces written at that
    /// time **or later** come, in the same pieces, so the caller drops those that it has seen. Nothing is missed. The time is exact to the
    /// nanosecond; pieces that are older than `since` are never given.
    ///
    /// Dropping the stream ends its connection.
    ///
    /// # Errors
    /// The first element is an error when the log cannot be opened; a later one, [`Error::Interrupted`], means that the
    /// connection was lost, which says nothing about the container.
    pub fn logs(
        &self,
        id: &str,
        query: LogQuery,
    ) -> impl Stream<Item = Result<LogPiece, Error>> + Send + use<> {
        let transport = self.inner.transport.clone();
        let state = State::Closed { path: path(id, query, self.inner.podman), query, id: id.to_owned() };
        stream::unfold((transport, state), |(transport, mut state)| async move {
            let piece = state.next(&transport).await?;
            Some((piece, (transport, state)))
        })
    }
}

fn path(id: &str, log: LogQuery, podman: bool) -> Result<String, Error> {
    let id = segment(id, About::Container(id))?;
    let mut pairs = vec![("stdout", "true"), ("stderr", "true"), ("timestamps", "true")];
    if log.follow {
        pairs.push(("follow", "true"));
    }
    let since = log.since.map(|at| seconds(at, podman));
    if let Some(since) = &since {
        pairs.push(("since", since));
    }
    let tail = log.tail.map(|lines| lines.to_string());
    if let Some(tail) = &tail {
        pairs.push(("tail", tail));
    }
    Ok(format!("/containers/{id}/logs{}", query(&pairs)))
}

/// A time as the API takes it. Docker reads the fraction exactly; Podman as a floating-point number that may be rounded
/// up, so it gets whole seconds, and what is too old is dropped here.
pub(super) fn seconds(at: Timestamp, podman: bool) -> String {
    let (seconds, nanos) = (at.as_second().max(0), at.subsec_nanosecond().max(0));
    if podman { seconds.to_string() } else { format!("{seconds}.{nanos:09}") }
}

enum State {
    Closed { path: Result<String, Error>, query: LogQuery, id: String },
    Open(Box<Open>),
    Ended,
}

struct Open {
    reply: Reply,
    decoder: Decoder,
    ready: VecDeque<LogPiece>,
    since: Option<Timestamp>,
    id: String,
}

impl State {
    async fn next(&mut self, transport: &Transport) -> Option<Result<LogPiece, Error>> {
        loop {
            match self {
                Self::Closed { .. } => {
                    let Self::Closed { path, query, id } = std::mem::replace(self, Self::Ended) else {
                        return None;
                    };
                    match open(transport, path, query, id).await {
                        Ok(open) => *self = Self::Open(Box::new(open)),
                        Err(error) => return Some(Err(error)),
                    }
                }
                Self::Open(open) => match open.next().await {
                    Some(Ok(piece)) => return Some(Ok(piece)),
                    ended => {
                        *self = Self::Ended;
                        return ended;
                    }
                },
                Self::Ended => return None,
            }
        }
    }
}

async fn open(
    transport: &Transport,
    path: Result<String, Error>,
    query: LogQuery,
    id: String,
) -> Result<Open, Error> {
    let reply = transport.open(Call::get(&path?, About::Container(&id))).await?;
    // Newer engines say which form it is; older ones leave it to the one who asks to know.
    let tty = match reply.header("content-type") {
        Some("application/vnd.docker.multiplexed-stream") => false,
        _ => query.tty,
    };
    let decoder = Decoder::new(tty);
    Ok(Open { reply, decoder, ready: VecDeque::new(), since: query.since, id })
}

impl Open {
    async fn next(&mut self) -> Option<Result<LogPiece, Error>> {
        let what = || format!("the log of container {}", super::error::clean(&self.id));
        loop {
            if let Some(piece) = self.ready.pop_front() {
                if self.since.is_none_or(|since| piece.at >= since) {
                    return Some(Ok(piece));
                }
                continue;
            }
            match self.reply.chunk().await {
                Some(Ok(chunk)) => {
                    if let Err(said) = self.decoder.push(&chunk, &mut self.ready) {
                        return Some(Err(Error::BadReply { what: what(), reason: said }));
                    }
                }
                Some(Err(error)) => {
                    return Some(Err(Error::Interrupted { what: format!("{} ({})", what(), chain(&error)) }));
                }
                None if self.decoder.is_whole() => {
                    self.decoder.finish(&mut self.ready);
                    if self.ready.is_empty() {
                        return None;
                    }
                }
                None => return Some(Err(Error::Interrupted { what: what() })),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn since_is_exact_for_docker_and_whole_for_podman() {
        let at: Timestamp = "2026-01-02T03:04:05.000000009Z".parse().unwrap();
        assert_eq!(seconds(at, false), "1767323045.000000009");
        assert_eq!(seconds(at, true), "1767323045");
        let query = LogQuery { since: Some(at), tail: Some(5), follow: true, tty: false };
        assert_eq!(
            path("abc", query, false).unwrap(),
            "/containers/abc/logs?stdout=true&stderr=true&timestamps=true&follow=true&since=1767323045.000000009&tail=5"
        );
        assert!(path("../x", LogQuery::default(), false).unwrap_err().is_gone());
    }
}
