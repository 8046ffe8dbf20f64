//! What a caller is told when something did not work: problem details (RFC 9457).

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::model::{Fault, FaultKind};

/// Problem details, RFC 9457.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct Problem {
    /// The sort of the problem, `urn:mineclifford:problem:…`.
    #[serde(rename = "type")]
    kind: String,
    /// The same for people.
    title: &'static str,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What happened.
    detail: String,
    /// What it means for the server.
    #[serde(skip_serializing_if = "String::is_empty")]
    means: String,
    /// What to do next.
    #[serde(skip_serializing_if = "String::is_empty")]
    next: String,
    /// The field that breaks its rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    #[serde(skip)]
    retry_after: Option<u64>,
}

impl Problem {
    fn new(status: StatusCode, word: &str, title: &'static str, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("urn:mineclifford:problem:{word}"),
            title,
            status: status.as_u16(),
            detail: detail.into(),
            means: String::new(),
            next: String::new(),
            field: None,
            retry_after: None,
        }
    }

    fn next(self, next: impl Into<String>) -> Self {
        Self { next: next.into(), ..self }
    }

    /// The request itself cannot be read.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad-request", "The request cannot be read", detail)
            .next("See /api/openapi.json for what may be sent.")
    }

    /// There is no such path.
    pub fn no_route() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not-found",
            "There is no such thing",
            "There is nothing at this path.",
        )
        .next("/api/docs lists every path.")
    }

    /// The path is there, the method is not.
    pub fn no_method() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method-not-allowed",
            "Not with this method",
            "This path does not know this method.",
        )
        .next("/api/docs lists every path and its methods.")
    }

    /// The body is larger than may be.
    pub fn too_large(most: usize) -> Self {
        let detail = format!("The body has more than {most} bytes.");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "The body is too large", detail)
    }

    /// The body is no JSON.
    pub fn media_type() -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "media-type",
            "The body is of another kind",
            "The body must be JSON, sent with `Content-Type: application/json`.",
        )
    }

    /// The request took too long to arrive or to be answered.
    pub fn too_slow() -> Self {
        Self::new(
            StatusCode::REQUEST_TIMEOUT,
            "timeout",
            "It took too long",
            "The request did not arrive, or could not be answered, in time.",
        )
        .next("Look whether it was done before you send it again; an Idempotency-Key makes that safe.")
    }

    /// The caller asks too often.
    pub fn too_often(seconds: u64) -> Self {
        let problem = Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too-many-requests",
            "Too many requests",
            format!("Requests come faster than they are taken. Try again in {seconds} s."),
        );
        Self { retry_after: Some(seconds.max(1)), ..problem }
    }

    /// The request names a host that this is not.
    pub fn wrong_host() -> Self {
        Self::new(
            StatusCode::MISDIRECTED_REQUEST,
            "wrong-host",
            "Not this host",
            "The Host of the request is no name of this service.",
        )
        .next("Use its address, or add the name to `api.hosts` in the settings.")
    }

    /// The request comes from a page of another site.
    pub fn wrong_origin() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "wrong-origin",
            "Not from this site",
            "The request comes from a page of another site.",
        )
        .next("Add that site to `api.origins` in the settings if its pages are to use this API.")
    }

    /// The key was used for something else, or is being used.
    pub fn key(status: StatusCode, detail: &str) -> Self {
        Self::new(status, "idempotency-key", "This Idempotency-Key cannot be used", detail)
    }

    /// The status that it is sent with.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        let (status, word, title) = match fault.kind {
            FaultKind::Invalid => (StatusCode::UNPROCESSABLE_ENTITY, "invalid", "A value breaks its rule"),
            FaultKind::NotFound => (StatusCode::NOT_FOUND, "not-found", "There is no such thing"),
            FaultKind::Conflict => (StatusCode::CONFLICT, "conflict", "It clashes with what is there"),
            FaultKind::Unreachable => {
                (StatusCode::SERVICE_UNAVAILABLE, "unreachable", "The Docker engine cannot be reached")
            }
            FaultKind::Denied => (StatusCode::FORBIDDEN, "denied", "That may not be done"),
            FaultKind::Unauthenticated => {
                (StatusCode::UNAUTHORIZED, "unauthenticated", "Nobody knows who asks")
            }
            FaultKind::Cancelled => (StatusCode::CONFLICT, "cancelled", "It was cancelled"),
            FaultKind::Failed => (StatusCode::INTERNAL_SERVER_ERROR, "failed", "It went wrong"),
        };
        let problem = Self::new(status, word, title, fault.what);
        Self { means: fault.means, next: fault.next, field: fault.field, ..problem }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, retry_after) = (self.status(), self.retry_after);
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
