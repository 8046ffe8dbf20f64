//! A container's input.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::Method;
use hyper::header::{CONNECTION, HeaderValue, UPGRADE};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::connect::Docker;
use super::containers::segment;
use super::error::{self, About, Error};
use super::limits;
use super::transport::{Call, empty};

impl Docker {
    /// Opens a running container's input. Other consoles may be open at the same time; whole lines in one write do not
    /// mix with theirs.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Conflict`] when it does not run or has no input, or as any call.
    pub async fn stdin(&self, id: &str) -> Result<Stdin, Error> {
        let about = About::Container(id);
        let path = format!("/containers/{}/attach?stream=true&stdin=true", segment(id, about)?);
        let call = Call {
            method: Method::POST,
            path: &path,
            body: empty(),
            headers: vec![
                (CONNECTION, HeaderValue::from_static("Upgrade")),
                (UPGRADE, HeaderValue::from_static("tcp")),
            ],
            about,
            limit: Some(limits::OPEN),
        };
        let reply = self.inner.transport.open(call).await?;
        let stream = reply.upgrade().await.map_err(|e| error::from_hyper(self.endpoint(), &e))?;
        Ok(Stdin { stream: TokioIo::new(stream), closed: false })
    }
}

/// A container's input. Dropping it detaches; the input stays open for the next one (containers made by
/// [`Docker::create`] have `StdinOnce` off).
///
/// Writing fails with [`io::ErrorKind::BrokenPipe`] once the container ended or the connection is lost; a write that was
/// taken just before may be lost, as on any pipe.
#[derive(Debug)]
pub struct Stdin {
    stream: TokioIo<Upgraded>,
    closed: bool,
}

impl Stdin {
    /// Waits until the other side closes: the container ended, or the connection is lost.
    pub async fn closed(&mut self) {
        std::future::poll_fn(|cx| if self.is_closed(cx) { Poll::Ready(()) } else { Poll::Pending }).await;
    }

    /// Reads what comes, which is nothing but the end.
    fn is_closed(&mut self, cx: &mut Context<'_>) -> bool {
        let mut space = [0; 256];
        while !self.closed {
            let mut buf = ReadBuf::new(&mut space);
            match Pin::new(&mut self.stream).poll_read(cx, &mut buf) {
                Poll::Pending => return false,
                Poll::Ready(Ok(())) if !buf.filled().is_empty() => {}
                Poll::Ready(_) => self.closed = true,
            }
        }
        true
    }
}

impl AsyncWrite for Stdin {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        if self.is_closed(cx) {
            let error = io::Error::new(io::ErrorKind::BrokenPipe, "the container's input is closed");
            return Poll::Ready(Err(error));
        }
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
