//! The servers that are there when a demo begins, with a believable past.

use std::collections::BTreeMap;
use std::time::Duration;

use practice::faults::Faults;
use practice::rng::{hash, mix};
use practice::settings::Settings;
use serde_json::{Value, json};
use uuid::Uuid;

use super::clock::AGE;
use super::container::{Key, Status};
use super::create::Create;
use super::refusal::Refusal;
use super::world::World;
use crate::model::{Memory, ServerType, Spec};

/// How much of the past of a running server is played through with everything that happens in it.
const REMEMBERED: Duration = Duration::from_secs(12 * 60);
/// The same for the servers of a fleet, where only the start matters.
const REMEMBERED_IN_FLEET: Duration = Duration::from_secs(60);

/// How a server of the cast is found.
enum Fate {
    /// It runs since so long.
    Runs(Duration),
    /// It ran and was stopped so long ago.
    Stopped(Duration),
    /// It died of this again and again, and was left alone so long ago.
    Crashed(&'static str, Duration),
}

const MINUTE: Duration = Duration::from_secs(60);

/// The settings of a server that this program made, as its engine would write them. The names of the labels are the
/// engine's; a test there reads these containers and so notices when the two differ.
fn managed(engine: Uuid, spec: &Spec) -> Value {
    let number = u128::from(hash(spec.name.as_bytes())) << 64 | u128::from(mix(hash(spec.name.as_bytes())));
    let server = uuid::Builder::from_random_bytes(number.to_be_bytes()).into_uuid();
    let bare = Spec { env: BTreeMap::new(), ..spec.clone() };
    let labels = json!({
        "mineclifford.server": server.to_string(),
        "mineclifford.engine": engine.to_string(),
        "mineclifford.schema": "1",
        "mineclifford.spec": serde_json::to_string(&bare).unwrap_or_default(),
        "mineclifford.env": spec.env.keys().map(String::as_str).collect::<Vec<_>>().join(","),
    });
    let mut env = vec![
        "EULA=TRUE".to_owned(),
        format!("TYPE={}", spec.server_type),
        format!("VERSION={}", spec.version),
        format!("MEMORY={}", spec.memory),
        "ENABLE_RCON=true".to_owned(),
        "CREATE_CONSOLE_IN_PIPE=true".to_owned(),
        "STOP_DURATION=60".to_owned(),
    ];
    env.extend(spec.motd.iter().map(|motd| format!("MOTD={motd}")));
    env.extend(spec.mode.iter().map(|mode| format!("MODE={mode}")));
    env.extend(spec.difficulty.iter().map(|difficulty| format!("DIFFICULTY={difficulty}")));
    env.extend(spec.max_players.iter().map(|most| format!("MAX_PLAYERS={most}")));
    env.extend(spec.env.iter().map(|(name, value)| format!("{name}={value}")));
    let limit = spec.memory.limit_for_heap().as_bytes();
    let nano_cpus = spec.cpus.map_or(0, |cpus| (cpus * 1e9) as i64);
    json!({
        "Image": spec.image.as_deref().unwrap_or("itzg/minecraft-server:java21"), "Env": env, "Labels": labels,
        "OpenStdin": true, "StopTimeout": 75, "ExposedPorts": { "25565/tcp": {} },
        "HostConfig": {
            "Mounts": [{ "Type": "volume", "Source": format!("mineclifford-{server}"), "Target": "/data" }],
            "PortBindings": { "25565/tcp": [{ "HostIp": "", "HostPort": spec.port.to_string() }] },
            "Memory": limit, "MemorySwap": limit, "NanoCpus": nano_cpus, "PidsLimit": spec.pids_limit,
            "RestartPolicy": { "Name": "unless-stopped" }, "NetworkMode": "bridge",
            "LogConfig": { "Type": "json-file", "Config": { "max-size": "67108864", "max-file": "4" } },
            "SecurityOpt": ["no-new-privileges"],
        },
    })
}

fn spec(name: &str, kind: &str, version: &str, memory: u64, port: u16, motd: &str) -> Spec {
    Spec {
        name: name.to_owned(),
        server_type: kind.parse::<ServerType>().unwrap_or_default(),
        version: version.to_owned(),
        memory: Memory::mib(memory),
        port,
        motd: Some(motd.to_owned()),
        eula: true,
        ..Spec::default()
    }
}

/// One that somebody made with `docker compose`.
fn composed() -> Value {
    json!({
        "Image": "itzg/minecraft-server", "OpenStdin": true, "Tty": true, "ExposedPorts": { "25565/tcp": {} },
        "Env": ["EULA=TRUE", "TYPE=PAPER", "VERSION=1.21.4", "MEMORY=2G", "MOTD=Friends only", "OPS=Makena"],
        "Labels": {
            "com.docker.compose.project": "friends", "com.docker.compose.service": "mc",
            "com.docker.compose.container-number": "1", "com.docker.compose.oneoff": "False",
            "com.docker.compose.project.config_files": "/srv/friends/compose.yaml",
            "com.docker.compose.project.working_dir": "/srv/friends", "com.docker.compose.version": "2.29.7",
        },
        "HostConfig": {
            "Binds": ["/srv/friends/data:/data:rw"], "NetworkMode": "friends_default",
            "PortBindings": { "25565/tcp": [{ "HostIp": "", "HostPort": "25580" }] },
            "RestartPolicy": { "Name": "always" },
        },
    })
}

/// One that somebody made with `docker run`.
fn by_hand() -> Value {
    json!({
        "Image": "itzg/minecraft-server:java21", "ExposedPorts": { "25565/tcp": {} },
        "Env": ["EULA=TRUE", "VERSION=1.21.1", "MODE=creative"],
        "HostConfig": {
            "NetworkMode": "default", "PortBindings": { "25565/tcp": [{ "HostIp": "", "HostPort": "25581" }] },
            "RestartPolicy": { "Name": "no" },
        },
    })
}

/// Puts what a demo begins with into an empty world.
pub(super) fn enter(world: &mut World) -> Result<(), Refusal> {
    let now = world.now().nanos;
    for tag in ["latest", "java21", "java17"] {
        world.images.insert(format!("itzg/minecraft-server:{tag}"), now - 9 * 86_400_000_000_000);
    }
    if world.options.cast {
        people(world)?;
    }
    for index in 0..world.options.servers {
        let running = index < world.options.running;
        let mut fleet = spec(
            &format!("server-{:04}", index + 1),
            ["PAPER", "VANILLA", "FABRIC", "PURPUR"].get(index % 4).copied().unwrap_or("PAPER"),
            "1.21.4",
            1024,
            0,
            "One of many",
        );
        fleet.port = u16::try_from(20_000 + index).unwrap_or(0);
        let body = managed(world.options.engine, &fleet);
        if running {
            // Not all at the same moment, or their health checks and saves would come all at once for ever.
            let apart = Duration::from_millis(u64::try_from(index).unwrap_or(0) * 7919 % 45_000);
            let fate = Fate::Runs(MINUTE * 90 + apart);
            member(world, &fleet.name, body, &fate, REMEMBERED_IN_FLEET + apart, 0)?;
        } else {
            retired(world, &fleet.name, body)?;
        }
    }
    world.pretended = None;
    Ok(())
}

/// Makes one that looks as if it had run and been stopped. It has no files yet, and so costs next to nothing.
fn retired(world: &mut World, name: &str, body: Value) -> Result<(), Refusal> {
    let plan: Create = serde_json::from_value(body).map_err(|error| Refusal::bad(error.to_string()))?;
    world.pretended = Some(AGE - MINUTE * 61);
    let key = world.create(name, plan)?;
    world.pretended = None;
    let at = |ago: Duration| world.clock.at(AGE - ago).nanos;
    let (started, finished) = (at(MINUTE * 60), at(MINUTE * 20));
    let container = world.get_mut(key)?;
    container.run = 1;
    container.state.status = Status::Exited;
    (container.state.started, container.state.finished) = (started, finished);
    container.state.stopped_by_hand = true;
    Ok(())
}

fn people(world: &mut World) -> Result<(), Refusal> {
    let engine = world.options.engine;
    let mut modded = spec("modded", "NEOFORGE", "1.21.1", 6144, 25568, "All the mods, none of the sleep");
    modded.cpus = Some(4.0);
    let mut creative = spec("creative", "PAPER", "1.21.4", 2048, 25566, "Build anything");
    creative.mode = Some(crate::model::spec::Mode::Creative);
    let mut hardcore = spec("hardcore", "VANILLA", "1.21.4", 2048, 25569, "One life");
    hardcore.difficulty = Some(crate::model::spec::Difficulty::Hard);
    let cast = [
        (spec("survival", "PAPER", "1.21.4", 4096, 25565, "The old world"), Fate::Runs(MINUTE * 60 * 77), 5),
        (creative, Fate::Runs(MINUTE * 60 * 30), 2),
        (spec("skyblock", "PURPUR", "1.21.1", 3072, 25567, "Mind the gap"), Fate::Runs(MINUTE * 312), 3),
        (modded, Fate::Runs(MINUTE * 95), 1),
        (hardcore, Fate::Stopped(MINUTE * 60 * 50), 0),
        (
            spec("frontier", "FABRIC", "1.21.4", 512, 25570, "To the world's end"),
            Fate::Crashed("heap", MINUTE * 41),
            0,
        ),
    ];
    for (spec, fate, players) in &cast {
        let body = managed(engine, spec);
        member(world, &spec.name, body, fate, REMEMBERED, *players)?;
    }
    member(world, "friends-mc-1", composed(), &Fate::Runs(MINUTE * 60 * 200), REMEMBERED, 2)?;
    member(world, "gallant_hopper", by_hand(), &Fate::Stopped(MINUTE * 60 * 26), REMEMBERED, 0)?;
    Ok(())
}

/// Makes one server and plays its past through.
fn member(
    world: &mut World,
    name: &str,
    body: Value,
    fate: &Fate,
    remembered: Duration,
    players: usize,
) -> Result<(), Refusal> {
    let plan: Create = serde_json::from_value(body).map_err(|error| Refusal::bad(error.to_string()))?;
    let ago = match fate {
        Fate::Runs(ago) => *ago,
        Fate::Stopped(ago) | Fate::Crashed(_, ago) => *ago + MINUTE * 30,
    };
    world.pretended = Some(AGE - ago - MINUTE);
    let key = world.create(name, plan)?;
    let lasting = world.get(key)?.settings.clone();
    let mut first = (*lasting).clone();
    first.practice.players =
        (0..players).map(|index| practice::settings::name(index * 3 + name.len())).collect();
    if let Fate::Crashed(fault, _) = fate {
        first.practice.faults = Faults::parse(fault).unwrap_or_default();
    }
    dress(world, key, first)?;
    world.pretended = Some(AGE - ago);
    world.start(key)?;
    match fate {
        Fate::Runs(_) => {
            play(world, key, AGE - ago + MINUTE);
            // What lies between is left out: one step over it, then life goes on up to now.
            world.pretended = Some(AGE.saturating_sub(remembered).max(AGE - ago + MINUTE));
            world.wake(key);
            play(world, key, AGE);
        }
        Fate::Stopped(ago) => {
            play(world, key, AGE - *ago - MINUTE * 29);
            world.pretended = Some(AGE - *ago);
            world.begin_stop(key)?;
            play(world, key, AGE - *ago + MINUTE);
        }
        Fate::Crashed(..) => {
            // Until it has died a few times and waits for its next try.
            for second in 0..600 {
                play(world, key, AGE - ago + Duration::from_secs(second));
                let container = world.get(key)?;
                if container.restarts >= 5 && container.state.status == Status::Restarting {
                    break;
                }
            }
            world.begin_stop(key)?;
        }
    }
    world.pretended = None;
    if matches!(fate, Fate::Crashed(..)) {
        // It goes on crashing until it is made anew with more memory, as a real one would.
        return Ok(());
    }
    world.get_mut(key)?.settings = lasting;
    Ok(())
}

fn dress(world: &mut World, key: Key, settings: Settings) -> Result<(), Refusal> {
    let container = world.get_mut(key)?;
    container.settings = std::sync::Arc::new(settings);
    container.sim = practice::container::Container::new(container.settings.clone());
    Ok(())
}

/// Plays one server's time through up to a moment.
fn play(world: &mut World, key: Key, until: Duration) {
    while let Some(due) =
        world.containers.get(&key).and_then(|container| container.wake).filter(|due| *due <= until)
    {
        world.pretended = Some(world.pretended.map_or(due, |now| now.max(due)));
        world.wake(key);
    }
    world.pretended = Some(until);
}
