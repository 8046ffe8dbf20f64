//! Gives a server another name.

use crate::{engine::jobs::Context, model::Fault, store::ServerRecord};

/// Renames the container, then the server. The container's labels keep the old name; when a database is rebuilt,
/// the container's own name is the one that counts.
///
/// # Errors
/// Docker's and the database's.
pub async fn run(context: &Context, mut record: ServerRecord, name: &str) -> Result<(), Fault> {
    context.step("renaming");
    if let Some(container) = record.container_id.clone() {
        context.docker.rename(&container, name).await.map_err(|error| error.fault())?;
        record.container_name = name.to_owned();
    }
    let old = std::mem::replace(&mut record.spec.name, name.to_owned());
    let container = record.container_id.clone();
    if let Err(fault) = context.save(record).await {
        if let Some(container) = container {
            let _ = context.docker.rename(&container, &old).await;
        }
        return Err(fault);
    }
    match container {
        Some(container) => context.look(&container).await,
        None => Ok(()),
    }
}
