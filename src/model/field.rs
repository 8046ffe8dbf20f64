//! The rule of every field that a person fills in, and the message when it is broken.
//!
//! Forms call the single rules as one types; the engine calls [`check`] on the whole, for every face.

use std::collections::BTreeMap;

use super::{Fault, Memory, Spec};

/// Longest name of a server, in characters: a host name's label, so that it can be one on a Docker network.
pub const NAME_MAX: usize = 63;
/// Longest message of the day, in characters.
pub const MOTD_MAX: usize = 256;
/// Most names on one list of players.
pub const PLAYERS_MAX: usize = 500;
/// Most extra variables.
pub const ENV_MAX: usize = 100;
/// Longest value of an extra variable, in bytes.
pub const ENV_VALUE_MAX: usize = 8 * 1024;

/// A rule's verdict: the sentence that says what the value must be.
pub type Verdict = Result<(), String>;

fn broken(rule: impl Into<String>) -> Verdict {
    Err(rule.into())
}

/// 1–63 letters, digits, `.`, `_` and `-`, the first a letter or digit: what Docker takes as a container's name.
pub fn name(name: &str) -> Verdict {
    let mut characters = name.chars();
    match characters.next() {
        None => return broken("must not be empty"),
        Some(first) if !first.is_ascii_alphanumeric() => {
            return broken("must begin with a letter or a digit (a–z, A–Z, 0–9)");
        }
        Some(_) => {}
    }
    if name.len() < 2 {
        return broken("must have at least 2 characters");
    }
    if name.len() > NAME_MAX {
        return broken(format!("must have at most {NAME_MAX} characters"));
    }
    if !characters.all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')) {
        return broken("may hold only letters, digits, '.', '_' and '-'");
    }
    Ok(())
}

/// `LATEST`, `SNAPSHOT`, or up to 64 letters, digits, `.`, `-`, `_` and `+`.
pub fn version(version: &str) -> Verdict {
    if version.is_empty() {
        return broken("must be LATEST, SNAPSHOT or a version such as 1.21.4");
    }
    if version.len() > 64 || !version.chars().all(|c| c.is_ascii_alphanumeric() || ".-_+".contains(c)) {
        return broken(
            "must be LATEST, SNAPSHOT or a version such as 1.21.4 (letters, digits, '.', '-', '_', '+')",
        );
    }
    Ok(())
}

/// The heap: 256 MiB or more; and, where the host's memory is known, its container must fit into that.
pub fn memory(heap: Memory, host_memory: Option<u64>) -> Verdict {
    if heap < Memory::mib(256) {
        return broken("must be at least 256M: a Minecraft server does not start with less");
    }
    if heap > Memory::mib(1024 * 1024) {
        return broken("must be at most 1024G");
    }
    match host_memory {
        Some(host) if heap.limit_for_heap().as_bytes() > host => broken(format!(
            "is more than the host has: {heap} of heap need a container of {}, and the host has {} in all",
            human(heap.limit_for_heap().as_bytes()),
            human(host)
        )),
        _ => Ok(()),
    }
}

fn human(bytes: u64) -> String {
    humansize::format_size(bytes, humansize::BINARY)
}

/// 0.01 cores or more; and no more than the host has, where that is known.
pub fn cpus(cpus: Option<f64>, host_cpus: Option<u32>) -> Verdict {
    match (cpus, host_cpus) {
        (None, _) => Ok(()),
        (Some(n), _) if !n.is_finite() || !(0.01..=1024.0).contains(&n) => {
            broken("must be a number of cores from 0.01, such as 1.5")
        }
        (Some(n), Some(host)) if n > f64::from(host) => {
            broken(format!("must be at most {host}: the host has no more cores"))
        }
        _ => Ok(()),
    }
}

/// At least 64 (a JVM needs some dozens of threads), at most 4,194,304 (the kernel's own limit).
pub fn pids_limit(pids: Option<u32>) -> Verdict {
    match pids {
        Some(n) if !(64..=4_194_304).contains(&n) => broken("must be from 64 to 4194304"),
        _ => Ok(()),
    }
}

/// Text in one line, without control characters, at most [`MOTD_MAX`] characters.
pub fn motd(motd: &str) -> Verdict {
    if motd.chars().count() > MOTD_MAX {
        return broken(format!("must have at most {MOTD_MAX} characters"));
    }
    one_line(motd)
}

/// Text without control characters, line breaks among them.
fn one_line(text: &str) -> Verdict {
    if text.chars().any(char::is_control) {
        return broken("must be one line without control characters");
    }
    Ok(())
}

/// 1 to 100,000.
pub fn max_players(players: Option<u32>) -> Verdict {
    match players {
        Some(n) if !(1..=100_000).contains(&n) => broken("must be from 1 to 100000"),
        _ => Ok(()),
    }
}

/// At most 128 characters in one line.
pub fn seed(seed: &str) -> Verdict {
    if seed.chars().count() > 128 {
        return broken("must have at most 128 characters");
    }
    one_line(seed)
}

/// One player: 1–16 letters, digits and `_` (a Bedrock name through Floodgate has a `.` before it), or a UUID.
pub fn player(name: &str) -> Verdict {
    let java = name.strip_prefix('.').unwrap_or(name);
    let named = (1..=16).contains(&java.len()) && java.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if named || uuid::Uuid::parse_str(name).is_ok() {
        return Ok(());
    }
    broken("must be players' names (1–16 letters, digits and '_') or UUIDs, separated by commas")
}

/// A list of [`player`]s, at most [`PLAYERS_MAX`].
pub fn players(names: &[String]) -> Verdict {
    if names.len() > PLAYERS_MAX {
        return broken(format!("must have at most {PLAYERS_MAX} names"));
    }
    names.iter().try_for_each(|name| player(name))
}

/// 2 to 32 chunks.
pub fn view_distance(chunks: Option<u8>) -> Verdict {
    match chunks {
        Some(n) if !(2..=32).contains(&n) => broken("must be from 2 to 32 chunks"),
        _ => Ok(()),
    }
}

/// A name from the IANA time zone database, such as `Europe/Berlin`.
pub fn time_zone(zone: &str) -> Verdict {
    if zone.len() <= 64 && jiff::tz::TimeZone::get(zone).is_ok() {
        return Ok(());
    }
    broken("must be a time zone such as Europe/Berlin or UTC")
}

/// What the program itself sets: saying it twice would let one silently win.
pub const ENV_OWNED: &[&str] = &[
    "EULA",
    "TYPE",
    "VERSION",
    "MEMORY",
    "INIT_MEMORY",
    "MAX_MEMORY",
    "MOTD",
    "MODE",
    "DIFFICULTY",
    "MAX_PLAYERS",
    "SEED",
    "OPS",
    "WHITELIST",
    "ENABLE_WHITELIST",
    "VIEW_DISTANCE",
    "TZ",
    "SERVER_PORT",
    "ENABLE_RCON",
    "RCON_PORT",
    "RCON_PASSWORD",
    "RCON_PASSWORD_FILE",
    "CREATE_CONSOLE_IN_PIPE",
    "STOP_DURATION",
];

/// Extra variables: names of letters, digits and `_`; values without NUL; none of [`ENV_OWNED`].
pub fn env(env: &BTreeMap<String, String>) -> Verdict {
    if env.len() > ENV_MAX {
        return broken(format!("must have at most {ENV_MAX} variables"));
    }
    for (name, value) in env {
        let starts = name.chars().next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
        if !starts || name.len() > 128 || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            return broken("names must be letters, digits and '_', written NAME=value");
        }
        if ENV_OWNED.contains(&name.as_str()) {
            return broken(format!(
                "{name} has a field of its own or is kept by the program; it cannot be set here"
            ));
        }
        if value.len() > ENV_VALUE_MAX || value.contains('\0') {
            return broken(format!("{name} must have at most {ENV_VALUE_MAX} bytes and no NUL"));
        }
    }
    Ok(())
}

/// An image reference as Docker takes it, such as `itzg/minecraft-server:java21`; at most 255 characters.
pub fn image(image: &str) -> Verdict {
    let rule = "must be an image such as itzg/minecraft-server:java21";
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._-/:@".contains(c);
    let edges = |c: char| c.is_ascii_alphanumeric();
    if image.len() > 255
        || !image.chars().all(allowed)
        || !image.starts_with(edges)
        || !image.ends_with(edges)
    {
        return broken(rule);
    }
    // The repository's path is lower case; a registry's host and the tag need not be.
    let path = image.split('@').next().unwrap_or(image);
    let path = match path.rfind(':') {
        Some(colon) if !path[colon..].contains('/') => &path[..colon],
        _ => path,
    };
    // As Docker reads it: the first part is a registry only where it could be an address.
    let repository = match path.split_once('/') {
        Some((host, rest)) if host.contains(['.', ':']) || host == "localhost" => rest,
        _ => path,
    };
    if repository.is_empty() || repository.chars().any(|c| c.is_ascii_uppercase()) || path.contains("//") {
        return broken(rule);
    }
    Ok(())
}

/// A volume's name as Docker takes it: never a path, so that no folder of the host can be reached by it.
pub fn volume(volume: &str) -> Verdict {
    let starts = volume.chars().next().is_some_and(|c| c.is_ascii_alphanumeric());
    if starts && volume.len() <= 128 && volume.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
    {
        return Ok(());
    }
    broken("must be the name of a Docker volume (letters, digits, '.', '_', '-'), not a path")
}

/// What is known of the host that a spec is checked against.
#[derive(Clone, Copy, Default, Debug)]
pub struct HostLimits {
    /// Bytes of memory in all.
    pub memory_bytes: Option<u64>,
    /// Cores.
    pub cpus: Option<u32>,
}

/// Checks a whole spec; the first broken rule, with its field. Port and name clashes are the engine's to find.
pub fn check(spec: &Spec, host: HostLimits) -> Result<(), Fault> {
    fn on(field: &'static str) -> impl Fn(String) -> Fault {
        move |rule| Fault::invalid(field, rule)
    }
    name(&spec.name).map_err(on("name"))?;
    version(&spec.version).map_err(on("version"))?;
    memory(spec.memory, host.memory_bytes).map_err(on("memory"))?;
    cpus(spec.cpus, host.cpus).map_err(on("cpus"))?;
    pids_limit(spec.pids_limit).map_err(on("pids_limit"))?;
    spec.motd.as_deref().map_or(Ok(()), motd).map_err(on("motd"))?;
    max_players(spec.max_players).map_err(on("max_players"))?;
    spec.seed.as_deref().map_or(Ok(()), seed).map_err(on("seed"))?;
    players(&spec.ops).map_err(on("ops"))?;
    players(&spec.whitelist).map_err(on("whitelist"))?;
    view_distance(spec.view_distance).map_err(on("view_distance"))?;
    spec.time_zone.as_deref().map_or(Ok(()), time_zone).map_err(on("time_zone"))?;
    env(&spec.env).map_err(on("env"))?;
    spec.image.as_deref().map_or(Ok(()), image).map_err(on("image"))?;
    spec.volume.as_deref().map_or(Ok(()), volume).map_err(on("volume"))?;
    if !spec.eula {
        return Err(Fault::invalid(
            "eula",
            "must be accepted: Minecraft's EULA is at https://aka.ms/MinecraftEULA, and only a person can agree to it",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_docker_takes_and_no_others() {
        for good in ["a1", "survival", "My.Server_2-b", &"x".repeat(63)] {
            assert_eq!(name(good), Ok(()), "{good}");
        }
        for bad in
            ["", "a", "-x", ".x", "a b", "a/b", "a\u{1b}[31m", "ünder", "a\nb", "../x", &"x".repeat(64)]
        {
            assert!(name(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn images_that_docker_takes_and_no_others() {
        for good in [
            "itzg/minecraft-server",
            "itzg/minecraft-server:java21",
            "localhost:5000/a/b:T1",
            "a@sha256:abcd",
            "Registry.io/a/b",
        ] {
            assert_eq!(image(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "-v/:/x",
            "a b",
            "Itzg/Minecraft",
            "UPPER/case",
            "host.io/UPPER/case",
            "a//b",
            "a:",
            "x\ny",
            "--privileged",
        ] {
            assert!(image(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_volume_is_never_a_path() {
        for bad in ["/", "/var/run/docker.sock", "../x", ".hidden", "a/b", ""] {
            assert!(volume(bad).is_err(), "{bad:?}");
        }
        assert_eq!(volume("mc_data-1"), Ok(()));
    }

    #[test]
    fn the_first_broken_rule_names_its_field() {
        let good = Spec { name: "survival".into(), eula: true, ..Spec::default() };
        assert_eq!(check(&good, HostLimits::default()), Ok(()));
        let field = |spec: Spec, host| check(&spec, host).unwrap_err().field.unwrap();
        let none = HostLimits::default();
        assert_eq!(field(Spec { eula: false, ..good.clone() }, none), "eula");
        assert_eq!(field(Spec { motd: Some("a\nb".into()), ..good.clone() }, none), "motd");
        assert_eq!(field(Spec { ops: vec!["not a name".into()], ..good.clone() }, none), "ops");
        assert_eq!(field(Spec { time_zone: Some("Mars/Base".into()), ..good.clone() }, none), "time_zone");
        let small = HostLimits { memory_bytes: Some(2 << 30), cpus: Some(2) };
        assert_eq!(field(good.clone(), small), "memory");
        assert_eq!(field(Spec { memory: Memory::mib(512), cpus: Some(3.0), ..good }, small), "cpus");
    }

    #[test]
    fn what_the_program_sets_cannot_be_set_twice() {
        let env_of = |name: &str| BTreeMap::from([(name.to_owned(), "x".to_owned())]);
        assert!(env(&env_of("RCON_PASSWORD")).unwrap_err().contains("RCON_PASSWORD"));
        assert!(env(&env_of("A=B")).is_err());
        assert_eq!(env(&env_of("USE_AIKAR_FLAGS")), Ok(()));
    }
}
