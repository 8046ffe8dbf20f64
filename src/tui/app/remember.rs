//! What is remembered from one session to the next, in the state folder.

use serde::{Deserialize, Serialize};

use super::App;
use crate::tui::panels::servers::Column;

/// What is remembered.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Remembered {
    /// By which column the list is sorted.
    pub sort: Option<String>,
    /// Whether the other way round.
    pub reversed: bool,
    /// The list's share of the screen, in percent.
    pub split: Option<u16>,
    /// The chosen server.
    pub selected: Option<crate::model::ServerId>,
}

impl App {
    /// What is worth remembering.
    pub fn remembered(&self) -> Remembered {
        Remembered {
            sort: Some(self.servers.sort.title().to_owned()),
            reversed: self.servers.reversed,
            split: Some(self.split),
            selected: self.servers.selected,
        }
    }

    /// Goes back to what was remembered.
    pub fn recall(&mut self, remembered: &Remembered) {
        self.servers.sort = remembered.sort.as_deref().and_then(Column::named).unwrap_or_default();
        self.servers.reversed = remembered.reversed;
        self.split = remembered.split.unwrap_or(self.split).clamp(20, 80);
        self.servers.recall(remembered.selected);
    }
}
