//! New servers.

use crate::{
    docker::Docker,
    engine::{core::Core, servers::create},
    model::{Answer, Fault, FaultKind, JobKind, Origin, Ownership, ServerId, Spec},
};

impl Core {
    pub(super) fn create(&mut self, origin: Origin, mut spec: Spec) -> Result<Answer, Fault> {
        spec.name = spec.name.trim().to_owned();
        self.check(&spec)?;
        self.check_name(&spec, None)?;
        let docker = self.docker_of(&spec.host)?;
        let any_port = self.settle_port(&mut spec)?;
        let record = self.new_record(spec);
        Ok(self.make(JobKind::Create, origin, docker, create::Order { record, any_port, copy_from: None }))
    }

    pub(super) fn make(
        &mut self,
        kind: JobKind,
        origin: Origin,
        docker: Docker,
        order: create::Order,
    ) -> Answer {
        let id = order.record.id;
        self.adopt_record(&order.record);
        self.begin(kind, id, origin, docker, |context| async move { create::run(&context, order).await })
    }

    pub(super) fn clone_server(
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
}
