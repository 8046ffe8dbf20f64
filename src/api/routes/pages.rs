//! Health, the description of the API, and a page to read it.

use std::fmt::Write as _;

use axum::{
    Json, Router,
    extract::State,
    http::header,
    response::{Html, IntoResponse, Redirect},
    routing::get,
};
use serde::Serialize;
use utoipa::{ToSchema, openapi::OpenApi};

use crate::{
    api::{door::DOCS_POLICY, problem::Problem, state::Api},
    model::HostState,
};

/// How the service is.
#[derive(Serialize, ToSchema, Debug)]
pub struct Health {
    /// `ok`; `starting` until its hosts were asked once; `degraded` while one of them does not answer.
    status: &'static str,
    /// The program's version.
    version: &'static str,
}

/// Whether the service is well. Everybody may ask.
#[utoipa::path(get, path = "/api/health", tag = "service", security(()), responses(
    (status = 200, body = Health), (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn health(State(api): State<Api>) -> Json<Health> {
    let world = api.engine.now();
    let down = world.hosts.iter().any(|host| matches!(host.state, HostState::Down(_)));
    let status = match (world.settled, down) {
        (_, true) => "degraded",
        (false, false) => "starting",
        (true, false) => "ok",
    };
    Json(Health { status, version: env!("CARGO_PKG_VERSION") })
}

/// The paths that describe the others.
pub fn router(document: OpenApi) -> Router<Api> {
    let page = page(&document);
    let policy = [(header::CONTENT_SECURITY_POLICY, DOCS_POLICY)];
    Router::new()
        .route("/", get(|| async { Redirect::temporary("/api/docs") }))
        .route("/api/openapi.json", get(|| async move { Json(document) }))
        .route("/api/docs", get(move || async move { (policy, Html(page)).into_response() }))
}

const HEAD: &str = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Mineclifford API</title>\
<meta name=\"viewport\" content=\"width=device-width\"><style>\
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222;background:#fff}\
code{background:#f0f0f0;padding:.1em .3em}summary{cursor:pointer;padding:.3rem 0}details{border-bottom:1px solid #ddd}\
b{display:inline-block;min-width:5rem}table{border-collapse:collapse}td,th{text-align:left;padding:.2rem .8rem \
.2rem 0;vertical-align:top}@media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}code{background:#333}}\
</style></head><body>";

/// The document as a page: no script, nothing from elsewhere.
fn page(document: &OpenApi) -> String {
    let value = serde_json::to_value(document).unwrap_or_default();
    let text = |value: &serde_json::Value| escape(value.as_str().unwrap_or_default());
    let mut out = String::from(HEAD);
    let _ = write!(out, "<h1>Mineclifford API</h1><p>{}</p>", text(&value["info"]["description"]));
    out.push_str("<p>The whole of it, for programs: <a href=\"/api/openapi.json\">openapi.json</a>.</p>");
    for tag in value["tags"].as_array().into_iter().flatten() {
        let _ = write!(out, "<h2>{}</h2><p>{}</p>", text(&tag["name"]), text(&tag["description"]));
        for (path, methods) in value["paths"].as_object().into_iter().flatten() {
            for (method, about) in methods.as_object().into_iter().flatten() {
                if about["tags"][0] == tag["name"] {
                    operation(&mut out, path, method, about);
                }
            }
        }
    }
    out.push_str("<h2>Shapes</h2>");
    for (name, schema) in value["components"]["schemas"].as_object().into_iter().flatten() {
        shape(&mut out, name, schema);
    }
    out.push_str("</body></html>");
    out
}

fn operation(out: &mut String, path: &str, method: &str, about: &serde_json::Value) {
    let summary = escape(about["summary"].as_str().unwrap_or_default());
    let _ = write!(
        out,
        "<details><summary><b>{}</b><code>{}</code> {summary}</summary>",
        method.to_uppercase(),
        escape(path)
    );
    let _ = write!(out, "<p>{}</p>", escape(about["description"].as_str().unwrap_or_default()));
    let parameters = about["parameters"].as_array();
    if let Some(parameters) = parameters.filter(|all| !all.is_empty()) {
        out.push_str("<table>");
        for one in parameters {
            let (name, place) =
                (one["name"].as_str().unwrap_or_default(), one["in"].as_str().unwrap_or_default());
            let what = one["description"].as_str().unwrap_or_default();
            let _ = write!(
                out,
                "<tr><td><code>{}</code></td><td>{}</td><td>{}</td></tr>",
                escape(name),
                escape(place),
                escape(what)
            );
        }
        out.push_str("</table>");
    }
    if let Some(kind) = reference(&about["requestBody"]["content"]["application/json"]["schema"]) {
        let _ = write!(out, "<p>Body: <a href=\"#{0}\">{0}</a></p>", escape(&kind));
    }
    for (status, answer) in about["responses"].as_object().into_iter().flatten() {
        let schema = answer["content"].as_object().and_then(|content| content.values().next());
        let kind = schema.and_then(|schema| reference(&schema["schema"])).unwrap_or_default();
        let what = escape(answer["description"].as_str().unwrap_or_default());
        let _ = write!(out, "<p>{}: <a href=\"#{1}\">{1}</a> {what}</p>", escape(status), escape(&kind));
    }
    out.push_str("</details>");
}

fn reference(schema: &serde_json::Value) -> Option<String> {
    let direct = schema["$ref"].as_str();
    let among = || schema["oneOf"].as_array()?.iter().find_map(|one| one["$ref"].as_str());
    Some(direct.or_else(among)?.rsplit('/').next()?.to_owned())
}

fn shape(out: &mut String, name: &str, schema: &serde_json::Value) {
    let _ = write!(out, "<details id=\"{0}\"><summary><b>{0}</b></summary><table>", escape(name));
    let parts = schema["allOf"].as_array().cloned().unwrap_or_else(|| vec![schema.clone()]);
    for part in parts {
        if let Some(other) = reference(&part) {
            let _ = write!(out, "<tr><td>all of <a href=\"#{0}\">{0}</a></td></tr>", escape(&other));
        }
        for (field, about) in part["properties"].as_object().into_iter().flatten() {
            let what = escape(about["description"].as_str().unwrap_or_default());
            let _ = write!(out, "<tr><td><code>{}</code></td><td>{what}</td></tr>", escape(field));
        }
    }
    out.push_str("</table></details>");
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
