//! An engine that is being made while the program does what else a start takes.

use std::io;

use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared},
};

use super::{Demo, Options};
use crate::docker::Connector;

/// A demo whose servers play their past through on a thread of their own: fifty of them take as long as everything else
/// that comes before the first list. Clones are the same one.
#[derive(Clone)]
pub struct Soon(Shared<BoxFuture<'static, Option<Demo>>>);

impl Soon {
    /// Begins to make it. Must be called within a tokio runtime.
    pub fn start(options: Options) -> Self {
        let made = tokio::task::spawn_blocking(move || Demo::start(options));
        Self(async move { made.await.ok() }.boxed().shared())
    }

    /// What `docker/` connects through. Connections wait until it is there.
    pub fn connector(&self) -> Connector {
        let soon = self.0.clone();
        Connector::new(move || {
            let soon = soon.clone();
            Box::pin(async move {
                let demo = soon.await.ok_or_else(|| io::Error::other("the demo could not be made"))?;
                Ok(demo.stream())
            })
        })
    }
}
