//! The REST API, the console over WebSocket, and the metrics: a face for programs.
//!
//! [`Server`] listens; each request passes the [`door`], the one place where it is decided whether it may, and reaches
//! the engine through a handle that shows and does only what its caller may.

mod door;
mod listen;
mod metrics;
mod pace;
mod page;
mod problem;
mod replay;
mod routes;
mod state;
mod take;
mod tls;
mod view;

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    net::TcpListener,
    sync::{Semaphore, watch},
    time::timeout,
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub use door::Names;
pub use tls::Tls;

use self::state::{Api, Inner, Live};
use crate::{
    engine::Handle,
    model::{Fault, FaultKind, Secret, Spec},
    tasks::Tasks,
};

/// Consoles and streams of events that may be open at once.
const STREAMS: usize = 256;
/// How long connections have to come to an end.
const FAREWELL: Duration = Duration::from_secs(3);

/// What the API is started with.
pub struct Setup {
    /// The engine.
    pub engine: Handle,
    /// This run of it.
    pub run: Uuid,
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Its certificate; `None` is plain HTTP.
    pub tls: Option<Tls>,
    /// Whether plain HTTP is allowed where others can listen in.
    pub plain_anywhere: bool,
    /// What a new server is where nothing else is said.
    pub base: Spec,
    /// What can be set while it runs.
    pub tuning: Tuning,
}

/// What can be set while the API runs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tuning {
    /// Names of this service beside `localhost` and its addresses.
    pub hosts: Vec<String>,
    /// Other sites whose pages may use it.
    pub origins: Vec<String>,
    /// What a scraper must show; `None` lets everybody on this machine read the metrics.
    pub metrics_token: Option<Secret>,
    /// How often metrics are collected.
    pub metrics_every: Duration,
}

/// The API, listening until it is closed or dropped.
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    live: watch::Sender<Arc<Live>>,
    every: watch::Sender<Duration>,
    certificate: Option<tls::Certificate>,
    stop: CancellationToken,
    tasks: Tasks,
}

impl Server {
    /// Begins to listen.
    ///
    /// # Errors
    /// That the address is open to others and the connection would not be encrypted; that it cannot be listened on; a
    /// certificate that cannot be used.
    pub async fn start(setup: Setup) -> Result<Self, Fault> {
        let Setup { engine, run, listen, tls, plain_anywhere, base, tuning } = setup;
        if tls.is_none() && !listen.ip().is_loopback() && !plain_anywhere {
            return Err(plain(listen));
        }
        let certificate = tls.map(tls::Certificate::load).transpose()?;
        let listener = TcpListener::bind(listen).await.map_err(|error| taken(listen, &error))?;
        let address = listener.local_addr().map_err(|error| taken(listen, &error))?;
        let (stop, tasks) = (CancellationToken::new(), Tasks::new());
        let live = watch::channel(Arc::new(live_of(&tuning))).0;
        let (board, collected) = watch::channel(Arc::default());
        let every = watch::channel(tuning.metrics_every).0;
        tasks.spawn(metrics::run(engine.clone(), every.subscribe(), board, stop.clone()));
        let api = Api(Arc::new(Inner {
            engine,
            base,
            run,
            live: live.clone(),
            rates: door::Rates::default(),
            replays: replay::Replays::default(),
            requests: metrics::Requests::default(),
            board: collected,
            viewers: 0.into(),
            streams: Arc::new(Semaphore::new(STREAMS)),
            began: Instant::now(),
            stop: stop.clone(),
            tasks: tasks.clone(),
            tls: certificate.is_some(),
        }));
        let acceptor = certificate.as_ref().map(tls::Certificate::acceptor);
        tasks.spawn(listen::accept(listener, acceptor, routes::router(api), stop.clone(), tasks.clone()));
        Ok(Self { address, live, every, certificate, stop, tasks })
    }

    /// `http://` or `https://` and where it listens.
    pub fn url(&self) -> String {
        let scheme = if self.certificate.is_some() { "https" } else { "http" };
        let ip = match self.address.ip() {
            ip if ip.is_unspecified() => match ip {
                IpAddr::V4(_) => IpAddr::from([127, 0, 0, 1]),
                IpAddr::V6(_) => IpAddr::V6(std::net::Ipv6Addr::LOCALHOST),
            },
            ip => ip,
        };
        format!("{scheme}://{}", SocketAddr::new(ip, self.address.port()))
    }

    /// The file of its own certificate, for those who are to trust it.
    pub fn certificate(&self) -> Option<&PathBuf> {
        self.certificate.as_ref().map(|certificate| &certificate.file)
    }

    /// Lets other settings hold, and reads the certificate again.
    ///
    /// # Errors
    /// That the certificate cannot be read: the old one holds on.
    pub fn tune(&self, tuning: &Tuning) -> Result<(), Fault> {
        self.live.send_replace(Arc::new(live_of(tuning)));
        self.every
            .send_if_modified(|every| std::mem::replace(every, tuning.metrics_every) != tuning.metrics_every);
        self.certificate.as_ref().map_or(Ok(()), tls::Certificate::reload)
    }

    /// Takes no more connections, says goodbye to those that are open, and waits for what is under way.
    pub async fn close(self) {
        self.stop.cancel();
        self.tasks.close();
        let _ = timeout(FAREWELL, self.tasks.wait()).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn live_of(tuning: &Tuning) -> Live {
    let hosts = tuning.hosts.iter().map(|host| host.to_ascii_lowercase()).collect();
    Live {
        names: Names { hosts, origins: tuning.origins.clone() },
        metrics_token: tuning.metrics_token.clone(),
    }
}

/// The description of the API, OpenAPI 3.1, as JSON.
pub fn document() -> serde_json::Value {
    serde_json::to_value(routes::document()).unwrap_or_default()
}

/// The names of all metrics, as Prometheus text writes them.
pub fn metric_names() -> Vec<String> {
    metrics::names()
}

fn plain(listen: SocketAddr) -> Fault {
    Fault::new(
        FaultKind::Invalid,
        format!("{listen} can be reached from other machines, and the connection would not be encrypted."),
        "Whoever listens in could read tokens. Nothing was started.",
        "Set `api.self_signed = true`, or `api.certificate` and `api.key`; or say \
`--plain-http-beyond-this-machine` where something else encrypts.",
    )
}

fn taken(listen: SocketAddr, error: &std::io::Error) -> Fault {
    let kind = match error.kind() {
        std::io::ErrorKind::AddrInUse => FaultKind::Conflict,
        _ => FaultKind::Failed,
    };
    Fault::new(
        kind,
        format!("The API cannot listen on {listen}: {error}."),
        "Nothing was started.",
        "Name another address with --listen, or `--listen none` to start without the API.",
    )
    .because(error)
}
