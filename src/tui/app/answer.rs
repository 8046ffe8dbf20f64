//! What the engine said to an order.

use super::{App, Asked, Effect, Panel};
use crate::{
    model::{Answer, Fault, FaultKind, JobState, Severity, Snapshot},
    tui::{
        outside::Saved,
        overlays::{Confirm, Message, Overlay},
        terminal::clipboard,
        theme::Role,
    },
};

/// Takes the engine's answer.
pub fn answered(
    app: &mut App,
    snapshot: &Snapshot,
    asked: Asked,
    result: Result<Answer, Fault>,
) -> Vec<Effect> {
    app.touch();
    app.audit.want();
    // A form waits for this answer, and shows what stands against it.
    let form = app
        .overlays
        .iter()
        .rposition(|overlay| matches!(overlay, Overlay::Form(form) if *form.asked() == asked));
    if let Some(at) = form {
        match (&result, app.overlays.get_mut(at)) {
            (Err(fault), Some(Overlay::Form(form))) => {
                form.refuse(fault);
                return Vec::new();
            }
            _ => _ = app.overlays.remove(at),
        }
    }
    match (asked, result) {
        (Asked::Create | Asked::Clone, Ok(Answer::Started { server, .. })) => {
            app.servers.select(server, snapshot);
            app.look_at(Panel::Console);
            app.console.type_command(true);
        }
        (Asked::Backup, Ok(Answer::Started { job, .. })) => {
            app.jobs.choice.choose(job);
            app.look_at(Panel::Backups);
        }
        (Asked::Restore, Ok(Answer::Started { job, .. })) => {
            app.jobs.choice.choose(job);
            // It may have begun with a look at the files.
            app.overlays.retain(|overlay| !matches!(overlay, Overlay::Browse(_)));
            app.look_at(Panel::Jobs);
        }
        (Asked::Schedule, Ok(Answer::Scheduled(id))) => app.schedules.choice.choose(id),
        (Asked::Token, Ok(Answer::Token { secret, .. })) => {
            let paragraphs = vec![
                (Role::Good, secret.0),
                (Role::Warning, "This is shown once. Copy it now: nobody can ask for it again.".into()),
                (Role::Muted, "Whoever holds it may do what its role may; revoking it ends that.".into()),
            ];
            app.overlays.push(Overlay::Message(Message::new("The new token", paragraphs)));
        }
        (_, Ok(_)) => {}
        (_, Err(fault)) => app.toasts.fault(app.now, &fault),
    }
    Vec::new()
}

/// A job ended: one that went wrong is told in full.
pub fn job_ended(app: &mut App, state: &JobState) {
    app.touch();
    if let JobState::Failed(fault) = state
        && fault.kind != FaultKind::Cancelled
    {
        if app.overlays.is_empty() && !fault.next.is_empty() {
            app.overlays.push(Overlay::Message(Message::fault("It did not work", fault)));
        } else {
            app.toasts.fault(app.now, fault);
        }
    }
}

/// A program of the desktop took a text, or the terminal must.
pub fn copied(app: &mut App, refused: Option<String>, lines: usize, of: Option<usize>) -> Vec<Effect> {
    app.touch();
    let word = |lines: usize| if lines == 1 { "1 line".to_owned() } else { format!("{lines} lines") };
    if let Some(text) = &refused
        && text.len() > clipboard::TERMINAL_MAX
    {
        let limit = clipboard::TERMINAL_MAX / 1024;
        let text = format!("Nothing was copied: a terminal takes {limit} KiB at most, and this is more.");
        let next = "Copy fewer lines, or save the log to a file.";
        app.toasts.show(app.now, Severity::Warning, &text, next);
        return Vec::new();
    }
    // A terminal does not say whether it took what it was given.
    let verb = if refused.is_some() { "Gave the terminal" } else { "Copied" };
    let end = if refused.is_some() { " for its clipboard" } else { "" };
    let (severity, text, details) = match of {
        Some(all) => (
            Severity::Warning,
            format!("{verb} only the last {} of {all}{end}.", word(lines)),
            "It does not take more at once. A file takes them all.",
        ),
        None => (Severity::Success, format!("{verb} {}{end}.", word(lines)), ""),
    };
    app.toasts.show(app.now, severity, &text, details);
    refused.map(Effect::CopyByTerminal).into_iter().collect()
}

/// A log was saved, or not.
pub fn saved(app: &mut App, saved: Saved, text: String) {
    app.touch();
    match saved {
        Saved::Done(path) => {
            let told = format!("Saved to {}.", path.display());
            app.toasts.show(app.now, Severity::Success, &told, "");
        }
        Saved::Exists(path) => {
            let lines = vec![format!("{} is there already. What is in it would be lost.", path.display())];
            let path = path.to_string_lossy().into_owned();
            let effects = vec![Effect::Save { path, text, replace: true }];
            app.overlays.push(Overlay::Confirm(Confirm::new(
                "Replace the file?",
                lines,
                "replace it",
                effects,
            )));
        }
        Saved::Failed(fault) => app.toasts.fault(app.now, &fault),
    }
}
