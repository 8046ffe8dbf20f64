//! What a server costs its machine.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One measurement.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Sample {
    /// When it was taken, by the host's clock.
    pub at: Timestamp,
    /// Share of one core, in percent: 250 means two and a half cores.
    pub cpu_percent: f32,
    /// Memory in use without the page cache, in bytes, as `docker stats` counts it.
    pub memory_bytes: u64,
    /// The container's limit, or the host's memory where it has none, in bytes.
    pub memory_limit_bytes: u64,
    /// Received since the container started, in bytes, all networks.
    pub net_rx_bytes: u64,
    /// Sent since the container started, in bytes, all networks.
    pub net_tx_bytes: u64,
    /// Read from disks since the container started, in bytes.
    pub block_read_bytes: u64,
    /// Written to disks since the container started, in bytes.
    pub block_write_bytes: u64,
    /// Processes and threads.
    pub pids: u32,
}

/// How fast a game ticks, as it last told.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Ticks {
    /// How long a tick takes on average, in milliseconds; up to 50 the game keeps its pace.
    pub took: Option<f32>,
    /// Ticks a second; 20 is full speed.
    pub rate: Option<f32>,
}

impl Ticks {
    /// How long a tick takes on average, in milliseconds: told, or what the rate leaves to each where it is too slow.
    pub fn milliseconds(self) -> Option<f32> {
        let slow = || self.rate.filter(|rate| *rate > 0.0 && *rate < 19.5).map(|rate| 1_000.0 / rate);
        self.took.or_else(slow)
    }

    /// Ticks a second: told, or what the time that each takes leaves room for.
    pub fn per_second(self) -> Option<f32> {
        let room = || self.took.map(|took| if took > 50.0 { 1_000.0 / took } else { 20.0 });
        self.rate.or_else(room)
    }
}
