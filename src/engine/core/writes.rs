//! What is on its way to the database: one write at a time, in order, the latest of a server's records only.

use std::collections::{HashMap, VecDeque};

use tokio::sync::oneshot;

use super::Core;
use crate::{
    engine::fact::Fact,
    model::{Fault, ServerId, Severity},
    store::{Error, ServerRecord},
};

type Ack = oneshot::Sender<Result<(), Fault>>;

/// Writes that wait.
#[derive(Default)]
pub struct Writes {
    queue: VecDeque<ServerId>,
    waiting: HashMap<ServerId, Write>,
    busy: bool,
}

struct Write {
    /// `None` removes it.
    record: Option<Box<ServerRecord>>,
    acks: Vec<Ack>,
}

impl Writes {
    /// Whether everything is written.
    pub fn is_idle(&self) -> bool {
        !self.busy && self.queue.is_empty()
    }
}

impl Core {
    /// Writes what is known of a server, soon. Only managed ones are kept.
    pub(super) fn keep(&mut self, id: ServerId) {
        let Some(entry) = self.entries.get(&id) else { return };
        if entry.record.ownership.is_managed() && !entry.is_half_made() {
            self.write(id, Some(Box::new(entry.record.clone())), None);
        }
    }

    /// Writes a record, or removes it; `ack` is told when that is durable.
    pub(super) fn write(&mut self, id: ServerId, record: Option<Box<ServerRecord>>, ack: Option<Ack>) {
        let writes = &mut self.writes;
        let write = writes.waiting.entry(id).or_insert_with(|| {
            writes.queue.push_back(id);
            Write { record: None, acks: Vec::new() }
        });
        write.record = record;
        write.acks.extend(ack);
        self.next_write();
    }

    fn next_write(&mut self) {
        if self.writes.busy {
            return;
        }
        let Some(id) = self.writes.queue.pop_front() else { return };
        let Some(Write { record, acks }) = self.writes.waiting.remove(&id) else { return };
        self.writes.busy = true;
        let (store, facts) = (self.store.clone(), self.ways.facts.clone());
        self.ways.tasks.spawn(async move {
            let written = match record {
                Some(record) => store.put_server(*record).await,
                None => store.remove_server(id).await,
            };
            for ack in acks {
                let _ = ack.send(written.as_ref().copied().map_err(Error::fault));
            }
            let _ = facts.send(Fact::Saved(written)).await;
        });
    }

    pub(super) fn saved(&mut self, written: Result<(), Error>) {
        self.writes.busy = false;
        if let Err(error) = written {
            let fault = error.fault();
            self.notice(Severity::Error, None, fault.what, format!("{} {}", fault.means, fault.next));
        }
        self.next_write();
    }
}
