//! Who may do what. The one place where that is decided, for every face.
//!
//! A face on this machine may do everything. Whoever comes from elsewhere shows a credential, is admitted and holds a
//! [`Grant`] from then on: the handle shows it only what it may see, and the core asks [`rules`] before it obeys.

mod grant;
pub mod pass;
pub mod rules;
mod ticket;
mod tokens;

pub use grant::Grant;
pub use pass::lay;
pub use tokens::{Made, Tokens};

use crate::model::{Fault, FaultKind};

/// Somebody who is not let in: never says what was wrong with the credential.
pub fn stranger() -> Fault {
    Fault::new(
        FaultKind::Unauthenticated,
        "The token is missing, wrong, expired or revoked.",
        "Nothing was done.",
        "Send a token as `Authorization: Bearer …`; `mineclifford token create` makes one.",
    )
}

fn denied(what: impl Into<String>, next: &str) -> Fault {
    Fault::new(FaultKind::Denied, what, "Nothing was changed.", next)
}
