//! How many colours the terminal shows.

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

/// How many colours are drawn with.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[allow(missing_docs)]
pub enum Depth {
    None,
    C16,
    C256,
    Truecolor,
}

/// Settles the depth: what was asked for, then `NO_COLOR` (<https://no-color.org>), then `COLORTERM` and `TERM`.
/// `variable` looks up a variable of the environment.
pub fn detect(asked: ColorDepth, variable: impl Fn(&str) -> Option<String>) -> Depth {
    match asked {
        ColorDepth::Truecolor => return Depth::Truecolor,
        ColorDepth::C256 => return Depth::C256,
        ColorDepth::C16 => return Depth::C16,
        ColorDepth::None => return Depth::None,
        ColorDepth::Auto => {}
    }
    if variable("NO_COLOR").is_some_and(|value| !value.is_empty()) {
        return Depth::None;
    }
    if variable("COLORTERM").is_some_and(|value| matches!(value.as_str(), "truecolor" | "24bit")) {
        return Depth::Truecolor;
    }
    let term = variable("TERM").unwrap_or_default();
    match term.as_str() {
        "" | "dumb" => Depth::None,
        term if term.ends_with("-direct") => Depth::Truecolor,
        term if term.contains("256color") => Depth::C256,
        term if term.starts_with("vt1") || term.starts_with("vt2") || term.ends_with("-m") => Depth::None,
        _ => Depth::C16,
    }
}
