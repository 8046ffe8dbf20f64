//! Stops a container in peace, whatever its server is at.
//!
//! Until the image's start script hands over to its runner, process 1 of the container is a shell, and the kernel drops a
//! SIGTERM for which process 1 has no handler. Docker asks once only: such a stop would wait for all of its grace, and
//! then kill a server that has just begun to load its world. So it is asked again when the runner is there.

use std::time::Duration;

use crate::{
    docker::{Docker, Error, Phase},
    engine::jobs::Context,
};

/// The image's process 1 once the server is there.
const RUNNER: &str = "mc-server-runner";
/// How often is looked whether it is.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// From its first instruction until it listens to signals.
const AWAKE: Duration = Duration::from_millis(200);

/// Stops a container, which may be frozen, within its grace.
///
/// # Errors
/// Docker's.
pub async fn halt(docker: &Docker, container: &str, grace: Duration) -> Result<(), Error> {
    telling(docker, container, grace, |_| {}).await
}

/// The same as a step of a job, which says what is waited for.
///
/// # Errors
/// Docker's.
pub async fn step(context: &Context, container: &str, grace: Duration) -> Result<(), Error> {
    telling(&context.docker, container, grace, |what| context.step(what)).await
}

async fn telling(
    docker: &Docker,
    container: &str,
    grace: Duration,
    tell: impl Fn(&'static str),
) -> Result<(), Error> {
    match docker.inspect(container).await?.phase {
        // A frozen one cannot save.
        Phase::Paused => docker.unpause(container).await?,
        Phase::Running => {}
        _ => return docker.stop(container, grace).await,
    }
    if begun(docker, container).await != Some(false) {
        tell("stopping: the world is being saved");
        return docker.stop(container, grace).await;
    }
    tell("stopping: waiting for its start script to end");
    tokio::select! {
        stopped = docker.stop(container, grace) => stopped,
        never = ask_again(docker, container) => match never {},
    }
}

/// Whether the runner is there; `None` where that cannot be seen, which is no reason not to stop.
async fn begun(docker: &Docker, container: &str) -> Option<bool> {
    let commands = docker.commands(container).await.ok()?;
    let is_runner = |command: &String| {
        let name = command.split_whitespace().next().unwrap_or_default();
        name.rsplit('/').next() == Some(RUNNER)
    };
    (!commands.is_empty()).then(|| commands.iter().any(is_runner))
}

/// Asks once more when the runner has come. The stop beside it is what ends, also when this has nothing left to do.
async fn ask_again(docker: &Docker, container: &str) -> std::convert::Infallible {
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        match begun(docker, container).await {
            Some(false) => {}
            Some(true) => break,
            None => return std::future::pending().await,
        }
    }
    tokio::time::sleep(AWAKE).await;
    // A failure is the stop's to tell: it sees the same container.
    let _ = docker.terminate(container).await;
    std::future::pending().await
}
