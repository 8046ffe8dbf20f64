//! `/api/servers/`: what there is, and what is made, changed and removed.

use axum::{Json, response::Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{order, server, server_id};
use crate::{
    api::{
        page::{Page, Paging},
        problem::Problem,
        state::Api,
        take::{Ask, Body, Caller, Named},
        view::{
            Accepted, Details, LineView, NewServer, PlayersView, SampleView, ServerChanges, ServerView,
            StepView,
        },
    },
    engine::From,
    model::{Order, Span},
};

/// Which servers, and which page of them.
#[derive(Deserialize, IntoParams, Clone, Debug, Default)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// Only those with this status, such as `ready`.
    status: Option<String>,
    /// Only those on this host.
    host: Option<String>,
    /// Only those whose name holds this.
    name: Option<String>,
    /// Which page; the first is 1.
    #[param(minimum = 1, maximum = 1_000_000)]
    page: Option<usize>,
    /// Items of a page.
    #[param(minimum = 1, maximum = 500)]
    per_page: Option<usize>,
}

/// All servers that one may see, by name.
#[utoipa::path(get, path = "/api/servers/", tag = "servers", params(Which), responses(
    (status = 200, body = Page<ServerView>), (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn list(Caller(engine): Caller, Ask(which): Ask<Which>) -> Result<Json<Page<ServerView>>, Problem> {
    let (world, now) = (engine.now(), Timestamp::now());
    let fits = |wanted: &Option<String>, so: &dyn Fn(&str) -> bool| wanted.as_deref().is_none_or(so);
    let chosen: Vec<_> = world
        .servers
        .iter()
        .filter(|server| {
            fits(&which.status, &|status| server.state.word() == status)
                && fits(&which.host, &|host| &*server.about.host.0 == host)
                && fits(&which.name, &|name| server.name().contains(name))
        })
        .collect();
    let paging = Paging { page: which.page, per_page: which.per_page };
    Ok(Json(paging.of(&chosen, |server| ServerView::new(server, now))?))
}

/// Make a server from this, and start it.
#[utoipa::path(post, path = "/api/servers/", tag = "servers", request_body = NewServer, responses(
    (status = 202, body = Accepted), (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn create(
    axum::extract::State(api): axum::extract::State<Api>,
    Caller(engine): Caller,
    Body(new): Body<NewServer>,
) -> Result<Response, Problem> {
    let spec = new.spec(&api.base)?;
    order(&engine, Order::Create(Box::new(spec))).await
}

/// A server with everything that is known of it.
#[utoipa::path(get, path = "/api/servers/{id}", tag = "servers",
    params(("id" = String, Path, description = "Its id or its name")), responses(
    (status = 200, body = Details), (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn show(Caller(engine): Caller, Named(named): Named) -> Result<Json<Details>, Problem> {
    let server = server(&engine.now(), &named)?;
    Ok(Json(Details::new(&server, Timestamp::now())))
}

/// Change it. Its container is made anew, its data is kept.
#[utoipa::path(patch, path = "/api/servers/{id}", tag = "servers", request_body = ServerChanges,
    params(("id" = String, Path, description = "Its id or its name")), responses(
    (status = 202, body = Accepted), (status = 204, description = "There was nothing to change"),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn change(
    Caller(engine): Caller,
    Named(named): Named,
    Body(changes): Body<ServerChanges>,
) -> Result<Response, Problem> {
    let id = server_id(&engine, &named)?;
    order(&engine, Order::Edit(id, Box::new(changes.changes()?))).await
}

/// How a server is deleted.
#[derive(Deserialize, IntoParams, Clone, Debug, Default)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct HowDeleted {
    /// Whether its world goes as well; `confirm` must be its name then.
    data: bool,
    /// The server's name, where its world is to go.
    #[param(nullable = false)]
    confirm: Option<String>,
}

/// Remove its container; its world is kept unless that is asked for.
#[utoipa::path(delete, path = "/api/servers/{id}", tag = "servers",
    params(("id" = String, Path, description = "Its id or its name"), HowDeleted), responses(
    (status = 202, body = Accepted), (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn delete(
    Caller(engine): Caller,
    Named(named): Named,
    Ask(how): Ask<HowDeleted>,
) -> Result<Response, Problem> {
    let server = server_id(&engine, &named)?;
    order(&engine, Order::Delete { server, data: how.data, confirm: how.confirm }).await
}

/// What a server costs now.
#[derive(Serialize, ToSchema, Debug)]
pub struct Stats {
    /// The latest measurement; `null` while it does not run.
    sample: Option<SampleView>,
}

/// What it costs its machine now.
#[utoipa::path(get, path = "/api/servers/{id}/stats", tag = "servers",
    params(("id" = String, Path, description = "Its id or its name")), responses(
    (status = 200, body = Stats), (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn stats(Caller(engine): Caller, Named(named): Named) -> Result<Json<Stats>, Problem> {
    let server = server(&engine.now(), &named)?;
    Ok(Json(Stats { sample: server.sample.as_ref().map(Into::into) }))
}

/// How far back.
#[derive(Deserialize, IntoParams, Clone, Debug, Default)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Back {
    /// How far: `1m`, `5m`, `15m`, `1h`, `6h` or `24h`. The longer it is, the longer each step.
    #[param(default = "5m")]
    span: Option<String>,
    /// Which page; the first is 1.
    #[param(minimum = 1, maximum = 1_000_000, default = 1)]
    page: Option<usize>,
    /// Items of a page.
    #[param(minimum = 1, maximum = 500, default = 100)]
    per_page: Option<usize>,
}

/// What it cost its machine, who was on and how fast it ticked, in equal steps of time, oldest first. Steps of which
/// nothing is known are left out.
#[utoipa::path(get, path = "/api/servers/{id}/stats/history", tag = "servers",
    params(("id" = String, Path, description = "Its id or its name"), Back), responses(
    (status = 200, body = Page<StepView>), (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn history(
    Caller(engine): Caller,
    Named(named): Named,
    Ask(back): Ask<Back>,
) -> Result<Json<Page<StepView>>, Problem> {
    let span = back.span.as_deref().map_or(Ok(Span::default()), str::parse);
    let span = span.map_err(|rule| Problem::bad_request(format!("The query: span {rule}.")))?;
    let paging = Paging { page: back.page, per_page: back.per_page };
    let history = engine.history(server_id(&engine, &named)?).await?;
    let past = history.past(span, history.measured_at().unwrap_or_else(Timestamp::now));
    let known: Vec<_> = past.points.iter().enumerate().filter(|(_, point)| !point.is_empty()).collect();
    Ok(Json(paging.of(&known, |(at, point)| StepView::new(past.begin(*at), past.step, point))?))
}

/// Who is on it.
#[utoipa::path(get, path = "/api/servers/{id}/players", tag = "servers",
    params(("id" = String, Path, description = "Its id or its name")), responses(
    (status = 200, body = PlayersView), (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn players(Caller(engine): Caller, Named(named): Named) -> Result<Json<PlayersView>, Problem> {
    let server = server(&engine.now(), &named)?;
    Ok(Json(server.players.as_deref().into()))
}

/// How many lines.
#[derive(Deserialize, IntoParams, Clone, Debug, Default)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Tail {
    /// The last so many.
    #[param(minimum = 1, maximum = 5_000, default = 100)]
    tail: Option<usize>,
}

/// Lines of a console.
#[derive(Serialize, ToSchema, Debug)]
pub struct Lines {
    /// Oldest first.
    lines: Vec<LineView<'static>>,
}

/// The last lines of its console. The WebSocket at `/api/servers/console/{id}` goes on with them.
#[utoipa::path(get, path = "/api/servers/{id}/console", tag = "servers",
    params(("id" = String, Path, description = "Its id or its name"), Tail), responses(
    (status = 200, body = Lines), (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn lines(
    Caller(engine): Caller,
    Named(named): Named,
    Ask(tail): Ask<Tail>,
) -> Result<Json<Lines>, Problem> {
    let wanted = tail.tail.unwrap_or(100);
    if !(1..=5_000).contains(&wanted) {
        return Err(Problem::bad_request("The query: tail must be from 1 to 5000."));
    }
    let id = server_id(&engine, &named)?;
    let mut batches = engine.watch(id, From::Tail(wanted)).await?;
    let mut lines: Vec<LineView<'static>> = Vec::new();
    // The past comes at once; where nothing more comes, there is none.
    while lines.len() < wanted {
        let next = tokio::time::timeout(std::time::Duration::from_millis(100), batches.recv()).await;
        let Ok(Some(batch)) = next else { break };
        lines.extend(batch.lines.lines().map(|line| LineView::new(&line, false).owned()));
    }
    lines.truncate(wanted);
    Ok(Json(Lines { lines }))
}
