//! Switches a server's saving on again that this program has switched off.

use std::time::Duration;

use super::voice::Voice;
use crate::{
    docker::{Docker, Phase},
    engine::console::Source,
    minecraft::command::{SaveOn, reply},
    store::SavingOff,
};

/// What became of it.
#[derive(Debug)]
pub enum Turned {
    /// The server says that it is on.
    On,
    /// The server was restarted since, or is gone: it is on without us, or nowhere.
    Moot,
    /// The server does not answer, or is frozen; why.
    NotYet(String),
}

/// The file that says that the image has frozen the game for want of players. Any command would wake it.
const ASLEEP: &str = "/data/.paused";

/// Whether the image has frozen the game.
///
/// # Errors
/// Docker's.
pub async fn is_asleep(docker: &Docker, container: &str) -> Result<bool, crate::docker::Error> {
    Ok(docker.archive_stat(container, ASLEEP).await?.is_some())
}

/// Tries once. `source` makes the way to the server from what is known of its container now.
pub async fn turn_on(
    docker: &Docker,
    off: &SavingOff,
    within: Duration,
    source: impl FnOnce(&crate::docker::Detail) -> Source,
) -> Turned {
    let detail = match docker.inspect(&off.container).await {
        Ok(detail) => detail,
        Err(error) if error.is_gone() => return Turned::Moot,
        Err(error) => return Turned::NotYet(error.to_string()),
    };
    if !detail.phase.is_alive() || detail.started_at != off.run {
        return Turned::Moot;
    }
    if detail.phase == Phase::Paused {
        return Turned::NotYet("it is frozen".into());
    }
    match is_asleep(docker, &off.container).await {
        Ok(false) => {}
        Ok(true) => return Turned::NotYet("it is asleep".into()),
        Err(error) => return Turned::NotYet(error.to_string()),
    }
    match Voice::new(source(&detail)).ask("save-on", within).await {
        Ok(said) => match reply::save_on(&said) {
            SaveOn::Enabled | SaveOn::AlreadyOn => Turned::On,
            SaveOn::Unknown => Turned::NotYet(crate::minecraft::text::plain(&said, 200)),
        },
        Err(mute) => Turned::NotYet(mute.tried.join("; ")),
    }
}
