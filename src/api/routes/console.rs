//! `WS /api/servers/console/{id}`: a console, live.
//!
//! Messages are JSON, each an object with a `type`. From here: `hello` first, with the engine's `run`; `lines`; `gap`
//! with how many lines were missed; `reply` and `error` to commands. To here: `command`. The connection is closed with
//! 1008 when the token no longer holds, with 1001 when the service ends, with 1000 when the server is gone.

use std::{num::NonZeroU32, sync::atomic::Ordering, time::Duration};

use axum::{
    body::Bytes,
    extract::{
        State, WebSocketUpgrade,
        ws::{CloseFrame, Message, WebSocket, close_code, rejection::WebSocketUpgradeRejection},
    },
    response::{IntoResponse, Response},
};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use serde::{Deserialize, Serialize};
use tokio::{
    sync::mpsc,
    time::{Instant, interval_at, sleep_until},
};
use utoipa::IntoParams;
use uuid::Uuid;

use super::{attend, caller, server_id};
use crate::{
    api::{
        problem::Problem,
        state::Api,
        take::{Ask, Caller, Named},
        view::LineView,
    },
    engine::{From, Handle},
    model::{Answer, Fault, FaultKind, Order, ServerId, console::Batch, face::Look},
};

/// The least time between two messages with lines. Each costs as much as dozens of lines in one: with it, a hundred may
/// watch a flood, and no line waits for longer.
const PACE: Duration = Duration::from_millis(4);
/// Batches of the engine in one message.
const TOGETHER: usize = 16;
/// Largest message that is taken, in bytes.
const MESSAGE_MAX: usize = 16 * 1024;
/// Read at a time, in bytes. All of it is zeroed each time it is looked whether something came.
const READ: usize = 2 * 1024;
/// What may wait to be sent, in bytes: a reader that does not read holds no more.
const UNSENT_MAX: usize = 1024 * 1024;
/// Commands that may wait for their answers.
const COMMANDS: usize = 16;
/// Messages a second, and how many may come at once.
const MESSAGES: (u32, u32) = (20, 60);
/// How often it is asked whether the other side is there; twice unanswered, it is not.
const BEAT: Duration = Duration::from_secs(20);
const LINES_USUAL: usize = 200;
const LINES_MAX: usize = 5_000;

/// From where on, and how.
#[derive(Deserialize, IntoParams, Clone, Debug, Default)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Wish {
    /// Begin with the last so many lines.
    #[param(minimum = 0, maximum = 5_000, default = 200)]
    tail: Option<usize>,
    /// Begin with the line of this number; needs `run`. What was missed meanwhile is told as a gap.
    from: Option<u64>,
    /// The run of the engine in which that number was told (`hello`): in another one, lines have other numbers.
    run: Option<Uuid>,
    /// Whether lines keep their colours, as SGR sequences.
    colors: Option<bool>,
    /// A ticket for this console, where no `Authorization` header can be sent.
    #[param(nullable = false)]
    #[allow(dead_code, reason = "the door reads it")]
    ticket: Option<String>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Told<'a> {
    Hello { run: Uuid, server: Uuid, resumed: bool },
    Lines { lines: Vec<LineView<'a>> },
    Gap { missed: Option<u64> },
    Reply { id: Option<String>, via: &'static str, reply: Option<String> },
    Error { id: Option<String>, problem: Problem },
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
enum Asked {
    Command {
        id: Option<String>,
        line: String,
        #[serde(default = "yes")]
        reply: bool,
    },
}

fn yes() -> bool {
    true
}

/// A console, live: a WebSocket. The last lines are replayed, then each new one follows; commands go in.
#[utoipa::path(get, path = "/api/servers/console/{id}", tag = "servers",
    params(("id" = String, Path, description = "Its id or its name; with a ticket, its id"), Wish), responses(
    (status = 101, description = "A WebSocket; see the guide of the API for its messages"),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn open(
    State(api): State<Api>,
    Caller(engine): Caller,
    Named(named): Named,
    Ask(wish): Ask<Wish>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    let id = server_id(&engine, &named)?;
    let (from, resumed) = match (wish.from, wish.run) {
        (Some(seq), Some(run)) if run == api.run => (From::Seq(seq), true),
        (Some(_), Some(_)) | (None, _) => {
            let tail = wish.tail.unwrap_or(LINES_USUAL);
            if tail > LINES_MAX {
                return Err(Problem::bad_request(format!("The query: tail must be at most {LINES_MAX}.")));
            }
            (From::Tail(tail), false)
        }
        (Some(_), None) => {
            return Err(Problem::bad_request("The query: from needs run, as `hello` told it."));
        }
    };
    let upgrade = upgrade.map_err(|_| Problem::bad_request("This path is a WebSocket (RFC 6455)."))?;
    let Ok(seat) = api.streams.clone().try_acquire_owned() else {
        return Err(Problem::too_often(10));
    };
    let lines = engine.watch(id, from).await?;
    let lost = wish.from.is_some() && !resumed;
    let visit =
        Visit { api: api.clone(), engine, server: id, colors: wish.colors.unwrap_or(false), resumed, lost };
    let upgrade = upgrade
        .read_buffer_size(READ)
        .max_message_size(MESSAGE_MAX)
        .max_frame_size(MESSAGE_MAX)
        .max_write_buffer_size(UNSENT_MAX);
    let tasks = api.tasks.clone();
    let response = upgrade.on_upgrade(move |socket| {
        tasks.track_future(async move {
            visit.api.viewers.fetch_add(1, Ordering::Relaxed);
            let look = caller(&visit.engine).map(|caller| Look::Console { caller, server: visit.server });
            let _stays = attend(&visit.api, look).await;
            let why = visit.serve(socket, lines).await;
            visit.api.viewers.fetch_sub(1, Ordering::Relaxed);
            tracing::debug!(server = %visit.server, why, "a console was left");
            drop(seat);
        })
    });
    Ok(response.into_response())
}

/// One who watches a console.
struct Visit {
    api: Api,
    engine: Handle,
    server: ServerId,
    colors: bool,
    resumed: bool,
    /// Whether it wished to go on where it was and cannot.
    lost: bool,
}

impl Visit {
    async fn serve(&self, mut socket: WebSocket, mut lines: mpsc::Receiver<Batch>) -> &'static str {
        let hello = Told::Hello { run: self.api.run, server: self.server.0, resumed: self.resumed };
        if send(&mut socket, &hello).await.is_err() {
            return "gone";
        }
        if self.lost && send(&mut socket, &Told::Gap { missed: None }).await.is_err() {
            return "gone";
        }
        let (commands, to_do) = mpsc::channel(COMMANDS);
        let (done, mut answers) = mpsc::channel(COMMANDS);
        // Commands go in the order in which they came, and lines do not wait for their answers.
        let work = type_all(self.engine.clone(), self.server, to_do, done);
        let worker = tokio_util::task::AbortOnDropHandle::new(tokio::spawn(work));
        let (code, why) = self.talk(&mut socket, &mut lines, &commands, &mut answers).await;
        drop(worker);
        if let Some(code) = code {
            let close = Message::Close(Some(CloseFrame { code, reason: why.into() }));
            let _ = tokio::time::timeout(Duration::from_secs(2), socket.send(close)).await;
        }
        why
    }

    async fn talk(
        &self,
        socket: &mut WebSocket,
        lines: &mut mpsc::Receiver<Batch>,
        commands: &mpsc::Sender<Asked>,
        answers: &mut mpsc::Receiver<Told<'static>>,
    ) -> (Option<u16>, &'static str) {
        let limiter = limiter();
        let mut beat = interval_at(Instant::now() + BEAT, BEAT);
        let mut unanswered = 0;
        let mut next = Instant::now();
        let mut ended = std::pin::pin!(self.engine.ended());
        loop {
            let sent = tokio::select! {
                () = &mut ended => return (Some(close_code::POLICY), "the token no longer holds"),
                () = self.api.stop.cancelled() => return (Some(close_code::AWAY), "the service ends"),
                batches = together(next, lines) => {
                    if batches.is_empty() {
                        return (Some(close_code::NORMAL), "the server is gone");
                    }
                    next = Instant::now() + PACE;
                    self.show(socket, &batches).await
                }
                Some(told) = answers.recv() => send(socket, &told).await,
                message = socket.recv() => {
                    unanswered = 0;
                    match message {
                        Some(Ok(Message::Text(text))) => {
                            if limiter.check().is_err() {
                                return (Some(close_code::POLICY), "messages come too fast");
                            }
                            self.take(socket, &text, commands).await
                        }
                        Some(Ok(Message::Binary(_))) => {
                            return (Some(close_code::UNSUPPORTED), "messages are text");
                        }
                        Some(Ok(Message::Ping(_) | Message::Pong(_))) => {
                            if limiter.check().is_err() {
                                return (Some(close_code::POLICY), "messages come too fast");
                            }
                            Ok(())
                        }
                        Some(Ok(Message::Close(_))) | None => return (None, "left"),
                        Some(Err(_)) => return (Some(close_code::SIZE), "a message could not be read"),
                    }
                },
                _ = beat.tick() => {
                    unanswered += 1;
                    if unanswered > 2 {
                        return (None, "silent");
                    }
                    socket.send(Message::Ping(Bytes::new())).await.map_err(drop)
                }
            };
            if sent.is_err() {
                return (None, "gone");
            }
        }
    }

    async fn show(&self, socket: &mut WebSocket, batches: &[Batch]) -> Result<(), ()> {
        // Where some are missing, that is told before those that follow.
        for whole in batches.chunk_by(|_, after| after.skipped == 0) {
            if let Some(missed) = whole.first().map(|batch| batch.skipped).filter(|missed| *missed > 0) {
                send(socket, &Told::Gap { missed: Some(missed) }).await?;
            }
            let lines = whole.iter().flat_map(|batch| batch.lines.lines());
            let lines: Vec<_> = lines.map(|line| LineView::new(&line, self.colors)).collect();
            if !lines.is_empty() {
                send(socket, &Told::Lines { lines }).await?;
            }
        }
        Ok(())
    }

    async fn take(
        &self,
        socket: &mut WebSocket,
        text: &str,
        commands: &mpsc::Sender<Asked>,
    ) -> Result<(), ()> {
        let problem = match serde_json::from_str::<Asked>(text) {
            Err(error) => (None, Problem::bad_request(format!("The message: {error}."))),
            Ok(asked) => match commands.try_send(asked) {
                Ok(()) => return Ok(()),
                Err(error) => {
                    let Asked::Command { id, .. } = error.into_inner();
                    (id, busy().into())
                }
            },
        };
        send(socket, &Told::Error { id: problem.0, problem: problem.1 }).await
    }
}

/// What is to be sent next, not before its time: what comes meanwhile goes with it. Nothing where there will be no more.
/// Cancel-safe.
async fn together(next: Instant, lines: &mut mpsc::Receiver<Batch>) -> Vec<Batch> {
    if next > Instant::now() {
        sleep_until(next).await;
    }
    let mut batches = Vec::new();
    lines.recv_many(&mut batches, TOGETHER).await;
    batches
}

fn limiter() -> DefaultDirectRateLimiter {
    let some = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
    RateLimiter::direct(Quota::per_second(some(MESSAGES.0)).allow_burst(some(MESSAGES.1)))
}

fn busy() -> Fault {
    Fault::new(
        FaultKind::Conflict,
        "Too many commands wait for their answers.",
        "The command was not sent.",
        "Send it again when the others were answered.",
    )
}

async fn type_all(
    engine: Handle,
    server: ServerId,
    mut commands: mpsc::Receiver<Asked>,
    answers: mpsc::Sender<Told<'static>>,
) {
    while let Some(Asked::Command { id, line, reply }) = commands.recv().await {
        let told = match engine.run(Order::Console { server, line, reply }).await {
            Ok(Answer::Sent { via, reply }) => Told::Reply { id, via: via.word(), reply },
            Ok(_) => continue,
            Err(fault) => Told::Error { id, problem: fault.into() },
        };
        if answers.send(told).await.is_err() {
            return;
        }
    }
}

async fn send(socket: &mut WebSocket, told: &Told<'_>) -> Result<(), ()> {
    let text = serde_json::to_string(told).map_err(drop)?;
    socket.send(Message::Text(text.into())).await.map_err(drop)
}
