//! What a face may ask of backups without changing anything.

use tokio::sync::oneshot;

use super::{Handle, Request, gone, no_server};
use crate::{
    engine::access::rules::{self, Verdict},
    model::{
        BackupId, Fault, FaultKind, Order, Role, ServerId,
        backup::{Contents, FilePage, FileQuery, Kept, Opened, RestorePlan, Scope, Target},
    },
};

impl Handle {
    /// What a restore would do; nothing is done.
    ///
    /// # Errors
    /// Whatever stands against it already; [`FaultKind::Denied`] for whoever may not do it.
    pub async fn restore_plan(
        &self,
        backup: BackupId,
        target: Target,
        scope: Scope,
    ) -> Result<RestorePlan, Fault> {
        if let Some(grant) = &self.grant {
            let order = Order::Restore { backup, target: target.clone(), scope: scope.clone() };
            match rules::judge(grant, &order, &self.snapshot.borrow()) {
                Verdict::Obey => {}
                Verdict::Refuse(fault) => return Err(fault),
                Verdict::Blind => return Err(no_server()),
            }
        }
        let (reply, answer) = oneshot::channel();
        let request = Request::RestorePlan { backup, target, scope, reply };
        self.requests.send(request).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }

    /// Which backups of a server are kept, and why; none for an unknown one.
    ///
    /// # Errors
    /// That the engine ended.
    pub async fn verdicts(&self, server: ServerId) -> Result<Vec<Kept>, Fault> {
        if !self.sees(server) {
            return Ok(Vec::new());
        }
        let (reply, answer) = oneshot::channel();
        self.requests.send(Request::Verdicts { server, reply }).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())
    }

    /// What of a backup can be restored by itself.
    ///
    /// # Errors
    /// As [`Self::files`].
    pub async fn contents(&self, backup: BackupId) -> Result<Contents, Fault> {
        self.reads(backup)?;
        let (reply, answer) = oneshot::channel();
        self.requests.send(Request::Contents { backup, reply }).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }

    /// What a folder of a backup holds.
    ///
    /// # Errors
    /// [`FaultKind::NotFound`]; [`FaultKind::Denied`]; that the backup cannot be read; that the engine ended.
    pub async fn files(&self, backup: BackupId, query: FileQuery) -> Result<FilePage, Fault> {
        self.reads(backup)?;
        let (reply, answer) = oneshot::channel();
        self.requests.send(Request::Files { backup, query, reply }).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }

    /// Begins to read files and folders of a backup: a tar stream, taken by [`Self::next_piece`] within a minute each.
    ///
    /// # Errors
    /// As [`Self::files`]; [`FaultKind::Conflict`] when too many are being read.
    pub async fn open_files(&self, backup: BackupId, paths: Vec<String>) -> Result<Opened, Fault> {
        self.reads(backup)?;
        let (reply, answer) = oneshot::channel();
        self.requests.send(Request::OpenFiles { backup, paths, reply }).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }

    /// The next piece of what was opened; `None` at its end. After an error nothing of it must be used.
    ///
    /// # Errors
    /// That it is damaged, or nobody reads it any more; that the engine ended.
    pub async fn next_piece(&self, stream: u64) -> Result<Option<Vec<u8>>, Fault> {
        self.needs(Role::Operator)?;
        let (reply, answer) = oneshot::channel();
        self.requests.send(Request::NextPiece { stream, reply }).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }

    /// Whether whoever holds this may read a backup: worlds hold more than the console shows.
    fn reads(&self, backup: BackupId) -> Result<(), Fault> {
        self.needs(Role::Operator)?;
        match self.now().backup(backup) {
            Some(_) => Ok(()),
            None => Err(Fault::new(
                FaultKind::NotFound,
                "There is no such backup.",
                "",
                "Look at the list of backups.",
            )),
        }
    }
}
