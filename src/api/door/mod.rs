//! The door: the one place that every request passes, and where it is decided whether it may.
//!
//! In this order: how often its address may ask; by which name this service was called and from which site's page; who
//! asks; how often they may. What comes out gets the headers that keep browsers from doing more with it than they
//! should, and is counted.

mod names;
mod rates;

use std::time::{Duration, Instant};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};

pub use names::Names;
pub use rates::Rates;

use super::{
    problem::Problem,
    state::{Api, Peer},
};
use crate::{
    engine::Handle,
    model::{Credential, Origin, Purpose, Secret, ServerId},
};

/// How long a request may take to arrive and to be answered; streams are not bound by it.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a route is, to the door.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Everybody may ask.
    Open,
    /// The metrics have a rule of their own.
    Metrics,
    /// Whoever shows a token.
    Usual,
    /// Whoever shows a token, or a ticket for this purpose.
    Stream(Purpose),
}

fn kind(route: Option<&str>) -> Kind {
    match route {
        // What is not there is not there for anybody.
        None | Some("/api/health" | "/api/openapi.json" | "/api/docs" | "/") => Kind::Open,
        Some("/metrics") => Kind::Metrics,
        Some("/api/events") => Kind::Stream(Purpose::Events),
        Some("/api/servers/console/{id}") => Kind::Stream(Purpose::Console),
        Some(_) => Kind::Usual,
    }
}

/// Lets a request pass, or answers it here.
pub async fn pass(State(api): State<Api>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let origin = request.headers().get(header::ORIGIN).cloned();
    let live = api.live.borrow().clone();
    let mut response = match enter(&api, &live, request, route.as_deref(), next).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    };
    let secure = api.tls;
    dress(response.headers_mut(), secure);
    if let Some(origin) = origin.filter(|origin| live.names.is_other_site(origin)) {
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::VARY, HeaderValue::from_static("origin"));
    }
    // A path that nobody knows is no label: whoever guesses paths must not fill the metrics.
    let route = route.unwrap_or_else(|| "unknown".to_owned());
    api.requests.count(&method, &route, response.status());
    tracing::debug!(%method, route, status = response.status().as_u16(), took = ?began.elapsed(), "answered");
    response
}

async fn enter(
    api: &Api,
    live: &super::state::Live,
    request: Request,
    route: Option<&str>,
    next: Next,
) -> Result<Response, Problem> {
    let peer = request.extensions().get::<Peer>().map(|peer| peer.0);
    if let Some(peer) = peer {
        api.rates.address(peer)?;
    }
    live.names.check(request.headers(), request.uri(), api.tls)?;
    if request.method() == Method::OPTIONS && request.headers().contains_key(header::ORIGIN) {
        return Ok(preflight());
    }
    let kind = kind(route);
    // A body cannot be looked at from two sides, so it waits aside.
    let (mut parts, body) = request.into_parts();
    if let Some(handle) = let_in(api, live, kind, &parts, peer).await? {
        parts.extensions.insert(handle);
    }
    let request = Request::from_parts(parts, body);
    if matches!(kind, Kind::Stream(_)) {
        return Ok(next.run(request).await);
    }
    let answered = tokio::time::timeout(PATIENCE, super::replay::run(api, request, next));
    answered.await.unwrap_or_else(|_| Err(Problem::too_slow()))
}

/// Who asks, where the route wants to know.
async fn let_in(
    api: &Api,
    live: &super::state::Live,
    kind: Kind,
    parts: &Parts,
    peer: Option<std::net::IpAddr>,
) -> Result<Option<Handle>, Problem> {
    if kind == Kind::Open {
        return Ok(None);
    }
    let shown = credential(&parts.headers);
    if kind == Kind::Metrics {
        match (&live.metrics_token, &shown) {
            (Some(token), Some(Credential::Token(shown))) if same(&token.0, &shown.0) => return Ok(None),
            (None, None) if peer.is_some_and(|peer| peer.is_loopback()) => return Ok(None),
            _ => {}
        }
    }
    let credential = match (kind, shown) {
        (_, Some(shown)) => shown,
        (Kind::Stream(purpose), None) => ticket(&parts.uri, purpose).unwrap_or_else(nothing),
        _ => nothing(),
    };
    let handle = match (api.engine.admit(credential, peer).await, peer) {
        (Ok(handle), _) => handle,
        (Err(fault), Some(peer)) => return Err(api.rates.wrong(peer, fault)),
        (Err(fault), None) => return Err(fault.into()),
    };
    if let Origin::Api(caller) = handle.origin()
        && let Some(token) = caller.token
    {
        api.rates.token(token)?;
    }
    if kind == Kind::Metrics {
        // The metrics are of all servers.
        handle.sees_all()?;
    }
    Ok(Some(handle))
}

fn nothing() -> Credential {
    Credential::Token(Secret(String::new()))
}

/// What the `Authorization` header shows.
fn credential(headers: &HeaderMap) -> Option<Credential> {
    let (scheme, secret) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let secret = Secret(secret.trim().to_owned());
    match scheme {
        scheme if scheme.eq_ignore_ascii_case("bearer") => Some(Credential::Token(secret)),
        scheme if scheme.eq_ignore_ascii_case("pass") => Some(Credential::Pass(secret)),
        _ => None,
    }
}

/// The ticket of `?ticket=…`: browsers can send no header with a WebSocket or a stream of events.
fn ticket(uri: &Uri, purpose: Purpose) -> Option<Credential> {
    let query = uri.query().unwrap_or_default();
    let ticket = query.split('&').find_map(|pair| pair.strip_prefix("ticket="))?;
    let server = match purpose {
        Purpose::Events => None,
        Purpose::Console => {
            let last = uri.path().rsplit('/').next()?;
            Some(ServerId(uuid::Uuid::try_parse(last).ok()?))
        }
    };
    Some(Credential::Ticket(Secret(ticket.to_owned()), purpose, server))
}

/// Compares in a time that tells nothing of where they differ.
fn same(one: &str, other: &str) -> bool {
    use subtle::ConstantTimeEq;
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

/// The answer to a browser that asks whether a page of another site, which is allowed, may ask.
fn preflight() -> Response {
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, PUT, PATCH, DELETE"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type, idempotency-key"),
        (header::ACCESS_CONTROL_MAX_AGE, "600"),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

/// What the docs' own page may do, which is written here; everything else may do nothing.
pub const DOCS_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; \
frame-ancestors 'none'";
const POLICY: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Keeps browsers from doing more with an answer than they should.
fn dress(headers: &mut HeaderMap, secure: bool) {
    let fixed: [(HeaderName, &'static str); 6] = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    for (name, value) in fixed {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if secure {
        let year = HeaderValue::from_static("max-age=31536000");
        headers.entry(header::STRICT_TRANSPORT_SECURITY).or_insert(year);
    }
}
