//! What can be set of backups.

use std::path::PathBuf;

use crate::model::{Retention, backup::Packing, quantity::MIB};

/// What the engine is started with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// The folder that archives lie in, on the machine that the engine runs on. Made when the first backup is.
    pub folder: PathBuf,
    /// What can be set while the engine runs.
    pub tuning: Tuning,
}

impl Settings {
    /// A folder, and what holds where nothing else is said.
    pub fn in_folder(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), tuning: Tuning::default() }
    }
}

/// What can be set while the engine runs. A backup that is being made goes on as it was begun.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tuning {
    /// How archives are packed where nobody says otherwise.
    pub packing: Packing,
    /// Threads that pack; 0 for as many as there are cores.
    pub threads: usize,
    /// Most bytes a second that are read from a server; `None` is no limit.
    pub rate: Option<u64>,
    /// Bytes that are left free on the disk of the folder.
    pub leave_free: u64,
    /// Which backups of each server are kept.
    pub retention: Retention,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            packing: Packing::Gzip,
            threads: 0,
            rate: None,
            leave_free: 512 * MIB,
            retention: Retention::default(),
        }
    }
}
