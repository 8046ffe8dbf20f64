//! `api`: a request to the API, for scripts.

use std::{path::Path, sync::Arc, time::Duration};

use http_body_util::{BodyExt, Full};
use hyper::{
    Method, Request, StatusCode, Uri,
    body::{Bytes, Incoming},
    client::conn::http1,
    header,
};
use hyper_util::rt::TokioIo;
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::TlsConnector;

use super::{
    api::{Signpost, signpost},
    settings,
};
use crate::{
    cli::{
        args::{ApiArgs, Global},
        exit::{Exit, Failure, Outcome},
        io::Io,
        listen,
    },
    engine::lay_pass,
    model::{Fault, FaultKind},
};

/// How long the service may take to answer; what follows may take as long as it likes.
const PATIENCE: Duration = Duration::from_secs(60);
/// Largest body that is read from the input, in bytes.
const BODY_MAX: u64 = 1024 * 1024;

/// Sends a request and prints the body of its answer.
///
/// # Errors
/// That there is no service, or that it did not answer; the exit code of a status that says no.
pub async fn api(global: &Global, arguments: &ApiArgs, io: &mut Io) -> Outcome {
    listen(&io.interrupt);
    let interrupt = io.interrupt.clone();
    interrupt.guard(ask(global, arguments, io)).await
}

async fn ask(global: &Global, arguments: &ApiArgs, io: &mut Io) -> Outcome {
    let (settings, _) = settings(global)?;
    let own = read_signpost(&settings.data_dir);
    let named = arguments.url.clone().or_else(|| std::env::var("MINECLIFFORD_API").ok());
    let (url, here) = match (named, &own) {
        (Some(url), _) => (url, false),
        (None, Some(post)) => (post.url.clone(), true),
        (None, None) => return Err(nobody().into()),
    };
    let own = own.filter(|_| here).and_then(|post| post.certificate);
    let certificate = arguments.certificate.as_deref().or(own.as_deref());
    let base: Uri =
        url.parse().map_err(|_| Fault::invalid("url", "must be such as https://mc.example.org:8000"))?;
    let shown = match std::env::var("MINECLIFFORD_TOKEN") {
        Ok(token) if !token.is_empty() => format!("Bearer {token}"),
        // A pass is worth something only to the engine of this data folder.
        _ if here => format!("Pass {}", lay_pass(&settings.data_dir).map_err(|error| no_pass(&error))?.0),
        _ => return Err(no_token().into()),
    };
    let request = request(arguments, &base, &shown, body(arguments, io).await?)?;
    let answer = timeout(PATIENCE, send(&base, certificate, request)).await.map_err(|_| silent(&base))??;
    print(answer, io).await
}

fn read_signpost(data_dir: &Path) -> Option<Signpost> {
    serde_json::from_slice(&std::fs::read(signpost(data_dir)).ok()?).ok()
}

async fn body(arguments: &ApiArgs, io: &mut Io) -> Result<Option<Bytes>, Failure> {
    match arguments.data.as_deref() {
        None => Ok(None),
        Some("-") => {
            let mut bytes = Vec::new();
            (&mut io.input).take(BODY_MAX).read_to_end(&mut bytes).await?;
            Ok(Some(bytes.into()))
        }
        Some(text) => Ok(Some(text.to_owned().into())),
    }
}

fn request(
    arguments: &ApiArgs,
    base: &Uri,
    shown: &str,
    body: Option<Bytes>,
) -> Result<Request<Full<Bytes>>, Fault> {
    let method = Method::from_bytes(arguments.method.to_ascii_uppercase().as_bytes())
        .map_err(|_| Fault::invalid("method", "must be GET, POST, PUT, PATCH or DELETE"))?;
    if !arguments.path.starts_with('/') {
        return Err(Fault::invalid("path", "must begin with a slash, such as /api/servers/"));
    }
    let host = base.authority().map(|authority| authority.as_str()).unwrap_or_default();
    let mut builder = Request::builder()
        .method(method)
        .uri(&arguments.path)
        .header(header::HOST, host)
        .header(header::AUTHORIZATION, shown)
        .header(header::USER_AGENT, concat!("mineclifford/", env!("CARGO_PKG_VERSION")));
    if body.is_some() {
        builder = builder.header(header::CONTENT_TYPE, "application/json");
    }
    if let Some(key) = &arguments.idempotency_key {
        builder = builder.header("idempotency-key", key);
    }
    builder
        .body(Full::new(body.unwrap_or_default()))
        .map_err(|error| Fault::invalid("path", "must be a path and a query of a URL").because(&error))
}

async fn send(
    base: &Uri,
    certificate: Option<&Path>,
    request: Request<Full<Bytes>>,
) -> Result<hyper::Response<Incoming>, Fault> {
    let host = base.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    let secure = match base.scheme_str() {
        Some("http") => false,
        Some("https") => true,
        _ => return Err(Fault::invalid("url", "must begin with http:// or https://")),
    };
    let port = base.port_u16().unwrap_or(if secure { 443 } else { 80 });
    let stream = TcpStream::connect((host, port)).await.map_err(|error| unreached(base, &error))?;
    if !secure {
        return exchange(base, stream, request).await;
    }
    let name = ServerName::try_from(host.to_owned())
        .map_err(|error| Fault::invalid("url", "must name a host").because(&error))?;
    let tls = TlsConnector::from(Arc::new(trust(certificate)?));
    let stream = tls.connect(name, stream).await.map_err(|error| unreached(base, &error))?;
    exchange(base, stream, request).await
}

async fn exchange<S>(
    base: &Uri,
    stream: S,
    request: Request<Full<Bytes>>,
) -> Result<hyper::Response<Incoming>, Fault>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(|error| unreached(base, &error))?;
    tokio::spawn(connection);
    sender.send_request(request).await.map_err(|error| unreached(base, &error))
}

/// Those whom this machine trusts, and one more.
fn trust(certificate: Option<&Path>) -> Result<ClientConfig, Fault> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = certificate {
        let bad = |error: &(dyn std::error::Error + 'static)| {
            Fault::invalid("certificate", format!("{} cannot be read: {error}", path.display()))
                .because(error)
        };
        for one in CertificateDer::pem_file_iter(path).map_err(|error| bad(&error))? {
            roots.add(one.map_err(|error| bad(&error))?).map_err(|error| bad(&error))?;
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.map_err(|error| {
        Fault::new(FaultKind::Failed, "TLS cannot be spoken here.", "", "").because(&error)
    })?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

async fn print(answer: hyper::Response<Incoming>, io: &mut Io) -> Outcome {
    let status = answer.status();
    let mut body = answer.into_body();
    let mut last = b'\n';
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| {
            Fault::new(
                FaultKind::Failed,
                "The answer broke off.",
                "",
                "Look whether it was done, then try again.",
            )
            .because(&error)
        })?;
        let Some(data) = frame.data_ref() else { continue };
        last = data.last().copied().unwrap_or(last);
        io.out.write_all(data)?;
        io.out.flush()?;
    }
    if last != b'\n' {
        io.out.write_all(b"\n")?;
        io.out.flush()?;
    }
    match status {
        status if status.as_u16() < 400 => Ok(()),
        StatusCode::NOT_FOUND => Err(Failure::Told(Exit::NotFound)),
        StatusCode::CONFLICT => Err(Failure::Told(Exit::Conflict)),
        StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY => Err(Failure::Told(Exit::Usage)),
        StatusCode::SERVICE_UNAVAILABLE => Err(Failure::Told(Exit::Unreachable)),
        _ => Err(Failure::Told(Exit::Failed)),
    }
}

fn nobody() -> Fault {
    Fault::new(
        FaultKind::NotFound,
        "No service with an API runs on this data folder.",
        "Nothing was asked.",
        "`mineclifford serve` starts one; --url names one that is elsewhere.",
    )
}

fn no_token() -> Fault {
    Fault::new(
        FaultKind::Unauthenticated,
        "A service that is named by its address wants a token.",
        "Nothing was asked.",
        "Put one into the variable MINECLIFFORD_TOKEN; `mineclifford token create` makes one there.",
    )
}

fn no_pass(error: &std::io::Error) -> Fault {
    Fault::new(
        FaultKind::Denied,
        format!("The data folder of the service cannot be written to: {error}."),
        "Nothing was asked.",
        "Put a token into the variable MINECLIFFORD_TOKEN.",
    )
    .because(error)
}

fn unreached(base: &Uri, error: &(dyn std::error::Error + 'static)) -> Fault {
    Fault::new(
        FaultKind::Failed,
        format!("The API at {base} cannot be reached: {error}."),
        "It is not known whether anything was done.",
        "See whether `mineclifford serve` runs there, and whether its certificate is trusted here (--certificate).",
    )
    .because(error)
}

fn silent(base: &Uri) -> Fault {
    Fault::new(
        FaultKind::Failed,
        format!("The API at {base} did not answer within {} s.", PATIENCE.as_secs()),
        "It is not known whether anything was done.",
        "Look whether it was done before you send it again.",
    )
}
