//! What is at which path. A file for each kind of thing.

mod audit;
mod backups;
mod console;
mod contents;
mod disks;
mod events;
mod hosts;
mod jobs;
mod metrics;
mod pages;
mod schedules;
mod servers;
mod tokens;
mod verbs;
mod versions;

use std::{str::FromStr, sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::DefaultBodyLimit,
    http::{HeaderValue, StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
};
use tokio::sync::oneshot;
use utoipa::{
    Modify, OpenApi,
    openapi::security::{Http, HttpAuthScheme, SecurityScheme},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{door, problem::Problem, state::Api, take::BODY_MAX, view::Accepted};
use crate::{
    engine::Handle,
    model::{Answer, Caller, Fault, FaultKind, Order, Origin, Server, ServerId, Snapshot, face::Look},
};

/// How long a job that was begun may take to be shown.
const SHOWN: Duration = Duration::from_secs(1);

/// What the document says of the whole.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Mineclifford",
        description = "Minecraft servers in Docker: made, run, watched and backed up.\n\nShow a token as \
`Authorization: Bearer …`; `mineclifford token create` makes one. Work that takes long is answered with 202 and a job. \
A request that changes something may carry an `Idempotency-Key`: sent again with the same key, it is answered again \
and not done again.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    security(("token" = [])),
    modifiers(&Token),
    tags(
        (name = "servers", description = "Servers: make, run, change, remove"),
        (name = "backups", description = "Copies of worlds"),
        (name = "jobs", description = "Long work"),
        (name = "schedules", description = "What is done at set times"),
        (name = "hosts", description = "Machines with a Docker engine"),
        (name = "access", description = "Tokens, tickets and the audit trail"),
        (name = "service", description = "The service itself")
    )
)]
struct Document;

struct Token;

impl Modify for Token {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        document.components.get_or_insert_default().add_security_scheme("token", scheme);
    }
}

fn described() -> OpenApiRouter<Api> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(pages::health))
        .routes(routes!(servers::list, servers::create))
        .routes(routes!(servers::show, servers::change, servers::delete))
        .routes(routes!(servers::stats))
        .routes(routes!(servers::history))
        .routes(routes!(servers::players))
        .routes(routes!(servers::lines))
        .routes(routes!(verbs::start))
        .routes(routes!(verbs::stop))
        .routes(routes!(verbs::restart))
        .routes(routes!(verbs::kill))
        .routes(routes!(verbs::adopt))
        .routes(routes!(verbs::forget))
        .routes(routes!(verbs::copy))
        .routes(routes!(verbs::rename))
        .routes(routes!(verbs::command))
        .routes(routes!(backups::backup))
        .routes(routes!(backups::restore))
        .routes(routes!(backups::to_new))
        .routes(routes!(backups::of_server))
        .routes(routes!(backups::prune))
        .routes(routes!(backups::list))
        .routes(routes!(backups::show, backups::delete))
        .routes(routes!(backups::verify))
        .routes(routes!(backups::test_restore))
        .routes(routes!(backups::lock))
        .routes(routes!(backups::unlock))
        .routes(routes!(contents::contents))
        .routes(routes!(contents::files))
        .routes(routes!(contents::extract))
        .routes(routes!(contents::restore_plan))
        .routes(routes!(contents::retention))
        .routes(routes!(contents::patterns, contents::set_patterns))
        .routes(routes!(jobs::list))
        .routes(routes!(jobs::show))
        .routes(routes!(jobs::cancel))
        .routes(routes!(hosts::list))
        .routes(routes!(hosts::show))
        .routes(routes!(disks::list))
        .routes(routes!(versions::list))
        .routes(routes!(schedules::list, schedules::create))
        .routes(routes!(schedules::pause_all))
        .routes(routes!(schedules::resume_all))
        .routes(routes!(schedules::show, schedules::change, schedules::delete))
        .routes(routes!(schedules::run))
        .routes(routes!(schedules::pause))
        .routes(routes!(schedules::resume))
        .routes(routes!(tokens::list, tokens::create))
        .routes(routes!(tokens::revoke))
        .routes(routes!(tokens::ticket))
        .routes(routes!(audit::list))
        .routes(routes!(events::stream))
        .routes(routes!(console::open))
}

/// The description of every path, OpenAPI 3.1.
pub fn document() -> utoipa::openapi::OpenApi {
    described().into_openapi()
}

/// Every path, with the door before it.
pub fn router(api: Api) -> Router {
    let (router, document) = described().split_for_parts();
    // Without its slash a path of a list means the same.
    let router = router
        .route("/api/servers", axum::routing::get(servers::list).post(servers::create))
        .route("/api/backups", axum::routing::get(backups::list))
        .route("/api/jobs", axum::routing::get(jobs::list))
        .route("/api/hosts", axum::routing::get(hosts::list))
        .route("/api/disks", axum::routing::get(disks::list))
        .route("/api/schedules", axum::routing::get(schedules::list).post(schedules::create))
        .route("/api/tokens", axum::routing::get(tokens::list).post(tokens::create))
        .route("/metrics", axum::routing::get(metrics::scrape))
        .merge(pages::router(document))
        .fallback(|| async { Problem::no_route() })
        .method_not_allowed_fallback(|| async { Problem::no_method() });
    router
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(middleware::from_fn_with_state(api.clone(), door::pass))
        .with_state(api)
}

/// The server that a path names: by its id or its name.
fn server(world: &Snapshot, named: &str) -> Result<Arc<Server>, Problem> {
    Ok(world.find(named)?.clone())
}

/// Its id alone.
fn server_id(engine: &Handle, named: &str) -> Result<ServerId, Problem> {
    Ok(server(&engine.now(), named)?.id())
}

/// An id that a path names. What is none is nobody's.
fn id<T: FromStr>(named: &str, what: &str) -> Result<T, Problem> {
    named.parse().map_err(|_| nothing(what))
}

/// Who it is that asks.
fn caller(engine: &Handle) -> Option<Box<Caller>> {
    match engine.origin() {
        Origin::Api(caller) => Some(caller.clone()),
        _ => None,
    }
}

/// Shows that somebody stays, until what is returned is dropped.
async fn attend(api: &Api, look: Option<Look>) -> Option<oneshot::Sender<()>> {
    Some(api.engine.attend(look?).await)
}

fn nothing(what: &str) -> Problem {
    Fault::new(FaultKind::NotFound, format!("There is no such {what}."), "", "Look at the list.").into()
}

/// Gives an order and answers as that was answered.
async fn order(engine: &Handle, order: Order) -> Result<Response, Problem> {
    match engine.run(order).await? {
        Answer::Started { job, server } => {
            // Whoever follows `Location` at once must find it: the world shows it a moment later.
            let shown = engine.wait(|world| world.job(job).map(drop));
            let _ = tokio::time::timeout(SHOWN, shown).await;
            let mut response =
                (StatusCode::ACCEPTED, Json(Accepted { job: job.0, server: server.0 })).into_response();
            if let Ok(location) = HeaderValue::from_str(&format!("/api/jobs/{job}")) {
                response.headers_mut().insert(header::LOCATION, location);
            }
            Ok(response)
        }
        _ => Ok(StatusCode::NO_CONTENT.into_response()),
    }
}
