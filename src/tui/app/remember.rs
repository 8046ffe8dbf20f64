//! What is remembered from one session to the next, in the state folder.

use serde::{Deserialize, Serialize};

use super::{App, Panel, Shares};
use crate::tui::panels::servers::Column;

/// What is remembered.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Remembered {
    /// By which column the list is sorted.
    pub sort: Option<String>,
    /// Whether the other way round.
    pub reversed: bool,
    /// How the room is shared out, each in percent.
    pub side: Option<u16>,
    /// See [`Shares`].
    pub top: Option<u16>,
    /// See [`Shares`].
    pub strip: Option<u16>,
    /// What showed where one looks, by its title.
    pub tab: Option<String>,
    /// The panel that had the whole screen, by its title.
    pub zoomed: Option<String>,
    /// The theme that was chosen in the dashboard.
    pub theme: Option<String>,
    /// The keymap that was.
    pub keymap: Option<String>,
    /// The chosen server.
    pub selected: Option<crate::model::ServerId>,
}

impl App {
    /// What is worth remembering.
    pub fn remembered(&self) -> Remembered {
        let looks = &self.settings.looks;
        Remembered {
            sort: Some(self.servers.sort.title().to_owned()),
            reversed: self.servers.reversed,
            side: Some(self.shares.side),
            top: Some(self.shares.top),
            strip: self.shares.strip,
            tab: Some(self.tab.title().to_owned()),
            zoomed: self.zoom.then(|| self.focus.title().to_owned()),
            theme: looks.switched_theme.then(|| looks.theme.clone()),
            keymap: looks.switched_keymap.then(|| self.keymap.name().to_owned()),
            selected: self.servers.selected,
        }
    }

    /// Goes back to what was remembered.
    pub fn recall(&mut self, remembered: &Remembered) {
        self.servers.sort = remembered.sort.as_deref().and_then(Column::named).unwrap_or_default();
        self.servers.reversed = remembered.reversed;
        let Shares { side, top, .. } = self.shares;
        let (side, top) = (remembered.side.unwrap_or(side), remembered.top.unwrap_or(top));
        self.shares = Shares { side, top, strip: remembered.strip }.bounded();
        self.tab = remembered.tab.as_deref().and_then(Panel::named).unwrap_or(self.tab);
        if let Some(panel) = remembered.zoomed.as_deref().and_then(Panel::named) {
            (self.focus, self.zoom) = (panel, true);
            // What is typed at once is meant for the dashboard, not for a server.
            self.console.type_command(false);
        }
        self.servers.recall(remembered.selected);
    }
}
