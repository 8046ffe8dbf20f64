//! Files that changed while they were copied: found, read again, reported.

use std::{collections::BTreeSet, time::Duration};

use crate::{
    archive::{Error, Packer, Seen},
    docker::{Docker, PathStat},
    engine::jobs::Context,
    model::{Fault, JobId},
};

/// How often a file is read again before it is reported.
const TRIES: u32 = 3;
/// The pause before a file that has just changed is read again.
const PAUSE: Duration = Duration::from_millis(100);
/// How long the search for what has changed may take.
const SEARCH: Duration = Duration::from_secs(300);
/// Most files that are read again; what is more is reported without that.
const MOST: usize = 2_000;
/// Most files that are looked at one by one where the container has no `find`.
const LOOKS: usize = 5_000;

/// Sets a mark. A `find` that is not GNU's may compare whole seconds: what was written within the mark's own second would
/// not be newer to it, so the mark is a second older there, and some files are read again in vain.
const SET: &str =
    r#"if find --version > /dev/null 2>&1; then touch "$0"; else touch -d "@$(($(date +%s) - 1))" "$0"; fi"#;

/// A moment by the container's own clock, as an empty file outside its data.
pub struct Mark {
    docker: Docker,
    container: String,
    path: String,
}

impl Mark {
    /// Sets it; `None` where the container has no shell or no `touch`, or takes no file.
    pub async fn set(docker: &Docker, container: &str, job: JobId) -> Option<Self> {
        let path = format!("/tmp/.mineclifford-{job}");
        let mark = Self { docker: docker.clone(), container: container.to_owned(), path };
        mark.run(&["sh", "-c", SET, &mark.path]).await.is_some().then_some(mark)
    }

    /// Files of the data folder that were written since, from that folder on; `None` where the container cannot tell.
    async fn newer(&self) -> Option<BTreeSet<String>> {
        let found = self.run(&["find", "/data", "-type", "f", "-newer", &self.path, "-print0"]).await?;
        let names = found.split(|byte| *byte == 0).filter_map(|name| std::str::from_utf8(name).ok());
        Some(names.filter_map(|name| name.strip_prefix("/data/")).map(str::to_owned).collect())
    }

    /// Takes it away.
    pub async fn clear(self) {
        let _ = self.run(&["rm", "-f", &self.path]).await;
    }

    async fn run(&self, command: &[&str]) -> Option<Vec<u8>> {
        let output = Box::pin(self.docker.exec(&self.container, command, Some("0:0"), SEARCH)).await.ok()?;
        // `find` also complains of files that vanish under its hands.
        let done = output.code == 0 || (command.first() == Some(&"find") && output.code == 1);
        (done && !output.truncated).then_some(output.stdout)
    }
}

/// Reads again what changed, and gives the files that changed each time. `mark` was set before the copy; `live` is whether
/// the server ran meanwhile.
///
/// # Errors
/// The archive's, or Docker's.
pub async fn mend(
    context: &Context,
    packer: &mut Packer,
    container: &str,
    mark: Option<&Mark>,
    live: bool,
) -> Result<Vec<String>, Fault> {
    let seen = packer.seen().await.map_err(|error| error.fault())?;
    let suspects: Vec<Seen> = if live {
        let newer = match mark {
            Some(mark) => mark.newer().await,
            None => None,
        };
        match newer {
            Some(newer) => seen.into_iter().filter(|file| file.cut || newer.contains(&file.path)).collect(),
            None => other(context, container, seen).await?,
        }
    } else {
        seen.into_iter().filter(|file| file.cut).collect()
    };
    let mut torn = Vec::new();
    for (number, file) in suspects.iter().enumerate() {
        context.check_cancel()?;
        if number >= MOST || !again(context, packer, container, &file.path).await? {
            torn.push(file.path.clone());
        }
    }
    Ok(torn)
}

/// Files that have another size or time now than they had when they were read.
async fn other(context: &Context, container: &str, seen: Vec<Seen>) -> Result<Vec<Seen>, Fault> {
    let mut suspects = Vec::new();
    for (number, file) in seen.into_iter().enumerate() {
        context.check_cancel()?;
        let changed = number < LOOKS
            && stat(&context.docker, container, &file.path).await?.is_some_and(|now| {
                let modified = now.mtime.and_then(|at| u64::try_from(at.as_second()).ok());
                now.size != file.size || modified != Some(file.modified)
            });
        if changed || file.cut {
            suspects.push(file);
        }
    }
    Ok(suspects)
}

/// Reads a file again until it is the same before and after, a few times at most; whether it was once. What is gone now
/// stays as it was read first.
async fn again(context: &Context, packer: &mut Packer, container: &str, path: &str) -> Result<bool, Fault> {
    let docker = &context.docker;
    let mut before = stat(docker, container, path).await?;
    for attempt in 1..=TRIES {
        // A folder or a link has taken its place, or nothing: there is nothing to be read.
        if before.as_ref().is_none_or(|stat| !stat.is_file()) {
            return Ok(false);
        }
        let read = match docker.archive_get(container, &format!("/data/{path}")).await {
            Ok(tar) => packer.again(path, tar).await,
            Err(error) if error.is_gone() => return Ok(false),
            Err(error) => return Err(error.fault()),
        };
        let after = stat(docker, container, path).await?;
        match read {
            Ok(()) if after == before => return Ok(true),
            Err(error) if !error.can_go_on() && !matches!(error, Error::NothingThere { .. }) => {
                return Err(error.fault());
            }
            _ => before = after,
        }
        if attempt < TRIES {
            tokio::time::sleep(PAUSE).await;
        }
    }
    Ok(false)
}

async fn stat(docker: &Docker, container: &str, path: &str) -> Result<Option<PathStat>, Fault> {
    match docker.archive_stat(container, &format!("/data/{path}")).await {
        Ok(stat) => Ok(stat),
        Err(error) if error.is_unreachable() || error.is_gone() => Err(error.fault()),
        // Something in its way became a file or a link.
        Err(_) => Ok(None),
    }
}
