//! `mineclifford server …`

use clap::{Args, Subcommand};

use super::{EditOptions, NewOptions, SharedOptions, Wait};

/// What to do with servers.
#[derive(Subcommand, Clone, Debug)]
pub enum ServerCommand {
    /// Make a server and start it
    Create(Box<CreateArgs>),
    /// List servers, also those in containers that this program did not make
    #[command(visible_alias = "ls")]
    List(ListArgs),
    /// Show everything about one server
    Show(NameArgs),
    /// Start servers
    Start(LifecycleArgs),
    /// Stop servers in peace: worlds are saved
    Stop(LifecycleArgs),
    /// Stop servers in peace, then start them
    Restart(LifecycleArgs),
    /// End servers at once: what was not saved is lost
    Kill(LifecycleArgs),
    /// Change a server; its container is made anew, its world is kept
    Edit(Box<EditArgs>),
    /// Give a server another name
    Rename(RenameArgs),
    /// Make another server with the same settings and a copy of the world
    Clone(CloneArgs),
    /// Remove a server's container; its world is kept unless --data is given
    #[command(visible_alias = "rm")]
    Delete(DeleteArgs),
    /// Take over a container that somebody else made, as it is
    #[command(
        after_help = "The container is not recreated. `server list` shows those that can be adopted (MANAGED: no)."
    )]
    Adopt(AdoptArgs),
    /// Forget a server whose container is gone; its world, if there is one, is kept
    Forget(NameArgs),
}

/// Arguments of `server create`.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Examples:
  mineclifford server create survival --eula
  mineclifford server create mods --type fabric --version 1.21.4 --eula --wait
  mineclifford server create family --eula --memory 6G --whitelist alice,bob

The container may use a quarter more memory than --memory (at least 384 MiB more), because a JVM needs it. \
Ctrl-c cancels, and what was made is removed again. With --json the new server is printed as `server list --json` does.")]
pub struct CreateArgs {
    /// The server's name: 2 to 63 letters, digits, '.', '_' and '-'; also the container's name
    pub name: String,
    /// What may be changed later.
    #[command(flatten)]
    pub shared: SharedOptions,
    /// What is decided once.
    #[command(flatten)]
    pub new: NewOptions,
    /// Whether to wait.
    #[command(flatten)]
    pub wait: Wait,
}

/// Arguments of `server list`.
#[derive(Args, Clone, Debug, Default)]
#[command(
    after_help = "The list for people appears at once, without CPU and memory; --stats adds them and waits for them, \
for 2.5 seconds at the most. --json waits in the same way unless --no-stats is given.

With --json, for each server: id, name, state, explanation {code, what, means, next}, type, version, image, host, port, \
container_id, cpu_percent (of one core), memory_bytes, memory_limit_bytes, players_online, players_max, uptime_seconds, \
restarts, managed, ownership (created, adopted or found). null is what is not known."
)]
pub struct ListArgs {
    /// Wait for measurements and show CPU and memory
    #[arg(long, overrides_with = "no_stats")]
    pub stats: bool,
    /// Do not wait for measurements
    #[arg(long, overrides_with = "stats")]
    pub no_stats: bool,
}

/// One server.
#[derive(Args, Clone, Debug)]
pub struct NameArgs {
    /// The server: its name, or the beginning of its id
    pub name: String,
}

/// Servers to start, stop, restart or kill.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "All are tried, each outcome is told, and the highest exit code is returned. With --json: an array \
of {name, id, action, ok, state, error}."
)]
pub struct LifecycleArgs {
    /// The servers: names, or beginnings of ids
    #[arg(required = true, value_name = "NAME")]
    pub names: Vec<String>,
    /// Whether to wait.
    #[command(flatten)]
    pub wait: Wait,
}

/// Arguments of `server edit`.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Examples:
  mineclifford server edit survival --memory 6G --env-unset USE_AIKAR_FLAGS
  mineclifford server edit survival --unset cpus --unset motd

A running server is stopped in peace, made anew and started again. What is not named stays as it is.")]
pub struct EditArgs {
    /// The server: its name, or the beginning of its id
    pub name: String,
    /// What is to be set.
    #[command(flatten)]
    pub shared: SharedOptions,
    /// What is to be taken away.
    #[command(flatten)]
    pub edit: EditOptions,
    /// Whether to wait.
    #[command(flatten)]
    pub wait: Wait,
}

/// Arguments of `server rename`.
#[derive(Args, Clone, Debug)]
pub struct RenameArgs {
    /// The server: its name, or the beginning of its id
    pub name: String,
    /// Its new name
    #[arg(value_name = "NEW")]
    pub to: String,
}

/// Arguments of `server clone`.
#[derive(Args, Clone, Debug)]
pub struct CloneArgs {
    /// The server to copy: its name, or the beginning of its id
    pub name: String,
    /// The copy's name
    #[arg(value_name = "NEW")]
    pub to: String,
    /// The copy's port on the host; 0 takes a free one
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub port: u16,
}

/// Arguments of `server delete`.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Examples:
  mineclifford server delete old               the world is kept in its volume
  mineclifford server delete old --data        the world goes too; asks for the name
  mineclifford server delete old --data --yes  the same in a script")]
pub struct DeleteArgs {
    /// The server: its name, or the beginning of its id
    pub name: String,
    /// Delete its world too: this cannot be undone
    #[arg(long)]
    pub data: bool,
    /// Do not ask
    #[arg(long, short)]
    pub yes: bool,
}

/// Arguments of `server adopt`.
#[derive(Args, Clone, Debug)]
pub struct AdoptArgs {
    /// The container: its name, or the beginning of its id
    pub container: String,
}
