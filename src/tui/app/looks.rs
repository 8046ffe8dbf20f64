//! The themes and keymaps that one can switch to while the dashboard runs.

use std::path::PathBuf;

use crate::tui::{document::Choice, widgets::sgr::ColourDepth};

/// The themes and keymaps that there are, and what is needed to read them.
#[derive(Clone, Debug, Default)]
pub struct Looks {
    /// The themes.
    pub themes: Vec<Choice>,
    /// The keymaps.
    pub keymaps: Vec<Choice>,
    /// The theme that holds.
    pub theme: String,
    /// Whether it was chosen here, in this session or one before.
    pub switched_theme: bool,
    /// Whether the keymap was.
    pub switched_keymap: bool,
    /// The person's own folder.
    pub folder: Option<PathBuf>,
    /// How many colours may be drawn with.
    pub depth: ColourDepth,
    /// Whether only ASCII is drawn.
    pub ascii: bool,
}
