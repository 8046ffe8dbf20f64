//! One request to a target: looked up, checked, connected to, posted; nothing of the answer but its status is used.

use std::{net::IpAddr, sync::Arc, time::Duration};

use http_body_util::Full;
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    client::conn::http1,
    header,
};
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use rustls::{ClientConfig, RootCertStore, pki_types::ServerName};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    sync::OnceCell,
    time::timeout,
};
use tokio_rustls::TlsConnector;

use super::{
    guard,
    message::{Message, headers},
    target::Target,
};

/// How long connecting to one address may take, its TLS included.
const CONNECT: Duration = Duration::from_secs(5);
/// How long all of it may take.
const WHOLE: Duration = Duration::from_secs(15);
/// Most bytes of an answer's head that are kept.
const HEAD_MAX: usize = 16 * 1024;
/// Longest pause that a target may ask for.
const LATER_MAX: Duration = Duration::from_secs(600);

/// Why a message did not arrive. No part of the URL but its host is in it, and nothing that the target said.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Error {
    /// Its name leads nowhere, as far as can be told now.
    #[error("its name cannot be looked up: {0}")]
    Unknown(String),
    /// Its name leads into this machine or its network.
    #[error(
        "it is at {0}, on this machine or in its network; add its host to notices.private_hosts where that is meant"
    )]
    Private(IpAddr),
    /// No connection, or one that broke off.
    #[error("it cannot be reached: {0}")]
    Unreached(String),
    /// It does not answer in time.
    #[error("it did not answer within {} s", WHOLE.as_secs())]
    Slow,
    /// It sends to another place, where nobody is followed to.
    #[error("it answered with a redirect ({0}), which is not followed; set the URL that it leads to")]
    Redirected(u16),
    /// It does not take that, now or later.
    #[error("it refused the message (HTTP {0}); see whether the URL is still right")]
    Refused(u16),
    /// It cannot take that now.
    #[error("it cannot take the message now (HTTP {0})")]
    Busy(u16, Option<Duration>),
}

impl Error {
    /// Whether it may be another time.
    pub fn passes(&self) -> bool {
        matches!(self, Self::Unknown(_) | Self::Unreached(_) | Self::Slow | Self::Busy(..))
    }

    /// After how long the target wants to be asked again.
    pub fn later(&self) -> Option<Duration> {
        match self {
            Self::Busy(_, later) => later.map(|later| later.min(LATER_MAX)),
            _ => None,
        }
    }
}

/// Posts messages. Cheap to clone.
#[derive(Clone, Default)]
pub struct Poster {
    /// Whom this machine trusts, read when it is first needed: most people have no target.
    tls: Arc<OnceCell<Arc<ClientConfig>>>,
}

impl Poster {
    /// Sends a message once; gives the status that it was taken with.
    ///
    /// # Errors
    /// Why it did not arrive.
    pub async fn post(&self, target: &Target, message: &Message) -> Result<u16, Error> {
        timeout(WHOLE, self.try_post(target, message)).await.map_err(|_| Error::Slow)?
    }

    async fn try_post(&self, target: &Target, message: &Message) -> Result<u16, Error> {
        let addresses = guard::addresses(target).await?;
        let mut last = Error::Unknown("it has no address".into());
        for address in addresses {
            let connected = timeout(CONNECT, TcpStream::connect(address)).await;
            let stream = match connected {
                Ok(Ok(stream)) => stream,
                Ok(Err(error)) => {
                    last = Error::Unreached(error.to_string());
                    continue;
                }
                Err(_) => {
                    last = Error::Unreached("connecting took too long".into());
                    continue;
                }
            };
            let request = request(target, message)?;
            // Connected: from here on it may have got the message, and another of its addresses must not get it, too.
            let answer = if target.address.is_secure() {
                let name = ServerName::try_from(target.address.host().to_owned())
                    .map_err(|_| Error::Unknown("it is no name of a host".into()))?;
                let tls = TlsConnector::from(self.tls().await?);
                let stream = timeout(CONNECT, tls.connect(name, stream)).await;
                exchange(stream.map_err(|_| Error::Slow)?.map_err(|error| broken(&error))?, request).await?
            } else {
                exchange(stream, request).await?
            };
            return judge(&answer);
        }
        Err(last)
    }

    async fn tls(&self) -> Result<Arc<ClientConfig>, Error> {
        let made = self.tls.get_or_try_init(|| async {
            let loaded = tokio::task::spawn_blocking(trust).await;
            loaded.unwrap_or_else(|error| Err(broken(&error))).map(Arc::new)
        });
        made.await.cloned()
    }
}

fn trust() -> Result<ClientConfig, Error> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.map_err(|error| broken(&error))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

fn broken(error: &dyn std::error::Error) -> Error {
    Error::Unreached(error.to_string())
}

fn request(target: &Target, message: &Message) -> Result<Request<Full<Bytes>>, Error> {
    let body = message.body(target.kind);
    let mut builder = Request::post(target.address.path())
        .header(header::HOST, target.address.authority())
        .header(header::USER_AGENT, concat!("mineclifford/", env!("CARGO_PKG_VERSION")))
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::CONNECTION, "close");
    for (name, value) in headers(message, target, &body, Timestamp::now()) {
        builder = builder.header(name, value);
    }
    builder.body(Full::new(body.into())).map_err(|error| broken(&error))
}

async fn exchange<S>(stream: S, request: Request<Full<Bytes>>) -> Result<Response<Incoming>, Error>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(HEAD_MAX)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(|error| broken(&error))?;
    // It ends with the sender and the answer, which are dropped when the status is known.
    tokio::spawn(connection);
    sender.send_request(request).await.map_err(|error| broken(&error))
}

fn judge(answer: &Response<Incoming>) -> Result<u16, Error> {
    let status = answer.status().as_u16();
    match status {
        200..=299 => Ok(status),
        300..=399 => Err(Error::Redirected(status)),
        408 | 425 | 429 | 500..=599 => {
            let later = answer.headers().get(header::RETRY_AFTER).and_then(|value| value.to_str().ok());
            // Discord writes fractions; dates (RFC 9110) are rare, and then the usual pauses do.
            let later = later.and_then(|text| text.trim().parse::<f64>().ok());
            let later = later.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
            Err(Error::Busy(status, later))
        }
        _ => Err(Error::Refused(status)),
    }
}
