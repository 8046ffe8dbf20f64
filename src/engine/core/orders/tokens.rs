//! Tokens and tickets: who is let in.

use std::{net::IpAddr, sync::Arc};

use tokio::sync::oneshot;

use crate::{
    engine::{
        access::{self, Grant, Made},
        core::Core,
        fact::Fact,
    },
    model::{Answer, Credential, Fault, FaultKind, Order, Origin, TokenId, TokenPlan},
    store::{Error, TokenRecord},
};

type Reply = oneshot::Sender<Result<Answer, Fault>>;

/// A token was written down, or could not be.
pub struct Kept {
    origin: Origin,
    order: Order,
    record: TokenRecord,
    answer: Answer,
    written: Result<(), Error>,
    reply: Reply,
}

impl Core {
    /// Lets somebody in, or not.
    pub(super) fn admit(
        &mut self,
        credential: &Credential,
        address: Option<IpAddr>,
        reply: oneshot::Sender<Result<Arc<Grant>, Fault>>,
    ) {
        let Credential::Pass(secret) = credential else {
            let _ = reply.send(self.tokens.admit(credential, address).map(Arc::new));
            return;
        };
        let (folder, secret) = (self.tokens.passes(), secret.clone());
        self.ways.tasks.spawn_blocking(move || {
            let folder = folder.ok_or_else(access::stranger);
            let grant = folder.and_then(|folder| access::pass::grant(&folder, &secret, address));
            let _ = reply.send(grant.map(Arc::new));
        });
    }

    /// Makes a token: it holds when it is written down.
    pub(super) fn create_token(&mut self, origin: Origin, plan: TokenPlan, reply: Reply) {
        if let Some(servers) = &plan.servers
            && let Some(unknown) = servers.iter().find(|id| !self.entries.contains_key(id))
        {
            let _ = reply.send(Err(Fault::invalid("servers", format!("there is no server {unknown}"))));
            return;
        }
        let order = Order::CreateToken(Box::new(plan.clone()));
        let Made { record, secret } = match self.tokens.make(plan) {
            Ok(made) => made,
            Err(fault) => {
                let _ = reply.send(Err(fault));
                return;
            }
        };
        let answer = Answer::Token { id: record.token.id, secret };
        let (store, facts) = (self.store.clone(), self.ways.facts.clone());
        self.ways.tasks.spawn(async move {
            let written = store.put_token(record.clone()).await;
            let kept = Kept { origin, order, record, answer, written, reply };
            let _ = facts.send(Fact::Token(Box::new(kept))).await;
        });
    }

    /// A token was written down, or could not be.
    pub(in crate::engine::core) fn token_kept(&mut self, kept: Kept) {
        let Kept { origin, order, record, answer, written, reply } = kept;
        let answer = match written {
            Ok(()) => {
                self.tokens.keep(record);
                self.publisher.soon();
                Ok(answer)
            }
            Err(error) => Err(error.fault()),
        };
        self.audit_answer(&origin, &order, &answer);
        let _ = reply.send(answer);
    }

    /// Makes a token worthless at once, and for good when that is written down.
    pub(super) fn revoke_token(&mut self, origin: Origin, id: TokenId, reply: Reply) {
        if self.tokens.revoke(id).is_none() {
            let _ = reply.send(Err(Fault::new(
                FaultKind::NotFound,
                "There is no such token.",
                "",
                "`mineclifford token list` shows those that there are.",
            )));
            return;
        }
        self.publisher.soon();
        self.audit_answer(&origin, &Order::RevokeToken(id), &Ok(Answer::Done));
        let store = self.store.clone();
        self.ways.tasks.spawn(async move {
            let written = store.remove_token(id).await.map(|()| Answer::Done).map_err(|error| Fault {
                means: "The token is worthless while this engine runs, but would hold again after a restart."
                    .into(),
                ..error.fault()
            });
            let _ = reply.send(written);
        });
    }
}
