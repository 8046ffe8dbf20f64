//! What is in backups, what goes into them and which of them stay: looked at, and taken out.

use axum::{
    Json,
    body::{Body as Sent, Bytes},
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{id, order, server_id};
use crate::{
    api::{
        page::{Page, Paging},
        problem::Problem,
        state::Api,
        take::{Ask, Body, Caller, Named},
        view::{ContentsView, FilesView, KeptView, PatternsView, Question, RestorePlanView},
    },
    model::{
        Order,
        backup::{FileQuery, Target},
    },
};

/// What of it can be restored by itself, and what it could not take. For operators: a world holds more than the console
/// shows.
#[utoipa::path(get, path = "/api/backups/{id}/contents", tag = "backups",
    params(("id" = uuid::Uuid, Path, description = "Its id")), responses(
    (status = 200, body = ContentsView), (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn contents(Caller(engine): Caller, Named(named): Named) -> Result<Json<ContentsView>, Problem> {
    Ok(Json(engine.contents(id(&named, "backup")?).await?.into()))
}

/// Which folder of a backup.
#[derive(Deserialize, IntoParams, Clone, Debug, Default)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct WhichFolder {
    /// The folder; left out, the top.
    path: String,
    /// What names must contain, in any case: all below the folder is looked through. Left out, what lies in the folder.
    #[param(max_length = 200)]
    name: String,
    /// Which page; the first is 1.
    #[param(minimum = 1, maximum = 1_000_000)]
    page: Option<usize>,
    /// Items of a page.
    #[param(minimum = 1, maximum = 500)]
    per_page: Option<usize>,
}

/// What a folder of it holds.
#[utoipa::path(get, path = "/api/backups/{id}/files", tag = "backups",
    params(("id" = uuid::Uuid, Path, description = "Its id"), WhichFolder), responses(
    (status = 200, body = FilesView), (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn files(
    Caller(engine): Caller,
    Named(named): Named,
    Ask(which): Ask<WhichFolder>,
) -> Result<Json<FilesView>, Problem> {
    let (page, per_page) = Paging { page: which.page, per_page: which.per_page }.checked()?;
    let query =
        FileQuery { folder: which.path, name: which.name, from: (page - 1) * per_page, most: per_page };
    Ok(Json(engine.files(id(&named, "backup")?, query).await?.into()))
}

/// Which file or folder of a backup.
#[derive(Deserialize, IntoParams, Clone, Debug)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WhichPath {
    /// Its path in the backup.
    path: String,
}

/// A file or folder of it, as a tar archive. What turns out to be damaged breaks off, and must not be used then.
#[utoipa::path(get, path = "/api/backups/{id}/extract", tag = "backups",
    params(("id" = uuid::Uuid, Path, description = "Its id"), WhichPath), responses(
    (status = 200, description = "A tar archive", content_type = "application/x-tar", body = Vec<u8>),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn extract(
    State(api): State<Api>,
    Caller(engine): Caller,
    Named(named): Named,
    Ask(which): Ask<WhichPath>,
) -> Result<Response, Problem> {
    let backup = id(&named, "backup")?;
    let Ok(seat) = api.streams.clone().try_acquire_owned() else {
        return Ok((StatusCode::SERVICE_UNAVAILABLE, Problem::too_often(10)).into_response());
    };
    let opened = engine.open_files(backup, vec![which.path]).await?;
    let pieces = futures_util::stream::unfold(Some((engine, seat)), move |rest| async move {
        let (engine, seat) = rest?;
        match engine.next_piece(opened.stream).await {
            Ok(Some(piece)) => Some((Ok(Bytes::from(piece)), Some((engine, seat)))),
            Ok(None) => None,
            Err(fault) => Some((Err(std::io::Error::other(fault.what)), None)),
        }
    });
    Ok(([(header::CONTENT_TYPE, "application/x-tar")], Sent::from_stream(pieces)).into_response())
}

/// What a restore of it would do; nothing is done.
#[utoipa::path(post, path = "/api/backups/{id}/restore-plan", tag = "backups", request_body = Question,
    params(("id" = uuid::Uuid, Path, description = "Its id")), responses(
    (status = 200, body = RestorePlanView), (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn restore_plan(
    Caller(engine): Caller,
    Named(named): Named,
    Body(question): Body<Question>,
) -> Result<Json<RestorePlanView>, Problem> {
    let (target, scope) = question.parts();
    if let Target::Server(server) = &target {
        // One that may not be seen is not there.
        server_id(&engine, &server.to_string())?;
    }
    Ok(Json(engine.restore_plan(id(&named, "backup")?, target, scope).await?.into()))
}

/// Which of its backups stay when they are pruned, and why.
#[utoipa::path(get, path = "/api/servers/{id}/retention", tag = "backups",
    params(("id" = String, Path, description = "Its id or its name"), Paging), responses(
    (status = 200, body = Page<KeptView>), (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn retention(
    Caller(engine): Caller,
    Named(named): Named,
    Ask(paging): Ask<Paging>,
) -> Result<Json<Page<KeptView>>, Problem> {
    let verdicts = engine.verdicts(server_id(&engine, &named)?).await?;
    Ok(Json(paging.of(&verdicts, |kept| kept.into())?))
}

/// What of it goes into its backups.
#[utoipa::path(get, path = "/api/servers/{id}/backup-patterns", tag = "backups",
    params(("id" = String, Path, description = "Its id or its name")), responses(
    (status = 200, body = PatternsView), (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn patterns(Caller(engine): Caller, Named(named): Named) -> Result<Json<PatternsView>, Problem> {
    let server = super::server(&engine.now(), &named)?;
    Ok(Json(server.about.patterns.clone().into()))
}

/// Say what of it goes into its backups: these patterns take the place of those before.
#[utoipa::path(put, path = "/api/servers/{id}/backup-patterns", tag = "backups", request_body = PatternsView,
    params(("id" = String, Path, description = "Its id or its name")), responses(
    (status = 204, description = "It is so"),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn set_patterns(
    Caller(engine): Caller,
    Named(named): Named,
    Body(patterns): Body<PatternsView>,
) -> Result<Response, Problem> {
    let server = server_id(&engine, &named)?;
    order(&engine, Order::SetPatterns(server, patterns.into())).await
}
