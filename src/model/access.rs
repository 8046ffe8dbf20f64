//! Who may do what: roles, tokens, and who asked.

use std::{fmt, net::IpAddr, str::FromStr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Fault, ServerId, TokenId};

/// Longest note of a token, in characters.
pub const NOTE_MAX: usize = 100;
/// Most servers that a token may be limited to.
pub const SERVERS_MAX: usize = 256;

/// What somebody may do. Each role may do what those before it may.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Look at everything but secrets, tokens and the audit trail.
    Viewer,
    /// Also start, stop, restart and kill servers, type into consoles, make, check and restore backups, and run or pause
    /// schedules.
    Operator,
    /// Everything.
    Admin,
}

impl Role {
    /// Every role, the least first.
    pub const ALL: &'static [Self] = &[Self::Viewer, Self::Operator, Self::Admin];

    /// As the command line and the API write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.iter().copied().find(|role| role.as_str() == text);
        found.ok_or_else(|| "must be one of viewer, operator, admin".to_owned())
    }
}

/// What a person decides about a token.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TokenPlan {
    /// What it may do.
    pub role: Role,
    /// The only servers that it may see and change; `None` is all of them.
    pub servers: Option<Vec<ServerId>>,
    /// When it stops to work; `None` is never.
    pub expires_at: Option<Timestamp>,
    /// What it is for, one line; the audit trail shows it.
    pub note: String,
}

impl TokenPlan {
    /// Checks it against the rules.
    ///
    /// # Errors
    /// The first field that breaks its rule.
    pub fn check(&self, now: Timestamp) -> Result<(), Fault> {
        if self.note.trim().is_empty() {
            return Err(Fault::invalid("note", "must say what the token is for"));
        }
        if self.note.chars().count() > NOTE_MAX || self.note.chars().any(char::is_control) {
            return Err(Fault::invalid("note", format!("must be one line of at most {NOTE_MAX} characters")));
        }
        match &self.servers {
            Some(servers) if servers.is_empty() => {
                return Err(Fault::invalid("servers", "must name a server, or be left out for all of them"));
            }
            Some(servers) if servers.len() > SERVERS_MAX => {
                return Err(Fault::invalid("servers", format!("must be at most {SERVERS_MAX}")));
            }
            _ => {}
        }
        if self.expires_at.is_some_and(|at| at <= now) {
            return Err(Fault::invalid("expires_at", "must be in the future"));
        }
        Ok(())
    }
}

/// A token as it is known; its secret is known to nobody but whoever holds it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Token {
    /// Never changes; also the middle part of the secret.
    pub id: TokenId,
    /// What was decided about it.
    pub plan: TokenPlan,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Who asked, where that is not this machine's own dashboard or command line.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Caller {
    /// By which token; `None` is somebody who may write to the engine's data folder.
    pub token: Option<TokenId>,
    /// The token's note.
    pub note: String,
    /// From where, where that is known.
    pub address: Option<IpAddr>,
}

/// What a ticket is good for, and for nothing else.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// The console of one server.
    Console,
    /// The stream of events.
    Events,
}

/// Something that must not be shown by accident: it is only ever given to whoever asked for it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What somebody shows to be let in.
#[derive(Clone, Debug)]
pub enum Credential {
    /// A token.
    Token(Secret),
    /// A ticket that was got with a token, for this purpose and, for a console, this server.
    Ticket(Secret, Purpose, Option<ServerId>),
    /// A pass: proof that one may write to the engine's data folder. Good once.
    Pass(Secret),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_shown_by_accident() {
        let shown = format!("{:?}", Credential::Token(Secret("hunter2".into())));
        assert!(!shown.contains("hunter2"), "{shown}");
    }

    #[test]
    fn plans_that_make_no_sense_name_their_field() {
        let now = Timestamp::now();
        let good = TokenPlan { role: Role::Viewer, servers: None, expires_at: None, note: "grafana".into() };
        assert_eq!(good.check(now), Ok(()));
        let field = |plan: TokenPlan| plan.check(now).unwrap_err().field.unwrap();
        assert_eq!(field(TokenPlan { note: " ".into(), ..good.clone() }), "note");
        assert_eq!(field(TokenPlan { note: "a\nb".into(), ..good.clone() }), "note");
        assert_eq!(field(TokenPlan { servers: Some(Vec::new()), ..good.clone() }), "servers");
        assert_eq!(field(TokenPlan { expires_at: Some(now), ..good }), "expires_at");
    }
}
