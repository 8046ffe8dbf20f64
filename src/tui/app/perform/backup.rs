//! Backups: made, looked after, restored.

use std::path::Path;

use super::super::{App, Asked, Effect, Restore};
use crate::{
    model::{
        Backup, BackupId, Fault, Order, ServerId, Severity, Snapshot, Units,
        backup::{Contents, Kept, Opened, RestorePlan, Scope, Target},
    },
    tui::{
        action::Action,
        overlays::{Browse, Confirm, Form, Message, Overlay},
        panels::backups,
        safe,
        theme::Role,
    },
};

/// The server whose backups show, where one is chosen.
fn server(app: &App, snapshot: &Snapshot) -> Option<ServerId> {
    app.selected(snapshot).map(|server| server.id())
}

/// Whether an action makes sense for the chosen backup.
///
/// # Errors
/// Why not, as a sentence.
pub fn fits(app: &App, snapshot: &Snapshot, action: Action) -> Result<(), String> {
    let Some(backup) = app.backups.current(snapshot, server(app, snapshot)) else {
        return Err("There is no backup.".into());
    };
    match action {
        Action::RestoreBackup | Action::TestBackup | Action::BrowseBackup if !backup.is_good() => {
            Err(format!("This backup is {}: it is not used.", backup.state.word()))
        }
        Action::DeleteBackup if backup.locked => Err("This backup is locked. Unlock it first.".into()),
        _ => Ok(()),
    }
}

/// Does something with the chosen backup, or asks first.
pub fn perform(app: &mut App, snapshot: &Snapshot, action: Action) -> Vec<Effect> {
    match action {
        Action::AllBackups => {
            app.backups.all = !app.backups.all;
            return Vec::new();
        }
        Action::CreateBackup => {
            if let Some(server) = app.selected(snapshot) {
                app.overlays.push(Overlay::Form(Box::new(Form::backup(server))));
            }
            return Vec::new();
        }
        _ => {}
    }
    let Some(backup) = app.backups.current(snapshot, server(app, snapshot)) else { return Vec::new() };
    let id = backup.id;
    let order = |order| vec![Effect::Order(Asked::Other, order)];
    match action {
        Action::VerifyBackup => order(Order::Verify(id)),
        Action::LockBackup => order(Order::Lock(id, !backup.locked)),
        Action::RestoreBackup => vec![Effect::Contents { backup: id, paths: Vec::new() }],
        Action::PruneBackups => vec![Effect::PrunePlan(backup.server)],
        Action::BrowseBackup => {
            let browse =
                Browse::new(id, format!("Files of {}", backups::name(backup, app.now)), app.settings.units);
            let wants = browse.wants();
            app.overlays.push(Overlay::Browse(browse));
            vec![wants]
        }
        Action::ShowBackup => {
            let title = format!("Backup {}", id.short());
            app.overlays.push(Overlay::Message(Message::new(
                title,
                backups::describe(backup, app.now, app.settings.units),
            )));
            Vec::new()
        }
        Action::TestBackup => {
            let lines = vec![
                "It is restored into a container of its own that nobody can reach, started until it is ready, and thrown \
                 away. The server itself is not touched."
                    .to_owned(),
                "This takes as much memory as the server for a few minutes.".to_owned(),
            ];
            let title = format!("Try {}?", backups::name(backup, app.now));
            let confirm = Confirm::new(title, lines, "try it", order(Order::TestRestore(id)));
            app.overlays.push(Overlay::Confirm(confirm));
            Vec::new()
        }
        _ => {
            let confirm = delete(app, snapshot, backup);
            app.overlays.push(Overlay::Confirm(confirm));
            Vec::new()
        }
    }
}

fn delete(app: &App, snapshot: &Snapshot, backup: &Backup) -> Confirm {
    let mut lines = vec![format!("{} is removed. This cannot be undone.", backup.path)];
    let others = snapshot
        .backups
        .iter()
        .filter(|other| other.server == backup.server && other.id != backup.id && other.is_good())
        .count();
    lines.push(match others {
        0 => "It is the last good one of this server.".to_owned(),
        1 => "One other good backup of this server stays.".to_owned(),
        many => format!("{many} other good backups of this server stay."),
    });
    let title = format!("Delete {}?", backups::name(backup, app.now));
    let effects = vec![Effect::Order(Asked::Other, Order::DeleteBackup(backup.id))];
    Confirm::new(title, lines, "delete it", effects).with_name(&backup.server_name)
}

/// It is known what of a backup can be restored: the person is asked what is to be.
pub fn contents(
    app: &mut App,
    snapshot: &Snapshot,
    backup: BackupId,
    paths: &[String],
    contents: Result<Contents, Fault>,
) {
    app.touch();
    let backup = snapshot.backup(backup);
    match (backup, contents) {
        (Some(backup), Ok(contents)) => {
            let form = Form::restore(backup, contents, paths, snapshot);
            app.overlays.push(Overlay::Form(Box::new(form)));
        }
        (None, Ok(_)) => {}
        (_, Err(fault)) => refused(app, &fault),
    }
}

/// It is known what a restore would do: the person is asked whether that is wanted.
pub fn restore_plan(app: &mut App, snapshot: &Snapshot, restore: Restore, plan: Result<RestorePlan, Fault>) {
    app.touch();
    // The form may have been closed meanwhile: then nobody waits for it.
    let Some(Overlay::Form(form)) = app.overlays.last_mut() else { return };
    if *form.asked() != Asked::Restore {
        return;
    }
    match plan {
        Err(fault) => form.refuse(&fault),
        Ok(plan) => {
            let confirm = told(snapshot, restore, &plan, app.settings.units);
            app.overlays.push(Overlay::Confirm(confirm));
        }
    }
}

/// The question before a restore. Where a server's data is replaced, the server's name must be typed.
fn told(snapshot: &Snapshot, restore: Restore, plan: &RestorePlan, units: Units) -> Confirm {
    let mut lines: Vec<(Role, String)> = Vec::new();
    lines.extend(plan.warnings.iter().map(|warning| (Role::Warning, format!("! {warning}"))));
    if !lines.is_empty() {
        lines.push((Role::Text, String::new()));
    }
    let what = match &restore.scope {
        Scope::Everything => "Everything".to_owned(),
        Scope::World(name) => format!("The world {name}"),
        Scope::Dimension { world, dimension } => format!("The dimension {dimension} of {world}"),
        Scope::Player(name) => format!("What the game keeps of {name}"),
        Scope::Paths(paths) => paths.join(", "),
    };
    let files = if plan.files == 1 { "1 file".to_owned() } else { format!("{} files", plan.files) };
    lines.push((Role::Header, format!("{what}: {files}, {}", units.write_short(plan.bytes))));
    let steps = plan.steps.iter().enumerate();
    lines.extend(steps.map(|(at, step)| (Role::Text, format!("{}. {step}", at + 1))));
    if !plan.replaced.is_empty() {
        lines.push((Role::Text, String::new()));
        lines.push((Role::Header, "Replaced, or made:".into()));
        lines.push((Role::Text, plan.replaced.join(", ")));
    }
    let lines = lines.into_iter().map(|(role, text)| (role, safe::line(&text).into_owned())).collect();
    let (title, named) = match &restore.target {
        Target::Server(id) => {
            let name = snapshot.server(*id).map_or_else(String::new, |server| server.name().to_owned());
            (format!("Restore into {name}?"), Some(name))
        }
        Target::New { name, .. } => (format!("Restore into the new server {name}?"), None),
    };
    let Restore { backup, scope, target } = restore;
    let effects = vec![Effect::Order(Asked::Restore, Order::Restore { backup, target, scope })];
    let confirm = Confirm::plan(title, lines, "restore", effects);
    match named {
        Some(name) => confirm.with_name(&name),
        None => confirm,
    }
}

/// It is known what a prune would remove: the person is asked whether that is wanted.
pub fn prune_plan(app: &mut App, snapshot: &Snapshot, server: ServerId, plan: Result<Vec<Kept>, Fault>) {
    app.touch();
    let plan = match plan {
        Ok(plan) => plan,
        Err(fault) => return app.toasts.fault(app.now, &fault),
    };
    let units = app.settings.units;
    let line = |kept: bool| {
        let fates = plan.iter().filter(move |fate| fate.kept == kept);
        fates.filter_map(|fate| Some((snapshot.backup(fate.backup)?, &fate.why)))
    };
    let text = |(backup, why): (&std::sync::Arc<Backup>, &String)| {
        let label = backup.label.as_ref().map(|label| format!(" \"{label}\"")).unwrap_or_default();
        let text = format!(
            "{}, {}{label}: {why}",
            backups::ago(backup.created_at, app.now),
            units.write_short(backup.size_bytes)
        );
        safe::line(&text).into_owned()
    };
    let name =
        line(true).chain(line(false)).next().map_or_else(String::new, |(one, _)| one.server_name.clone());
    let (removed, bytes) =
        line(false).fold((0, 0), |(count, bytes), (backup, _)| (count + 1, bytes + backup.size_bytes));
    let mut lines = Vec::new();
    if removed > 0 {
        let count = if removed == 1 { "1 backup is".to_owned() } else { format!("{removed} backups are") };
        lines.push((Role::Header, format!("{count} removed, {}:", units.write_short(bytes))));
        lines.extend(line(false).map(|one| (Role::Warning, text(one))));
        lines.push((Role::Text, String::new()));
    }
    lines.push((Role::Header, "Kept:".into()));
    lines.extend(line(true).map(|one| (Role::Muted, text(one))));
    if removed == 0 {
        lines.insert(0, (Role::Text, "No backup would be removed: a rule keeps each of them.".into()));
        app.overlays.push(Overlay::Message(Message::new(format!("Prune {name}"), lines)));
        return;
    }
    let effects = vec![Effect::Order(Asked::Other, Order::Prune(server))];
    let confirm = Confirm::plan(format!("Prune the backups of {name}?"), lines, "remove them", effects);
    app.overlays.push(Overlay::Confirm(confirm.with_name(&name)));
}

/// Files were taken out of a backup, or could not be.
pub fn extracted(app: &mut App, out: &Path, extracted: Result<Opened, Fault>) {
    app.touch();
    match extracted {
        Ok(Opened { files, bytes, .. }) => {
            let files = if files == 1 { "1 file".to_owned() } else { format!("{files} files") };
            let text = format!(
                "Extracted {files} ({}) into {}.",
                app.settings.units.write_short(bytes),
                out.display()
            );
            app.toasts.show(app.now, Severity::Success, &text, "");
            say(app, Role::Good, text);
        }
        Err(fault) => refused(app, &fault),
    }
}

/// Something of a backup could not be read: told, and where one looks at its files, also there, for they lie over messages.
fn refused(app: &mut App, fault: &Fault) {
    app.toasts.fault(app.now, fault);
    say(app, Role::Error, fault.to_string());
}

fn say(app: &mut App, role: Role, text: String) {
    if let Some(Overlay::Browse(browse)) = app.overlays.last_mut() {
        browse.say(role, text);
    }
}
