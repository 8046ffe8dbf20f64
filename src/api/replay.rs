//! `Idempotency-Key`: a request that is sent again with the same key is answered again as the first time, and not done
//! again. Kept in memory, for a day at most.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::Request,
    http::{HeaderMap, Method, StatusCode, header},
    middleware::Next,
    response::Response,
};
use ring::digest::{SHA256, digest};
use tokio::time::Instant;

use super::{problem::Problem, state::Api, take::BODY_MAX};
use crate::{engine::Handle, model::Origin};

/// How long an answer is kept.
const KEPT: Duration = Duration::from_secs(24 * 3600);
/// Answers that are kept in all; the oldest go first.
const MOST: usize = 4_096;
/// Largest answer that is kept; none of an order is larger.
const ANSWER_MAX: usize = 64 * 1024;
/// Longest key.
const KEY_MAX: usize = 255;

/// An answer that holds a secret: it is not kept, and not given again.
#[derive(Clone, Copy)]
pub struct Secretive;

/// Who used which key.
type Key = (String, String);

enum Answer {
    UnderWay,
    Given { status: StatusCode, headers: HeaderMap, body: Bytes },
    Secret,
}

struct Kept {
    asked: [u8; 32],
    at: Instant,
    answer: Answer,
}

/// Answers that are given again.
#[derive(Default)]
pub struct Replays {
    kept: Mutex<(HashMap<Key, Kept>, VecDeque<Key>)>,
}

impl Replays {
    fn begin(&self, key: &Key, asked: [u8; 32]) -> Result<Option<Response>, Problem> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let (known, order) = &mut *kept;
        while let Some(oldest) = order.front() {
            let old = known.get(oldest).is_none_or(|kept| kept.at.elapsed() > KEPT);
            if !old && known.len() < MOST {
                break;
            }
            known.remove(oldest);
            order.pop_front();
        }
        let Some(before) = known.get(key) else {
            known.insert(key.clone(), Kept { asked, at: Instant::now(), answer: Answer::UnderWay });
            order.push_back(key.clone());
            return Ok(None);
        };
        if before.asked != asked {
            return Err(Problem::key(
                StatusCode::UNPROCESSABLE_ENTITY,
                "The key was used for another request; nothing was done.",
            ));
        }
        match &before.answer {
            Answer::UnderWay => {
                Err(Problem::key(StatusCode::CONFLICT, "The first request with this key is still under way."))
            }
            Answer::Secret => Err(Problem::key(
                StatusCode::CONFLICT,
                "The first request with this key was done; its answer held a secret, which is told once.",
            )),
            Answer::Given { status, headers, body } => {
                let mut response = Response::new(Body::from(body.clone()));
                (*response.status_mut(), *response.headers_mut()) = (*status, headers.clone());
                response
                    .headers_mut()
                    .insert("idempotency-replayed", header::HeaderValue::from_static("true"));
                Ok(Some(response))
            }
        }
    }

    fn end(&self, key: &Key, answer: Option<Answer>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        match answer {
            Some(answer) => {
                if let Some(kept) = kept.0.get_mut(key) {
                    kept.answer = answer;
                }
            }
            None => {
                kept.0.remove(key);
                kept.1.retain(|other| other != key);
            }
        }
    }
}

/// Forgets a key whose request was given up on the way: nobody knows what came of it, so it is the engine's to say.
struct Guard<'a> {
    replays: &'a Replays,
    key: Option<Key>,
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if let Some(key) = self.key.take() {
            self.replays.end(&key, None);
        }
    }
}

/// Answers a request, or again as it was answered before.
///
/// # Errors
/// A key that cannot be used.
pub async fn run(api: &Api, request: Request, next: Next) -> Result<Response, Problem> {
    let changes = matches!(*request.method(), Method::POST | Method::PUT | Method::PATCH | Method::DELETE);
    let (Some(key), true) = (request.headers().get("idempotency-key").cloned(), changes) else {
        return Ok(next.run(request).await);
    };
    let key = key.to_str().ok().filter(|key| !key.is_empty() && key.len() <= KEY_MAX).map(str::to_owned);
    let key = key
        .ok_or_else(|| Problem::bad_request("The Idempotency-Key must have 1 to 255 characters of ASCII."))?;
    let Some(caller) = request.extensions().get::<Handle>().map(who) else {
        return Ok(next.run(request).await);
    };
    let key = (caller, key);
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, BODY_MAX).await.map_err(|_| Problem::too_large(BODY_MAX))?;
    let mut asked = format!("{} {}\n", parts.method, parts.uri).into_bytes();
    asked.extend_from_slice(&body);
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, &asked).as_ref());
    if let Some(again) = api.replays.begin(&key, hash)? {
        return Ok(again);
    }
    let mut guard = Guard { replays: &api.replays, key: Some(key.clone()) };
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    // What went wrong on this side may go better the next time.
    if response.status().is_server_error() || response.status() == StatusCode::TOO_MANY_REQUESTS {
        return Ok(response);
    }
    guard.key = None;
    if response.extensions().get::<Secretive>().is_some() {
        api.replays.end(&key, Some(Answer::Secret));
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let Ok(body) = to_bytes(body, ANSWER_MAX).await else {
        api.replays.end(&key, None);
        return Err(Problem::key(StatusCode::CONFLICT, "The answer was too large to be kept for this key."));
    };
    let given = Answer::Given { status: parts.status, headers: parts.headers.clone(), body: body.clone() };
    api.replays.end(&key, Some(given));
    Ok(Response::from_parts(parts, Body::from(body)))
}

/// Whose keys these are: keys of two callers never meet.
fn who(handle: &Handle) -> String {
    match handle.origin() {
        Origin::Api(caller) => match caller.token {
            Some(token) => token.to_string(),
            None => caller.note.clone(),
        },
        other => format!("{other:?}"),
    }
}
