//! What hosts tell: which containers there are, and which server each one is.

use std::{collections::HashMap, sync::Arc, time::Duration};

use jiff::Timestamp;

use super::Core;
use crate::{
    docker::{Container, ContainerEvent, Detail, Health, Phase, What},
    engine::{
        console::Wish,
        fact::HostFact,
        hosts::concerns,
        players,
        servers::{
            entry::{Dying, Entry},
            labels, plan,
        },
    },
    model::{Host, HostId, HostState, Ownership, ServerId, Severity, Topic},
    store::{ServerRecord, Wanted},
};

/// How long running servers have to answer for the first time before the world counts as seen.
const FIRST_ANSWERS: Duration = Duration::from_millis(700);

impl Core {
    /// A host has news.
    pub(super) fn host(&mut self, id: &HostId, fact: HostFact) {
        match fact {
            HostFact::Up(docker, info, endpoint) => {
                let Some(host) = self.hosts.get_mut(id) else { return };
                let again = matches!(host.view.state, HostState::Down(_));
                host.view = Arc::new(Host {
                    endpoint: endpoint.describe(),
                    state: HostState::Up,
                    engine: format!("{} {}", info.name, info.version),
                    memory_bytes: info.memory_bytes,
                    cpus: info.cpus,
                    ..(*host.view).clone()
                });
                (host.docker, host.endpoint) = (Some(docker), Some(endpoint));
                host.folder = Self::docker_folder(&info.folder);
                self.touch_all(id);
                self.look_at_disks();
                if again {
                    let text = format!("The Docker engine of {} answers again", id.0);
                    self.notice(Severity::Success, None, text, "");
                }
            }
            HostFact::Down(fault) => {
                let Some(host) = self.hosts.get_mut(id) else { return };
                let news = (!matches!(host.view.state, HostState::Down(_))).then(|| fault.clone());
                let state = HostState::Down(Box::new(fault));
                host.view = Arc::new(Host { state, ..(*host.view).clone() });
                for entry in self.entries.values_mut().filter(|entry| entry.record.spec.host == *id) {
                    entry.run = None;
                    if let Some(console) = &entry.console {
                        let _ = console.wish(Wish::Pause);
                    }
                }
                self.touch_all(id);
                if let Some(fault) = news {
                    let text = format!("The Docker engine of {} does not answer: {}", id.0, fault.what);
                    let details = format!("{} {}", fault.means, fault.next);
                    self.alert(Topic::HostUnreachable, Severity::Error, None, text, details);
                }
            }
            HostFact::Listed(containers) => self.listed(id, containers),
            HostFact::Detail(detail) => self.detail(id, *detail),
            HostFact::Looked => {
                if let Some(host) = self.hosts.get_mut(id) {
                    host.looked = true;
                    self.publisher.settle_by(tokio::time::Instant::now() + FIRST_ANSWERS);
                }
                self.mend_saving_on(id);
            }
            HostFact::Happened(event) => self.happened(id, &event),
            HostFact::Gone(container) => self.gone(id, &container),
        }
        self.publisher.soon();
    }

    fn touch_all(&mut self, host: &HostId) {
        let entries = self.entries.values_mut().filter(|entry| entry.record.spec.host == *host);
        entries.for_each(Entry::touch);
        self.publisher.soon();
    }

    fn listed(&mut self, id: &HostId, containers: Vec<Container>) {
        let Some(host) = self.hosts.get_mut(id) else { return };
        host.containers =
            containers.iter().map(|container| (container.id.clone(), container.clone())).collect();
        host.listed = true;
        let there: HashMap<_, _> =
            containers.iter().map(|container| (container.id.as_str(), container)).collect();
        // Those whose container is not there any more: adopted ones may have been made anew under the same name.
        let lost: Vec<_> = self
            .entries
            .values()
            .filter(|entry| entry.record.spec.host == *id && entry.job.is_none())
            .filter(|entry| entry.record.container_id.as_deref().is_some_and(|id| !there.contains_key(id)))
            .filter_map(|entry| Some((entry.id(), entry.record.container_id.clone()?)))
            .collect();
        for (_, container) in lost {
            self.gone(id, &container);
        }
        for container in containers.iter().filter(|container| concerns(container)) {
            if let Some(server) = self.whose(id, &container.id, &container.name, &container.labels) {
                self.seen(server, container);
            }
        }
        self.touch_all(id);
        self.mend(id);
    }

    /// Which server a container is, if it is one that is known or should be.
    fn whose(
        &mut self,
        host: &HostId,
        container: &str,
        name: &str,
        labels: &std::collections::BTreeMap<String, String>,
    ) -> Option<ServerId> {
        if let Some(id) = self.by_container.get(container) {
            return Some(*id);
        }
        // An edit has two containers of one server for a while: the job itself says which is the server's.
        if let Some(known) = labels::read(labels, &Default::default())
            && known.engine == self.engine
        {
            return match self.entries.get(&known.server) {
                Some(entry) if entry.record.container_id.is_none() && entry.job.is_none() => {
                    Some(known.server)
                }
                Some(_) => None,
                // Deleted a moment ago, and looked at before that.
                None if self.forgotten.contains(&known.server) => None,
                // Not known, but made by this engine: the database was lost. The details will tell what it was, unless
                // it is what an interrupted job has left.
                None => {
                    (!self.unfinished.iter().any(|job| job.server == known.server)).then_some(known.server)
                }
            };
        }
        let adopted = self.entries.values().find(|entry| {
            let record = &entry.record;
            record.ownership == Ownership::Adopted
                && record.container_id.is_none()
                && record.spec.host == *host
                && record.container_name == name
        });
        Some(adopted.map_or_else(|| ServerId::of_container(container), Entry::id))
    }

    /// A container of a server, as the list shows it.
    fn seen(&mut self, server: ServerId, container: &Container) {
        self.by_container.insert(container.id.clone(), server);
        match self.entries.get_mut(&server) {
            Some(entry) => {
                entry.record.container_id = Some(container.id.clone());
                entry.listed = Some(container.clone());
                entry.touch_about();
            }
            None => {
                let spec = plan::spec_of(&container.name, &container.image, &Default::default(), None);
                let mut entry = Entry::found(container, spec);
                entry.record.id = server;
                self.entries.insert(server, entry);
                self.publisher.reorder();
            }
        }
    }

    /// A container in detail.
    pub(super) fn detail(&mut self, host: &HostId, detail: Detail) {
        let listed = Container {
            id: detail.id.clone(),
            name: detail.name.clone(),
            image: detail.image.clone(),
            labels: detail.labels.clone(),
            state: detail.phase,
            health: detail.health,
            created_at: detail.created_at,
            ports: detail.ports.clone(),
        };
        if let Some(entry) = self.hosts.get_mut(host) {
            entry.containers.insert(detail.id.clone(), listed.clone());
        }
        if !concerns(&listed) {
            return;
        }
        let Some(server) = self.whose(host, &detail.id, &detail.name, &detail.labels) else { return };
        if !self.by_container.contains_key(&detail.id) || !self.entries.contains_key(&server) {
            self.seen(server, &listed);
        }
        self.learn(server, host, detail);
    }

    fn learn(&mut self, server: ServerId, host: &HostId, detail: Detail) {
        let engine = self.engine;
        if detail.phase.is_alive() {
            // It runs again: what was read of its last end has to do.
            self.heard_out(server);
        }
        let Some(entry) = self.entries.get_mut(&server) else { return };
        let before = entry.record.clone();
        let first = entry.detail.is_none();
        let record = &mut entry.record;
        record.spec.host = host.clone();
        record.container_id = Some(detail.id.clone());
        record.container_name.clone_from(&detail.name);
        record.image.clone_from(&detail.image);
        record.data = data_of(&detail).or(record.data.take());
        if record.ownership == Ownership::Found {
            let known = labels::read(&detail.labels, &detail.env);
            let port =
                detail.ports.iter().find(|port| port.container == plan::GAME_PORT).and_then(|port| port.host);
            let told = known.as_ref().and_then(|known| known.spec.clone());
            record.spec = told.unwrap_or_else(|| {
                plan::spec_of(&detail.name, &detail.image, &detail.env, port.map(|(_, port)| port))
            });
            record.spec.host = host.clone();
            record.created_at = detail.created_at;
            if known.is_some_and(|known| known.engine == engine) {
                // Made by this engine, and not in its database: that was lost. Everything it needs is here.
                record.ownership = Ownership::Created;
            }
        }
        if entry.record.ownership != Ownership::Adopted {
            // The container's own name is the one that counts.
            entry.record.spec.name.clone_from(&detail.name);
        }
        let renamed = entry.record.spec.name != before.spec.name;
        let (phase, started) = (detail.phase, detail.started_at);
        if let Some(started) = started.filter(|_| phase.is_alive()) {
            let new_run =
                entry.detail.as_ref().and_then(|old| old.started_at).is_none_or(|old| old < started);
            if new_run {
                entry.begin_run(started);
            }
        }
        let count = detail.restart_count;
        let age = std::time::Duration::try_from(Timestamp::now().duration_since(detail.created_at))
            .unwrap_or_default();
        if first && detail.health == Some(Health::Healthy) {
            // What Docker's own check was last told will do until the game answers here.
            entry.roster.answer(
                Timestamp::now(),
                &players::health(detail.health_output.as_deref().unwrap_or_default()),
            );
        }
        entry.detail = Some(detail);
        if phase.is_alive() {
            entry.explanation = None;
        } else {
            entry.end_run();
            if matches!(phase, Phase::Exited | Phase::Dead | Phase::Restarting) {
                entry.explain();
            }
        }
        entry.touch_about();
        // Docker may have restarted it over and over while nobody was looking.
        let managed = entry.record.ownership.is_managed() && entry.record.looping.is_none();
        let looping = first && managed && recent(started) && entry.lives.seen(count, age, self.loop_rule);
        let changed = entry.record.ownership != before.ownership
            || entry.record.container_id != before.container_id
            || entry.record.spec != before.spec
            || entry.record.data != before.data;
        if renamed {
            self.publisher.reorder();
        }
        if changed {
            self.keep(server);
        }
        self.tend(server);
        if looping {
            self.stop_looping(server);
        }
    }

    fn happened(&mut self, host: &HostId, event: &ContainerEvent) {
        if let What::Rename { name } = &event.what
            && let Some(container) =
                self.hosts.get_mut(host).and_then(|host| host.containers.get_mut(&event.container))
        {
            container.name.clone_from(name);
        }
        let Some(id) = self.by_container.get(&event.container).copied() else { return };
        if matches!(event.what, What::Start) {
            // Started again before its last words were read.
            self.heard_out(id);
        }
        let Some(entry) = self.entries.get_mut(&id) else { return };
        match &event.what {
            What::Kill => {
                entry.end_asked = Some(event.at);
                entry.touch();
                if let Some(console) = &entry.console {
                    let _ = console.wish(Wish::Hurry);
                }
            }
            What::Start => {
                entry.begin_run(event.at);
                entry.fresh_run = true;
                // Docker may begin one more life while a looping server is being stopped: nobody wanted that one.
                if !entry.stopping_loop {
                    let by_person = entry.record.wanted == Wanted::Stopped;
                    entry.record.wanted = Wanted::Running;
                    entry.record.looping = None;
                    if by_person {
                        entry.forgive();
                        self.keep(id);
                    }
                }
            }
            What::Die { exit_code } => self.dies(id, event.at, *exit_code),
            What::Oom => entry.starved = true,
            _ => {}
        }
    }

    /// A container has ended. Why is told by its log, so that is read to the end first.
    fn dies(&mut self, id: ServerId, at: Timestamp, exit_code: i64) {
        let Some(entry) = self.entries.get_mut(&id) else { return };
        entry.dying = Some(Dying { started: entry.started_at(), at, exit_code });
        entry.end_run();
        let heard = entry.end_asked.is_none()
            && entry.console.as_ref().is_some_and(|console| console.wish(Wish::HearOut).is_ok());
        if !heard {
            self.heard_out(id);
        }
    }

    /// What a container that has ended wrote is known, as far as it ever will be.
    pub(super) fn heard_out(&mut self, id: ServerId) {
        let dying = self.entries.get_mut(&id).and_then(|entry| entry.dying.take());
        if let Some(dying) = dying {
            self.died(id, dying);
            self.publisher.soon();
        }
    }

    fn died(&mut self, id: ServerId, Dying { started, at, exit_code }: Dying) {
        let rule = self.loop_rule;
        let Some(entry) = self.entries.get_mut(&id) else { return };
        if entry.end_asked.is_some() {
            // Somebody told Docker to end it: it stays ended, and that is no crash.
            // One that is stopped because it loops keeps the count of its ends: the explanation tells it.
            if !entry.stopping_loop {
                entry.forgive();
            }
            if entry.job.is_none() && entry.record.wanted == Wanted::Running {
                entry.record.wanted = Wanted::Stopped;
                self.keep(id);
            }
            return;
        }
        // Docker may start it again before it could be looked at: what is known of its end is put into words now.
        entry.note_end(exit_code, at);
        entry.crash_told = true;
        let cause = entry.last_end.as_ref().map_or("unknown", |end| end.code.as_str()).to_owned();
        *entry.counts.crashes.entry(cause).or_default() += 1;
        let looping = entry.lives.end(started, at, rule);
        let (name, last) = (entry.name().to_owned(), entry.last_end.clone());
        let managed = entry.record.ownership.is_managed();
        let stop = looping && managed && entry.job.is_none();
        // Docker may have it running again before a list could show it as crashed: it is told all the same.
        let details = last.map(|end| format!("{} {} {}", end.what, end.means, end.next)).unwrap_or_default();
        self.alert(Topic::ServerCrashed, Severity::Error, Some(id), format!("{name} crashed"), details);
        if stop {
            self.stop_looping(id);
        }
    }

    fn gone(&mut self, host: &HostId, container: &str) {
        if let Some(entry) = self.hosts.get_mut(host) {
            entry.containers.remove(container);
        }
        let Some(id) = self.by_container.remove(container) else { return };
        let Some(entry) = self.entries.get_mut(&id) else { return };
        if entry.record.container_id.as_deref() != Some(container) {
            return;
        }
        if let Some(console) = &entry.console {
            let _ = console.wish(Wish::Pause);
        }
        if entry.record.ownership == Ownership::Found {
            self.entries.remove(&id);
            self.publisher.reorder();
            return;
        }
        entry.lose_container();
        self.keep(id);
    }

    /// A record that a job wants kept: its container may be another one now.
    pub(super) fn adopt_record(&mut self, record: &ServerRecord) {
        let id = record.id;
        let entry = self.entries.entry(id).or_insert_with(|| Entry::new(record.clone()));
        let old = entry.record.container_id.clone();
        if old != record.container_id {
            entry.detail = None;
            entry.listed = None;
        }
        entry.record = record.clone();
        entry.touch_about();
        if let Some(old) = old {
            self.by_container.remove(&old);
        }
        if let Some(new) = &record.container_id {
            self.by_container.insert(new.clone(), id);
        }
        self.publisher.reorder();
    }
}

/// Where a container's data is.
fn data_of(detail: &Detail) -> Option<String> {
    let mount = detail.mounts.iter().find(|mount| mount.destination == "/data")?;
    Some(mount.source_name_or_path.clone()).filter(|source| !source.is_empty())
}

/// Whether a start is so young that its server may be looping.
fn recent(started: Option<Timestamp>) -> bool {
    started.is_none_or(|started| Timestamp::now().duration_since(started).as_secs() < 600)
}
