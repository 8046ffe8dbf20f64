//! From what a server should be to the container that makes it so, and back.

use std::{collections::BTreeMap, time::Duration};

use uuid::Uuid;

use super::{image, labels, secret};
use crate::{
    docker::{Plan, PortPlan},
    model::{Memory, ServerId, Spec},
};

/// The game's port inside the container. The image's `SERVER_PORT` is left alone; only the host's side moves.
pub const GAME_PORT: u16 = 25565;

/// The image's own user and group.
const USER: u32 = 1000;

/// Seconds that the image waits for the server to end after it was told to.
const STOP_SECONDS: u64 = 60;
/// Seconds on top, for the image's own steps and a slow disk.
const STOP_MARGIN: u64 = 15;

/// Size of one log file in bytes, and how many are kept: without a bound a chatty server fills the host's disk.
const LOG_BYTES: u64 = 64 * 1024 * 1024;
const LOG_FILES: u32 = 4;

/// The container for a spec.
pub fn container(server: ServerId, engine: Uuid, spec: &Spec, name: &str, volume: &str) -> Plan {
    Plan {
        name: name.to_owned(),
        image: image::choose(spec),
        env: environment(spec),
        labels: labels::write(server, engine, spec),
        volume: volume.to_owned(),
        folder: None,
        command: Vec::new(),
        ports: vec![PortPlan { container: GAME_PORT, udp: false, bind: spec.bind, host: spec.port }],
        memory_limit: spec.memory.limit_for_heap().as_bytes(),
        nano_cpus: spec.cpus.map(|cpus| (cpus * 1e9) as u64),
        pids_limit: spec.pids_limit,
        stop_timeout_seconds: u32::try_from(grace(&spec.env).as_secs()).unwrap_or(u32::MAX),
        restart: true,
        log_max_size: LOG_BYTES,
        log_max_files: LOG_FILES,
        network_mode: String::new(),
    }
}

/// How long a stop may take before Docker kills the server: longer than the image's own patience, or the last save
/// would be lost. `env` is the container's environment.
pub fn grace(env: &BTreeMap<String, String>) -> Duration {
    let seconds = |name: &str, default: u64| {
        env.get(name).and_then(|text| text.trim().parse::<u64>().ok()).unwrap_or(default).min(3_600)
    };
    let stop = seconds("STOP_DURATION", STOP_SECONDS) + seconds("STOP_SERVER_ANNOUNCE_DELAY", 0);
    Duration::from_secs(stop + STOP_MARGIN)
}

/// The user and group that the image runs its server as, from the container's environment.
pub fn user(env: &BTreeMap<String, String>) -> (u32, u32) {
    let id = |name: &str| env.get(name).and_then(|text| text.trim().parse().ok()).unwrap_or(USER);
    (id("UID"), id("GID"))
}

fn environment(spec: &Spec) -> BTreeMap<String, String> {
    let mut env = spec.env.clone();
    let mut set = |name: &str, value: String| {
        env.insert(name.to_owned(), value);
    };
    if spec.eula {
        set("EULA", "TRUE".into());
    }
    set("TYPE", spec.server_type.to_string());
    set("VERSION", spec.version.clone());
    set("MEMORY", spec.memory.to_string());
    set("ENABLE_RCON", "true".into());
    // A file, not a variable: `docker inspect` and the process list show variables to everybody on the host.
    set("RCON_PASSWORD_FILE", secret::PATH.into());
    // With the pipe, a stop that comes early in the start reaches the server too.
    set("CREATE_CONSOLE_IN_PIPE", "true".into());
    set("STOP_DURATION", STOP_SECONDS.to_string());
    let optional = [
        ("MOTD", spec.motd.clone()),
        ("MODE", spec.mode.map(|mode| mode.to_string())),
        ("DIFFICULTY", spec.difficulty.map(|difficulty| difficulty.to_string())),
        ("MAX_PLAYERS", spec.max_players.map(|players| players.to_string())),
        ("SEED", spec.seed.clone()),
        ("VIEW_DISTANCE", spec.view_distance.map(|chunks| chunks.to_string())),
        ("TZ", spec.time_zone.clone()),
        ("OPS", Some(spec.ops.join(",")).filter(|names| !names.is_empty())),
        ("WHITELIST", Some(spec.whitelist.join(",")).filter(|names| !names.is_empty())),
        // A list that does not hold lets strangers in. It is never switched off here: a person may have switched it
        // on in the game.
        ("ENABLE_WHITELIST", Some("true".to_owned()).filter(|_| !spec.whitelist.is_empty())),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            set(name, value);
        }
    }
    env
}

/// What a container that somebody else made should be, as far as its environment tells.
pub fn spec_of(name: &str, image: &str, env: &BTreeMap<String, String>, port: Option<u16>) -> Spec {
    let text = |key: &str| {
        env.get(key).map(|value| crate::minecraft::text::plain(value, 256)).filter(|v| !v.is_empty())
    };
    let list = |key: &str| -> Vec<String> {
        let names = env.get(key).map(String::as_str).unwrap_or_default();
        names
            .split([',', '\n'])
            .map(str::trim)
            .filter(|name| crate::model::field::player(name).is_ok())
            .take(crate::model::field::PLAYERS_MAX)
            .map(str::to_owned)
            .collect()
    };
    let defaults = Spec::default();
    let memory = text("MAX_MEMORY").or_else(|| text("MEMORY")).and_then(|text| text.parse::<Memory>().ok());
    Spec {
        name: name.to_owned(),
        server_type: text("TYPE").and_then(|text| text.parse().ok()).unwrap_or_default(),
        version: text("VERSION").unwrap_or(defaults.version),
        // The image's own default.
        memory: memory.unwrap_or(Memory::mib(1024)),
        pids_limit: None,
        port: port.unwrap_or(0),
        motd: text("MOTD"),
        mode: text("MODE").and_then(|text| text.parse().ok()),
        difficulty: text("DIFFICULTY").and_then(|text| text.parse().ok()),
        max_players: text("MAX_PLAYERS").and_then(|text| text.parse().ok()),
        seed: text("SEED"),
        ops: list("OPS"),
        whitelist: list("WHITELIST"),
        view_distance: text("VIEW_DISTANCE").and_then(|text| text.parse().ok()),
        time_zone: text("TZ"),
        image: Some(image.to_owned()),
        eula: text("EULA").is_some_and(|text| text.eq_ignore_ascii_case("true")),
        ..Spec::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(spec: &Spec) -> Plan {
        container(ServerId::new(), Uuid::now_v7(), spec, "survival", "volume")
    }

    #[test]
    fn the_limit_is_derived_from_the_heap_and_never_equal_to_it() {
        let plan = plan(&Spec { memory: Memory::mib(4096), ..Spec::default() });
        assert_eq!(plan.env["MEMORY"], "4G");
        assert_eq!(plan.memory_limit, Memory::mib(5120).as_bytes());
    }

    #[test]
    fn no_secret_is_in_the_environment_or_the_labels() {
        let plan = plan(&Spec::default());
        assert!(!plan.env.contains_key("RCON_PASSWORD"));
        assert_eq!(plan.env["RCON_PASSWORD_FILE"], secret::PATH);
    }

    #[test]
    fn nobody_accepts_the_eula_but_a_person() {
        assert!(!plan(&Spec::default()).env.contains_key("EULA"));
        assert_eq!(plan(&Spec { eula: true, ..Spec::default() }).env["EULA"], "TRUE");
    }

    #[test]
    fn what_was_not_decided_is_left_to_the_server() {
        let plan = plan(&Spec::default());
        for name in ["MOTD", "OPS", "WHITELIST", "ENABLE_WHITELIST", "TZ", "SEED"] {
            assert!(!plan.env.contains_key(name), "{name}");
        }
    }

    #[test]
    fn docker_waits_longer_than_the_image_does() {
        assert_eq!(plan(&Spec::default()).stop_timeout_seconds, 75);
        let env = BTreeMap::from([
            ("STOP_DURATION".to_owned(), "120".to_owned()),
            ("STOP_SERVER_ANNOUNCE_DELAY".to_owned(), "30".to_owned()),
        ]);
        assert_eq!(grace(&env), Duration::from_secs(165));
    }

    #[test]
    fn an_environment_tells_what_its_server_should_be() {
        let spec = Spec {
            name: "a1".into(),
            motd: Some("hello".into()),
            mode: Some(crate::model::spec::Mode::Creative),
            ops: vec!["Alice".into(), "Bob".into()],
            eula: true,
            ..Spec::default()
        };
        let read = spec_of("a1", "i", &environment(&spec), Some(25565));
        assert_eq!(
            (read.motd, read.mode, read.ops, read.memory),
            (spec.motd, spec.mode, spec.ops, spec.memory)
        );
    }
}
