//! Takes connections: so many in all, so many from one address, each with limits for what it may send and how slowly.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::Router;
use hyper::{body::Incoming, server::conn::http1};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::{pace::Paced, state::Peer};
use crate::tasks::Tasks;

/// Connections in all.
const CONNECTIONS: usize = 1_024;
/// Connections of one address: a hundred viewers behind one door fit.
const OF_ONE: usize = 256;
/// How long the head of a request may take, and how long a connection may rest between two.
const HEAD: Duration = Duration::from_secs(10);
/// How long the handshake of TLS may take.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Headers of a request, and bytes of its head.
const HEADERS: usize = 64;
const HEAD_BYTES: usize = 16 * 1024;

type Counts = Arc<Mutex<HashMap<IpAddr, usize>>>;

/// One connection of an address; counted until it is dropped.
struct Seat {
    address: IpAddr,
    counts: Counts,
}

impl Seat {
    fn take(address: IpAddr, counts: &Counts) -> Option<Self> {
        let mut all = counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = all.entry(address).or_default();
        if *count >= OF_ONE {
            return None;
        }
        *count += 1;
        Some(Self { address, counts: counts.clone() })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut all = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = all.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                all.remove(&self.address);
            }
        }
    }
}

/// Takes connections until `stop` is called.
pub async fn accept(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    router: Router,
    stop: CancellationToken,
    tasks: Tasks,
) {
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let counts = Counts::default();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let (stream, address) = match accepted {
            Ok((stream, address)) => (stream, address.ip().to_canonical()),
            Err(error) => {
                tracing::warn!(%error, "a connection could not be taken");
                // No more files may be open: that passes, and asking at once would only burn time.
                sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        // One too many is closed without a word: words are work.
        let (Ok(place), Some(seat)) = (room.clone().try_acquire_owned(), Seat::take(address, &counts)) else {
            tracing::debug!(%address, "one connection too many");
            continue;
        };
        let (tls, router, stop) = (tls.clone(), router.clone(), stop.clone());
        tasks.spawn(async move {
            welcome(stream, address, tls, router, stop).await;
            drop((place, seat));
        });
    }
}

async fn welcome(
    stream: TcpStream,
    address: IpAddr,
    tls: Option<TlsAcceptor>,
    router: Router,
    stop: CancellationToken,
) {
    // It is only slower where that cannot be set.
    let _ = stream.set_nodelay(true);
    match tls {
        None => serve(Paced::new(stream), address, router, stop).await,
        Some(tls) => match timeout(HANDSHAKE, tls.accept(Paced::new(stream))).await {
            Ok(Ok(stream)) => serve(stream, address, router, stop).await,
            Ok(Err(error)) => tracing::debug!(%error, %address, "no handshake"),
            Err(_) => tracing::debug!(%address, "a handshake that took too long"),
        },
    }
}

async fn serve<S>(stream: S, address: IpAddr, router: Router, stop: CancellationToken)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = router.map_request(move |request: axum::http::Request<Incoming>| {
        let mut request = request.map(axum::body::Body::new);
        request.extensions_mut().insert(Peer(address));
        request
    });
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_headers(HEADERS)
        .max_buf_size(HEAD_BYTES)
        .half_close(false);
    let connection =
        builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service)).with_upgrades();
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, %address, "a connection broke off");
    }
}
