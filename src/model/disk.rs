//! Room on the disks that servers and backups need.

use serde::{Deserialize, Serialize};

use super::HostId;

/// What a disk is for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiskOf {
    /// The folder of the backups, on the machine that the engine runs on.
    Backups,
    /// Docker's own folder on a host, which has images, containers and volumes. Only of this machine's own Docker: others
    /// do not tell.
    Host(HostId),
}

/// A disk as last seen.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Disk {
    /// What it is for.
    pub of: DiskOf,
    /// The folder that was looked at.
    pub path: String,
    /// Bytes of the whole disk.
    pub total_bytes: u64,
    /// Bytes that this program could still write.
    pub free_bytes: u64,
    /// In how many seconds it is full, if it goes on as it did over the last day; `None` where it does not fill, or where
    /// not enough is known.
    pub full_in_seconds: Option<u64>,
    /// Whether that is too little.
    pub low: bool,
}
