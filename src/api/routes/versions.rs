//! Versions of the game.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{problem::Problem, take::Caller},
    model::{ServerType, Snapshot},
};

/// What a new server can be.
#[derive(Serialize, ToSchema)]
#[schema(as = Versions)]
pub struct VersionsView {
    /// Which server software there is.
    server_types: Vec<TypeView>,
    /// `LATEST` and `SNAPSHOT`, which move, and every version that a server here was set to or ran, in the order of their
    /// letters and digits. Any other version of the game can be written as well.
    versions: Vec<VersionView>,
}

/// A server software.
#[derive(Serialize, ToSchema)]
#[schema(as = ServerType)]
struct TypeView {
    /// As `server_type` of a server has it.
    name: &'static str,
    /// As people read it.
    title: &'static str,
    /// Servers here that are of it.
    servers: usize,
}

/// A version.
#[derive(Serialize, ToSchema)]
#[schema(as = Version)]
struct VersionView {
    /// As `version` of a server has it.
    version: String,
    /// Servers here that are set to it.
    wanted: usize,
    /// Servers here that ran it when they last ran.
    ran: usize,
}

/// Which server software and which versions are known here.
#[utoipa::path(get, path = "/api/versions", tag = "servers", responses(
    (status = 200, body = VersionsView), (status = "default", body = Problem, content_type = "application/problem+json")))]
pub async fn list(Caller(engine): Caller) -> Json<VersionsView> {
    Json(known(&engine.now()))
}

fn known(world: &Snapshot) -> VersionsView {
    let about = || world.servers.iter().map(|server| &server.about);
    let (mut wanted, mut ran) = (BTreeMap::new(), BTreeMap::new());
    let mut all: BTreeSet<&str> = BTreeSet::from(["LATEST", "SNAPSHOT"]);
    for about in about() {
        all.insert(&about.spec.version);
        *wanted.entry(about.spec.version.as_str()).or_insert(0) += 1;
        if let Some(version) = &about.version {
            all.insert(version);
            *ran.entry(version.as_str()).or_insert(0) += 1;
        }
    }
    let count = |of: &BTreeMap<&str, usize>, version: &str| of.get(version).copied().unwrap_or(0);
    VersionsView {
        server_types: ServerType::ALL
            .iter()
            .map(|kind| TypeView {
                name: kind.as_str(),
                title: kind.title(),
                servers: about().filter(|about| about.spec.server_type == *kind).count(),
            })
            .collect(),
        versions: all
            .into_iter()
            .map(|version| VersionView {
                version: version.to_owned(),
                wanted: count(&wanted, version),
                ran: count(&ran, version),
            })
            .collect(),
    }
}
