//! Typing a line into a console.

use jiff::Timestamp;
use tokio::sync::oneshot;

use super::{busy, not_running};
use crate::{
    engine::{console::Wish, core::Core},
    model::{Answer, Fault, Origin, ServerId},
};

impl Core {
    pub(super) fn type_line(
        &mut self,
        origin: Origin,
        id: ServerId,
        line: String,
        wanted: bool,
        reply: oneshot::Sender<Result<Answer, Fault>>,
    ) {
        let console = match self.managed(id) {
            Ok(_) => self.entries.get(&id).and_then(|entry| entry.console.as_ref()),
            Err(fault) => {
                let _ = reply.send(Err(fault));
                return;
            }
        };
        let (answer, sent) = oneshot::channel();
        let refused = match console {
            Some(console) => console.wish(Wish::Type { line: line.clone(), reply: wanted, answer }).is_err(),
            None => {
                let _ = answer.send(Err(not_running()));
                false
            }
        };
        let (store, facts, audit) = (self.store.clone(), self.ways.facts.clone(), line.clone());
        let name = self.entries.get(&id).map(|entry| entry.name().to_owned()).unwrap_or_default();
        self.ways.tasks.spawn(async move {
            let sent = if refused {
                Err(busy("its console"))
            } else {
                sent.await.unwrap_or_else(|_| Err(not_running()))
            };
            let outcome = sent
                .as_ref()
                .map_or_else(|fault| fault.what.clone(), |sent| format!("sent by {}", sent.via.word()));
            if sent.is_ok() {
                // A history that cannot be written must not make a command that was sent look like one that was not.
                let _ = store.type_line(id, line).await;
            }
            let _ = reply.send(sent.map(|sent| Answer::Sent { via: sent.via, reply: sent.reply }));
            let line = crate::model::AuditLine {
                at: Timestamp::now(),
                origin,
                action: format!("console: {audit}"),
                server: Some(id),
                server_name: name,
                outcome,
            };
            let _ = facts.send(crate::engine::fact::Fact::WriteDown(Box::new(line))).await;
        });
    }
}
