//! How things look: roles with colours and modifiers, read from a file and brought down to what the terminal shows.

mod color;
mod depth;
mod load;
mod symbols;

use ratatui::style::{Modifier, Style};

pub use depth::{ColorDepth, detect, only_ascii};
pub use load::{SHIPPED, available, load};
pub use symbols::{ASCII, Symbols, UNICODE};

use super::forms::FormStyles;
use super::widgets::{gauge::GaugeStyles, log_view::LogStyles, sgr::ColourDepth, text_input::InputStyles};
use crate::model::State;

macro_rules! roles {
    ($($(#[doc = $doc:literal])+ $variant:ident $word:literal),+ $(,)?) => {
        /// What a piece of the screen is, for which a theme says how it looks.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Role { $($(#[doc = $doc])+ $variant),+ }

        impl Role {
            /// Every role.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// As themes name it.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
    };
}

roles! {
    /// Ordinary text, and the ground under everything.
    Text "text",
    /// Less important text.
    Muted "muted",
    /// The title of a panel.
    Title "title",
    /// The title of the panel that has the focus.
    TitleFocused "title_focused",
    /// The border of a panel.
    Border "border",
    /// The border of the panel that has the focus.
    BorderFocused "border_focused",
    /// The head of a list.
    Header "header",
    /// The chosen row, in the panel that has the focus.
    Selection "selection",
    /// The chosen row elsewhere.
    SelectionUnfocused "selection_unfocused",
    /// The lines at the top and the bottom of the screen.
    Bar "bar",
    /// A key that can be pressed.
    Key "key",
    /// Something that cannot be done now.
    Disabled "disabled",
    /// A server that can be joined; something that went well.
    Good "good",
    /// Something under way.
    Busy "busy",
    /// Something to look at.
    Warning "warning",
    /// Something that went wrong.
    Error "error",
    /// A server that is stopped.
    Off "off",
    /// Something that is told.
    Info "info",
    /// Text that can be changed.
    Input "input",
    /// The message under a value that breaks its rule.
    Invalid "invalid",
    /// The ground of what lies over the panels.
    Overlay "overlay",
    /// The full part of a gauge.
    Gauge "gauge",
    /// The full part of a gauge that is nearly full.
    GaugeHigh "gauge_high",
    /// The empty part of a gauge.
    GaugeEmpty "gauge_empty",
    /// A sparkline.
    Spark "spark",
    /// What a search found.
    Match "match",
    /// A warning in a log.
    LogWarn "log_warn",
    /// An error in a log.
    LogError "log_error",
    /// What a player said.
    LogChat "log_chat",
    /// A command that was sent from here.
    LogCommand "log_command",
    /// A remark of this program in a log.
    LogRemark "log_remark",
    /// A time in a log.
    LogTime "log_time",
}

/// A theme as it is drawn with.
#[derive(Clone, Debug)]
pub struct Theme {
    /// What it is called.
    pub name: String,
    /// How many colours may be drawn with.
    pub depth: ColourDepth,
    /// What is drawn that is not text.
    pub symbols: &'static Symbols,
    styles: [Style; Role::ALL.len()],
}

impl Theme {
    /// How a role looks.
    pub fn style(&self, role: Role) -> Style {
        self.styles[role as usize]
    }

    /// How a line of text that can be changed looks.
    pub fn input(&self) -> InputStyles {
        InputStyles { text: self.style(Role::Input), placeholder: self.style(Role::Muted) }
    }

    /// How a console looks.
    pub fn log(&self) -> LogStyles {
        LogStyles {
            text: self.style(Role::Text),
            head: self.style(Role::LogTime),
            debug: self.style(Role::Muted),
            warn: self.style(Role::LogWarn),
            error: self.style(Role::LogError),
            chat: self.style(Role::LogChat),
            command: self.style(Role::LogCommand),
            remark: self.style(Role::LogRemark),
            stamp: self.style(Role::LogTime),
            mark: self.style(Role::Warning),
            cursor: self.style(Role::SelectionUnfocused),
            selection: self.style(Role::Selection),
            found: self.style(Role::Match),
            found_current: self.style(Role::Match).add_modifier(Modifier::BOLD),
            notice: self.style(Role::Selection),
            depth: self.depth,
            ascii: self.is_ascii(),
        }
    }

    /// How gauges look.
    pub fn gauge(&self) -> GaugeStyles {
        GaugeStyles {
            label: self.style(Role::Text),
            numbers: self.style(Role::Text),
            track: self.style(Role::GaugeEmpty),
            low: self.style(Role::Gauge),
            high: self.style(Role::Warning),
            full: self.style(Role::GaugeHigh),
            ascii: self.is_ascii(),
        }
    }

    /// How forms look.
    pub fn form(&self) -> FormStyles {
        FormStyles {
            text: self.style(Role::Overlay),
            border: self.style(Role::BorderFocused),
            title: self.style(Role::TitleFocused),
            heading: self.style(Role::Title),
            label: self.style(Role::Text),
            label_focused: self.style(Role::TitleFocused),
            value: self.style(Role::Text),
            value_focused: self.style(Role::Input),
            fixed: self.style(Role::Muted),
            placeholder: self.style(Role::Muted),
            error: self.style(Role::Invalid),
            warning: self.style(Role::Warning),
            note: self.style(Role::Muted),
            help: self.style(Role::Muted),
            button: self.style(Role::Text),
            button_focused: self.style(Role::Selection),
            list: self.style(Role::Overlay),
            list_selected: self.style(Role::Selection),
            ascii: self.is_ascii(),
        }
    }

    /// Whether only ASCII is drawn.
    pub fn is_ascii(&self) -> bool {
        self.symbols.pointer.is_ascii()
    }

    /// How a state looks: its glyph and its role. Its word is [`State::word`].
    pub fn state(&self, state: State) -> (&'static str, Style) {
        let symbols = self.symbols;
        let (glyph, role) = match state {
            State::Ready => (symbols.ready, Role::Good),
            State::Pulling | State::Creating | State::Starting | State::Loading(_) | State::Stopping => {
                (symbols.busy, Role::Busy)
            }
            State::Stopped => (symbols.stopped, Role::Off),
            State::Crashed | State::Looping => (symbols.failed, Role::Error),
            State::Unhealthy => (symbols.warning, Role::Warning),
            State::Paused => (symbols.paused, Role::Warning),
            State::Missing | State::Unknown => (symbols.unknown, Role::Muted),
        };
        (glyph, self.style(role))
    }
}

#[cfg(test)]
mod contrast_tests;
#[cfg(test)]
mod tests;
