//! The table of panels. A new one is a folder in `panels/` that implements [`Pane`], a line here, a field of the same
//! name in [`App`], and in the registry of
//! actions the one that leads to it. It is a tab beside the console, unless `arrange` gives it a place of its own.

use super::App;
use crate::tui::{
    action::{Action, Place},
    panels::Pane,
};

macro_rules! panels {
    ($($variant:ident $field:ident $title:literal $action:ident $place:ident;)+) => {
        /// A part of the screen that can have the focus.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[allow(missing_docs)]
        pub enum Panel { $($variant),+ }

        impl Panel {
            /// Every panel, in the order of their numbers.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// How many there are.
            pub const COUNT: usize = Self::ALL.len();

            /// What it is called.
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),+ }
            }

            /// The action that leads to it.
            pub fn action(self) -> Action {
                match self { $(Self::$variant => Action::$action),+ }
            }

            /// What keymaps call it while nothing is typed there.
            pub fn place(self) -> Place {
                match self { $(Self::$variant => Place::$place),+ }
            }
        }

        impl App {
            /// A panel.
            pub fn pane(&self, panel: Panel) -> &dyn Pane {
                match panel { $(Panel::$variant => &self.$field),+ }
            }

            /// A panel, to change it.
            pub fn pane_mut(&mut self, panel: Panel) -> &mut dyn Pane {
                match panel { $(Panel::$variant => &mut self.$field),+ }
            }
        }
    };
}

// Name, field of the dashboard's state, title, the action that leads to it, its place in keymaps.
panels! {
    Servers servers "Servers" FocusServers Servers;
    Console console "Console" FocusConsole Log;
    Gauges gauges "Gauges" FocusGauges Gauges;
    Details details "Details" FocusDetails Details;
    Jobs jobs "Jobs" FocusJobs Jobs;
    Schedules schedules "Schedules" FocusSchedules Schedules;
    Backups backups "Backups" FocusBackups Backups;
    Access access "Access" FocusAccess Access;
    Audit audit "Audit" FocusAudit Audit;
}

impl Panel {
    /// Its number.
    pub fn number(self) -> usize {
        self as usize + 1
    }

    /// The one with this title.
    pub fn named(title: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|panel| panel.title() == title)
    }

    /// The one to which an action leads.
    pub fn of_action(action: Action) -> Option<Self> {
        Self::ALL.iter().copied().find(|panel| panel.action() == action)
    }

    /// The next one, or the one before.
    pub fn step(self, forwards: bool) -> Self {
        let by = if forwards { 1 } else { Self::COUNT - 1 };
        Self::ALL[(self as usize + by) % Self::COUNT]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tab_goes_round_and_names_lead_back() {
        let round = Panel::ALL.iter().fold(Panel::Servers, |panel, _| panel.step(true));
        assert_eq!(round, Panel::Servers);
        for panel in Panel::ALL.iter().copied() {
            assert_eq!(panel.step(true).step(false), panel);
            assert_eq!(Panel::named(panel.title()), Some(panel));
            assert_eq!(Panel::of_action(panel.action()), Some(panel));
        }
    }
}
