//! The list of containers as the engine sends it.

use std::collections::BTreeMap;
use std::net::IpAddr;

use jiff::Timestamp;
use serde::Deserialize;

use super::types::{Container, Health, Phase, PortMap};

/// One container of the list. Only what is needed, and every word optional: engines differ.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Listed {
    id: String,
    #[serde(default)]
    names: Option<Vec<String>>,
    #[serde(default)]
    image: String,
    #[serde(default)]
    labels: Option<BTreeMap<String, String>>,
    #[serde(default)]
    state: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    created: i64,
    #[serde(default)]
    ports: Option<Vec<ListedPort>>,
}

#[derive(Deserialize)]
struct ListedPort {
    #[serde(rename = "IP", default)]
    ip: String,
    #[serde(rename = "PrivatePort", default)]
    private: u16,
    #[serde(rename = "PublicPort", default)]
    public: u16,
    #[serde(rename = "Type", default)]
    kind: String,
}

impl Listed {
    pub(super) fn into_container(self) -> Container {
        let names = self.names.unwrap_or_default();
        // Legacy links add names such as `/other/alias`; its own has one slash only.
        let name = names.iter().find(|name| !name.trim_start_matches('/').contains('/')).or(names.first());
        let ports = self.ports.unwrap_or_default().into_iter().filter_map(ListedPort::into_map);
        let mut ports: Vec<PortMap> = ports.collect();
        ports.sort();
        ports.dedup();
        Container {
            name: name.map(|name| name.trim_start_matches('/').to_owned()).unwrap_or_default(),
            id: self.id,
            image: self.image,
            labels: self.labels.unwrap_or_default(),
            state: Phase::parse(&self.state),
            health: health(&self.status),
            created_at: Timestamp::from_second(self.created).unwrap_or(Timestamp::UNIX_EPOCH),
            ports,
        }
    }
}

/// The list tells of health only inside a sentence for people: `Up 5 minutes (health: starting)`.
fn health(status: &str) -> Option<Health> {
    let (_, word) = status.strip_suffix(')')?.rsplit_once('(')?;
    Health::parse(word.strip_prefix("health: ").unwrap_or(word))
}

impl ListedPort {
    fn into_map(self) -> Option<PortMap> {
        let udp = match self.kind.as_str() {
            "tcp" | "" => false,
            "udp" => true,
            _ => return None,
        };
        let address =
            if self.ip.is_empty() { Some(IpAddr::from([0, 0, 0, 0])) } else { self.ip.parse().ok() };
        let host = address.filter(|_| self.public != 0).map(|address| (address, self.public));
        Some(PortMap { container: self.private, udp, host })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn container(json: &str) -> Container {
        serde_json::from_str::<Listed>(json).unwrap().into_container()
    }

    #[test]
    fn a_container_of_docker_is_read() {
        let container = container(
            r#"{"Id":"abc","Names":["/proxy/backend","/survival"],"Image":"itzg/minecraft-server","Created":1700000000,
            "Labels":{"a":"b"},"State":"running","Status":"Up 5 minutes (healthy)","Ports":[
            {"IP":"0.0.0.0","PrivatePort":25565,"PublicPort":25570,"Type":"tcp"},
            {"IP":"::","PrivatePort":25565,"PublicPort":25570,"Type":"tcp"},{"PrivatePort":25575,"Type":"tcp"}]}"#,
        );
        assert_eq!(container.name, "survival");
        assert_eq!(container.state, Phase::Running);
        assert_eq!(container.health, Some(Health::Healthy));
        assert_eq!(container.created_at.as_second(), 1_700_000_000);
        assert_eq!(container.ports.len(), 3);
        assert!(container.ports.iter().any(|port| port.container == 25575 && port.host.is_none()));
    }

    #[test]
    fn words_that_are_missing_or_unknown_are_borne() {
        let bare = container(r#"{"Id":"abc","Names":null,"Labels":null,"Ports":null,"State":"stopped"}"#);
        assert_eq!((bare.name.as_str(), bare.state, bare.health), ("", Phase::Exited, None));
        assert_eq!(health("Up 2 seconds (health: starting)"), Some(Health::Starting));
        assert_eq!(health("Up 2 seconds (unhealthy)"), Some(Health::Unhealthy));
        assert_eq!(health("Exited (137) 2 hours ago"), None);
        assert_eq!(health("Up 2 seconds (Paused)"), None);
    }
}
