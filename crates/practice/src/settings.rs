//! The image's environment variables, read once.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::clock::zone_offset;
use crate::faults::Faults;
use crate::flavour::{GameVersion, Kind};

/// What a container is told by its environment. Values that cannot be understood are kept for the start script, which
/// complains about them as the real one does.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `EULA` is true.
    pub eula: bool,
    /// `TYPE` as it was given.
    pub kind_text: String,
    /// `TYPE`, `None` when unknown.
    pub kind: Option<Kind>,
    /// `VERSION` as it was given.
    pub version_text: String,
    /// `VERSION`, `None` when unknown.
    pub version: Option<GameVersion>,
    /// `MEMORY`, such as `1G`.
    pub memory: String,
    /// server.properties keys and the values that the environment sets.
    pub properties: Vec<(&'static str, String)>,
    /// `OVERRIDE_SERVER_PROPERTIES`.
    pub override_properties: bool,
    /// `OPS`, names.
    pub ops: Vec<String>,
    /// `WHITELIST`, names; not empty turns the whitelist on.
    pub whitelist: Vec<String>,
    /// `ENABLE_RCON`.
    pub rcon: bool,
    /// `RCON_PORT`.
    pub rcon_port: u16,
    /// `RCON_PASSWORD`; empty means a random one at each start.
    pub rcon_password: String,
    /// `RCON_PASSWORD_FILE`, read by the driver before the start.
    pub rcon_password_file: Option<String>,
    /// `CREATE_CONSOLE_IN_PIPE`.
    pub console_pipe: bool,
    /// `STOP_DURATION`.
    pub stop_duration: Duration,
    /// `STOP_SERVER_ANNOUNCE_DELAY`.
    pub announce_delay: Duration,
    /// `TZ` as seconds east of UTC; see [`zone_offset`].
    pub zone: i32,
    /// `UID`.
    pub uid: u32,
    /// `GID`.
    pub gid: u32,
    /// `SETUP_ONLY`: end after the start script.
    pub setup_only: bool,
    /// `ENABLE_AUTOPAUSE`.
    pub autopause: bool,
    /// `AUTOPAUSE_TIMEOUT_INIT` and `AUTOPAUSE_TIMEOUT_EST`, the shorter one.
    pub autopause_after: Duration,
    /// The `PRACTICE_…` knobs.
    pub practice: Practice,
    /// The names in `PRACTICE_FAIL` that are not known.
    pub unknown_fault: Option<String>,
}

/// Knobs of the practice server itself.
#[derive(Clone, Debug)]
pub struct Practice {
    /// `PRACTICE_PREPARE_SECONDS`, default 0: how long the start script takes. Only the program honours it.
    pub prepare: Duration,
    /// `PRACTICE_START_SECONDS`, default 0.3.
    pub start: Duration,
    /// `PRACTICE_STOP_SECONDS`, default 0.1: from `Stopping server` to the exit.
    pub stop: Duration,
    /// `PRACTICE_FLUSH_SECONDS`, default 0: how long `save-all flush` blocks the main thread.
    pub flush: Duration,
    /// `PRACTICE_WORLD_SECONDS`, default 5: how often world files change.
    pub world_every: Duration,
    /// `PRACTICE_WORLD_MB`, default 0: about 100 KiB.
    pub world_mb: u32,
    /// `PRACTICE_FLOOD`: numbered lines written at once when ready.
    pub flood: u64,
    /// `PRACTICE_FLOOD_RATE`: lines a second; 0 is as fast as they are taken.
    pub flood_rate: u64,
    /// `PRACTICE_HOSTILE`: write [`crate::faults::hostile_lines`] when ready.
    pub hostile: bool,
    /// `PRACTICE_LONG_LINE_MB`: one line of so many MiB when ready.
    pub long_line_mb: u32,
    /// `PRACTICE_SYSTEM_CHAT`: the `System chat: ` prefix; from 26.3 on unless set.
    pub system_chat: Option<bool>,
    /// `PRACTICE_PLAYERS`: names, or how many, that join when ready.
    pub players: Vec<String>,
    /// `PRACTICE_ACTIVITY_SECONDS`: players come, talk, die and go about so often; 0 is never.
    pub activity: Duration,
    /// `PRACTICE_MSPT`: milliseconds a tick takes, default 0.4 plus 0.3 a player.
    pub mspt: Option<f64>,
    /// `PRACTICE_RSS_MB`: memory that the process really uses. Only the program honours it.
    pub rss_mb: u32,
    /// `PRACTICE_SEED`: makes activity and passwords repeatable; 0 leaves it to the driver.
    pub seed: u64,
    /// `PRACTICE_FAIL` and `PRACTICE_FAIL_TIMES`.
    pub faults: Faults,
}

/// Names for players that nobody named.
pub const NAMES: [&str; 16] = [
    "Alex", "Steve", "Noor", "Efe", "Kai", "Makena", "Sunny", "Zuri", "Ari", "Bramble", "Cobalt", "Dusty",
    "Ember", "Fern", "Gizmo", "Hazel",
];

const PROPERTIES: &[(&str, &str)] = &[
    ("MOTD", "motd"),
    ("DIFFICULTY", "difficulty"),
    ("MODE", "gamemode"),
    ("LEVEL", "level-name"),
    ("SEED", "level-seed"),
    ("MAX_PLAYERS", "max-players"),
    ("ONLINE_MODE", "online-mode"),
    ("VIEW_DISTANCE", "view-distance"),
    ("SIMULATION_DISTANCE", "simulation-distance"),
    ("MAX_TICK_TIME", "max-tick-time"),
    ("PAUSE_WHEN_EMPTY_SECONDS", "pause-when-empty-seconds"),
    ("ENABLE_QUERY", "enable-query"),
    ("QUERY_PORT", "query.port"),
    ("BROADCAST_RCON_TO_OPS", "broadcast-rcon-to-ops"),
    ("SERVER_PORT", "server-port"),
    ("HARDCORE", "hardcore"),
    ("PVP", "pvp"),
    ("ALLOW_FLIGHT", "allow-flight"),
    ("MANAGEMENT_SERVER_ENABLED", "management-server-enabled"),
    ("MANAGEMENT_SERVER_HOST", "management-server-host"),
    ("MANAGEMENT_SERVER_PORT", "management-server-port"),
    ("MANAGEMENT_SERVER_SECRET", "management-server-secret"),
    ("MANAGEMENT_SERVER_TLS_ENABLED", "management-server-tls-enabled"),
];

struct Env(BTreeMap<String, String>);

impl Env {
    fn text(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    fn truth(&self, name: &str, default: bool) -> bool {
        match self.text(name).to_ascii_lowercase().as_str() {
            "true" | "yes" | "1" | "on" => true,
            "" => default,
            _ => false,
        }
    }

    fn number<T: std::str::FromStr>(&self, name: &str, default: T) -> T {
        self.text(name).parse().unwrap_or(default)
    }

    fn seconds(&self, name: &str, default: f64) -> Duration {
        Duration::try_from_secs_f64(self.number(name, default).clamp(0.0, 1e9)).unwrap_or_default()
    }

    fn names(&self, name: &str) -> Vec<String> {
        let words = self.text(name).split([',', '\n', ' ']).map(str::trim);
        words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
    }
}

impl Settings {
    /// Reads the variables; unknown ones are ignored, and of two with one name the last counts.
    #[must_use]
    pub fn from_env<K: Into<String>, V: Into<String>>(variables: impl IntoIterator<Item = (K, V)>) -> Self {
        let env = Env(variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect());
        let (practice, unknown_fault) = practice(&env);
        Self {
            eula: env.truth("EULA", false),
            kind_text: env.text("TYPE").to_owned(),
            kind: if env.text("TYPE").is_empty() {
                Some(Kind::vanilla())
            } else {
                Kind::parse(env.text("TYPE"))
            },
            version_text: env.text("VERSION").to_owned(),
            version: GameVersion::parse(env.text("VERSION")),
            memory: if env.text("MEMORY").is_empty() {
                "1G".to_owned()
            } else {
                env.text("MEMORY").to_owned()
            },
            properties: PROPERTIES
                .iter()
                .filter_map(|(name, key)| env.0.get(*name).map(|value| (*key, value.clone())))
                .collect(),
            override_properties: env.truth("OVERRIDE_SERVER_PROPERTIES", true),
            ops: env.names("OPS"),
            whitelist: env.names("WHITELIST"),
            rcon: env.truth("ENABLE_RCON", true),
            rcon_port: env.number("RCON_PORT", 25575),
            rcon_password: env.text("RCON_PASSWORD").to_owned(),
            rcon_password_file: Some(env.text("RCON_PASSWORD_FILE").to_owned())
                .filter(|path| !path.is_empty()),
            console_pipe: env.truth("CREATE_CONSOLE_IN_PIPE", false),
            stop_duration: env.seconds("STOP_DURATION", 60.0),
            announce_delay: env.seconds("STOP_SERVER_ANNOUNCE_DELAY", 0.0),
            zone: zone_offset(env.text("TZ")),
            uid: env.number("UID", 1000),
            gid: env.number("GID", 1000),
            setup_only: env.truth("SETUP_ONLY", false),
            autopause: env.truth("ENABLE_AUTOPAUSE", false),
            autopause_after: env
                .seconds("AUTOPAUSE_TIMEOUT_INIT", 600.0)
                .min(env.seconds("AUTOPAUSE_TIMEOUT_EST", 3600.0)),
            practice,
            unknown_fault,
        }
    }

    /// The kind of server, plain when `TYPE` is unknown.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind.unwrap_or(Kind::vanilla())
    }

    /// The version, the newest when `VERSION` is unknown.
    #[must_use]
    pub fn version(&self) -> GameVersion {
        self.version.clone().unwrap_or_else(GameVersion::newest)
    }
}

fn practice(env: &Env) -> (Practice, Option<String>) {
    let (mut faults, unknown) = match Faults::parse(env.text("PRACTICE_FAIL")) {
        Ok(faults) => (faults, None),
        Err(name) => (Faults::default(), Some(name)),
    };
    faults.times = env.text("PRACTICE_FAIL_TIMES").parse().ok();
    let players = match env.text("PRACTICE_PLAYERS").parse::<usize>() {
        Ok(count) => (0..count.min(1000)).map(name).collect(),
        Err(_) => env.names("PRACTICE_PLAYERS"),
    };
    let system_chat = match env.text("PRACTICE_SYSTEM_CHAT") {
        "" => None,
        _ => Some(env.truth("PRACTICE_SYSTEM_CHAT", false)),
    };
    let practice = Practice {
        prepare: env.seconds("PRACTICE_PREPARE_SECONDS", 0.0),
        start: env.seconds("PRACTICE_START_SECONDS", 0.3),
        stop: env.seconds("PRACTICE_STOP_SECONDS", 0.1),
        flush: env.seconds("PRACTICE_FLUSH_SECONDS", 0.0),
        world_every: env.seconds("PRACTICE_WORLD_SECONDS", 5.0).max(Duration::from_millis(10)),
        world_mb: env.number("PRACTICE_WORLD_MB", 0),
        flood: env.number("PRACTICE_FLOOD", 0),
        flood_rate: env.number("PRACTICE_FLOOD_RATE", 0),
        hostile: env.truth("PRACTICE_HOSTILE", false),
        long_line_mb: env.number("PRACTICE_LONG_LINE_MB", 0),
        system_chat,
        players,
        activity: env.seconds("PRACTICE_ACTIVITY_SECONDS", 0.0),
        mspt: env.text("PRACTICE_MSPT").parse().ok(),
        rss_mb: env.number("PRACTICE_RSS_MB", 0),
        seed: env.number("PRACTICE_SEED", 0),
        faults,
    };
    (practice, unknown)
}

/// The name of player number `index`: `Alex`, …, `Hazel`, `Alex1`, ….
#[must_use]
pub fn name(index: usize) -> String {
    let first = NAMES[index % NAMES.len()];
    match index / NAMES.len() {
        0 => first.to_owned(),
        round => format!("{first}{round}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_the_images() {
        let settings = Settings::from_env(std::iter::empty::<(String, String)>());
        assert!(!settings.eula && settings.rcon && !settings.console_pipe);
        assert_eq!((settings.uid, settings.gid, settings.rcon_port), (1000, 1000, 25575));
        assert_eq!(settings.stop_duration, Duration::from_secs(60));
        assert_eq!(settings.kind().name, "VANILLA");
        assert!(settings.properties.is_empty());
    }

    #[test]
    fn set_but_empty_is_kept_apart_from_unset() {
        let settings = Settings::from_env([
            ("MOTD", ""),
            ("TYPE", "banana"),
            ("OPS", "a,b\nc"),
            ("PRACTICE_PLAYERS", "2"),
        ]);
        assert_eq!(settings.properties, [("motd", String::new())]);
        assert!(settings.kind.is_none());
        assert_eq!(settings.ops, ["a", "b", "c"]);
        assert_eq!(settings.practice.players, ["Alex", "Steve"]);
    }
}
