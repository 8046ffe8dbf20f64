//! The command line, as clap reads it. Everything a person sees in `--help` is written here and in its submodules.

pub mod access;
pub mod backup;
pub mod options;
pub mod restore;
pub mod schedule;
pub mod server;

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use clap::{
    Args, Parser, Subcommand, ValueEnum,
    builder::{PossibleValuesParser, TypedValueParser},
};

pub use access::{ApiArgs, AuditArgs, NotifyCommand, TokenCommand, TokenCreateArgs};
pub use backup::BackupCommand;
pub use options::{EditOptions, NewOptions, SharedOptions, Unset};
pub use schedule::ScheduleCommand;
pub use server::ServerCommand;

use crate::{config::ColorChoice, model::Span};

const CODES: &str = "\
Exit codes:
  0  done                       3  no such server
  1  failed, or cancelled       4  clash: name or port in use, server busy
  2  wrong usage, wrong value   5  Docker cannot be reached
  130  ended by ctrl-c; of several failures the highest code is returned

Examples:
  mineclifford                                   open the dashboard
  mineclifford demo                              look around without Docker
  mineclifford server create survival --eula --memory 4G --wait
  mineclifford console survival say hello
  mineclifford server list --json | jq -r '.[] | select(.state == \"ready\").name'";

/// Create and run Minecraft servers in Docker, from the terminal.
///
/// Without a command the dashboard opens. The other commands do the same work for scripts.
#[derive(Parser, Clone, Debug)]
#[command(name = "mineclifford", version, after_help = CODES, max_term_width = 100, infer_long_args = false)]
pub struct Cli {
    /// What holds for every command.
    #[command(flatten)]
    pub global: Global,
    /// Run the engine without a screen, with its API and metrics at this address: the same as `serve --listen`
    /// [default address: 127.0.0.1:8000]
    #[arg(long, value_name = "ADDR", num_args = 0..=1, default_missing_value = "", value_parser = listen_or_usual)]
    pub serve_metrics: Option<Listen>,
    /// How the dashboard looks.
    #[command(flatten)]
    pub look: Look,
    /// What to do; nothing is the dashboard.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Options that every command takes.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// Folder with the database [variable: MINECLIFFORD_DATA_DIR]
    #[arg(long, global = true, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    pub data_dir: Option<PathBuf>,
    /// Configuration file [variable: MINECLIFFORD_CONFIG]
    #[arg(long, global = true, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub config: Option<PathBuf>,
    /// Engine on another machine, through ssh, or at another socket: ssh://user@host:port or unix:///path
    #[arg(long, global = true, value_name = "URL", conflicts_with_all = ["data_dir", "docker"])]
    pub connect: Option<String>,
    /// Docker engine, such as unix:///run/user/1000/docker.sock [variable: DOCKER_HOST]
    #[arg(long, global = true, value_name = "URL")]
    pub docker: Option<String>,
    /// Look, but change nothing: every change is refused
    #[arg(long, global = true)]
    pub read_only: bool,
    /// Print JSON; errors too, as one object a line on the error output
    #[arg(long, global = true)]
    pub json: bool,
    /// Print only what was asked for, no progress and no confirmations
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// No colours [variable: NO_COLOR]
    #[arg(long, global = true)]
    pub no_color: bool,
    /// Write the program's own log to the error output; twice for more
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// How the dashboard looks, over what the configuration says.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "The dashboard")]
pub struct Look {
    /// Theme, by its name; `:` in the dashboard lists them all
    #[arg(long, value_name = "NAME")]
    pub theme: Option<String>,
    /// Keymap: default, vim, emacs, or one of your own
    #[arg(long, value_name = "NAME")]
    pub keymap: Option<String>,
    /// How many colours are drawn with; auto goes by NO_COLOR, then COLORTERM and TERM
    #[arg(long, value_name = "DEPTH", value_parser = color)]
    pub color: Option<ColorChoice>,
    /// Draw only ASCII
    #[arg(long)]
    pub ascii: bool,
    /// For screen readers and plain terminals: only ASCII, no colour, no mouse
    #[arg(long)]
    pub plain: bool,
}

impl Look {
    /// Both, where each may be given at two places of the command line; the one nearer to its end holds.
    #[must_use]
    pub fn then(self, later: Self) -> Self {
        Self {
            theme: later.theme.or(self.theme),
            keymap: later.keymap.or(self.keymap),
            color: later.color.or(self.color),
            ascii: later.ascii || self.ascii,
            plain: later.plain || self.plain,
        }
    }
}

fn color(text: &str) -> Result<ColorChoice, String> {
    text.parse()
}

/// How the demo begins. For tests and measurements, hence hidden.
#[derive(Args, Clone, Debug, Default)]
pub struct DemoArgs {
    /// Serve the embedded engine on this Unix socket until interrupted, without a dashboard
    #[arg(long, value_name = "SOCKET", hide = true)]
    pub listen: Option<PathBuf>,
    /// Begin with so many plain servers instead of the believable ones
    #[arg(long, value_name = "N", hide = true)]
    pub servers: Option<usize>,
    /// So many of those run
    #[arg(long, value_name = "N", hide = true, requires = "servers")]
    pub running: Option<usize>,
    /// How the dashboard looks.
    #[command(flatten)]
    pub look: Look,
}

/// Arguments of `serve`.
#[derive(Args, Clone, Debug, Default)]
pub struct ServeArgs {
    /// Where the API and the metrics are, or `none` [default: 127.0.0.1:8000]
    #[arg(long, value_name = "ADDR", value_parser = listen)]
    pub listen: Option<Listen>,
    /// Encrypt with a certificate that is made and signed here
    #[arg(long)]
    pub self_signed: bool,
    /// Let other machines reach the API without encryption: whoever listens in can read tokens
    #[arg(long)]
    pub plain_http_beyond_this_machine: bool,
    /// How the log is written to the output
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub log_format: LogFormat,
}

/// Where the API is to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Listen {
    /// Where the settings say.
    Usual,
    /// Here.
    At(SocketAddr),
    /// Nowhere.
    Nowhere,
}

fn listen(text: &str) -> Result<Listen, String> {
    match text {
        "none" => Ok(Listen::Nowhere),
        text => text.parse().map(Listen::At).map_err(|_| {
            "must be an address with a port such as 127.0.0.1:8000 or [::1]:8000, or none".to_owned()
        }),
    }
}

fn listen_or_usual(text: &str) -> Result<Listen, String> {
    if text.is_empty() { Ok(Listen::Usual) } else { listen(text) }
}

/// Arguments of `link-stdio`.
#[derive(Args, Clone, Debug, Default)]
pub struct LinkStdioArgs {
    /// The engine's socket, where it is not the one of the settings
    #[arg(long, value_name = "SOCKET")]
    pub socket: Option<PathBuf>,
}

/// How a log is written.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum LogFormat {
    /// A line of text for each message
    #[default]
    Text,
    /// A JSON object a line
    Json,
}

/// What to do.
#[derive(Subcommand, Clone, Debug)]
pub enum Command {
    /// Open the dashboard on an embedded engine of practice servers: no Docker, no download, nothing left behind
    Demo(DemoArgs),
    /// Run the engine without a screen, in the foreground: for services and containers
    #[command(
        after_help = "Dashboards and commands on the same data folder attach to it. Its API is at 127.0.0.1:8000 unless \
the settings or --listen say otherwise, with the metrics at /metrics and a page to read at /api/docs. It tells systemd when it is ready \
(Type=notify). SIGTERM and ctrl-c end it in order: jobs are brought to an end or undone, consoles are closed; servers \
go on running in Docker. SIGHUP reads the settings again, and the log says what holds at once and what needs a restart."
    )]
    Serve(ServeArgs),
    /// Pass a link on between standard input and output and the engine of this machine; `--connect ssh://…` runs it
    #[command(hide = true)]
    LinkStdio(LinkStdioArgs),
    /// Create, list, change and remove servers
    #[command(subcommand, visible_alias = "servers")]
    Server(ServerCommand),
    /// Make, check, restore, keep and remove backups
    #[command(subcommand, visible_alias = "backups")]
    Backup(BackupCommand),
    /// Do things at set times: back up, restart, type commands
    #[command(subcommand, visible_alias = "schedules")]
    Schedule(ScheduleCommand),
    /// Print a server's log
    Logs(LogsArgs),
    /// Type into a server's console
    Console(ConsoleArgs),
    /// Show what servers cost the machine
    Stats(StatsArgs),
    /// Make, list and revoke the tokens that let others use the API
    #[command(subcommand, visible_alias = "tokens")]
    Token(TokenCommand),
    /// Show who did what to which server, and what came of it
    Audit(AuditArgs),
    /// Look at where notices are sent to, and try it
    #[command(subcommand)]
    Notify(NotifyCommand),
    /// Send a request to the API of the service that runs here, and print its answer
    Api(ApiArgs),
    /// Check that everything this program needs is there, and say what to do about what is not
    #[command(
        after_help = "Ends with 0 when nothing failed (warnings may stand), else with 1, or 5 where Docker \
        cannot be reached."
    )]
    Doctor,
    /// Print a completion script for a shell
    #[command(after_help = "Examples:
  mineclifford completions bash > ~/.local/share/bash-completion/completions/mineclifford
  mineclifford completions zsh > \"${fpath[1]}/_mineclifford\"
  mineclifford completions fish > ~/.config/fish/completions/mineclifford.fish")]
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    #[command(after_help = "Example:
  mineclifford man > ~/.local/share/man/man1/mineclifford.1")]
    Man,
}

/// Arguments of `logs`.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Examples:
  mineclifford logs survival --tail 50
  mineclifford logs survival -f | grep --line-buffered joined

With --json each line is an object {seq, at, level, kind, text} on a line of its own. Colours of the log are kept \
on a terminal only. -f ends with ctrl-c (exit code 130).")]
pub struct LogsArgs {
    /// The server: its name, or the beginning of its id
    pub name: String,
    /// Go on with new lines until ctrl-c
    #[arg(long, short)]
    pub follow: bool,
    /// Only the last N lines; without it, all that are kept
    #[arg(long, short = 'n', value_name = "N", value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    pub tail: Option<u32>,
    /// Put the time before each line
    #[arg(long, short)]
    pub timestamps: bool,
}

/// Arguments of `console`.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Examples:
  mineclifford console survival                interactive; ends with ctrl-d
  mineclifford console survival say hello      send one command and print the reply
  mineclifford console survival -- -help       where the command begins with a dash
  mineclifford console survival < commands.txt

Which way a command went (stdin, rcon or rcon-cli) is said on the error output unless --quiet is given, and is the \
field `via` with --json: {via, reply}.")]
pub struct ConsoleArgs {
    /// The server: its name, or the beginning of its id
    pub name: String,
    /// The command, without a slash; its words are joined with spaces
    #[arg(trailing_var_arg = true)]
    pub command: Vec<String>,
}

/// Arguments of `stats`.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "With --json: {id, name, state, at, cpu_percent, memory_bytes, memory_limit_bytes, net_rx_bytes, \
net_tx_bytes, block_read_bytes, block_write_bytes, pids}, null where unknown; one array, or with --follow one object \
a line for each measurement. cpu_percent is of one core: 250 means two and a half."
)]
pub struct StatsArgs {
    /// Servers; without a name, all that run
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// Go on with each new measurement until ctrl-c
    #[arg(long, short)]
    pub follow: bool,
    /// What was measured before, in steps; the engine must run already (a dashboard or `serve`) to know of it
    #[arg(long, value_name = "SPAN", num_args = 0..=1, default_missing_value = "1h", require_equals = true,
          value_parser = span(), conflicts_with = "follow")]
    pub history: Option<Span>,
}

/// How far back one may look.
fn span() -> impl TypedValueParser<Value = Span> {
    let words = Span::ALL.iter().map(|span| span.word());
    PossibleValuesParser::new(words).try_map(|word| word.parse::<Span>())
}

/// Whether to wait for what a command leads to, and how long.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Waiting")]
pub struct Wait {
    /// Wait until the server can be joined (or has stopped); a crash ends the wait with exit code 1
    #[arg(long, overrides_with = "no_wait")]
    pub wait: bool,
    /// Return when Docker has done its part (this is how it is without --wait)
    #[arg(long, overrides_with = "wait")]
    pub no_wait: bool,
    /// How long --wait may take
    #[arg(long, value_name = "DURATION", default_value = "15m", value_parser = humantime::parse_duration)]
    pub timeout: Duration,
}
