//! What a container costs its host, counted as `docker stats` counts.

use std::collections::BTreeMap;

use futures_util::{Stream, stream};
use jiff::Timestamp;
use serde::Deserialize;

use crate::model::Sample;

use super::connect::Docker;
use super::containers::segment;
use super::error::{About, Error};
use super::inspect::nullable;
use super::json_lines::JsonLines;
use super::transport::{Call, Transport};

impl Docker {
    /// One measurement a second (Podman: every five), from the second on: the share of the cores needs two. Ends when the
    /// container ends. Dropping the stream ends its connection.
    ///
    /// # Errors
    /// As [`Docker::logs`].
    pub fn stats(&self, id: &str) -> impl Stream<Item = Result<Sample, Error>> + Send + use<> {
        let transport = self.inner.transport.clone();
        let state = State::Closed { id: id.to_owned() };
        stream::unfold((transport, state), |(transport, state)| async move {
            let (sample, state) = state.next(&transport).await?;
            Some((sample, (transport, state)))
        })
    }
}

enum State {
    Closed { id: String },
    Open { lines: Box<JsonLines>, before: Option<Counted> },
    Ended,
}

impl State {
    async fn next(mut self, transport: &Transport) -> Option<(Result<Sample, Error>, Self)> {
        loop {
            match self {
                Self::Closed { id } => match open(transport, &id).await {
                    Ok(lines) => self = Self::Open { lines: Box::new(lines), before: None },
                    Err(error) => return Some((Err(error), Self::Ended)),
                },
                Self::Open { mut lines, before } => {
                    let frame: Frame = match lines.next().await {
                        Ok(Some(frame)) => frame,
                        Ok(None) => return None,
                        Err(error) => return Some((Err(error), Self::Ended)),
                    };
                    // A container that has ended is reported on for ever, with everything at zero.
                    let at = frame.at()?;
                    let now = frame.counted(at);
                    let before = frame.counted_before().or(before);
                    self = Self::Open { lines, before: Some(now) };
                    if let Some(cpu_percent) = before.and_then(|before| now.percent_since(before)) {
                        return Some((Ok(frame.sample(at, cpu_percent)), self));
                    }
                }
                Self::Ended => return None,
            }
        }
    }
}

async fn open(transport: &Transport, id: &str) -> Result<JsonLines, Error> {
    let about = About::Container(id);
    let path = format!("/containers/{}/stats?stream=true", segment(id, about)?);
    let reply = transport.open(Call::get(&path, about)).await?;
    Ok(JsonLines::new(reply, format!("the statistics of container {id}")))
}

/// The part of a frame that is needed. Reading only that costs a fraction of the whole.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Frame {
    #[serde(deserialize_with = "nullable")]
    read: String,
    #[serde(deserialize_with = "nullable")]
    preread: String,
    #[serde(deserialize_with = "nullable")]
    cpu_stats: Cpu,
    #[serde(deserialize_with = "nullable")]
    precpu_stats: Cpu,
    #[serde(deserialize_with = "nullable")]
    memory_stats: Memory,
    #[serde(deserialize_with = "nullable")]
    networks: BTreeMap<String, Network>,
    #[serde(deserialize_with = "nullable")]
    blkio_stats: Block,
    #[serde(deserialize_with = "nullable")]
    pids_stats: Pids,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Cpu {
    #[serde(deserialize_with = "nullable")]
    cpu_usage: CpuUsage,
    system_cpu_usage: u64,
    online_cpus: u32,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct CpuUsage {
    total_usage: u64,
    #[serde(deserialize_with = "nullable")]
    percpu_usage: Vec<u64>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Memory {
    usage: u64,
    limit: u64,
    #[serde(deserialize_with = "nullable")]
    stats: MemoryParts,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct MemoryParts {
    /// Control groups v1.
    total_inactive_file: Option<u64>,
    /// Control groups v2.
    inactive_file: Option<u64>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Network {
    rx_bytes: u64,
    tx_bytes: u64,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Block {
    #[serde(deserialize_with = "nullable")]
    io_service_bytes_recursive: Vec<BlockEntry>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct BlockEntry {
    op: String,
    value: u64,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Pids {
    current: u64,
}

/// The processors' counters at one time.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Counted {
    at: Timestamp,
    /// Nanoseconds of the container.
    used: u64,
    /// Nanoseconds of the whole host, all cores; 0 where it is not told.
    host: u64,
    cores: u32,
}

impl Counted {
    /// Percent of one core; `None` where nothing can be said.
    fn percent_since(self, before: Self) -> Option<f32> {
        let used = self.used.checked_sub(before.used)? as f64;
        if self.host > 0 && before.host > 0 {
            let host = self.host.checked_sub(before.host).filter(|&host| host > 0)? as f64;
            return Some((used / host * f64::from(self.cores.max(1)) * 100.0) as f32);
        }
        let elapsed = self.at.duration_since(before.at).as_nanos();
        (elapsed > 0).then(|| (used / elapsed as f64 * 100.0) as f32)
    }
}

fn time(text: &str) -> Option<Timestamp> {
    text.parse().ok().filter(|at| *at > Timestamp::UNIX_EPOCH)
}

impl Frame {
    /// When it was measured; `None` when nothing was, because the container does not run.
    fn at(&self) -> Option<Timestamp> {
        let idle = self.pids_stats.current == 0 && self.memory_stats.usage == 0;
        time(&self.read).filter(|_| !(idle && self.cpu_stats.cpu_usage.total_usage == 0))
    }

    fn counted(&self, at: Timestamp) -> Counted {
        let cpu = &self.cpu_stats;
        let listed = u32::try_from(cpu.cpu_usage.percpu_usage.len()).unwrap_or(0);
        let cores = if cpu.online_cpus > 0 { cpu.online_cpus } else { listed };
        Counted { at, used: cpu.cpu_usage.total_usage, host: cpu.system_cpu_usage, cores }
    }

    /// The counters of the frame before; `None` in the first one, which has zeros there.
    fn counted_before(&self) -> Option<Counted> {
        let at = time(&self.preread)?;
        let cpu = &self.precpu_stats;
        (cpu.system_cpu_usage > 0).then_some(Counted {
            at,
            used: cpu.cpu_usage.total_usage,
            host: cpu.system_cpu_usage,
            cores: cpu.online_cpus,
        })
    }

    /// Memory without the page cache that can be dropped at once, as `docker stats` shows it.
    fn memory(&self) -> u64 {
        let Memory { usage, stats, .. } = &self.memory_stats;
        let cache = stats.total_inactive_file.filter(|cache| cache < usage).or(stats.inactive_file);
        usage - cache.filter(|cache| cache < usage).unwrap_or(0)
    }

    fn block(&self, op: &str) -> u64 {
        let entries = self.blkio_stats.io_service_bytes_recursive.iter();
        entries
            .filter(|entry| entry.op.eq_ignore_ascii_case(op))
            .fold(0, |sum, entry| sum.saturating_add(entry.value))
    }

    fn sample(&self, at: Timestamp, cpu_percent: f32) -> Sample {
        let network =
            |pick: fn(&Network) -> u64| self.networks.values().map(pick).fold(0_u64, u64::saturating_add);
        Sample {
            at,
            cpu_percent,
            memory_bytes: self.memory(),
            memory_limit_bytes: self.memory_stats.limit,
            net_rx_bytes: network(|network| network.rx_bytes),
            net_tx_bytes: network(|network| network.tx_bytes),
            block_read_bytes: self.block("read"),
            block_write_bytes: self.block("write"),
            pids: u32::try_from(self.pids_stats.current).unwrap_or(u32::MAX),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(json: &str) -> Frame {
        serde_json::from_str(json).unwrap()
    }

    const SECOND: &str = r#"{"read":"2026-01-02T03:04:06Z","preread":"2026-01-02T03:04:05Z",
        "cpu_stats":{"cpu_usage":{"total_usage":1500000000,"percpu_usage":[1,2]},"system_cpu_usage":14000000000,"online_cpus":2},
        "precpu_stats":{"cpu_usage":{"total_usage":1000000000},"system_cpu_usage":12000000000,"online_cpus":2},
        "memory_stats":{"usage":1000,"limit":4000,"stats":{"total_inactive_file":300,"inactive_file":5}},
        "networks":{"eth0":{"rx_bytes":1,"tx_bytes":2},"eth1":{"rx_bytes":10,"tx_bytes":20}},
        "blkio_stats":{"io_service_bytes_recursive":[{"op":"Read","value":7},{"op":"Write","value":8},{"op":"read","value":1}]},
        "pids_stats":{"current":31}}"#;

    #[test]
    fn a_frame_counts_as_docker_stats_does() {
        let frame = frame(SECOND);
        let at = frame.at().unwrap();
        let percent = frame.counted(at).percent_since(frame.counted_before().unwrap()).unwrap();
        // Half a second of the two seconds that two cores had in one second.
        assert!((percent - 50.0).abs() < 0.01, "{percent}");
        let sample = frame.sample(at, percent);
        assert_eq!((sample.memory_bytes, sample.memory_limit_bytes), (700, 4000));
        assert_eq!((sample.net_rx_bytes, sample.net_tx_bytes), (11, 22));
        assert_eq!((sample.block_read_bytes, sample.block_write_bytes, sample.pids), (8, 8, 31));
    }

    #[test]
    fn control_groups_v2_name_the_cache_differently_and_more_cache_than_use_is_no_cache() {
        let mut frame = frame(SECOND);
        frame.memory_stats.stats = MemoryParts { total_inactive_file: None, inactive_file: Some(400) };
        assert_eq!(frame.memory(), 600);
        frame.memory_stats.stats = MemoryParts { total_inactive_file: None, inactive_file: Some(5000) };
        assert_eq!(frame.memory(), 1000);
    }

    #[test]
    fn the_first_frame_gives_nothing_to_compare_with() {
        let first = frame(
            r#"{"read":"2026-01-02T03:04:05Z","preread":"0001-01-01T00:00:00Z","pids_stats":{"current":1},
            "cpu_stats":{"cpu_usage":{"total_usage":5},"system_cpu_usage":50},"precpu_stats":{"cpu_usage":{}}}"#,
        );
        assert!(first.at().is_some());
        assert_eq!(first.counted_before(), None);
    }

    #[test]
    fn a_container_that_ended_is_not_measured() {
        for ended in [
            r#"{"read":"0001-01-01T00:00:00Z","preread":"0001-01-01T00:00:00Z"}"#,
            r#"{"read":"2026-01-02T03:04:05Z","cpu_stats":{},"memory_stats":{},"pids_stats":{}}"#,
        ] {
            assert_eq!(frame(ended).at(), None);
        }
    }

    #[test]
    fn without_the_hosts_time_the_clock_is_the_measure() {
        let at: Timestamp = "2026-01-02T03:04:05Z".parse().unwrap();
        let before = Counted { at, used: 0, host: 0, cores: 0 };
        let now = Counted { at: "2026-01-02T03:04:10Z".parse().unwrap(), used: 10_000_000_000, ..before };
        assert_eq!(now.percent_since(before), Some(200.0));
        // A counter that went back (a restart) and a clock that stood still say nothing.
        assert_eq!(before.percent_since(now), None);
        assert_eq!(before.percent_since(before), None);
    }
}
