//! Frames on a byte stream: three bytes of length, then so many bytes.

use std::io;

use bytes::{Bytes, BytesMut};
use futures_util::{SinkExt, StreamExt};
use serde::{Serialize, de::DeserializeOwned};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadHalf, WriteHalf},
    time::timeout,
};
use tokio_util::codec::{FramedRead, FramedWrite, LengthDelimitedCodec};

use super::protocol::{Error, FRAME_MAX, SILENCE};

/// A byte stream in both directions.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin + 'static {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin + 'static> Stream for T {}

/// A byte stream of whatever kind.
pub type Boxed = Box<dyn Stream>;

fn codec() -> LengthDelimitedCodec {
    LengthDelimitedCodec::builder().length_field_length(3).max_frame_length(FRAME_MAX).new_codec()
}

/// Splits a stream into its two directions.
pub fn split(stream: Boxed) -> (Reader, Writer) {
    let (read, write) = tokio::io::split(stream);
    (Reader { frames: FramedRead::new(read, codec()) }, Writer { frames: FramedWrite::new(write, codec()) })
}

/// What comes in.
pub struct Reader {
    frames: FramedRead<ReadHalf<Boxed>, LengthDelimitedCodec>,
}

impl Reader {
    /// The next frame. Cancel-safe.
    ///
    /// # Errors
    /// That the stream ended, broke, or holds a frame that is too large.
    pub async fn next(&mut self) -> Result<BytesMut, Error> {
        match self.frames.next().await {
            Some(Ok(frame)) => Ok(frame),
            Some(Err(error)) if error.kind() == io::ErrorKind::InvalidData => {
                Err(Error::Nonsense("a frame is too large".into()))
            }
            Some(Err(error)) => Err(error.into()),
            None => Err(Error::Closed),
        }
    }

    /// The next frame as JSON: for greetings.
    ///
    /// # Errors
    /// As [`Self::next`]; that it is something else.
    pub async fn greeting<T: DeserializeOwned>(&mut self) -> Result<T, Error> {
        let frame = self.next().await?;
        serde_json::from_slice(&frame).map_err(|_| Error::Nonsense("it does not greet".into()))
    }
}

/// What goes out. Each write gives up when nothing is taken for as long as a silence may last.
pub struct Writer {
    frames: FramedWrite<WriteHalf<Boxed>, LengthDelimitedCodec>,
}

impl Writer {
    /// Puts a frame behind those that wait; [`Self::flush`] sends them.
    ///
    /// # Errors
    /// That the stream broke or takes nothing.
    pub async fn feed(&mut self, frame: Bytes) -> Result<(), Error> {
        timeout(SILENCE, self.frames.feed(frame)).await.map_err(|_| Error::Silent)?.map_err(Error::Broken)
    }

    /// Sends what waits.
    ///
    /// # Errors
    /// As [`Self::feed`].
    pub async fn flush(&mut self) -> Result<(), Error> {
        let flush = SinkExt::<Bytes>::flush(&mut self.frames);
        timeout(SILENCE, flush).await.map_err(|_| Error::Silent)?.map_err(Error::Broken)
    }

    /// Sends a greeting.
    ///
    /// # Errors
    /// As [`Self::feed`].
    pub async fn greet(&mut self, greeting: &impl Serialize) -> Result<(), Error> {
        let text = serde_json::to_vec(greeting).map_err(|error| Error::Nonsense(error.to_string()))?;
        self.feed(text.into()).await?;
        self.flush().await
    }
}
