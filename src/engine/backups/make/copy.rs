//! Copies a server's data folder into an archive, as one stream.

use std::{collections::HashSet, time::Duration};

use super::torn;
use crate::{
    archive::{Error, Filter, Packer, Taken},
    engine::jobs::Context,
    model::Fault,
};

/// How often the stream is begun: Docker ends it when a file shrinks or vanishes while it is read. What was read before is
/// not written again.
const STREAMS: u32 = 3;
/// The pause before that.
const PAUSE: Duration = Duration::from_millis(300);
/// How long a container may take to list its files.
const LIST: Duration = Duration::from_secs(300);

/// Copies everything that the filter takes, and gives the files that changed each time that they were read. `live` is
/// whether the server runs and may write.
///
/// # Errors
/// Docker's, or the archive's.
pub async fn copy(
    context: &Context,
    packer: &mut Packer,
    container: &str,
    live: bool,
    filter: &Filter,
) -> Result<Vec<String>, Fault> {
    let mark = match live {
        true => torn::Mark::set(&context.docker, container, context.job).await,
        false => None,
    };
    let copied = async {
        whole(context, packer, container, live, filter).await?;
        torn::mend(context, packer, container, mark.as_ref(), live).await
    };
    let copied = copied.await;
    if let Some(mark) = mark {
        mark.clear().await;
    }
    copied
}

async fn whole(
    context: &Context,
    packer: &mut Packer,
    container: &str,
    live: bool,
    filter: &Filter,
) -> Result<(), Fault> {
    let mut attempt = 1;
    let taken = loop {
        let tar = context.docker.archive_get(container, "/data").await.map_err(|error| error.fault())?;
        match packer.take("data", tar).await {
            Ok(taken) => break taken,
            Err(error) if error.can_go_on() && attempt < STREAMS => {
                tracing::info!(%error, attempt, "a copy is begun anew");
                attempt += 1;
                tokio::time::sleep(PAUSE).await;
            }
            // A file that never holds still ends each stream, and what comes after it is never reached that way.
            Err(error @ Error::Cut { .. }) if live => {
                let linked = rest(context, packer, container, filter).await?;
                break Taken { linked: linked.ok_or_else(|| error.fault())? };
            }
            Err(error) => return Err(error.fault()),
        }
    };
    // Files with several names came under one of them only.
    for path in taken.linked {
        one(context, packer, container, &path).await?;
    }
    Ok(())
}

/// The files that no stream has reached; `None` where the container cannot list them.
async fn rest(
    context: &Context,
    packer: &mut Packer,
    container: &str,
    filter: &Filter,
) -> Result<Option<Vec<String>>, Fault> {
    let command = ["find", "/data", "-type", "f", "-print0"];
    let listed = Box::pin(context.docker.exec(container, &command, Some("0:0"), LIST)).await;
    let Some(listed) = listed.ok().filter(|listed| !listed.truncated && matches!(listed.code, 0 | 1)) else {
        return Ok(None);
    };
    let seen = packer.seen().await.map_err(|error| error.fault())?;
    let seen: HashSet<&str> = seen.iter().map(|file| file.path.as_str()).collect();
    let names = listed.stdout.split(|byte| *byte == 0).filter_map(|name| std::str::from_utf8(name).ok());
    let missing = names
        .filter_map(|name| name.strip_prefix("/data/"))
        .filter(|path| !seen.contains(path) && filter.takes(path));
    Ok(Some(missing.map(str::to_owned).collect()))
}

/// Reads one file. What is gone or cut is looked at once more with the others that changed.
async fn one(context: &Context, packer: &mut Packer, container: &str, path: &str) -> Result<(), Fault> {
    let tar = match context.docker.archive_get(container, &format!("/data/{path}")).await {
        Ok(tar) => tar,
        Err(error) if error.is_gone() => return Ok(()),
        Err(error) => return Err(error.fault()),
    };
    match packer.again(path, tar).await {
        Err(error) if !error.can_go_on() && !matches!(error, Error::NothingThere { .. }) => {
            Err(error.fault())
        }
        _ => Ok(()),
    }
}
