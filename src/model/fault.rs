//! What a person is told when something did not work.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The sort of a fault: scripts act on it, the command line turns it into its exit code.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// A field or argument breaks its rule. Nothing was done.
    Invalid,
    /// There is no such server, job or container.
    NotFound,
    /// It clashes with what is there: a name or port in use, a server busy with another job.
    Conflict,
    /// Docker cannot be reached, is too old, or refuses this user.
    Unreachable,
    /// The engine is read-only, or this person may not do that.
    Denied,
    /// Nobody knows who asks: the token is missing, wrong, expired or revoked.
    Unauthenticated,
    /// Somebody cancelled it.
    Cancelled,
    /// It was tried and went wrong.
    Failed,
}

/// An error as it crosses the engine's wall: what happened, what it means for the server, what to do next.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Fault {
    /// The sort.
    pub kind: FaultKind,
    /// The field that breaks its rule, for [`FaultKind::Invalid`]; as forms and the command line name it.
    pub field: Option<String>,
    /// What happened, one sentence.
    pub what: String,
    /// What it means for the server; empty where `what` says it all.
    pub means: String,
    /// What to do next, one sentence.
    pub next: String,
    /// The causes beneath, outermost first. For the details, not for the toast.
    pub chain: Vec<String>,
}

impl Fault {
    /// A fault with its three sentences.
    pub fn new(
        kind: FaultKind,
        what: impl Into<String>,
        means: impl Into<String>,
        next: impl Into<String>,
    ) -> Self {
        Self {
            kind,
            field: None,
            what: what.into(),
            means: means.into(),
            next: next.into(),
            chain: Vec::new(),
        }
    }

    /// A field that breaks its rule: "memory: must be at least 512M".
    pub fn invalid(field: impl Into<String>, rule: impl AsRef<str>) -> Self {
        let field = field.into();
        Self {
            what: format!("{field}: {}", rule.as_ref()),
            field: Some(field),
            ..Self::new(FaultKind::Invalid, "", "Nothing was changed.", "Correct the value and try again.")
        }
    }

    /// The same fault with the causes of `error` for the details.
    pub fn because(mut self, error: &(dyn std::error::Error + 'static)) -> Self {
        let mut cause = Some(error);
        // An error that names itself as its own source must not hold us for ever.
        while let Some(error) = cause.filter(|_| self.chain.len() < 16) {
            self.chain.push(error.to_string());
            cause = error.source();
        }
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        for more in [&self.means, &self.next] {
            if !more.is_empty() {
                write!(f, " {more}")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for Fault {}
