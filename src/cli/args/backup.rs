//! `mineclifford backup …`

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::restore::{RestoreArgs, TestArgs};
use crate::model::backup::Packing;

/// What to do with backups.
#[derive(Subcommand, Clone, Debug)]
pub enum BackupCommand {
    /// Back a server up, whatever it does: one that runs holds still meanwhile, one that does not is not woken
    Create(CreateArgs),
    /// List backups, newest first
    #[command(visible_alias = "ls")]
    #[command(
        after_help = "With --json, for each backup: id, server, server_id, kind, state (good, damaged or missing), reason \
(asked, scheduled or safety), label, locked, created_at, size_bytes, content_bytes, file_count, torn_files, stillness (at_rest, \
quiesced or not_quiesced), saving_off_ms, duration_ms, packing, version, verified_at, proven_at, path."
    )]
    List(ListArgs),
    /// Show what is known of a backup
    #[command(
        after_help = "With --json, beside what `backup list --json` has: fault, proof_fault, origin, and of a good one worlds \
(folder, dimensions), left_out (path, why; the first 200) and left_out_count."
    )]
    Show(OneArgs),
    /// Read a backup again as a whole, and compare it with its checksums
    Verify(OneArgs),
    /// Put a backup back, or a part of it: into its server, another one, or a new one
    Restore(RestoreArgs),
    /// Boot a backup in a container that is thrown away, to see that a server comes up on it
    Test(TestArgs),
    /// List what is in a backup
    #[command(after_help = "With --json: an array of {path, folder, size, modified, torn}.")]
    Files(FilesArgs),
    /// Take files or folders out of a backup, without a server
    Extract(ExtractArgs),
    /// Keep backups from being removed
    Lock(SomeArgs),
    /// Let retention remove backups again
    Unlock(SomeArgs),
    /// Remove backups and their files; locked ones are refused
    #[command(visible_alias = "rm")]
    Delete(SomeArgs),
    /// Remove those backups that no rule keeps
    #[command(
        after_help = "The rules are in the settings, [backups]. Locked backups, the newest good one, and those that are being \
used are always kept. With --json: an array of {id, server, created_at, kept, why, path}."
    )]
    Prune(PruneArgs),
    /// Say what of a server's data goes into its backups
    #[command(
        after_help = "Logs, caches, jars that can be fetched again and earlier backups are always left out, unless they are \
included here. A pattern without a slash is a name at any depth (`*.tmp`), one with a slash a path from the data folder on \
(`plugins/dynmap/web`, `/notes.txt`). Without options the patterns are shown. With --json: {exclude, include}."
    )]
    Patterns(PatternsArgs),
}

/// Arguments of `backup create`.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Examples:
  mineclifford backup create survival --label 'before the update'
  mineclifford backup create survival --packing zstd --json | jq -r .path

With --json the new backup is printed as `backup list --json` does.")]
pub struct CreateArgs {
    /// The server: its name, or the beginning of its id
    pub name: String,
    /// What is written to it
    #[arg(long, short, value_name = "TEXT")]
    pub label: Option<String>,
    /// Never let retention remove it
    #[arg(long)]
    pub lock: bool,
    /// How it is packed: gzip (tar.gz) or zstd (tar.zst) [default: as in the settings]
    #[arg(long, value_name = "HOW", value_parser = packing)]
    pub packing: Option<Packing>,
}

fn packing(text: &str) -> Result<Packing, String> {
    text.parse()
}

/// Arguments of `backup list`.
#[derive(Args, Clone, Debug)]
pub struct ListArgs {
    /// Only those of this server; one that is gone, too
    pub name: Option<String>,
}

/// One backup.
#[derive(Args, Clone, Debug)]
pub struct OneArgs {
    /// The backup: its id or a part of it (6 digits or more, from its beginning or end), or its archive's file name
    pub id: String,
}

/// Some backups.
#[derive(Args, Clone, Debug)]
pub struct SomeArgs {
    /// The backups: ids or parts of them, or names of archives
    #[arg(required = true, value_name = "ID")]
    pub ids: Vec<String>,
}

/// Arguments of `backup files`.
#[derive(Args, Clone, Debug)]
pub struct FilesArgs {
    /// The backup: its id or a part of it, or its archive's file name
    pub id: String,
    /// A folder in it; without one, its top
    #[arg(default_value = "", hide_default_value = true)]
    pub path: String,
    /// Look through all below it for names that contain this, in any case
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub find: String,
}

/// Arguments of `backup extract`.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Examples:
  mineclifford backup extract 3f9a1c world/level.dat --out .
  mineclifford backup extract 3f9a1c world --out /tmp/old

What is there already is not overwritten. Each file is held to its checksum. With --json: {files, bytes, out}.")]
pub struct ExtractArgs {
    /// The backup: its id or a part of it, or its archive's file name
    pub id: String,
    /// The file or folder in it
    pub path: String,
    /// The folder that it is put into; made where it is not there
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    pub out: PathBuf,
}

/// Arguments of `backup prune`.
#[derive(Args, Clone, Debug)]
pub struct PruneArgs {
    /// Only those of this server; without a name, of all
    pub name: Option<String>,
    /// Only say what would be removed, and why the others stay
    #[arg(long)]
    pub dry_run: bool,
}

/// Arguments of `backup patterns`.
#[derive(Args, Clone, Debug)]
pub struct PatternsArgs {
    /// The server: its name, or the beginning of its id
    pub name: String,
    /// Leave this out, too; may be given several times. Takes the place of what was set
    #[arg(long, value_name = "PATTERN")]
    pub exclude: Vec<String>,
    /// Take this in all the same; may be given several times. Takes the place of what was set
    #[arg(long, value_name = "PATTERN")]
    pub include: Vec<String>,
    /// Forget all patterns of this server
    #[arg(long, conflicts_with_all = ["exclude", "include"])]
    pub clear: bool,
}
