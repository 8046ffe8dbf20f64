//! What the kinds of server keep where, and what they understand.

use super::version::Version;
use crate::model::ServerType;

/// What a kind of server is built on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Mojang's own server: data packs only.
    Vanilla,
    /// Bukkit and what came of it: plugins.
    Bukkit,
    /// Fabric, Quilt, Forge, NeoForge, Sponge and packs of these: mods.
    Modded,
    /// Forge or Fabric with Bukkit's interface: mods and plugins.
    Hybrid,
    /// A waiting room without a world of its own.
    Limbo,
    /// A server that the person brought along: nothing is known.
    Custom,
}

/// The family of a kind of server.
pub fn family(kind: ServerType) -> Family {
    use ServerType as T;
    match kind {
        T::Vanilla => Family::Vanilla,
        T::Paper | T::Folia | T::Purpur | T::Pufferfish | T::Leaf | T::Spigot | T::Bukkit => Family::Bukkit,
        T::Mohist | T::Arclight | T::Magma => Family::Hybrid,
        T::Fabric | T::Quilt | T::Forge | T::NeoForge | T::SpongeVanilla => Family::Modded,
        T::Modrinth | T::AutoCurseForge | T::CurseForge | T::Ftba => Family::Modded,
        T::Limbo | T::NanoLimbo => Family::Limbo,
        T::Custom => Family::Custom,
    }
}

/// The folder for plugins, below `/data`.
pub fn plugins_folder(kind: ServerType) -> Option<&'static str> {
    matches!(family(kind), Family::Bukkit | Family::Hybrid).then_some("plugins")
}

/// The folder for mods, below `/data`. Sponge keeps its plugins there too.
pub fn mods_folder(kind: ServerType) -> Option<&'static str> {
    matches!(family(kind), Family::Modded | Family::Hybrid).then_some("mods")
}

/// The folders below `/data` that hold the world named `level`, whether or not they exist. Up to 1.21.11 the Bukkit
/// family keeps the Nether and the End beside the world. An unknown version, or an unknown server, gets all three:
/// a name too many does no harm, one too few loses a dimension.
pub fn world_folders(kind: ServerType, version: Option<&Version>, level: &str) -> Vec<String> {
    let beside = match family(kind) {
        Family::Bukkit | Family::Hybrid => !version.is_some_and(Version::has_new_world_layout),
        Family::Custom => true,
        Family::Vanilla | Family::Modded => false,
        Family::Limbo => return Vec::new(),
    };
    let mut folders = vec![level.to_owned()];
    if beside {
        folders.extend([format!("{level}_nether"), format!("{level}_the_end")]);
    }
    folders
}

/// Whether the console understands `tps` and `mspt` (Paper and what came of it).
pub fn has_paper_figures(kind: ServerType) -> bool {
    use ServerType as T;
    matches!(kind, T::Paper | T::Folia | T::Purpur | T::Pufferfish | T::Leaf)
}

/// The command that makes a server of this kind and version tell how long its ticks take, where it has one.
pub fn tick_command(kind: ServerType, version: Option<&Version>) -> Option<&'static str> {
    // Folia has no ticks of the whole server, and an old Paper no `tick query`.
    if has_paper_figures(kind) && kind != ServerType::Folia {
        return Some("mspt");
    }
    let game = !matches!(family(kind), Family::Limbo | Family::Custom) && kind != ServerType::Folia;
    version.filter(|version| game && version.has_tick_query()).map(|_| "tick query")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders() {
        let v = |text: &str| Some(text.parse::<Version>().unwrap());
        let of = |kind, version: Option<Version>| world_folders(kind, version.as_ref(), "w");
        assert_eq!(of(ServerType::Vanilla, v("1.21.4")), ["w"]);
        assert_eq!(of(ServerType::Paper, v("1.21.11")), ["w", "w_nether", "w_the_end"]);
        assert_eq!(of(ServerType::Paper, v("26.1")), ["w"]);
        assert_eq!(of(ServerType::Paper, None), ["w", "w_nether", "w_the_end"]);
        assert!(of(ServerType::Limbo, None).is_empty());
        assert_eq!(plugins_folder(ServerType::Purpur), Some("plugins"));
        assert_eq!(mods_folder(ServerType::Purpur), None);
        assert_eq!(mods_folder(ServerType::NeoForge), Some("mods"));
        let hybrid = ServerType::Mohist;
        assert_eq!((plugins_folder(hybrid), mods_folder(hybrid)), (Some("plugins"), Some("mods")));
    }

    #[test]
    fn ticks_are_asked_only_of_those_that_tell() {
        let of = |kind, version: &str| tick_command(kind, version.parse().ok().as_ref());
        assert_eq!(of(ServerType::Paper, "1.16.5"), Some("mspt"));
        assert_eq!(of(ServerType::Vanilla, "1.21.4"), Some("tick query"));
        assert_eq!(of(ServerType::Fabric, "1.20.3"), Some("tick query"));
        assert_eq!(of(ServerType::Vanilla, "1.20.2"), None);
        assert_eq!(of(ServerType::Folia, "1.21.4"), None);
        assert_eq!(of(ServerType::Limbo, "1.21.4"), None);
        assert_eq!(tick_command(ServerType::Vanilla, None), None);
    }

    #[test]
    fn the_model_agrees_about_bukkit() {
        for kind in ServerType::ALL {
            let bukkit = matches!(family(*kind), Family::Bukkit | Family::Hybrid);
            assert_eq!(bukkit, kind.is_bukkit(), "{kind}");
            assert_eq!(kind.as_str().to_lowercase().parse(), Ok(*kind));
        }
        assert!("FORGEE".parse::<ServerType>().unwrap_err().contains("NEOFORGE"));
    }
}
