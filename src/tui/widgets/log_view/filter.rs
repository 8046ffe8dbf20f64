//! Which lines of a console are shown.

use crate::{
    model::console::{Level, Line, LineKind},
    tui::widgets::sgr::plain,
};

use super::needle::Needle;

/// What a line must be to be shown. The default shows every line.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Filter {
    /// Only lines that hold this text; `None` for any.
    pub text: Option<Needle>,
    /// Only lines that do *not* hold the text.
    pub inverse: bool,
    /// Only lines at least as grave; `None` for any.
    pub level: Option<Level>,
    /// Only what players said.
    pub chat_only: bool,
}

impl Filter {
    /// Whether every line passes.
    pub fn is_off(&self) -> bool {
        self.text.is_none() && self.level.is_none() && !self.chat_only
    }

    /// Whether this line is shown.
    pub fn keeps(&self, line: &Line<'_>) -> bool {
        self.level.is_none_or(|least| line.level >= least)
            && (!self.chat_only || line.kind == LineKind::Chat)
            && self.text.as_ref().is_none_or(|needle| needle.is_in(&plain(line.text)) != self.inverse)
    }
}
