//! Tokens, tickets, the audit trail, and who asked.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::model::{AuditEntry, Fault, Origin, Purpose, Role, ServerId, Token, TokenPlan};

/// Who asked for something.
#[derive(Serialize, ToSchema, Clone, Debug)]
#[schema(as = Origin)]
pub struct OriginView {
    /// Through which face: `dashboard`, `command_line`, `engine`, `schedule` or `api`.
    pub face: &'static str,
    /// By which token.
    pub token: Option<Uuid>,
    /// That token's note.
    pub note: Option<String>,
    /// From which address.
    pub address: Option<String>,
}

impl From<&Origin> for OriginView {
    fn from(origin: &Origin) -> Self {
        let here = |face| Self { face, token: None, note: None, address: None };
        match origin {
            Origin::Dashboard => here("dashboard"),
            Origin::CommandLine => here("command_line"),
            Origin::Engine => here("engine"),
            Origin::Schedule => here("schedule"),
            Origin::Api(caller) => Self {
                face: "api",
                token: caller.token.map(|id| id.0),
                note: Some(caller.note.clone()),
                address: caller.address.map(|address| address.to_string()),
            },
        }
    }
}

/// What a token may do. Each role may do what those before it may.
#[derive(Serialize, Deserialize, ToSchema, Clone, Copy, Debug)]
#[serde(rename_all = "snake_case")]
#[schema(as = Role)]
pub enum RoleName {
    /// Look at everything but secrets, tokens and the audit trail.
    Viewer,
    /// Also run servers, type into consoles, make and restore backups, run schedules.
    Operator,
    /// Everything.
    Admin,
}

impl From<RoleName> for Role {
    fn from(role: RoleName) -> Self {
        match role {
            RoleName::Viewer => Self::Viewer,
            RoleName::Operator => Self::Operator,
            RoleName::Admin => Self::Admin,
        }
    }
}

impl From<Role> for RoleName {
    fn from(role: Role) -> Self {
        match role {
            Role::Viewer => Self::Viewer,
            Role::Operator => Self::Operator,
            Role::Admin => Self::Admin,
        }
    }
}

/// A token as it is known; its secret is known to its holder only.
#[derive(Serialize, ToSchema, Clone, Debug)]
#[schema(as = Token)]
pub struct TokenView {
    /// Never changes.
    pub id: Uuid,
    /// What it may do.
    pub role: RoleName,
    /// The only servers that it may see; `null` is all.
    pub servers: Option<Vec<Uuid>>,
    /// When it stops to work.
    pub expires_at: Option<Timestamp>,
    /// What it is for.
    pub note: String,
    /// When it was made.
    pub created_at: Timestamp,
}

impl From<&Token> for TokenView {
    fn from(token: &Token) -> Self {
        let servers = token.plan.servers.as_ref();
        Self {
            id: token.id.0,
            role: token.plan.role.into(),
            servers: servers.map(|servers| servers.iter().map(|id| id.0).collect()),
            expires_at: token.plan.expires_at,
            note: token.plan.note.clone(),
            created_at: token.created_at,
        }
    }
}

/// What a new token is to be.
#[derive(Deserialize, ToSchema, Clone, Debug)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// What it may do.
    role: RoleName,
    /// The only servers that it may see and change; left out, all of them.
    #[schema(min_items = 1, max_items = 256)]
    servers: Option<Vec<Uuid>>,
    /// When it stops to work; left out, never.
    expires_at: Option<Timestamp>,
    /// What it is for, one line.
    #[schema(min_length = 1, max_length = 100)]
    note: String,
}

impl From<NewToken> for TokenPlan {
    fn from(new: NewToken) -> Self {
        let servers = new.servers.map(|servers| servers.into_iter().map(ServerId).collect());
        Self { role: new.role.into(), servers, expires_at: new.expires_at, note: new.note }
    }
}

/// A token that was just made.
#[derive(Serialize, ToSchema)]
pub struct MadeToken {
    /// Never changes.
    pub id: Uuid,
    /// What its holder shows. It is told this once and can never be asked for again.
    pub token: String,
}

/// What a ticket is for.
#[derive(Deserialize, ToSchema, Clone, Copy, Debug)]
#[serde(rename_all = "snake_case")]
#[schema(as = Purpose)]
pub enum PurposeName {
    /// The console of one server.
    Console,
    /// The stream of events.
    Events,
}

/// A ticket that is wished for.
#[derive(Deserialize, ToSchema, Clone, Debug)]
#[serde(deny_unknown_fields)]
pub struct NewTicket {
    /// What it is for.
    purpose: PurposeName,
    /// For which server; a console's ticket needs one.
    server: Option<Uuid>,
}

impl NewTicket {
    /// What it is for, and for which server.
    ///
    /// # Errors
    /// A console's ticket without a server, an events' one with one.
    pub fn read(&self) -> Result<(Purpose, Option<ServerId>), Fault> {
        match (self.purpose, self.server) {
            (PurposeName::Console, Some(server)) => Ok((Purpose::Console, Some(ServerId(server)))),
            (PurposeName::Console, None) => {
                Err(Fault::invalid("server", "a console's ticket is for one server"))
            }
            (PurposeName::Events, None) => Ok((Purpose::Events, None)),
            (PurposeName::Events, Some(_)) => Err(Fault::invalid("server", "the stream of events has none")),
        }
    }
}

/// A ticket: good once, within a minute.
#[derive(Serialize, ToSchema)]
#[schema(as = Ticket)]
pub struct TicketView {
    /// Sent as `?ticket=…`.
    pub ticket: String,
    /// Until when it must be used.
    pub expires_at: Timestamp,
}

/// A line of the audit trail.
#[derive(Serialize, ToSchema, Clone, Debug)]
#[schema(as = AuditLine)]
pub struct AuditView {
    /// Grows by one with each line; `null` while the line waits for a disk that has no room.
    pub seq: Option<u64>,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub origin: OriginView,
    /// What was asked for.
    pub action: String,
    /// Of which server.
    pub server: Option<Uuid>,
    /// That server's name at the time.
    pub server_name: String,
    /// What came of it.
    pub outcome: String,
}

impl From<&AuditEntry> for AuditView {
    fn from(entry: &AuditEntry) -> Self {
        let line = &entry.line;
        Self {
            seq: entry.seq,
            at: line.at,
            origin: (&line.origin).into(),
            action: line.action.clone(),
            server: line.server.map(|id| id.0),
            server_name: line.server_name.clone(),
            outcome: line.outcome.clone(),
        }
    }
}
