//! The tokens: made, shown once, kept as hashes, compared in constant time.

use std::{
    collections::{BTreeMap, VecDeque},
    net::IpAddr,
    path::PathBuf,
    sync::Arc,
};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::Timestamp;
use ring::digest::{SHA256, digest};
use subtle::ConstantTimeEq;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    Grant, stranger,
    ticket::{self, Claims},
};
use crate::{
    model::{Caller, Credential, Fault, FaultKind, Purpose, Secret, ServerId, Token, TokenId, TokenPlan},
    store::TokenRecord,
};

/// What a token begins with, so that one is recognised where it should not be.
const PREFIX: &str = "mcl";
/// Most tokens.
const TOKENS_MAX: usize = 1_000;
/// Most tickets that are remembered as used; each lives a minute.
const USED_MAX: usize = 10_000;

/// A token that is being made.
pub struct Made {
    /// What is kept of it.
    pub record: TokenRecord,
    /// What its holder is told, once.
    pub secret: Secret,
}

struct Known {
    token: Arc<Token>,
    hash: [u8; 32],
    revoked: CancellationToken,
}

/// All tokens, and the key that tickets are signed with. Owned by the core.
pub struct Tokens {
    known: BTreeMap<TokenId, Known>,
    engine: Uuid,
    key: [u8; 32],
    /// Tickets that were used, with the moment from which on they are expired anyway.
    used: VecDeque<(Timestamp, Uuid)>,
    /// Where passes are laid down; `None` for an engine without a folder.
    folder: Option<PathBuf>,
}

impl Tokens {
    /// From what the database remembers.
    pub fn new(records: Vec<TokenRecord>, engine: Uuid, key: [u8; 32], folder: Option<PathBuf>) -> Self {
        let mut tokens = Self { known: BTreeMap::new(), engine, key, used: VecDeque::new(), folder };
        for record in records {
            tokens.keep(record);
        }
        tokens
    }

    /// Makes a token that is not known yet.
    ///
    /// # Errors
    /// The plan's; that there are too many.
    pub fn make(&self, mut plan: TokenPlan) -> Result<Made, Fault> {
        plan.note = plan.note.trim().to_owned();
        plan.check(Timestamp::now())?;
        if self.known.len() >= TOKENS_MAX {
            return Err(Fault::new(
                FaultKind::Conflict,
                format!("There are {TOKENS_MAX} tokens already."),
                "None was made.",
                "Revoke those that are no longer used.",
            ));
        }
        let id = TokenId::new();
        let bytes: [u8; 32] = rand::random();
        let secret = format!("{PREFIX}_{}_{}", id.0.simple(), BASE64_URL_SAFE_NO_PAD.encode(bytes));
        let record = TokenRecord {
            token: Token { id, plan, created_at: Timestamp::now() },
            hash: hex(digest(&SHA256, secret.as_bytes()).as_ref()),
        };
        Ok(Made { record, secret: Secret(secret) })
    }

    /// Lets a token hold. One whose hash is none lets nobody in.
    pub fn keep(&mut self, record: TokenRecord) {
        let Some(hash) = unhex(&record.hash) else {
            tracing::error!(token = %record.token.id, "the hash of a token is damaged: it lets nobody in");
            return;
        };
        let known = Known { token: Arc::new(record.token), hash, revoked: CancellationToken::new() };
        self.known.insert(known.token.id, known);
    }

    /// Lets a token hold no longer, and ends what is open with it.
    pub fn revoke(&mut self, id: TokenId) -> Option<Arc<Token>> {
        let known = self.known.remove(&id)?;
        known.revoked.cancel();
        Some(known.token)
    }

    /// All of them, oldest first.
    pub fn list(&self) -> Vec<Arc<Token>> {
        self.known.values().map(|known| known.token.clone()).collect()
    }

    /// Lets somebody in.
    ///
    /// # Errors
    /// [`stranger`], whatever was wrong.
    pub fn admit(&mut self, credential: &Credential, address: Option<IpAddr>) -> Result<Grant, Fault> {
        match credential {
            Credential::Token(secret) => self.by_token(&secret.0, address).ok_or_else(stranger),
            Credential::Ticket(secret, purpose, server) => {
                self.by_ticket(&secret.0, *purpose, *server, address).ok_or_else(stranger)
            }
            // Passes are on a disk: see [`Tokens::passes`].
            Credential::Pass(_) => Err(stranger()),
        }
    }

    /// The folder where passes are redeemed; `None` for an engine without one.
    pub fn passes(&self) -> Option<PathBuf> {
        self.folder.clone()
    }

    fn by_token(&self, secret: &str, address: Option<IpAddr>) -> Option<Grant> {
        let id = secret.strip_prefix(PREFIX)?.strip_prefix('_')?.get(..32)?;
        let known = self.known.get(&TokenId(Uuid::try_parse(id).ok()?))?;
        let hash = digest(&SHA256, secret.as_bytes());
        bool::from(hash.as_ref().ct_eq(&known.hash)).then(|| self.grant(known, address)).flatten()
    }

    fn grant(&self, known: &Known, address: Option<IpAddr>) -> Option<Grant> {
        let token = &known.token;
        let caller = Caller { token: Some(token.id), note: token.plan.note.clone(), address };
        let grant = Grant::of_token(&token.plan, caller, known.revoked.clone());
        grant.check().is_ok().then_some(grant)
    }

    fn by_ticket(
        &mut self,
        text: &str,
        purpose: Purpose,
        server: Option<ServerId>,
        address: Option<IpAddr>,
    ) -> Option<Grant> {
        let now = Timestamp::now();
        let claims = ticket::open(&self.key, text, &self.audience(purpose), now)?;
        if claims.server != server {
            return None;
        }
        self.used.retain(|(until, _)| *until > now);
        if self.used.len() >= USED_MAX || self.used.iter().any(|(_, id)| *id == claims.id) {
            return None;
        }
        let grant = self.grant(self.known.get(&claims.token)?, address)?;
        self.used.push_back((claims.expires_at(), claims.id));
        match server {
            Some(server) => grant.sees(server).then(|| grant.only(server)),
            None => Some(grant),
        }
    }

    /// A ticket for the holder of a token.
    ///
    /// # Errors
    /// That the holder came by a pass, which needs none.
    pub fn ticket(
        &self,
        grant: &Grant,
        purpose: Purpose,
        server: Option<ServerId>,
    ) -> Result<(Secret, Timestamp), Fault> {
        let Some(token) = grant.token() else {
            return Err(super::denied(
                "Tickets are for holders of tokens.",
                "Send the token itself; a ticket is for browsers, which cannot.",
            ));
        };
        grant.check()?;
        let claims = Claims::new(self.audience(purpose), token, server, Timestamp::now());
        let expires_at = claims.expires_at();
        Ok((Secret(ticket::seal(&self.key, &claims)), expires_at))
    }

    /// Names this engine too: a ticket of one engine is worthless at another.
    fn audience(&self, purpose: Purpose) -> String {
        let purpose = match purpose {
            Purpose::Console => "console",
            Purpose::Events => "events",
        };
        format!("mineclifford:{}:{purpose}", self.engine)
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * index..2 * index + 2], 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Role;

    fn plan(role: Role) -> TokenPlan {
        TokenPlan { role, servers: None, expires_at: None, note: "test".into() }
    }

    fn with(plan: TokenPlan) -> (Tokens, TokenId, String) {
        let mut tokens = Tokens::new(Vec::new(), Uuid::now_v7(), [7; 32], None);
        let made = tokens.make(plan).unwrap();
        let id = made.record.token.id;
        assert!(!serde_json::to_string(&made.record).unwrap().contains(&made.secret.0));
        tokens.keep(made.record);
        (tokens, id, made.secret.0)
    }

    fn show(tokens: &mut Tokens, secret: &str) -> Result<Grant, Fault> {
        tokens.admit(&Credential::Token(Secret(secret.to_owned())), None)
    }

    #[test]
    fn a_token_lets_in_until_it_is_revoked_and_no_other_text_does() {
        let (mut tokens, id, secret) = with(plan(Role::Operator));
        let grant = show(&mut tokens, &secret).unwrap();
        assert_eq!(grant.role, Role::Operator);
        let end = secret.chars().last().unwrap();
        let other = if end == 'A' { 'E' } else { 'A' };
        let almost = format!("{}{other}", &secret[..secret.len() - 1]);
        for wrong in ["", "mcl", "mcl_", &secret[4..], &secret[..40], &almost, &format!("{secret} "), "mcl_ü"]
        {
            assert_eq!(show(&mut tokens, wrong).unwrap_err(), stranger(), "{wrong}");
        }
        assert!(tokens.revoke(id).is_some());
        assert_eq!(grant.check(), Err(stranger()));
        assert_eq!(show(&mut tokens, &secret).unwrap_err(), stranger());
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_open_hears_of_the_revocation() {
        let (mut tokens, id, secret) = with(plan(Role::Viewer));
        let grant = show(&mut tokens, &secret).unwrap();
        let waiting = tokio::spawn(async move { grant.ended().await });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        tokens.revoke(id);
        waiting.await.unwrap();
    }

    #[test]
    fn a_ticket_is_good_once_for_one_purpose_and_one_server() {
        let (mut tokens, _, secret) = with(plan(Role::Admin));
        let grant = show(&mut tokens, &secret).unwrap();
        let (server, other) = (ServerId::new(), ServerId::new());
        let (ticket, _) = tokens.ticket(&grant, Purpose::Console, Some(server)).unwrap();
        let mut show =
            |purpose, server| tokens.admit(&Credential::Ticket(ticket.clone(), purpose, server), None);
        assert!(show(Purpose::Events, None).is_err());
        assert!(show(Purpose::Events, Some(server)).is_err());
        assert!(show(Purpose::Console, Some(other)).is_err());
        let narrow = show(Purpose::Console, Some(server)).unwrap();
        assert_eq!(
            narrow.role,
            Role::Operator,
            "an admin's ticket for a console is no more than an operator's"
        );
        assert!(narrow.sees(server) && !narrow.sees(other));
        assert!(show(Purpose::Console, Some(server)).is_err(), "a second time");
    }
}
