//! Starts the dashboard on the real terminal.

use std::{env, fs, io, io::IsTerminal, path::Path};

use jiff::Timestamp;
use ratatui::layout::Size;
use tokio::sync::mpsc;

use super::{
    app::{App, Looks, Remembered, Settings},
    files,
    input::{Keymap, Problem, keymap},
    options::Options,
    run::{Left, Parts, drive},
    terminal::{Takeover, clipboard::Clipboard, watch_input, watch_signals, writer},
    theme, zone,
};
use crate::{engine::Handle, model::Severity};

/// Events of the terminal that may wait for the loop.
const EVENTS: usize = 1024;
/// Where the last layout is remembered, in the state folder.
const STATE_FILE: &str = "dashboard.toml";
/// Problems in keymap and theme that are shown one by one.
const PROBLEMS_SHOWN: usize = 3;

/// Why there is no dashboard.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Standard input or output is no terminal.
    #[error(
        "The dashboard needs a terminal, and this is none. Servers are untouched. For scripts there are `mineclifford server list --json` and the other subcommands."
    )]
    NoTerminal,
    /// The terminal cannot place a cursor.
    #[error(
        "The dashboard cannot be drawn on this terminal (TERM={term}). Servers are untouched. Use a terminal that can place its cursor, or `mineclifford server list` and the other subcommands."
    )]
    Dumb {
        /// What `TERM` says.
        term: String,
    },
    /// The terminal does not do what it must.
    #[error(
        "The terminal does not answer as one. Servers are untouched. Start mineclifford again in another terminal."
    )]
    Terminal(#[source] io::Error),
}

/// Shows the dashboard until the person leaves, a signal says so, or the terminal is gone; the terminal is given
/// back then. Must be called within a tokio runtime with I/O and time.
///
/// # Errors
/// Why there is no dashboard.
pub async fn run(handle: Handle, options: Options) -> Result<(), Error> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Err(Error::NoTerminal);
    }
    let term = env::var("TERM").unwrap_or_default();
    if matches!(term.as_str(), "" | "dumb" | "unknown") {
        return Err(Error::Dumb { term });
    }
    let folder = options.config_dir.as_deref();
    let remembered = options.state_dir.as_deref().map(recall).unwrap_or_default();
    // What the person wrote down counts for more than what was chosen while looking.
    let chosen = |written: &Option<String>, before: &Option<String>| match written {
        Some(_) => (written.clone(), false),
        None => (before.clone(), before.is_some()),
    };
    let (theme_name, switched_theme) = chosen(&options.theme, &remembered.theme);
    let (keymap_name, switched_keymap) = chosen(&options.keymap, &remembered.keymap);
    let (keymap, mut problems) = Keymap::load(keymap_name.as_deref(), folder);
    let depth = theme::detect(options.depth, |name| env::var(name).ok());
    let ascii = options.ascii || theme::only_ascii(|name| env::var(name).ok());
    let (theme, more) = theme::load(theme_name.as_deref(), folder, depth, ascii);
    problems.extend(more);
    let (width, height) = crossterm::terminal::size().map_err(Error::Terminal)?;
    let Options { read_only, demo, mouse, units, ref defaults, .. } = options;
    let settings = Settings {
        read_only,
        demo,
        mouse,
        units,
        defaults: defaults.clone(),
        looks: Looks {
            themes: theme::available(folder),
            keymaps: keymap::available(folder),
            theme: theme.name.clone(),
            switched_theme,
            switched_keymap,
            folder: options.config_dir.clone(),
            depth,
            ascii,
        },
        clipboard: Clipboard::detect(|name| env::var(name).ok()),
        zone: zone::local(),
    };
    let mut app = App::new(Timestamp::now(), Size { width, height }, keymap, settings);
    tell(&mut app, &problems);
    if options.state_dir.is_some() {
        app.recall(&remembered);
    }
    let (signal, signals) = mpsc::channel(16);
    watch_signals(signal).map_err(Error::Terminal)?;
    let output = writer(io::stdout()).map_err(Error::Terminal)?;
    let takeover = Takeover::enter(options.mouse).map_err(Error::Terminal)?;
    let (to, input) = mpsc::channel(EVENTS);
    watch_input(to).map_err(Error::Terminal)?;
    let parts = Parts {
        handle,
        input,
        signals,
        output,
        takeover: Some(takeover),
        clock: Box::new(Timestamp::now),
        app,
        theme,
        frame_rate: options.rate(),
    };
    let report = Box::pin(drive(parts)).await;
    let report = report.map_err(Error::Terminal)?;
    tracing::debug!(frames = report.frames, bytes = report.bytes, "the dashboard ended");
    if let (Some(folder), Left::Quit) = (&options.state_dir, &report.left) {
        remember(folder, &report.remembered);
    }
    Ok(())
}

/// Shows what is wrong in keymap and theme.
fn tell(app: &mut App, problems: &[Problem]) {
    for problem in problems.iter().take(PROBLEMS_SHOWN) {
        app.toasts.show(app.now, Severity::Warning, &problem.to_string(), "");
    }
    for problem in problems {
        tracing::warn!("{problem}");
    }
    if problems.len() > PROBLEMS_SHOWN {
        let text = format!("{} more lines of keymap or theme are wrong.", problems.len() - PROBLEMS_SHOWN);
        app.toasts.show(app.now, Severity::Warning, &text, "The log has them all.");
    }
}

fn recall(folder: &Path) -> Remembered {
    let text = files::read(&folder.join(STATE_FILE), 64 * 1024).unwrap_or_default();
    toml::from_str(&text).unwrap_or_default()
}

/// What cannot be remembered is no reason to say anything while leaving.
fn remember(folder: &Path, remembered: &Remembered) {
    let Ok(text) = toml::to_string(remembered) else { return };
    let (new, path) = (folder.join("dashboard.toml.new"), folder.join(STATE_FILE));
    let written = fs::create_dir_all(folder)
        .and_then(|()| fs::write(&new, text))
        .and_then(|()| fs::rename(&new, &path));
    if let Err(error) = written {
        tracing::debug!("the layout is not remembered: {error}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("state");
        assert_eq!(recall(&folder), Remembered::default());
        let remembered =
            Remembered { sort: Some("CPU".into()), reversed: true, side: Some(60), ..Remembered::default() };
        remember(&folder, &remembered);
        assert_eq!(recall(&folder), remembered);
        fs::write(folder.join(STATE_FILE), "not = [toml").unwrap();
        assert_eq!(recall(&folder), Remembered::default());
    }
}
