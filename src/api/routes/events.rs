//! `/api/events`: what happens, as server-sent events.

use std::{collections::HashMap, convert::Infallible, sync::Arc, time::Duration};

use axum::{
    extract::State,
    http::StatusCode,
    response::{
        IntoResponse, Response,
        sse::{Event as Sent, KeepAlive, Sse},
    },
};
use serde::{Deserialize, Serialize};
use tokio::sync::{broadcast::error::RecvError, mpsc};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{attend, caller};
use crate::{
    api::{
        problem::Problem,
        state::Api,
        take::{Ask, Caller},
        view::{JobView, word},
    },
    engine::Handle,
    model::{Event, ServerId, Snapshot, face::Look},
};

/// Events that may wait for a reader that is slow; it is told when there were more.
const WAITING: usize = 256;
/// A stream on which nothing happens shows so often that it lives.
const BEAT: Duration = Duration::from_secs(15);

/// A ticket, for browsers.
#[derive(Deserialize, IntoParams, Debug, Default)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
#[allow(dead_code)]
pub struct Shown {
    /// A ticket for `events`, where no `Authorization` header can be sent.
    #[param(nullable = false)]
    ticket: Option<String>,
}

/// A person should be told.
#[derive(Serialize, ToSchema)]
#[schema(as = Notice)]
struct NoticeView {
    at: jiff::Timestamp,
    severity: String,
    topic: &'static str,
    server: Option<Uuid>,
    text: String,
    details: String,
}

/// A player came.
#[derive(Serialize, ToSchema)]
#[schema(as = Joined)]
struct JoinedView<'a> {
    at: jiff::Timestamp,
    server: Uuid,
    player: &'a str,
}

/// A server is another than it was; gone when its status is `null`.
#[derive(Serialize, ToSchema)]
struct Changed {
    id: Uuid,
    name: String,
    status: Option<&'static str>,
}

/// What happens, from now on: `notice` (a person should be told), `job` (a job ended), `server` (its status changed, it
/// came or went), and `missed` with a number, where this reader was too slow for so many.
#[utoipa::path(get, path = "/api/events", tag = "service", params(Shown), responses(
    (status = 200, description = "Server-sent events", content_type = "text/event-stream", body = String),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn stream(
    State(api): State<Api>,
    Caller(engine): Caller,
    Ask(_): Ask<Shown>,
) -> Result<Response, Problem> {
    let Ok(seat) = api.streams.clone().try_acquire_owned() else {
        return Ok((StatusCode::SERVICE_UNAVAILABLE, Problem::too_often(10)).into_response());
    };
    let (to, from) = mpsc::channel(WAITING);
    let stop = api.stop.clone();
    let look = caller(&engine).map(|caller| Look::Events { caller });
    let stays = attend(&api, look).await;
    api.tasks.spawn(async move {
        let _stays = stays;
        tokio::select! {
            () = stop.cancelled() => {}
            () = engine.ended() => {}
            () = to.closed() => {}
            () = tell(&engine, &to) => {}
        }
        drop(seat);
    });
    let stream = futures_util::stream::unfold(from, |mut from| async move {
        from.recv().await.map(|sent: Sent| (Ok::<_, Infallible>(sent), from))
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(BEAT)).into_response())
}

async fn tell(engine: &Handle, to: &mpsc::Sender<Sent>) {
    let mut events = engine.events();
    let mut snapshots = engine.snapshots();
    let mut known = statuses(&engine.now());
    loop {
        let sent = tokio::select! {
            event = events.recv() => match event {
                Ok(event) if engine.hears(&event) => to_sent(engine, &event).into_iter().collect(),
                Ok(_) => Vec::new(),
                Err(RecvError::Lagged(missed)) => vec![missed_so_many(missed)],
                Err(RecvError::Closed) => return,
            },
            changed = snapshots.changed() => {
                if changed.is_err() {
                    return;
                }
                changes(&mut known, &engine.now())
            }
        };
        for sent in sent {
            if to.send(sent).await.is_err() {
                return;
            }
        }
    }
}

type Known = HashMap<ServerId, (String, &'static str)>;

fn statuses(world: &Snapshot) -> Known {
    let all = world.servers.iter();
    all.map(|server| (server.id(), (server.name().to_owned(), server.state.word()))).collect()
}

fn changes(known: &mut Known, world: &Arc<Snapshot>) -> Vec<Sent> {
    let mut sent = Vec::new();
    for server in &world.servers {
        let (id, name, status) = (server.id(), server.name(), server.state.word());
        if known.get(&id).is_some_and(|(before, was)| before == name && *was == status) {
            continue;
        }
        known.insert(id, (name.to_owned(), status));
        sent.push(Changed { id: id.0, name: name.to_owned(), status: Some(status) });
    }
    if known.len() > world.servers.len() {
        let there: std::collections::HashSet<_> = world.servers.iter().map(|server| server.id()).collect();
        known.retain(|id, (name, _)| {
            let stays = there.contains(id);
            if !stays {
                sent.push(Changed { id: id.0, name: std::mem::take(name), status: None });
            }
            stays
        });
    }
    sent.iter().filter_map(|changed| sse("server", changed)).collect()
}

fn to_sent(engine: &Handle, event: &Event) -> Option<Sent> {
    match event {
        Event::Notice(notice) => sse(
            "notice",
            &NoticeView {
                at: notice.at,
                severity: word(&notice.severity),
                topic: notice.topic.word(),
                server: notice.server.map(|id| id.0),
                text: notice.text.clone(),
                details: notice.details.clone(),
            },
        ),
        Event::JobEnded { job, .. } => sse("job", &JobView::from(&**engine.now().job(*job)?)),
        Event::Joined { at, server, player } => {
            sse("player", &JoinedView { at: *at, server: server.0, player })
        }
    }
}

fn sse(name: &str, data: &impl Serialize) -> Option<Sent> {
    Some(Sent::default().event(name).data(serde_json::to_string(data).ok()?))
}

fn missed_so_many(missed: u64) -> Sent {
    Sent::default().event("missed").data(missed.to_string())
}
