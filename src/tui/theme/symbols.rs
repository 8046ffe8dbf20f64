//! What is drawn that is not text, in Unicode and in ASCII. Every symbol is one cell wide.

use ratatui::symbols::border;

/// A set of symbols.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct Symbols {
    pub ready: &'static str,
    pub busy: &'static str,
    pub stopped: &'static str,
    pub failed: &'static str,
    pub warning: &'static str,
    pub paused: &'static str,
    pub unknown: &'static str,
    pub good: &'static str,
    pub info: &'static str,
    /// Before the chosen row.
    pub pointer: &'static str,
    pub ascending: &'static str,
    pub descending: &'static str,
    pub separator: &'static str,
    pub ellipsis: &'static str,
    pub up: &'static str,
    pub down: &'static str,
    pub bar_full: &'static str,
    pub bar_empty: &'static str,
    /// From low to high.
    pub sparks: [&'static str; 8],
    pub border: border::Set<'static>,
    pub horizontal: &'static str,
}

/// For terminals with a font.
pub const UNICODE: Symbols = Symbols {
    ready: "●",
    busy: "◐",
    stopped: "○",
    failed: "✖",
    warning: "▲",
    paused: "‖",
    unknown: "?",
    good: "✔",
    info: "•",
    pointer: "▶",
    ascending: "▲",
    descending: "▼",
    separator: "│",
    ellipsis: "…",
    up: "↑",
    down: "↓",
    bar_full: "█",
    bar_empty: "░",
    sparks: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
    border: border::ROUNDED,
    horizontal: "─",
};

/// For every terminal.
pub const ASCII: Symbols = Symbols {
    ready: "*",
    busy: "~",
    stopped: "-",
    failed: "x",
    warning: "!",
    paused: "=",
    unknown: "?",
    good: "+",
    info: "i",
    pointer: ">",
    ascending: "^",
    descending: "v",
    separator: "|",
    ellipsis: "~",
    up: "^",
    down: "v",
    bar_full: "#",
    bar_empty: ".",
    sparks: ["_", ".", ",", "-", "=", "+", "*", "#"],
    border: border::Set {
        top_left: "+",
        top_right: "+",
        bottom_left: "+",
        bottom_right: "+",
        vertical_left: "|",
        vertical_right: "|",
        horizontal_top: "-",
        horizontal_bottom: "-",
    },
    horizontal: "-",
};
