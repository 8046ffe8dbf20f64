//! Jobs.

use axum::{Json, response::Response};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{id, nothing, order};
use crate::{
    api::{
        page::{Page, Paging},
        problem::Problem,
        take::{Ask, Caller, Named},
        view::JobView,
    },
    model::Order,
};

/// Which jobs.
#[derive(Deserialize, IntoParams, Clone, Debug, Default)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// Only those of this server, by its id.
    server: Option<uuid::Uuid>,
    /// Only those that run, or only those that have ended.
    running: Option<bool>,
    /// Which page; the first is 1.
    #[param(minimum = 1, maximum = 1_000_000)]
    page: Option<usize>,
    /// Items of a page.
    #[param(minimum = 1, maximum = 500)]
    per_page: Option<usize>,
}

/// The jobs that run and the last hundred that ended, newest first.
#[utoipa::path(get, path = "/api/jobs/", tag = "jobs", params(Which), responses(
    (status = 200, body = Page<JobView>), (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn list(Caller(engine): Caller, Ask(which): Ask<Which>) -> Result<Json<Page<JobView>>, Problem> {
    let world = engine.now();
    let chosen: Vec<_> = world
        .jobs
        .iter()
        .rev()
        .filter(|job| which.server.is_none_or(|server| job.server.is_some_and(|id| id.0 == server)))
        .filter(|job| which.running.is_none_or(|running| job.is_running() == running))
        .collect();
    let paging = Paging { page: which.page, per_page: which.per_page };
    Ok(Json(paging.of(&chosen, |job| (&***job).into())?))
}

/// A job.
#[utoipa::path(get, path = "/api/jobs/{id}", tag = "jobs",
    params(("id" = uuid::Uuid, Path, description = "Its id")), responses(
    (status = 200, body = JobView), (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn show(Caller(engine): Caller, Named(named): Named) -> Result<Json<JobView>, Problem> {
    let world = engine.now();
    let job = world.job(id(&named, "job")?).ok_or_else(|| nothing("job"))?;
    Ok(Json((&**job).into()))
}

/// Cancel a job: what it has made is undone.
#[utoipa::path(post, path = "/api/jobs/{id}/cancel", tag = "jobs",
    params(("id" = uuid::Uuid, Path, description = "Its id")), responses(
    (status = 204, description = "It is being cancelled"),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn cancel(Caller(engine): Caller, Named(named): Named) -> Result<Response, Problem> {
    order(&engine, Order::Cancel(id(&named, "job")?)).await
}
