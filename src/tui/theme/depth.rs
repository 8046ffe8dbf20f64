//! How many colours the terminal shows, and whether it shows more than ASCII.

use crate::tui::widgets::sgr::ColourDepth;

/// What a person asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ColorDepth {
    /// What the environment tells.
    #[default]
    Auto,
    /// 16 million colours.
    Truecolor,
    /// 256 colours.
    C256,
    /// The terminal's own 16 colours.
    C16,
    /// No colour; bold, underlined and reversed stay.
    None,
}

/// Settles the depth: what was asked for, then `NO_COLOR` (<https://no-color.org>), then `COLORTERM` and `TERM`.
/// `variable` looks up a variable of the environment.
pub fn detect(asked: ColorDepth, variable: impl Fn(&str) -> Option<String>) -> ColourDepth {
    match asked {
        ColorDepth::Truecolor => return ColourDepth::TrueColour,
        ColorDepth::C256 => return ColourDepth::Indexed256,
        ColorDepth::C16 => return ColourDepth::Ansi16,
        ColorDepth::None => return ColourDepth::Mono,
        ColorDepth::Auto => {}
    }
    if variable("NO_COLOR").is_some_and(|value| !value.is_empty()) {
        return ColourDepth::Mono;
    }
    if variable("COLORTERM").is_some_and(|value| matches!(value.as_str(), "truecolor" | "24bit")) {
        return ColourDepth::TrueColour;
    }
    let term = variable("TERM").unwrap_or_default();
    match term.as_str() {
        "" | "dumb" => ColourDepth::Mono,
        term if term.ends_with("-direct") => ColourDepth::TrueColour,
        term if term.contains("256color") => ColourDepth::Indexed256,
        term if term.starts_with("vt1") || term.starts_with("vt2") || term.ends_with("-m") => {
            ColourDepth::Mono
        }
        _ => ColourDepth::Ansi16,
    }
}

/// Whether nothing but ASCII arrives: tmux and screen write `_` for every other sign where the locale is not UTF-8.
pub fn only_ascii(variable: impl Fn(&str) -> Option<String>) -> bool {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    let between = set("TMUX").or_else(|| set("STY")).is_some();
    let locale = set("LC_ALL").or_else(|| set("LC_CTYPE")).or_else(|| set("LANG"));
    let locale = locale.unwrap_or_default().to_ascii_lowercase();
    between && !locale.contains("utf-8") && !locale.contains("utf8")
}
