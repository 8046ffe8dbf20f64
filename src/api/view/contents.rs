//! What is in a backup, and what would be done with it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::backup::BackupPart;
use crate::model::{
    Patterns, ServerId,
    backup::{BackupFile, Contents, FilePage, Kept, RestorePlan, Scope, Target},
};

/// What is in a backup, and what is not.
#[derive(Serialize, ToSchema, Debug)]
#[schema(as = Contents)]
pub struct ContentsView {
    /// Its worlds.
    pub worlds: Vec<WorldView>,
    /// The players of whom something is kept: by name where the backup's own lists know it, else by UUID.
    pub players: Vec<String>,
    /// The first things that were in the data and could not be taken.
    pub left_out: Vec<LeftOutView>,
    /// How many there were in all.
    pub left_out_count: u64,
}

/// A world in a backup.
#[derive(Serialize, ToSchema, Debug)]
#[schema(as = World)]
pub struct WorldView {
    /// Its folder's name.
    pub folder: String,
    /// Its dimensions: `overworld`, `the_nether`, `the_end`, or `namespace:name`.
    pub dimensions: Vec<String>,
}

/// Something that a backup could not take.
#[derive(Serialize, ToSchema, Debug)]
#[schema(as = LeftOut)]
pub struct LeftOutView {
    /// Its path.
    pub path: String,
    /// Why, in words.
    pub why: String,
}

impl From<Contents> for ContentsView {
    fn from(contents: Contents) -> Self {
        let worlds = contents.worlds.into_iter();
        let left_out = contents.left_out.into_iter();
        Self {
            worlds: worlds
                .map(|world| WorldView { folder: world.folder, dimensions: world.dimensions })
                .collect(),
            players: contents.players,
            left_out: left_out.map(|one| LeftOutView { path: one.path, why: one.why }).collect(),
            left_out_count: contents.left_out_count,
        }
    }
}

/// A file or folder in a backup.
#[derive(Serialize, ToSchema, Debug)]
#[schema(as = BackupFile)]
pub struct FileView {
    /// Its path in the backup, without a leading slash.
    pub path: String,
    /// Whether it is a folder.
    pub folder: bool,
    /// Bytes; of a folder, of all that is in it.
    pub size_bytes: u64,
    /// When it was last written.
    pub modified_at: Option<Timestamp>,
    /// Whether it changed each time that it was read.
    pub torn: bool,
}

impl From<&BackupFile> for FileView {
    fn from(file: &BackupFile) -> Self {
        Self {
            path: (*file.path).to_owned(),
            folder: file.folder,
            size_bytes: file.size,
            modified_at: file.modified,
            torn: file.torn,
        }
    }
}

/// A part of what a folder of a backup holds.
#[derive(Serialize, ToSchema, Debug)]
#[schema(as = BackupFiles)]
pub struct FilesView {
    /// Folders first, each sorted by name.
    pub items: Vec<FileView>,
    /// How many there are in all.
    pub total: usize,
}

impl From<FilePage> for FilesView {
    fn from(page: FilePage) -> Self {
        Self { items: page.files.iter().map(Into::into).collect(), total: page.total }
    }
}

/// A restore that is only thought through.
#[derive(Deserialize, ToSchema, Clone, Debug, Default)]
#[serde(deny_unknown_fields, default)]
#[schema(as = RestoreQuestion)]
pub struct Question {
    /// The server that it would go to, by its id; left out, a new one.
    server: Option<Uuid>,
    /// The new server's name.
    #[schema(nullable = false)]
    name: Option<String>,
    /// What would be taken out of the backup; left out, everything.
    part: Option<BackupPart>,
}

impl Question {
    /// Where to, and how much.
    pub fn parts(self) -> (Target, Scope) {
        let target = match self.server {
            Some(server) => Target::Server(ServerId(server)),
            None => Target::New { name: self.name.unwrap_or_default(), port: 0 },
        };
        (target, self.part.map_or(Scope::Everything, Scope::from))
    }
}

/// What a restore would do.
#[derive(Serialize, ToSchema, Debug)]
#[schema(as = RestorePlan)]
pub struct RestorePlanView {
    /// Steps in the order in which they would be taken, one sentence each.
    pub steps: Vec<String>,
    /// Folders and files at the top of the data that would be replaced, or made.
    pub replaced: Vec<String>,
    /// Files that would be unpacked.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// What one should know first.
    pub warnings: Vec<String>,
}

impl From<RestorePlan> for RestorePlanView {
    fn from(plan: RestorePlan) -> Self {
        let RestorePlan { steps, replaced, files, bytes, warnings } = plan;
        Self { steps, replaced, files, bytes, warnings }
    }
}

/// Whether retention keeps a backup, and why.
#[derive(Serialize, ToSchema, Debug)]
#[schema(as = Kept)]
pub struct KeptView {
    /// The backup.
    pub backup: Uuid,
    /// Whether it stays.
    pub kept: bool,
    /// In words.
    pub why: String,
}

impl From<&Kept> for KeptView {
    fn from(kept: &Kept) -> Self {
        Self { backup: kept.backup.0, kept: kept.kept, why: kept.why.clone() }
    }
}

/// What of a server's data goes into its backups, beside what is left out of every backup. A pattern without a slash is a
/// name at any depth, one with a slash a path from the data folder on; `*` and `?` stop at a slash, `**` does not.
#[derive(Serialize, Deserialize, ToSchema, Clone, Debug, Default)]
#[serde(deny_unknown_fields, default)]
#[schema(as = Patterns)]
pub struct PatternsView {
    /// What is left out, too.
    #[schema(max_items = 100)]
    exclude: Vec<String>,
    /// What is taken although another pattern leaves it out.
    #[schema(max_items = 100)]
    include: Vec<String>,
}

impl From<Patterns> for PatternsView {
    fn from(Patterns { exclude, include }: Patterns) -> Self {
        Self { exclude, include }
    }
}

impl From<PatternsView> for Patterns {
    fn from(PatternsView { exclude, include }: PatternsView) -> Self {
        Self { exclude, include }
    }
}
