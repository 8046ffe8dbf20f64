//! The kinds of server that the container image can run (its `TYPE` variable).

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

macro_rules! server_types {
    ($($variant:ident $name:literal $title:literal),+ $(,)?) => {
        /// What the image's `TYPE` variable may be.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
        #[allow(missing_docs)]
        pub enum ServerType {
            #[default]
            $(#[serde(rename = $name)] $variant),+
        }

        impl ServerType {
            /// Every kind, in the order that forms list them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// As the image's `TYPE` variable wants it.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// As its makers write it.
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),+ }
            }
        }
    };
}

server_types! {
    Vanilla "VANILLA" "Vanilla",
    Paper "PAPER" "Paper",
    Folia "FOLIA" "Folia",
    Purpur "PURPUR" "Purpur",
    Pufferfish "PUFFERFISH" "Pufferfish",
    Leaf "LEAF" "Leaf",
    Fabric "FABRIC" "Fabric",
    Quilt "QUILT" "Quilt",
    Forge "FORGE" "Forge",
    NeoForge "NEOFORGE" "NeoForge",
    Spigot "SPIGOT" "Spigot",
    Bukkit "BUKKIT" "Bukkit",
    Mohist "MOHIST" "Mohist",
    Arclight "ARCLIGHT" "Arclight",
    Magma "MAGMA" "Magma",
    SpongeVanilla "SPONGEVANILLA" "SpongeVanilla",
    Limbo "LIMBO" "Limbo",
    NanoLimbo "NANOLIMBO" "NanoLimbo",
    Custom "CUSTOM" "Custom",
    Modrinth "MODRINTH" "Modrinth pack",
    AutoCurseForge "AUTO_CURSEFORGE" "CurseForge pack (automatic)",
    CurseForge "CURSEFORGE" "CurseForge pack",
    Ftba "FTBA" "FTB pack",
}

impl ServerType {
    /// Whether it keeps the Nether and the End in folders beside the world (up to 1.21.11) and loads `plugins/`.
    pub fn is_bukkit(self) -> bool {
        use ServerType::*;
        matches!(
            self,
            Paper | Folia | Purpur | Pufferfish | Leaf | Spigot | Bukkit | Mohist | Arclight | Magma
        )
    }
}

impl fmt::Display for ServerType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ServerType {
    type Err = String;

    /// Any case. The error lists what may be written.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().copied().find(|kind| kind.as_str().eq_ignore_ascii_case(text.trim())).ok_or_else(
            || {
                let known: Vec<_> = Self::ALL.iter().map(|kind| kind.as_str()).collect();
                format!("must be one of {}", known.join(", "))
            },
        )
    }
}
