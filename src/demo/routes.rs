//! Which request is answered by what. A version before the path is accepted and optional.

use std::sync::Arc;

use hyper::body::Incoming;
use hyper::header::{HeaderName, HeaderValue, SERVER};
use hyper::{Method, Request, Response, StatusCode};

use super::http::{Answer, Body, Query, empty, read_json, refuse};
use super::refusal::Refusal;
use super::world::Shared;
use super::{archive, attach, containers, events, exec, follow, pull, stats, system, unpack};

/// Splits `/v1.41/containers/json` into the version and the rest.
fn split(path: &str) -> (Option<&str>, &str) {
    let Some(rest) = path.strip_prefix("/v") else { return (None, path) };
    match rest.split_once('/') {
        Some((version, tail))
            if version.starts_with(|c: char| c.is_ascii_digit()) && version.contains('.') =>
        {
            (Some(version), path.get(path.len() - tail.len() - 1..).unwrap_or("/"))
        }
        _ => (None, path),
    }
}

fn minor(version: &str) -> u32 {
    version.strip_prefix("1.").and_then(|minor| minor.parse().ok()).unwrap_or(0)
}

/// Refuses a version that an engine of this age could not speak. The engine's own is no limit: newer ones are borne.
fn check_version(shared: &Shared, version: Option<&str>) -> Result<(), Refusal> {
    let (Some(version), Some(claimed)) = (version, shared.faults.now().api) else { return Ok(()) };
    if minor(version) > minor(&claimed) {
        return Err(Refusal::bad(format!(
            "client version {version} is too new. Maximum supported API version is {claimed}"
        )));
    }
    Ok(())
}

/// Answers a request.
pub(super) async fn answer(shared: Arc<Shared>, request: Request<Incoming>) -> Response<Body> {
    let full = request.uri().path().to_owned();
    let (version, path) = split(&full);
    let head = request.method() == Method::HEAD;
    let mut response = if shared.faults.admit(path).await {
        refuse(&Refusal::failed("the daemon failed on demand"))
    } else {
        let answered = match check_version(&shared, version) {
            Ok(()) => route(&shared, path, request).await,
            Err(refusal) => Err(refusal),
        };
        answered.unwrap_or_else(|refusal| refuse(&refusal))
    };
    if head {
        *response.body_mut() = super::http::whole("");
    }
    let api = HeaderValue::from_str(&shared.faults.api()).unwrap_or(HeaderValue::from_static("1.41"));
    let headers = response.headers_mut();
    headers.insert(HeaderName::from_static("api-version"), api);
    headers.insert(HeaderName::from_static("docker-experimental"), HeaderValue::from_static("false"));
    headers.insert(HeaderName::from_static("ostype"), HeaderValue::from_static("linux"));
    headers.insert(SERVER, HeaderValue::from_static("Docker/20.10.24 (linux)"));
    response
}

async fn route(shared: &Arc<Shared>, path: &str, request: Request<Incoming>) -> Answer {
    let query = Query::parse(request.uri().query());
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let method = request.method().clone();
    match (method.as_str(), parts.as_slice()) {
        ("GET" | "HEAD", ["_ping"]) => system::ping(),
        ("GET", ["version"]) => system::version(shared),
        ("GET", ["info"]) => system::info(shared),
        ("GET", ["events"]) => events::follow(shared, &query),
        ("GET", ["containers", "json"]) => shared.lock().list(&query),
        ("POST", ["containers", "create"]) => {
            let plan = read_json(request.into_body()).await?;
            containers::create(shared, query.text("name"), plan)
        }
        (_, ["containers", name, rest @ ..]) => container(shared, &method, name, rest, &query, request).await,
        ("GET", ["exec", id, "json"]) => exec::inspect(shared, id),
        ("POST", ["exec", id, "start"]) => exec::start(shared, id, request).await,
        ("POST", ["exec", _, "resize"]) => Ok(empty(StatusCode::OK)),
        ("GET", ["images", "json"]) => shared.lock().image_list(&query.filters()?),
        ("POST", ["images", "create"]) => pull::pull(shared, &query),
        ("GET", ["images", name @ .., "json"]) => shared.lock().image_inspect(&name.join("/")),
        ("DELETE", ["images", name @ ..]) => shared.change(|world| world.image_remove(&name.join("/"))),
        ("GET", ["volumes"]) => shared.lock().volume_list(&query.filters()?),
        ("POST", ["volumes", "create"]) => {
            let body = read_json(request.into_body()).await?;
            shared.change(|world| world.volume_create(body))
        }
        ("GET", ["volumes", name]) => shared.lock().volume_inspect(name),
        ("DELETE", ["volumes", name]) => shared.change(|world| world.volume_remove(name)),
        _ => Err(Refusal::missing("page not found")),
    }
}

async fn container(
    shared: &Arc<Shared>,
    method: &Method,
    name: &str,
    rest: &[&str],
    query: &Query,
    request: Request<Incoming>,
) -> Answer {
    let key = shared.lock().find(name)?;
    match (method.as_str(), rest) {
        ("GET", ["json"]) => shared.lock().inspect(key),
        ("DELETE", []) => containers::remove(shared, key, query),
        ("POST", ["start"]) => containers::start(shared, key),
        ("POST", ["stop"]) => containers::stop(shared, key, query).await,
        ("POST", ["restart"]) => containers::restart(shared, key, query).await,
        ("POST", ["kill"]) => containers::kill(shared, key, name, query),
        ("POST", ["pause"]) => {
            shared.change(|world| world.pause(key)).map(|()| empty(StatusCode::NO_CONTENT))
        }
        ("POST", ["unpause"]) => {
            shared.change(|world| world.unpause(key)).map(|()| empty(StatusCode::NO_CONTENT))
        }
        ("POST", ["rename"]) => containers::rename(shared, key, query),
        ("POST", ["update"]) => containers::update(shared, key, read_json(request.into_body()).await?),
        ("POST", ["wait"]) => containers::wait(shared, key, query),
        ("POST", ["resize"]) => Ok(empty(StatusCode::OK)),
        ("GET", ["top"]) => containers::top(shared, key),
        ("GET", ["logs"]) => follow::logs(shared, key, query),
        ("GET", ["stats"]) => stats::stats(shared, key, query).await,
        ("POST", ["attach"]) => attach::attach(shared, key, query, request),
        ("POST", ["exec"]) => exec::create(shared, key, name, request.into_body()).await,
        ("HEAD", ["archive"]) => archive::head(shared, key, name, query),
        ("GET", ["archive"]) => archive::get(shared, key, name, query),
        ("PUT", ["archive"]) => unpack::put(shared, key, name, query, request.into_body()).await,
        _ => Err(Refusal::missing("page not found")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_optional() {
        assert_eq!(split("/v1.41/containers/json"), (Some("1.41"), "/containers/json"));
        assert_eq!(split("/containers/json"), (None, "/containers/json"));
        assert_eq!(split("/volumes/create"), (None, "/volumes/create"));
        assert_eq!(split("/version"), (None, "/version"));
    }
}
