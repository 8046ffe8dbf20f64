//! A socket of this machine that the runtime watches only while somebody waits for it.
//!
//! Dozens of streams are read in step, a few times a second, by asking each whether there is something (`now_or_never`). A
//! watched socket would all the same wake the program for everything that comes in. One that is only asked is not watched.

use std::io::{self, Read};
use std::os::unix::net;
use std::path::PathBuf;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::task::noop_waker_ref;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::UnixStream;

/// So often it must be asked in vain, and not waited for, before it is no longer watched: who waits may ask in between.
const IN_VAIN: u8 = 3;

/// A Unix socket.
pub(super) enum Socket {
    /// The runtime wakes who waits for it. How often somebody only asked since, and there was nothing.
    Watched(UnixStream, u8),
    /// Nobody waits for it; it never blocks.
    Asked(net::UnixStream),
    /// It could not be moved from the one to the other.
    Lost,
}

impl Socket {
    pub(super) async fn connect(path: PathBuf) -> io::Result<Self> {
        UnixStream::connect(path).await.map(|socket| Self::Watched(socket, 0))
    }

    /// The socket, watched from now on.
    fn watched(&mut self) -> io::Result<Pin<&mut UnixStream>> {
        if let Self::Asked(_) = self
            && let Self::Asked(socket) = std::mem::replace(self, Self::Lost)
        {
            *self = Self::Watched(UnixStream::from_std(socket)?, 0);
        }
        match self {
            Self::Watched(socket, in_vain) => {
                *in_vain = 0;
                Ok(Pin::new(socket))
            }
            Self::Asked(_) | Self::Lost => Err(io::ErrorKind::NotConnected.into()),
        }
    }

    /// Reads what is there, for somebody who does not wait for more.
    fn ask(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Watched(socket, in_vain) => {
                let asked = Pin::new(socket).poll_read(cx, buf);
                *in_vain += u8::from(asked.is_pending());
                if *in_vain >= IN_VAIN
                    && let Self::Watched(socket, _) = std::mem::replace(self, Self::Lost)
                {
                    *self = Self::Asked(socket.into_std()?);
                }
                asked
            }
            Self::Asked(socket) => loop {
                match socket.read(buf.initialize_unfilled()) {
                    Ok(count) => {
                        buf.advance(count);
                        return Poll::Ready(Ok(()));
                    }
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Poll::Pending,
                    Err(error) => return Poll::Ready(Err(error)),
                }
            },
            Self::Lost => Poll::Ready(Err(io::ErrorKind::NotConnected.into())),
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if cx.waker().will_wake(noop_waker_ref()) {
            return self.ask(cx, buf);
        }
        self.watched()?.poll_read(cx, buf)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.watched()?.poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.watched()?.poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        // Nothing is held back.
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.watched()?.poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn it_is_watched_only_while_somebody_waits() {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        let mut socket = Socket::Watched(ours, 0);
        let mut space = [0; 5];
        for round in 0..3 {
            for in_vain in 1..=IN_VAIN {
                assert!(socket.read(&mut space).now_or_never().is_none());
                assert_eq!(matches!(socket, Socket::Asked(_)), in_vain == IN_VAIN);
            }
            theirs.write_all(b"asked").await.unwrap();
            assert_eq!(socket.read_exact(&mut space).now_or_never().unwrap().unwrap(), 5);
            assert_eq!(&space, b"asked");
            let (read, written) = tokio::join!(socket.read_exact(&mut space), async {
                tokio::task::yield_now().await;
                theirs.write_all(b"await").await
            });
            assert_eq!((read.unwrap(), written.is_ok(), &space), (5, true, b"await"), "round {round}");
            assert!(matches!(socket, Socket::Watched(_, 0)));
        }
        // It can be written to after it was asked, and its end is seen.
        for _ in 0..IN_VAIN {
            assert!(socket.read(&mut space).now_or_never().is_none());
        }
        socket.write_all(b"reply").await.unwrap();
        theirs.read_exact(&mut space).await.unwrap();
        assert_eq!(&space, b"reply");
        drop(theirs);
        assert_eq!(socket.read(&mut space).await.unwrap(), 0);
    }
}
