//! What a restore would do, in words, before anything is done.

use super::units::Units;
use crate::{
    archive::{Manifest, Selection},
    model::{
        Backup,
        backup::{RestorePlan, Scope, Stillness, Target},
    },
};

/// Most names that are told.
const NAMES: usize = 100;

/// What is known of the server that is restored into.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Known {
    /// Its name.
    pub name: String,
    /// Its Minecraft version, where it is known.
    pub version: Option<String>,
    /// Whether it runs.
    pub running: bool,
    /// How many players are on it.
    pub players: u32,
    /// Whether it is the one that the backup was made of.
    pub same: bool,
}

/// What a restore would do. `server` is the one that is restored into, where that is one that is there.
pub fn plan(
    backup: &Backup,
    manifest: &Manifest,
    selection: &Selection,
    scope: &Scope,
    target: &Target,
    server: &Known,
) -> RestorePlan {
    let units = Units::of(manifest, selection, scope);
    let mut steps = vec!["The whole archive is read and compared with its checksums.".to_owned()];
    match target {
        Target::New { name, .. } => {
            steps.push(format!(
                "A server called {name} is made with the settings that the backup's server had."
            ));
            steps.push("The files are unpacked into its data before its first start.".to_owned());
            steps.push("It is started.".to_owned());
        }
        Target::Server(_) => {
            steps.push("The files are unpacked beside its data, on the same disk.".to_owned());
            steps.push(format!("A safety backup of {} is made.", server.name));
            if server.running {
                steps.push(format!("{} is stopped in peace; its world is saved.", server.name));
            }
            steps.push(
                "Old and new change places by renames; what the backup does not hold stays.".to_owned(),
            );
            if server.running {
                steps.push("It is started, and watched until it is ready.".to_owned());
                steps.push(
                    "Only then is the old data removed; when anything fails, it is put back.".to_owned(),
                );
            } else {
                steps.push("The old data is removed; the safety backup has it.".to_owned());
            }
        }
    }
    RestorePlan {
        steps,
        replaced: units.replaced(NAMES),
        files: selection.files.len() as u64,
        bytes: selection.bytes(manifest),
        warnings: warnings(backup, manifest, selection, target, server),
    }
}

fn warnings(
    backup: &Backup,
    manifest: &Manifest,
    selection: &Selection,
    target: &Target,
    server: &Known,
) -> Vec<String> {
    let mut warnings = Vec::new();
    if matches!(target, Target::Server(_)) {
        if !server.same {
            let from = &backup.server_name;
            warnings.push(format!(
                "The backup was made of another server, {from}: {} gets its files.",
                server.name
            ));
        }
        if let (Some(then), Some(now)) = (&backup.version, &server.version)
            && then != now
        {
            warnings.push(format!(
                "The backup is of Minecraft {then} and the server has {now}: a newer game converts the world for good, and \
                 an older one cannot open it."
            ));
        }
        if server.players > 0 {
            let players = if server.players == 1 {
                "1 player is".into()
            } else {
                format!("{} players are", server.players)
            };
            warnings.push(format!("{players} online, and will be thrown out."));
        }
    }
    let torn =
        selection.files.iter().filter_map(|at| manifest.files.get(*at)).filter(|file| file.torn).count();
    if torn > 0 {
        warnings.push(format!("{torn} of the files changed while they were copied, and may be torn."));
    }
    if backup.stillness == Stillness::NotQuiesced {
        warnings.push("The server could not be asked to hold still for the backup: files may be from different moments.".into());
    }
    if let Some(fault) = backup.proof.as_ref().and_then(|proof| proof.fault.as_ref()) {
        warnings.push(format!("When this backup was last booted for a test, it failed: {}", fault.what));
    }
    warnings
}
