//! What faces ask for: checked once, here, for all of them.

use jiff::Timestamp;
use tokio::sync::oneshot;

use super::Core;
use crate::{
    docker::Docker,
    engine::{
        console::Wish,
        handle::Request,
        servers::{create, delete, edit, image, lifecycle, plan, ports::Taken, rename, secret},
    },
    model::{
        Answer, Changes, Command, Fault, FaultKind, JobId, JobKind, Order, Origin, Ownership, ServerId, Spec,
        field::{self, HostLimits},
        spec::Provider,
    },
    store::{ServerRecord, Wanted},
};

impl Core {
    /// A face asks for something.
    pub(super) fn request(&mut self, request: Request) {
        match request {
            Request::Run { command, reply } => self.run_command(command, reply),
            Request::Watch { server, from, lines } => self.watch(server, from, lines),
            Request::History { server, reply } => {
                let _ = reply.send(self.history(server));
            }
            Request::Typed { server, reply } => {
                let store = self.store.clone();
                self.ways.tasks.spawn(async move {
                    let _ = reply.send(store.typed(server).await.unwrap_or_default());
                });
            }
        }
    }

    fn run_command(&mut self, command: Command, reply: oneshot::Sender<Result<Answer, Fault>>) {
        let Command { origin, order } = command;
        if self.read_only {
            let _ = reply.send(Err(read_only()));
            return;
        }
        // A console's answer comes from its own task.
        if let Order::Console { server, line, reply: wanted } = order {
            return self.type_line(origin, server, line, wanted, reply);
        }
        let answer = self.obey(origin, order);
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
            Order::Console { .. } => Ok(Answer::Done),
        }
    }

    fn type_line(
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
        let (store, audit) = (self.store.clone(), line.clone());
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
            let line = crate::store::AuditLine {
                at: Timestamp::now(),
                origin,
                action: format!("console: {audit}"),
                server: Some(id),
                server_name: name,
                outcome,
            };
            let _ = store.audit(line).await;
        });
    }

    /// A managed server that no job works on, and its host's Docker.
    fn free(&self, id: ServerId) -> Result<(ServerRecord, Docker), Fault> {
        let record = self.managed(id)?;
        if let Some(job) = self.entries.get(&id).and_then(|entry| entry.job) {
            return Err(busy(&format!("a {} of it", job.1.word())));
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

    fn docker_of(&self, host: &crate::model::HostId) -> Result<Docker, Fault> {
        let entry = self
            .hosts
            .get(host)
            .ok_or_else(|| Fault::invalid("host", format!("there is no host called {host}")))?;
        match (&entry.view.state, &entry.docker) {
            (crate::model::HostState::Up, Some(docker)) => Ok(docker.clone()),
            (crate::model::HostState::Down(fault), _) => Err((**fault).clone()),
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

    fn check(&self, spec: &Spec) -> Result<(), Fault> {
        if spec.provider != Provider::Local {
            return Err(Fault::invalid("provider", "must be local: this version makes no cloud machines"));
        }
        let host = self.hosts.get(&spec.host).map(|host| host.view.clone());
        let host =
            host.ok_or_else(|| Fault::invalid("host", format!("there is no host called {}", spec.host)))?;
        let limits = HostLimits {
            memory_bytes: Some(host.memory_bytes).filter(|bytes| *bytes > 0),
            cpus: Some(host.cpus).filter(|cpus| *cpus > 0),
        };
        field::check(spec, limits)
    }

    fn check_name(&self, spec: &Spec, except: Option<ServerId>) -> Result<(), Fault> {
        let own =
            except.and_then(|id| self.entries.get(&id)).and_then(|entry| entry.record.container_id.clone());
        let container = self.hosts.get(&spec.host).into_iter().flat_map(|host| host.containers.values());
        let taken = self
            .entries
            .values()
            .any(|entry| entry.name() == spec.name && Some(entry.id()) != except)
            || container.into_iter().any(|other| other.name == spec.name && Some(&other.id) != own.as_ref());
        if !taken {
            return Ok(());
        }
        Err(Fault {
            field: Some("name".into()),
            ..Fault::new(
                FaultKind::Conflict,
                format!("name: {} is taken by another server or container.", spec.name),
                "Nothing was changed.",
                "Choose another name.",
            )
        })
    }

    fn taken(&self, spec: &Spec) -> Taken {
        let host = self.hosts.get(&spec.host);
        let containers = host.into_iter().flat_map(|host| host.containers.values());
        Taken::of(containers, host.is_some_and(super::HostEntry::is_here))
    }

    /// Checks a new server's port, or finds one; also tells what is taken, when any port will do.
    fn settle_port(&self, spec: &mut Spec) -> Result<Option<Taken>, Fault> {
        let mut taken = self.taken(spec);
        // Servers that are being made have no container yet that could be seen.
        for entry in
            self.entries.values().filter(|entry| entry.is_half_made() && entry.record.spec.host == spec.host)
        {
            taken.reserve(entry.record.spec.bind, entry.record.spec.port, entry.name());
        }
        if spec.port != 0 {
            taken.check(spec.bind, spec.port)?;
            return Ok(None);
        }
        spec.port = taken.free(spec.bind)?;
        Ok(Some(taken))
    }

    fn new_record(&self, spec: Spec) -> ServerRecord {
        ServerRecord {
            id: ServerId::new(),
            ownership: Ownership::Created,
            container_id: None,
            container_name: spec.name.clone(),
            image: image::choose(&spec),
            data: None,
            version: None,
            created_at: Timestamp::now(),
            wanted: Wanted::Running,
            looping: None,
            rcon_password: Some(secret::generate()),
            spec,
        }
    }

    fn create(&mut self, origin: Origin, mut spec: Spec) -> Result<Answer, Fault> {
        spec.name = spec.name.trim().to_owned();
        self.check(&spec)?;
        self.check_name(&spec, None)?;
        let docker = self.docker_of(&spec.host)?;
        let any_port = self.settle_port(&mut spec)?;
        let record = self.new_record(spec);
        Ok(self.make(JobKind::Create, origin, docker, create::Order { record, any_port, copy_from: None }))
    }

    fn make(&mut self, kind: JobKind, origin: Origin, docker: Docker, order: create::Order) -> Answer {
        let id = order.record.id;
        self.adopt_record(&order.record);
        self.begin(kind, id, origin, docker, |context| async move { create::run(&context, order).await })
    }

    fn clone_server(
        &mut self,
        origin: Origin,
        id: ServerId,
        name: String,
        port: u16,
    ) -> Result<Answer, Fault> {
        let (source, docker) = self.free(id)?;
        let copy_from = Self::container_of(&source)?;
        if self.entries.get(&id).and_then(|entry| entry.phase()).is_some_and(|phase| phase.is_alive()) {
            return Err(Fault::new(
                FaultKind::Conflict,
                format!(
                    "{} is running: a copy of a world that is being written would be torn.",
                    source.spec.name
                ),
                "Nothing was changed.",
                "Stop it, clone it, then start it again.",
            ));
        }
        let mut spec = Spec { name: name.trim().to_owned(), port, volume: None, ..source.spec.clone() };
        // Whoever runs the original accepted the EULA for it; an adopted one may say so only in its data.
        spec.eula = spec.eula || source.ownership == Ownership::Adopted;
        self.check(&spec)?;
        self.check_name(&spec, None)?;
        let any_port = self.settle_port(&mut spec)?;
        let record = self.new_record(spec);
        Ok(self.make(
            JobKind::Clone,
            origin,
            docker,
            create::Order { record, any_port, copy_from: Some(copy_from) },
        ))
    }

    fn start(&mut self, origin: Origin, id: ServerId) -> Result<Answer, Fault> {
        let (record, docker) = self.free(id)?;
        let container = Self::container_of(&record)?;
        let Some(entry) = self.entry(id) else { return Err(no_server()) };
        if entry.phase() == Some(crate::docker::Phase::Running) {
            return Ok(Answer::Done);
        }
        let frozen = entry.phase() == Some(crate::docker::Phase::Paused);
        let port = entry.port().filter(|_| !frozen);
        if let Some(port) = port {
            self.taken(&record.spec).without(&record.container_name).check(record.spec.bind, port)?;
        }
        let Some(entry) = self.entry(id) else { return Err(no_server()) };
        entry.forgive();
        (entry.record.wanted, entry.record.looping, entry.end_asked) = (Wanted::Running, None, None);
        self.keep(id);
        Ok(self.begin(JobKind::Start, id, origin, docker, |context| async move {
            lifecycle::start(&context, &container).await
        }))
    }

    fn stop(&mut self, origin: Origin, id: ServerId, kind: JobKind) -> Result<Answer, Fault> {
        let (record, docker) = self.free(id)?;
        let container = Self::container_of(&record)?;
        let grace = self.grace_of(id);
        let Some(entry) = self.entry(id) else { return Err(no_server()) };
        let live =
            entry.phase().is_some_and(|phase| phase.is_alive() || phase == crate::docker::Phase::Restarting);
        if !live && kind == JobKind::Stop {
            return Ok(Answer::Done);
        }
        entry.forgive();
        entry.end_asked = live.then(Timestamp::now);
        entry.record.wanted = if kind == JobKind::Stop { Wanted::Stopped } else { Wanted::Running };
        entry.record.looping = None;
        self.keep(id);
        Ok(self.begin(kind, id, origin, docker, move |context| async move {
            match kind {
                JobKind::Restart => lifecycle::restart(&context, &container, grace).await,
                _ => lifecycle::stop(&context, &container, grace).await,
            }
        }))
    }

    fn kill(&mut self, origin: Origin, id: ServerId) -> Result<Answer, Fault> {
        let record = self.managed(id)?;
        // A stop that takes its time is just what a kill is for; other jobs must not be torn.
        match self.entries.get(&id).and_then(|entry| entry.job) {
            None | Some((_, JobKind::Stop | JobKind::Restart | JobKind::Start)) => {}
            Some((_, kind)) => return Err(busy(&format!("a {} of it", kind.word()))),
        }
        let docker = self.docker_of(&record.spec.host)?;
        let container = Self::container_of(&record)?;
        let Some(entry) = self.entry(id) else { return Err(no_server()) };
        entry.forgive();
        (entry.record.wanted, entry.end_asked) = (Wanted::Stopped, Some(Timestamp::now()));
        entry.kill_asked = true;
        self.keep(id);
        Ok(self.begin(JobKind::Kill, id, origin, docker, |context| async move {
            lifecycle::kill(&context, &container).await
        }))
    }

    fn edit(&mut self, origin: Origin, id: ServerId, changes: &Changes) -> Result<Answer, Fault> {
        let (record, docker) = self.free(id)?;
        if record.ownership != Ownership::Created {
            return Err(Fault::new(
                FaultKind::Conflict,
                format!(
                    "{} was made elsewhere, and changing it would mean to make its container anew.",
                    record.spec.name
                ),
                "Nothing was changed.",
                "Change it where it was made (its compose file, say), or clone it: the copy can be changed here.",
            ));
        }
        let mut spec = changes.applied_to(&record.spec);
        if spec == record.spec {
            return Ok(Answer::Done);
        }
        self.check(&spec)?;
        let entry = self.entries.get(&id).ok_or_else(no_server)?;
        let running = entry.phase().is_some_and(crate::docker::Phase::is_alive);
        if spec.port == 0 {
            spec.port = entry.port().unwrap_or(record.spec.port);
        }
        if spec.port != record.spec.port || spec.bind != record.spec.bind {
            let taken = self.taken(&spec).without(&record.container_name);
            if running && Some(spec.port) == entry.port() {
                // The same port on another address: its own container holds it now, which proves nothing.
            } else {
                taken.check(spec.bind, spec.port)?;
            }
        }
        let grace = self.grace_of(id);
        if let Some(entry) = self.entry(id) {
            entry.forgive();
            entry.end_asked = running.then(Timestamp::now);
        }
        Ok(self.begin(JobKind::Edit, id, origin, docker, move |context| async move {
            edit::run(&context, record, spec, grace, running).await
        }))
    }

    fn rename(&mut self, origin: Origin, id: ServerId, name: String) -> Result<Answer, Fault> {
        let (record, docker) = self.free(id)?;
        let name = name.trim().to_owned();
        field::name(&name).map_err(|rule| Fault::invalid("name", rule))?;
        if name == record.spec.name {
            return Ok(Answer::Done);
        }
        self.check_name(&Spec { name: name.clone(), ..record.spec.clone() }, Some(id))?;
        Ok(self.begin(JobKind::Rename, id, origin, docker, move |context| async move {
            rename::run(&context, record, &name).await
        }))
    }

    fn delete(
        &mut self,
        origin: Origin,
        id: ServerId,
        data: bool,
        confirm: Option<&str>,
    ) -> Result<Answer, Fault> {
        let (record, docker) = self.free(id)?;
        if data && confirm != Some(record.spec.name.as_str()) {
            return Err(Fault::invalid(
                "confirm",
                format!(
                    "must be the server's name, {}: its world would be deleted for good",
                    record.spec.name
                ),
            ));
        }
        let folder = record.data.as_deref().is_some_and(|data| data.starts_with('/'));
        if data && folder {
            return Err(Fault::new(
                FaultKind::Conflict,
                "Its data is in a folder of the host, which this program did not make.",
                "Nothing was deleted.",
                "Delete the server without its data, then remove the folder yourself.",
            ));
        }
        let grace = self.grace_of(id);
        if let Some(entry) = self.entry(id) {
            entry.end_asked = Some(Timestamp::now());
        }
        Ok(self.begin(JobKind::Delete, id, origin, docker, move |context| async move {
            delete::run(&context, &record, grace, data).await
        }))
    }

    fn adopt(&mut self, origin: Origin, id: ServerId) -> Result<Answer, Fault> {
        let mut record = self.record(id).ok_or_else(no_server)?;
        if record.ownership.is_managed() {
            return Ok(Answer::Done);
        }
        let docker = self.docker_of(&record.spec.host)?;
        let detail = self.entries.get(&id).and_then(|entry| entry.detail.as_ref());
        let labels = detail.map(|detail| detail.labels.clone()).unwrap_or_default();
        // Made by another engine of this kind: its labels tell all that is needed to make it anew.
        let ours = crate::engine::servers::labels::read(&labels, &Default::default())
            .is_some_and(|known| known.spec.is_some());
        record.ownership = if ours { Ownership::Created } else { Ownership::Adopted };
        Ok(self.begin(
            JobKind::Adopt,
            id,
            origin,
            docker,
            |context| async move { context.save(record).await },
        ))
    }

    fn forget_missing(&mut self, origin: Origin, id: ServerId) -> Result<Answer, Fault> {
        let (record, docker) = self.free(id)?;
        if record.container_id.is_some() {
            return Err(Fault::new(
                FaultKind::Conflict,
                format!("{} still has a container.", record.spec.name),
                "Nothing was changed.",
                "Delete it instead; its data is kept unless you ask otherwise.",
            ));
        }
        Ok(self.begin(
            JobKind::Delete,
            id,
            origin,
            docker,
            move |context| async move { context.forget(id).await },
        ))
    }

    fn cancel(&mut self, id: JobId) -> Result<Answer, Fault> {
        let job = self.jobs.iter().find(|job| job.id == id).filter(|job| job.is_running());
        let job = job.ok_or_else(|| {
            Fault::new(
                FaultKind::NotFound,
                "There is no such job, or it has ended.",
                "",
                "Look at the list of jobs.",
            )
        })?;
        if !job.can_cancel {
            return Err(Fault::new(
                FaultKind::Conflict,
                format!("A {} cannot be cancelled at this point.", job.kind.word()),
                "It goes on.",
                "Wait until it has ended.",
            ));
        }
        if let Some(cancel) = self.cancels.get(&id) {
            cancel.cancel();
        }
        Ok(Answer::Done)
    }
}

fn record_host(core: &Core, id: ServerId) -> crate::model::HostId {
    core.record(id).map_or_else(crate::model::HostId::local, |record| record.spec.host)
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
