//! The one thread that touches the file, and the bounded channel to it.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::Arc,
    time::Duration,
};

use tokio::sync::{mpsc, oneshot};

use super::{base::Base, error::Error};

/// Calls that may wait for the thread; more wait for a place.
const WAITING: usize = 64;
/// How long a call waits for the disk.
const PATIENCE: Duration = Duration::from_secs(60);

type Work = Box<dyn FnOnce(&mut Base) + Send>;

enum Message {
    Work(Work),
    Close(oneshot::Sender<()>),
}

/// A way to the thread. It ends when it is closed or when the last way to it is gone.
#[derive(Clone, Debug)]
pub(super) struct Thread {
    messages: mpsc::Sender<Message>,
    path: Arc<Path>,
}

impl Thread {
    /// Starts it on the file at `path`, or in memory; answers when the database is open.
    pub(super) async fn start(path: Option<&Path>) -> Result<Self, Error> {
        let in_memory = path.is_none();
        let path: Arc<Path> = path.unwrap_or(Path::new("memory")).into();
        let (messages, inbox) = mpsc::channel(WAITING);
        let (ready, opened) = oneshot::channel();
        let place = path.clone();
        std::thread::Builder::new()
            .name("store".into())
            .spawn(move || match if in_memory { Base::in_memory() } else { Base::open(&place) } {
                Ok(base) => {
                    // Nobody waits any more: let go of the file again.
                    if ready.send(Ok(())).is_ok() {
                        serve(base, inbox);
                    }
                }
                Err(error) => {
                    let _ = ready.send(Err(error));
                }
            })
            .map_err(|source| Error::Disk { path: path.to_path_buf(), source })?;
        let thread = Self { messages, path };
        thread.patiently(opened).await?.map_err(|_| thread.broken())??;
        Ok(thread)
    }

    /// Has the thread do something and answers what came of it.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Base) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (reply, answer) = oneshot::channel();
        let work: Work = Box::new(move |base| {
            let _ = reply.send(work(base));
        });
        let exchange = async {
            self.messages.send(Message::Work(work)).await.map_err(|_| self.closed())?;
            // The channel closes with work in it only when the store is closed under it; a panic drops the reply.
            answer.await.map_err(|_| if self.messages.is_closed() { self.closed() } else { self.broken() })?
        };
        self.patiently(exchange).await?
    }

    /// Ends the thread when it has done what waits for it, and waits until it has let go of the file.
    pub(super) async fn close(self) {
        let (reply, done) = oneshot::channel();
        let exchange = async {
            if self.messages.send(Message::Close(reply)).await.is_ok() {
                let _ = done.await;
            }
        };
        let _ = self.patiently(exchange).await;
    }

    async fn patiently<T>(&self, what: impl Future<Output = T>) -> Result<T, Error> {
        tokio::time::timeout(PATIENCE, what)
            .await
            .map_err(|_| Error::Slow { path: self.path.to_path_buf(), seconds: PATIENCE.as_secs() })
    }

    fn closed(&self) -> Error {
        Error::Closed { path: self.path.to_path_buf() }
    }

    fn broken(&self) -> Error {
        Error::Damaged { path: self.path.to_path_buf(), detail: "reading it ended in a panic".into() }
    }
}

fn serve(mut base: Base, mut inbox: mpsc::Receiver<Message>) {
    while let Some(message) = inbox.blocking_recv() {
        match message {
            Message::Work(work) => {
                // redb panics on some damage rather than report it; the rest must still be served.
                if catch_unwind(AssertUnwindSafe(|| work(&mut base))).is_err() {
                    tracing::error!(path = %base.path().display(), "the database panicked");
                    base.let_go();
                }
            }
            Message::Close(reply) => {
                inbox.close();
                drop(base);
                let _ = reply.send(());
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::table::hosts;

    #[tokio::test]
    async fn a_panic_ends_one_call_and_not_the_thread() {
        let folder = tempfile::tempdir().unwrap();
        let thread = Thread::start(Some(&folder.path().join("db"))).await.unwrap();
        let error = thread.ask::<()>(|_| panic!("on purpose")).await.unwrap_err();
        assert!(matches!(error, Error::Damaged { .. }), "{error:?}");
        assert_eq!(thread.ask(|base| base.read(hosts::all)).await.unwrap(), []);
        thread.close().await;
    }
}
