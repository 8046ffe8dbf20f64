//! What goes on while a container runs: its console is followed, it is measured, and asked whether it can be joined.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use tokio_util::sync::CancellationToken;

use super::{Core, HostEntry};
use crate::{
    docker::{Detail, Docker, Phase},
    engine::{
        console::{self, Source, Wish},
        players::{self, Target},
        servers::{entry::Run, plan},
        stats,
    },
    minecraft::kind,
    model::ServerId,
    store::ServerRecord,
    tasks::Tasks,
};

impl Core {
    /// Sees to it that a server's tasks are those that its state needs.
    pub(super) fn tend(&mut self, id: ServerId) {
        let Some(host) = self.host_of(id) else { return };
        let Some(docker) = host.docker.clone().filter(|_| host.is_up()) else { return };
        let Some(entry) = self.entries.get(&id) else { return };
        let Some(detail) = &entry.detail else { return };
        let source = source(host, detail, docker.clone(), &entry.record);
        let alive = detail.phase.is_alive();
        // A stopped server's log is read when somebody looks at it, and when nobody is known to have stopped it: a
        // crash may end with 0, and only the log tells it from a stop.
        let wanted = alive || entry.console.is_some() || !entry.end_asked();
        let (container, target) = (detail.id.clone(), target(host, detail));
        let reads = wanted && !alive && entry.console.is_none();
        if wanted {
            self.console_of(id, Some(source));
        }
        let (facts, tasks) = (self.ways.facts.clone(), self.ways.tasks.clone());
        let stop = self.ways.stop.child_token();
        let Some(entry) = self.entry(id) else { return };
        entry.reading |= reads;
        match &entry.run {
            Some(run) if alive && run.container == container => {}
            _ if alive => {
                entry.unasked = matches!(target, Target::Health);
                entry.run = Some(Run { container: container.clone(), stop: stop.clone() });
                spawn_run(&tasks, docker, id, container, target, &facts, &stop);
            }
            _ => entry.run = None,
        }
    }

    /// A server's console, made when it is first needed, and told where its lines come from.
    fn console_of(&mut self, id: ServerId, source: Option<Source>) {
        let (limits, facts, tasks) = (self.console, self.ways.facts.clone(), self.ways.tasks.clone());
        let reads = self.reads.clone();
        let Some(entry) = self.entry(id) else { return };
        let console = entry.console.get_or_insert_with(|| console::spawn(id, limits, reads, facts, &tasks));
        if let Some(source) = source {
            // A console that has too many wishes already gets this one at the next change.
            let _ = console.wish(Wish::Follow(Box::new(source)));
        }
    }

    /// Somebody watches a console.
    pub(super) fn watch(
        &mut self,
        id: ServerId,
        from: crate::engine::handle::From,
        lines: tokio::sync::mpsc::Sender<crate::model::console::Batch>,
    ) {
        let source = self.host_of(id).and_then(|host| {
            let entry = self.entries.get(&id)?;
            let docker = host.docker.clone()?;
            Some(source(host, entry.detail.as_ref()?, docker, &entry.record))
        });
        self.console_of(id, source);
        if let Some(console) = self.entry(id).and_then(|entry| entry.console.as_ref()) {
            let _ = console.wish(Wish::Watch(from, lines));
        }
    }
}

fn spawn_run(
    tasks: &Tasks,
    docker: crate::docker::Docker,
    id: ServerId,
    container: String,
    target: Target,
    facts: &tokio::sync::mpsc::Sender<crate::engine::fact::Fact>,
    stop: &CancellationToken,
) {
    tasks.spawn(stats::follow(docker.clone(), id, container.clone(), facts.clone(), stop.clone()));
    tasks.spawn(players::follow(docker, id, container, target, facts.clone(), stop.clone()));
}

fn source(host: &HostEntry, detail: &Detail, docker: Docker, record: &ServerRecord) -> Source {
    let source = Source::of(docker, detail, host.is_here());
    let version = record.version.as_ref().unwrap_or(&record.spec.version).parse().ok();
    // One that sleeps would be woken; and each call of `rcon-cli` would be two lines in the log, but for the demo's.
    let asks = detail.phase == Phase::Running
        && !sleeps(detail)
        && (source.rcon.is_some() || (host.view.demo && console::rcon_port(&detail.env).is_some()));
    Source {
        password: record.rcon_password.clone(),
        ticks: asks.then(|| kind::tick_command(record.spec.server_type, version.as_ref())).flatten(),
        ..source
    }
}

/// Whether something puts it to sleep for want of players, and wakes it at any connection.
fn sleeps(detail: &Detail) -> bool {
    let autopause = detail.env.get("ENABLE_AUTOPAUSE");
    autopause.is_some_and(|value| value.eq_ignore_ascii_case("true"))
        || detail.labels.keys().any(|label| label.starts_with("mc-router."))
}

/// How the game in a container can be asked.
fn target(host: &HostEntry, detail: &Detail) -> Target {
    if sleeps(detail) {
        // Any connection would wake it.
        return Target::Health;
    }
    if !host.is_here() {
        return Target::Exec;
    }
    let published = detail.ports.iter().filter(|port| !port.udp && port.container == plan::GAME_PORT);
    let published = published.filter_map(|port| port.host).find(|(_, port)| *port != 0);
    let local =
        |address: IpAddr| if address.is_unspecified() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { address };
    if let Some((address, port)) = published {
        return Target::Ping(SocketAddr::new(local(address), port));
    }
    match detail.addresses.first() {
        Some(address) => Target::Ping(SocketAddr::new(*address, plan::GAME_PORT)),
        None => Target::Exec,
    }
}
