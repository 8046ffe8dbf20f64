//! The audit trail.

use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::api::{
    problem::Problem,
    take::{Ask, Caller},
    view::AuditView,
};

/// Which lines.
#[derive(Deserialize, IntoParams, Clone, Debug, Default)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// At most so many, the last ones.
    #[param(minimum = 1, maximum = 1_000, default = 100)]
    limit: Option<usize>,
    /// Only those before the line of this number.
    #[param(minimum = 0)]
    before: Option<u64>,
}

/// Lines of the audit trail.
#[derive(Serialize, ToSchema, Debug)]
pub struct Trail {
    /// Oldest first.
    items: Vec<AuditView>,
}

/// The last lines of the audit trail: who did what to which server, and what came of it.
#[utoipa::path(get, path = "/api/audit", tag = "access", params(Which), responses(
    (status = 200, body = Trail), (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn list(Caller(engine): Caller, Ask(which): Ask<Which>) -> Result<Json<Trail>, Problem> {
    let limit = which.limit.unwrap_or(100);
    if !(1..=1_000).contains(&limit) {
        return Err(Problem::bad_request("The query: limit must be from 1 to 1000."));
    }
    if which.before.is_some_and(|before| i64::try_from(before).is_err()) {
        return Err(Problem::bad_request("The query: before must be the number of a line."));
    }
    let entries = engine.audit(limit, which.before).await?;
    Ok(Json(Trail { items: entries.iter().map(Into::into).collect() }))
}
