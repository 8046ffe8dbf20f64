//! A disk.

use serde::Serialize;
use utoipa::ToSchema;

use crate::model::{Disk, DiskOf};

/// A disk as last seen, at most about a minute ago.
#[derive(Serialize, ToSchema, Debug)]
#[schema(as = Disk)]
pub struct DiskView {
    /// `backups`, or `host`: where Docker keeps its images and volumes.
    pub of: &'static str,
    /// The host, for one of a host.
    pub host: Option<String>,
    /// The folder that was looked at.
    pub path: String,
    /// Bytes of the whole disk.
    pub total_bytes: u64,
    /// Bytes that can still be written.
    pub free_bytes: u64,
    /// In how many seconds it is full, if it goes on as it did over the last day; `null` where it does not fill, or where
    /// not enough is known.
    pub full_in_seconds: Option<u64>,
    /// Whether that is too little: for another backup of each server, or for a day.
    pub low: bool,
}

impl From<&Disk> for DiskView {
    fn from(disk: &Disk) -> Self {
        let (of, host) = match &disk.of {
            DiskOf::Backups => ("backups", None),
            DiskOf::Host(host) => ("host", Some(host.to_string())),
        };
        Self {
            of,
            host,
            path: disk.path.clone(),
            total_bytes: disk.total_bytes,
            free_bytes: disk.free_bytes,
            full_in_seconds: disk.full_in_seconds,
            low: disk.low,
        }
    }
}
