//! What travels in a frame.

use bytes::Bytes;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{
    asks::Ask,
    lines::Lines,
    protocol::{Error, FRAME_MAX},
    world::Piece,
};
use crate::{
    engine::From,
    model::{Event, Fault, ServerId},
};

/// From a face to the engine's side.
#[derive(Debug, Serialize, Deserialize)]
pub enum Up {
    /// Something is asked.
    Ask(u32, Ask),
    /// A console is watched, under this number.
    Watch(u32, ServerId, Start),
    /// So many more frames of a console may come.
    More(u32, u32),
    /// A console is not watched any more.
    Unwatch(u32),
    /// So many more worlds may come.
    Worlds(u32),
    /// Still there.
    Beat,
    /// Give the database away: another engine is to hold it.
    HandOver,
}

/// From the engine's side to a face.
#[derive(Debug, Serialize, Deserialize)]
pub enum Down {
    /// A piece of what the world has become.
    World(Piece),
    /// Lines of a console.
    Lines(u32, Lines),
    /// A console's lines have ended.
    Ended(u32),
    /// A piece of an answer, and whether it is the last.
    Answer(u32, bool, #[serde(with = "raw")] Vec<u8>),
    /// An answer that does not come.
    NoAnswer(u32),
    /// Something happened.
    Event(Event),
    /// Still there.
    Beat,
    /// What a hand-over waits for, in words.
    Waiting(String),
    /// What came of a hand-over.
    HandedOver(Result<(), Fault>),
    /// This engine ends, in order.
    Bye,
}

/// Where a watcher begins, as it travels.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Start {
    /// As [`From::Tail`].
    Tail(u64),
    /// As [`From::Seq`].
    Seq(u64),
}

impl std::convert::From<From> for Start {
    fn from(from: From) -> Self {
        match from {
            From::Tail(lines) => Self::Tail(lines as u64),
            From::Seq(seq) => Self::Seq(seq),
        }
    }
}

impl std::convert::From<Start> for From {
    fn from(start: Start) -> Self {
        match start {
            Start::Tail(lines) => Self::Tail(usize::try_from(lines).unwrap_or(usize::MAX)),
            Start::Seq(seq) => Self::Seq(seq),
        }
    }
}

/// Bytes as they are, not one by one.
mod raw {
    use serde::{Deserializer, Serializer, de};

    pub fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(bytes)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        struct Raw;
        impl de::Visitor<'_> for Raw {
            type Value = Vec<u8>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("bytes")
            }
            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
                Ok(bytes.to_vec())
            }
        }
        from.deserialize_bytes(Raw)
    }
}

/// A value as a frame.
///
/// # Errors
/// That it is larger than a frame may be.
pub fn encode(value: &impl Serialize) -> Result<Bytes, Error> {
    let bytes = postcard::to_stdvec(value).map_err(|error| Error::Nonsense(error.to_string()))?;
    if bytes.len() > FRAME_MAX {
        return Err(Error::Nonsense("a frame would be too large".into()));
    }
    Ok(bytes.into())
}

/// The value in a frame, which must hold nothing else.
///
/// # Errors
/// That it is none.
pub fn decode<T: DeserializeOwned>(frame: &[u8]) -> Result<T, Error> {
    match postcard::take_from_bytes(frame) {
        Ok((value, [])) => Ok(value),
        Ok(_) => Err(Error::Nonsense("a frame is longer than what it holds".into())),
        Err(error) => Err(Error::Nonsense(format!("a frame cannot be read: {error}"))),
    }
}
