//! What happened, for those who want to know: a bounded history, and streams that follow it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream;
use hyper::Response;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use serde::Serialize;
use tokio::sync::Notify;

use super::http::{Answer, Body, Filters, Query, streamed};
use super::world::Shared;

/// Events that are kept. Docker keeps 256; more here, because a thousand servers may start at once.
const KEPT: usize = 4096;

/// One event.
#[derive(Debug)]
pub(super) struct Event {
    nanos: i64,
    kind: &'static str,
    action: String,
    id: String,
    attributes: BTreeMap<String, String>,
}

#[derive(Serialize)]
struct Written<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<&'a str>,
    #[serde(rename = "Type")]
    kind: &'a str,
    #[serde(rename = "Action")]
    action: &'a str,
    #[serde(rename = "Actor")]
    actor: Actor<'a>,
    scope: &'a str,
    time: i64,
    #[serde(rename = "timeNano")]
    time_nano: i64,
}

#[derive(Serialize)]
struct Actor<'a> {
    #[serde(rename = "ID")]
    id: &'a str,
    #[serde(rename = "Attributes")]
    attributes: &'a BTreeMap<String, String>,
}

impl Event {
    fn write(&self, out: &mut Vec<u8>) {
        let container = self.kind == "container";
        let image = self.attributes.get("image").map(String::as_str);
        let written = Written {
            status: container.then_some(&*self.action),
            id: container.then_some(&*self.id),
            from: image.filter(|_| container),
            kind: self.kind,
            action: &self.action,
            actor: Actor { id: &self.id, attributes: &self.attributes },
            scope: "local",
            time: self.nanos / 1_000_000_000,
            time_nano: self.nanos,
        };
        // Plain strings into memory: it cannot fail.
        if serde_json::to_writer(&mut *out, &written).is_ok() {
            out.push(b'\n');
        }
    }

    fn fits(&self, filters: &Filters) -> bool {
        let word = self.action.split(':').next().unwrap_or_default();
        let name = self.attributes.get("name").map(String::as_str).unwrap_or_default();
        filters.any("type", |kind| kind == self.kind)
            && filters.any("event", |event| event == self.action || event == word)
            && filters.any("container", |container| {
                self.kind == "container" && (container == name || self.id.starts_with(container))
            })
            && filters.any("volume", |volume| self.kind == "volume" && self.id == volume)
            && filters.labels(&self.attributes)
    }
}

/// The history of events.
#[derive(Debug, Default)]
pub(super) struct Events {
    kept: VecDeque<Event>,
    /// The number of the first one that is kept.
    first: u64,
    last_nanos: i64,
    news: Arc<Notify>,
}

impl Events {
    /// Adds an event; times never go back and never repeat.
    pub(super) fn add(
        &mut self,
        nanos: i64,
        kind: &'static str,
        action: impl Into<String>,
        id: &str,
        attributes: BTreeMap<String, String>,
    ) {
        let nanos = nanos.max(self.last_nanos + 1);
        self.last_nanos = nanos;
        if self.kept.len() >= KEPT {
            self.kept.pop_front();
            self.first += 1;
        }
        self.kept.push_back(Event { nanos, kind, action: action.into(), id: id.to_owned(), attributes });
        self.news.notify_waiters();
    }

    fn end(&self) -> u64 {
        self.first + self.kept.len() as u64
    }

    /// Writes what is new since `next` and fits; `None` when some of it is no longer kept.
    fn read(&self, next: &mut u64, until: Option<i64>, filters: &Filters) -> Option<Vec<u8>> {
        let skip = usize::try_from(next.checked_sub(self.first)?).ok()?;
        let mut out = Vec::new();
        for event in self.kept.iter().skip(skip) {
            *next += 1;
            if event.fits(filters) && until.is_none_or(|until| event.nanos <= until) {
                event.write(&mut out);
            }
            if out.len() > 32 * 1024 {
                break;
            }
        }
        Some(out)
    }

    fn since(&self, nanos: Option<i64>) -> u64 {
        let Some(nanos) = nanos else { return self.end() };
        self.first + self.kept.partition_point(|event| event.nanos < nanos) as u64
    }
}

struct Follower {
    shared: Arc<Shared>,
    next: u64,
    until: Option<i64>,
    filters: Filters,
}

impl Follower {
    async fn chunk(&mut self) -> Option<Bytes> {
        let news = self.shared.lock().events.news.clone();
        loop {
            let mut waiting = std::pin::pin!(news.notified());
            waiting.as_mut().enable();
            self.shared.faults.flow().await;
            let now = {
                let world = self.shared.lock();
                // Who fell so far behind that events are gone is cut off, rather than told a half truth.
                let chunk = world.events.read(&mut self.next, self.until, &self.filters)?;
                if !chunk.is_empty() {
                    return Some(chunk.into());
                }
                world.now().nanos
            };
            let Some(until) = self.until else {
                waiting.await;
                continue;
            };
            let left = u64::try_from(until - now).ok().filter(|left| *left > 0)?;
            let _ = tokio::time::timeout(std::time::Duration::from_nanos(left), waiting).await;
        }
    }
}

/// `GET /events`
pub(super) fn follow(shared: &Arc<Shared>, query: &Query) -> Answer {
    let (since, until) = (query.nanos("since")?, query.nanos("until")?);
    let next = shared.lock().events.since(since);
    let follower = Follower { shared: shared.clone(), next, until, filters: query.filters()? };
    let mut response: Response<Body> = streamed(stream::unfold(follower, |mut follower| async move {
        let chunk = follower.chunk().await?;
        Some((Ok(chunk), follower))
    }));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}
