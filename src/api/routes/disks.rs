//! Disks.

use axum::Json;

use crate::api::{
    page::{Page, Paging},
    problem::Problem,
    take::{Ask, Caller},
    view::DiskView,
};

/// The disks that servers and backups need: that of the backup folder, and that of this machine's own Docker. A token that
/// is limited to some servers sees none.
#[utoipa::path(get, path = "/api/disks/", tag = "hosts", params(Paging), responses(
    (status = 200, body = Page<DiskView>), (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn list(Caller(engine): Caller, Ask(paging): Ask<Paging>) -> Result<Json<Page<DiskView>>, Problem> {
    Ok(Json(paging.of(&engine.now().disks, |disk| (&**disk).into())?))
}
