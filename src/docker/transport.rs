//! HTTP to the daemon over any pair of byte streams.
//!
//! Two ways out. [`Transport::call`] is for calls with one bounded reply: its connections are kept for the next call,
//! which over ssh saves a login each. [`Transport::open`] is for streams: each has a connection of its own, which ends
//! when the stream is dropped. Both hold little memory per connection, because there may be dozens.

use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::task::Poll;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::Stream;
use http_body_util::{BodyExt, Either, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{CONTENT_TYPE, HOST, HeaderName, HeaderValue};
use hyper::{Method, Request, Response, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio_util::task::AbortOnDropHandle;

use super::connector::{Connector, Metered};
use super::error::{self, About, Error};
use super::limits;

/// The body of a request: whole, or a stream. The same type as in bollard's own requests.
pub(super) type Body =
    Either<Full<Bytes>, StreamBody<Pin<Box<dyn Stream<Item = io::Result<Frame<Bytes>>> + Send>>>>;

/// An empty body.
pub(super) fn empty() -> Body {
    Either::Left(Full::new(Bytes::new()))
}

/// A JSON value as a body.
pub(super) fn json(value: &impl Serialize, about: About<'_>) -> Result<Body, Error> {
    let text = serde_json::to_vec(value)
        .map_err(|e| Error::BadReply { what: about.words(), reason: error::chain(&e) })?;
    Ok(Either::Left(Full::new(text.into())))
}

/// A connection that whoever waits for something from it drives along. It has no task of its own: what nobody asks for is
/// not read, and what somebody asks for is read by who asked.
struct Connection(Option<Pin<Box<dyn Future<Output = ()> + Send>>>);

impl Connection {
    /// One that a task drives already.
    fn elsewhere() -> Self {
        Self(None)
    }

    /// Waits for something that comes through the connection. Cancel-safe where `work` is.
    async fn bring<T>(&mut self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        poll_fn(|context| {
            if let Poll::Ready(done) = work.as_mut().poll(context) {
                return Poll::Ready(done);
            }
            let Some(connection) = &mut self.0 else { return Poll::Pending };
            // Its errors come out at the request or at the body that they cut off.
            if connection.as_mut().poll(context).is_ready() {
                self.0 = None;
            }
            work.as_mut().poll(context)
        })
        .await
    }
}

/// The way to one daemon.
#[derive(Debug)]
pub(super) struct Transport {
    endpoint: String,
    connector: Connector,
    /// `/v1.41`; empty until it is known.
    prefix: OnceLock<String>,
    /// Connections whose last call is done, or nearly. Held only to push and pop.
    idle: Mutex<Vec<SendRequest<Body>>>,
}

impl Transport {
    pub(super) fn new(endpoint: String, connector: Connector) -> Self {
        Self { endpoint, connector, prefix: OnceLock::new(), idle: Mutex::new(Vec::new()) }
    }

    pub(super) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// From now on every path names this API version. Only the first call counts.
    pub(super) fn speak(&self, api: &str) {
        // A second negotiation with the same daemon changes nothing.
        let _ = self.prefix.set(format!("/v{api}"));
    }

    async fn dial(
        &self,
        reply_limit: usize,
        buffer: usize,
    ) -> io::Result<(SendRequest<Body>, impl Future<Output = ()> + Send + use<>)> {
        let stream = Metered::new(self.connector.open().await?, reply_limit);
        let (send, connection) = http1::Builder::new()
            .max_buf_size(buffer)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(io::Error::other)?;
        Ok((send, async move {
            let _ = connection.with_upgrades().await;
        }))
    }

    /// Puts the version before the path and leaves only the path, as a server wants it.
    fn address<B>(&self, request: &mut Request<B>) -> io::Result<()> {
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        let full = format!("{}{path}", self.prefix.get().map_or("", String::as_str));
        *request.uri_mut() = full.parse::<Uri>().map_err(io::Error::other)?;
        request.headers_mut().insert(HOST, HeaderValue::from_static("docker"));
        Ok(())
    }

    fn take_idle(&self) -> Option<SendRequest<Body>> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|send| !send.is_closed());
        let ready = idle.iter().position(SendRequest::is_ready)?;
        Some(idle.swap_remove(ready))
    }

    fn keep(&self, send: SendRequest<Body>) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|send| !send.is_closed());
        if idle.len() < limits::IDLE_CONNECTIONS {
            idle.push(send);
        }
    }

    /// Sends a request whose reply is bounded; bollard sends its own through this too.
    pub(super) async fn call(
        &self,
        mut request: Request<Body>,
    ) -> Result<Response<Incoming>, bollard::errors::Error> {
        self.address(&mut request)?;
        if let Some(mut send) = self.take_idle() {
            match send.try_send_request(request).await {
                Ok(response) => {
                    self.keep(send);
                    return Ok(response);
                }
                // The daemon had closed it meanwhile, and the request never left: once more on a new one.
                Err(mut failed) => match failed.take_message() {
                    Some(unsent) => request = unsent,
                    None => return Err(failed.into_error().into()),
                },
            }
        }
        let (mut send, connection) = self.dial(limits::REPLY, limits::HTTP_BUFFER).await?;
        let task = AbortOnDropHandle::new(tokio::spawn(connection));
        let response = send.send_request(request).await?;
        self.keep(send);
        // Left to itself: hyper ends it when the last request handle and the reply's body are gone.
        drop(task.detach());
        Ok(response)
    }

    /// Asks for a JSON value.
    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str, about: About<'_>) -> Result<T, Error> {
        self.value(Method::GET, path, empty(), about).await
    }

    async fn value<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Body,
        about: About<'_>,
    ) -> Result<T, Error> {
        let request = self.request(method, path, body, about)?;
        let response = self.call(request).await.map_err(|e| error::from_bollard(&self.endpoint, e, about))?;
        let status = response.status();
        if !status.is_success() {
            return Err(refusal(&mut Connection::elsewhere(), response, about).await);
        }
        let bytes = response
            .into_body()
            .collect()
            .await
            .map_err(|e| error::from_hyper(&self.endpoint, &e))?
            .to_bytes();
        serde_json::from_slice(&bytes)
            .map_err(|e| Error::BadReply { what: about.words(), reason: error::chain(&e) })
    }

    /// Sends a JSON value and asks for one.
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
        about: About<'_>,
    ) -> Result<T, Error> {
        self.value(Method::POST, path, json(body, about)?, about).await
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        body: Body,
        about: About<'_>,
    ) -> Result<Request<Body>, Error> {
        Request::builder()
            .method(method)
            .uri(path)
            .header(CONTENT_TYPE, "application/json")
            .body(body)
            .map_err(|e| Error::BadReply { what: about.words(), reason: error::chain(&e) })
    }

    /// Opens a stream; its connection ends with the [`Reply`].
    pub(super) async fn open(&self, call: Call<'_>) -> Result<Reply, Error> {
        let mut request = self.request(call.method, call.path, call.body, call.about)?;
        for (name, value) in call.headers {
            request.headers_mut().insert(name, value);
        }
        // What opens a stream is needed once, and larger than all that a stream keeps for as long as it goes on.
        let opening = Box::pin(async {
            self.address(&mut request).map_err(|e| error::from_connect(&self.endpoint, e))?;
            let dialled = self.dial(usize::MAX, call.buffer).await;
            let (mut send, connection) = dialled.map_err(|e| error::from_connect(&self.endpoint, e))?;
            let mut connection = Connection(Some(Box::pin(connection)));
            let response = connection.bring(send.send_request(request)).await;
            let response = response.map_err(|e| error::from_hyper(&self.endpoint, &e))?;
            let status = response.status();
            if status.is_success() || status == StatusCode::SWITCHING_PROTOCOLS {
                return Ok(Reply { response, connection });
            }
            Err(refusal(&mut connection, response, call.about).await)
        });
        match call.limit {
            Some(limit) => limited(limit, &call.about.words(), opening).await,
            None => opening.await,
        }
    }
}

/// What [`Transport::open`] sends.
pub(super) struct Call<'a> {
    pub(super) method: Method,
    pub(super) path: &'a str,
    pub(super) body: Body,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) about: About<'a>,
    /// Until the first answer; `None` for uploads, whose answer comes last.
    pub(super) limit: Option<Duration>,
    /// Most bytes that are held in each direction, and read at a time.
    pub(super) buffer: usize,
}

impl<'a> Call<'a> {
    /// A GET with the usual limit.
    pub(super) fn get(path: &'a str, about: About<'a>) -> Self {
        Self {
            method: Method::GET,
            path,
            body: empty(),
            headers: Vec::new(),
            about,
            limit: Some(limits::OPEN),
            buffer: limits::HTTP_BUFFER,
        }
    }
}

/// A stream's answer, with the connection it comes through.
pub(super) struct Reply {
    response: Response<Incoming>,
    connection: Connection,
}

impl Reply {
    /// The next bytes; `None` at the end. An error means that the connection was lost before it. Cancel-safe.
    pub(super) async fn chunk(&mut self) -> Option<Result<Bytes, hyper::Error>> {
        loop {
            match self.connection.bring(self.response.body_mut().frame()).await? {
                Ok(frame) => match frame.into_data() {
                    Ok(data) if data.is_empty() => {}
                    Ok(data) => return Some(Ok(data)),
                    // Trailers say nothing to us.
                    Err(_) => {}
                },
                Err(error) => return Some(Err(error)),
            }
        }
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.response.headers().get(name)?.to_str().ok()
    }

    /// Whether the daemon gives the connection away, so that [`Reply::upgrade`] is the way to read on.
    pub(super) fn switches(&self) -> bool {
        self.response.status() == StatusCode::SWITCHING_PROTOCOLS
    }

    /// Takes the connection over, after `101 Switching Protocols`.
    pub(super) async fn upgrade(self) -> Result<hyper::upgrade::Upgraded, hyper::Error> {
        let Self { response, mut connection } = self;
        connection.bring(hyper::upgrade::on(response)).await
    }
}

/// Reads what a refusal says, a bounded part of it.
async fn refusal(connection: &mut Connection, response: Response<Incoming>, about: About<'_>) -> Error {
    #[derive(serde::Deserialize)]
    struct Said {
        message: String,
    }
    let status = response.status().as_u16();
    let mut body = response.into_body();
    let mut bytes = BytesMut::new();
    while let Some(Ok(frame)) = connection.bring(body.frame()).await {
        if let Some(data) = frame.data_ref() {
            let room = limits::ERROR_BODY - bytes.len();
            bytes.extend_from_slice(&data[..data.len().min(room)]);
        }
        if bytes.len() >= limits::ERROR_BODY {
            break;
        }
    }
    let message = serde_json::from_slice::<Said>(&bytes)
        .map_or_else(|_| String::from_utf8_lossy(&bytes).into_owned(), |said| said.message);
    error::from_status(status, &message, about)
}

/// Waits for `work` no longer than `limit`.
pub(super) async fn limited<T>(
    limit: Duration,
    what: &str,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    match tokio::time::timeout(limit, work).await {
        Ok(done) => done,
        Err(_) => Err(Error::TimedOut { what: what.to_owned(), limit }),
    }
}

/// `?a=b&c=d`, encoded.
pub(super) fn query(pairs: &[(&str, &str)]) -> String {
    let mut out = String::new();
    for (name, value) in pairs {
        out.push(if out.is_empty() { '?' } else { '&' });
        encode(name, &mut out);
        out.push('=');
        encode(value, &mut out);
    }
    out
}

/// Percent-encodes everything but RFC 3986's unreserved characters.
fn encode(text: &str, out: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_encoded() {
        assert_eq!(query(&[]), "");
        assert_eq!(query(&[("path", "/data/a b&c=ü")]), "?path=%2Fdata%2Fa%20b%26c%3D%C3%BC");
        assert_eq!(query(&[("a", "1"), ("b", "2")]), "?a=1&b=2");
    }
}
