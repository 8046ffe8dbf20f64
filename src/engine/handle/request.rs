//! What travels from a face to the engine.

use std::{net::IpAddr, sync::Arc};

use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot};

use crate::{
    engine::access::Grant,
    model::{
        Answer, AuditEntry, BackupId, Command, Credential, Fault, History, Purpose, Secret, ServerId, Tally,
        backup::{Contents, FilePage, FileQuery, Kept, Opened, RestorePlan, Scope, Target},
        console::Batch,
        face::Look,
    },
};

/// What travels from a face to the engine.
#[derive(Debug)]
pub enum Request {
    /// Do this, for somebody on this machine, who may do everything.
    Run {
        /// What.
        command: Command,
        /// Told whether it was accepted.
        reply: oneshot::Sender<Result<Answer, Fault>>,
    },
    /// Do this for somebody from elsewhere, if they may.
    RunFor {
        /// Who.
        grant: Arc<Grant>,
        /// What.
        command: Command,
        /// Told whether it was accepted.
        reply: oneshot::Sender<Result<Answer, Fault>>,
    },
    /// Send a console's lines until the receiver is dropped.
    Watch {
        /// Whose.
        server: ServerId,
        /// From where on.
        from: From,
        /// To here. A full channel holds back only this watcher.
        lines: mpsc::Sender<Batch>,
    },
    /// Send what was measured of a server over the last day.
    History {
        /// Whose.
        server: ServerId,
        /// To here.
        reply: oneshot::Sender<History>,
    },
    /// Let somebody in who shows this.
    Admit {
        /// What is shown.
        credential: Credential,
        /// From where.
        address: Option<IpAddr>,
        /// What they may do.
        reply: oneshot::Sender<Result<Arc<Grant>, Fault>>,
    },
    /// Give a ticket.
    Ticket {
        /// To the holder of this.
        grant: Arc<Grant>,
        /// For this.
        purpose: Purpose,
        /// And for this server.
        server: Option<ServerId>,
        /// The ticket, and until when it can be used.
        reply: oneshot::Sender<Result<(Secret, Timestamp), Fault>>,
    },
    /// Send lines of the audit trail.
    Audit {
        /// At most so many, the last ones.
        limit: usize,
        /// Only those before the line of this number.
        before: Option<u64>,
        /// To here, oldest first.
        reply: oneshot::Sender<Result<Vec<AuditEntry>, Fault>>,
    },
    /// Say what a restore would do.
    RestorePlan {
        /// Of which backup.
        backup: BackupId,
        /// Where to.
        target: Target,
        /// How much of it.
        scope: Scope,
        /// To here.
        reply: oneshot::Sender<Result<RestorePlan, Fault>>,
    },
    /// Send what was counted since the engine began.
    Tally {
        /// To here.
        reply: oneshot::Sender<Result<Tally, Fault>>,
    },
    /// Show that somebody is attached.
    Attend {
        /// How they look.
        look: Look,
        /// Told, or dropped, when they go.
        gone: oneshot::Receiver<()>,
    },
    /// Tell which backups of a server are kept, and why.
    Verdicts {
        /// Whose; the server may be gone.
        server: ServerId,
        /// To here, newest first.
        reply: oneshot::Sender<Vec<Kept>>,
    },
    /// Tell what of a backup can be restored by itself.
    Contents {
        /// Which backup.
        backup: BackupId,
        /// To here.
        reply: oneshot::Sender<Result<Contents, Fault>>,
    },
    /// Tell what a folder of a backup holds.
    Files {
        /// Which backup.
        backup: BackupId,
        /// Which, and which part of it.
        query: FileQuery,
        /// To here.
        reply: oneshot::Sender<Result<FilePage, Fault>>,
    },
    /// Begin to read files of a backup.
    OpenFiles {
        /// Which backup.
        backup: BackupId,
        /// Their paths; of a folder, all below it.
        paths: Vec<String>,
        /// To here.
        reply: oneshot::Sender<Result<Opened, Fault>>,
    },
    /// Send the next piece of what is being read; nothing at its end.
    NextPiece {
        /// Of which.
        stream: u64,
        /// To here.
        reply: oneshot::Sender<Result<Option<Vec<u8>>, Fault>>,
    },
    /// Send the commands that were typed into a console, oldest first.
    Typed {
        /// Whose.
        server: ServerId,
        /// To here.
        reply: oneshot::Sender<Vec<String>>,
    },
}

/// Where a watcher of a console begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum From {
    /// With the last so many lines.
    Tail(usize),
    /// With this number: what a watcher that was interrupted asks for.
    Seq(u64),
}
