//! Shows the world to the faces: at once when something happened, once a second when only figures moved.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio::time::Instant;

use super::Core;
use crate::engine::servers::entry::Entry;
use crate::model::{Explanation, Server, ServerId, Severity, Snapshot, State, Topic};

/// The least time between two snapshots of things that happened.
const BRISK: Duration = Duration::from_millis(10);
/// And of figures: all servers' measurements of a second are shown together.
const CALM: Duration = Duration::from_secs(1);

/// When the next snapshot is due.
pub struct Publisher {
    sequence: u64,
    last: Instant,
    last_calm: Instant,
    brisk: bool,
    calm: bool,
    /// Until when the world is not called settled while servers have not answered yet.
    settle_by: Option<Instant>,
    /// The order of the servers, as long as none came, went or was renamed.
    order: Option<Vec<ServerId>>,
}

impl Default for Publisher {
    /// The first snapshot, of what the database remembers, is due at once.
    fn default() -> Self {
        let now = Instant::now();
        Self {
            sequence: 0,
            last: now,
            last_calm: now,
            brisk: true,
            calm: false,
            settle_by: None,
            order: None,
        }
    }
}

impl Publisher {
    /// Something happened.
    pub fn soon(&mut self) {
        self.brisk = true;
    }

    /// A figure moved.
    pub fn calmly(&mut self) {
        self.calm = true;
    }

    /// Servers have until then to answer for the first time.
    pub fn settle_by(&mut self, at: Instant) {
        self.settle_by = Some(at);
        self.brisk = true;
    }

    /// A server came, went or was renamed.
    pub fn reorder(&mut self) {
        self.order = None;
        self.brisk = true;
    }

    fn due_at(&self) -> Option<Instant> {
        let brisk = self.brisk.then(|| self.last + BRISK);
        let calm = self.calm.then(|| self.last_calm + CALM);
        brisk.into_iter().chain(calm).chain(self.settle_by).min()
    }

    /// Waits until a snapshot is due; for ever when nothing changed. Cancel-safe.
    pub async fn due(&self) {
        match self.due_at() {
            Some(at) => tokio::time::sleep_until(at).await,
            None => std::future::pending().await,
        }
    }
}

impl Core {
    /// Shows the world, when that is due.
    pub(super) fn publish(&mut self) {
        let now = Instant::now();
        if self.publisher.due_at().is_none_or(|due| due > now) {
            return;
        }
        let time = Timestamp::now();
        let order = match self.publisher.order.take() {
            Some(order) => order,
            None => self.in_order(),
        };
        let mut servers = Vec::with_capacity(order.len());
        let mut changed = Vec::new();
        for id in &order {
            let Some(entry) = self.entries.get_mut(id) else { continue };
            let up = self.hosts.get(&entry.record.spec.host).is_some_and(super::HostEntry::is_up);
            let fresh = entry.is_touched();
            let view = entry.view(up, time);
            if fresh && entry.shown != Some(view.state) {
                let told = match view.state {
                    State::Crashed => entry.crash_told,
                    State::Ready => !entry.fresh_run,
                    // A job that removes or replaces a container knows what it does.
                    State::Missing => entry.job.is_some(),
                    _ => false,
                };
                let before = entry.shown.replace(view.state);
                if !told {
                    changed.push((before, view.clone()));
                }
            }
            servers.push(view);
        }
        let publisher = &mut self.publisher;
        publisher.order = Some(order);
        publisher.sequence += 1;
        (publisher.last, publisher.brisk) = (now, false);
        if publisher.calm {
            (publisher.last_calm, publisher.calm) = (now, false);
        }
        let known = self.entries.values().all(Entry::is_known);
        if known || publisher.settle_by.is_some_and(|by| by <= now) {
            publisher.settle_by = None;
        }
        self.settled |= self.mending == 0
            && self.shelf_looked
            && publisher.settle_by.is_none()
            && self.hosts.values().all(|host| host.looked || !host.is_connecting());
        let snapshot = Snapshot {
            sequence: publisher.sequence,
            settled: self.settled,
            read_only: self.read_only,
            hosts: self.hosts.values().map(|host| host.view.clone()).collect(),
            disks: self.disks.all().cloned().collect(),
            servers,
            jobs: self.jobs.iter().cloned().collect(),
            backups: self.book.all().to_vec(),
            schedules: self.schedules.clone(),
            schedules_paused: self.schedules_paused,
            tokens: self.tokens.list(),
            faces: self.faces.clone(),
            ways: self.ways_in.clone(),
        };
        self.ways.snapshot.send_replace(Arc::new(snapshot));
        for (before, server) in changed {
            self.tell_change(before, &server);
        }
    }

    fn in_order(&self) -> Vec<ServerId> {
        let mut order: Vec<_> =
            self.entries.values().map(|entry| (entry.name().to_owned(), entry.id())).collect();
        order.sort();
        order.into_iter().map(|(_, id)| id).collect()
    }

    /// A person is told when a server goes wrong: never only by a colour that changed.
    fn tell_change(&self, before: Option<State>, server: &Server) {
        let name = server.name();
        let why = |explanation: &Explanation| {
            format!("{} {} {}", explanation.what, explanation.means, explanation.next)
        };
        let details = server.explanation.as_deref().map(why).unwrap_or_default();
        let id = Some(server.id());
        // What was so when this program came is in the list, not news.
        let Some(before) = before else { return };
        match server.state {
            State::Crashed => {
                self.alert(Topic::ServerCrashed, Severity::Error, id, format!("{name} crashed"), details);
            }
            State::Looping => self.alert(
                Topic::ServerLooping,
                Severity::Error,
                id,
                format!("{name} crashed again and again and was stopped"),
                details,
            ),
            State::Missing if server.about.ownership.is_managed() => {
                self.notice(Severity::Error, id, format!("{name}'s container is gone"), details);
            }
            State::Unhealthy => {
                self.notice(Severity::Warning, id, format!("{name} does not answer"), details)
            }
            State::Ready if !matches!(before, State::Unknown | State::Unhealthy | State::Paused) => {
                self.notice(Severity::Success, id, format!("{name} is ready"), "");
            }
            _ => {}
        }
    }
}
