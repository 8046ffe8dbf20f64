//! Images: which are there, and what an inspection says of them.

use std::collections::BTreeMap;

use hyper::StatusCode;
use practice::rng::{Rng, hash};
use serde_json::{Value, json};

use super::clock::text;
use super::http::{Answer, Filters, json as answer};
use super::refusal::Refusal;
use super::world::World;

/// The variables that the image sets itself.
pub(super) const ENV: [(&str, &str); 6] = [
    ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
    ("TYPE", "VANILLA"),
    ("VERSION", "LATEST"),
    ("EULA", ""),
    ("UID", "1000"),
    ("GID", "1000"),
];
/// What the image runs.
pub(super) const ENTRYPOINT: &str = "/image/scripts/start";
/// The image's size in bytes, about that of the real one.
const SIZE: u64 = 823_417_344;

/// 64 hexadecimal digits that follow from a seed.
pub(super) fn digits(rng: &mut Rng) -> String {
    (0..4).map(|_| format!("{:016x}", rng.next_u64())).collect()
}

/// A reference with its tag.
pub(super) fn full(reference: &str) -> String {
    let bare = reference.strip_prefix("docker.io/").unwrap_or(reference);
    let bare = bare.strip_prefix("library/").unwrap_or(bare);
    let tagged = bare.contains('@') || bare.rsplit('/').next().is_some_and(|name| name.contains(':'));
    if tagged { bare.to_owned() } else { format!("{bare}:latest") }
}

/// The id of the image that a full reference names.
pub(super) fn id(reference: &str) -> String {
    format!("sha256:{}", digits(&mut Rng::new(hash(reference.as_bytes()))))
}

/// The images on the host: full references, and when each was fetched.
pub(super) type Images = BTreeMap<String, i64>;

fn labels() -> Value {
    json!({
        "org.opencontainers.image.title": "docker-minecraft-server",
        "org.opencontainers.image.description": "A practice server that keeps this image's contract",
    })
}

impl World {
    /// The full reference of an image that is there: named by reference, or by its id.
    pub(super) fn image(&self, name: &str) -> Option<String> {
        let wanted = full(name);
        if self.images.contains_key(&wanted) {
            return Some(wanted);
        }
        let bare = name.strip_prefix("sha256:").unwrap_or(name);
        let hex = bare.len() >= 12 && bare.bytes().all(|byte| byte.is_ascii_hexdigit());
        self.images
            .keys()
            .find(|reference| {
                hex && id(reference).strip_prefix("sha256:").is_some_and(|id| id.starts_with(bare))
            })
            .cloned()
    }

    /// `GET /images/{name}/json`
    pub(super) fn image_inspect(&self, name: &str) -> Answer {
        let reference = self.image(name).ok_or_else(|| {
            Refusal::missing(format!("no such image: {name}: No such image: {}", full(name)))
        })?;
        let fetched = self.images.get(&reference).copied().unwrap_or(0);
        let env: Vec<String> = ENV.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let repository = reference.split([':', '@']).next().unwrap_or_default();
        let config = json!({
            "Hostname": "", "Domainname": "", "User": "", "AttachStdin": false, "AttachStdout": false,
            "AttachStderr": false, "ExposedPorts": {"25565/tcp": {}}, "Tty": false, "OpenStdin": false,
            "StdinOnce": false, "Env": env, "Cmd": null, "Healthcheck": super::inspect::health_config(&self.options),
            "Image": "", "Volumes": {"/data": {}}, "WorkingDir": "/data", "Entrypoint": [ENTRYPOINT],
            "OnBuild": null, "Labels": labels(), "StopSignal": "SIGTERM",
        });
        let body = json!({
            "Id": id(&reference), "RepoTags": [reference], "Parent": "", "Comment": "", "Author": "",
            "RepoDigests": [format!("{repository}@{}", id(&format!("{reference}@")))],
            "Created": text(fetched - 86_400_000_000_000), "Container": "", "ContainerConfig": config.clone(),
            "DockerVersion": super::VERSION, "Config": config, "Architecture": "amd64", "Os": "linux",
            "Size": SIZE, "VirtualSize": SIZE, "GraphDriver": {"Data": null, "Name": "overlay2"},
            "RootFS": {"Type": "layers", "Layers": [id(&format!("{reference}/0"))]},
            "Metadata": {"LastTagTime": text(fetched)},
        });
        answer(StatusCode::OK, &body)
    }

    /// `GET /images/json`
    pub(super) fn image_list(&self, filters: &Filters) -> Answer {
        let fits = |reference: &str| {
            filters.any("reference", |wanted| {
                full(wanted) == reference || reference.split(':').next() == Some(wanted)
            })
        };
        let images: Vec<Value> = self
            .images
            .iter()
            .filter(|(reference, _)| fits(reference))
            .map(|(reference, fetched)| {
                json!({
                    "Id": id(reference), "ParentId": "", "RepoTags": [reference], "RepoDigests": null,
                    "Created": fetched / 1_000_000_000 - 86_400, "Size": SIZE, "VirtualSize": SIZE,
                    "SharedSize": -1, "Labels": labels(), "Containers": -1,
                })
            })
            .collect();
        answer(StatusCode::OK, &images)
    }

    /// `DELETE /images/{name}`
    pub(super) fn image_remove(&mut self, name: &str) -> Answer {
        let reference =
            self.image(name).ok_or_else(|| Refusal::missing(format!("No such image: {}", full(name))))?;
        if let Some(user) =
            self.containers.values().find(|container| full(&container.plan.image) == reference)
        {
            return Err(Refusal::conflict(format!(
                "conflict: unable to remove repository reference \"{name}\" (must force) - container {} is using its \
                 referenced image",
                user.id.get(..12).unwrap_or_default()
            )));
        }
        self.images.remove(&reference);
        self.emit_image("delete", &reference);
        answer(StatusCode::OK, &json!([{ "Untagged": reference }, { "Deleted": id(&reference) }]))
    }

    /// Tells what happened to an image.
    pub(super) fn emit_image(&mut self, action: &'static str, reference: &str) {
        let nanos = self.now().nanos;
        let attributes = BTreeMap::from([("name".to_owned(), reference.to_owned())]);
        self.events.add(nanos, "image", action, reference, attributes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_gets_the_tag_that_it_lacks() {
        assert_eq!(full("itzg/minecraft-server"), "itzg/minecraft-server:latest");
        assert_eq!(full("docker.io/itzg/minecraft-server:java21"), "itzg/minecraft-server:java21");
        assert_eq!(full("localhost:5000/a"), "localhost:5000/a:latest");
        assert_eq!(id("a:b").len(), 71);
        assert_ne!(id("a:b"), id("a:c"));
    }
}
