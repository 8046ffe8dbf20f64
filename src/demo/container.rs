//! One container: what it is to be, what it is doing, and the practice server inside.

use std::sync::Arc;
use std::time::Duration;

use practice::settings::Settings;
use tokio::sync::Notify;

use super::create::Create;
use super::health::Health;
use super::logs::Log;
use super::stats::Meter;

/// A container's place in the world, in the order of creation.
pub(super) type Key = u64;
/// A folder in memory.
pub(super) type DiskKey = u64;

/// What it is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Created,
    Running,
    Paused,
    Restarting,
    Exited,
}

impl Status {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Restarting => "restarting",
            Self::Exited => "exited",
        }
    }

    /// Whether there is a process.
    pub(super) fn alive(self) -> bool {
        matches!(self, Self::Running | Self::Paused)
    }
}

/// How it is. Times are nanoseconds since 1970; 0 is never.
#[derive(Clone, Debug)]
pub(super) struct State {
    pub(super) status: Status,
    pub(super) pid: u32,
    pub(super) exit_code: i64,
    pub(super) oom: bool,
    pub(super) error: String,
    pub(super) started: i64,
    pub(super) finished: i64,
    /// On the monotonic clock, for the back-off of restarts.
    pub(super) began: Duration,
    /// Somebody ended it: no restart.
    pub(super) stopped_by_hand: bool,
}

impl Default for State {
    fn default() -> Self {
        Self {
            status: Status::Created,
            pid: 0,
            exit_code: 0,
            oom: false,
            error: String::new(),
            started: 0,
            finished: 0,
            began: Duration::ZERO,
            stopped_by_hand: false,
        }
    }
}

/// Where its `/data` comes from.
#[derive(Clone, Debug)]
pub(super) enum Source {
    /// A volume of this name; `true`: Docker made it up for this container.
    Volume(String, bool),
    /// A folder of the host.
    Bind(String),
}

/// A published port while it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Published {
    /// `25565/tcp`
    pub(super) inner: String,
    /// The host's address.
    pub(super) address: String,
    pub(super) port: u16,
}

/// One container.
#[derive(Debug)]
pub(super) struct Container {
    pub(super) key: Key,
    pub(super) id: String,
    pub(super) name: String,
    /// Nanoseconds since 1970.
    pub(super) created: i64,
    pub(super) plan: Create,
    pub(super) settings: Arc<Settings>,
    pub(super) state: State,
    /// How often the restart policy started it, and how long it waited before the last time.
    pub(super) restarts: u32,
    pub(super) pause: Duration,
    /// When it is started again or, when it ended for good, removed by itself.
    pub(super) restart_at: Option<Duration>,
    pub(super) source: Source,
    pub(super) writable: bool,
    pub(super) data: DiskKey,
    /// Files outside `/data`, when there are any.
    pub(super) layer: Option<DiskKey>,
    pub(super) ports: Vec<Published>,
    pub(super) address: Option<String>,
    pub(super) sim: practice::container::Container,
    /// How often it was started, and where the log of the last start begins.
    pub(super) run: u64,
    pub(super) run_from: u64,
    pub(super) log: Log,
    pub(super) health: Option<Box<Health>>,
    pub(super) meter: Meter,
    /// Told at every line, change and end.
    pub(super) changed: Arc<Notify>,
    /// When it is to be woken, as the queue has it.
    pub(super) wake: Option<Duration>,
}

impl Container {
    /// When something has to be done for it.
    pub(super) fn due(&self) -> Option<Duration> {
        match self.state.status {
            Status::Running => {
                let health = self.health.as_ref().map(|health| health.next);
                [self.sim.next_wake(), health].into_iter().flatten().min()
            }
            Status::Restarting | Status::Exited => self.restart_at,
            Status::Created | Status::Paused => None,
        }
    }

    /// Seconds that a stop without a time waits.
    pub(super) fn grace(&self) -> i64 {
        self.plan.stop_timeout.unwrap_or(10)
    }
}
