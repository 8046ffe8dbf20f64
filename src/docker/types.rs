//! What Docker says, in this program's words.

use std::collections::BTreeMap;
use std::net::IpAddr;

use bytes::Bytes;
use jiff::Timestamp;

/// The engine at the other end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EngineInfo {
    /// `Docker` or `Podman`.
    pub name: String,
    /// Its version, such as `28.2.2`.
    pub version: String,
    /// The API version that both sides speak, such as `1.41`.
    pub api_version: String,
    /// The daemon's own id; empty where it has none.
    pub id: String,
    /// The host's memory in bytes; 0 where it is not told.
    pub memory_bytes: u64,
    /// The host's cores; 0 where it is not told.
    pub cpus: u32,
    /// The folder that it keeps everything in, on its own machine; empty where it is not told.
    pub folder: String,
    /// Whether it runs without root, so that some limits may have no effect.
    pub rootless: bool,
}

/// What a container is doing, in Docker's words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Phase {
    /// Made, never started.
    Created,
    /// Its processes run.
    Running,
    /// Its processes are frozen.
    Paused,
    /// It ended, and Docker is about to start it again.
    Restarting,
    /// It is being removed.
    Removing,
    /// It ended.
    Exited,
    /// It could not be removed whole.
    Dead,
}

impl Phase {
    /// Reads the state's word. Podman has more words than Docker; one that nobody knows is taken as [`Phase::Exited`],
    /// because no live process may be assumed.
    pub fn parse(word: &str) -> Self {
        match word.to_ascii_lowercase().as_str() {
            "created" | "configured" | "initialized" => Self::Created,
            "running" | "stopping" => Self::Running,
            "paused" => Self::Paused,
            "restarting" => Self::Restarting,
            "removing" => Self::Removing,
            "dead" => Self::Dead,
            _ => Self::Exited,
        }
    }

    /// Whether the container has processes, running or frozen.
    pub fn is_alive(self) -> bool {
        matches!(self, Self::Running | Self::Paused)
    }
}

/// What the container's health check says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Health {
    /// It has not passed yet and may still.
    Starting,
    /// It passes.
    Healthy,
    /// It failed several times in a row.
    Unhealthy,
}

impl Health {
    /// Reads Docker's word; `None` for `none` and for words that nobody knows.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "starting" => Some(Self::Starting),
            "healthy" => Some(Self::Healthy),
            "unhealthy" => Some(Self::Unhealthy),
            _ => None,
        }
    }
}

/// A port of a container and where it can be reached on its host.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct PortMap {
    /// The port inside the container.
    pub container: u16,
    /// UDP instead of TCP.
    pub udp: bool,
    /// Address and port on the host; `None` where it is not published. Port 0 is a free one not chosen yet.
    pub host: Option<(IpAddr, u16)>,
}

/// A container in a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Container {
    /// Its id, 64 hexadecimal digits.
    pub id: String,
    /// Its name, without the slash that Docker puts before it.
    pub name: String,
    /// The image as it was named when the container was made.
    pub image: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// What it is doing.
    pub state: Phase,
    /// What its health check says; `None` without one.
    pub health: Option<Health>,
    /// When it was made (whole seconds).
    pub created_at: Timestamp,
    /// Its ports; only while it runs are the host's known here.
    pub ports: Vec<PortMap>,
}

/// Where a mount's files come from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MountKind {
    /// A volume of Docker's.
    Volume,
    /// A folder or file of the host.
    Bind,
    /// Memory.
    Tmpfs,
}

/// Files that a container sees from outside its image.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mount {
    /// The volume's name, or the path on the host; empty for memory.
    pub source_name_or_path: String,
    /// The path in the container.
    pub destination: String,
    /// Where its files come from.
    pub kind: MountKind,
    /// Whether the container may write to it.
    pub writable: bool,
}

/// Everything about one container.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Detail {
    /// Its id, 64 hexadecimal digits.
    pub id: String,
    /// Its name, without the slash that Docker puts before it.
    pub name: String,
    /// The image as it was named when the container was made.
    pub image: String,
    /// The image's own id, `sha256:…`.
    pub image_id: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Its environment, the image's part included. Holds secrets: never log it.
    pub env: BTreeMap<String, String>,
    /// What it is doing.
    pub phase: Phase,
    /// What its health check says; `None` without one.
    pub health: Option<Health>,
    /// What the last probe printed, at most 4 KiB, as it came: not safe to show.
    pub health_output: Option<String>,
    /// The code of its last end; `None` before the first.
    pub exit_code: Option<i64>,
    /// Whether the kernel ended it (or one of its processes) for want of memory.
    pub oom_killed: bool,
    /// Why the last start failed, in Docker's words; empty where it did not. As it came: not safe to show.
    pub error: String,
    /// How often Docker's restart policy started it.
    pub restart_count: u32,
    /// Docker's restart policy: `no`, `always`, `unless-stopped`, `on-failure`.
    pub restart_policy: String,
    /// Its last start.
    pub started_at: Option<Timestamp>,
    /// Its last end.
    pub finished_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Whether it has a terminal: then both outputs come as one.
    pub tty: bool,
    /// Whether its input stays open with nobody attached.
    pub open_stdin: bool,
    /// Its memory's limit in bytes; 0 for none.
    pub memory_limit: u64,
    /// Its share of the cores in billionths of one; 0 for no limit.
    pub nano_cpus: u64,
    /// Most processes and threads; 0 or below for no limit.
    pub pids_limit: i64,
    /// Its ports, as published while it runs and as configured while it does not.
    pub ports: Vec<PortMap>,
    /// Its addresses on Docker's networks while it runs.
    pub addresses: Vec<IpAddr>,
    /// Its mounts.
    pub mounts: Vec<Mount>,
    /// Seconds between the polite signal and the kill, where the container sets them.
    pub stop_timeout: Option<u32>,
    /// Whether Docker removes it as soon as it ends.
    pub auto_remove: bool,
    /// Whether it may do anything to its host.
    pub privileged: bool,
    /// `bridge`, `host`, `none`, `container:…` or a network's name.
    pub network_mode: String,
}

/// Something that happened to a container.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ContainerEvent {
    /// Its id.
    pub container: String,
    /// When, by the host's clock, to the nanosecond.
    pub at: Timestamp,
    /// What.
    pub what: What,
}

/// What happened to a container.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum What {
    /// It was made.
    Create,
    /// Its processes were started.
    Start,
    /// Its main process ended.
    Die {
        /// With this code; -1 where the engine does not tell.
        exit_code: i64,
    },
    /// The kernel ended one of its processes for want of memory.
    Oom,
    /// A stop was carried out.
    Stop,
    /// A signal was sent.
    Kill,
    /// It was frozen.
    Pause,
    /// It was thawed.
    Unpause,
    /// A restart was carried out.
    Restart,
    /// It has another name.
    Rename {
        /// The new one.
        name: String,
    },
    /// It is gone.
    Destroy,
    /// Its health check changed its mind.
    Health(Health),
    /// Its limits were changed.
    Update,
    /// Anything else (attach, copy, …).
    Other,
}

/// An image on the host.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Image {
    /// Its id, `sha256:…`.
    pub id: String,
    /// Its names.
    pub tags: Vec<String>,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Its size in bytes.
    pub size: u64,
}

/// How far a pull is.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct PullProgress {
    /// Bytes fetched, of the layers that were not there.
    pub done: u64,
    /// Bytes to fetch; `None` until every layer's size is known.
    pub total: Option<u64>,
    /// Layers in place.
    pub layers_done: u32,
    /// Layers in all, as far as is known.
    pub layers: u32,
    /// What the daemon says it is doing, one line, safe to show.
    pub step: String,
}

/// A volume.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Volume {
    /// Its name.
    pub name: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Its driver, mostly `local`.
    pub driver: String,
}

/// Which part of a log is wanted.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct LogQuery {
    /// Only what was written at this time or later.
    pub since: Option<Timestamp>,
    /// Only so many of the last lines.
    pub tail: Option<u32>,
    /// Go on with what is written from now on, until the container ends.
    pub follow: bool,
    /// Whether the container has a terminal ([`Detail::tty`]): its log has another form then.
    pub tty: bool,
}

/// A piece of a log: a line, or a part of a long one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogPiece {
    /// When it was written, by the host's clock, to the nanosecond. The parts of one long line may share it.
    pub at: Timestamp,
    /// Whether it was written to standard error.
    pub stderr: bool,
    /// The bytes as they came, at most 32 KiB, with the `\n` where the line ends.
    pub data: Bytes,
}

/// What a command in a container printed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExecOutput {
    /// Its exit code.
    pub code: i64,
    /// What it wrote to standard output, at most 1 MiB.
    pub stdout: Vec<u8>,
    /// What it wrote to standard error, at most 1 MiB.
    pub stderr: Vec<u8>,
    /// Whether it wrote more than that.
    pub truncated: bool,
}

/// A file or folder in a container.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PathStat {
    /// Its name, without the folder.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its mode as Go's `os.FileMode`: the low nine bits are the permissions, bit 31 a folder, bit 27 a link.
    pub mode: u32,
    /// When it was changed last.
    pub mtime: Option<Timestamp>,
    /// Where it points, for a link; empty otherwise.
    pub link_target: String,
}

impl PathStat {
    /// Whether it is a folder.
    pub fn is_dir(&self) -> bool {
        self.mode & (1 << 31) != 0
    }

    /// Whether it is a file and nothing else: no folder, link, pipe, socket or device (`os.ModeType`).
    pub fn is_file(&self) -> bool {
        self.mode & 0x8f28_0000 == 0
    }

    /// Whether it is a symbolic link.
    pub fn is_link(&self) -> bool {
        self.mode & (1 << 27) != 0
    }
}
