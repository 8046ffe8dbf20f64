//! Where a world has its files: three layouts.

use crate::flavour::{Family, GameVersion};

/// Where the three dimensions lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Up to 1.21.11: `world`, `world/DIM-1`, `world/DIM1`.
    Vanilla,
    /// Up to 1.21.11, Bukkit family: `world`, `world_nether/DIM-1`, `world_the_end/DIM1`.
    Bukkit,
    /// From 26.1 on: `world/dimensions/minecraft/…`.
    Modern,
}

impl Layout {
    /// The layout of a kind and version.
    #[must_use]
    pub fn of(family: Family, version: &GameVersion) -> Self {
        match family {
            _ if version.at_least(26, 1, 0) => Self::Modern,
            Family::Bukkit => Self::Bukkit,
            Family::Vanilla | Family::Forge => Self::Vanilla,
        }
    }

    /// The folder of a dimension, 0 overworld, 1 nether, 2 end.
    #[must_use]
    pub fn dimension(self, level: &str, number: usize) -> String {
        match (self, number) {
            (Self::Modern, 0) => format!("{level}/dimensions/minecraft/overworld"),
            (Self::Modern, 1) => format!("{level}/dimensions/minecraft/the_nether"),
            (Self::Modern, _) => format!("{level}/dimensions/minecraft/the_end"),
            (Self::Vanilla | Self::Bukkit, 0) => level.to_owned(),
            (Self::Vanilla, 1) => format!("{level}/DIM-1"),
            (Self::Vanilla, _) => format!("{level}/DIM1"),
            (Self::Bukkit, 1) => format!("{level}_nether/DIM-1"),
            (Self::Bukkit, _) => format!("{level}_the_end/DIM1"),
        }
    }

    /// The folders that have a level.dat and a session.lock of their own.
    #[must_use]
    pub fn roots(self, level: &str) -> Vec<String> {
        match self {
            Self::Bukkit => vec![level.to_owned(), format!("{level}_nether"), format!("{level}_the_end")],
            Self::Vanilla | Self::Modern => vec![level.to_owned()],
        }
    }

    /// The folder of a kind of player files: `data`, `stats` or `advancements`.
    #[must_use]
    pub fn players(self, level: &str, what: &str) -> String {
        match (self, what) {
            (Self::Modern, _) => format!("{level}/players/{what}"),
            (_, "data") => format!("{level}/playerdata"),
            _ => format!("{level}/{what}"),
        }
    }
}
