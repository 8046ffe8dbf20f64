//! Connecting: which engine is there, which version of the API both speak, and what is odd about it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;

use super::connector::{Connector, Duplex};
use super::endpoint::Endpoint;
use super::error::{self, About, Error, clean};
use super::transport::{Transport, limited};
use super::types::EngineInfo;
use super::{limits, tls};
use crate::ssh::{self, Address};

/// The oldest API that works: Docker 20.10.
const OLDEST: Api = Api(1, 41);
/// The newest API that this room was written against. A newer daemon still speaks it.
const NEWEST: Api = Api(1, 51);

/// A version of the API.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Api(u16, u16);

impl Api {
    fn parse(text: &str) -> Option<Self> {
        let (major, minor) = text.split_once('.')?;
        Some(Self(major.parse().ok()?, minor.parse().ok()?))
    }
}

impl fmt::Display for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

/// A Docker engine. Cheap to clone; all clones share the connections.
#[derive(Clone)]
pub struct Docker {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) transport: Arc<Transport>,
    /// The library's client, over the same transport.
    pub(super) client: bollard::Docker,
    /// Whether the engine is Podman behind Docker's API.
    pub(super) podman: bool,
}

impl fmt::Debug for Docker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Docker").field("endpoint", &self.inner.transport.endpoint()).finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct VersionReply {
    #[serde(default)]
    version: String,
    #[serde(default)]
    api_version: String,
    #[serde(rename = "MinAPIVersion", default)]
    min_api_version: String,
    #[serde(default)]
    components: Vec<Component>,
}

#[derive(Deserialize)]
struct Component {
    #[serde(rename = "Name", default)]
    name: String,
}

#[derive(Deserialize)]
struct InfoReply {
    #[serde(rename = "ID", default)]
    id: String,
    #[serde(rename = "MemTotal", default)]
    memory: i64,
    #[serde(rename = "NCPU", default)]
    cpus: i64,
    #[serde(rename = "DockerRootDir", default)]
    folder: String,
    #[serde(rename = "SecurityOptions", default)]
    security: Option<Vec<String>>,
}

/// Go's server says so when it was spoken to without TLS.
fn wants_tls(error: Error, endpoint: &str) -> Error {
    match error {
        Error::Api { status: 400, message } if message.contains("HTTPS server") => Error::BadEndpoint {
            endpoint: endpoint.to_owned(),
            reason: "it wants TLS: set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH".to_owned(),
        },
        other => other,
    }
}

impl VersionReply {
    fn is_podman(&self) -> bool {
        self.components.iter().any(|part| part.name.contains("Podman"))
    }

    /// The newest version that both sides speak.
    fn agree(&self) -> Result<Api, Error> {
        let too_old = || Error::TooOld { found: clean(&self.api_version), needed: OLDEST.to_string() };
        let theirs = Api::parse(&self.api_version).ok_or_else(too_old)?;
        if theirs < OLDEST {
            return Err(too_old());
        }
        let agreed = theirs.min(NEWEST);
        // A daemon from the far future may speak nothing as old as ours any more; its own oldest is the best guess.
        Ok(Api::parse(&self.min_api_version).map_or(agreed, |oldest| agreed.max(oldest)))
    }
}

impl Docker {
    /// Connects: the versions are agreed upon and the host's figures are read, each within five seconds.
    ///
    /// # Errors
    /// [`Error::Absent`], [`Error::Forbidden`], [`Error::TooOld`], [`Error::Unreachable`], [`Error::TimedOut`],
    /// [`Error::BadEndpoint`].
    pub async fn connect(endpoint: &Endpoint) -> Result<(Self, EngineInfo), Error> {
        let name = endpoint.describe();
        let connector = match endpoint {
            Endpoint::Unix(path) => Connector::unix(path.clone()),
            Endpoint::Tcp(address) => Connector::tcp(address.clone()),
            Endpoint::Tls { address, certs } => tls::connector(address, certs)?,
            Endpoint::Ssh { user, host, port } => {
                let address = Address { user: user.clone(), host: host.clone(), port: *port };
                Connector::new(move || {
                    let stream = ssh::open("ssh", &address, &["docker", "system", "dial-stdio"]);
                    Box::pin(async move { Ok(Box::new(stream?) as Box<dyn Duplex>) })
                })
            }
            Endpoint::InProcess(connector) => connector.clone(),
        };
        let transport = Arc::new(Transport::new(name.clone(), connector));
        let what = format!("connecting to {name}");
        let version: VersionReply = limited(limits::CONNECT, &what, async {
            transport.get("/version", About::Engine).await.map_err(|error| wants_tls(error, &name))
        })
        .await?;
        transport.speak(&version.agree()?.to_string());
        let docker = Self::over(transport, version.is_podman())?;
        // Podman runs its helpers anew to answer either of the two; on a busy host one limit for both is too short.
        let info = limited(limits::CONNECT, &what, docker.read_info(version)).await?;
        Ok((docker, info))
    }

    fn over(transport: Arc<Transport>, podman: bool) -> Result<Self, Error> {
        let sender = transport.clone();
        let client = bollard::Docker::connect_with_custom_transport(
            move |request| {
                let sender = sender.clone();
                async move { sender.call(request).await }
            },
            Some("http://docker"),
            // Every call has a limit of its own around it; this one must never be the first to strike.
            Duration::from_secs(24 * 3600).as_secs(),
            bollard::API_DEFAULT_VERSION,
        )
        .map_err(|e| error::from_bollard(transport.endpoint(), e, About::Engine))?;
        Ok(Self { inner: Arc::new(Inner { transport, client, podman }) })
    }

    /// What the engine says of itself and its host.
    ///
    /// # Errors
    /// As any call: the engine cannot be reached, or does not answer in 30 s.
    pub async fn info(&self) -> Result<EngineInfo, Error> {
        limited(limits::CALL, "its version", async {
            let version = self.inner.transport.get("/version", About::Engine).await?;
            self.read_info(version).await
        })
        .await
    }

    async fn read_info(&self, version: VersionReply) -> Result<EngineInfo, Error> {
        let api_version = version.agree()?.to_string();
        let info: InfoReply = self.inner.transport.get("/info", About::Engine).await?;
        let security = info.security.unwrap_or_default();
        Ok(EngineInfo {
            name: if version.is_podman() { "Podman" } else { "Docker" }.to_owned(),
            version: clean(&version.version),
            api_version,
            id: clean(&info.id),
            memory_bytes: u64::try_from(info.memory).unwrap_or(0),
            cpus: u32::try_from(info.cpus).unwrap_or(0),
            folder: clean(&info.folder),
            rootless: security.iter().any(|option| option.contains("name=rootless")),
        })
    }

    /// Whether the engine still answers.
    ///
    /// # Errors
    /// It does not, or not in 5 s.
    pub async fn ping(&self) -> Result<(), Error> {
        self.run(limits::CONNECT, About::Engine, self.inner.client.ping()).await.map(|_| ())
    }

    /// Where this engine is, as a person may see it.
    pub fn endpoint(&self) -> &str {
        self.inner.transport.endpoint()
    }

    /// Runs one of the library's calls within a limit.
    pub(super) async fn run<T>(
        &self,
        limit: Duration,
        about: About<'_>,
        call: impl Future<Output = Result<T, bollard::errors::Error>>,
    ) -> Result<T, Error> {
        match tokio::time::timeout(limit, call).await {
            Ok(done) => done.map_err(|e| error::from_bollard(self.endpoint(), e, about)),
            Err(_) => Err(Error::TimedOut { what: about.words(), limit }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(api: &str, oldest: &str) -> VersionReply {
        VersionReply {
            version: String::new(),
            api_version: api.into(),
            min_api_version: oldest.into(),
            components: vec![],
        }
    }

    #[test]
    fn both_sides_speak_the_older_of_their_newest() {
        assert_eq!(reply("1.41", "1.12").agree().unwrap(), Api(1, 41));
        assert_eq!(reply("1.48", "").agree().unwrap(), Api(1, 48));
        assert_eq!(reply("1.99", "1.44").agree().unwrap(), NEWEST);
        assert_eq!(reply("1.99", "1.60").agree().unwrap(), Api(1, 60));
        assert_eq!(reply("2.0", "1.44").agree().unwrap(), NEWEST);
    }

    #[test]
    fn an_old_or_senseless_version_is_too_old() {
        for api in ["1.40", "1.9", "0.99", "", "new", "1", "1.41.2\u{1b}[2J"] {
            match reply(api, "").agree() {
                Err(Error::TooOld { found, needed }) => {
                    assert_eq!(needed, "1.41");
                    assert!(!found.contains('\u{1b}'));
                }
                other => panic!("{api:?}: {other:?}"),
            }
        }
    }
}
