//! Makes the families from the world as it is and from what was counted.

use std::{collections::HashMap, time::Duration};

use jiff::Timestamp;

use super::family::{About, Family, Label, counter, gauge, histogram};
use crate::model::{
    Backup, DiskOf, Face, HostState, Server, ServerId, Snapshot, State, Tally,
    face::Look,
    tally::{Counts, Histogram},
};

/// Words for a state; each has a sample, so that nobody takes a missing one for none.
const STATES: [State; 13] = [
    State::Pulling,
    State::Creating,
    State::Starting,
    State::Loading(None),
    State::Ready,
    State::Stopping,
    State::Stopped,
    State::Crashed,
    State::Looping,
    State::Unhealthy,
    State::Paused,
    State::Missing,
    State::Unknown,
];
const LEVELS: [&str; 5] = ["trace", "debug", "info", "warn", "error"];
/// Jobs that are about backups.
const OF_BACKUPS: [&str; 5] = ["backup", "restore", "verify", "test-restore", "prune"];

/// All families but those of the API itself. `cost` is what the last collection took.
pub fn collect(world: &Snapshot, tally: &Tally, cost: Duration) -> Vec<Family> {
    let mut families = whole(world, cost);
    families.extend(hosts(world));
    families.extend(disks(world));
    families.extend(servers(world));
    families.extend(counted(world, tally));
    families.extend(backups(world));
    families.extend(schedules(world));
    families.extend(jobs(world, tally));
    families
}

fn seconds(at: Timestamp) -> f64 {
    at.as_millisecond() as f64 / 1_000.0
}

fn whole(world: &Snapshot, cost: Duration) -> Vec<Family> {
    let mut info = Family::new(gauge("mineclifford_app_info", "The program; always 1."));
    info.add(&[("version", env!("CARGO_PKG_VERSION")), ("name", env!("CARGO_PKG_NAME"))], 1.0);
    let mut by_status =
        Family::new(gauge("mineclifford_servers_by_status", "Servers, by what they are doing."));
    for state in STATES {
        let count = world.servers.iter().filter(|server| server.state.word() == state.word()).count();
        by_status.add(&[("status", state.word())], count as f64);
    }
    let active = world.servers.iter().filter(|server| server.state.is_running()).count();
    let about = gauge("mineclifford_active_containers", "Servers whose container has live processes.");
    let cost_about =
        gauge("mineclifford_collection_duration_seconds", "What the last collection of metrics took.");
    let (active, cost) = (Family::of(about, active as f64), Family::of(cost_about, cost.as_secs_f64()));
    vec![info, by_status, active, cost, faces(world)]
}

fn faces(world: &Snapshot) -> Family {
    let mut faces =
        Family::new(gauge("mineclifford_faces", "Who is attached, by how they look at the engine."));
    for look in ["attached", "console", "events"] {
        let is = |face: &&std::sync::Arc<Face>| match &face.look {
            Look::Attached { .. } => look == "attached",
            Look::Console { .. } => look == "console",
            Look::Events { .. } => look == "events",
        };
        faces.add(&[("look", look)], world.faces.iter().filter(is).count() as f64);
    }
    faces
}

fn hosts(world: &Snapshot) -> Vec<Family> {
    let mut up = Family::new(gauge("mineclifford_host_up", "Whether the host's Docker engine answers."));
    let mut memory = Family::new(gauge("mineclifford_host_memory_bytes", "Memory of the host in all."));
    let mut cpus = Family::new(gauge("mineclifford_host_cpus", "Cores of the host."));
    for host in &world.hosts {
        let labels: &[Label<'_>] = &[("host", &host.id.0)];
        up.add(labels, f64::from(u8::from(host.state == HostState::Up)));
        if host.memory_bytes > 0 {
            memory.add(labels, host.memory_bytes as f64);
            cpus.add(labels, f64::from(host.cpus));
        }
    }
    vec![up, memory, cpus]
}

fn disks(world: &Snapshot) -> Vec<Family> {
    let size = gauge("mineclifford_backup_disk_size_bytes", "Bytes of the disk that backups are on.");
    let free = gauge("mineclifford_backup_disk_free_bytes", "Bytes of it that can still be written.");
    let full = gauge(
        "mineclifford_backup_disk_full_seconds",
        "Time until it is full, if it goes on as over the last day; missing where it does not fill.",
    );
    let of_backups = [size, free, full];
    let size = gauge("mineclifford_host_disk_size_bytes", "Bytes of the disk that the host's Docker is on.");
    let free = gauge("mineclifford_host_disk_free_bytes", "Bytes of it that can still be written.");
    let full = gauge(
        "mineclifford_host_disk_full_seconds",
        "Time until it is full, if it goes on as over the last day; missing where it does not fill.",
    );
    let mut families: Vec<_> = of_backups.into_iter().chain([size, free, full]).map(Family::new).collect();
    for disk in &world.disks {
        let (first, labels): (_, &[Label<'_>]) = match &disk.of {
            DiskOf::Backups => (0, &[]),
            DiskOf::Host(host) => (3, &[("host", &host.0)]),
        };
        let values = [Some(disk.total_bytes), Some(disk.free_bytes), disk.full_in_seconds];
        for (family, value) in families.iter_mut().skip(first).zip(values) {
            if let Some(value) = value {
                family.add(labels, value as f64);
            }
        }
    }
    families
}

/// A server's own labels.
struct Tag {
    id: String,
    name: String,
}

impl Tag {
    fn of(server: &Server) -> Self {
        Self { id: server.id().to_string(), name: server.name().to_owned() }
    }

    fn labels(&self) -> [Label<'_>; 2] {
        [("server_id", &self.id), ("server_name", &self.name)]
    }

    fn with<'a>(&'a self, name: &'a str, value: &'a str) -> [Label<'a>; 3] {
        [("server_id", &self.id), ("server_name", &self.name), (name, value)]
    }
}

/// A family, and what its sample of a server is where there is one.
type Row = (About, fn(&Server) -> Option<f64>);

macro_rules! sampled {
    ($field:ident) => {
        |server: &Server| server.sample.as_ref().map(|sample| sample.$field as f64)
    };
}

/// What is read off a server as it is.
const ROWS: &[Row] = &[
    (
        gauge("mineclifford_container_memory_bytes", "Memory in use without the page cache."),
        sampled!(memory_bytes),
    ),
    (
        gauge("mineclifford_container_memory_limit_bytes", "The container's limit of memory."),
        sampled!(memory_limit_bytes),
    ),
    (
        gauge(
            "mineclifford_container_cpu_percent",
            "Share of one core, in percent: 250 is two and a half cores.",
        ),
        |server| server.sample.as_ref().map(|sample| f64::from(sample.cpu_percent)),
    ),
    (
        counter("mineclifford_container_network_receive_bytes", "Received since the container started."),
        sampled!(net_rx_bytes),
    ),
    (
        counter("mineclifford_container_network_transmit_bytes", "Sent since the container started."),
        sampled!(net_tx_bytes),
    ),
    (
        counter("mineclifford_container_block_read_bytes", "Read from disks since the container started."),
        sampled!(block_read_bytes),
    ),
    (
        counter("mineclifford_container_block_write_bytes", "Written to disks since the container started."),
        sampled!(block_write_bytes),
    ),
    (gauge("mineclifford_container_pids", "Processes and threads."), sampled!(pids)),
    (
        gauge("mineclifford_server_start_time_seconds", "When the container last started, in Unix time."),
        |server| server.started_at.map(seconds),
    ),
    (
        gauge("mineclifford_server_restarts", "How often it ended by itself since a person last started it."),
        |server| Some(f64::from(server.restarts)),
    ),
    (gauge("mineclifford_players_online", "Players who are on it."), |server| {
        server.players.as_ref().map(|players| f64::from(players.online))
    }),
    (gauge("mineclifford_players_max", "Players who may be on it."), |server| {
        server.players.as_ref().filter(|players| players.max > 0).map(|players| f64::from(players.max))
    }),
];

fn servers(world: &Snapshot) -> Vec<Family> {
    let mut status = Family::new(gauge(
        "mineclifford_server_status",
        "What the server is doing: 1 for the status that it has.",
    ));
    let mut families: Vec<_> = ROWS.iter().map(|(about, _)| Family::new(*about)).collect();
    for server in &world.servers {
        let tag = Tag::of(server);
        status.add(&tag.with("status", server.state.word()), 1.0);
        for (family, (_, value)) in families.iter_mut().zip(ROWS) {
            if let Some(value) = value(server) {
                family.add(&tag.labels(), value);
            }
        }
    }
    families.push(status);
    families
}

fn counted(world: &Snapshot, tally: &Tally) -> Vec<Family> {
    let mut joins = Family::new(counter("mineclifford_player_joins", "Players who came."));
    let mut leaves = Family::new(counter("mineclifford_player_leaves", "Players who went."));
    let mut crashes =
        Family::new(counter("mineclifford_server_crashes", "How often it ended by itself, by the cause."));
    let mut latency = Family::new(gauge(
        "mineclifford_ping_latency_seconds",
        "Time that its answer to the last list ping took.",
    ));
    let mut ticks = Family::new(gauge(
        "mineclifford_tps",
        "Ticks a second over the last minute, as the server last told it.",
    ));
    let mut tick = Family::new(gauge(
        "mineclifford_tick_seconds",
        "Average time of a tick, as the server last told it.",
    ));
    let mut lines =
        Family::new(counter("mineclifford_log_lines", "Lines of its log that were read, by level."));
    let counts: HashMap<ServerId, &Counts> = tally.servers.iter().map(|(id, counts)| (*id, counts)).collect();
    for server in &world.servers {
        let Some(counts) = counts.get(&server.id()) else { continue };
        let tag = Tag::of(server);
        joins.add(&tag.labels(), counts.joins as f64);
        leaves.add(&tag.labels(), counts.leaves as f64);
        for (reason, count) in &counts.crashes {
            crashes.add(&tag.with("reason", reason), *count as f64);
        }
        for (level, count) in LEVELS.iter().zip(counts.lines) {
            lines.add(&tag.with("level", level), count as f64);
        }
        // What was told of an earlier run says nothing of a server that does not run.
        if !server.state.is_running() {
            continue;
        }
        if let Some(took) = counts.latency {
            latency.add(&tag.labels(), took.as_secs_f64());
        }
        if let Some(rate) = counts.ticks {
            ticks.add(&tag.labels(), f64::from(rate));
        }
        if let Some(took) = counts.tick_ms {
            tick.add(&tag.labels(), f64::from(took) / 1_000.0);
        }
    }
    vec![joins, leaves, crashes, latency, ticks, tick, lines]
}

/// A family, and what its sample of a server's newest good backup is.
type OfBackup = (About, fn(&Backup) -> Option<f64>);

const OF_NEWEST: &[OfBackup] = &[
    (
        gauge(
            "mineclifford_backup_last_timestamp_seconds",
            "When the newest good backup was made, in Unix time.",
        ),
        |one| Some(seconds(one.created_at)),
    ),
    (gauge("mineclifford_backup_last_size_bytes", "Bytes of the newest good backup."), |one| {
        Some(one.size_bytes as f64)
    }),
    (
        gauge(
            "mineclifford_backup_last_saving_off_seconds",
            "For how long saving was off for the newest good backup.",
        ),
        |one| Some(one.saving_off_ms as f64 / 1_000.0),
    ),
];

fn backups(world: &Snapshot) -> Vec<Family> {
    let mut count =
        Family::new(gauge("mineclifford_backups", "Backups of the server, by whether they can be used."));
    let mut bytes = Family::new(gauge("mineclifford_backup_bytes", "Bytes of all backups of the server."));
    let mut verified = Family::new(gauge(
        "mineclifford_backup_last_verified_timestamp_seconds",
        "When a backup of the server was last read back as a whole, in Unix time.",
    ));
    let mut proven = Family::new(gauge(
        "mineclifford_backup_last_proven_timestamp_seconds",
        "When a backup of the server was last booted until it could be joined, in Unix time.",
    ));
    let mut refuted = Family::new(gauge(
        "mineclifford_backup_proof_failed",
        "Whether the last backup of the server that was booted could not be joined.",
    ));
    let mut newest: Vec<_> = OF_NEWEST.iter().map(|(about, _)| Family::new(*about)).collect();
    let mut of: HashMap<ServerId, Vec<&Backup>> = HashMap::new();
    for backup in &world.backups {
        of.entry(backup.server).or_default().push(backup);
    }
    for server in world.servers.iter().filter(|server| server.about.ownership.is_managed()) {
        let its = of.get(&server.id()).map(Vec::as_slice).unwrap_or_default();
        let tag = Tag::of(server);
        for state in ["good", "damaged", "missing"] {
            let number = its.iter().filter(|backup| backup.state.word() == state).count();
            count.add(&tag.with("state", state), number as f64);
        }
        bytes.add(&tag.labels(), its.iter().map(|backup| backup.size_bytes as f64).sum());
        // Newest first.
        if let Some(good) = its.iter().find(|backup| backup.is_good()) {
            for (family, (_, value)) in newest.iter_mut().zip(OF_NEWEST) {
                if let Some(value) = value(good) {
                    family.add(&tag.labels(), value);
                }
            }
        }
        if let Some(at) = its.iter().filter_map(|backup| backup.verified_at).max() {
            verified.add(&tag.labels(), seconds(at));
        }
        if let Some(at) = its.iter().filter_map(|backup| backup.proven_at()).max() {
            proven.add(&tag.labels(), seconds(at));
        }
        if let Some(last) = its.iter().filter_map(|backup| backup.proof.as_ref()).max_by_key(|proof| proof.at)
        {
            refuted.add(&tag.labels(), f64::from(u8::from(last.fault.is_some())));
        }
    }
    newest.extend([count, bytes, verified, proven, refuted]);
    newest
}

fn schedules(world: &Snapshot) -> Vec<Family> {
    let mut next = Family::new(gauge(
        "mineclifford_schedule_next_timestamp_seconds",
        "When it is due next, in Unix time.",
    ));
    let mut lag = Family::new(gauge(
        "mineclifford_schedule_last_lag_seconds",
        "How long after its time the last run began.",
    ));
    let mut took =
        Family::new(gauge("mineclifford_schedule_last_duration_seconds", "How long the last run took."));
    let mut skips = Family::new(counter("mineclifford_schedule_skips", "Runs that were skipped."));
    let mut failed =
        Family::new(gauge("mineclifford_schedule_last_failed", "Whether the last run went wrong."));
    for schedule in &world.schedules {
        let id = schedule.id.to_string();
        let labels: &[Label<'_>] = &[("schedule_id", &id), ("schedule", &schedule.plan.name)];
        skips.add(labels, schedule.skips as f64);
        if let Some(at) = schedule.next {
            next.add(labels, seconds(at));
        }
        if let Some(run) = &schedule.last {
            lag.add(labels, run.lag().as_secs_f64());
            took.add(labels, seconds(run.ended) - seconds(run.began));
            let wrong = matches!(run.outcome, crate::model::schedule::Outcome::Failed(_));
            failed.add(labels, f64::from(u8::from(wrong)));
        }
    }
    let about = gauge("mineclifford_schedules_paused", "Whether every schedule rests.");
    let paused = Family::of(about, f64::from(u8::from(world.schedules_paused)));
    vec![next, lag, took, skips, failed, paused]
}

fn jobs(world: &Snapshot, tally: &Tally) -> Vec<Family> {
    let mut operations = Family::new(counter(
        "mineclifford_server_operations",
        "What was done to servers, by what it was and how it ended.",
    ));
    let mut of_backups = Family::new(counter(
        "mineclifford_backup_operations",
        "What was done with backups, by what it was and how it ended.",
    ));
    let mut durations = Family::new(histogram(
        "mineclifford_job_duration_seconds",
        "How long jobs took that ended as wanted.",
    ));
    let mut backup = Family::new(histogram(
        "mineclifford_backup_duration_seconds",
        "How long backups took that were made.",
    ));
    for (kind, ends) in &tally.jobs {
        let family = if OF_BACKUPS.contains(kind) { &mut of_backups } else { &mut operations };
        for (status, count) in
            [("success", ends.done), ("failure", ends.failed), ("cancelled", ends.cancelled)]
        {
            family.add(&[("operation", kind), ("status", status)], count as f64);
        }
        durations.add_histogram(&[("kind", kind)], &ends.seconds);
        if *kind == "backup" {
            backup.add_histogram(&[], &ends.seconds);
        }
    }
    if !tally.jobs.contains_key("backup") {
        backup.add_histogram(&[], &Histogram::new(crate::model::tally::JOB_SECONDS));
    }
    let mut deployments = Family::new(histogram(
        "mineclifford_deployment_duration_seconds",
        "How long it took to make servers.",
    ));
    for (provider, times) in &tally.deployments {
        deployments.add_histogram(&[("provider", provider)], times);
    }
    let about = gauge("mineclifford_jobs_running", "Jobs that are under way.");
    let running = Family::of(about, world.jobs.iter().filter(|job| job.is_running()).count() as f64);
    vec![operations, of_backups, durations, backup, deployments, running]
}
