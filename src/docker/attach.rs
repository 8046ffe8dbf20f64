//! A container's input.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::Method;
use hyper::header::{CONNECTION, HeaderValue, UPGRADE};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::oneshot;
use tokio_util::task::AbortOnDropHandle;

use super::connect::Docker;
use super::containers::segment;
use super::error::{self, About, Error};
use super::transport::Call;

impl Docker {
    /// Opens a running container's input. Other consoles may be open at the same time; whole lines in one write do not
    /// mix with theirs.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Conflict`] when it does not run or has no input, or as any call.
    pub async fn stdin(&self, id: &str) -> Result<Stdin, Error> {
        let about = About::Container(id);
        let path = format!("/containers/{}/attach?stream=true&stdin=true", segment(id, about)?);
        // Docker lets one attach to a container that does not run, and what is written then is lost.
        if !self.inspect(id).await?.phase.is_alive() {
            return Err(Error::Conflict { message: "the container does not run".to_owned() });
        }
        let call = Call {
            method: Method::POST,
            headers: vec![
                (CONNECTION, HeaderValue::from_static("Upgrade")),
                (UPGRADE, HeaderValue::from_static("tcp")),
            ],
            ..Call::get(&path, about)
        };
        let end = self.end(id)?;
        let reply = self.inner.transport.open(call).await?;
        let stream = reply.upgrade().await.map_err(|e| error::from_hyper(self.endpoint(), &e))?;
        Ok(Stdin { stream: TokioIo::new(stream), end: Some(end), closed: false })
    }

    /// Waits for the container's end on a connection of its own: Docker leaves an attached input open after it, and
    /// swallows what is written then.
    fn end(&self, id: &str) -> Result<End, Error> {
        let transport = self.inner.transport.clone();
        let path = format!("/containers/{}/wait?condition=not-running", segment(id, About::Container(id))?);
        let (ended, receiver) = oneshot::channel();
        let task = tokio::spawn(async move {
            let call = Call { method: Method::POST, limit: None, ..Call::get(&path, About::Engine) };
            // An engine that cannot say it, or a lost connection, says nothing of the container.
            let Ok(mut reply) = transport.open(call).await else { return };
            loop {
                match reply.chunk().await {
                    Some(Ok(_)) => {}
                    Some(Err(_)) => return,
                    None => break,
                }
            }
            // Nobody may be waiting any more.
            let _ = ended.send(());
        });
        Ok(End { receiver, _task: AbortOnDropHandle::new(task) })
    }
}

/// The container's end, to be waited for.
#[derive(Debug)]
struct End {
    receiver: oneshot::Receiver<()>,
    _task: AbortOnDropHandle<()>,
}

/// A container's input. Dropping it detaches; the input stays open for the next one (containers made by
/// [`Docker::create`] have `StdinOnce` off).
///
/// Writing fails with [`io::ErrorKind::BrokenPipe`] once the container ended or the connection is lost; a write that was
/// taken just before may be lost, as on any pipe.
#[derive(Debug)]
pub struct Stdin {
    stream: TokioIo<Upgraded>,
    /// `None` once it is known that it will not be told.
    end: Option<End>,
    closed: bool,
}

impl Stdin {
    /// Waits until the other side closes: the container ended, or the connection is lost.
    pub async fn closed(&mut self) {
        std::future::poll_fn(|cx| if self.is_closed(cx) { Poll::Ready(()) } else { Poll::Pending }).await;
    }

    /// Looks for the container's end, and reads what comes, which is nothing but the connection's.
    fn is_closed(&mut self, cx: &mut Context<'_>) -> bool {
        if let Some(end) = &mut self.end
            && let Poll::Ready(told) = Pin::new(&mut end.receiver).poll(cx)
        {
            self.closed |= told.is_ok();
            self.end = None;
        }
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
