//! How a byte stream to the daemon comes about.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::future::BoxFuture;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::socket::Socket;

/// A byte stream in both directions.
pub trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

type Open = dyn Fn() -> BoxFuture<'static, io::Result<Box<dyn Duplex>>> + Send + Sync;

/// Opens byte streams to a daemon: one each time it is asked. Cheap to clone.
#[derive(Clone)]
pub struct Connector {
    open: Arc<Open>,
}

impl Connector {
    /// A connector that calls `open` for each stream. Dropping a stream must end what is behind it.
    pub fn new<F>(open: F) -> Self
    where
        F: Fn() -> BoxFuture<'static, io::Result<Box<dyn Duplex>>> + Send + Sync + 'static,
    {
        Self { open: Arc::new(open) }
    }

    /// Opens a stream.
    pub(super) async fn open(&self) -> io::Result<Box<dyn Duplex>> {
        (self.open)().await
    }

    pub(super) fn unix(path: PathBuf) -> Self {
        Self::new(move || {
            let path = path.clone();
            Box::pin(async move { Ok(Box::new(Socket::connect(path).await?) as Box<dyn Duplex>) })
        })
    }

    pub(super) fn tcp(address: String) -> Self {
        Self::new(move || {
            let address = address.clone();
            Box::pin(async move {
                let stream = TcpStream::connect(address).await?;
                stream.set_nodelay(true)?;
                Ok(Box::new(stream) as Box<dyn Duplex>)
            })
        })
    }
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connector")
    }
}

/// A stream that refuses to deliver more than so many bytes after each request, so that no reply can fill the memory.
pub(super) struct Metered {
    stream: Box<dyn Duplex>,
    limit: usize,
    left: usize,
}

impl Metered {
    pub(super) fn new(stream: Box<dyn Duplex>, limit: usize) -> Self {
        Self { stream, limit, left: limit }
    }
}

impl AsyncRead for Metered {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buf);
        if self.limit < usize::MAX && matches!(polled, Poll::Ready(Ok(()))) {
            let Some(left) = self.left.checked_sub(buf.filled().len() - before) else {
                return Poll::Ready(Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    "the reply is larger than any should be",
                )));
            };
            self.left = left;
        }
        polled
    }
}

impl AsyncWrite for Metered {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.left = self.limit;
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.left = self.limit;
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn a_reply_is_bounded_and_each_request_has_its_own_allowance() {
        let (ours, mut theirs) = tokio::io::duplex(64);
        let mut metered = Metered::new(Box::new(ours), 8);
        let mut buffer = [0; 8];
        for _ in 0..3 {
            metered.write_all(b"GET").await.unwrap();
            theirs.read_exact(&mut [0; 3]).await.unwrap();
            theirs.write_all(b"12345678").await.unwrap();
            metered.read_exact(&mut buffer).await.unwrap();
        }
        theirs.write_all(b"9").await.unwrap();
        let error = metered.read_exact(&mut buffer[..1]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    }
}
