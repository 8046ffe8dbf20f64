//! What a server should be: everything a person decides about it.

use std::{collections::BTreeMap, net::IpAddr};

use serde::{Deserialize, Serialize};

use super::{HostId, Memory, ServerType};

/// Where servers run. `local` is a Docker engine that is already there; the others are made first.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Provider {
    /// A Docker engine that exists.
    #[default]
    Local,
    /// A machine at Amazon, made by Terraform.
    Aws,
    /// A machine at Microsoft, made by Terraform.
    Azure,
}

/// How players play.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Mode {
    #[default]
    Survival,
    Creative,
    Adventure,
    Spectator,
}

/// How dangerous the world is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Difficulty {
    Peaceful,
    #[default]
    Easy,
    Normal,
    Hard,
}

macro_rules! words {
    ($type:ident: $($variant:ident $word:literal),+) => {
        impl $type {
            /// Every choice, in the order that forms list them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// As the image's variable and the forms write it.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $type {
            type Err = String;

            /// Any case. The error lists what may be written.
            fn from_str(text: &str) -> Result<Self, String> {
                Self::ALL
                    .iter()
                    .copied()
                    .find(|choice| choice.as_str().eq_ignore_ascii_case(text.trim()))
                    .ok_or_else(|| concat!("must be one of", $(" ", $word),+).to_owned())
            }
        }
    };
}

words!(Provider: Local "local", Aws "aws", Azure "azure");
words!(Mode: Survival "survival", Creative "creative", Adventure "adventure", Spectator "spectator");
words!(Difficulty: Peaceful "peaceful", Easy "easy", Normal "normal", Hard "hard");

/// Everything that a person decides about a server. Checked by [`crate::model::field`]; holds no secret.
///
/// `None` leaves a property as the server has it; the image clears a property whose variable is set but empty.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Spec {
    /// What people call it; also the container's name.
    pub name: String,
    /// Where it runs.
    pub provider: Provider,
    /// On which host.
    pub host: HostId,
    /// Which server software.
    pub server_type: ServerType,
    /// `LATEST`, `SNAPSHOT`, or a version such as `1.21.4`.
    pub version: String,
    /// The Java heap. The container's limit follows from it.
    pub memory: Memory,
    /// At most so many cores; `None` is all of them.
    pub cpus: Option<f64>,
    /// At most so many processes and threads.
    pub pids_limit: Option<u32>,
    /// The port on the host; 0 lets Docker choose a free one.
    pub port: u16,
    /// The host's address that the port is opened on; `None` is every address.
    pub bind: Option<IpAddr>,
    /// What the server list shows.
    pub motd: Option<String>,
    /// How players play.
    pub mode: Option<Mode>,
    /// How dangerous the world is.
    pub difficulty: Option<Difficulty>,
    /// At most so many players at once.
    pub max_players: Option<u32>,
    /// What the world grows from.
    pub seed: Option<String>,
    /// Players who may do everything.
    pub ops: Vec<String>,
    /// The only players who may join; empty lets everybody in.
    pub whitelist: Vec<String>,
    /// How far players see, in chunks.
    pub view_distance: Option<u8>,
    /// The time zone of its log, such as `Europe/Berlin`.
    pub time_zone: Option<String>,
    /// More variables for the image.
    pub env: BTreeMap<String, String>,
    /// The image; `None` is `itzg/minecraft-server` with the Java that the version needs.
    pub image: Option<String>,
    /// A volume with a world that is there already; `None` makes a new one.
    pub volume: Option<String>,
    /// Whether a person accepted Minecraft's EULA (<https://aka.ms/MinecraftEULA>).
    pub eula: bool,
}

impl Default for Spec {
    fn default() -> Self {
        Self {
            name: String::new(),
            provider: Provider::Local,
            host: HostId::local(),
            server_type: ServerType::Vanilla,
            version: "LATEST".into(),
            memory: Memory::mib(2048),
            cpus: None,
            pids_limit: Some(4096),
            port: 25565,
            bind: None,
            motd: None,
            mode: None,
            difficulty: None,
            max_players: None,
            seed: None,
            ops: Vec::new(),
            whitelist: Vec::new(),
            view_distance: None,
            time_zone: None,
            env: BTreeMap::new(),
            image: None,
            volume: None,
            eula: false,
        }
    }
}

/// A change to a server's [`Spec`]: the outer `Some` means "set it to this".
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct Changes {
    pub server_type: Option<ServerType>,
    pub version: Option<String>,
    pub memory: Option<Memory>,
    pub cpus: Option<Option<f64>>,
    pub pids_limit: Option<Option<u32>>,
    pub port: Option<u16>,
    pub bind: Option<Option<IpAddr>>,
    pub motd: Option<Option<String>>,
    pub mode: Option<Option<Mode>>,
    pub difficulty: Option<Option<Difficulty>>,
    pub max_players: Option<Option<u32>>,
    pub ops: Option<Vec<String>>,
    pub whitelist: Option<Vec<String>>,
    pub view_distance: Option<Option<u8>>,
    pub time_zone: Option<Option<String>>,
    /// Variables to set.
    pub env_set: BTreeMap<String, String>,
    /// Variables to take away.
    pub env_unset: Vec<String>,
    pub image: Option<Option<String>>,
}

impl Changes {
    /// Whether nothing would change.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The spec with these changes made.
    pub fn applied_to(&self, spec: &Spec) -> Spec {
        let mut new = spec.clone();
        macro_rules! set {
            ($($field:ident),+) => { $(if let Some(value) = self.$field.clone() { new.$field = value; })+ };
        }
        set!(
            server_type,
            version,
            memory,
            cpus,
            pids_limit,
            port,
            bind,
            motd,
            mode,
            difficulty,
            max_players,
            ops,
            whitelist,
            view_distance,
            time_zone,
            image
        );
        for name in &self.env_unset {
            new.env.remove(name);
        }
        new.env.extend(self.env_set.clone());
        new
    }

    /// What turns `old` into `new`. The name, seed, host and volume are not edited this way.
    pub fn between(old: &Spec, new: &Spec) -> Self {
        let mut changes = Self::default();
        macro_rules! diff {
            ($($field:ident),+) => { $(if old.$field != new.$field { changes.$field = Some(new.$field.clone()); })+ };
        }
        diff!(
            server_type,
            version,
            memory,
            cpus,
            pids_limit,
            port,
            bind,
            motd,
            mode,
            difficulty,
            max_players,
            ops,
            whitelist,
            view_distance,
            time_zone,
            image
        );
        for (name, value) in &new.env {
            if old.env.get(name) != Some(value) {
                changes.env_set.insert(name.clone(), value.clone());
            }
        }
        changes.env_unset = old.env.keys().filter(|name| !new.env.contains_key(*name)).cloned().collect();
        changes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_between_two_specs_lead_from_one_to_the_other() {
        let mut old = Spec { name: "a".into(), ..Spec::default() };
        old.env.insert("GONE".into(), "1".into());
        let mut new = old.clone();
        new.memory = Memory::mib(4096);
        new.motd = Some("hi".into());
        new.env = BTreeMap::from([("NEW".into(), "2".into())]);
        let changes = Changes::between(&old, &new);
        assert_eq!(changes.applied_to(&old), new);
        assert!(Changes::between(&new, &new).is_empty());
        assert!(!changes.is_empty());
    }
}
