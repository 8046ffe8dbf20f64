//! Which engine this is: an id beside the database, so that containers are known as one's own when that is lost.

use std::{io, path::Path};

use uuid::Uuid;

use crate::model::{Fault, FaultKind};

const FILE: &str = "engine-id";

/// Reads this engine's id, or makes one when there is none yet.
///
/// # Errors
/// That the folder cannot be read or written.
pub async fn load(data_dir: &Path) -> Result<Uuid, Fault> {
    let path = data_dir.join(FILE);
    match tokio::fs::read_to_string(&path).await {
        Ok(text) => Uuid::parse_str(text.trim()).map_err(|error| {
            Fault::new(
                FaultKind::Failed,
                format!("{} is damaged.", path.display()),
                "Without it this program cannot tell its own containers from others'.",
                "Restore the file, or remove it: containers made before can then be adopted again.",
            )
            .because(&error)
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => make(&path).await,
        Err(error) => Err(fault(&path, &error)),
    }
}

async fn make(path: &Path) -> Result<Uuid, Fault> {
    let id = Uuid::now_v7();
    // Written aside and renamed: a file that is only half there would be taken for a damaged one.
    let aside = path.with_extension("new");
    let write = async {
        tokio::fs::write(&aside, format!("{id}\n")).await?;
        tokio::fs::File::open(&aside).await?.sync_all().await?;
        tokio::fs::rename(&aside, path).await
    };
    write.await.map_err(|error| fault(path, &error))?;
    Ok(id)
}

fn fault(path: &Path, error: &io::Error) -> Fault {
    Fault::new(
        FaultKind::Failed,
        format!("{} cannot be read or written: {error}.", path.display()),
        "The engine did not start; servers go on running in Docker.",
        "Check the folder's owner and permissions and that its disk is not full, or choose another with --data-dir.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn made_once_and_never_guessed() {
        let folder = tempfile::tempdir().unwrap();
        let id = load(folder.path()).await.unwrap();
        assert_eq!(load(folder.path()).await.unwrap(), id);
        std::fs::write(folder.path().join(FILE), "nonsense").unwrap();
        assert!(load(folder.path()).await.unwrap_err().what.contains("damaged"));
    }
}
