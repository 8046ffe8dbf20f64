//! Connections: each is HTTP over a pair of byte streams, in this process or through a socket.

use std::io;
use std::path::Path;
use std::sync::Arc;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::UnixListener;

use super::world::Shared;
use super::{clockwork, routes};

/// Most bytes on their way in one direction of a connection within this process.
const PIPE: usize = 32 * 1024;
/// Most bytes that hyper holds for one connection.
const BUFFER: usize = 32 * 1024;

/// Serves one connection until either side ends it.
fn serve(shared: &Arc<Shared>, stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) {
    clockwork::ensure(shared);
    let shared = shared.clone();
    let faults = shared.faults.clone();
    tokio::spawn(async move {
        let service = service_fn(move |request| {
            let shared = shared.clone();
            async move { Ok::<_, std::convert::Infallible>(routes::answer(shared, request).await) }
        });
        let connection = http1::Builder::new()
            .max_buf_size(BUFFER)
            .half_close(false)
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades();
        tokio::select! {
            // Its errors are the other side's going away.
            _ = connection => {}
            () = faults.closed() => {}
        }
    });
}

/// A new connection within this process.
pub(super) fn connect(shared: &Arc<Shared>) -> tokio::io::DuplexStream {
    let (ours, theirs) = tokio::io::duplex(PIPE);
    serve(shared, ours);
    theirs
}

/// Serves a socket until the returned handle is dropped; then the file is removed.
pub(super) fn listen(shared: &Arc<Shared>, path: &Path) -> io::Result<Listening> {
    let listener = UnixListener::bind(path)?;
    let shared = shared.clone();
    let task = tokio::spawn(async move {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => serve(&shared, stream),
                // Out of file descriptors, most likely: some will be free again.
                Err(_) => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
            }
        }
    });
    Ok(Listening { path: path.to_owned(), task })
}

/// A socket that the engine answers at. Dropping it closes the door and removes the file; connections go on.
#[derive(Debug)]
pub struct Listening {
    path: std::path::PathBuf,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.task.abort();
        // It may be gone already.
        let _ = std::fs::remove_file(&self.path);
    }
}
