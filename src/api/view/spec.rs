//! What a new server is to be, and what is changed of one.

use std::{collections::BTreeMap, net::IpAddr, str::FromStr};

use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

use crate::model::{Changes, Fault, Memory, Spec};

/// What a new server is to be. What is left out is as the settings of the service say.
#[derive(Deserialize, ToSchema, Clone, Debug)]
#[serde(deny_unknown_fields)]
pub struct NewServer {
    /// What people call it; also the container's name.
    #[schema(
        min_length = 2,
        max_length = 63,
        pattern = "^[A-Za-z0-9][A-Za-z0-9._-]+$",
        example = "survival"
    )]
    name: String,
    /// Server software: `VANILLA`, `PAPER`, `FABRIC`, `NEOFORGE`, …
    #[schema(example = "PAPER")]
    server_type: Option<String>,
    /// `LATEST`, `SNAPSHOT`, or a version such as `1.21.4`.
    #[schema(example = "LATEST")]
    version: Option<String>,
    /// The Java heap, such as `2G` or `1536M`.
    #[schema(example = "2G")]
    memory: Option<String>,
    /// At most so many players.
    #[schema(minimum = 1, maximum = 100_000)]
    max_players: Option<u32>,
    /// `survival`, `creative`, `adventure` or `spectator`.
    #[schema(example = "survival")]
    gamemode: Option<String>,
    /// `peaceful`, `easy`, `normal` or `hard`.
    #[schema(example = "normal")]
    difficulty: Option<String>,
    /// Where it runs: `local`, `aws` or `azure`.
    #[schema(example = "local")]
    provider: Option<String>,
    /// The region, for machines in a cloud.
    region: Option<String>,
    /// On which host.
    #[schema(example = "local")]
    host: Option<String>,
    /// Whether you accept Minecraft's EULA (<https://aka.ms/MinecraftEULA>); without it no server is made.
    #[serde(default)]
    eula: bool,
    /// The port on the host; 0 takes a free one.
    port: Option<u16>,
    /// The host's address that the port is opened on; left out, every address.
    #[schema(value_type = Option<String>)]
    bind: Option<IpAddr>,
    /// At most so many cores.
    cpus: Option<f64>,
    /// At most so many processes and threads.
    pids_limit: Option<u32>,
    /// What the server list shows.
    motd: Option<String>,
    /// What the world grows from.
    seed: Option<String>,
    /// Players who may do everything.
    ops: Option<Vec<String>>,
    /// The only players who may join.
    whitelist: Option<Vec<String>>,
    /// How far players see, in chunks.
    view_distance: Option<u8>,
    /// The time zone of its log.
    time_zone: Option<String>,
    /// More variables for the image.
    env: Option<BTreeMap<String, String>>,
    /// The image.
    image: Option<String>,
    /// A volume with a world that is there already.
    volume: Option<String>,
}

fn read<T: FromStr<Err = String>>(field: &str, text: &str) -> Result<T, Fault> {
    text.parse().map_err(|rule: String| Fault::invalid(field, rule))
}

fn read_some<T: FromStr<Err = String>>(field: &str, text: Option<&str>) -> Result<Option<T>, Fault> {
    text.map(|text| read(field, text)).transpose()
}

impl NewServer {
    /// The spec; what is left out is as `base` has it.
    ///
    /// # Errors
    /// The first field that cannot be read. Rules are the engine's to check.
    pub fn spec(self, base: &Spec) -> Result<Spec, Fault> {
        if self.region.is_some() {
            return Err(Fault::invalid("region", "is for machines in a cloud, and this version makes none"));
        }
        let base = base.clone();
        Ok(Spec {
            name: self.name,
            provider: read_some("provider", self.provider.as_deref())?.unwrap_or(base.provider),
            host: self.host.map_or(base.host, |host| host.as_str().into()),
            server_type: read_some("server_type", self.server_type.as_deref())?.unwrap_or(base.server_type),
            version: self.version.unwrap_or(base.version),
            memory: read_some("memory", self.memory.as_deref())?.unwrap_or(base.memory),
            cpus: self.cpus.or(base.cpus),
            pids_limit: self.pids_limit.or(base.pids_limit),
            port: self.port.unwrap_or(base.port),
            bind: self.bind.or(base.bind),
            motd: self.motd.or(base.motd),
            mode: read_some("gamemode", self.gamemode.as_deref())?.or(base.mode),
            difficulty: read_some("difficulty", self.difficulty.as_deref())?.or(base.difficulty),
            max_players: self.max_players.or(base.max_players),
            seed: self.seed.or(base.seed),
            ops: self.ops.unwrap_or(base.ops),
            whitelist: self.whitelist.unwrap_or(base.whitelist),
            view_distance: self.view_distance.or(base.view_distance),
            time_zone: self.time_zone.or(base.time_zone),
            env: self.env.unwrap_or(base.env),
            image: self.image.or(base.image),
            volume: self.volume.or(base.volume),
            eula: self.eula,
        })
    }
}

/// What is said at all: `null` is something else than nothing.
#[allow(clippy::option_option)]
fn said<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(from).map(Some)
}

/// A change to a server: what is left out stays, `null` leaves it to the image or to Docker again.
#[derive(Deserialize, ToSchema, Clone, Debug, Default)]
#[serde(deny_unknown_fields, default)]
#[allow(clippy::option_option)]
pub struct ServerChanges {
    /// Server software.
    server_type: Option<String>,
    /// `LATEST`, `SNAPSHOT`, or a version.
    version: Option<String>,
    /// The Java heap.
    memory: Option<String>,
    /// The port on the host.
    port: Option<u16>,
    /// At most so many cores.
    #[serde(deserialize_with = "said")]
    #[schema(value_type = Option<f64>)]
    cpus: Option<Option<f64>>,
    /// At most so many processes and threads.
    #[serde(deserialize_with = "said")]
    #[schema(value_type = Option<u32>)]
    pids_limit: Option<Option<u32>>,
    /// The host's address that the port is opened on.
    #[serde(deserialize_with = "said")]
    #[schema(value_type = Option<String>)]
    bind: Option<Option<IpAddr>>,
    /// What the server list shows.
    #[serde(deserialize_with = "said")]
    #[schema(value_type = Option<String>)]
    motd: Option<Option<String>>,
    /// How players play.
    #[serde(deserialize_with = "said")]
    #[schema(value_type = Option<String>)]
    gamemode: Option<Option<String>>,
    /// How dangerous the world is.
    #[serde(deserialize_with = "said")]
    #[schema(value_type = Option<String>)]
    difficulty: Option<Option<String>>,
    /// At most so many players.
    #[serde(deserialize_with = "said")]
    #[schema(value_type = Option<u32>)]
    max_players: Option<Option<u32>>,
    /// Players who may do everything.
    ops: Option<Vec<String>>,
    /// The only players who may join.
    whitelist: Option<Vec<String>>,
    /// How far players see, in chunks.
    #[serde(deserialize_with = "said")]
    #[schema(value_type = Option<u8>)]
    view_distance: Option<Option<u8>>,
    /// The time zone of its log.
    #[serde(deserialize_with = "said")]
    #[schema(value_type = Option<String>)]
    time_zone: Option<Option<String>>,
    /// Variables to set; one that is `null` is taken away.
    env: BTreeMap<String, Option<String>>,
    /// The image.
    #[serde(deserialize_with = "said")]
    #[schema(value_type = Option<String>)]
    image: Option<Option<String>>,
}

#[allow(clippy::option_option)]
fn read_said<T: FromStr<Err = String>>(
    field: &str,
    text: Option<Option<String>>,
) -> Result<Option<Option<T>>, Fault> {
    text.map(|text| read_some(field, text.as_deref())).transpose()
}

impl ServerChanges {
    /// The changes.
    ///
    /// # Errors
    /// The first field that cannot be read.
    pub fn changes(self) -> Result<Changes, Fault> {
        let mut env_set = BTreeMap::new();
        let mut env_unset = Vec::new();
        for (name, value) in self.env {
            match value {
                Some(value) => _ = env_set.insert(name, value),
                None => env_unset.push(name),
            }
        }
        Ok(Changes {
            server_type: read_some("server_type", self.server_type.as_deref())?,
            version: self.version,
            memory: read_some::<Memory>("memory", self.memory.as_deref())?,
            cpus: self.cpus,
            pids_limit: self.pids_limit,
            port: self.port,
            bind: self.bind,
            motd: self.motd,
            mode: read_said("gamemode", self.gamemode)?,
            difficulty: read_said("difficulty", self.difficulty)?,
            max_players: self.max_players,
            ops: self.ops,
            whitelist: self.whitelist,
            view_distance: self.view_distance,
            time_zone: self.time_zone,
            env_set,
            env_unset,
            image: self.image,
        })
    }
}

/// What a copy of a server is to be.
#[derive(Deserialize, ToSchema, Clone, Debug)]
#[serde(deny_unknown_fields)]
pub struct CloneWish {
    /// Its name.
    #[schema(min_length = 2, max_length = 63, pattern = "^[A-Za-z0-9][A-Za-z0-9._-]+$", example = "copy")]
    pub name: String,
    /// Its port on the host; 0 takes a free one.
    #[serde(default)]
    pub port: u16,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_null_and_a_value_are_three_things() {
        let read = |text| serde_json::from_str::<ServerChanges>(text).unwrap().changes().unwrap();
        assert!(read("{}").is_empty());
        let changes =
            read(r#"{"motd": null, "cpus": 1.5, "env": {"A": "1", "B": null}, "gamemode": "creative"}"#);
        assert_eq!((changes.motd, changes.cpus), (Some(None), Some(Some(1.5))));
        assert_eq!(changes.env_unset, ["B"]);
        assert_eq!(changes.env_set["A"], "1");
        assert_eq!(changes.mode.unwrap().unwrap().as_str(), "creative");
        assert!(serde_json::from_str::<ServerChanges>(r#"{"colour": "red"}"#).is_err());
    }

    #[test]
    fn what_is_left_out_is_as_the_settings_say() {
        let base = Spec { memory: Memory::mib(1024), ..Spec::default() };
        let new: NewServer =
            serde_json::from_str(r#"{"name": "a1", "difficulty": "HARD", "eula": true}"#).unwrap();
        let spec = new.spec(&base).unwrap();
        assert_eq!((spec.memory, spec.eula), (Memory::mib(1024), true));
        assert_eq!(spec.difficulty.unwrap().as_str(), "hard");
        let fault = |text: &str| serde_json::from_str::<NewServer>(text).unwrap().spec(&base).unwrap_err();
        assert_eq!(fault(r#"{"name": "a1", "gamemode": "war"}"#).field.unwrap(), "gamemode");
        assert_eq!(fault(r#"{"name": "a1", "region": "eu-1"}"#).field.unwrap(), "region");
    }
}
