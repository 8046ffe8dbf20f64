//! The console's log: searched, filtered, marked, copied, saved.

use jiff::Timestamp;

use super::super::{App, Effect, Panel};
use crate::{
    model::{Severity, Snapshot},
    tui::{
        action::Action,
        overlays::{Ask, Overlay, ask::About},
        panels::console::Prompt,
        widgets::log_view::{Copied, CopyWhat},
    },
};

/// Lines that are copied, where nobody says how many.
const LAST: &str = "100";

/// Does an action of the log.
pub fn perform(app: &mut App, snapshot: &Snapshot, action: Action) -> Vec<Effect> {
    look(app);
    let console = &mut app.console;
    let ring = &console.ring;
    match action {
        Action::Search => console.begin(Prompt::Search),
        Action::FilterLog => console.begin(Prompt::Filter),
        Action::NextMatch => _ = console.log.next(ring),
        Action::PreviousMatch => _ = console.log.previous(ring),
        Action::Inverse => console.refilter(|filter| filter.inverse = !filter.inverse),
        Action::Expression => console.toggle_expressions(),
        Action::Level => console.next_level(),
        Action::Chat => console.refilter(|filter| filter.chat_only = !filter.chat_only),
        Action::Wrap => {
            let wraps = console.log.wraps();
            console.log.set_wrap(ring, !wraps);
        }
        Action::Times => console.next_times(),
        Action::Pause if console.log.is_following() => console.log.pause(ring),
        Action::Pause => console.log.to_bottom(),
        Action::Select => console.log.toggle_selection(ring),
        Action::Mark => mark(app),
        Action::NextMark => _ = console.log.to_mark(ring, true),
        Action::PreviousMark => _ = console.log.to_mark(ring, false),
        Action::Unclear => console.log.unclear(ring),
        // Esc takes the messages first: they lie over the log.
        Action::ResetLog if app.toasts.dismiss(app.now) => {}
        Action::ResetLog => app.console.reset(),
        Action::Copy => return copy(app, selected(app)),
        Action::CopyLast => {
            let text = "How many of the last lines are copied? Lines that the filter hides do not count.";
            let ask = Ask::new(About::CopyLast, "Copy the last lines", text, LAST);
            app.overlays.push(Overlay::Ask(ask));
        }
        Action::Save => {
            let lines = what(app, CopyWhat::All, usize::MAX).lines;
            let text = format!(
                "Into which file are the {lines} lines that show written? Earlier ones are in Docker's log."
            );
            let name = file_name(app, snapshot);
            app.overlays.push(Overlay::Ask(Ask::new(About::Save, "Save the log", text, &name)));
        }
        _ => {}
    }
    Vec::new()
}

/// The log is what one looks at from now on.
fn look(app: &mut App) {
    if app.focus != Panel::Console {
        app.look_at(Panel::Console);
    }
    if app.console.is_typing() {
        app.console.type_command(false);
    }
}

/// What a person told when asked.
pub fn told(app: &mut App, about: About, answer: String) -> Vec<Effect> {
    match about {
        About::CopyLast => copy(app, CopyWhat::Last(answer.parse().unwrap_or(0))),
        About::Save => {
            let text = what(app, CopyWhat::All, usize::MAX).text;
            vec![Effect::Save { path: answer, text, replace: false }]
        }
        About::Extract { backup, path } => vec![Effect::Extract { backup, path, folder: answer }],
    }
}

fn mark(app: &mut App) {
    let console = &mut app.console;
    let found = console.log.cursor().or_else(|| console.log.bottom(&console.ring));
    if let Some(seq) = found {
        console.log.toggle_mark(seq);
    }
}

/// The selection; else the marked lines, where no line has the cursor; else a line.
fn selected(app: &App) -> CopyWhat {
    let log = &app.console.log;
    match (log.selection(), log.cursor(), log.marks().next()) {
        (Some(_), ..) => CopyWhat::Selection,
        (None, None, Some(_)) => CopyWhat::Marked,
        _ => CopyWhat::Line,
    }
}

fn what(app: &App, what: CopyWhat, most: usize) -> Copied {
    app.console.log.copy(&app.console.ring, what, most)
}

fn copy(app: &mut App, wanted: CopyWhat) -> Vec<Effect> {
    let copied = what(app, wanted, app.settings.clipboard.limit());
    app.console.log.drop_cursor();
    if copied.lines == 0 {
        let why =
            if copied.cut { "The line is too long for the clipboard." } else { "There is no line to copy." };
        app.toasts.show(app.now, Severity::Warning, why, "");
        return Vec::new();
    }
    let all = what(app, wanted, usize::MAX).lines.max(copied.lines);
    let of = if copied.cut { Some(all) } else { None };
    vec![Effect::Copy { text: copied.text, lines: copied.lines, of }]
}

/// A name for the file that a log is saved into: the server's, as far as it is harmless, and the time.
fn file_name(app: &App, snapshot: &Snapshot) -> String {
    let harmless = |c: char| if c.is_ascii_alphanumeric() || "-_".contains(c) { c } else { '-' };
    let name: String = app
        .selected(snapshot)
        .map_or("console", |server| server.name())
        .chars()
        .take(64)
        .map(harmless)
        .collect();
    let time =
        |now: Timestamp| now.to_zoned(app.console.look.zone.clone()).strftime("%Y-%m-%d-%H%M%S").to_string();
    format!("{}-{}.log", name.trim_matches('-'), time(app.now))
}
