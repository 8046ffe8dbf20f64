//! Trouble on demand: what a test does to the engine while it runs.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

/// What is wrong with the engine at this moment. Nothing, by default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trouble {
    /// No answer begins and no stream goes on until this is false again.
    pub stall: bool,
    /// Requests whose path (without the version) contains this get no answer until it is `None` again.
    pub stall_path: Option<String>,
    /// Every request is answered with status 500.
    pub fail: bool,
    /// Requests whose path contains this are answered with status 500.
    pub fail_path: Option<String>,
    /// The API version that the engine claims, such as `1.24`; its own is 1.41.
    pub api: Option<String>,
    /// How long a pull takes; 2 s where `None`.
    pub pull_time: Option<Duration>,
    /// A pull breaks off half-way.
    pub pull_breaks: bool,
    /// Nothing can be created: the disk is full.
    pub disk_full: bool,
}

/// The switches of a running engine. All clones are the same switches.
#[derive(Clone, Debug)]
pub struct Faults {
    trouble: Arc<watch::Sender<Trouble>>,
    closings: Arc<watch::Sender<u64>>,
}

impl Default for Faults {
    fn default() -> Self {
        Self {
            trouble: Arc::new(watch::Sender::new(Trouble::default())),
            closings: Arc::new(watch::Sender::new(0)),
        }
    }
}

impl Faults {
    /// Changes what is wrong; it counts at once.
    pub fn set(&self, change: impl FnOnce(&mut Trouble)) {
        self.trouble.send_modify(change);
    }

    /// What is wrong now.
    pub fn now(&self) -> Trouble {
        self.trouble.borrow().clone()
    }

    /// Everything is well again.
    pub fn clear(&self) {
        self.set(|trouble| *trouble = Trouble::default());
    }

    /// Closes every connection, streams included, as a daemon that is restarted does. The servers run on.
    pub fn close_connections(&self) {
        self.closings.send_modify(|count| *count += 1);
    }

    /// Ends when connections that are open now are to be closed.
    pub(super) async fn closed(&self) {
        let mut closings = self.closings.subscribe();
        // The sender is in this handle: it cannot be gone.
        let _ = closings.changed().await;
    }

    /// Waits until the engine is not stalled.
    pub(super) async fn flow(&self) {
        if self.trouble.borrow().stall {
            let _ = self.trouble.subscribe().wait_for(|trouble| !trouble.stall).await;
        }
    }

    /// Waits until a request may be answered; then whether it fails.
    pub(super) async fn admit(&self, path: &str) -> bool {
        let names = |part: &Option<String>| part.as_ref().is_some_and(|part| path.contains(part.as_str()));
        let mut trouble = self.trouble.subscribe();
        let admitted = trouble.wait_for(|trouble| !trouble.stall && !names(&trouble.stall_path)).await;
        admitted.is_ok_and(|trouble| trouble.fail || names(&trouble.fail_path))
    }

    /// The API version that is claimed.
    pub(super) fn api(&self) -> String {
        self.trouble.borrow().api.clone().unwrap_or_else(|| super::API_VERSION.to_owned())
    }

    /// Whether the version that is claimed is at least `1.minor`.
    pub(super) fn api_at_least(&self, minor: u32) -> bool {
        let api = self.api();
        api.split_once('.').and_then(|(_, text)| text.parse::<u32>().ok()).is_some_and(|have| have >= minor)
    }
}
