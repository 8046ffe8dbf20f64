//! Asks a running game whether it can be joined: first until it says yes, then now and again.

use std::{net::SocketAddr, time::Duration};

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::{
    docker::{Docker, Health},
    engine::fact::{Fact, Probe},
    minecraft::ping,
    model::ServerId,
};

/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often a game that answers is asked again.
const CALM: Duration = Duration::from_secs(30);
/// The first pause after no answer; it doubles up to [`SLOWEST`].
const FIRST: Duration = Duration::from_millis(100);
const SLOWEST: Duration = Duration::from_secs(5);

/// How a game can be asked.
#[derive(Clone, Debug)]
pub enum Target {
    /// By a server list ping to this address.
    Ping(SocketAddr),
    /// By the image's own health check, run in the container: where no address leads to it from here.
    Exec,
    /// Not at all: only what Docker's own health check last said is read, because asking would wake the server.
    Health,
}

/// Asks until `stop` is called, and tells the core of each answer and each silence.
pub async fn follow(
    docker: Docker,
    server: ServerId,
    container: String,
    target: Target,
    facts: mpsc::Sender<Fact>,
    stop: CancellationToken,
) {
    let (mut pause, mut misses) = (FIRST, 0u32);
    loop {
        // An address may lead nowhere (a firewall, a Docker that is elsewhere): then the container itself is asked.
        let way = if misses > 0 && misses.is_multiple_of(4) && matches!(target, Target::Ping(_)) {
            &Target::Exec
        } else {
            &target
        };
        // Asking takes a moment in half a minute; the rest of the time only what comes after it is kept.
        let asked = Box::pin(ask(&docker, &container, way));
        let Some(answer) = stop.run_until_cancelled(asked).await else { return };
        misses = if answer.is_some() { 0 } else { misses.saturating_add(1) };
        pause = if answer.is_some() {
            CALM
        } else if pause == CALM {
            FIRST
        } else {
            (pause * 2).min(SLOWEST)
        };
        if facts.send(Fact::Probed(server, container.clone(), answer)).await.is_err() {
            return;
        }
        if stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_none() {
            return;
        }
    }
}

async fn ask(docker: &Docker, container: &str, target: &Target) -> Option<Probe> {
    match target {
        Target::Ping(address) => {
            let status = ping::ping(*address, "localhost", PATIENCE).await.ok()?;
            // Early in a start the game answers `{}`: it listens, and cannot be joined yet.
            let version = status.version?;
            Some(Probe {
                online: status.online,
                max: status.max,
                version: Some(version),
                suspended: false,
                latency: status.latency,
            })
        }
        Target::Exec => {
            let output = docker.exec(container, &["mc-health"], None, PATIENCE * 2).await.ok()?;
            (output.code == 0).then(|| health(&String::from_utf8_lossy(&output.stdout)))
        }
        Target::Health => {
            let detail = docker.inspect(container).await.ok()?;
            health_passes(detail.health).then(|| health(detail.health_output.as_deref().unwrap_or_default()))
        }
    }
}

fn health_passes(health: Option<Health>) -> bool {
    health == Some(Health::Healthy)
}

/// Reads `localhost:25565 : version=1.21.4 online=0 max=20 motd='…'`. What a player can write comes last.
pub fn health(said: &str) -> Probe {
    let facts = said.split(" motd=").next().unwrap_or_default();
    let field =
        |name: &str| facts.split_whitespace().find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
    Probe {
        online: field("online").and_then(|text| text.parse().ok()),
        max: field("max").and_then(|text| text.parse().ok()),
        version: field("version").map(|text| crate::minecraft::text::plain(text, 64)),
        suspended: said.starts_with("Java process suspended by Autopause"),
        latency: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_health_check_tells_who_is_on() {
        let said = "localhost:25565 : version=1.21.4 online=3 max=20 motd='A online=99 max=1'";
        let version = Some("1.21.4".to_owned());
        assert_eq!(
            health(said),
            Probe { online: Some(3), max: Some(20), version, suspended: false, latency: None }
        );
        let none = Probe { online: None, max: None, version: None, suspended: false, latency: None };
        assert_eq!(health("nonsense"), none);
        assert!(health("Java process suspended by Autopause function").suspended);
    }
}
