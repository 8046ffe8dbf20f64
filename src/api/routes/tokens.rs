//! Tokens and tickets.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};

use super::{id, order};
use crate::{
    api::{
        page::{Page, Paging},
        problem::Problem,
        replay::Secretive,
        take::{Ask, Body, Caller, Named},
        view::{MadeToken, NewTicket, NewToken, TicketView, TokenView},
    },
    model::{Answer, Order, Role},
};

/// The tokens, oldest first.
#[utoipa::path(get, path = "/api/tokens/", tag = "access", params(Paging), responses(
    (status = 200, body = Page<TokenView>), (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn list(
    Caller(engine): Caller,
    Ask(paging): Ask<Paging>,
) -> Result<Json<Page<TokenView>>, Problem> {
    engine.needs(Role::Admin)?;
    Ok(Json(paging.of(&engine.now().tokens, |token| (&**token).into())?))
}

/// Make a token. Its secret is told once.
#[utoipa::path(post, path = "/api/tokens/", tag = "access", request_body = NewToken, responses(
    (status = 201, body = MadeToken), (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn create(Caller(engine): Caller, Body(new): Body<NewToken>) -> Result<Response, Problem> {
    match engine.run(Order::CreateToken(Box::new(new.into()))).await? {
        Answer::Token { id, secret } => {
            let made = MadeToken { id: id.0, token: secret.0 };
            let mut response = (StatusCode::CREATED, Json(made)).into_response();
            response.extensions_mut().insert(Secretive);
            Ok(response)
        }
        _ => Ok(StatusCode::NO_CONTENT.into_response()),
    }
}

/// Make a token worthless, and close what is open with it.
#[utoipa::path(delete, path = "/api/tokens/{id}", tag = "access",
    params(("id" = uuid::Uuid, Path, description = "Its id")), responses(
    (status = 204, description = "It is so"),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn revoke(Caller(engine): Caller, Named(named): Named) -> Result<Response, Problem> {
    order(&engine, Order::RevokeToken(id(&named, "token")?)).await
}

/// Get a ticket for a WebSocket or a stream of events: a short-lived JWT, good once, for browsers, which cannot send a
/// header there.
#[utoipa::path(post, path = "/api/tickets", tag = "access", request_body = NewTicket, responses(
    (status = 201, body = TicketView), (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn ticket(Caller(engine): Caller, Body(new): Body<NewTicket>) -> Result<Response, Problem> {
    let (purpose, server) = new.read()?;
    let (ticket, expires_at) = engine.ticket(purpose, server).await?;
    let mut response =
        (StatusCode::CREATED, Json(TicketView { ticket: ticket.0, expires_at })).into_response();
    response.extensions_mut().insert(Secretive);
    Ok(response)
}
