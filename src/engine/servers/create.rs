//! Makes a server.

use std::path::PathBuf;

use super::{lifecycle, make, plan, ports::Taken};
use crate::{
    archive::Owner,
    docker::Error,
    engine::{backups::restore, jobs::Context},
    model::{BackupId, Fault, State, backup::Scope},
    store::ServerRecord,
};

/// How often another free port is tried when somebody was faster.
const ATTEMPTS: usize = 5;

/// What is to be made.
pub struct Order {
    /// The server; its port is chosen already.
    pub record: ServerRecord,
    /// Set when any free port will do: what is taken on the host.
    pub any_port: Option<Taken>,
    /// The data that the new server begins with.
    pub fill: Fill,
}

/// The data that a new server begins with.
pub enum Fill {
    /// What the image makes.
    Nothing,
    /// That of this container.
    Container(String),
    /// That of a backup.
    Backup {
        /// Which.
        id: BackupId,
        /// Its archive.
        archive: PathBuf,
        /// How much of it.
        scope: Scope,
    },
}

/// Makes a server and starts it. When anything goes wrong, or the job is cancelled, nothing of it is left. Gives its
/// container.
///
/// # Errors
/// Docker's and the database's.
pub async fn run(context: &Context, order: Order) -> Result<String, Fault> {
    let server = order.record.id;
    let mut made = Made::default();
    let result = make_all(context, order, &mut made).await;
    let fault = match result {
        Ok(()) => return Ok(made.container.unwrap_or_default()),
        Err(fault) => fault,
    };
    context.step("undoing what was made");
    let containers: Vec<_> = made.container.iter().map(String::as_str).collect();
    match make::undo(context, &containers, made.new_volume.as_deref()).await {
        Ok(()) => {
            context.forget(server).await?;
            context.settled().await?;
            Err(fault)
        }
        Err(undo) => Err(make::half_made(fault, &undo)),
    }
}

#[derive(Default)]
struct Made {
    container: Option<String>,
    new_volume: Option<String>,
}

async fn make_all(context: &Context, order: Order, made: &mut Made) -> Result<(), Fault> {
    let Order { mut record, any_port, fill } = order;
    // An archive that cannot be relied upon is found out before anything is made.
    let checked = match &fill {
        Fill::Backup { id, archive, scope } => {
            Some(restore::check(context, *id, archive.clone(), scope).await?)
        }
        Fill::Nothing | Fill::Container(_) => None,
    };
    context.phase(Some(State::Pulling)).await?;
    // A pull takes long: a program that ends in it must know at its next start what it was doing.
    context.stage("pull", &[]).await?;
    make::image(context, &record.spec).await?;
    context.check_cancel()?;

    context.phase(Some(State::Creating)).await?;
    context.step("creating the volume");
    let (volume, new) = make::volume(context, &record.spec).await?;
    made.new_volume = new.then(|| volume.clone());
    record.data = Some(volume.clone());

    for attempt in 1.. {
        context.check_cancel()?;
        context.step("creating the container");
        let name = record.container_name.clone();
        let new_volume = made.new_volume.clone().unwrap_or_default();
        context.stage("container", &[("new_volume", &new_volume), ("container_name", &name)]).await?;
        let id = make::container(context, &record, &name, &volume).await?;
        made.container = Some(id.clone());
        record.container_id = Some(id.clone());
        context.stage("made", &[("new_volume", &new_volume), ("container", &id)]).await?;
        if attempt == 1 {
            match (&fill, &checked) {
                (Fill::Container(source), _) => super::clone::copy(context, source, &id).await?,
                (_, Some(checked)) => {
                    let (uid, gid) = plan::user(&record.spec.env);
                    restore::fill(context, &id, checked, Owner { uid, gid }).await?;
                }
                _ => {}
            }
        }
        context.check_cancel()?;
        context.save(record.clone()).await?;
        context.cancellable(false).await?;
        // From its first start on it is a server with a world: nothing that happens to this program may undo it.
        context.settled().await?;
        context.step("starting");
        match context.docker.start(&id).await {
            Ok(()) => break,
            Err(Error::PortTaken { .. }) if any_port.is_some() && attempt < ATTEMPTS => {
                // Somebody took it in the meantime.
                lifecycle::remove(&context.docker, &id).await.map_err(|error| error.fault())?;
                (made.container, record.container_id) = (None, None);
                if let Some(taken) = &any_port {
                    record.spec.port = taken.free_above(record.spec.bind, record.spec.port)?;
                }
            }
            Err(error) => return Err(error.fault()),
        }
    }
    if let Some(id) = &made.container {
        context.look(id).await?;
    }
    context.phase(None).await
}
