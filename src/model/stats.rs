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
