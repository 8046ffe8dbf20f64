//! The throw-away container that works on a server's data: of the server's own image, with its data and nothing else.

use std::{collections::BTreeMap, io, time::Duration};

use bytes::Bytes;
use futures_util::Stream;
use uuid::Uuid;

use super::script::{self, Ground, Verb};
use crate::{
    docker::{Detail, Docker, Error, MountKind, Plan},
    engine::servers::labels,
    minecraft::text::plain,
    model::{Fault, FaultKind, JobId},
};

/// Where the data is in every container.
pub const DATA: &str = "/data";
/// What the container does while it waits for steps: nothing, for at most a day.
const WAIT: &str = "trap 'exit 0' TERM; sleep 86400 & wait";
/// What it may use: it moves files, and a list of names is the most that it holds.
const MEMORY: u64 = 256 << 20;
const PROCESSES: u32 = 128;
/// The least and the most that a step may take: renames are fast, copying where there are no hard links is not.
const QUICK: Duration = Duration::from_secs(120);
const SLOW: Duration = Duration::from_secs(3600);
/// Most characters of what the script says.
const SAID: usize = 300;

/// Where a server's data is, and what looks after it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Source {
    /// The image that the server runs from.
    pub image: String,
    /// The volume; empty where the data is in a folder of the host.
    pub volume: String,
    /// The folder of the host.
    pub folder: Option<String>,
}

/// Why a step did not end well.
#[derive(Debug)]
pub enum Failure {
    /// Docker's word.
    Docker(Error),
    /// The script's: nothing was moved by this step, or it can be undone.
    Said(String),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Docker(error)
    }
}

impl Failure {
    /// As a person is told. What became of the data is said by whoever knows.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Docker(error) => error.fault(),
            Self::Said(what) => Fault::new(
                FaultKind::Failed,
                format!("The server's files could not be put in place: {what}."),
                "",
                "Look at the server's data where the message points to, then try again.",
            ),
        }
    }

    /// As the tasks that mend tell it.
    pub fn error(self) -> Error {
        match self {
            Self::Docker(error) => error,
            Self::Said(message) => Error::Conflict { message },
        }
    }
}

impl Source {
    /// Where a container has its data.
    ///
    /// # Errors
    /// That it has none, or has parts of it in other places, which renames cannot reach.
    pub fn of(detail: &Detail) -> Result<Self, Fault> {
        let inner = |path: &str| path.strip_prefix(DATA).is_some_and(|rest| rest.starts_with('/'));
        if let Some(mount) = detail.mounts.iter().find(|mount| inner(&mount.destination)) {
            return Err(Fault::new(
                FaultKind::Conflict,
                format!("{} of this server lies on a mount of its own.", plain(&mount.destination, 200)),
                "Nothing was changed: a restore swaps files within one place, so that it can be undone.",
                "Restore into a new server (`--to NAME`), or extract what you need with `mineclifford backup extract`.",
            ));
        }
        let mount = detail.mounts.iter().find(|mount| mount.destination == DATA);
        let source = |volume: &str, folder: Option<&str>| Self {
            image: detail.image_id.clone(),
            volume: volume.to_owned(),
            folder: folder.map(str::to_owned),
        };
        match mount {
            Some(mount) if mount.kind == MountKind::Volume && mount.writable => {
                Ok(source(&mount.source_name_or_path, None))
            }
            Some(mount) if mount.kind == MountKind::Bind && mount.writable => {
                Ok(source("", Some(&mount.source_name_or_path)))
            }
            _ => Err(Fault::new(
                FaultKind::Conflict,
                "The server keeps its data in no volume or folder that can be written to.",
                "Nothing was changed.",
                "Restore into a new server (`--to NAME`).",
            )),
        }
    }

    /// As a job's record keeps it.
    pub fn notes(&self) -> [(&'static str, &str); 3] {
        [
            ("image", &self.image),
            ("volume", &self.volume),
            ("folder", self.folder.as_deref().unwrap_or_default()),
        ]
    }

    /// Back from a job's record.
    pub fn from_notes(notes: &BTreeMap<String, String>) -> Option<Self> {
        let note = |name: &str| notes.get(name).filter(|note| !note.is_empty()).cloned();
        let (volume, folder) = (note("volume").unwrap_or_default(), note("folder"));
        let image = note("image").filter(|_| !volume.is_empty() || folder.is_some())?;
        Some(Self { image, volume, folder })
    }
}

/// The container, for as long as it is needed. It is removed by [`Self::end`], and by [`sweep`] where a program did not get
/// there any more.
pub struct Helper {
    docker: Docker,
    /// Its container.
    pub container: String,
    job: String,
}

impl Helper {
    /// Makes and starts it. `name` is the server's container's.
    ///
    /// # Errors
    /// Docker's; that the image has no shell.
    pub async fn begin(
        docker: &Docker,
        engine: Uuid,
        job: JobId,
        name: &str,
        source: &Source,
    ) -> Result<Self, Error> {
        let short: String = name.chars().take(40).collect();
        let plan = Plan {
            name: format!("{short}-restore-{}", job.short()),
            image: source.image.clone(),
            labels: labels::throwaway(job, engine),
            volume: source.volume.clone(),
            folder: source.folder.clone(),
            command: ["sh", "-c", WAIT].map(str::to_owned).to_vec(),
            memory_limit: MEMORY,
            pids_limit: Some(PROCESSES),
            stop_timeout_seconds: 1,
            restart: false,
            network_mode: "none".to_owned(),
            ..Plan::default()
        };
        // One of an earlier attempt that could not be removed then.
        docker.remove(&plan.name, true).await?;
        let container = docker.create(&plan).await?;
        let helper = Self { docker: docker.clone(), container, job: job.to_string() };
        match docker.start(&helper.container).await {
            Ok(()) => Ok(helper),
            Err(error) => {
                let _ = docker.remove(&helper.container, true).await;
                Err(error)
            }
        }
    }

    /// Does one step, and gives what it printed.
    ///
    /// # Errors
    /// The script's word, or Docker's: then the step may go on for as long as the container does.
    pub async fn run(&self, verb: Verb) -> Result<String, Failure> {
        Ok(String::from_utf8_lossy(&self.bytes(verb).await?).into_owned())
    }

    async fn bytes(&self, verb: Verb) -> Result<Vec<u8>, Failure> {
        let word = verb.word();
        let command = script::command(DATA, &word, &self.job);
        let limit = match verb {
            Verb::Look | Verb::Prepare | Verb::Page(_) => QUICK,
            _ => SLOW,
        };
        let output = self.docker.exec(&self.container, &command, Some("0:0"), limit).await?;
        if output.code == 0 {
            return Ok(output.stdout);
        }
        let said = String::from_utf8_lossy(&output.stderr);
        // The script's own sentence is the last one; before it there may be what a program said.
        let said =
            said.lines().rev().take(2).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("; ");
        let said = plain(&said, SAID);
        Err(Failure::Said(if said.is_empty() { format!("it ended with {}", output.code) } else { said }))
    }

    /// Who owns the data, and how much space is free.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub async fn ground(&self) -> Result<Ground, Failure> {
        let told = self.run(Verb::Look).await?;
        script::ground(&told).ok_or_else(|| Failure::Said("the owner of the data could not be read".into()))
    }

    /// What is in the worlds that are there and not in those that were staged: each is given once.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub async fn listed(&self, mut each: impl FnMut(&[u8])) -> Result<(), Failure> {
        let senseless = || Failure::Said("what is in the world could not be read".into());
        let told = self.run(Verb::List).await?;
        for number in 0..script::pages(&told).ok_or_else(senseless)? {
            let page = self.bytes(Verb::Page(number)).await?;
            let whole = page.strip_suffix(script::PAGE_END).ok_or_else(senseless)?;
            whole.split(|byte| *byte == 0).filter(|entry| !entry.is_empty()).for_each(&mut each);
        }
        Ok(())
    }

    /// Unpacks into the folder that is staged in.
    ///
    /// # Errors
    /// Docker's, or the stream's.
    pub async fn put(
        &self,
        tar: impl Stream<Item = Result<Bytes, io::Error>> + Send + 'static,
    ) -> Result<(), Error> {
        let folder = format!("{DATA}/{}/{}", crate::archive::OWN, self.job);
        self.docker.archive_put(&self.container, &folder, tar).await
    }

    /// Removes it; whatever step it still does ends with it.
    ///
    /// # Errors
    /// Docker's.
    pub async fn end(self) -> Result<(), Error> {
        self.docker.remove(&self.container, true).await
    }
}

/// Whether a container or volume served a job that was begun before `born`: that job is not under way any more.
pub fn is_stray(labels: &BTreeMap<String, String>, engine: Uuid, born: JobId) -> bool {
    labels::served(labels, engine).is_some_and(|job| job.parse::<JobId>().is_ok_and(|job| job < born))
}

/// Removes what served jobs that were begun before `born`. What a step of theirs still does ends with that.
///
/// # Errors
/// Docker's.
pub async fn sweep(docker: &Docker, engine: Uuid, born: JobId) -> Result<(), Error> {
    for container in docker.list().await?.iter().filter(|one| is_stray(&one.labels, engine, born)) {
        docker.remove(&container.id, true).await?;
    }
    for volume in
        docker.volumes(labels::THROWAWAY).await?.iter().filter(|one| is_stray(&one.labels, engine, born))
    {
        docker.volume_remove(&volume.name).await?;
    }
    Ok(())
}
