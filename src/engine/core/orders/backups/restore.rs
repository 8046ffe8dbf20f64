//! Backups that are put back, or tried.

use std::path::PathBuf;

use jiff::Timestamp;
use tokio::sync::oneshot;

use crate::{
    archive::{self, Manifest},
    docker::Phase,
    engine::{
        backups::{
            make, prove,
            restore::{self, Known, Work},
        },
        core::Core,
        fact::Fact,
        jobs::Context,
        servers::create::{self, Fill},
    },
    model::{
        Answer, Backup, BackupId, BackupWish, Fault, FaultKind, HostId, JobKind, Order, Origin, ServerId,
        Spec,
        backup::{Reason, RestorePlan, Scope, Target},
    },
    store::JobRecord,
};

/// What is written to the backup that is made before a restore.
const SAFETY: &str = "before a restore";

/// A server that is to be made from a backup, as soon as it is known what that says of it.
pub struct NewServer {
    origin: Origin,
    backup: BackupId,
    target: (String, u16),
    scope: Scope,
    manifest: Result<Manifest, Fault>,
    reply: oneshot::Sender<Result<Answer, Fault>>,
}

impl Core {
    /// Restores into a server that is there.
    pub(super) fn restore_backup(
        &mut self,
        origin: Origin,
        id: BackupId,
        server: ServerId,
        scope: Scope,
    ) -> Result<Answer, Fault> {
        let backup = self.book.usable(id)?.clone();
        let (record, docker) = self.free(server)?;
        let wish = BackupWish { label: Some(SAFETY.to_owned()), ..BackupWish::default() };
        let safety = self.backup_work(&record, wish, Reason::Safety)?;
        let container = safety.container.clone();
        let grace = self.grace_of(server);
        if let Some(entry) = self.entry(server) {
            entry.forgive();
            entry.end_asked = entry.phase().is_some_and(Phase::is_alive).then(Timestamp::now);
        }
        let work = Work {
            backup: id,
            archive: PathBuf::from(&backup.path),
            scope,
            container,
            grace,
            patterns: record.patterns,
        };
        let answer = self.begin(JobKind::Restore, server, origin, docker, move |context| async move {
            // On the heap: one job within another is more than a thread's stack should hold.
            let made = Box::pin(make::run(&context, BackupId::new(), safety));
            Box::pin(restore::run(&context, work, async { made.await.map(drop).map_err(no_safety) })).await
        });
        self.uses(&answer, id);
        Ok(answer)
    }

    /// Restores into a server that is made for it. What the backup says of its server is read first, in a task.
    pub(in crate::engine::core) fn restore_to_new(
        &mut self,
        origin: Origin,
        backup: BackupId,
        target: (String, u16),
        scope: Scope,
        reply: oneshot::Sender<Result<Answer, Fault>>,
    ) {
        let path = match self.book.usable(backup) {
            Ok(backup) => PathBuf::from(&backup.path),
            Err(fault) => {
                let _ = reply.send(Err(fault));
                return;
            }
        };
        let facts = self.ways.facts.clone();
        self.ways.tasks.spawn(async move {
            let manifest = manifest(path).await;
            let new = NewServer { origin, backup, target, scope, manifest, reply };
            let _ = facts.send(Fact::NewServer(Box::new(new))).await;
        });
    }

    /// It is known what a backup says of its server.
    pub(in crate::engine::core) fn make_restored(&mut self, new: NewServer) {
        let NewServer { origin, backup, target: (name, port), scope, manifest, reply } = new;
        let target = Target::New { name: name.clone(), port };
        let order = Order::Restore { backup, target, scope: scope.clone() };
        let answer = manifest.and_then(|manifest| {
            // It may have been removed meanwhile.
            let known = self.book.usable(backup)?.clone();
            let spec = self.spec_for(&known, &manifest, name, port)?;
            self.begin_restored(origin.clone(), &known, scope, spec)
        });
        self.audit_answer(&origin, &order, &answer);
        self.publisher.soon();
        let _ = reply.send(answer);
    }

    fn begin_restored(
        &mut self,
        origin: Origin,
        backup: &Backup,
        scope: Scope,
        mut spec: Spec,
    ) -> Result<Answer, Fault> {
        self.check(&spec)?;
        self.check_name(&spec, None)?;
        let docker = self.docker_of(&spec.host)?;
        let any_port = self.settle_port(&mut spec)?;
        let record = self.new_record(spec);
        let fill = Fill::Backup { id: backup.id, archive: PathBuf::from(&backup.path), scope };
        let order = create::Order { record, any_port, fill };
        let answer = self.make(JobKind::Restore, origin, docker, order);
        self.uses(&answer, backup.id);
        Ok(answer)
    }

    /// What a server that is made from a backup is to be.
    fn spec_for(&self, backup: &Backup, manifest: &Manifest, name: String, port: u16) -> Result<Spec, Fault> {
        let known = self.entries.get(&backup.server).map(|entry| entry.record.spec.clone());
        let spec = prove::spec(manifest.about.spec.clone(), known)?;
        let host = if self.hosts.contains_key(&spec.host) { spec.host.clone() } else { HostId::local() };
        // Whoever ran the server that the backup is of accepted the EULA for it.
        Ok(Spec { name: name.trim().to_owned(), port, volume: None, host, eula: true, ..spec })
    }

    pub(super) fn test_restore(&mut self, origin: Origin, id: BackupId) -> Result<Answer, Fault> {
        let backup = self.book.usable(id)?.clone();
        let spec = self.entries.get(&backup.server).map(|entry| entry.record.spec.clone());
        let host = spec.as_ref().map(|spec| spec.host.clone()).filter(|host| self.hosts.contains_key(host));
        let docker = self.docker_of(&host.unwrap_or_else(HostId::local))?;
        let server = (backup.server, backup.server_name.clone());
        let trial = prove::Trial { backup: id, archive: PathBuf::from(&backup.path), spec };
        let answer = self.begin_apart(JobKind::TestRestore, server, origin, |desk| async move {
            Box::pin(prove::run(&Context { docker, desk: (*desk).clone() }, trial)).await
        });
        self.uses(&answer, id);
        Ok(answer)
    }

    /// Says what a restore would do.
    pub(in crate::engine::core) fn plan_restore(
        &self,
        id: BackupId,
        target: Target,
        scope: Scope,
        reply: oneshot::Sender<Result<RestorePlan, Fault>>,
    ) {
        let known = self.book.usable(id).cloned().and_then(|backup| {
            let server = match &target {
                Target::Server(server) => self.known(*server, backup.server)?,
                Target::New { .. } => Known::default(),
            };
            Ok((backup, server))
        });
        let (backup, server) = match known {
            Ok(known) => known,
            Err(fault) => {
                let _ = reply.send(Err(fault));
                return;
            }
        };
        self.ways.tasks.spawn(async move {
            let path = PathBuf::from(&backup.path);
            let plan = async {
                let manifest = manifest(path.clone()).await?;
                let selection =
                    archive::select(&path, &manifest, &scope).await.map_err(|error| error.fault())?;
                Ok(restore::plan(&backup, &manifest, &selection, &scope, &target, &server))
            };
            let _ = reply.send(plan.await);
        });
    }

    fn known(&self, server: ServerId, of: ServerId) -> Result<Known, Fault> {
        let record = self.managed(server)?;
        Self::container_of(&record)?;
        let entry = self.entries.get(&server);
        Ok(Known {
            name: record.spec.name.clone(),
            version: record.version.clone(),
            running: entry.and_then(|entry| entry.phase()).is_some_and(Phase::is_alive),
            players: entry.and_then(|entry| entry.roster.players()).map_or(0, |players| players.online),
            same: server == of,
        })
    }

    /// Whether a server's data may be half old and half new: a restore of it was interrupted and is not mended yet.
    pub(in crate::engine::core) fn is_half_restored(&self, server: ServerId) -> bool {
        let half = |job: &JobRecord| job.kind == JobKind::Restore && job.stage != restore::at::KEPT;
        self.unfinished.iter().any(|job| job.server == server && half(job))
    }
}

/// The fault of a restore whose safety backup could not be made; the restore says what that means for the server.
fn no_safety(fault: Fault) -> Fault {
    if fault.kind == FaultKind::Cancelled {
        return fault;
    }
    Fault { what: format!("The safety backup before the restore could not be made: {}", fault.what), ..fault }
}

async fn manifest(path: PathBuf) -> Result<Manifest, Fault> {
    let read = tokio::task::spawn_blocking(move || archive::read_manifest(&path)).await;
    read.unwrap_or(Err(archive::Error::Gone)).map_err(|error| error.fault())
}

/// The fault of whoever wants to do something with a server whose data is half old and half new.
pub(in crate::engine::core) fn half_restored(name: &str) -> Fault {
    Fault::new(
        FaultKind::Conflict,
        format!("A restore of {name} was interrupted, and its data is not whole yet."),
        "Nothing was changed. The old data is kept; a start now would mix it with the new.",
        "It is mended as soon as Docker lets it be, and tried again every half minute: `mineclifford audit` tells when.",
    )
}
