//! What is remembered over restarts: servers, unfinished jobs, hosts, typed commands, the audit trail.
//!
//! The only room that knows redb. redb blocks, so one thread of its own holds the file and does every
//! transaction; a [`Store`] sends it work over a bounded channel. Every change is one durable transaction: it is
//! on the disk when the call answers, and either all of it or nothing survives a kill.

mod base;
mod error;
mod export;
mod lock;
mod migrate;
mod overlay;
mod record;
mod table;
mod thread;

#[cfg(test)]
mod tests;

use std::path::Path;

pub use error::Error;
pub use record::{
    BegunRecord, Flag, HostRecord, JobRecord, LINE_MAX, Loaded, NAME_MAX, NOTES_MAX, RECORD_MAX, SavingOff,
    ScheduleRecord, ServerRecord, TEXT_MAX, TokenRecord, Wanted,
};
pub use table::{audit::AUDIT_MAX, typed::TYPED_MAX};

use table::{audit, backups, flags, hosts, jobs, keys, saving, schedules, secrets, servers, tokens, typed};

use crate::model::{AuditEntry, AuditLine, Backup, BackupId, HostId, JobId, ScheduleId, ServerId, TokenId};

/// A way to the database. Cheap to clone; all clones share one file and one thread.
///
/// A call that is dropped before it answers may have made its change. Every call gives up with [`Error::Slow`]
/// when the disk does not answer for a minute.
#[derive(Clone, Debug)]
pub struct Store {
    thread: thread::Thread,
}

impl Store {
    /// Opens the database at `path`, or makes it (the file readable by this user alone, folders that are missing
    /// too), and holds it against other processes until the store is closed or all its clones are dropped. An
    /// older schema is migrated, after a copy was put beside the file. A file that is damaged, foreign or newer
    /// is left as it is, to the byte.
    ///
    /// # Errors
    /// All but [`Error::TooLong`] and [`Error::Closed`].
    pub async fn open(path: &Path) -> Result<Self, Error> {
        Ok(Self { thread: thread::Thread::start(Some(path)).await? })
    }

    /// A database in memory, gone with the process: for an engine that leaves nothing behind.
    ///
    /// # Errors
    /// When the operating system gives no thread.
    pub async fn in_memory() -> Result<Self, Error> {
        Ok(Self { thread: thread::Thread::start(None).await? })
    }

    /// Everything that the engine needs at its start.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn load(&self) -> Result<Loaded, Error> {
        let load = |txn: &_| {
            let mut servers = servers::all(txn)?;
            for server in &mut servers {
                server.rcon_password = secrets::get(txn, server.id)?;
            }
            Ok(Loaded {
                servers,
                jobs: jobs::all(txn)?,
                hosts: hosts::all(txn)?,
                tokens: tokens::all(txn)?,
                schedules: schedules::all(txn)?,
                flags: flags::all(txn)?,
                backups: backups::all(txn)?,
                saving_off: saving::all(txn)?,
            })
        };
        self.thread.ask(move |base| base.read(load)).await
    }

    /// Remembers a server, in the place of what was remembered under its id.
    ///
    /// # Errors
    /// When it cannot be written; [`Error::TooLong`]. What was there stays then.
    pub async fn put_server(&self, record: ServerRecord) -> Result<(), Error> {
        self.thread.ask(move |base| base.write(|txn| servers::put(txn, &record))).await
    }

    /// Forgets a server, its password, what was typed into its console, and that its saving was off. Its backups stay. One that is not there is no error.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn remove_server(&self, id: ServerId) -> Result<(), Error> {
        self.thread.ask(move |base| base.write(|txn| servers::remove(txn, id))).await
    }

    /// Remembers an unfinished job, in the place of what was remembered under its id.
    ///
    /// # Errors
    /// When it cannot be written; [`Error::TooLong`]. What was there stays then.
    pub async fn put_job(&self, record: JobRecord) -> Result<(), Error> {
        self.thread.ask(move |base| base.write(|txn| jobs::put(txn, &record))).await
    }

    /// Forgets a job. One that is not there is no error.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn remove_job(&self, id: JobId) -> Result<(), Error> {
        self.thread.ask(move |base| base.write(|txn| jobs::remove(txn, id))).await
    }

    /// Remembers a host, in the place of what was remembered under its name.
    ///
    /// # Errors
    /// When it cannot be written; [`Error::TooLong`].
    pub async fn put_host(&self, record: HostRecord) -> Result<(), Error> {
        self.thread.ask(move |base| base.write(|txn| hosts::put(txn, &record))).await
    }

    /// Forgets a host. One that is not there is no error.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn remove_host(&self, id: HostId) -> Result<(), Error> {
        self.thread.ask(move |base| base.write(|txn| hosts::remove(txn, &id))).await
    }

    /// Adds a line to what was typed into a server's console. The same line twice in a row is kept once; the
    /// last [`TYPED_MAX`] of each server are kept.
    ///
    /// # Errors
    /// When it cannot be written; [`Error::TooLong`] for a line of more than [`LINE_MAX`] bytes.
    pub async fn type_line(&self, server: ServerId, line: String) -> Result<(), Error> {
        self.thread.ask(move |base| base.write(|txn| typed::push(txn, server, &line))).await
    }

    /// What was typed into a server's console, oldest first; none for an unknown one.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn typed(&self, server: ServerId) -> Result<Vec<String>, Error> {
        self.thread.ask(move |base| base.read(|txn| typed::all(txn, server))).await
    }

    /// Remembers a token; its secret is never among what is remembered.
    ///
    /// # Errors
    /// When it cannot be written; [`Error::TooLong`].
    pub async fn put_token(&self, record: TokenRecord) -> Result<(), Error> {
        self.thread.ask(move |base| base.write(|txn| tokens::put(txn, &record))).await
    }

    /// Forgets a token. One that is not there is no error.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn remove_token(&self, id: TokenId) -> Result<(), Error> {
        self.thread.ask(move |base| base.write(|txn| tokens::remove(txn, id))).await
    }

    /// Remembers schedules, each in the place of what was remembered under its id, and sets a flag where one is named: all
    /// of it or nothing.
    ///
    /// # Errors
    /// When they cannot be written; [`Error::TooLong`]. What was there stays then.
    pub async fn put_schedules(
        &self,
        records: Vec<ScheduleRecord>,
        flag: Option<(Flag, bool)>,
    ) -> Result<(), Error> {
        let put = move |txn: &_| {
            for record in &records {
                schedules::put(txn, record)?;
            }
            flag.map_or(Ok(()), |(flag, on)| flags::set(txn, flag, on))
        };
        self.thread.ask(move |base| base.write(put)).await
    }

    /// Forgets a schedule. One that is not there is no error.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn remove_schedule(&self, id: ScheduleId) -> Result<(), Error> {
        self.thread.ask(move |base| base.write(|txn| schedules::remove(txn, id))).await
    }

    /// Remembers a backup, in the place of what was remembered under its id.
    ///
    /// # Errors
    /// When it cannot be written; [`Error::TooLong`]. What was there stays then.
    pub async fn put_backup(&self, record: Backup) -> Result<(), Error> {
        self.thread.ask(move |base| base.write(|txn| backups::put(txn, &record))).await
    }

    /// Forgets a backup; its files are not touched. One that is not there is no error.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn remove_backup(&self, id: BackupId) -> Result<(), Error> {
        self.thread.ask(move |base| base.write(|txn| backups::remove(txn, id))).await
    }

    /// Remembers that a server's saving is about to be switched off.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn put_saving_off(&self, record: SavingOff) -> Result<(), Error> {
        self.thread.ask(move |base| base.write(|txn| saving::put(txn, &record))).await
    }

    /// A server's saving is on again. One that is not remembered is no error.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn remove_saving_off(&self, server: ServerId) -> Result<(), Error> {
        self.thread.ask(move |base| base.write(|txn| saving::remove(txn, server))).await
    }

    /// The key of this name; `fresh` becomes it where there is none yet. Never exported.
    ///
    /// # Errors
    /// When it cannot be read, or not written where there was none.
    pub async fn key(&self, name: &'static str, fresh: [u8; 32]) -> Result<[u8; 32], Error> {
        let found = self.thread.ask(move |base| base.read(|txn| keys::get(txn, name))).await?;
        match found {
            Some(key) => Ok(key),
            None => {
                self.thread.ask(move |base| base.write(|txn| keys::put(txn, name, fresh))).await?;
                Ok(fresh)
            }
        }
    }

    /// Adds lines to the audit trail, all or none. The last [`AUDIT_MAX`] are kept; texts too long are cut, never
    /// refused.
    ///
    /// # Errors
    /// When they cannot be written.
    pub async fn audit(&self, lines: Vec<AuditLine>) -> Result<(), Error> {
        self.thread.ask(move |base| base.write(|txn| audit::push(txn, lines, AUDIT_MAX))).await
    }

    /// The last `n` lines of the audit trail before the line of this number, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn audit_tail(&self, n: usize, before: Option<u64>) -> Result<Vec<AuditEntry>, Error> {
        self.thread.ask(move |base| base.read(|txn| audit::tail(txn, n, before))).await
    }

    /// Everything but secrets, as one JSON value: `schema`, `servers` (each with what was typed into it), `jobs`,
    /// `hosts`, `schedules`, `backups` and `audit`. Values of variables whose names speak of a password, token, secret or key
    /// are masked.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn export(&self) -> Result<serde_json::Value, Error> {
        self.thread.ask(move |base| base.read(export::export)).await
    }

    /// Does what is still waiting, closes the file and lets go of it. Other clones answer [`Error::Closed`] from
    /// now on.
    pub async fn close(self) {
        self.thread.close().await;
    }
}
