//! What is on its way to the database: one write at a time, in order, the latest of each record only.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use tokio::sync::oneshot;

use super::Core;
use crate::{
    engine::fact::Fact,
    model::{Backup, BackupId, Fault, ServerId, Severity},
    store::{Error, ServerRecord, Store},
};

/// Told when a write is durable.
pub type Ack = oneshot::Sender<Result<(), Fault>>;

/// Which record.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Key {
    Server(ServerId),
    Backup(BackupId),
}

/// What it is to be.
enum Record {
    Server(Box<ServerRecord>),
    Backup(Arc<Backup>),
    /// Nothing: it is removed.
    Gone,
}

impl Record {
    async fn write(self, key: Key, store: &Store) -> Result<(), Error> {
        match (self, key) {
            (Self::Server(record), _) => store.put_server(*record).await,
            (Self::Backup(backup), _) => store.put_backup((*backup).clone()).await,
            (Self::Gone, Key::Server(id)) => store.remove_server(id).await,
            (Self::Gone, Key::Backup(id)) => store.remove_backup(id).await,
        }
    }
}

/// Writes that wait.
#[derive(Default)]
pub struct Writes {
    queue: VecDeque<Key>,
    waiting: HashMap<Key, Write>,
    busy: bool,
}

struct Write {
    record: Record,
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
        self.put(Key::Server(id), record.map_or(Record::Gone, Record::Server), ack);
    }

    /// Writes what is known of a backup, or removes that; `ack` is told when that is durable.
    pub(super) fn write_backup(&mut self, id: BackupId, record: Option<Arc<Backup>>, ack: Option<Ack>) {
        self.put(Key::Backup(id), record.map_or(Record::Gone, Record::Backup), ack);
    }

    fn put(&mut self, key: Key, record: Record, ack: Option<Ack>) {
        let writes = &mut self.writes;
        let write = writes.waiting.entry(key).or_insert_with(|| {
            writes.queue.push_back(key);
            Write { record: Record::Gone, acks: Vec::new() }
        });
        write.record = record;
        write.acks.extend(ack);
        self.next_write();
    }

    fn next_write(&mut self) {
        if self.writes.busy {
            return;
        }
        let Some(key) = self.writes.queue.pop_front() else { return };
        let Some(Write { record, acks }) = self.writes.waiting.remove(&key) else { return };
        self.writes.busy = true;
        let (store, facts) = (self.store.clone(), self.ways.facts.clone());
        self.ways.tasks.spawn(async move {
            let written = record.write(key, &store).await;
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
