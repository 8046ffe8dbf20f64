//! What faces ask for: checked once, here, for all of them.

mod backups;
mod change;
mod check;
mod console;
mod lifecycle;
mod make;
mod schedules;
mod tokens;

pub use backups::NewServer;
pub use tokens::Kept;

use tokio::sync::oneshot;

use super::Core;
use crate::{
    docker::Docker,
    engine::{
        access::{
            Grant,
            rules::{self, Verdict},
        },
        backups::library,
        handle::Request,
        servers::plan,
    },
    model::{
        Answer, Command, Fault, FaultKind, HostId, HostState, JobKind, Order, Origin, ServerId,
        backup::Target,
    },
    store::ServerRecord,
};

impl Core {
    /// A face asks for something.
    pub(super) fn request(&mut self, request: Request) {
        match request {
            Request::Run { command, reply } => self.run_command(command, reply),
            Request::RunFor { grant, command, reply } => self.judge(&grant, command, reply),
            Request::Admit { credential, address, reply } => self.admit(&credential, address, reply),
            Request::Ticket { grant, purpose, server, reply } => {
                let _ = reply.send(self.tokens.ticket(&grant, purpose, server));
            }
            Request::Audit { limit, before, reply } => self.read_trail(limit, before, reply),
            Request::Watch { server, from, lines } => self.watch(server, from, lines),
            Request::History { server, reply } => {
                let _ = reply.send(self.history(server));
            }
            Request::Tally { reply } => self.tell_tally(reply),
            Request::Attend { look, gone } => self.came(look, gone),
            Request::Verdicts { server, reply } => {
                let _ = reply.send(self.kept(server));
            }
            Request::Contents { backup, reply } => match self.book.usable(backup).cloned() {
                Ok(backup) => self.look_up(library::Ask::Contents { backup, reply }),
                Err(fault) => _ = reply.send(Err(fault)),
            },
            Request::Files { backup, query, reply } => match self.book.find(backup).cloned() {
                Ok(backup) => self.look_up(library::Ask::Files { backup, query, reply }),
                Err(fault) => _ = reply.send(Err(fault)),
            },
            Request::OpenFiles { backup, paths, reply } => match self.book.usable(backup).cloned() {
                Ok(backup) => self.look_up(library::Ask::Open { backup, paths, reply }),
                Err(fault) => _ = reply.send(Err(fault)),
            },
            Request::NextPiece { stream, reply } => self.look_up(library::Ask::Next { stream, reply }),
            Request::RestorePlan { backup, target, scope, reply } => {
                self.plan_restore(backup, target, scope, reply);
            }
            Request::Typed { server, reply } => {
                let store = self.store.clone();
                self.ways.tasks.spawn(async move {
                    let _ = reply.send(store.typed(server).await.unwrap_or_default());
                });
            }
        }
    }

    /// Asks the rules, for whoever is not on this machine.
    fn judge(&mut self, grant: &Grant, command: Command, reply: oneshot::Sender<Result<Answer, Fault>>) {
        let world = self.ways.snapshot.borrow().clone();
        match rules::judge(grant, &command.order, &world) {
            Verdict::Obey => self.run_command(command, reply),
            Verdict::Refuse(fault) => {
                let answer = Err(fault);
                self.audit_answer(&command.origin, &command.order, &answer);
                let _ = reply.send(answer);
            }
            Verdict::Blind => {
                let order = rules::blinded(command.order);
                self.run_command(Command { order, ..command }, reply);
            }
        }
    }

    fn run_command(&mut self, command: Command, reply: oneshot::Sender<Result<Answer, Fault>>) {
        let Command { origin, order } = command;
        // Who is let in is no change to a server; and a token must always be revocable.
        match order {
            Order::CreateToken(plan) => return self.create_token(origin, *plan, reply),
            Order::RevokeToken(id) => return self.revoke_token(origin, id, reply),
            _ => {}
        }
        if self.read_only {
            let _ = reply.send(Err(read_only()));
            return;
        }
        // A console's answer comes from its own task.
        if let Order::Console { server, line, reply: wanted } = order {
            return self.type_line(origin, server, line, wanted, reply);
        }
        if schedules::is_one(&order) {
            return self.ask_scheduler(origin, order, reply);
        }
        if let Order::Restore { backup, target: Target::New { name, port }, scope } = order {
            return self.restore_to_new(origin, backup, (name, port), scope, reply);
        }
        let told = (origin.clone(), order.clone());
        let answer = self.obey(origin, order);
        self.audit_answer(&told.0, &told.1, &answer);
        let _ = reply.send(answer);
    }

    fn obey(&mut self, origin: Origin, order: Order) -> Result<Answer, Fault> {
        match order {
            Order::Create(spec) => self.create(origin, *spec),
            Order::Clone { server, name, port } => self.clone_server(origin, server, name, port),
            Order::Start(id) => self.start(origin, id),
            Order::Stop(id) => self.stop(origin, id, JobKind::Stop),
            Order::Restart(id) => self.stop(origin, id, JobKind::Restart),
            Order::Kill(id) => self.kill(origin, id),
            Order::Edit(id, changes) => self.edit(origin, id, &changes),
            Order::Rename(id, name) => self.rename(origin, id, name),
            Order::Delete { server, data, confirm } => self.delete(origin, server, data, confirm.as_deref()),
            Order::Adopt(id) => self.adopt(origin, id),
            Order::Forget(id) => self.forget_missing(origin, id),
            Order::Cancel(id) => self.cancel(id),
            // These were seen to before.
            Order::Console { .. }
            | Order::CreateToken(_)
            | Order::RevokeToken(_)
            | Order::AddSchedule(_)
            | Order::EditSchedule(..)
            | Order::DeleteSchedule(_)
            | Order::RunSchedule(_)
            | Order::PauseSchedule(..)
            | Order::PauseSchedules(_) => Ok(Answer::Done),
            Order::Backup(..)
            | Order::SetPatterns(..)
            | Order::Restore { .. }
            | Order::Verify(_)
            | Order::TestRestore(_)
            | Order::Lock(..)
            | Order::DeleteBackup(_)
            | Order::Prune(_) => self.order_backup(origin, order),
        }
    }

    /// A managed server that no job works on and whose data is whole, and its host's Docker.
    fn free(&self, id: ServerId) -> Result<(ServerRecord, Docker), Fault> {
        let free = self.free_as_it_is(id)?;
        if self.is_half_restored(id) {
            return Err(backups::half_restored(&free.0.spec.name));
        }
        Ok(free)
    }

    /// The same, whatever an interrupted restore left of its data: for what only ends it.
    fn free_as_it_is(&self, id: ServerId) -> Result<(ServerRecord, Docker), Fault> {
        let record = self.managed(id)?;
        if let Some(job) = self.entries.get(&id).and_then(|entry| entry.job) {
            return Err(busy(&format!("a {} of it", job.1.word())));
        }
        if self.in_mending.contains(&id) {
            return Err(busy("what an interrupted job of it has left"));
        }
        Ok((record, self.docker_of(&record_host(self, id))?))
    }

    fn managed(&self, id: ServerId) -> Result<ServerRecord, Fault> {
        let record = self.record(id).ok_or_else(no_server)?;
        if !record.ownership.is_managed() {
            return Err(Fault::new(
                FaultKind::Conflict,
                format!("{} was not made here and is only shown.", record.spec.name),
                "Nothing was changed.",
                "Adopt it first: then it can be managed, as it is.",
            ));
        }
        Ok(record)
    }

    fn docker_of(&self, host: &HostId) -> Result<Docker, Fault> {
        let entry = self
            .hosts
            .get(host)
            .ok_or_else(|| Fault::invalid("host", format!("there is no host called {host}")))?;
        match (&entry.view.state, &entry.docker) {
            (HostState::Up, Some(docker)) => Ok(docker.clone()),
            (HostState::Down(fault), _) => Err((**fault).clone()),
            _ => Err(Fault::new(
                FaultKind::Unreachable,
                format!("Docker on {host} has not answered yet."),
                "Nothing was changed.",
                "Wait a moment and try again.",
            )),
        }
    }

    fn container_of(record: &ServerRecord) -> Result<String, Fault> {
        record.container_id.clone().ok_or_else(|| {
            Fault::new(
                FaultKind::NotFound,
                format!("{} has no container any more.", record.spec.name),
                "Somebody removed it outside of this program. Its volume may still be there.",
                "Forget it, or create a server on the same volume.",
            )
        })
    }

    /// How long a stop of this server may take.
    pub(super) fn grace_of(&self, id: ServerId) -> std::time::Duration {
        let detail = self.entries.get(&id).and_then(|entry| entry.detail.as_ref());
        detail.map_or(self.stop_grace, |detail| plan::grace(&detail.env).max(self.stop_grace))
    }
}

fn record_host(core: &Core, id: ServerId) -> HostId {
    core.record(id).map_or_else(HostId::local, |record| record.spec.host)
}

fn no_server() -> Fault {
    Fault::new(FaultKind::NotFound, "There is no such server.", "", "Look at the list of servers.")
}

fn busy(with: &str) -> Fault {
    Fault::new(
        FaultKind::Conflict,
        format!("The server is busy with {with}."),
        "Nothing was changed.",
        "Wait until that has ended, then try again.",
    )
}

fn not_running() -> Fault {
    Fault::new(
        FaultKind::Conflict,
        "The server is not running.",
        "The command was not sent.",
        "Start it first.",
    )
}

fn read_only() -> Fault {
    Fault::new(
        FaultKind::Denied,
        "This engine is read-only.",
        "Nothing was changed.",
        "Start it without --read-only to change anything.",
    )
}
