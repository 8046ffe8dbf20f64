//! A connection that becomes a container's input and output.

use std::sync::Arc;

use hyper::body::Incoming;
use hyper::header::{CONNECTION, CONTENT_TYPE, HeaderValue, UPGRADE};
use hyper::upgrade::OnUpgrade;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::container::{Key, Status};
use super::follow::{Follower, Goal, output_type};
use super::http::{Answer, Body, Query, empty, streamed};
use super::logs::Wanted;
use super::refusal::Refusal;
use super::world::{Shared, World};

/// Bytes read from a connection at a time.
const CHUNK: usize = 8 * 1024;

impl World {
    /// Gives bytes to a container's input. `false`: nobody will ever read them.
    fn input(&mut self, key: Key, bytes: &[u8]) -> bool {
        let now = self.now();
        let Some(container) = self.containers.get_mut(&key) else { return false };
        if !container.plan.open_stdin || container.state.status != Status::Running {
            // What is typed before the start or while it is frozen is lost here; a real pipe would keep a little of it.
            return container.plan.open_stdin;
        }
        if container.plan.tty {
            // A terminal shows what is typed.
            let whole: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != b'\r').collect();
            container.log.append(now.nanos, false, true, &whole);
        }
        self.drive(key, |sim, cx| sim.stdin(cx, bytes));
        true
    }
}

/// Whether a request wants its connection for itself.
pub(super) fn wants_upgrade(request: &Request<Incoming>) -> bool {
    request.headers().contains_key(UPGRADE)
}

/// The answer after which the connection is no longer HTTP.
pub(super) fn switching(shared: &Shared, tty: bool) -> Response<Body> {
    let mut response = empty(StatusCode::SWITCHING_PROTOCOLS);
    let headers = response.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("tcp"));
    headers.insert(CONTENT_TYPE, output_type(shared, tty));
    response
}

/// `POST /containers/{id}/attach`
pub(super) fn attach(
    shared: &Arc<Shared>,
    key: Key,
    query: &Query,
    mut request: Request<Incoming>,
) -> Answer {
    let tty = {
        let world = shared.lock();
        let container = world.get(key)?;
        let id = &container.id;
        match container.state.status {
            Status::Paused => {
                let message = format!("Container {id} is paused, unpause the container before attach");
                return Err(Refusal::conflict(message));
            }
            Status::Restarting => {
                let message = format!("Container {id} is restarting, wait until the container is running");
                return Err(Refusal::conflict(message));
            }
            Status::Running | Status::Created | Status::Exited => container.plan.tty,
        }
    };
    let stream = query.flag("stream");
    let wanted = Wanted {
        stdout: query.flag("stdout"),
        stderr: query.flag("stderr"),
        since: None,
        until: None,
        timestamps: false,
        raw: tty,
    };
    let tail = if query.flag("logs") { None } else { Some(0) };
    let output = Follower::enter(shared, key, wanted, tail, if stream { Goal::NextRun } else { Goal::Now })?;
    shared.change(|world| world.emit(key, "attach", &[]));
    if !wants_upgrade(&request) {
        return Ok(streamed(output.pieces()));
    }
    let upgrade = hyper::upgrade::on(&mut request);
    let stdin = stream && query.flag("stdin");
    let task = carry(shared.clone(), key, upgrade, stdin, output);
    let faults = shared.faults.clone();
    tokio::spawn(async move {
        tokio::select! {
            () = task => {}
            () = faults.closed() => {}
        }
    });
    Ok(switching(shared, tty))
}

/// Carries bytes both ways until the container's run ends or the other side goes away.
async fn carry(shared: Arc<Shared>, key: Key, upgrade: OnUpgrade, stdin: bool, mut output: Follower) {
    let Ok(connection) = upgrade.await else { return };
    let (mut from, mut to) = tokio::io::split(TokioIo::new(connection));
    let weak = Arc::downgrade(&shared);
    drop(shared);
    let input = async {
        let mut buffer = vec![0; CHUNK];
        loop {
            match from.read(&mut buffer).await {
                Ok(0) if stdin => std::future::pending().await,
                Ok(0) | Err(_) => return,
                Ok(_) if !stdin => {}
                Ok(count) => {
                    let Some(shared) = weak.upgrade() else { return };
                    shared.faults.flow().await;
                    let bytes = buffer.get(..count).unwrap_or_default();
                    if !shared.change(|world| world.input(key, bytes)) {
                        return;
                    }
                }
            }
        }
    };
    let output = async {
        while let Some(piece) = output.piece().await {
            if to.write_all(&piece).await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        () = input => {}
        () = output => {}
    }
}
