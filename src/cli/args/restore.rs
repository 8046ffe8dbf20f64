//! `mineclifford backup restore`, `backup test`

use clap::Args;

/// Arguments of `backup restore`.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Examples:
  mineclifford backup restore 0197f3c2
  mineclifford backup restore 0197f3c2 --to survival-old            a new server beside the one that there is
  mineclifford backup restore 0197f3c2 --world world --dimension the_nether
  mineclifford backup restore 0197f3c2 --only ops.json --only plugins/Essentials --yes

What will be done is shown first, and asked about. The whole archive is verified, a safety backup is made, the server is \
stopped in peace, and the restored files take the old ones' place by renames. Only when the server is ready again is the old \
data removed; when anything goes wrong, or the machine loses power, the old data is put back. What the backup does not hold \
stays. With --json: {backup, server, server_name, new, safety_backup, files, bytes}.")]
pub struct RestoreArgs {
    /// The backup: its id, the beginning or end of it, or its file name
    #[arg(value_name = "ID")]
    pub backup: String,
    /// Into this server; where there is none of that name it is made, with the settings of the backup's. Without it: into the
    /// server that the backup is of
    #[arg(long, value_name = "NAME")]
    pub to: Option<String>,
    /// Port of a new server on the host; 0 takes a free one
    #[arg(long, value_name = "PORT", default_value_t = 0, requires = "to")]
    pub port: u16,
    /// Only this file or folder, by its path in the backup; may be given several times
    #[arg(long, value_name = "PATH", num_args = 1.., conflicts_with_all = ["world", "player"])]
    pub only: Vec<String>,
    /// Only this world, with all its dimensions: its folder's name
    #[arg(long, value_name = "FOLDER", conflicts_with = "player")]
    pub world: Option<String>,
    /// Only this dimension of the world: overworld, the_nether, the_end, or namespace:name
    #[arg(long, value_name = "NAME", requires = "world")]
    pub dimension: Option<String>,
    /// Only what the game keeps of this player: by name or UUID
    #[arg(long, value_name = "NAME")]
    pub player: Option<String>,
    /// Do not ask
    #[arg(long, short)]
    pub yes: bool,
}

/// Arguments of `backup test`.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "The backup is unpacked into a new volume, and a server with the settings that its server had is booted on \
it until it is ready, in a container that nobody can reach from outside. Then both are thrown away, and what came of it is \
noted of the backup. Plugins of the backup run while it boots. With --json: {backup, server_name, proven, proven_at}."
)]
pub struct TestArgs {
    /// The backup: its id, the beginning or end of it, or its file name
    #[arg(value_name = "ID")]
    pub backup: String,
}
