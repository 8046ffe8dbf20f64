//! The `docker` command's contexts: named engines in its configuration.
//!
//! `config.json` names the current one; each has a folder under `contexts/meta/` with a `meta.json`, and may have
//! certificates under `contexts/tls/` in a folder of the same name
//! (<https://docs.docker.com/engine/manage-resources/contexts/>).

use std::io::Read;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::endpoint::Endpoint;
use super::error::{Error, clean};
use super::limits;

#[derive(Default, Deserialize)]
struct Config {
    #[serde(rename = "currentContext", default)]
    current_context: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Meta {
    name: String,
    #[serde(default)]
    endpoints: Endpoints,
}

#[derive(Default, Deserialize)]
struct Endpoints {
    docker: Option<DockerEndpoint>,
}

#[derive(Deserialize)]
struct DockerEndpoint {
    #[serde(rename = "Host", default)]
    host: String,
    #[serde(rename = "SkipTLSVerify", default)]
    skip_tls_verify: bool,
}

/// The folder of the configuration: `DOCKER_CONFIG`, or `~/.docker`.
pub(super) fn folder(env: &dyn Fn(&str) -> Option<String>) -> Option<PathBuf> {
    env("DOCKER_CONFIG")
        .map(PathBuf::from)
        .or_else(|| env("HOME").map(|home| PathBuf::from(home).join(".docker")))
}

/// The engine of the context that was chosen; `None` where none was, or the one called `default`.
pub(super) fn current(env: &dyn Fn(&str) -> Option<String>) -> Result<Option<Endpoint>, Error> {
    let Some(folder) = folder(env) else { return Ok(None) };
    let name = match env("DOCKER_CONTEXT") {
        Some(name) => name,
        // A configuration that is not there, or that another program left in disorder, chooses nothing.
        None => read::<Config>(&folder.join("config.json")).unwrap_or_default().current_context,
    };
    if name.is_empty() || name == "default" {
        return Ok(None);
    }
    find(&folder, &name).map(Some)
}

fn bad(name: &str, reason: impl Into<String>) -> Error {
    Error::BadEndpoint { endpoint: format!("context {}", clean(name)), reason: reason.into() }
}

/// Reads the context of this name. Its folder is called after a hash of the name, but each says its name itself.
fn find(folder: &Path, name: &str) -> Result<Endpoint, Error> {
    let metas = folder.join("contexts/meta");
    let entries = std::fs::read_dir(&metas)
        .map_err(|error| bad(name, format!("{} cannot be read: {error}", metas.display())))?;
    for entry in entries.flatten().take(limits::CONTEXTS) {
        let Some(meta) = read::<Meta>(&entry.path().join("meta.json")).filter(|meta| meta.name == name)
        else {
            continue;
        };
        let Some(docker) = meta.endpoints.docker.filter(|docker| !docker.host.is_empty()) else {
            return Err(bad(name, "it has no Docker endpoint"));
        };
        let certs = folder.join("contexts/tls").join(entry.file_name()).join("docker");
        return match Endpoint::parse(&docker.host)? {
            Endpoint::Tcp(address) if certs.is_dir() => {
                if docker.skip_tls_verify {
                    return Err(bad(
                        name,
                        "it says not to verify the engine's certificate, which is not done here",
                    ));
                }
                Ok(Endpoint::Tls { address, certs })
            }
            other => Ok(other),
        };
    }
    Err(bad(name, "there is no such context; `docker context ls` lists them"))
}

/// Reads a small JSON file; `None` where it is not there, too large, or not what it should be.
fn read<T: DeserializeOwned>(path: &Path) -> Option<T> {
    let file = std::fs::File::open(path).ok()?;
    if !file.metadata().ok()?.is_file() {
        return None;
    }
    let mut text = Vec::new();
    file.take(limits::CONFIG_FILE).read_to_end(&mut text).ok()?;
    serde_json::from_slice(&text).ok()
}
