//! Whether what is asked for can be at all: told before anything is made.

use jiff::Timestamp;

use crate::{
    engine::{
        core::{Core, HostEntry},
        servers::{image, ports::Taken, secret},
    },
    model::{
        Fault, FaultKind, Ownership, ServerId, Spec,
        field::{self, HostLimits},
        spec::Provider,
    },
    store::{ServerRecord, Wanted},
};

impl Core {
    pub(super) fn check(&self, spec: &Spec) -> Result<(), Fault> {
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

    pub(super) fn check_name(&self, spec: &Spec, except: Option<ServerId>) -> Result<(), Fault> {
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

    pub(super) fn taken(&self, spec: &Spec) -> Taken {
        let host = self.hosts.get(&spec.host);
        let containers = host.into_iter().flat_map(|host| host.containers.values());
        Taken::of(containers, host.is_some_and(HostEntry::is_here))
    }

    /// Checks a new server's port, or finds one; also tells what is taken, when any port will do.
    pub(super) fn settle_port(&self, spec: &mut Spec) -> Result<Option<Taken>, Fault> {
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

    pub(super) fn new_record(&self, spec: Spec) -> ServerRecord {
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
            patterns: Default::default(),
            rcon_password: Some(secret::generate()),
            spec,
        }
    }
}
