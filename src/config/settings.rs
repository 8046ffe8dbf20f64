//! What can be set, and what holds when nothing is.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use super::{NoticesSettings, Paths};
use crate::model::{Memory, Retention, ServerType, Units, backup::Packing};

/// Everything that can be set, after all layers were laid over each other.
#[derive(Clone, PartialEq, Debug)]
pub struct Settings {
    /// The folders of this user: themes, keymaps, state.
    pub paths: Paths,
    /// The folder with the database.
    pub data_dir: PathBuf,
    /// Docker's address; `None` finds it as the `docker` command does.
    pub docker: Option<String>,
    /// Whether every change is refused.
    pub read_only: bool,
    /// The theme's name; `None` is the program's own choice.
    pub theme: Option<String>,
    /// The keymap's name; `None` is the program's own choice.
    pub keymap: Option<String>,
    /// Whether only ASCII is drawn.
    pub ascii: bool,
    /// How many colours are used.
    pub color: ColorChoice,
    /// In which steps amounts of bytes are written.
    pub units: Units,
    /// Whether the mouse is listened to.
    pub mouse: bool,
    /// Most frames a second; `None` is 33, and 10 over ssh.
    pub frame_rate: Option<u32>,
    /// The least time between a stop's SIGTERM and its SIGKILL. The engine takes more where a server asks for it.
    pub stop_grace: Duration,
    /// How much of each console is kept.
    pub console: ConsoleLimits,
    /// When a server counts as looping.
    pub looping: LoopRule,
    /// What the create form and `server create` begin with.
    pub defaults: CreateDefaults,
    /// Where backups lie, how they are made, and which are kept.
    pub backups: BackupSettings,
    /// How faces attach to an engine that runs.
    pub attach: AttachSettings,
    /// The API of a service.
    pub api: ApiSettings,
    /// Its metrics.
    pub metrics: MetricsSettings,
    /// Who is told elsewhere of what happens.
    pub notices: NoticesSettings,
    /// The program's own log.
    pub log: LogSettings,
}

/// How many colours are used.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ColorChoice {
    /// As many as the terminal says that it has.
    #[default]
    Auto,
    /// 24 bits.
    Truecolor,
    /// The 256 of xterm.
    C256,
    /// The terminal's own 16.
    C16,
    /// None: only bold, reversed and words.
    None,
}

/// How grave a message must be to be logged.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
#[allow(missing_docs)]
pub enum LogLevel {
    Off,
    Error,
    Warn,
    #[default]
    Info,
    Debug,
    Trace,
}

macro_rules! words {
    ($type:ident: $($variant:ident $word:literal),+) => {
        impl $type {
            /// As the file and the command line write it.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl std::str::FromStr for $type {
            type Err = String;

            /// Any case. The error lists what may be written.
            fn from_str(text: &str) -> Result<Self, String> {
                [$(Self::$variant),+]
                    .into_iter()
                    .find(|choice| choice.as_str().eq_ignore_ascii_case(text.trim()))
                    .ok_or_else(|| concat!("must be one of", $(" \"", $word, "\""),+).to_owned())
            }
        }
    };
}

words!(ColorChoice: Auto "auto", Truecolor "truecolor", C256 "256", C16 "16", None "none");
words!(LogLevel: Off "off", Error "error", Warn "warn", Info "info", Debug "debug", Trace "trace");

/// How much of each console is kept in memory; what is older is still in the container's log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ConsoleLimits {
    /// At most so many lines.
    pub lines: usize,
    /// At most about so many bytes.
    pub bytes: usize,
}

/// A server loops when it ended by itself so often in a row, each time after a life shorter than that.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LoopRule {
    /// So many ends in a row.
    pub exits: u32,
    /// A life that lasted this long breaks the row.
    pub within: Duration,
}

/// What a new server has unless the person says otherwise.
#[derive(Clone, PartialEq, Debug)]
pub struct CreateDefaults {
    /// The Java heap.
    pub memory: Memory,
    /// Which server software.
    pub server_type: ServerType,
    /// `LATEST`, `SNAPSHOT`, or a version such as `1.21.4`.
    pub version: String,
    /// The port on the host; 0 lets Docker choose a free one.
    pub port: u16,
    /// The host's address that the port is opened on; `None` is every address.
    pub bind: Option<IpAddr>,
    /// The time zone of its log; `None` is the image's own, UTC.
    pub time_zone: Option<String>,
}

/// Where backups lie, how they are made, and which are kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BackupSettings {
    /// Their folder; `None` is one in the data folder.
    pub folder: Option<PathBuf>,
    /// How archives are packed where nobody says otherwise.
    pub packing: Packing,
    /// Threads that pack; `None` is as many as there are cores.
    pub threads: Option<u16>,
    /// Most bytes a second that are read from a server; `None` is no limit.
    pub rate: Option<Memory>,
    /// What is left free on the folder's disk.
    pub leave_free: Memory,
    /// Which are kept.
    pub keep: Retention,
}

impl Default for BackupSettings {
    fn default() -> Self {
        Self {
            folder: None,
            packing: Packing::Gzip,
            threads: None,
            rate: None,
            leave_free: Memory::mib(512),
            keep: Retention::default(),
        }
    }
}

/// How faces attach to an engine that runs.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AttachSettings {
    /// Its socket; `None` is one in the data folder.
    pub socket: Option<PathBuf>,
    /// A group whose members may attach, beside the user whose engine it is.
    pub group: Option<String>,
}

/// The API of a service.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ApiSettings {
    /// Where it listens; `None` is nowhere.
    pub listen: Option<SocketAddr>,
    /// Whether it shows a certificate that it makes and signs itself.
    pub self_signed: bool,
    /// Its certificate, with those that signed it, in PEM.
    pub certificate: Option<PathBuf>,
    /// The key of that certificate.
    pub key: Option<PathBuf>,
    /// Names of the service beside `localhost` and its addresses.
    pub hosts: Vec<String>,
    /// Other sites whose pages may use it.
    pub origins: Vec<String>,
    /// Whether it may be reached from other machines without TLS.
    pub plain_http_beyond_this_machine: bool,
}

impl Default for ApiSettings {
    fn default() -> Self {
        Self {
            listen: Some(SocketAddr::from(([127, 0, 0, 1], 8000))),
            self_signed: false,
            certificate: None,
            key: None,
            hosts: Vec::new(),
            origins: Vec::new(),
            plain_http_beyond_this_machine: false,
        }
    }
}

/// The metrics of a service.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MetricsSettings {
    /// How often they are collected.
    pub every: Duration,
    /// A file with the token that a scraper must show; `None` lets everybody on this machine read them.
    pub token_file: Option<PathBuf>,
}

impl Default for MetricsSettings {
    fn default() -> Self {
        Self { every: Duration::from_secs(30), token_file: None }
    }
}

/// The program's own log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogSettings {
    /// How grave a message must be.
    pub level: LogLevel,
    /// Where it is written.
    pub file: PathBuf,
}

impl Settings {
    /// What holds when nothing is set.
    pub fn defaults(paths: Paths) -> Self {
        Self {
            data_dir: paths.data.clone(),
            docker: None,
            read_only: false,
            theme: None,
            keymap: None,
            ascii: false,
            color: ColorChoice::Auto,
            units: Units::Binary,
            mouse: true,
            frame_rate: None,
            // The image gives the game 60 s to save; Docker's own 10 s would cut that short.
            stop_grace: Duration::from_secs(75),
            console: ConsoleLimits { lines: 5_000, bytes: 256 * 1024 },
            looping: LoopRule { exits: 5, within: Duration::from_secs(10 * 60) },
            defaults: CreateDefaults {
                memory: Memory::mib(2048),
                server_type: ServerType::Vanilla,
                version: "LATEST".into(),
                port: 25565,
                bind: None,
                time_zone: None,
            },
            backups: BackupSettings::default(),
            attach: AttachSettings::default(),
            api: ApiSettings::default(),
            metrics: MetricsSettings::default(),
            notices: NoticesSettings::default(),
            log: LogSettings { level: LogLevel::Info, file: paths.log_file() },
            paths,
        }
    }

    /// The folder that backups lie in.
    pub fn backup_folder(&self) -> PathBuf {
        self.backups.folder.clone().unwrap_or_else(|| self.data_dir.join("backups"))
    }

    /// The database's file.
    pub fn database(&self) -> PathBuf {
        self.data_dir.join("mineclifford.redb")
    }
}
