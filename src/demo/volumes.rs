//! Volumes, and which folder stands behind a path in a container.

use std::collections::BTreeMap;

use hyper::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::clock::text;
use super::container::{Container, DiskKey, Source};
use super::create::{Create, is_name};
use super::http::{Answer, Filters, empty, json as answer};
use super::images::digits;
use super::refusal::Refusal;
use super::world::World;

/// A volume.
#[derive(Debug)]
pub(super) struct Volume {
    created: i64,
    labels: BTreeMap<String, String>,
    disk: DiskKey,
}

/// The body of `POST /volumes/create`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct VolumeCreate {
    name: String,
    labels: Option<BTreeMap<String, String>>,
}

/// Where Docker would keep a volume's files.
pub(super) fn mountpoint(name: &str) -> String {
    format!("/var/lib/docker/volumes/{name}/_data")
}

impl World {
    /// Makes a volume; one that is there already stays as it is.
    pub(super) fn volume_make(
        &mut self,
        name: &str,
        labels: BTreeMap<String, String>,
    ) -> Result<(), Refusal> {
        if !is_name(name) {
            return Err(Refusal::bad(format!(
                "create {name}: \"{name}\" includes invalid characters for a local volume name, only \
                 \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host directory, use absolute path"
            )));
        }
        if !self.volumes.contains_key(name) {
            let (created, disk) = (self.now().nanos, self.new_disk());
            self.volumes.insert(name.to_owned(), Volume { created, labels, disk });
        }
        // Docker says so even when it was there.
        let attributes = BTreeMap::from([("driver".to_owned(), "local".to_owned())]);
        if self.pretended.is_none() {
            let nanos = self.now().nanos;
            self.events.add(nanos, "volume", "create", name, attributes);
        }
        Ok(())
    }

    /// The folder of a volume that a container is to use; made where there is none.
    pub(super) fn volume_disk(&mut self, name: &str) -> Result<DiskKey, Refusal> {
        self.volume_make(name, BTreeMap::new())?;
        self.volumes.get(name).map(|volume| volume.disk).ok_or_else(|| no_volume(name))
    }

    /// The folder behind a path of the host.
    pub(super) fn bind_disk(&mut self, path: &str) -> DiskKey {
        if let Some(disk) = self.binds.get(path) {
            return *disk;
        }
        let disk = self.new_disk();
        self.binds.insert(path.to_owned(), disk);
        disk
    }

    /// What a new container mounts at `/data`.
    pub(super) fn mount(&mut self, plan: &Create) -> Result<(Source, bool), Refusal> {
        let host = &plan.host_config;
        for bind in &host.binds {
            let mut parts = bind.split(':');
            let (source, target, mode) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
            if target != Some("/data") {
                continue;
            }
            let writable = mode.is_none_or(|mode| !mode.split(',').any(|word| word == "ro"));
            let source = if source.starts_with('/') {
                Source::Bind(source.to_owned())
            } else {
                Source::Volume(source.to_owned(), false)
            };
            return Ok((source, writable));
        }
        if let Some(mount) = host.mounts.iter().find(|mount| mount.target == "/data") {
            let source = match mount.r#type.as_str() {
                "volume" if !mount.source.is_empty() => Source::Volume(mount.source.clone(), false),
                "volume" | "tmpfs" => Source::Volume(digits(&mut self.rng), true),
                "bind" => Source::Bind(mount.source.clone()),
                other => return Err(Refusal::bad(format!("invalid mount config for type \"{other}\""))),
            };
            return Ok((source, !mount.read_only));
        }
        Ok((Source::Volume(digits(&mut self.rng), true), true))
    }

    /// The folder that holds an absolute path of a container, and the path within it. `None`: in the container's own
    /// layer, which has no file yet.
    pub(super) fn locate(&self, container: &Container, path: &str) -> Option<(DiskKey, String)> {
        let path = tidy(path);
        match path.strip_prefix("data").filter(|rest| rest.is_empty() || rest.starts_with('/')) {
            Some(rest) => Some((container.data, rest.trim_start_matches('/').to_owned())),
            None => container.layer.map(|layer| (layer, path)),
        }
    }

    fn users(&self, name: &str) -> Vec<&str> {
        let uses =
            |container: &&Container| matches!(&container.source, Source::Volume(used, _) if used == name);
        self.containers.values().filter(uses).map(|container| container.id.as_str()).collect()
    }

    fn volume_json(&self, name: &str, volume: &Volume) -> Value {
        let labels = if volume.labels.is_empty() { Value::Null } else { json!(volume.labels) };
        let whole = volume.created - volume.created % 1_000_000_000;
        json!({
            "CreatedAt": text(whole), "Driver": "local", "Labels": labels, "Mountpoint": mountpoint(name), "Name": name,
            "Options": null, "Scope": "local",
        })
    }

    /// `GET /volumes/{name}`
    pub(super) fn volume_inspect(&self, name: &str) -> Answer {
        let volume = self.volumes.get(name).ok_or_else(|| no_volume(name))?;
        answer(StatusCode::OK, &self.volume_json(name, volume))
    }

    /// `GET /volumes`
    pub(super) fn volume_list(&self, filters: &Filters) -> Answer {
        let volumes: Vec<Value> = self
            .volumes
            .iter()
            .filter(|(name, volume)| {
                filters.labels(&volume.labels)
                    && filters.any("name", |wanted| name.contains(wanted))
                    && filters
                        .any("dangling", |word| matches!(word, "true" | "1") == self.users(name).is_empty())
            })
            .map(|(name, volume)| self.volume_json(name, volume))
            .collect();
        answer(StatusCode::OK, &json!({ "Volumes": volumes, "Warnings": null }))
    }

    /// `POST /volumes/create`
    pub(super) fn volume_create(&mut self, request: VolumeCreate) -> Answer {
        let name = if request.name.is_empty() { digits(&mut self.rng) } else { request.name };
        self.volume_make(&name, request.labels.unwrap_or_default())?;
        let volume = self.volumes.get(&name).ok_or_else(|| no_volume(&name))?;
        answer(StatusCode::CREATED, &self.volume_json(&name, volume))
    }

    /// `DELETE /volumes/{name}`
    pub(super) fn volume_remove(&mut self, name: &str) -> Answer {
        let disk = self.volumes.get(name).map(|volume| volume.disk).ok_or_else(|| no_volume(name))?;
        let users = self.users(name);
        if !users.is_empty() {
            let users = users.join(", ");
            return Err(Refusal::conflict(format!("remove {name}: volume is in use - [{users}]")));
        }
        self.volumes.remove(name);
        self.disks.remove(&disk);
        let nanos = self.now().nanos;
        let attributes = BTreeMap::from([("driver".to_owned(), "local".to_owned())]);
        self.events.add(nanos, "volume", "destroy", name, attributes);
        Ok(empty(StatusCode::NO_CONTENT))
    }
}

fn no_volume(name: &str) -> Refusal {
    Refusal::missing(format!("get {name}: no such volume"))
}

/// A path without its leading slash and without `.`, `..` and empty parts. It cannot leave the root.
pub(super) fn tidy(path: &str) -> String {
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leaves_the_root() {
        assert_eq!(tidy("/data/./world//region/"), "data/world/region");
        assert_eq!(tidy("../../data/../etc/passwd"), "etc/passwd");
        assert_eq!(tidy("/"), "");
    }
}
