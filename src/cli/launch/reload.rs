//! Settings that are read again while the engine runs: what can change then, and what needs a restart.

use super::{api, notices::targets, settings};
use crate::{
    cli::{args::Global, launch::tuning, logging::Level},
    config::Settings,
    engine::Engine,
    notify::Notices,
};

/// Reads the settings again and lets hold what can; says what that was, and what needs a restart.
pub async fn reload(
    global: &Global,
    now: &mut Settings,
    engine: &Engine,
    api: Option<&api::Running>,
    notices: &Notices,
    log: &Level,
) {
    let (new, warnings) = match settings(global) {
        Ok(read) => read,
        Err(fault) => {
            tracing::error!(%fault, "the settings cannot be read again; what held before holds on");
            return;
        }
    };
    for warning in &warnings {
        tracing::warn!("{warning}");
    }
    let tuned = tuning(&new);
    if tuned != tuning(now) {
        engine.tune(tuned).await;
    }
    // The certificate is read again even where its path is the same.
    if let Some(Err(fault)) = api.map(|api| api.tune(&new)) {
        tracing::error!(%fault, "the API goes on with what held before");
    }
    // Files with secrets are read again even where their paths are the same.
    match targets(&new) {
        Ok(targets) => notices.tune(targets),
        Err(fault) => tracing::error!(%fault, "notices go on to where they went before"),
    }
    if new.log.level != now.log.level {
        log.set(new.log.level, global.verbose);
    }
    let held = changed(now, &new, &LIVE);
    let later = changed(now, &new, &LATER);
    if held.is_empty() && later.is_empty() {
        tracing::info!("the settings were read again; nothing changed");
    }
    if !held.is_empty() {
        tracing::info!(changed = held.join(", "), "the settings were read again; these hold now");
    }
    if !later.is_empty() {
        tracing::warn!(changed = later.join(", "), "these hold after a restart of the service");
    }
    *now = new;
}

/// A setting's key and whether two settings agree on it.
type Same = (&'static str, fn(&Settings, &Settings) -> bool);

/// What holds at once.
const LIVE: [Same; 10] = [
    ("read_only", |a, b| a.read_only == b.read_only),
    ("stop_grace", |a, b| a.stop_grace == b.stop_grace),
    ("console (for consoles that are opened from now on)", |a, b| a.console == b.console),
    ("looping", |a, b| a.looping == b.looping),
    ("backups (for those that are begun from now on)", |a, b| {
        let of = |s: &Settings| crate::config::BackupSettings { folder: None, ..s.backups.clone() };
        of(a) == of(b)
    }),
    ("api.hosts", |a, b| a.api.hosts == b.api.hosts),
    ("api.origins", |a, b| a.api.origins == b.api.origins),
    ("metrics", |a, b| a.metrics == b.metrics),
    ("notices", |a, b| a.notices == b.notices),
    ("log.level", |a, b| a.log.level == b.log.level),
];

/// What is only read at the start. What only a dashboard or a command reads is in neither list.
const LATER: [Same; 6] = [
    ("data_dir", |a, b| a.data_dir == b.data_dir),
    ("docker", |a, b| a.docker == b.docker),
    ("backups.folder", |a, b| a.backups.folder == b.backups.folder),
    ("attach", |a, b| a.attach == b.attach),
    ("api.listen", |a, b| a.api.listen == b.api.listen),
    ("api's certificate", |a, b| {
        let of = |s: &Settings| {
            let api = &s.api;
            (api.self_signed, api.certificate.clone(), api.key.clone(), api.plain_http_beyond_this_machine)
        };
        of(a) == of(b)
    }),
];

fn changed(old: &Settings, new: &Settings, among: &[Same]) -> Vec<&'static str> {
    among.iter().filter(|(_, same)| !same(old, new)).map(|(name, _)| *name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{LogLevel, Paths};

    #[test]
    fn what_changed_is_named_by_its_key() {
        let old = Settings::defaults(Paths::under(std::path::Path::new("/srv/mc")));
        let mut new = old.clone();
        assert!(changed(&old, &new, &LIVE).is_empty() && changed(&old, &new, &LATER).is_empty());
        new.read_only = true;
        new.log.level = LogLevel::Debug;
        new.docker = Some("unix:///elsewhere".into());
        assert_eq!(changed(&old, &new, &LIVE), ["read_only", "log.level"]);
        assert_eq!(changed(&old, &new, &LATER), ["docker"]);
    }
}
