//! The commands about who may do what: tokens, the audit trail, requests to the API.

use std::time::Duration;

use clap::{Args, Subcommand};

use crate::model::Role;

/// What is done with tokens.
#[derive(Subcommand, Clone, Debug)]
pub enum TokenCommand {
    /// Make a token and print it; it is shown this once
    Create(TokenCreateArgs),
    /// List the tokens; their secrets are known to their holders only
    List,
    /// Make a token worthless, and close what is open with it
    Revoke {
        /// The token: its id or the end of it, as `token list` shows it
        id: String,
    },
}

/// Arguments of `token create`.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Examples:
  mineclifford token create grafana
  mineclifford token create \"backup script\" --role operator --server survival --expires 90d
  TOKEN=$(mineclifford token create deploy --role admin --quiet)

Roles: viewer (look), operator (also run servers, type into consoles, make and restore backups, run schedules), admin \
(everything). The token alone is on the output; with --json {id, token}.")]
pub struct TokenCreateArgs {
    /// What it is for; the audit trail shows it
    pub note: String,
    /// What it may do: viewer, operator or admin
    #[arg(long, value_name = "ROLE", default_value = "viewer")]
    pub role: Role,
    /// The only server that it may see and change; may be given more than once [default: all]
    #[arg(long = "server", value_name = "NAME")]
    pub servers: Vec<String>,
    /// After how long it stops to work, such as 12h or 90d [default: never]
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    pub expires: Option<Duration>,
}

/// What is done with the places that notices are sent to.
#[derive(Subcommand, Clone, Debug)]
pub enum NotifyCommand {
    /// List the places that the settings name, and what each is told of
    #[command(after_help = "With --json: an array of {name, kind, host, events, signed, private}.")]
    List,
    /// Send a notice that says that it is a test; to all places, or to one
    #[command(
        after_help = "Each place is tried once. Ends with 1 when one of them did not take it. Files and variables with \
URLs and secrets are read by this command, not by the service: it may have other variables."
    )]
    Test {
        /// The place, by its name in the settings
        name: Option<String>,
    },
}

/// Arguments of `audit`.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "With --json: an array of {seq, at, origin, action, server, server_name, outcome}, oldest first."
)]
pub struct AuditArgs {
    /// Only the last N lines
    #[arg(long, short = 'n', value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub tail: u32,
    /// Only those of this server, by its name at the time
    #[arg(long, value_name = "NAME")]
    pub server: Option<String>,
}

/// Arguments of `api`.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Examples:
  mineclifford api GET /api/servers/
  mineclifford api POST /api/servers/survival/backup
  mineclifford api POST /api/servers/ --data '{\"name\": \"survival\", \"eula\": true}'
  MINECLIFFORD_TOKEN=… mineclifford api GET /api/jobs/ --url https://mc.example.org:8000

The token is that of the variable MINECLIFFORD_TOKEN; without it, and on the machine of the service, whoever may write \
to its data folder may do everything. The body of the answer is on the output. The exit code is 0 for a status below \
400, 3 for 404, 4 for 409, 2 for 400 and 422, 5 for 503, else 1.")]
pub struct ApiArgs {
    /// GET, POST, PUT, PATCH or DELETE
    #[arg(ignore_case = true)]
    pub method: String,
    /// The path with what is asked behind the `?`, such as /api/servers/
    pub path: String,
    /// A body of JSON; `-` reads it from the input
    #[arg(long, short, value_name = "JSON")]
    pub data: Option<String>,
    /// The service, where it is not the one of this data folder [variable: MINECLIFFORD_API]
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// A certificate to trust beside those that this machine trusts, in PEM
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub certificate: Option<std::path::PathBuf>,
    /// Sent again with the same key, a request is answered again and not done again
    #[arg(long, value_name = "KEY")]
    pub idempotency_key: Option<String>,
}
