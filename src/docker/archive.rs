//! Files in and out of a container, as tar archives, whether it runs or not.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bollard::query_parameters::ContainerArchiveInfoOptionsBuilder;
use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use http_body_util::{Either, StreamBody};
use hyper::Method;
use hyper::body::Frame;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use jiff::Timestamp;

use super::connect::Docker;
use super::containers::segment;
use super::error::{About, Error, chain, clean};
use super::limits;
use super::transport::{Call, query};
use super::types::PathStat;

impl Docker {
    /// A file or folder of a container as a tar archive, in pieces as they come. Nothing is checked in it: its names are as
    /// hostile as the container is.
    ///
    /// # Errors
    /// [`Error::NotFound`] for the container or the path, or as any call; within the stream, [`Error::Interrupted`] when it
    /// broke off: the archive is not complete then.
    pub async fn archive_get(
        &self,
        id: &str,
        path: &str,
    ) -> Result<impl Stream<Item = Result<Bytes, Error>> + Send + use<>, Error> {
        let address = address(id, path)?;
        let call = Call::get(&address, About::Path { container: id, path });
        let call = Call { buffer: limits::ARCHIVE_BUFFER, ..call };
        let reply = self.inner.transport.open(call).await?;
        let what = format!("reading {} from container {}", clean(path), clean(id));
        Ok(stream::unfold(Some((reply, what)), |state| async move {
            let (mut reply, what) = state?;
            match reply.chunk().await? {
                Ok(chunk) => Some((Ok(chunk), Some((reply, what)))),
                Err(error) => {
                    let what = format!("{what} ({})", chain(&error));
                    Some((Err(Error::Interrupted { what }), None))
                }
            }
        }))
    }

    /// Unpacks a tar archive into a folder of a container, as it comes; owners are taken from the archive. What was
    /// unpacked before an error stays there. It may take as long as it makes progress.
    ///
    /// # Errors
    /// [`Error::NotFound`] for the container or the folder, [`Error::NoSpace`], [`Error::Input`] when `tar` gave an error,
    /// [`Error::TimedOut`] after ten minutes without progress, or as any call.
    pub async fn archive_put(
        &self,
        id: &str,
        path: &str,
        tar: impl Stream<Item = Result<Bytes, io::Error>> + Send + 'static,
    ) -> Result<(), Error> {
        let address = address(id, path)?;
        let about = About::Path { container: id, path };
        let progress = Arc::new(AtomicU64::new(0));
        let (failed, mut failure) = tokio::sync::mpsc::channel(1);
        let seen = progress.clone();
        let frames = tar.map(move |chunk| {
            seen.fetch_add(1, Ordering::Relaxed);
            chunk.map(Frame::data).map_err(|error| {
                let kind = error.kind();
                // There is one error at most: the stream is not asked again after it.
                let _ = failed.try_send(error);
                kind.into()
            })
        });
        let call = Call {
            method: Method::PUT,
            body: Either::Right(StreamBody::new(Box::pin(frames))),
            headers: vec![(CONTENT_TYPE, HeaderValue::from_static("application/x-tar"))],
            limit: None,
            ..Call::get(&address, about)
        };
        let mut sending = std::pin::pin!(self.inner.transport.open(call));
        let sent = loop {
            let before = progress.load(Ordering::Relaxed);
            match tokio::time::timeout(limits::STALL, &mut sending).await {
                Ok(sent) => break sent,
                Err(_) if progress.load(Ordering::Relaxed) > before => {}
                Err(_) => {
                    let what = format!("writing to {}", about.words());
                    break Err(Error::TimedOut { what, limit: limits::STALL });
                }
            }
        };
        match failure.try_recv() {
            Ok(source) => Err(Error::Input { source }),
            Err(_) => sent.map(|_| ()),
        }
    }

    /// What a path in a container is; `None` where there is nothing. Links are not followed.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the container is gone, or as any call.
    pub async fn archive_stat(&self, id: &str, path: &str) -> Result<Option<PathStat>, Error> {
        let about = About::Path { container: id, path };
        let options = ContainerArchiveInfoOptionsBuilder::default().path(path).build();
        let call = self.inner.client.get_container_archive_info(segment(id, about)?, Some(options));
        match self.run(limits::CALL, about, call).await {
            Ok(stat) => Ok(Some(PathStat {
                name: stat.name,
                size: u64::try_from(stat.size).unwrap_or(0),
                mode: stat.file_mode,
                mtime: stat.modification_time.and_then(|time| time.parse::<Timestamp>().ok()),
                link_target: stat.link_target,
            })),
            // The answer has no body that could say which of the two is not there.
            Err(error) if error.is_gone() => self.inspect(id).await.map(|_| None),
            Err(error) => Err(error),
        }
    }
}

fn address(id: &str, path: &str) -> Result<String, Error> {
    let id = segment(id, About::Container(id))?;
    Ok(format!("/containers/{id}/archive{}", query(&[("path", path)])))
}
