//! Hosts.

use axum::Json;

use super::nothing;
use crate::api::{
    page::{Page, Paging},
    problem::Problem,
    take::{Ask, Caller, Named},
    view::HostView,
};

/// The machines with a Docker engine, by name.
#[utoipa::path(get, path = "/api/hosts/", tag = "hosts", params(Paging), responses(
    (status = 200, body = Page<HostView>), (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn list(Caller(engine): Caller, Ask(paging): Ask<Paging>) -> Result<Json<Page<HostView>>, Problem> {
    Ok(Json(paging.of(&engine.now().hosts, |host| (&**host).into())?))
}

/// A host.
#[utoipa::path(get, path = "/api/hosts/{id}", tag = "hosts",
    params(("id" = String, Path, description = "Its name")), responses(
    (status = 200, body = HostView), (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn show(Caller(engine): Caller, Named(named): Named) -> Result<Json<HostView>, Problem> {
    let world = engine.now();
    let host = world.hosts.iter().find(|host| *host.id.0 == *named).ok_or_else(|| nothing("host"))?;
    Ok(Json((&**host).into()))
}
