//! Starting, ending, and starting again, with dockerd's order of events.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use practice::container::Signal;
use practice::disk::Disk;
use practice::output::Exit;
use practice::settings::Settings;

use super::container::{Container, Key, Published, Source, Status};
use super::health::Health;
use super::refusal::Refusal;
use super::world::World;

/// A life of this length counts as a success: the next restart comes soon again.
const LONG_LIFE: Duration = Duration::from_secs(10);
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// When a container that removes itself does so, after its end.
const REMOVED_AFTER: Duration = Duration::from_millis(100);

/// The name of the network that all containers are in.
pub(super) const NETWORK: &str = "991887f0d70d57ebaaa81d0969763459a073924a2216554def2d0ae3bbc5d3db";

impl World {
    /// Starts a container; `false` when it runs already.
    pub(super) fn start(&mut self, key: Key) -> Result<bool, Refusal> {
        let container = self.get_mut(key)?;
        match container.state.status {
            Status::Running => return Ok(false),
            Status::Paused => {
                return Err(Refusal::conflict("cannot start a paused container, try unpause instead"));
            }
            Status::Created | Status::Restarting | Status::Exited => {}
        }
        container.restarts = 0;
        container.pause = Duration::ZERO;
        container.restart_at = None;
        self.launch(key)?;
        Ok(true)
    }

    /// Starts it, by hand or by the restart policy.
    fn launch(&mut self, key: Key) -> Result<(), Refusal> {
        let now = self.now();
        match self.publish(key) {
            Ok(ports) => self.get_mut(key)?.ports = ports,
            Err(refusal) => {
                let container = self.get_mut(key)?;
                container.state.error.clone_from(&refusal.message);
                container.state.exit_code = 128;
                if container.state.status == Status::Restarting {
                    container.state.status = Status::Exited;
                }
                self.reschedule(key);
                return Err(refusal);
            }
        }
        let password = self.password(key);
        let seed = self.rng.next_u64();
        let check = super::inspect::image_check(&self.options);
        let container = self.get_mut(key)?;
        if password.is_some() {
            let settings =
                Settings { rcon_password: password.unwrap_or_default(), ..(*container.settings).clone() };
            container.sim = practice::container::Container::new(Arc::new(settings));
        }
        container.health =
            Health::begin(container.plan.healthcheck.as_ref(), &check, &container.settings, now);
        container.address = Some(format!("198.18.{}.{}", key / 250 % 250, key % 250 + 2));
        container.meter.reset(now.elapsed);
        container.run += 1;
        container.run_from = container.log.end();
        let state = &mut container.state;
        state.status = Status::Running;
        state.pid = 2000 + u32::try_from(seed % 60_000).unwrap_or(0);
        state.error.clear();
        state.exit_code = 0;
        state.oom = false;
        state.started = now.nanos;
        state.began = now.elapsed;
        state.stopped_by_hand = false;
        container.changed.notify_waiters();
        self.emit_network(key, "connect");
        self.emit_volume(key, "mount");
        self.emit(key, "start", &[]);
        if self.get(key)?.plan.is_server() {
            self.drive(key, |sim, cx| sim.start(cx, seed));
        } else {
            self.reschedule(key);
        }
        Ok(())
    }

    /// The password in the file that `RCON_PASSWORD_FILE` names.
    fn password(&self, key: Key) -> Option<String> {
        let container = self.containers.get(&key)?;
        let path = container.settings.rcon_password_file.as_ref()?;
        let (disk, inner) = self.locate(container, path)?;
        let text = self.disks.get(&disk)?.read(&inner).ok()?;
        Some(String::from_utf8_lossy(&text).trim().to_owned())
    }

    /// Chooses the host's ports.
    fn publish(&self, key: Key) -> Result<Vec<Published>, Refusal> {
        let container = self.get(key)?;
        let mut ports: Vec<Published> = Vec::new();
        for (inner, bindings) in &container.plan.host_config.port_bindings {
            for binding in bindings.iter().flatten() {
                let address = if binding.host_ip.is_empty() { "0.0.0.0" } else { &binding.host_ip };
                let wanted = binding.host_port.parse::<u16>().unwrap_or(0);
                let free =
                    |port: u16| !self.taken(inner, address, port) && ports.iter().all(|p| p.port != port);
                let port =
                    if wanted == 0 { (32_768..=60_999).find(|port| free(*port)) } else { Some(wanted) };
                let Some(port) = port.filter(|port| free(*port)) else {
                    return Err(Refusal::failed(format!(
                        "driver failed programming external connectivity on endpoint {} ({}): Bind for \
                         {address}:{wanted} failed: port is already allocated",
                        container.name, NETWORK
                    )));
                };
                ports.push(Published { inner: inner.clone(), address: address.to_owned(), port });
            }
        }
        Ok(ports)
    }

    fn taken(&self, inner: &str, address: &str, port: u16) -> bool {
        let kind = |inner: &str| inner.rsplit('/').next().unwrap_or("tcp").to_owned();
        let any = |address: &str| matches!(address, "0.0.0.0" | "::");
        self.containers.values().flat_map(|container| &container.ports).any(|used| {
            used.port == port
                && kind(&used.inner) == kind(inner)
                && (used.address == address || any(&used.address) || any(address))
        })
    }

    /// The main process is over.
    pub(super) fn ended(&mut self, key: Key, exit: Exit) {
        let now = self.now();
        let Some(container) = self.containers.get_mut(&key) else { return };
        let lived = now.elapsed.saturating_sub(container.state.began);
        let code = i64::from(exit.code);
        container.state.exit_code = code;
        container.state.finished = now.nanos;
        container.state.oom = exit.out_of_memory;
        container.state.pid = 0;
        container.ports.clear();
        container.address = None;
        if let Some(health) = &mut container.health {
            // What Docker calls a container whose check no longer runs.
            health.status = "unhealthy";
        }
        let again = restarts(container, code);
        container.state.status = if again { Status::Restarting } else { Status::Exited };
        if again {
            container.pause = match container.pause {
                pause if pause.is_zero() || lived >= LONG_LIFE => FIRST_PAUSE,
                pause => (pause * 2).min(LONGEST_PAUSE),
            };
            container.restart_at = Some(now.elapsed + container.pause);
            container.restarts += 1;
        }
        if container.plan.host_config.auto_remove && !again {
            // Not at once: whoever is attached is to read its last words.
            container.restart_at = Some(now.elapsed + REMOVED_AFTER);
        }
        container.changed.notify_waiters();
        self.end_execs(key);
        if exit.out_of_memory {
            self.emit(key, "oom", &[]);
        }
        self.emit(key, "die", &[("exitCode", code.to_string())]);
        self.emit_network(key, "disconnect");
        self.emit_volume(key, "unmount");
        self.reschedule(key);
    }

    /// The restart policy's turn.
    pub(super) fn restart_now(&mut self, key: Key) {
        if let Some(container) = self.containers.get_mut(&key) {
            container.restart_at = None;
            // A port that was taken meanwhile ends the attempts; the reason is in the container's state.
            let _ = self.launch(key);
        }
    }

    /// Sends a signal to the main process.
    pub(super) fn signal(&mut self, key: Key, number: u8, signal: Signal) {
        self.emit(key, "kill", &[("signal", number.to_string())]);
        if self.containers.get(&key).is_some_and(|container| !container.plan.is_server()) {
            // What is run instead of a server only waits, and ends when it is told to.
            return self.ended(key, Exit { code: 128 + i32::from(number), out_of_memory: false });
        }
        self.drive(key, |sim, cx| sim.signal(cx, signal));
    }

    /// Begins a stop by hand: `false` when nothing runs. One that waits for its restart ends at once.
    pub(super) fn begin_stop(&mut self, key: Key) -> Result<bool, Refusal> {
        let container = self.get_mut(key)?;
        match container.state.status {
            Status::Created | Status::Exited => return Ok(false),
            Status::Restarting => {
                container.state.stopped_by_hand = true;
                container.state.status = Status::Exited;
                container.restart_at = None;
                container.changed.notify_waiters();
                self.reschedule(key);
            }
            Status::Running | Status::Paused => {
                container.state.stopped_by_hand = true;
                let paused = container.state.status == Status::Paused;
                self.signal(key, 15, Signal::Terminate);
                if paused {
                    // As dockerd does: a frozen process cannot hear the signal.
                    let _ = self.unpause(key);
                }
            }
        }
        Ok(true)
    }

    /// Ends it at once.
    pub(super) fn kill_now(&mut self, key: Key) {
        if let Ok(container) = self.get_mut(key) {
            container.state.stopped_by_hand = true;
            if container.state.status == Status::Paused {
                container.state.status = Status::Running;
            }
            self.signal(key, 9, Signal::Kill);
        }
    }

    pub(super) fn pause(&mut self, key: Key) -> Result<(), Refusal> {
        let container = self.get_mut(key)?;
        match container.state.status {
            Status::Running => {}
            Status::Paused => {
                return Err(Refusal::conflict(format!("Container {} is already paused", container.id)));
            }
            Status::Restarting => {
                let message =
                    format!("Container {} is restarting, wait until the container is running", container.id);
                return Err(Refusal::conflict(message));
            }
            Status::Created | Status::Exited => {
                return Err(Refusal::conflict(format!("Container {} is not running", container.id)));
            }
        }
        container.state.status = Status::Paused;
        container.changed.notify_waiters();
        self.emit(key, "pause", &[]);
        self.reschedule(key);
        Ok(())
    }

    pub(super) fn unpause(&mut self, key: Key) -> Result<(), Refusal> {
        let container = self.get_mut(key)?;
        if container.state.status != Status::Paused {
            // Docker's own status for it.
            return Err(Refusal::failed(format!("Container {} is not paused", container.id)));
        }
        container.state.status = Status::Running;
        container.changed.notify_waiters();
        self.emit(key, "unpause", &[]);
        self.reschedule(key);
        Ok(())
    }

    /// Removes a container that does not run.
    pub(super) fn destroy(&mut self, key: Key, volumes: bool) {
        self.emit(key, "destroy", &[]);
        let Some(container) = self.containers.remove(&key) else { return };
        self.forget(&container);
        self.ids.remove(&container.id);
        self.names.remove(&container.name);
        self.execs.retain(|_, exec| exec.container != key);
        if let Some(layer) = container.layer {
            self.disks.remove(&layer);
        }
        if let Source::Volume(name, true) = &container.source
            && volumes
        {
            // In use by another container: then it stays.
            let _ = self.volume_remove(name);
        }
        container.changed.notify_waiters();
    }

    fn emit_network(&mut self, key: Key, action: &'static str) {
        let nanos = self.now().nanos;
        if self.pretended.is_none()
            && let Some(container) = self.containers.get(&key)
        {
            let attributes = [("container", container.id.as_str()), ("name", "bridge"), ("type", "bridge")];
            let attributes = attributes.map(|(name, value)| (name.to_owned(), value.to_owned()));
            self.events.add(nanos, "network", action, NETWORK, BTreeMap::from(attributes));
        }
    }

    /// Tells that the container's files are looked at from outside: Docker mounts its volumes for that, and says in between
    /// what was done.
    pub(super) fn emit_look(&mut self, key: Key, done: Option<&'static str>) {
        self.emit_volume(key, "mount");
        if let Some(done) = done {
            self.emit(key, done, &[]);
        }
        self.emit_volume(key, "unmount");
    }

    fn emit_volume(&mut self, key: Key, action: &'static str) {
        let nanos = self.now().nanos;
        let Some(container) = self.containers.get(&key).filter(|_| self.pretended.is_none()) else { return };
        let Source::Volume(name, _) = &container.source else { return };
        let mut attributes = vec![("container", container.id.as_str()), ("driver", "local")];
        if action == "mount" {
            attributes.extend([("destination", "/data"), ("propagation", ""), ("read/write", "true")]);
        }
        let attributes = attributes.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        self.events.add(nanos, "volume", action, name, attributes.collect());
    }
}

/// Whether the restart policy wants it again.
fn restarts(container: &Container, code: i64) -> bool {
    let policy = &container.plan.host_config.restart_policy;
    match policy.name.as_str() {
        "always" | "unless-stopped" => !container.state.stopped_by_hand,
        "on-failure" => {
            code != 0
                && !container.state.stopped_by_hand
                && (policy.maximum_retry_count == 0 || container.restarts < policy.maximum_retry_count)
        }
        _ => false,
    }
}
