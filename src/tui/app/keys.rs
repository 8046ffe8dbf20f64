//! What keys do: first the chord that has begun, then the keymap, then text.

use crossterm::event::KeyEvent;

use super::{App, Asked, Effect, Panel, perform};
use crate::{
    model::{Order, Snapshot},
    tui::{
        action::{Action, Place},
        input::{Found, Key},
        overlays::{Confirm, Outcome, Overlay},
        panels::Find,
        safe,
    },
};

/// Most commands that are taken from one paste.
const PASTE_MAX: usize = 100;

/// A key was pressed.
pub fn key(app: &mut App, snapshot: &Snapshot, event: KeyEvent) -> Vec<Effect> {
    let Some(key) = Key::of(&event) else { return Vec::new() };
    app.touch();
    let place = app.place();
    if place.takes_text() && app.chord.is_empty() && key.text().is_some() {
        return text(app, snapshot, event);
    }
    app.chord.push(key);
    let found = match app.keymap.find(app.scene(snapshot), &app.chord) {
        Found::Action(action) => Some(action),
        Found::Prefix(_) => return Vec::new(),
        Found::Nothing => None,
    };
    let begun = app.chord.len() > 1;
    app.chord.clear();
    match found {
        Some(action) if place == Place::Dialog => dialog(app, snapshot, action, event),
        Some(action) => perform::perform(app, snapshot, action),
        // What does not end a chord is no text either: it was meant as a part of the chord.
        None if begun => Vec::new(),
        None => text(app, snapshot, event),
    }
}

/// An action that was chosen without its key, by the mouse.
pub fn act(app: &mut App, snapshot: &Snapshot, action: Action) -> Vec<Effect> {
    app.touch();
    app.chord.clear();
    if app.place() != Place::Dialog {
        return perform::perform(app, snapshot, action);
    }
    let outcome = app.overlays.last_mut().map(|overlay| overlay.act(action));
    outcome.map_or_else(Vec::new, |outcome| finish(app, snapshot, outcome))
}

/// A key that the keymap has no action for.
fn text(app: &mut App, snapshot: &Snapshot, event: KeyEvent) -> Vec<Effect> {
    match app.place() {
        Place::Dialog => {
            let App { overlays, keymap, .. } = app;
            let outcome = overlays.last_mut().map(|overlay| overlay.key(event, snapshot, keymap));
            outcome.map_or_else(Vec::new, |outcome| finish(app, snapshot, outcome))
        }
        Place::Filter => {
            app.find(snapshot, Find::Key(event));
            Vec::new()
        }
        Place::Console => {
            app.console.line.key(event);
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// An action while something lies over the panels: what belongs to it goes there, the rest works only where it
/// cannot lead to something under it.
fn dialog(app: &mut App, snapshot: &Snapshot, action: Action, event: KeyEvent) -> Vec<Effect> {
    match action {
        Action::Quit | Action::Suspend | Action::Redraw | Action::Mouse => {
            perform::perform(app, snapshot, action)
        }
        action if action.info().places.contains(&Place::Dialog) || action == Action::Help => {
            let outcome = app.overlays.last_mut().map(|overlay| overlay.act(action));
            outcome.map_or_else(Vec::new, |outcome| finish(app, snapshot, outcome))
        }
        _ => text(app, snapshot, event),
    }
}

/// Does what came of an overlay.
pub fn finish(app: &mut App, snapshot: &Snapshot, outcome: Outcome) -> Vec<Effect> {
    let outcome = match outcome {
        Outcome::Stay => return Vec::new(),
        Outcome::Ask(effect) => return vec![effect],
        Outcome::Over(overlay) => {
            app.overlays.push(*overlay);
            return Vec::new();
        }
        outcome => outcome,
    };
    app.overlays.pop();
    match outcome {
        Outcome::Stay | Outcome::Ask(_) | Outcome::Over(_) | Outcome::Close => Vec::new(),
        Outcome::Act(action) => perform::perform(app, snapshot, action),
        Outcome::Select(server) => {
            app.servers.select(server, snapshot);
            app.look_at(Panel::Servers);
            Vec::new()
        }
        Outcome::Job(job) => {
            app.jobs.filter.clear();
            app.jobs.choice.choose(job);
            app.look_at(Panel::Jobs);
            Vec::new()
        }
        Outcome::Theme(name) => {
            app.settings.looks.theme.clone_from(&name);
            app.settings.looks.switched_theme = true;
            vec![Effect::Theme(name)]
        }
        Outcome::Keymap(name) => {
            app.settings.looks.switched_keymap = true;
            vec![Effect::Keymap(name)]
        }
        Outcome::Told(about, answer) => perform::told(app, about, answer),
        Outcome::Type(command) => {
            app.look_at(Panel::Console);
            app.console.type_command(true);
            app.console.line.set(&command);
            Vec::new()
        }
        Outcome::Effects(effects) => effects,
    }
}

/// Text was pasted.
pub fn paste(app: &mut App, snapshot: &Snapshot, pasted: &str) -> Vec<Effect> {
    app.touch();
    app.chord.clear();
    match app.place() {
        Place::Dialog => {
            let App { overlays, keymap, .. } = app;
            let outcome = overlays.last_mut().map(|overlay| overlay.paste(pasted, snapshot, keymap));
            return outcome.map_or_else(Vec::new, |outcome| finish(app, snapshot, outcome));
        }
        Place::Filter => {
            app.find(snapshot, Find::Paste(pasted));
        }
        Place::Console => paste_commands(app, snapshot, pasted),
        _ => {}
    }
    Vec::new()
}

/// One line is typed; several are shown, and sent only when the person says so.
fn paste_commands(app: &mut App, snapshot: &Snapshot, pasted: &str) {
    let lines: Vec<_> = pasted
        .split(['\n', '\r'])
        .map(|line| safe::line(line).trim().to_owned())
        .filter(|line| !line.is_empty())
        .collect();
    if lines.len() <= 1 {
        app.console.line.paste(pasted, " ");
        return;
    }
    let Some(server) = app.selected(snapshot) else { return };
    if let Err(why) = perform::available(app, snapshot, Action::Send) {
        app.toasts.show(app.now, crate::model::Severity::Warning, &why, "");
        return;
    }
    if lines.len() > PASTE_MAX {
        let text = format!("{} lines were pasted; at most {PASTE_MAX} are sent at once.", lines.len());
        app.toasts.show(app.now, crate::model::Severity::Warning, &text, "Nothing was sent.");
        return;
    }
    let id = server.id();
    let title = format!("Send {} commands to {}?", lines.len(), server.name());
    let effects = lines
        .iter()
        .map(|line| {
            let order = Order::Console { server: id, line: line.clone(), reply: false };
            Effect::Order(Asked::Console(id), order)
        })
        .collect();
    app.overlays.push(Overlay::Confirm(Confirm::new(title, lines, "send them", effects)));
}
