//! The lines at the top and at the bottom of the screen.

use ratatui::{buffer::Buffer, layout::Rect};

use super::{App, perform};
use crate::{
    model::{HostState, Snapshot, Standing},
    tui::{
        action::{self, Action},
        paint, safe,
        theme::{Role, Theme},
    },
};

/// Name, hosts, and what holds for the session.
pub fn header(app: &App, snapshot: &Snapshot, area: Rect, buf: &mut Buffer, theme: &Theme) {
    buf.set_style(area, theme.style(Role::Bar));
    let bar = theme.style(Role::Bar);
    let mut x = paint::text(buf, area, 1, 0, "Mineclifford", bar);
    for host in &snapshot.hosts {
        let (glyph, role) = match host.state {
            HostState::Up => (theme.symbols.ready, Role::Good),
            HostState::Connecting => (theme.symbols.busy, Role::Busy),
            HostState::Down(_) => (theme.symbols.failed, Role::Error),
        };
        x = paint::text(buf, area, x + 2, 0, glyph, bar.patch(theme.style(role)));
        let engine = match host.state {
            HostState::Up => safe::line(&host.engine).into_owned(),
            HostState::Connecting => "connecting".into(),
            HostState::Down(_) => "no answer".into(),
        };
        x = paint::text(buf, area, x + 1, 0, &format!("{} {engine}", safe::line(&host.id.0)), bar);
    }
    let mut right = String::from("  ");
    if app.settings.demo || snapshot.hosts.iter().any(|host| host.demo) {
        right.push_str("demo  ");
    }
    if app.is_read_only(snapshot) {
        right.push_str("read-only  ");
    }
    right.push_str(&format!("{} of {} run ", app.servers.running(), snapshot.servers.len()));
    let room = area.width.saturating_sub(x);
    let wide = paint::width(&right);
    let (texts, role) = standing(&app.standing);
    // A broken way to the engine is worth more than a count.
    let (wide, right) = match &app.standing {
        Standing::Reconnecting { .. }
            if texts.last().is_some_and(|text| wide + paint::width(text) + 2 > room) =>
        {
            (0, "")
        }
        _ => (wide, right.as_str()),
    };
    if wide <= room {
        paint::text_right(buf, area, 0, right, bar);
    }
    if let Some(text) = texts.iter().find(|text| wide + paint::width(text) + 2 <= room) {
        let field = Rect { width: area.width - wide, ..area };
        paint::text_right(buf, field, 0, text, bar.patch(theme.style(role)));
    }
}

/// How the dashboard stands to its engine, from the longest text to the shortest.
fn standing(standing: &Standing) -> (Vec<String>, Role) {
    match standing {
        Standing::Plain => (Vec::new(), Role::Muted),
        Standing::Inside => {
            let texts = ["schedules stop when this closes", "schedules end with this"];
            (texts.map(str::to_owned).to_vec(), Role::Muted)
        }
        Standing::Attached { place } => {
            (vec![format!("attached to {}", safe::line(place)), "attached".into()], Role::Muted)
        }
        Standing::Reconnecting { place, why } => {
            let place = safe::line(place);
            let texts = vec![
                format!("reconnecting to {place}: {}", safe::line(why)),
                format!("reconnecting to {place}"),
                "reconnecting".into(),
            ];
            (texts, Role::Warning)
        }
    }
}

/// A key in the footer: it can be pressed, and clicked.
#[derive(Debug)]
struct Hint {
    action: Action,
    keys: String,
    /// Its first column, and the one behind its last.
    from: u16,
    to: u16,
}

/// The keys that matter most where the person is, as far as they fit.
pub fn footer(app: &App, snapshot: &Snapshot, area: Rect, buf: &mut Buffer, theme: &Theme) {
    for Hint { action, keys, from, .. } in hints(app, snapshot, area.width) {
        let open = perform::available(app, snapshot, action).is_ok();
        let (key, text) = if open { (Role::Key, Role::Text) } else { (Role::Disabled, Role::Disabled) };
        let x = paint::text(buf, area, from, 0, &keys, theme.style(key)) + 1;
        paint::text(buf, area, x, 0, action.info().title, theme.style(text));
    }
}

/// What the footer shows at a column.
pub fn footer_at(app: &App, snapshot: &Snapshot, area: Rect, column: u16) -> Option<Action> {
    let x = column.checked_sub(area.x)?;
    let hints = hints(app, snapshot, area.width);
    hints.into_iter().find(|hint| (hint.from..hint.to).contains(&x)).map(|hint| hint.action)
}

/// What the registry wants shown where the person is, but for what means nothing in the overlay that is open.
fn hints(app: &App, snapshot: &Snapshot, width: u16) -> Vec<Hint> {
    let scene = app.scene(snapshot);
    let mut hints = Vec::new();
    let mut from = 1;
    for action in action::footer(scene.place) {
        if app.overlays.last().is_some_and(|overlay| !overlay.uses(action)) {
            continue;
        }
        let Some(keys) = app.keymap.keys_of(action, scene) else { continue };
        let to = from + paint::width(&keys) + 1 + paint::width(action.info().title);
        if to > width {
            break;
        }
        hints.push(Hint { action, keys, from, to });
        from = to + 2;
    }
    hints
}
