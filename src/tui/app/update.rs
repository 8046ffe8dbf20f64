//! How what comes in changes the state.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::{App, Effect, Input, Panel, Urgency, What, answer, arrange, keys, mouse, perform};
use crate::{
    engine::From,
    model::{Event, Fault, FaultKind, Server, Severity, Snapshot, Standing, State},
    tui::{input::Problem, overlays::Overlay, panels::console},
};

/// How soon another console may be asked for, when one goes through the list quickly, in milliseconds.
const WATCH_PAUSE: i64 = 150;
/// When a console whose lines ended is asked for again, in milliseconds.
const WATCH_AGAIN: i64 = 1_000;

/// Problems in a theme or keymap that are shown one by one.
const PROBLEMS_SHOWN: usize = 3;

/// Takes what came in, and says what is to be done outside. Does nothing outside itself.
pub fn update(app: &mut App, snapshot: &Snapshot, input: Input) -> Vec<Effect> {
    app.now = input.at;
    let mut effects = match input.what {
        What::Key(key) => keys::key(app, snapshot, key),
        What::Paste(text) => keys::paste(app, snapshot, &text),
        What::Mouse(event) => mouse::mouse(app, snapshot, event),
        What::Resize(size) => {
            app.size = size;
            app.touch();
            Vec::new()
        }
        What::Changed(before) => {
            changed(app, &before, snapshot);
            Vec::new()
        }
        What::Event(event) => {
            happened(app, &event);
            Vec::new()
        }
        What::Lines(server, batch) => {
            if app.console.server == Some(server) {
                app.console.extend(&batch);
                app.touch();
            }
            Vec::new()
        }
        What::LinesEnded(server) => {
            if app.console.server == Some(server) {
                app.console.watch_at = Some(after(app.now, WATCH_AGAIN));
            }
            Vec::new()
        }
        What::History(server, history) => {
            app.gauges.fill(server, *history);
            app.touch();
            Vec::new()
        }
        What::Typed(server, commands) => {
            if app.console.server == Some(server) {
                app.console.history.fill(commands);
            }
            Vec::new()
        }
        What::Audit(lines) => {
            app.audit.fill(lines);
            app.touch();
            Vec::new()
        }
        What::Answered(asked, result) => answer::answered(app, snapshot, asked, result),
        What::Copied { refused, lines, of } => answer::copied(app, refused, lines, of),
        What::Saved(saved, text) => {
            answer::saved(app, saved, text);
            Vec::new()
        }
        What::Contents(backup, paths, contents) => {
            perform::contents(app, snapshot, backup, &paths, contents);
            Vec::new()
        }
        What::RestorePlan(restore, plan) => {
            perform::restore_plan(app, snapshot, *restore, plan);
            Vec::new()
        }
        What::PrunePlan(server, plan) => {
            perform::prune_plan(app, snapshot, server, plan);
            Vec::new()
        }
        What::Files { backup, query, page } => {
            for overlay in &mut app.overlays {
                if let Overlay::Browse(browse) = overlay {
                    browse.take(backup, &query, page.clone());
                }
            }
            app.touch();
            Vec::new()
        }
        What::Extracted(out, extracted) => {
            perform::extracted(app, &out, extracted);
            Vec::new()
        }
        What::Theme(_, problems) => {
            wrong(app, &problems);
            Vec::new()
        }
        What::Keymap(keymap, problems) => {
            app.keymap = *keymap;
            app.chord.clear();
            let text = format!("The keys are those of {} now.", app.keymap.name());
            app.toasts.show(app.now, Severity::Info, &text, "");
            wrong(app, &problems);
            Vec::new()
        }
        What::NoShell => {
            let fault = Fault::new(
                FaultKind::Conflict,
                "The dashboard was started without a shell.",
                "In the background nobody could bring it back, so it stays.",
                "Leave it, or start it from a shell: `ssh -t HOST`, then mineclifford.",
            );
            app.toasts.fault(app.now, &fault);
            app.touch();
            Vec::new()
        }
        What::EngineGone => {
            let fault = Fault::new(
                FaultKind::Failed,
                "The engine has ended.",
                "Servers go on running in Docker.",
                "Leave, and start mineclifford again.",
            );
            app.toasts.fault(app.now, &fault);
            app.touch();
            Vec::new()
        }
        What::Standing(standing) => {
            stands(app, standing);
            Vec::new()
        }
        What::Tick => {
            refresh_forms(app, snapshot);
            app.touch();
            Vec::new()
        }
    };
    effects.extend(follow(app, snapshot));
    settle(app, snapshot);
    if app.areas(snapshot).of(Panel::Audit).is_some() && app.audit.ask() {
        effects.push(Effect::Audit);
    }
    effects
}

/// Tells what is wrong in a theme or keymap that was just read.
fn wrong(app: &mut App, problems: &[Problem]) {
    for problem in problems.iter().take(PROBLEMS_SHOWN) {
        app.toasts.show(app.now, Severity::Warning, &problem.to_string(), "");
    }
    app.touch();
}

/// The dashboard stands to its engine in another way: told, and shown in the header from then on.
fn stands(app: &mut App, now: Standing) {
    let (severity, text, details) = match (&app.standing, &now) {
        // It is tried again and again; once is enough.
        (Standing::Reconnecting { .. }, Standing::Reconnecting { .. }) | (_, Standing::Plain) => {
            app.standing = now;
            app.touch();
            return;
        }
        (_, Standing::Reconnecting { place, why }) => (
            Severity::Warning,
            format!("The engine of {place} is gone: {why}"),
            "What is shown is as last seen; servers go on running in Docker. It is looked for.",
        ),
        (_, Standing::Inside) => (
            Severity::Warning,
            "This dashboard runs the engine itself now".to_owned(),
            "Schedules stop when it closes; `mineclifford serve` takes over when it is started.",
        ),
        (_, Standing::Attached { place }) => {
            (Severity::Success, format!("Attached to the engine of {place}"), "")
        }
    };
    app.toasts.show(app.now, severity, &text, details);
    app.standing = now;
    app.touch();
}

/// The next moment at which something changes by itself.
pub fn next_moment(app: &App, snapshot: &Snapshot) -> Option<Timestamp> {
    let areas = app.areas(snapshot);
    let mut moments = vec![app.toasts.next_change(app.now), app.console.watch_at];
    if let Some(Overlay::Form(form)) = app.overlays.last() {
        // Its times are counted to the second, and one that has come is past only after it.
        moments.push(form.next_change().map(|at| after(at, 1)));
    }
    for (panel, area) in areas.shown() {
        moments.push(app.pane(panel).next_change(app.within(arrange::inside(area), snapshot)));
    }
    moments.into_iter().flatten().min()
}

/// A moment some milliseconds later.
fn after(now: Timestamp, milliseconds: i64) -> Timestamp {
    now.checked_add(SignedDuration::from_millis(milliseconds)).unwrap_or(now)
}

/// Opens the chosen server's console, once it is there.
fn follow(app: &mut App, snapshot: &Snapshot) -> Vec<Effect> {
    let wanted = app.selected(snapshot).map(|server| server.id());
    if wanted != app.console.server {
        let quickly = app.now < after(app.console.opened_at, WATCH_PAUSE);
        app.console.open(wanted);
        app.gauges.open(wanted);
        app.details.offset = 0;
        app.console.opened_at = app.now;
        if let Some(server) = app.selected(snapshot) {
            app.gauges.see(server);
        }
        app.console.watch_at = wanted.map(|_| if quickly { after(app.now, WATCH_PAUSE) } else { app.now });
        if quickly || wanted.is_none() {
            return vec![Effect::Unwatch];
        }
    }
    let mut effects: Vec<_> = app.gauges.missed().map(Effect::History).into_iter().collect();
    let (Some(at), Some(server)) = (app.console.watch_at, app.console.server) else {
        return effects;
    };
    if at > app.now {
        return effects;
    }
    app.console.watch_at = None;
    // A console that was begun goes on where it ended.
    if app.console.ring.next() > 1 {
        effects.push(Effect::Watch(server, From::Seq(app.console.ring.next())));
        return effects;
    }
    vec![Effect::Watch(server, From::Tail(console::TAIL)), Effect::History(server), Effect::Typed(server)]
}

/// Brings what is scrolled into its bounds, and remembers what is looked at.
fn settle(app: &mut App, snapshot: &Snapshot) {
    let areas = app.areas(snapshot);
    if areas.main == Some(app.focus) && app.focus != Panel::Servers {
        app.tab = app.focus;
    }
    for (panel, area) in areas.shown() {
        let within = app.within(arrange::inside(area), snapshot);
        app.pane_mut(panel).settle(within);
    }
}

/// The world changed.
fn changed(app: &mut App, before: &Snapshot, snapshot: &Snapshot) {
    app.servers.refresh(snapshot);
    if let Some(server) = app.selected(snapshot) {
        let server = Arc::clone(server);
        app.gauges.see(&server);
    }
    // Names and ports come and go with servers and schedules, not with figures.
    if before.servers.len() != snapshot.servers.len() || before.schedules.len() != snapshot.schedules.len() {
        refresh_forms(app, snapshot);
    }
    let urgency = if only_figures(before, snapshot) { Urgency::Soon } else { Urgency::Now };
    app.urgency = app.urgency.max(urgency);
}

/// What forms tell of others, and of times, is looked at anew.
fn refresh_forms(app: &mut App, snapshot: &Snapshot) {
    for overlay in &mut app.overlays {
        if let Overlay::Form(form) = overlay {
            form.refresh(snapshot, app.now);
        }
    }
}

/// Whether nothing changed but measurements, which change all the time.
fn only_figures(before: &Snapshot, after: &Snapshot) -> bool {
    fn same(a: &Arc<Server>, b: &Arc<Server>) -> bool {
        let state = match (a.state, b.state) {
            (State::Loading(_), State::Loading(_)) => true,
            (a, b) => a == b,
        };
        Arc::ptr_eq(a, b)
            || state
                && Arc::ptr_eq(&a.about, &b.about)
                && a.job == b.job
                && a.started_at == b.started_at
                && a.players == b.players
                && a.explanation == b.explanation
    }
    before.settled == after.settled
        && before.read_only == after.read_only
        && before.servers.len() == after.servers.len()
        && before.servers.iter().zip(&after.servers).all(|(a, b)| same(a, b))
        && before.schedules_paused == after.schedules_paused
        && before.backups.len() == after.backups.len()
        && before.backups.iter().zip(&after.backups).all(|(a, b)| Arc::ptr_eq(a, b) || a == b)
        && before.schedules.len() == after.schedules.len()
        && before.schedules.iter().zip(&after.schedules).all(|(a, b)| Arc::ptr_eq(a, b) || a == b)
        && before.jobs.len() == after.jobs.len()
        && before.jobs.iter().zip(&after.jobs).all(|(a, b)| Arc::ptr_eq(a, b) || a.state == b.state)
        && before.hosts.len() == after.hosts.len()
        && before.hosts.iter().zip(&after.hosts).all(|(a, b)| Arc::ptr_eq(a, b) || a == b)
}

fn happened(app: &mut App, event: &Event) {
    match event {
        Event::Notice(notice) => {
            app.toasts.notice(app.now, notice);
            app.touch();
        }
        Event::JobEnded { state, .. } => {
            answer::job_ended(app, state);
            app.audit.want();
        }
        // Players are in the list; who came is no news that should cover it.
        Event::Joined { .. } => {}
    }
}
