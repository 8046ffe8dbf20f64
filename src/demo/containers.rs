//! What is done to containers: the calls that change one and answer when it is done.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use hyper::StatusCode;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use practice::container::Signal;
use practice::settings::Settings;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::Notify;

use super::container::{Container, Key, Source, State, Status};
use super::create::{Create, check_resources, is_name};
use super::http::{Answer, Query, empty, json as answer, streamed};
use super::logs::Log;
use super::refusal::Refusal;
use super::stats::Meter;
use super::world::{Shared, World};

impl World {
    fn taken_name(&self, name: &str) -> Option<Refusal> {
        let owner = self.names.get(name).and_then(|key| self.containers.get(key))?;
        Some(Refusal::conflict(format!(
            "Conflict. The container name \"/{name}\" is already in use by container \"{}\". You have to remove (or \
             rename) that container to be able to reuse that name.",
            owner.id
        )))
    }

    /// Makes a container.
    pub(super) fn create(&mut self, name: &str, mut plan: Create) -> Result<Key, Refusal> {
        plan.check()?;
        let made_up = format!("quiet_creeper{}", self.rng.below(10_000));
        let name = if name.is_empty() { made_up } else { name.trim_start_matches('/').to_owned() };
        if !is_name(&name) {
            let rule = "only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed";
            return Err(Refusal::bad(format!("Invalid container name ({name}), {rule}")));
        }
        if self.image(&plan.image).is_none() {
            return Err(Refusal::missing(format!("No such image: {}", super::images::full(&plan.image))));
        }
        if let Some(refusal) = self.taken_name(&name) {
            return Err(refusal);
        }
        plan.merge_env();
        let (source, writable) = self.mount(&plan)?;
        let data = match &source {
            Source::Volume(name, _) => self.volume_disk(name)?,
            Source::Bind(path) => self.bind_disk(path),
        };
        let key = self.fresh();
        let id = super::images::digits(&mut self.rng);
        let settings = Arc::new(self.options.settings(plan.variables()));
        let limit = plan.host_config.log_config.bytes().unwrap_or(usize::MAX).min(self.options.log_bytes);
        let container = Container {
            key,
            id: id.clone(),
            name: name.clone(),
            created: self.now().nanos,
            sim: practice::container::Container::new(settings.clone()),
            plan,
            settings,
            state: State::default(),
            restarts: 0,
            pause: Duration::ZERO,
            restart_at: None,
            source,
            writable,
            data,
            layer: None,
            ports: Vec::new(),
            address: None,
            run: 0,
            run_from: 0,
            log: Log::new(limit),
            health: None,
            meter: Meter::new(key),
            changed: Arc::new(Notify::new()),
            wake: None,
        };
        self.containers.insert(key, container);
        self.ids.insert(id, key);
        self.names.insert(name, key);
        self.emit(key, "create", &[]);
        Ok(key)
    }

    fn rename(&mut self, key: Key, name: &str) -> Result<(), Refusal> {
        let name = name.trim_start_matches('/');
        let old = self.get(key)?.name.clone();
        if name.is_empty() {
            return Err(Refusal::bad("Neither old nor new names may be empty"));
        }
        if name == old {
            return Err(Refusal::bad("Renaming a container with the same name as its current name"));
        }
        let prefix = "Error when allocating new name: ";
        if !is_name(name) {
            let rule = "only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed";
            return Err(Refusal::bad(format!("{prefix}Invalid container name (/{name}), {rule}")));
        }
        if let Some(refusal) = self.taken_name(name) {
            return Err(Refusal::conflict(format!("{prefix}{}", refusal.message)));
        }
        self.names.remove(&old);
        self.names.insert(name.to_owned(), key);
        self.get_mut(key)?.name = name.to_owned();
        self.emit(key, "rename", &[("oldName", format!("/{old}"))]);
        Ok(())
    }

    fn update(&mut self, key: Key, update: &Update) -> Result<(), Refusal> {
        check_resources(update.memory, update.memory_swap, update.nano_cpus)?;
        let container = self.get_mut(key)?;
        let host = &mut container.plan.host_config;
        let swap = if update.memory_swap == 0 { host.memory_swap } else { update.memory_swap };
        if update.memory > 0 && swap > 0 && update.memory > swap {
            return Err(Refusal::conflict(
                "Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time",
            ));
        }
        let set = |field: &mut i64, value: i64| {
            if value != 0 {
                *field = value;
            }
        };
        set(&mut host.memory, update.memory);
        set(&mut host.memory_swap, update.memory_swap);
        set(&mut host.nano_cpus, update.nano_cpus);
        set(&mut host.cpu_quota, update.cpu_quota);
        set(&mut host.cpu_period, update.cpu_period);
        if update.pids_limit.is_some() {
            host.pids_limit = update.pids_limit;
        }
        if let Some(policy) = update.restart_policy.as_ref().filter(|policy| !policy.name.is_empty()) {
            host.restart_policy = policy.clone();
        }
        self.emit(key, "update", &[]);
        Ok(())
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Update {
    memory: i64,
    memory_swap: i64,
    nano_cpus: i64,
    cpu_quota: i64,
    cpu_period: i64,
    pids_limit: Option<i64>,
    restart_policy: Option<super::create::Restart>,
}

impl super::Options {
    /// How the practice server is told to behave: by its environment, and at this demo's pace where that says nothing.
    pub(super) fn settings<'a>(&self, env: impl Iterator<Item = (&'a str, &'a str)>) -> Settings {
        let env: BTreeMap<&str, &str> = env.collect();
        let mut settings = Settings::from_env(env.iter().map(|(name, value)| (*name, *value)));
        let unset = |name: &str| !env.contains_key(name);
        let practice = &mut settings.practice;
        if unset("PRACTICE_START_SECONDS") {
            practice.start = self.load;
        }
        if unset("PRACTICE_WORLD_SECONDS") {
            practice.world_every = self.world_every;
        }
        if unset("PRACTICE_ACTIVITY_SECONDS") && self.lines_per_second > 0.0 {
            practice.activity = Duration::try_from_secs_f64(1.0 / self.lines_per_second).unwrap_or_default();
        }
        settings
    }
}

/// `POST /containers/create`
pub(super) fn create(shared: &Shared, name: &str, plan: Create) -> Answer {
    if shared.faults.now().disk_full {
        return Err(Refusal::failed(
            "mkdir /var/lib/docker/overlay2/97a1c0f05d28-init: no space left on device",
        ));
    }
    shared.change(|world| {
        let key = world.create(name, plan)?;
        answer(StatusCode::CREATED, &json!({ "Id": world.get(key)?.id, "Warnings": [] }))
    })
}

/// `POST /containers/{id}/start`
pub(super) fn start(shared: &Shared, key: Key) -> Answer {
    let began = shared.change(|world| world.start(key))?;
    Ok(empty(if began { StatusCode::NO_CONTENT } else { StatusCode::NOT_MODIFIED }))
}

/// Waits until a condition holds or the container is gone.
pub(super) async fn until(shared: &Shared, key: Key, mut holds: impl FnMut(&Container) -> bool) {
    let Some(changed) = shared.lock().containers.get(&key).map(|container| container.changed.clone()) else {
        return;
    };
    loop {
        let mut waiting = std::pin::pin!(changed.notified());
        waiting.as_mut().enable();
        if shared.lock().containers.get(&key).is_none_or(&mut holds) {
            return;
        }
        waiting.await;
    }
}

/// Stops it: asks, waits, kills. `false` when it did not run.
async fn stop_whole(shared: &Shared, key: Key, seconds: Option<i64>) -> Result<bool, Refusal> {
    let (stopping, grace, run) = shared.change(|world| {
        let grace = seconds.unwrap_or(world.get(key)?.grace());
        Ok::<_, Refusal>((world.begin_stop(key)?, grace, world.get(key)?.run))
    })?;
    if !stopping {
        return Ok(false);
    }
    let over = |container: &Container| container.run != run || !container.state.status.alive();
    let ended = until(shared, key, over);
    // Below zero: as long as it takes.
    let in_time = match u64::try_from(grace) {
        Ok(grace) => tokio::time::timeout(Duration::from_secs(grace), ended).await.is_ok(),
        Err(_) => {
            ended.await;
            true
        }
    };
    shared.change(|world| {
        if !in_time && world.get(key).is_ok_and(|container| !over(container)) {
            world.kill_now(key);
        }
        world.emit(key, "stop", &[]);
    });
    Ok(true)
}

/// Runs to its end even when the one who asked has gone.
async fn regardless<T: Send + 'static>(
    work: impl Future<Output = Result<T, Refusal>> + Send + 'static,
) -> Result<T, Refusal> {
    tokio::spawn(work).await.unwrap_or_else(|error| Err(Refusal::failed(error.to_string())))
}

fn seconds(query: &Query) -> Result<Option<i64>, Refusal> {
    let text = query.text("t");
    if text.is_empty() {
        return Ok(None);
    }
    text.parse()
        .map(Some)
        .map_err(|_| Refusal::bad(format!("strconv.Atoi: parsing \"{text}\": invalid syntax")))
}

/// `POST /containers/{id}/stop`
pub(super) async fn stop(shared: &Arc<Shared>, key: Key, query: &Query) -> Answer {
    let (shared, seconds) = (shared.clone(), seconds(query)?);
    let stopped = regardless(async move { stop_whole(&shared, key, seconds).await }).await?;
    Ok(empty(if stopped { StatusCode::NO_CONTENT } else { StatusCode::NOT_MODIFIED }))
}

/// `POST /containers/{id}/restart`
pub(super) async fn restart(shared: &Arc<Shared>, key: Key, query: &Query) -> Answer {
    let (shared, seconds) = (shared.clone(), seconds(query)?);
    regardless(async move {
        stop_whole(&shared, key, seconds).await?;
        shared.change(|world| {
            world.start(key)?;
            world.emit(key, "restart", &[]);
            Ok(())
        })
    })
    .await?;
    Ok(empty(StatusCode::NO_CONTENT))
}

/// `POST /containers/{id}/kill`
pub(super) fn kill(shared: &Shared, key: Key, name: &str, query: &Query) -> Answer {
    let text = query.text("signal").to_ascii_uppercase();
    let number = match text.strip_prefix("SIG").unwrap_or(&text) {
        "" | "KILL" | "9" => 9,
        "TERM" | "15" => 15,
        "INT" | "2" => 2,
        "HUP" | "1" => 1,
        _ => return Err(Refusal::bad(format!("Invalid signal: {}", query.text("signal")))),
    };
    shared.change(|world| {
        let container = world.get_mut(key)?;
        if !container.state.status.alive() {
            let id = &container.id;
            let message = format!("Cannot kill container: {name}: Container {id} is not running");
            return Err(Refusal::conflict(message));
        }
        container.state.stopped_by_hand = true;
        match number {
            9 => world.kill_now(key),
            1 => world.emit(key, "kill", &[("signal", "1".to_owned())]),
            _ => world.signal(key, number, Signal::Terminate),
        }
        Ok(empty(StatusCode::NO_CONTENT))
    })
}

/// `POST /containers/{id}/rename`
pub(super) fn rename(shared: &Shared, key: Key, query: &Query) -> Answer {
    shared.change(|world| world.rename(key, query.text("name")))?;
    Ok(empty(StatusCode::NO_CONTENT))
}

/// `POST /containers/{id}/update`
pub(super) fn update(shared: &Shared, key: Key, body: serde_json::Value) -> Answer {
    let update: Update = serde_json::from_value(body).map_err(|error| Refusal::bad(error.to_string()))?;
    shared.change(|world| world.update(key, &update))?;
    answer(StatusCode::OK, &json!({ "Warnings": null }))
}

/// `DELETE /containers/{id}`
pub(super) fn remove(shared: &Shared, key: Key, query: &Query) -> Answer {
    shared.change(|world| {
        let container = world.get(key)?;
        let status = container.state.status;
        if status != Status::Created && status != Status::Exited {
            if !query.flag("force") {
                let (state, advice) = match status {
                    Status::Paused => ("paused", "Unpause and then stop"),
                    Status::Restarting => ("restarting", "Stop"),
                    _ => ("running", "Stop"),
                };
                return Err(Refusal::conflict(format!(
                    "You cannot remove a {state} container {}. {advice} the container before attempting removal or force \
                     remove",
                    container.id
                )));
            }
            if status.alive() {
                world.kill_now(key);
            }
        }
        world.destroy(key, query.flag("v"));
        Ok(empty(StatusCode::NO_CONTENT))
    })
}

/// `POST /containers/{id}/wait`: the answer begins at once, because clients start the container only then, and ends with
/// the container.
pub(super) fn wait(shared: &Arc<Shared>, key: Key, query: &Query) -> Answer {
    let (run, since, mut code) = shared
        .lock()
        .get(key)
        .map(|container| (container.run, container.state.finished, container.state.exit_code))?;
    let (shared, condition) = (shared.clone(), query.text("condition").to_owned());
    let mut response = streamed(stream::once(async move {
        until(&shared, key, |container| {
            code = container.state.exit_code;
            let alive = container.state.status.alive();
            match condition.as_str() {
                "removed" => false,
                "next-exit" if alive => container.run > run + 1,
                "next-exit" => {
                    container.run > run || (container.run == run && container.state.finished > since)
                }
                _ => !alive || container.run != run,
            }
        })
        .await;
        Ok(Bytes::from(format!("{{\"StatusCode\":{code}}}\n")))
    }));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

/// `GET /containers/{id}/top`
pub(super) fn top(shared: &Shared, key: Key) -> Answer {
    let world = shared.lock();
    let container = world.get(key)?;
    if !container.state.status.alive() {
        return Err(Refusal::conflict(format!("Container {} is not running", container.id)));
    }
    let java = format!("java -Xmx{} -jar server.jar nogui", container.settings.memory);
    let row = |pid: u32, parent: u32, command: &str| {
        json!(["1000", pid.to_string(), parent.to_string(), "0", "12:00", "?", "00:00:00", command])
    };
    let pid = container.state.pid;
    answer(
        StatusCode::OK,
        &json!({
            "Titles": ["UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"],
            "Processes": [row(pid, 1, "mc-server-runner"), row(pid + 1, pid, &java)],
        }),
    )
}
