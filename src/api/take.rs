//! What handlers take out of a request, each with a problem where it is not as it must be.

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Path, Query, Request},
    http::{HeaderMap, header, request::Parts},
};
use serde::de::DeserializeOwned;

use super::{problem::Problem, state::Api};
use crate::{
    engine::Handle,
    model::{Fault, FaultKind},
};

/// Largest body of a request, in bytes.
pub const BODY_MAX: usize = 256 * 1024;

/// Whoever asks, let in by the door: a way into the engine through which they see and do what they may.
pub struct Caller(pub Handle);

impl FromRequestParts<Api> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Self, Problem> {
        // The door lets nobody pass to a route that has a caller without putting the handle here.
        parts.extensions.get::<Handle>().cloned().map(Self).ok_or_else(|| {
            Fault::new(FaultKind::Unauthenticated, "Nobody knows who asks.", "", "Send a token.").into()
        })
    }
}

/// A body of JSON.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Api> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &Api) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Problem::media_type());
        }
        let bytes = bytes(request, state).await?;
        parse(&bytes).map(Self)
    }
}

/// A body of JSON that may be left out: then it is what holds by itself.
pub struct MaybeBody<T>(pub T);

impl<T: DeserializeOwned + Default> FromRequest<Api> for MaybeBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &Api) -> Result<Self, Problem> {
        let json = is_json(request.headers());
        let bytes = bytes(request, state).await?;
        if bytes.is_empty() {
            return Ok(Self(T::default()));
        }
        if !json {
            return Err(Problem::media_type());
        }
        parse(&bytes).map(Self)
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
}

async fn bytes(request: Request, state: &Api) -> Result<Bytes, Problem> {
    Bytes::from_request(request, state).await.map_err(|rejection| match rejection.status().as_u16() {
        413 => Problem::too_large(BODY_MAX),
        _ => Problem::bad_request("The body broke off."),
    })
}

/// The depth of what is nested is bounded by the reader itself.
fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    // The reader would take a list for an object whose fields come in order.
    if bytes.trim_ascii_start().first() == Some(&b'[') {
        return Err(Problem::bad_request("The body: it must be an object, not a list."));
    }
    serde_json::from_slice(bytes).map_err(|error| Problem::bad_request(format!("The body: {error}.")))
}

/// What is asked for behind the `?`.
pub struct Ask<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<Api> for Ask<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Self, Problem> {
        let Query(value) = Query::try_from_uri(&parts.uri)
            .map_err(|error| Problem::bad_request(format!("The query: {}.", error.body_text())))?;
        Ok(Self(value))
    }
}

/// The one part of the path that names something.
pub struct Named(pub String);

impl FromRequestParts<Api> for Named {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &Api) -> Result<Self, Problem> {
        let Path(name) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|_| Problem::bad_request("The path is no text."))?;
        Ok(Self(name))
    }
}
