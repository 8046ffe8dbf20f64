//! The task of one host.

use std::{pin::pin, time::Duration};

use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use tokio::{sync::mpsc, time::timeout};
use tokio_util::sync::CancellationToken;

use super::back_off::BackOff;
use crate::{
    docker::{Container, ContainerEvent, Docker, Endpoint, Error, What},
    engine::{
        fact::{Fact, HostFact},
        servers::{image, labels},
    },
    model::HostId,
};

/// How often a silent host is asked whether it is still there.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How long it may take to say so. A host that hangs is not a host whose servers crashed.
const ANSWER: Duration = Duration::from_secs(10);
/// Containers that are inspected at once.
const AT_ONCE: usize = 8;
/// Most containers that are looked at on one host.
const CONTAINERS_MAX: usize = 20_000;

/// Which host, and where it may be.
pub struct Setup {
    /// Its name.
    pub id: HostId,
    /// Where its engine may be, in the order in which they are tried.
    pub endpoints: Vec<Endpoint>,
}

/// Looks after one host until `stop` is called.
pub async fn run(setup: Setup, facts: mpsc::Sender<Fact>, stop: CancellationToken) {
    let mut task = Task { setup, facts, back_off: BackOff::default(), since: None };
    // Its work has no state that must be put in order: it can be dropped anywhere.
    stop.run_until_cancelled(task.live()).await;
}

struct Task {
    setup: Setup,
    facts: mpsc::Sender<Fact>,
    back_off: BackOff,
    /// Up to when its events are known. Asked for again after a loss: a daemon that starts again ends or starts
    /// containers before anybody can connect to it, and that must not look like their own doing.
    since: Option<Timestamp>,
}

/// Why a connection ended.
enum End {
    Lost(Error),
    /// The engine has ended; so does this.
    EngineGone,
}

impl From<Error> for End {
    fn from(error: Error) -> Self {
        Self::Lost(error)
    }
}

impl Task {
    async fn live(&mut self) {
        loop {
            let end = match self.connect().await {
                Ok(docker) => self.stay(&docker).await,
                Err(error) => Err(error),
            };
            match end {
                Err(End::EngineGone) => return,
                Err(End::Lost(error)) => {
                    if self.tell(HostFact::Down(error.fault())).await.is_err() {
                        return;
                    }
                }
                Ok(()) => {}
            }
            tokio::time::sleep(self.back_off.wait()).await;
        }
    }

    async fn tell(&self, fact: HostFact) -> Result<(), End> {
        self.facts.send(Fact::Host(self.setup.id.clone(), fact)).await.map_err(|_| End::EngineGone)
    }

    /// The first endpoint that answers. The error is the last one's: the usual place comes first, and where nothing
    /// answers at all its sentence is the one that helps.
    async fn connect(&mut self) -> Result<Docker, End> {
        let mut failed = None;
        for endpoint in &self.setup.endpoints {
            match Docker::connect(endpoint).await {
                Ok((docker, info)) => {
                    self.tell(HostFact::Up(docker.clone(), info, endpoint.clone())).await?;
                    return Ok(docker);
                }
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        Err(End::Lost(failed.unwrap_or_else(|| Error::BadEndpoint {
            endpoint: String::new(),
            reason: "no place is named where an engine may be".into(),
        })))
    }

    /// Hears of every change until the connection is lost.
    async fn stay(&mut self, docker: &Docker) -> Result<(), End> {
        // Events first, then the list: what happens between the two is seen twice, never not at all.
        loop {
            let mut events = pin!(docker.events(self.since).await?);
            self.since = self.since.or_else(|| Some(Timestamp::now()));
            self.list(docker).await?;
            self.back_off.reset();
            loop {
                match timeout(HEARTBEAT, events.next()).await {
                    Ok(Some(Ok(event))) => {
                        self.since = Some(event.at);
                        self.happened(docker, event).await?;
                    }
                    Ok(Some(Err(error))) if error.is_unreachable() => return Err(error.into()),
                    // A stream that ends is no loss of the host: it is opened again from where it was.
                    Ok(Some(Err(_)) | None) => break,
                    Err(_) => {
                        timeout(ANSWER, docker.ping())
                            .await
                            .map_err(|_| Error::TimedOut { what: "a ping".into(), limit: ANSWER })??;
                    }
                }
            }
            tokio::time::sleep(self.back_off.wait()).await;
        }
    }

    async fn list(&self, docker: &Docker) -> Result<(), End> {
        let mut containers = docker.list().await?;
        containers.truncate(CONTAINERS_MAX);
        name_images(docker, &mut containers).await?;
        let ours: Vec<_> = containers.iter().filter(|container| concerns(container)).cloned().collect();
        self.tell(HostFact::Listed(containers)).await?;
        let mut details = stream::iter(ours)
            .map(|container| async move { (docker.inspect(&container.id).await, container.id) })
            .buffer_unordered(AT_ONCE);
        while let Some((detail, id)) = details.next().await {
            match detail {
                Ok(detail) => self.tell(HostFact::Detail(Box::new(detail))).await?,
                Err(error) if error.is_gone() => self.tell(HostFact::Gone(id)).await?,
                // Docker keeps a container to itself while its files are read or written, which takes as long as a backup
                // does. That says nothing of the host, whose list came a moment ago; the container's next event tells.
                Err(Error::TimedOut { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        self.tell(HostFact::Looked).await
    }

    async fn happened(&self, docker: &Docker, event: ContainerEvent) -> Result<(), End> {
        let container = event.container.clone();
        let look = !matches!(event.what, What::Other | What::Kill | What::Destroy | What::Oom);
        let gone = matches!(event.what, What::Destroy);
        self.tell(HostFact::Happened(event)).await?;
        if gone {
            return self.tell(HostFact::Gone(container)).await;
        }
        if look {
            match docker.inspect(&container).await {
                Ok(detail) => self.tell(HostFact::Detail(Box::new(detail))).await?,
                Err(error) if error.is_gone() => self.tell(HostFact::Gone(container)).await?,
                Err(error) if error.is_unreachable() && !matches!(error, Error::TimedOut { .. }) => {
                    return Err(error.into());
                }
                // One container that cannot be read does not make its host unknown.
                Err(_) => {}
            }
        }
        Ok(())
    }
}

/// Docker's list has an image's id in the place of its name once that name stands for another image, as after a pull of a
/// newer one. Those containers are asked for the name that they were made from: they must not vanish from the list.
async fn name_images(docker: &Docker, containers: &mut [Container]) -> Result<(), End> {
    let nameless: Vec<_> = containers
        .iter()
        .enumerate()
        .filter(|(_, container)| image::is_id(&container.image))
        .map(|(at, container)| (at, container.id.clone()))
        .collect();
    let mut details = stream::iter(nameless)
        .map(|(at, id)| async move { (at, docker.inspect(&id).await) })
        .buffer_unordered(AT_ONCE);
    while let Some((at, detail)) = details.next().await {
        match (detail, containers.get_mut(at)) {
            (Ok(detail), Some(container)) => container.image = detail.image,
            (Err(error), _) if !error.is_gone() => return Err(error.into()),
            _ => {}
        }
    }
    Ok(())
}

/// Whether a container is a Minecraft server, or was made by this program to be one.
pub fn concerns(container: &Container) -> bool {
    let server = container.labels.contains_key(labels::SERVER) || image::is_minecraft(&container.image);
    server && !container.labels.contains_key(labels::THROWAWAY)
}
