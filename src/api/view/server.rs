//! Servers, hosts, players, measurements.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::word;
use crate::model::{Explanation, Extent, Figure, Host, HostState, Players, Point, Sample, Server, State};

/// Why a server is as it is.
#[derive(Serialize, ToSchema, Clone, Debug)]
pub struct ExplanationView {
    /// A short name for the cause: `oom_container`, `port`, `eula`, …
    pub code: String,
    /// What happened.
    pub what: String,
    /// What it means for the server and its world.
    pub means: String,
    /// What to do next.
    pub next: String,
}

impl From<&Explanation> for ExplanationView {
    fn from(why: &Explanation) -> Self {
        Self {
            code: why.code.clone(),
            what: why.what.clone(),
            means: why.means.clone(),
            next: why.next.clone(),
        }
    }
}

/// A server, as lists have it.
#[derive(Serialize, ToSchema, Clone, Debug)]
#[schema(as = Server)]
pub struct ServerView {
    /// Never changes.
    pub id: Uuid,
    /// What people call it.
    pub name: String,
    /// What it is doing.
    pub status: &'static str,
    /// Why, where that is worth saying.
    pub explanation: Option<ExplanationView>,
    /// Server software, such as `PAPER`.
    pub server_type: &'static str,
    /// Its Minecraft version; `LATEST` until it told which that is.
    pub version: String,
    /// Where it runs.
    pub host: String,
    /// The host's port that leads to the game.
    pub port: Option<u16>,
    /// Share of one core, in percent: 250 means two and a half.
    pub cpu_percent: Option<f64>,
    /// Memory in use, in bytes.
    pub memory_bytes: Option<u64>,
    /// The container's limit, in bytes.
    pub memory_limit_bytes: Option<u64>,
    /// How many players are on it.
    pub players_online: Option<u32>,
    /// How many there may be.
    pub players_max: Option<u32>,
    /// For how long it has been running.
    pub uptime_seconds: Option<u64>,
    /// How often it ended by itself since a person last started it.
    pub restarts: u32,
    /// Whether it can be changed from here.
    pub managed: bool,
    /// Whose its container is: `created`, `adopted` or `found`.
    pub ownership: String,
    /// The job that works on it.
    pub job: Option<Uuid>,
}

impl ServerView {
    /// The server as it stood at `now`.
    pub fn new(server: &Server, now: Timestamp) -> Self {
        let about = &*server.about;
        let sample = server.sample.as_ref();
        Self {
            id: about.id.0,
            name: about.name.clone(),
            status: server.state.word(),
            explanation: server.explanation.as_deref().map(Into::into),
            server_type: about.spec.server_type.as_str(),
            version: about.version.clone().unwrap_or_else(|| about.spec.version.clone()),
            host: about.host.to_string(),
            port: about.port,
            cpu_percent: sample.map(|sample| hundredths(sample.cpu_percent)),
            memory_bytes: sample.map(|sample| sample.memory_bytes),
            memory_limit_bytes: sample.map(|sample| sample.memory_limit_bytes),
            players_online: server.players.as_ref().map(|players| players.online),
            players_max: server.players.as_ref().map(|players| players.max),
            uptime_seconds: server.uptime_seconds(now),
            restarts: server.restarts,
            managed: about.ownership.is_managed(),
            ownership: word(&about.ownership),
            job: server.job.map(|job| job.0),
        }
    }
}

/// An `f32` shows digits that mean nothing.
fn hundredths(value: f32) -> f64 {
    (f64::from(value) * 100.0).round() / 100.0
}

/// A server with everything that is known.
#[derive(Serialize, ToSchema, Clone, Debug)]
#[schema(as = ServerDetails)]
pub struct Details {
    /// As lists have it.
    #[serde(flatten)]
    pub server: ServerView,
    /// The container's id, while there is one.
    pub container_id: Option<String>,
    /// The container's name.
    pub container_name: String,
    /// The image that its container was made from.
    pub image: String,
    /// The volume or folder with its data.
    pub data: Option<String>,
    /// When it was first known here.
    pub created_at: Timestamp,
    /// When its container last started, while it runs.
    pub started_at: Option<Timestamp>,
    /// How far its world is loaded, in percent, while the log tells.
    pub loading_percent: Option<u8>,
    /// How commands reach it now.
    pub via: Option<&'static str>,
    /// What a person decided about it. Values of variables that sound secret are hidden.
    #[schema(value_type = Object)]
    pub spec: serde_json::Value,
}

impl Details {
    /// The server as it stood at `now`.
    pub fn new(server: &Server, now: Timestamp) -> Self {
        let about = &*server.about;
        let mut spec = about.spec.clone();
        for (name, value) in &mut spec.env {
            if crate::model::secrecy::sounds_secret(name) {
                *value = crate::model::secrecy::HIDDEN.to_owned();
            }
        }
        Self {
            server: ServerView::new(server, now),
            container_id: about.container_id.clone(),
            container_name: about.container_name.clone(),
            image: about.image.clone(),
            data: about.data.clone(),
            created_at: about.created_at,
            started_at: server.started_at,
            loading_percent: match server.state {
                State::Loading(percent) => percent,
                _ => None,
            },
            via: server.via.map(|via| via.word()),
            spec: serde_json::to_value(spec).unwrap_or_default(),
        }
    }
}

/// Who is on a server.
#[derive(Serialize, ToSchema, Clone, Debug, Default)]
#[schema(as = Players)]
pub struct PlayersView {
    /// Whether anything is known of it.
    pub known: bool,
    /// How many.
    pub online: u32,
    /// At most.
    pub max: u32,
    /// Those whose names are known; may be fewer than `online`.
    pub names: Vec<String>,
}

impl From<Option<&Players>> for PlayersView {
    fn from(players: Option<&Players>) -> Self {
        let Some(players) = players else { return Self::default() };
        Self { known: true, online: players.online, max: players.max, names: players.names.clone() }
    }
}

/// What a server cost its machine at one moment.
#[derive(Serialize, ToSchema, Clone, Debug)]
#[schema(as = Sample)]
pub struct SampleView {
    /// When it was measured.
    pub at: Timestamp,
    /// Share of one core, in percent.
    pub cpu_percent: f64,
    /// Memory in use without the page cache, in bytes.
    pub memory_bytes: u64,
    /// The container's limit, in bytes.
    pub memory_limit_bytes: u64,
    /// Received since the container started, in bytes.
    pub net_rx_bytes: u64,
    /// Sent since the container started, in bytes.
    pub net_tx_bytes: u64,
    /// Read from disks since the container started, in bytes.
    pub block_read_bytes: u64,
    /// Written to disks since the container started, in bytes.
    pub block_write_bytes: u64,
    /// Processes and threads.
    pub pids: u32,
}

impl From<&Sample> for SampleView {
    fn from(sample: &Sample) -> Self {
        Self {
            at: sample.at,
            cpu_percent: hundredths(sample.cpu_percent),
            memory_bytes: sample.memory_bytes,
            memory_limit_bytes: sample.memory_limit_bytes,
            net_rx_bytes: sample.net_rx_bytes,
            net_tx_bytes: sample.net_tx_bytes,
            block_read_bytes: sample.block_read_bytes,
            block_write_bytes: sample.block_write_bytes,
            pids: sample.pids,
        }
    }
}

/// What a figure was in a step of time.
#[derive(Serialize, ToSchema, Clone, Debug)]
#[schema(as = Extent)]
pub struct ExtentView {
    /// At the least.
    pub min: f64,
    /// On average.
    pub mean: f64,
    /// At the most.
    pub max: f64,
}

impl From<Extent> for ExtentView {
    fn from(extent: Extent) -> Self {
        Self { min: hundredths(extent.min), mean: hundredths(extent.mean), max: hundredths(extent.max) }
    }
}

/// What a server cost its machine in a step of time; `null` is what nobody told.
#[derive(Serialize, ToSchema, Clone, Debug)]
#[schema(as = Step)]
pub struct StepView {
    /// When it begins.
    pub at: Timestamp,
    /// How long it is, in seconds.
    pub seconds: u64,
    /// Share of one core, in percent.
    pub cpu_percent: Option<ExtentView>,
    /// Memory in use without the page cache, in bytes.
    pub memory_bytes: Option<ExtentView>,
    /// Received, in bytes a second.
    pub net_rx_bytes_per_second: Option<ExtentView>,
    /// Sent, in bytes a second.
    pub net_tx_bytes_per_second: Option<ExtentView>,
    /// Read from disks, in bytes a second.
    pub block_read_bytes_per_second: Option<ExtentView>,
    /// Written to disks, in bytes a second.
    pub block_write_bytes_per_second: Option<ExtentView>,
    /// Players that were on.
    pub players: Option<ExtentView>,
    /// How long a tick took on average, in milliseconds; up to 50 the game keeps its pace.
    pub tick_milliseconds: Option<ExtentView>,
}

impl StepView {
    /// Of what is known of a step.
    pub fn new(at: Timestamp, length: std::time::Duration, point: &Point) -> Self {
        let of = |figure| point.get(figure).map(Into::into);
        Self {
            at,
            seconds: length.as_secs(),
            cpu_percent: of(Figure::Cpu),
            memory_bytes: of(Figure::Memory),
            net_rx_bytes_per_second: of(Figure::NetRx),
            net_tx_bytes_per_second: of(Figure::NetTx),
            block_read_bytes_per_second: of(Figure::BlockRead),
            block_write_bytes_per_second: of(Figure::BlockWrite),
            players: of(Figure::Players),
            tick_milliseconds: of(Figure::Tick),
        }
    }
}

/// A machine with a Docker engine.
#[derive(Serialize, ToSchema, Clone, Debug)]
#[schema(as = Host)]
pub struct HostView {
    /// Its name.
    pub id: String,
    /// Where its engine is.
    pub endpoint: String,
    /// Whether it answers: `connecting`, `up` or `down`.
    pub state: &'static str,
    /// Why it does not answer.
    pub fault: Option<super::FaultView>,
    /// The engine's name and version; empty until it answered once.
    pub engine: String,
    /// Bytes of memory in all; 0 until it answered once.
    pub memory_bytes: u64,
    /// Cores; 0 until it answered once.
    pub cpus: u32,
}

impl From<&Host> for HostView {
    fn from(host: &Host) -> Self {
        let (state, fault) = match &host.state {
            HostState::Connecting => ("connecting", None),
            HostState::Up => ("up", None),
            HostState::Down(fault) => ("down", Some((&**fault).into())),
        };
        Self {
            id: host.id.to_string(),
            endpoint: host.endpoint.clone(),
            state,
            fault,
            engine: host.engine.clone(),
            memory_bytes: host.memory_bytes,
            cpus: host.cpus,
        }
    }
}
