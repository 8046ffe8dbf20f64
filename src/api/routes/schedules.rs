//! Schedules.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{id, nothing, order};
use crate::{
    api::{
        page::{Page, Paging},
        problem::Problem,
        take::{Ask, Body, Caller, Named},
        view::{Accepted, PlanView, ScheduleView},
    },
    model::{Answer, Order, ScheduleId},
};

/// The schedules, by name.
#[utoipa::path(get, path = "/api/schedules/", tag = "schedules", params(Paging), responses(
    (status = 200, body = Page<ScheduleView>), (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn list(
    Caller(engine): Caller,
    Ask(paging): Ask<Paging>,
) -> Result<Json<Page<ScheduleView>>, Problem> {
    Ok(Json(paging.of(&engine.now().schedules, |schedule| (&**schedule).into())?))
}

/// A schedule was made.
#[derive(Serialize, ToSchema, Debug)]
pub struct MadeSchedule {
    /// Never changes.
    id: Uuid,
}

/// Make a schedule; its name must be free.
#[utoipa::path(post, path = "/api/schedules/", tag = "schedules", request_body = PlanView, responses(
    (status = 201, body = MadeSchedule), (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn create(Caller(engine): Caller, Body(plan): Body<PlanView>) -> Result<Response, Problem> {
    match engine.run(Order::AddSchedule(Box::new(plan.into()))).await? {
        Answer::Scheduled(id) => Ok((StatusCode::CREATED, Json(MadeSchedule { id: id.0 })).into_response()),
        _ => Ok(StatusCode::NO_CONTENT.into_response()),
    }
}

/// A schedule.
#[utoipa::path(get, path = "/api/schedules/{id}", tag = "schedules",
    params(("id" = Uuid, Path, description = "Its id")), responses(
    (status = 200, body = ScheduleView), (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn show(Caller(engine): Caller, Named(named): Named) -> Result<Json<ScheduleView>, Problem> {
    let wanted: ScheduleId = id(&named, "schedule")?;
    let world = engine.now();
    let found = world.schedules.iter().find(|schedule| schedule.id == wanted);
    Ok(Json((&**found.ok_or_else(|| nothing("schedule"))?).into()))
}

/// Change a schedule: it is as this says from now on.
#[utoipa::path(put, path = "/api/schedules/{id}", tag = "schedules", request_body = PlanView,
    params(("id" = Uuid, Path, description = "Its id")), responses(
    (status = 204, description = "It is so"),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn change(
    Caller(engine): Caller,
    Named(named): Named,
    Body(plan): Body<PlanView>,
) -> Result<Response, Problem> {
    engine.run(Order::EditSchedule(id(&named, "schedule")?, Box::new(plan.into()))).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

macro_rules! verb {
    ($method:ident $name:ident $path:literal $doc:literal |$id:ident| $order:expr) => {
        #[doc = $doc]
        #[utoipa::path($method, path = $path, tag = "schedules",
                            params(("id" = Uuid, Path, description = "Its id")), responses(
                            (status = 202, body = Accepted), (status = 204, description = "It is so"),
                            (status = "default", body = Problem, content_type = "application/problem+json")))]
        pub async fn $name(Caller(engine): Caller, Named(named): Named) -> Result<Response, Problem> {
            let $id = id(&named, "schedule")?;
            order(&engine, $order).await
        }
    };
}

verb!(delete delete "/api/schedules/{id}" "Forget a schedule." |id| Order::DeleteSchedule(id));
verb!(post run "/api/schedules/{id}/run" "Do now what it does; its next time stays." |id| Order::RunSchedule(id));
verb!(post pause "/api/schedules/{id}/pause" "Let it rest." |id| Order::PauseSchedule(id, true));
verb!(post resume "/api/schedules/{id}/resume" "Wake it." |id| Order::PauseSchedule(id, false));

/// Let every schedule rest.
#[utoipa::path(post, path = "/api/schedules/pause", tag = "schedules", responses(
    (status = 204, description = "It is so"),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn pause_all(Caller(engine): Caller) -> Result<Response, Problem> {
    order(&engine, Order::PauseSchedules(true)).await
}

/// Wake all schedules; each keeps its own rest.
#[utoipa::path(post, path = "/api/schedules/resume", tag = "schedules", responses(
    (status = 204, description = "It is so"),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn resume_all(Caller(engine): Caller) -> Result<Response, Problem> {
    order(&engine, Order::PauseSchedules(false)).await
}
