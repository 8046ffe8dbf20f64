//! The engine through our own `docker/`, as the program reaches it.

mod fleet;
mod lifecycle;
mod raw;
mod streams;
mod trouble;

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::{Stream, StreamExt};

use super::{Demo, Options};
use crate::docker::{
    ContainerEvent, Detail, Docker, Endpoint, Error, LogPiece, LogQuery, Plan, PortPlan, What,
};

const IMAGE: &str = "itzg/minecraft-server:java21";
/// Longer than anything here takes; a test that needs it has failed.
const LIMIT: Duration = Duration::from_secs(120);

async fn dial(demo: &Demo) -> Docker {
    Docker::connect(&Endpoint::InProcess(demo.connector())).await.unwrap().0
}

/// An engine without servers, where one loads in a moment.
async fn empty() -> (Demo, Docker) {
    let demo = Demo::start(Options { load: Duration::from_millis(30), ..Options::fleet(0, 0) });
    let docker = dial(&demo).await;
    (demo, docker)
}

fn plan(name: &str, env: &[(&str, &str)]) -> Plan {
    let base = [("EULA", "true"), ("VERSION", "1.21.4"), ("CREATE_CONSOLE_IN_PIPE", "true")];
    Plan {
        name: name.into(),
        image: IMAGE.into(),
        env: base.iter().chain(env).map(|(name, value)| ((*name).into(), (*value).into())).collect(),
        labels: BTreeMap::from([("who".into(), "test".into())]),
        volume: format!("{name}-data"),
        ports: vec![PortPlan { container: 25565, udp: false, bind: None, host: 0 }],
        memory_limit: 1 << 30,
        pids_limit: Some(512),
        ..Plan::default()
    }
}

async fn limited<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(LIMIT, work).await.expect("it takes far too long")
}

/// Follows the log until a line contains `text`; gives all that was read.
async fn until_line(docker: &Docker, id: &str, text: &str) -> Vec<LogPiece> {
    let mut log = std::pin::pin!(docker.logs(id, LogQuery { follow: true, ..LogQuery::default() }));
    let mut pieces = Vec::new();
    limited(async {
        while let Some(piece) = log.next().await {
            pieces.push(piece.unwrap());
            if pieces.last().is_some_and(|piece| String::from_utf8_lossy(&piece.data).contains(text)) {
                return;
            }
        }
        panic!("the log ended before {text:?}: {pieces:?}");
    })
    .await;
    pieces
}

/// Makes and starts a server and waits until it can be joined.
async fn ready(docker: &Docker, plan: &Plan) -> String {
    let id = docker.create(plan).await.unwrap();
    docker.start(&id).await.unwrap();
    until_line(docker, &id, "For help, type").await;
    id
}

/// Looks again at every event until the container is as wanted.
async fn settled(docker: &Docker, id: &str, fits: impl Fn(&Detail) -> bool) -> Detail {
    let mut events = std::pin::pin!(docker.events(None).await.unwrap());
    limited(async {
        loop {
            let detail = docker.inspect(id).await.unwrap();
            if fits(&detail) {
                return detail;
            }
            events.next().await.unwrap().unwrap();
        }
    })
    .await
}

/// Takes events until one fits, that one included.
async fn events_until(
    events: &mut (impl Stream<Item = Result<ContainerEvent, Error>> + Unpin),
    fits: impl Fn(&What) -> bool,
) -> Vec<What> {
    let mut seen = Vec::new();
    limited(async {
        while let Some(event) = events.next().await {
            let what = event.unwrap().what;
            let done = fits(&what);
            seen.push(what);
            if done {
                return;
            }
        }
        panic!("the events ended: {seen:?}");
    })
    .await;
    seen
}
