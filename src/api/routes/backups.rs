//! Backups: made, looked at, checked, restored, removed.

use axum::{Json, response::Response};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{id, nothing, order, server_id};
use crate::{
    api::{
        page::{Page, Paging},
        problem::Problem,
        take::{Ask, Body, Caller, MaybeBody, Named},
        view::{Accepted, BackupView, FromBackup, NewBackup, RestoreWish},
    },
    model::{Backup, Order, backup::Target},
};

/// Back it up.
#[utoipa::path(post, path = "/api/servers/{id}/backup", tag = "backups", request_body = Option<NewBackup>,
    params(("id" = String, Path, description = "Its id or its name")), responses(
    (status = 202, body = Accepted), (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn backup(
    Caller(engine): Caller,
    Named(named): Named,
    MaybeBody(new): MaybeBody<Option<NewBackup>>,
) -> Result<Response, Problem> {
    let server = server_id(&engine, &named)?;
    order(&engine, Order::Backup(server, new.unwrap_or_default().into())).await
}

/// Which backup.
#[derive(Deserialize, IntoParams, Clone, Debug)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WhichBackup {
    /// The backup's id, or its archive's file name.
    backup_name: String,
}

/// Restore a backup to this server. Its world is swapped, and kept until the restored one was seen to work.
#[utoipa::path(post, path = "/api/servers/{id}/restore", tag = "backups", request_body = Option<RestoreWish>,
    params(("id" = String, Path, description = "Its id or its name"), WhichBackup), responses(
    (status = 202, body = Accepted), (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn restore(
    Caller(engine): Caller,
    Named(named): Named,
    Ask(which): Ask<WhichBackup>,
    MaybeBody(wish): MaybeBody<Option<RestoreWish>>,
) -> Result<Response, Problem> {
    let world = engine.now();
    let server = super::server(&world, &named)?.id();
    let name = which.backup_name.as_str();
    let is_it =
        |backup: &Backup| backup.id.to_string() == name || crate::api::view::is_file(&backup.path, name);
    let backup = world.backups.iter().find(|backup| is_it(backup)).ok_or_else(|| nothing("backup"))?.id;
    let scope = wish.unwrap_or_default().into();
    order(&engine, Order::Restore { backup, target: Target::Server(server), scope }).await
}

/// Make a server from it, with the settings of the server that it is of, and start it.
#[utoipa::path(post, path = "/api/backups/{id}/restore", tag = "backups", request_body = FromBackup,
    params(("id" = uuid::Uuid, Path, description = "Its id")), responses(
    (status = 202, body = Accepted), (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn to_new(
    Caller(engine): Caller,
    Named(named): Named,
    Body(new): Body<FromBackup>,
) -> Result<Response, Problem> {
    let backup = id(&named, "backup")?;
    let (target, scope) = new.parts();
    order(&engine, Order::Restore { backup, target, scope }).await
}

/// The backups of a server, newest first.
#[utoipa::path(get, path = "/api/servers/{id}/backups", tag = "backups",
    params(("id" = String, Path, description = "Its id or its name"), Paging), responses(
    (status = 200, body = Page<BackupView>), (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn of_server(
    Caller(engine): Caller,
    Named(named): Named,
    Ask(paging): Ask<Paging>,
) -> Result<Json<Page<BackupView>>, Problem> {
    let world = engine.now();
    let server = super::server(&world, &named)?.id();
    let its: Vec<_> = world.backups.iter().filter(|backup| backup.server == server).collect();
    Ok(Json(paging.of(&its, |backup| (&***backup).into())?))
}

/// Remove those of its backups that its retention does not keep.
#[utoipa::path(post, path = "/api/servers/{id}/prune", tag = "backups",
    params(("id" = String, Path, description = "Its id or its name")), responses(
    (status = 202, body = Accepted), (status = 204, description = "Nothing was to be removed"),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn prune(Caller(engine): Caller, Named(named): Named) -> Result<Response, Problem> {
    let server = server_id(&engine, &named)?;
    order(&engine, Order::Prune(server)).await
}

/// All backups, newest first; those of servers that are gone, too.
#[utoipa::path(get, path = "/api/backups/", tag = "backups", params(Paging), responses(
    (status = 200, body = Page<BackupView>), (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn list(
    Caller(engine): Caller,
    Ask(paging): Ask<Paging>,
) -> Result<Json<Page<BackupView>>, Problem> {
    Ok(Json(paging.of(&engine.now().backups, |backup| (&**backup).into())?))
}

/// A backup.
#[utoipa::path(get, path = "/api/backups/{id}", tag = "backups",
    params(("id" = uuid::Uuid, Path, description = "Its id")), responses(
    (status = 200, body = BackupView), (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn show(Caller(engine): Caller, Named(named): Named) -> Result<Json<BackupView>, Problem> {
    let world = engine.now();
    let backup = world.backup(id(&named, "backup")?).ok_or_else(|| nothing("backup"))?;
    Ok(Json((&**backup).into()))
}

macro_rules! verb {
    ($method:ident $name:ident $path:literal $doc:literal |$id:ident| $order:expr) => {
        #[doc = $doc]
        #[utoipa::path($method, path = $path, tag = "backups",
                            params(("id" = uuid::Uuid, Path, description = "Its id")), responses(
                            (status = 202, body = Accepted), (status = 204, description = "It is so"),
                            (status = "default", body = Problem, content_type = "application/problem+json")))]
        pub async fn $name(Caller(engine): Caller, Named(named): Named) -> Result<Response, Problem> {
            let $id = id(&named, "backup")?;
            order(&engine, $order).await
        }
    };
}

verb!(delete delete "/api/backups/{id}" "Remove it and its file. One that is locked is refused." |id| Order::DeleteBackup(id));
verb!(post verify "/api/backups/{id}/verify" "Read it again, as a whole." |id| Order::Verify(id));
verb!(post test_restore "/api/backups/{id}/test-restore" "Boot it in a container that is thrown away." |id| Order::TestRestore(id));
verb!(post lock "/api/backups/{id}/lock" "Keep it whatever retention says." |id| Order::Lock(id, true));
verb!(post unlock "/api/backups/{id}/unlock" "Let retention remove it again." |id| Order::Lock(id, false));
