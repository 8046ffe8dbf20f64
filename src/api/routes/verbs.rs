//! What is done with a server that is there.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{order, server_id};
use crate::{
    api::{
        problem::Problem,
        take::{Body, Caller, Named},
        view::{Accepted, CloneWish},
    },
    model::{Answer, Order},
};

macro_rules! verb {
    ($name:ident $path:literal $order:ident $doc:literal) => {
        #[doc = $doc]
        #[utoipa::path(post, path = $path, tag = "servers",
                            params(("id" = String, Path, description = "Its id or its name")), responses(
                            (status = 202, body = Accepted), (status = 204, description = "It is so"),
                            (status = "default", body = Problem, content_type = "application/problem+json")))]
        pub async fn $name(Caller(engine): Caller, Named(named): Named) -> Result<Response, Problem> {
            let id = server_id(&engine, &named)?;
            order(&engine, Order::$order(id)).await
        }
    };
}

verb!(start "/api/servers/{id}/start" Start "Start it.");
verb!(stop "/api/servers/{id}/stop" Stop "Stop it in peace: the world is saved.");
verb!(restart "/api/servers/{id}/restart" Restart "Stop it in peace, then start it.");
verb!(kill "/api/servers/{id}/kill" Kill "End it at once: what was not saved is lost.");
verb!(adopt "/api/servers/{id}/adopt" Adopt "Take over a container that somebody else made, as it is.");
verb!(forget "/api/servers/{id}/forget" Forget "Forget a server whose container is gone. Data volumes are kept.");

/// Make another server with the same settings and a copy of the data.
#[utoipa::path(post, path = "/api/servers/{id}/clone", tag = "servers", request_body = CloneWish,
    params(("id" = String, Path, description = "Its id or its name")), responses(
    (status = 202, body = Accepted), (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn copy(
    Caller(engine): Caller,
    Named(named): Named,
    Body(wish): Body<CloneWish>,
) -> Result<Response, Problem> {
    let server = server_id(&engine, &named)?;
    order(&engine, Order::Clone { server, name: wish.name, port: wish.port }).await
}

/// A new name.
#[derive(Deserialize, ToSchema, Debug)]
#[serde(deny_unknown_fields)]
pub struct NewName {
    /// What people call it from now on.
    #[schema(min_length = 2, max_length = 63, pattern = "^[A-Za-z0-9][A-Za-z0-9._-]+$")]
    name: String,
}

/// Give it another name.
#[utoipa::path(post, path = "/api/servers/{id}/rename", tag = "servers", request_body = NewName,
    params(("id" = String, Path, description = "Its id or its name")), responses(
    (status = 202, body = Accepted), (status = 204, description = "It is so"),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn rename(
    Caller(engine): Caller,
    Named(named): Named,
    Body(new): Body<NewName>,
) -> Result<Response, Problem> {
    let id = server_id(&engine, &named)?;
    order(&engine, Order::Rename(id, new.name)).await
}

/// A line that is typed into a console.
#[derive(Deserialize, ToSchema, Debug)]
#[serde(deny_unknown_fields)]
pub struct NewCommand {
    /// One line, without a line break.
    #[schema(min_length = 1)]
    command: String,
    /// Whether the reply is wanted.
    #[serde(default = "yes")]
    reply: bool,
}

fn yes() -> bool {
    true
}

/// A line was sent.
#[derive(Serialize, ToSchema, Debug)]
pub struct Sent {
    /// Which way: `stdin`, `rcon` or `rcon-cli`.
    via: &'static str,
    /// What the server said to it, where that was wanted and came.
    reply: Option<String>,
}

/// Type a line into its console.
#[utoipa::path(post, path = "/api/servers/{id}/command", tag = "servers", request_body = NewCommand,
    params(("id" = String, Path, description = "Its id or its name")), responses(
    (status = 200, body = Sent), (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn command(
    Caller(engine): Caller,
    Named(named): Named,
    Body(new): Body<NewCommand>,
) -> Result<Response, Problem> {
    let server = server_id(&engine, &named)?;
    match engine.run(Order::Console { server, line: new.command, reply: new.reply }).await? {
        Answer::Sent { via, reply } => Ok(Json(Sent { via: via.word(), reply }).into_response()),
        _ => Ok(axum::http::StatusCode::NO_CONTENT.into_response()),
    }
}
