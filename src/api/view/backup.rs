//! Backups.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{FaultView, OriginView, word};
use crate::model::{
    Backup, BackupState, BackupWish,
    backup::{Packing, Scope, Target},
};

/// A backup.
#[derive(Serialize, ToSchema, Clone, Debug)]
#[schema(as = Backup)]
pub struct BackupView {
    /// Never changes; also its name for a restore.
    pub id: Uuid,
    /// The server that it was made of.
    pub server: Uuid,
    /// That server's name when it was made.
    pub server_name: String,
    /// The archive's file name.
    pub file: String,
    /// Whether it can be used: `good`, `damaged` or `missing`.
    pub state: &'static str,
    /// What is wrong with it.
    pub fault: Option<FaultView>,
    /// Why it was made: `asked`, `scheduled` or `safety`.
    pub reason: String,
    /// Who asked for it.
    pub origin: OriginView,
    /// What a person wrote to it.
    pub label: Option<String>,
    /// Whether it is kept whatever retention says.
    pub locked: bool,
    /// When copying began.
    pub created_at: Timestamp,
    /// How long making it took.
    pub duration_ms: u64,
    /// For how long saving was off.
    pub saving_off_ms: u64,
    /// How still the server was: `at_rest`, `quiesced` or `not_quiesced`.
    pub stillness: String,
    /// Bytes of the archive.
    pub size_bytes: u64,
    /// Bytes of its files.
    pub content_bytes: u64,
    /// Files in it.
    pub file_count: u64,
    /// Files that changed each time they were read.
    pub torn_files: u64,
    /// The Minecraft version of the world.
    pub version: Option<String>,
    /// When it was last read back as a whole.
    pub verified_at: Option<Timestamp>,
    /// When it was last booted until it could be joined.
    pub proven_at: Option<Timestamp>,
    /// Why its last proof failed.
    pub proof_fault: Option<FaultView>,
}

/// The last part of a path: where the archive lies on the engine's machine is nobody else's business.
fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

impl From<&Backup> for BackupView {
    fn from(backup: &Backup) -> Self {
        let fault = match &backup.state {
            BackupState::Damaged(fault) => Some((&**fault).into()),
            BackupState::Good | BackupState::Missing => None,
        };
        let proof = backup.proof.as_ref().and_then(|proof| proof.fault.as_deref());
        Self {
            id: backup.id.0,
            server: backup.server.0,
            server_name: backup.server_name.clone(),
            file: file_name(&backup.path).to_owned(),
            state: backup.state.word(),
            fault,
            reason: word(&backup.reason),
            origin: (&backup.origin).into(),
            label: backup.label.clone(),
            locked: backup.locked,
            created_at: backup.created_at,
            duration_ms: backup.duration_ms,
            saving_off_ms: backup.saving_off_ms,
            stillness: word(&backup.stillness),
            size_bytes: backup.size_bytes,
            content_bytes: backup.content_bytes,
            file_count: backup.file_count,
            torn_files: backup.torn_files,
            version: backup.version.clone(),
            verified_at: backup.verified_at,
            proven_at: backup.proven_at(),
            proof_fault: proof.map(Into::into),
        }
    }
}

/// How a new backup is packed.
#[derive(Serialize, Deserialize, ToSchema, Clone, Copy, Debug)]
#[serde(rename_all = "snake_case")]
pub enum PackingName {
    /// `tar.gz`
    Gzip,
    /// `tar.zst`
    Zstd,
}

/// What a new backup is to be.
#[derive(Deserialize, ToSchema, Clone, Debug, Default)]
#[serde(deny_unknown_fields, default)]
pub struct NewBackup {
    /// What a person writes to it.
    #[schema(max_length = 100)]
    label: Option<String>,
    /// Keep it whatever retention says.
    locked: bool,
    /// How it is packed; left out, as the settings say.
    packing: Option<PackingName>,
}

impl From<NewBackup> for BackupWish {
    fn from(new: NewBackup) -> Self {
        let packing = new.packing.map(|packing| match packing {
            PackingName::Gzip => Packing::Gzip,
            PackingName::Zstd => Packing::Zstd,
        });
        Self { label: new.label, locked: new.locked, packing }
    }
}

/// What is taken out of a backup.
#[derive(Serialize, Deserialize, ToSchema, Clone, Debug)]
#[serde(rename_all = "snake_case")]
pub enum BackupPart {
    /// All that is in it.
    Everything,
    /// One world with all its dimensions: its folder's name.
    World(String),
    /// One dimension of a world.
    Dimension {
        /// The world's folder.
        world: String,
        /// `overworld`, `the_nether`, `the_end`, or a custom one as `namespace:name`.
        dimension: String,
    },
    /// What the game keeps of one player, by name or UUID.
    Player(String),
    /// Files and folders by their paths in the backup.
    Paths(Vec<String>),
}

/// How a backup is restored.
#[derive(Deserialize, ToSchema, Clone, Debug, Default)]
#[serde(deny_unknown_fields, default)]
pub struct RestoreWish {
    /// What is taken out of it; left out, everything.
    part: Option<BackupPart>,
}

impl From<RestoreWish> for Scope {
    fn from(wish: RestoreWish) -> Self {
        wish.part.map_or(Self::Everything, Self::from)
    }
}

impl From<BackupPart> for Scope {
    fn from(part: BackupPart) -> Self {
        match part {
            BackupPart::Everything => Self::Everything,
            BackupPart::World(world) => Self::World(world),
            BackupPart::Dimension { world, dimension } => Self::Dimension { world, dimension },
            BackupPart::Player(player) => Self::Player(player),
            BackupPart::Paths(paths) => Self::Paths(paths),
        }
    }
}

/// A server that is made from a backup.
#[derive(Deserialize, ToSchema, Clone, Debug)]
#[serde(deny_unknown_fields)]
pub struct FromBackup {
    /// Its name.
    name: String,
    /// Its port on the host; left out or 0, a free one.
    #[serde(default)]
    port: u16,
    /// What is taken out of the backup; left out, everything.
    #[serde(default)]
    part: Option<BackupPart>,
}

impl FromBackup {
    /// Where to, and how much.
    pub fn parts(self) -> (Target, Scope) {
        let target = Target::New { name: self.name, port: self.port };
        (target, self.part.map_or(Scope::Everything, Scope::from))
    }
}

/// Whether an archive at this path is called so.
pub fn is_file(path: &str, name: &str) -> bool {
    file_name(path) == name
}
