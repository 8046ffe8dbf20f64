//! What is said of a backup.

use jiff::Timestamp;

use crate::{
    model::{
        Backup, BackupState, Origin, Units,
        backup::{BackupKind, Place, Reason, Stillness},
    },
    tui::{
        paint, safe,
        theme::{Role, Symbols},
    },
};

/// Seconds from a time until now.
pub(super) fn seconds(at: Timestamp, now: Timestamp) -> u64 {
    u64::try_from(now.as_second() - at.as_second()).unwrap_or_default()
}

/// How long ago a time is: `3h07m ago`.
pub fn ago(at: Timestamp, now: Timestamp) -> String {
    format!("{} ago", paint::duration(seconds(at, now)))
}

/// A backup, as questions name it: its label, or its age.
pub fn name(backup: &Backup, now: Timestamp) -> String {
    match &backup.label {
        Some(label) => format!("the backup \"{}\" of {}", safe::line(label), safe::line(&backup.server_name)),
        None => {
            format!("the backup of {} from {}", safe::line(&backup.server_name), ago(backup.created_at, now))
        }
    }
}

/// How much it holds.
pub(super) fn kind(backup: &Backup) -> &'static str {
    match backup.kind {
        BackupKind::Full => "full",
    }
}

/// Why it was made, in a word.
pub(super) fn reason(backup: &Backup) -> &'static str {
    match backup.reason {
        Reason::Asked => "asked",
        Reason::Scheduled => "schedule",
        Reason::Safety => "safety",
    }
}

/// What tells its state: a glyph, a word, a colour.
pub(super) fn state(backup: &Backup, symbols: &Symbols) -> (&'static str, &'static str, Role) {
    let word = backup.state.word();
    match &backup.state {
        BackupState::Damaged(_) => (symbols.failed, word, Role::Error),
        BackupState::Missing => (symbols.unknown, word, Role::Warning),
        BackupState::Good if backup.torn_files > 0 => (symbols.warning, word, Role::Warning),
        BackupState::Good => (symbols.good, word, Role::Good),
    }
}

/// When it was last booted, and whether it came up.
pub(super) fn proven(backup: &Backup, now: Timestamp) -> (String, Role) {
    match &backup.proof {
        None => ("never".into(), Role::Muted),
        Some(proof) if proof.fault.is_some() => ("failed".into(), Role::Error),
        Some(proof) => (paint::duration(seconds(proof.at, now)), Role::Good),
    }
}

/// When it was last read back.
pub(super) fn verified(backup: &Backup, now: Timestamp) -> (String, Role) {
    match backup.verified_at {
        None => ("never".into(), Role::Muted),
        Some(at) => (paint::duration(seconds(at, now)), Role::Good),
    }
}

/// What else is to be known at a glance.
pub(super) fn marks(backup: &Backup) -> Vec<(String, Role)> {
    let locked = backup.locked.then(|| ("locked".to_owned(), Role::Warning));
    let torn = (backup.torn_files > 0).then(|| (format!("torn {}", backup.torn_files), Role::Warning));
    locked.into_iter().chain(torn).collect()
}

/// What it can be found by.
pub(super) fn found_by(backup: &Backup) -> impl Iterator<Item = String> {
    let said = |is_so: bool, word: &str| is_so.then(|| word.to_owned());
    [
        Some(backup.server_name.clone()),
        backup.label.clone(),
        Some(backup.state.word().to_owned()),
        Some(reason(backup).to_owned()),
        Some(kind(backup).to_owned()),
        backup.version.clone(),
        said(backup.locked, "locked"),
        said(backup.torn_files > 0, "torn"),
        said(backup.proven_at().is_some(), "proven"),
        said(backup.verified_at.is_some(), "verified"),
        Some(backup.created_at.strftime("%Y-%m-%d").to_string()),
        Some(backup.id.to_string()),
        Some(backup.path.clone()),
    ]
    .into_iter()
    .flatten()
}

/// Everything there is to say about a backup, as paragraphs; the most important first. Harmless to draw.
pub fn describe(backup: &Backup, now: Timestamp, units: Units) -> Vec<(Role, String)> {
    let mut lines = vec![trust(backup, now), proof(backup, now)];
    let mut about: Vec<String> = Vec::new();
    about.extend(backup.label.as_ref().map(|label| format!("\"{label}\"")));
    about.extend(backup.locked.then(|| "locked: never removed by itself".to_owned()));
    about.extend(match backup.torn_files {
        0 => None,
        1 => Some("1 file changed each time it was read, and may be torn".to_owned()),
        many => Some(format!("{many} files changed each time they were read, and may be torn")),
    });
    if !about.is_empty() {
        let role = if backup.torn_files > 0 { Role::Warning } else { Role::Text };
        lines.push((role, about.join("; ")));
    }
    lines.push((Role::Text, size(backup, units)));
    lines.push(still(backup));
    lines.push((Role::Muted, format!("Made {}, in {}.", by(backup), took(backup.duration_ms))));
    let Place::Folder = backup.place;
    lines.push((Role::Muted, format!("At {}", backup.path)));
    lines.push((Role::Muted, format!("Id {}", backup.id)));
    lines.into_iter().map(|(role, text)| (role, safe::line(&text).into_owned())).collect()
}

fn trust(backup: &Backup, now: Timestamp) -> (Role, String) {
    let what = format!(
        "{} backup of {}, {} ({})",
        kind(backup),
        backup.server_name,
        ago(backup.created_at, now),
        paint::clock(backup.created_at, "UTC")
    );
    match &backup.state {
        BackupState::Good => (Role::Good, format!("good: {what}")),
        BackupState::Missing => (Role::Warning, format!("missing: {what}; its file is gone")),
        BackupState::Damaged(fault) => (Role::Error, format!("damaged: {what}; {}", fault.what)),
    }
}

fn proof(backup: &Backup, now: Timestamp) -> (Role, String) {
    let verified = match backup.verified_at {
        Some(at) => format!("last verified: {}", ago(at, now)),
        None => "not verified since it was made".into(),
    };
    match &backup.proof {
        None => (Role::Text, format!("never proven; {verified}")),
        Some(proof) => match &proof.fault {
            None => (Role::Good, format!("last proven: {}; {verified}", ago(proof.at, now))),
            Some(fault) => (
                Role::Error,
                format!("it did not come up when it was tried {}: {}", ago(proof.at, now), fault.what),
            ),
        },
    }
}

fn size(backup: &Backup, units: Units) -> String {
    let files = if backup.file_count == 1 { "1 file".into() } else { format!("{} files", backup.file_count) };
    let version = backup.version.as_ref().map(|version| format!(", Minecraft {version}")).unwrap_or_default();
    format!(
        "{} as {}: {files} of {} in all{version}",
        units.write_short(backup.size_bytes),
        backup.packing.extension(),
        units.write_short(backup.content_bytes)
    )
}

fn still(backup: &Backup) -> (Role, String) {
    match backup.stillness {
        Stillness::AtRest => (Role::Muted, "The server did not run while it was copied.".into()),
        Stillness::Quiesced => (
            Role::Muted,
            format!(
                "The server held still while it was copied; saving was off for {}.",
                took(backup.saving_off_ms)
            ),
        ),
        Stillness::NotQuiesced => (
            Role::Warning,
            "The server could not be asked to hold still: files may be from different moments.".into(),
        ),
    }
}

fn by(backup: &Backup) -> String {
    let by = match &backup.origin {
        Origin::Dashboard => "from a dashboard",
        Origin::CommandLine => "from the command line",
        Origin::Engine => "by the engine",
        Origin::Schedule => "by a schedule",
        Origin::Api(_) => "over the API",
    };
    let why = match backup.reason {
        Reason::Safety => " before the world was changed",
        Reason::Asked | Reason::Scheduled => "",
    };
    format!("{by}{why}")
}

fn took(milliseconds: u64) -> String {
    match milliseconds {
        0..10_000 => format!("{}.{} s", milliseconds / 1_000, milliseconds % 1_000 / 100),
        _ => paint::duration(milliseconds / 1_000),
    }
}
