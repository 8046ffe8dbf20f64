//! The options that say what a server should be, and what they make of a [`Spec`] and of [`Changes`].

use std::{collections::BTreeMap, net::IpAddr, str::FromStr};

use clap::{
    Args, ValueEnum,
    builder::{PossibleValuesParser, TypedValueParser},
};

use crate::model::{
    Changes, Fault, Memory, ServerType, Spec, field,
    spec::{Difficulty, Mode},
};

/// A parser that knows every choice, so that help and completions list them.
fn choice<T>(words: impl IntoIterator<Item = &'static str>) -> impl TypedValueParser<Value = T>
where
    T: FromStr<Err = String> + Clone + Send + Sync + 'static,
{
    PossibleValuesParser::new(words).try_map(|word| word.parse::<T>())
}

/// What `--type` may be, as people write it.
const TYPES: [&str; ServerType::ALL.len()] = [
    "vanilla",
    "paper",
    "folia",
    "purpur",
    "pufferfish",
    "leaf",
    "fabric",
    "quilt",
    "forge",
    "neoforge",
    "spigot",
    "bukkit",
    "mohist",
    "arclight",
    "magma",
    "spongevanilla",
    "limbo",
    "nanolimbo",
    "custom",
    "modrinth",
    "auto_curseforge",
    "curseforge",
    "ftba",
];

/// What can be set when a server is made, and changed later.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Server options")]
pub struct SharedOptions {
    /// Server software [default for a new server: vanilla]
    #[arg(long = "type", value_name = "TYPE", ignore_case = true, hide_possible_values = false,
        value_parser = choice::<ServerType>(TYPES))]
    pub server_type: Option<ServerType>,
    /// Minecraft's version: LATEST, SNAPSHOT, or one such as 1.21.4 [default for a new server: LATEST]
    #[arg(long = "version", value_name = "VERSION")]
    pub version: Option<String>,
    /// Memory of the Java heap, such as 2G or 1536M [default for a new server: 2G]
    #[arg(long, value_name = "SIZE")]
    pub memory: Option<Memory>,
    /// At most so many cores, such as 1.5 [default: all of them]
    #[arg(long, value_name = "N")]
    pub cpus: Option<f64>,
    /// At most so many processes and threads [default for a new server: 4096]
    #[arg(long, value_name = "N")]
    pub pids_limit: Option<u32>,
    /// Port on the host; 0 takes a free one [default for a new server: 25565]
    #[arg(long, value_name = "PORT")]
    pub port: Option<u16>,
    /// Address of the host that the port is opened on [default: all]
    #[arg(long, value_name = "ADDRESS")]
    pub bind: Option<IpAddr>,
    /// Message that players see in their server list
    #[arg(long, value_name = "TEXT")]
    pub motd: Option<String>,
    /// How players play
    #[arg(long, value_name = "MODE", ignore_case = true,
        value_parser = choice::<Mode>(Mode::ALL.iter().map(|mode| mode.as_str())))]
    pub mode: Option<Mode>,
    /// How dangerous the world is
    #[arg(long, value_name = "DIFFICULTY", ignore_case = true,
        value_parser = choice::<Difficulty>(Difficulty::ALL.iter().map(|difficulty| difficulty.as_str())))]
    pub difficulty: Option<Difficulty>,
    /// At most so many players at once
    #[arg(long, value_name = "N")]
    pub max_players: Option<u32>,
    /// Players who may do everything: names or UUIDs, with commas between
    #[arg(long, value_name = "PLAYERS", value_delimiter = ',')]
    pub ops: Option<Vec<String>>,
    /// The only players who may join: names or UUIDs, with commas between
    #[arg(long, value_name = "PLAYERS", value_delimiter = ',')]
    pub whitelist: Option<Vec<String>>,
    /// How far players see, in chunks (2 to 32)
    #[arg(long, value_name = "CHUNKS")]
    pub view_distance: Option<u8>,
    /// Time zone of the log, such as Europe/Berlin
    #[arg(long, value_name = "ZONE")]
    pub time_zone: Option<String>,
    /// Image to run [default: itzg/minecraft-server with the Java that the version needs]
    #[arg(long, value_name = "IMAGE")]
    pub image: Option<String>,
    /// Another variable for the image; may be given more than once
    #[arg(long = "env", short = 'e', value_name = "NAME=VALUE", value_parser = variable)]
    pub env: Vec<(String, String)>,
}

/// What is decided when a server is made, and then stands.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Options for a new server")]
pub struct NewOptions {
    /// What the world grows from
    #[arg(long, value_name = "SEED", allow_hyphen_values = true)]
    pub seed: Option<String>,
    /// A Docker volume with a world that is there already [default: a new one]
    #[arg(long, value_name = "VOLUME")]
    pub volume: Option<String>,
    /// You accept Minecraft's EULA, https://aka.ms/MinecraftEULA; without it no server is made
    #[arg(long)]
    pub eula: bool,
}

/// What can be taken away by an edit.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Options that take away")]
pub struct EditOptions {
    /// Leave this to the image or to Docker again; may be given more than once
    #[arg(long, value_name = "FIELD", ignore_case = true)]
    pub unset: Vec<Unset>,
    /// Take a variable away; may be given more than once
    #[arg(long, value_name = "NAME")]
    pub env_unset: Vec<String>,
}

/// A field that can be left to the image or to Docker.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Unset {
    Cpus,
    PidsLimit,
    Bind,
    Motd,
    Mode,
    Difficulty,
    MaxPlayers,
    Ops,
    Whitelist,
    ViewDistance,
    TimeZone,
    Image,
}

fn variable(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("must be written NAME=value")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// `--ops ""` is an empty list, not a player without a name.
fn players(names: &[String]) -> Vec<String> {
    names.iter().map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
}

/// The variables as a map; one that is named twice has no meaning that could be guessed.
fn variables(pairs: &[(String, String)]) -> Result<BTreeMap<String, String>, Fault> {
    let mut env = BTreeMap::new();
    for (name, value) in pairs {
        if env.insert(name.clone(), value.clone()).is_some() {
            return Err(Fault::invalid("env", format!("{} is given twice", name.escape_default())));
        }
    }
    Ok(env)
}

impl SharedOptions {
    /// The spec of a new server with these options; what is not given is as `base` has it.
    ///
    /// # Errors
    /// The first field that breaks its rule.
    pub fn to_spec(&self, name: &str, new: &NewOptions, base: &Spec) -> Result<Spec, Fault> {
        let changes = self.to_changes(&EditOptions::default())?;
        let base = Spec { name: name.to_owned(), ..base.clone() };
        let spec = Spec {
            seed: new.seed.clone(),
            volume: new.volume.clone(),
            eula: new.eula,
            ..changes.applied_to(&base)
        };
        field::check(&spec, field::HostLimits::default())?;
        Ok(spec)
    }

    /// What an edit with these options changes.
    ///
    /// # Errors
    /// A field that is both set and unset, or a variable that is given twice.
    pub fn to_changes(&self, edit: &EditOptions) -> Result<Changes, Fault> {
        let mut changes = Changes {
            server_type: self.server_type,
            version: self.version.clone(),
            memory: self.memory,
            cpus: self.cpus.map(Some),
            pids_limit: self.pids_limit.map(Some),
            port: self.port,
            bind: self.bind.map(Some),
            motd: self.motd.clone().map(Some),
            mode: self.mode.map(Some),
            difficulty: self.difficulty.map(Some),
            max_players: self.max_players.map(Some),
            ops: self.ops.as_deref().map(players),
            whitelist: self.whitelist.as_deref().map(players),
            view_distance: self.view_distance.map(Some),
            time_zone: self.time_zone.clone().map(Some),
            env_set: variables(&self.env)?,
            env_unset: edit.env_unset.clone(),
            image: self.image.clone().map(Some),
        };
        if let Some(name) = edit.env_unset.iter().find(|name| changes.env_set.contains_key(*name)) {
            return Err(Fault::invalid("env", format!("{} is both set and unset", name.escape_default())));
        }
        edit.unset.iter().try_for_each(|unset| unset.apply(&mut changes))?;
        Ok(changes)
    }
}

impl Unset {
    /// The field as messages and JSON name it.
    fn field(self) -> &'static str {
        match self {
            Self::Cpus => "cpus",
            Self::PidsLimit => "pids_limit",
            Self::Bind => "bind",
            Self::Motd => "motd",
            Self::Mode => "mode",
            Self::Difficulty => "difficulty",
            Self::MaxPlayers => "max_players",
            Self::Ops => "ops",
            Self::Whitelist => "whitelist",
            Self::ViewDistance => "view_distance",
            Self::TimeZone => "time_zone",
            Self::Image => "image",
        }
    }

    fn apply(self, changes: &mut Changes) -> Result<(), Fault> {
        fn clear<T>(slot: &mut Option<Option<T>>) -> bool {
            !matches!(slot.replace(None), Some(Some(_)))
        }
        fn empty(slot: &mut Option<Vec<String>>) -> bool {
            slot.replace(Vec::new()).is_none_or(|names| names.is_empty())
        }
        let free = match self {
            Self::Cpus => clear(&mut changes.cpus),
            Self::PidsLimit => clear(&mut changes.pids_limit),
            Self::Bind => clear(&mut changes.bind),
            Self::Motd => clear(&mut changes.motd),
            Self::Mode => clear(&mut changes.mode),
            Self::Difficulty => clear(&mut changes.difficulty),
            Self::MaxPlayers => clear(&mut changes.max_players),
            Self::Ops => empty(&mut changes.ops),
            Self::Whitelist => empty(&mut changes.whitelist),
            Self::ViewDistance => clear(&mut changes.view_distance),
            Self::TimeZone => clear(&mut changes.time_zone),
            Self::Image => clear(&mut changes.image),
        };
        if free { Ok(()) } else { Err(Fault::invalid(self.field(), "is both set and unset")) }
    }
}

#[cfg(test)]
mod tests;
