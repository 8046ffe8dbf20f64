//! Requests as they travel, and their answers. A new kind of request is one more line in the list below.

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, oneshot};

use super::{frame, protocol::Error};
use crate::{
    engine::{From, Handle, Request},
    model::{
        Answer, AuditEntry, BackupId, Command, Fault, FaultKind, History, ServerId,
        backup::{Contents, FilePage, FileQuery, Kept, Opened, RestorePlan, Scope, Target},
        console::Batch,
    },
};

macro_rules! asks {
    ($($variant:ident { $($field:ident: $type:ty),* } -> $answer:ty;)+) => {
        /// A request without the way back.
        #[derive(Debug, Serialize, Deserialize)]
        pub enum Ask {
            $(#[doc = concat!("As [`Request::", stringify!($variant), "`].")] #[allow(missing_docs)]
            $variant { $($field: $type),* }),+
        }

        /// The way back of a request.
        pub enum Reply {
            $(#[doc = concat!("Of [`Request::", stringify!($variant), "`].")]
            $variant(oneshot::Sender<$answer>)),+
        }

        /// Takes a request apart.
        pub fn part(request: Request) -> Parted {
            match request {
                $(Request::$variant { $($field,)* reply } => {
                    Parted::Ask(Ask::$variant { $($field),* }, Reply::$variant(reply))
                })+
                Request::Watch { server, from, lines } => Parted::Watch(server, from, lines),
                // Whoever comes from elsewhere is let in by the engine's own process, which knows what they may do: a
                // link is for this machine's user, who may do everything.
                Request::RunFor { reply, .. } => Parted::refused(reply),
                Request::Admit { reply, .. } => Parted::refused(reply),
                Request::Ticket { reply, .. } => Parted::refused(reply),
                Request::Tally { reply } => Parted::refused(reply),
                // The other side knows who is attached to it.
                Request::Attend { .. } => Parted::Refused,
            }
        }

        impl Ask {
            /// Asks an engine. What is returned gives the answer as it travels, or `None` when none comes.
            pub async fn put(self, engine: &Handle) -> Option<BoxFuture<'static, Option<Vec<u8>>>> {
                let room = engine.room().await.ok()?;
                match self {
                    $(Self::$variant { $($field),* } => {
                        let (reply, answer) = oneshot::channel::<$answer>();
                        room.send(Request::$variant { $($field,)* reply });
                        Some(Box::pin(async move { postcard::to_stdvec(&answer.await.ok()?).ok() }))
                    })+
                }
            }
        }

        impl Reply {
            /// Passes the answer on.
            ///
            /// # Errors
            /// That it is none.
            pub fn give(self, answer: &[u8]) -> Result<(), Error> {
                match self {
                    $(Self::$variant(reply) => {
                        // Whoever asked may have stopped waiting.
                        let _ = reply.send(frame::decode(answer)?);
                    })+
                }
                Ok(())
            }

            /// Tells that there will be no answer, and why.
            pub fn lost(self, fault: &Fault) {
                match self {
                    $(Self::$variant(reply) => {
                        if let Some(answer) = <$answer as Lost>::lost(fault) {
                            let _ = reply.send(answer);
                        }
                    })+
                }
            }
        }
    };
}

asks! {
    Run { command: Command } -> Result<Answer, Fault>;
    History { server: ServerId } -> History;
    Typed { server: ServerId } -> Vec<String>;
    Verdicts { server: ServerId } -> Vec<Kept>;
    Contents { backup: BackupId } -> Result<Contents, Fault>;
    Files { backup: BackupId, query: FileQuery } -> Result<FilePage, Fault>;
    OpenFiles { backup: BackupId, paths: Vec<String> } -> Result<Opened, Fault>;
    NextPiece { stream: u64 } -> Result<Option<Vec<u8>>, Fault>;
    Audit { limit: usize, before: Option<u64> } -> Result<Vec<AuditEntry>, Fault>;
    RestorePlan { backup: BackupId, target: Target, scope: Scope } -> Result<RestorePlan, Fault>;
}

/// A request, taken apart.
pub enum Parted {
    /// One with one answer.
    Ask(Ask, Reply),
    /// A console that is to be watched.
    Watch(ServerId, From, mpsc::Sender<Batch>),
    /// One that does not travel, and has been answered where it wants an answer.
    Refused,
}

impl Parted {
    fn refused<T>(reply: oneshot::Sender<Result<T, Fault>>) -> Self {
        let fault = Fault::new(
            FaultKind::Denied,
            "Nobody is let in over a link.",
            "Nothing was done.",
            "Ask the engine's own API.",
        );
        // Whoever asked may have stopped waiting.
        let _ = reply.send(Err(fault));
        Self::Refused
    }
}

/// What an answer is when there is none: a fault where it can be one.
trait Lost: Sized {
    fn lost(fault: &Fault) -> Option<Self>;
}

impl<T> Lost for Result<T, Fault> {
    fn lost(fault: &Fault) -> Option<Self> {
        Some(Err(fault.clone()))
    }
}

impl Lost for History {
    fn lost(_: &Fault) -> Option<Self> {
        None
    }
}

impl<T> Lost for Vec<T> {
    fn lost(_: &Fault) -> Option<Self> {
        None
    }
}
