//! The list of containers, written so that a thousand of them cost a few milliseconds.

use std::collections::BTreeMap;

use hyper::StatusCode;
use serde::Serialize;
use serde_json::Value;

use super::container::{Container, Status};
use super::http::{Answer, Filters, Query, json as answer};
use super::images;
use super::inspect::{mounts, network};
use super::world::World;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Listed<'a> {
    id: &'a str,
    names: [String; 1],
    image: &'a str,
    #[serde(rename = "ImageID")]
    image_id: &'a str,
    command: &'a str,
    created: i64,
    ports: Vec<Port<'a>>,
    labels: &'a BTreeMap<String, String>,
    state: &'a str,
    status: String,
    host_config: HostConfig<'a>,
    network_settings: Networks,
    mounts: Value,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Port<'a> {
    #[serde(rename = "IP", skip_serializing_if = "str::is_empty")]
    address: &'a str,
    private_port: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    public_port: Option<u16>,
    r#type: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct HostConfig<'a> {
    network_mode: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Networks {
    networks: BTreeMap<&'static str, Value>,
}

fn split(inner: &str) -> (u16, &str) {
    let (port, kind) = inner.split_once('/').unwrap_or((inner, "tcp"));
    (port.parse().unwrap_or(0), kind)
}

fn ports(container: &Container) -> Vec<Port<'_>> {
    if !container.state.status.alive() {
        return Vec::new();
    }
    let published = container.ports.iter().map(|port| {
        let (private_port, r#type) = split(&port.inner);
        Port { address: &port.address, private_port, public_port: Some(port.port), r#type }
    });
    let exposed = container.plan.exposed_ports.keys().map(String::as_str).chain(["25565/tcp"]);
    let mut ports: Vec<Port<'_>> = published.collect();
    for inner in exposed {
        let (private_port, r#type) = split(inner);
        if !ports.iter().any(|port| port.private_port == private_port && port.r#type == r#type) {
            ports.push(Port { address: "", private_port, public_port: None, r#type });
        }
    }
    ports
}

/// A span of time as Docker says it to people.
fn human(seconds: i64) -> String {
    let (minutes, hours) = (seconds / 60, (seconds + 1800) / 3600);
    match seconds {
        ..1 => "Less than a second".to_owned(),
        1 => "1 second".to_owned(),
        2..60 => format!("{seconds} seconds"),
        60..120 => "About a minute".to_owned(),
        120..3600 => format!("{minutes} minutes"),
        _ if hours == 1 => "About an hour".to_owned(),
        _ if hours < 48 => format!("{hours} hours"),
        _ if hours < 24 * 14 => format!("{} days", hours / 24),
        _ if hours < 24 * 60 => format!("{} weeks", hours / 24 / 7),
        _ if hours < 24 * 365 * 2 => format!("{} months", hours / 24 / 30),
        _ => format!("{} years", hours / 24 / 365),
    }
}

fn status(container: &Container, now: i64) -> String {
    let state = &container.state;
    let since = |nanos: i64| human((now - nanos) / 1_000_000_000);
    match state.status {
        Status::Created => "Created".to_owned(),
        Status::Paused => format!("Up {} (Paused)", since(state.started)),
        Status::Restarting => format!("Restarting ({}) {} ago", state.exit_code, since(state.finished)),
        Status::Exited => format!("Exited ({}) {} ago", state.exit_code, since(state.finished)),
        Status::Running => match container.health.as_ref().map(|health| health.status) {
            None => format!("Up {}", since(state.started)),
            Some("starting") => format!("Up {} (health: starting)", since(state.started)),
            Some(word) => format!("Up {} ({word})", since(state.started)),
        },
    }
}

impl World {
    fn fits(&self, container: &Container, filters: &Filters) -> bool {
        filters.labels(&container.plan.labels)
            && filters.any("id", |id| container.id.starts_with(id))
            && filters.any("name", |name| container.name.contains(name.trim_matches(['^', '$', '/'])))
            && filters.any("status", |word| container.state.status.word() == word)
            && filters.any("health", |word| {
                container.health.as_ref().map_or("none", |health| health.status) == word
            })
            && filters.any("ancestor", |image| images::full(image) == images::full(&container.plan.image))
            && filters.any("volume", |volume| {
                matches!(&container.source, super::container::Source::Volume(name, _) if name == volume)
            })
    }

    /// `GET /containers/json`
    pub(super) fn list(&self, query: &Query) -> Answer {
        let filters = query.filters()?;
        let all = query.flag("all") || !filters.any("status", |_| false);
        let limit = query.text("limit").parse().unwrap_or(usize::MAX);
        let now = self.now().nanos;
        let mut ids: BTreeMap<&str, String> = BTreeMap::new();
        let chosen: Vec<&Container> = self
            .containers
            .values()
            .rev()
            .filter(|container| {
                let up = container.state.status.alive() || container.state.status == Status::Restarting;
                (all || up) && self.fits(container, &filters)
            })
            .take(if limit == 0 { usize::MAX } else { limit })
            .collect();
        for container in &chosen {
            let image = container.plan.image.as_str();
            ids.entry(image).or_insert_with(|| images::id(&images::full(image)));
        }
        let listed: Vec<Listed<'_>> = chosen
            .iter()
            .map(|container| Listed {
                id: &container.id,
                names: [format!("/{}", container.name)],
                image: &container.plan.image,
                image_id: ids.get(container.plan.image.as_str()).map(String::as_str).unwrap_or_default(),
                command: images::ENTRYPOINT,
                created: container.created / 1_000_000_000,
                ports: ports(container),
                labels: &container.plan.labels,
                state: container.state.status.word(),
                status: status(container, now),
                host_config: HostConfig {
                    network_mode: match container.plan.host_config.network_mode.as_str() {
                        "" => "default",
                        mode => mode,
                    },
                },
                network_settings: Networks { networks: BTreeMap::from([("bridge", network(container))]) },
                mounts: mounts(container),
            })
            .collect();
        answer(StatusCode::OK, &listed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_said_as_docker_says_them() {
        for (seconds, text) in [
            (0, "Less than a second"),
            (1, "1 second"),
            (59, "59 seconds"),
            (60, "About a minute"),
            (150, "2 minutes"),
            (3600, "About an hour"),
            (7200, "2 hours"),
            (3 * 86_400, "3 days"),
            (21 * 86_400, "3 weeks"),
            (90 * 86_400, "3 months"),
        ] {
            assert_eq!(human(seconds), text);
        }
    }
}
