//! Where a person is, as keymaps and help name it.

use std::fmt;

macro_rules! places {
    ($($(#[doc = $doc:literal])+ $variant:ident $word:literal $heading:literal),+ $(,)?) => {
        /// Where an action, or a key, applies.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Place { $($(#[doc = $doc])+ $variant),+ }

        impl Place {
            /// Every place, in the order that help lists them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// As `when` in a keymap names it.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The heading over its keys in help and docs.
            pub fn heading(self) -> &'static str {
                match self { $(Self::$variant => $heading),+ }
            }
        }
    };
}

places! {
    /// Everywhere.
    Everywhere "everywhere" "Everywhere",
    /// The server list.
    Servers "servers" "In the server list",
    /// The console, while its command line takes what is typed.
    Console "console" "In the console's command line",
    /// The console, while its log is read.
    Log "log" "In the console's log",
    /// The gauges.
    Gauges "gauges" "In the gauges",
    /// The details of a server.
    Details "details" "In the details",
    /// The jobs.
    Jobs "jobs" "In the jobs",
    /// The schedules.
    Schedules "schedules" "In the schedules",
    /// The backups.
    Backups "backups" "In the backups",
    /// Who is attached, and the tokens.
    Access "access" "In the access panel",
    /// The audit trail.
    Audit "audit" "In the audit trail",
    /// A filter's line.
    Filter "filter" "While a filter is typed",
    /// Everything that lies over the panels: help, palette, confirmations, forms.
    Dialog "dialog" "In help, palette, confirmations and forms",
}

impl Place {
    /// The place that a keymap names.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|place| place.word() == word)
    }

    /// Whether printable keys are text here, so that none of them can be bound.
    pub fn takes_text(self) -> bool {
        matches!(self, Self::Console | Self::Filter | Self::Dialog)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
