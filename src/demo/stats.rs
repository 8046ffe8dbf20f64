//! What a server seems to cost: counters that follow from what it is doing, worked out only when somebody asks.

use std::f64::consts::TAU;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use hyper::StatusCode;
use practice::sim::Phase;
use serde_json::{Value, json};

use super::clock::text;
use super::container::{Container, Key};
use super::http::{Answer, Query, json as answer, streamed};
use super::refusal::Refusal;
use super::world::{Shared, World};

/// How often Docker measures.
const INTERVAL: Duration = Duration::from_secs(1);

/// The counters of one container since its start.
#[derive(Clone, Debug)]
pub(super) struct Meter {
    seed: u64,
    began: Duration,
    at: Duration,
    cpu: f64,
    received: f64,
    sent: f64,
    written: f64,
    memory: f64,
    peak: f64,
}

/// What it is doing, as far as it costs something.
struct Load {
    loading: bool,
    players: f64,
    heap: f64,
    /// 0: none.
    limit: f64,
    cores: f64,
}

impl Meter {
    pub(super) fn new(seed: u64) -> Self {
        let zero = Duration::ZERO;
        Self {
            seed,
            began: zero,
            at: zero,
            cpu: 0.0,
            received: 0.0,
            sent: 0.0,
            written: 0.0,
            memory: 0.0,
            peak: 0.0,
        }
    }

    /// A new start: a new control group.
    pub(super) fn reset(&mut self, now: Duration) {
        *self = Self { began: now, at: now, ..Self::new(self.seed) };
    }

    /// A slow swing between -1 and 1 that differs from server to server.
    fn swing(&self, now: f64, period: f64) -> f64 {
        let phase = (practice::rng::mix(self.seed) % 1000) as f64 / 1000.0;
        let slow = (TAU * (now / period + phase)).sin();
        let fast = (TAU * (now / (period * 0.137) + phase * 7.0)).sin();
        0.7 * slow + 0.3 * fast
    }

    /// A small jump that differs from second to second.
    fn jitter(&self, now: f64) -> f64 {
        let second = now as u64;
        (practice::rng::mix(self.seed.wrapping_mul(31).wrapping_add(second)) % 1000) as f64 / 1000.0
    }

    fn measure(&mut self, load: &Load, now: Duration) {
        let (seconds, age) = (now.as_secs_f64(), now.saturating_sub(self.began).as_secs_f64());
        let passed = now.saturating_sub(self.at).as_secs_f64();
        let cores = if load.loading {
            1.6 + 0.3 * self.jitter(seconds)
        } else {
            let busy = 0.035 + 0.045 * load.players;
            let pause = if self.jitter(seconds) > 0.96 { 0.4 } else { 0.0 };
            busy * (1.0 + 0.25 * self.swing(seconds, 90.0) + 0.15 * self.jitter(seconds)) + pause * busy
        };
        self.cpu += cores.clamp(0.001, load.cores) * passed;
        self.received += passed * (120.0 + load.players * 2200.0);
        self.sent += passed * (180.0 + load.players * 14_000.0);
        self.written += passed * (if load.loading { 2.0e6 } else { 9_000.0 + load.players * 30_000.0 });
        // The heap fills and is swept, like a saw; the part outside it grows once.
        let filled = 1.0 - (-age / 25.0).exp();
        let saw = (seconds / 47.0 + (self.seed % 97) as f64 / 97.0).fract();
        let used = load.heap * filled * (0.42 + 0.03 * load.players.min(6.0) + 0.22 * saw)
            + 190.0e6 * filled.max(0.3);
        let limit = if load.limit > 0.0 { load.limit } else { f64::from(super::MEMORY_GIB) * 1.074e9 };
        self.memory = used.min(limit * 0.93);
        self.peak = self.peak.max(self.memory);
        self.at = now;
    }
}

/// Bytes of a heap written as Java's `-Xmx` takes it.
fn heap(text: &str) -> f64 {
    let digits = text.trim_end_matches(|letter: char| !letter.is_ascii_digit());
    let unit = match text.chars().last().map(|letter| letter.to_ascii_lowercase()) {
        Some('g') => 1024.0 * 1024.0 * 1024.0,
        Some('m') => 1024.0 * 1024.0,
        Some('k') => 1024.0,
        Some('%') => f64::from(super::MEMORY_GIB) * 1024.0 * 1024.0 * 10.0,
        _ => 1.0,
    };
    digits.parse::<f64>().unwrap_or(1024.0 * 1024.0 * 1024.0) * unit
}

fn load(container: &Container) -> Load {
    let server = container.sim.server();
    let host = &container.plan.host_config;
    let cores = match (host.nano_cpus, host.cpu_quota) {
        (nano, _) if nano > 0 => nano as f64 / 1e9,
        (_, quota) if quota > 0 => quota as f64 / host.cpu_period.max(1000) as f64,
        _ => f64::from(super::CORES),
    };
    Load {
        loading: server.is_some_and(|server| !matches!(server.phase(), Phase::Ready)),
        players: server.map_or(0.0, |server| server.players().len() as f64),
        heap: heap(&container.settings.memory),
        limit: host.memory as f64,
        cores,
    }
}

fn whole(value: f64) -> u64 {
    value.max(0.0) as u64
}

fn cpu(meter: &Meter) -> Value {
    let total = whole(meter.cpu * 1e9);
    json!({
        "cpu_usage": { "total_usage": total, "usage_in_kernelmode": total / 9, "usage_in_usermode": total - total / 9 },
        "system_cpu_usage": whole(meter.at.as_secs_f64() * 1e9 * f64::from(super::CORES)),
        "online_cpus": super::CORES,
        "throttling_data": { "periods": 0, "throttled_periods": 0, "throttled_time": 0 },
    })
}

fn nothing() -> Value {
    json!({
        "cpu_usage": { "total_usage": 0, "usage_in_kernelmode": 0, "usage_in_usermode": 0 },
        "throttling_data": { "periods": 0, "throttled_periods": 0, "throttled_time": 0 },
    })
}

fn frame(container: &Container, read: String, preread: String, before: Value) -> Value {
    let meter = &container.meter;
    let cache = whole(meter.memory * 0.05);
    let limit = match container.plan.host_config.memory {
        0 => u64::from(super::MEMORY_GIB) << 30,
        limit => u64::try_from(limit).unwrap_or(0),
    };
    let mut pids = json!({ "current": 34 + container.key % 9 });
    if let (Some(most), Some(map)) = (container.plan.host_config.pids_limit, pids.as_object_mut()) {
        map.insert("limit".to_owned(), json!(most));
    }
    let (rx, tx, written) = (whole(meter.received), whole(meter.sent), whole(meter.written));
    let block = |op: &str, value: u64| json!({ "major": 259, "minor": 0, "op": op, "value": value });
    json!({
        "read": read, "preread": preread, "pids_stats": pids,
        "blkio_stats": {
            "io_service_bytes_recursive": [block("Read", 96 << 20), block("Write", written)],
            "io_serviced_recursive": null, "io_queue_recursive": null, "io_service_time_recursive": null,
            "io_wait_time_recursive": null, "io_merged_recursive": null, "io_time_recursive": null,
            "sectors_recursive": null,
        },
        "num_procs": 0, "storage_stats": {}, "cpu_stats": cpu(meter), "precpu_stats": before,
        "memory_stats": {
            "usage": whole(meter.memory) + cache, "max_usage": whole(meter.peak) + cache, "limit": limit,
            "stats": { "cache": cache, "total_inactive_file": cache, "inactive_file": cache },
        },
        "name": format!("/{}", container.name), "id": container.id,
        "networks": { "eth0": {
            "rx_bytes": rx, "rx_packets": rx / 180, "rx_errors": 0, "rx_dropped": 0, "tx_bytes": tx,
            "tx_packets": tx / 420, "tx_errors": 0, "tx_dropped": 0,
        } },
    })
}

/// What Docker reports of a container that does not run.
fn blank(container: &Container) -> Value {
    json!({
        "read": text(0), "preread": text(0), "pids_stats": {}, "num_procs": 0, "storage_stats": {},
        "blkio_stats": { "io_service_bytes_recursive": null }, "cpu_stats": nothing(), "precpu_stats": nothing(),
        "memory_stats": {}, "name": format!("/{}", container.name), "id": container.id,
    })
}

/// The measurement before, for the next frame.
#[derive(Clone, Default)]
struct Before {
    read: Option<String>,
    cpu: Value,
}

impl World {
    /// Measures a container now.
    fn measure(&mut self, key: Key, before: &mut Before) -> Result<Value, Refusal> {
        let now = self.now();
        let container = self.get_mut(key)?;
        if !container.state.status.alive() {
            *before = Before::default();
            return Ok(blank(container));
        }
        if container.state.status == super::container::Status::Running {
            let load = load(container);
            container.meter.measure(&load, now.elapsed);
        } else {
            container.meter.at = now.elapsed;
        }
        let (preread, older) = match before.read.take() {
            Some(read) => (read, std::mem::take(&mut before.cpu)),
            None => (text(0), nothing()),
        };
        *before = Before { read: Some(text(now.nanos)), cpu: cpu(&container.meter) };
        Ok(frame(container, text(now.nanos), preread, older))
    }
}

/// `GET /containers/{id}/stats`
pub(super) async fn stats(shared: &Arc<Shared>, key: Key, query: &Query) -> Answer {
    let mut before = Before::default();
    if !query.flag_or("stream", true) {
        let mut value = shared.change(|world| world.measure(key, &mut before))?;
        if before.read.is_some() && !query.flag("one-shot") {
            tokio::time::sleep(INTERVAL).await;
            value = shared.change(|world| world.measure(key, &mut before))?;
        }
        return answer(StatusCode::OK, &value);
    }
    shared.lock().get(key)?;
    let mut ticks = tokio::time::interval(INTERVAL);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let state = (shared.clone(), ticks, before);
    Ok(streamed(stream::unfold(state, move |(shared, mut ticks, mut before)| async move {
        ticks.tick().await;
        shared.faults.flow().await;
        // A container that was removed ends the stream.
        let value = shared.change(|world| world.measure(key, &mut before)).ok()?;
        let mut line = serde_json::to_vec(&value).map_err(io::Error::other);
        if let Ok(line) = &mut line {
            line.push(b'\n');
        }
        Some((line.map(Bytes::from), (shared, ticks, before)))
    })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_grow_and_stay_within_the_limits() {
        let load = Load { loading: false, players: 8.0, heap: 4.0e9, limit: 2.0e9, cores: 0.2 };
        let mut meter = Meter::new(7);
        meter.reset(Duration::from_secs(1000));
        let mut last = 0.0;
        for second in 1001..1500 {
            meter.measure(&load, Duration::from_secs(second));
            assert!(meter.cpu > last && meter.cpu - last <= 0.2 + 1e-9);
            assert!(meter.memory < 2.0e9);
            last = meter.cpu;
        }
        assert!(meter.memory > 1.0e9);
    }

    #[test]
    fn a_heap_is_read_as_java_reads_it() {
        assert_eq!(heap("2G"), 2_147_483_648.0);
        assert_eq!(heap("512m"), 536_870_912.0);
        assert_eq!(heap("1048576"), 1_048_576.0);
    }
}
