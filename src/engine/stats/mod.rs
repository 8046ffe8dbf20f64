//! What servers cost their machine: one stream of measurements for each that runs, none for one that does not.

use std::{pin::pin, time::Duration};

use futures_util::StreamExt;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{beat, fact::Fact};
use crate::{docker::Docker, model::ServerId};

/// Follows the measurements of one container until it ends or `stop` is called. A stream that breaks off is opened
/// again, each time a little later.
pub async fn follow(
    docker: Docker,
    server: ServerId,
    container: String,
    facts: mpsc::Sender<Fact>,
    stop: CancellationToken,
) {
    let mut pause = Duration::from_millis(500);
    loop {
        let measured = measure(&docker, server, &container, &facts);
        let ended = stop.run_until_cancelled(measured).await;
        match ended {
            None => return,
            Some(true) => pause = Duration::from_millis(500),
            Some(false) => pause = (pause * 2).min(Duration::from_secs(30)),
        }
        if stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_none() {
            return;
        }
    }
}

/// Whether anything was measured before the stream ended.
async fn measure(docker: &Docker, server: ServerId, container: &str, facts: &mpsc::Sender<Fact>) -> bool {
    let mut stream = pin!(docker.stats(container));
    let mut any = false;
    // The first is waited for; the others are read in step with those of all servers, and shown together anyway.
    let mut next = stream.next().await;
    while let Some(Ok(sample)) = next {
        any = true;
        if facts.send(Fact::Measured(server, container.to_owned(), sample)).await.is_err() {
            break;
        }
        next = beat::next(&mut stream).await;
    }
    any
}
