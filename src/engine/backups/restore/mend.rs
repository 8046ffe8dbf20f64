//! Brings a restore to an end that stopped in the middle: forward when the restored data was seen to work, else back.

use std::time::Duration;

use uuid::Uuid;

use super::{
    at,
    helper::{DATA, Failure, Helper, Source},
    script::Verb,
};
use crate::{
    docker::{Docker, Error},
    engine::{
        backups::ready,
        servers::{halt, plan},
    },
    model::JobId,
    store::JobRecord,
};

/// What is known of a restore that is not to go on.
pub struct Left<'a> {
    /// Its job, which names the folder that it staged in.
    pub job: JobId,
    /// The server's container.
    pub container: &'a str,
    /// And its name.
    pub name: &'a str,
    /// Where the data is.
    pub source: &'a Source,
    /// Whether the server ran before it was stopped for this.
    pub ran: bool,
    /// How far it is, as [`at`] names it.
    pub stage: &'a str,
}

/// How long a server may take to stop that was started on restored data which is thrown away: it has nothing to save, and
/// may not hear yet that it is to stop.
const SHORT: Duration = Duration::from_secs(5);

impl Left<'_> {
    /// Puts the old data back, wherever the restore was, and starts the server if it ran. Where nothing but staging was
    /// done, the server is left alone. Can be done again and again.
    ///
    /// # Errors
    /// Docker's, or that something stands in the way; then it is to be done again.
    pub async fn undo(&self, docker: &Docker, engine: Uuid) -> Result<(), Failure> {
        let there = self.stage != at::STAGING && self.stopped(docker).await?;
        let helper = Helper::begin(docker, engine, self.job, self.name, self.source).await?;
        let undone = async {
            helper.run(Verb::Undo).await?;
            helper.run(Verb::DropUndone).await
        };
        let undone = undone.await;
        helper.end().await?;
        undone?;
        if self.ran && there {
            docker.start(self.container).await?;
        }
        Ok(())
    }

    /// Removes the old data.
    ///
    /// # Errors
    /// As [`Self::undo`].
    pub async fn keep(&self, docker: &Docker, engine: Uuid) -> Result<(), Failure> {
        let helper = Helper::begin(docker, engine, self.job, self.name, self.source).await?;
        let dropped = helper.run(Verb::Drop).await;
        helper.end().await?;
        dropped.map(drop)
    }

    /// Sees to it that the server does not run; whether its container is there at all.
    async fn stopped(&self, docker: &Docker) -> Result<bool, Error> {
        let detail = match docker.inspect(self.container).await {
            Ok(detail) => detail,
            Err(error) if error.is_gone() => return Ok(false),
            Err(error) => return Err(error),
        };
        if detail.phase.is_alive() || detail.phase == crate::docker::Phase::Restarting {
            let grace = if self.stage == at::TRIAL { SHORT } else { plan::grace(&detail.env) };
            halt::halt(docker, self.container, grace).await?;
        }
        Ok(true)
    }
}

/// Ends a restore that an earlier run of the program left, and says in words what it did.
///
/// # Errors
/// Docker's, or that something stands in the way: then the record stays, and it is tried again.
pub async fn mend(docker: &Docker, engine: Uuid, record: &JobRecord) -> Result<String, Error> {
    let note = |name: &str| record.notes.get(name).map(String::as_str).unwrap_or_default();
    let interrupted = format!("A restore of {} was interrupted.", record.server_name);
    let Some(source) = Source::from_notes(&record.notes) else {
        return Ok(format!("{interrupted} Its data was not touched."));
    };
    if source.folder.is_none() && docker.volume(&source.volume).await?.is_none() {
        return Ok(format!("{interrupted} Its data is gone from {DATA}: somebody removed the volume."));
    }
    let left = Left {
        job: record.id,
        container: note("container"),
        name: note("name"),
        source: &source,
        ran: note("ran") == "yes",
        stage: &record.stage,
    };
    let kept = match record.stage.as_str() {
        at::KEPT => true,
        // It may have come up while nobody looked.
        at::TRIAL => match ready::is_ready(docker, left.container).await {
            Ok(ready) => ready,
            Err(error) if error.is_gone() => false,
            Err(error) => return Err(error),
        },
        _ => false,
    };
    if kept {
        left.keep(docker, engine).await.map_err(Failure::error)?;
        return Ok(format!(
            "{interrupted} The restored data is in its place and works; it was brought to its end."
        ));
    }
    left.undo(docker, engine).await.map_err(Failure::error)?;
    Ok(format!("{interrupted} The old data is back as it was."))
}
