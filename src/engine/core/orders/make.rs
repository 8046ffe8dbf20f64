//! New servers.

use crate::{
    docker::Docker,
    engine::{
        backups::ready,
        core::Core,
        jobs::Context,
        servers::create::{self, Fill},
    },
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
        Ok(self.make(
            JobKind::Create,
            origin,
            docker,
            create::Order { record, any_port, fill: Fill::Nothing },
        ))
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
        let restores = kind == JobKind::Restore;
        self.begin(kind, id, origin, docker, move |context| async move {
            let container = Box::pin(create::run(&context, order)).await?;
            if restores { comes_up(&context, &container).await } else { Ok(()) }
        })
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
            create::Order { record, any_port, fill: Fill::Container(copy_from) },
        ))
    }
}

/// Waits until a server that was made from a backup is ready. It stays, whatever comes of it.
async fn comes_up(context: &Context, container: &str) -> Result<(), Fault> {
    context.step("waiting until the server is ready");
    match context.cancel.run_until_cancelled(ready::ready(&context.docker, container)).await {
        Some(Ok(())) => Ok(()),
        Some(Err(why)) => {
            let means = "The server was made and has the restored data, but did not come up on it.".into();
            Err(Fault { means, ..why.fault() })
        }
        None => Err(Fault::new(
            FaultKind::Failed,
            "The program ended before the new server was ready.",
            "The server was made, has the restored data, and was started.",
            "`mineclifford server list` shows whether it came up.",
        )),
    }
}
